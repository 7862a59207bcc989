"""Which of several things that exclude each other to take: the set that is worth most. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping

#: With more in dispute, only the sets that are found step by step are compared.
MAX_DISPUTED = 50
#: Sets that are compared at most.
MAX_SETS = 256


def best_set(
    rivals: Mapping[str, set[str]],
    worth: Mapping[str, int],
    value: Callable[[frozenset[str]], int],
) -> frozenset[str]:
    """The set without rivals in it that is worth most; of equals, whose keys come first.

    Each set that is compared is as large as it can be. They are found step by step first,
    once the most valuable and once the most agreeable one at a time, so that the best single
    one and all that go together are always compared, however many there are.

    :param rivals: key -> keys with which it does not go together, both ways
    :param worth: key -> what it is worth alone
    :param value: what a set is worth together
    """
    disputed = {key for key, others in rivals.items() if others}
    settled = frozenset(rivals) - disputed
    if not disputed:
        return settled
    sets = {settled | each for each in _sets(disputed, rivals, worth)}
    return min(sets, key=lambda keys: (-value(keys), sorted(keys)))


def _sets(disputed, rivals, worth) -> Iterator[frozenset[str]]:
    yield _greedy(sorted(disputed, key=lambda key: (-worth[key], key)), rivals)
    yield _greedy(sorted(disputed, key=lambda key: (len(rivals[key]), key)), rivals)
    if len(disputed) <= MAX_DISPUTED:
        friends = {key: disputed - rivals[key] - {key} for key in disputed}
        every = _maximal_sets(friends, frozenset(), disputed, frozenset())
        yield from itertools.islice(every, MAX_SETS)


def _greedy(keys: Iterable[str], rivals: Mapping[str, set[str]]) -> frozenset[str]:
    chosen: set[str] = set()
    for key in keys:
        if not rivals[key] & chosen:
            chosen.add(key)
    return frozenset(chosen)


def _maximal_sets(friends, chosen, candidates, done) -> Iterator[frozenset[str]]:
    """All sets of mutual friends that nothing can be added to (Bron and Kerbosch, 1973)."""
    if not candidates:
        if not done:
            yield chosen
        return
    pivot = max(
        sorted(candidates | done), key=lambda key: len(friends[key] & candidates)
    )
    for key in sorted(candidates - friends[pivot]):
        mine = friends[key]
        yield from _maximal_sets(
            friends, chosen | {key}, candidates & mine, done & mine
        )
        candidates = candidates - {key}
        done = done | {key}
