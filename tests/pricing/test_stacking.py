"""Which of several promotions that exclude each other count: the best set, always the same."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.artisan_pricing.engine.stacking import best_set


def rivalry(keys, pairs):
    rivals = {key: set() for key in keys}
    for one, two in pairs:
        rivals[one].add(two)
        rivals[two].add(one)
    return rivals


def taken(rivals, worth):
    return sorted(best_set(rivals, worth, lambda keys: sum(worth[key] for key in keys)))


@st.composite
def disputes(draw):
    keys = "abcdefg"[: draw(st.integers(1, 7))]
    pairs = [
        pair for pair in itertools.combinations(keys, 2) if draw(st.integers(0, 2)) == 0
    ]
    return rivalry(keys, pairs), {key: draw(st.integers(1, 5)) for key in keys}


@given(disputes())
def test_no_other_set_is_worth_more_and_of_equals_the_first_is_taken(dispute):
    rivals, worth = dispute
    every = [
        keys
        for size in range(len(rivals) + 1)
        for keys in itertools.combinations(sorted(rivals), size)
        if not any(rivals[key] & set(keys) for key in keys)
    ]
    best = min(every, key=lambda keys: (-sum(worth[key] for key in keys), keys))
    assert taken(rivals, worth) == list(best)


def test_what_nobody_disputes_is_taken():
    assert taken(rivalry("ab", []), {"a": 1, "b": 1}) == ["a", "b"]
    assert taken({}, {}) == []


def test_many_that_agree_are_compared_with_a_single_one_however_many():
    many = [f"m{number:02}" for number in range(80)]
    rivals = rivalry([*many, "single"], [(key, "single") for key in many])
    worth = dict.fromkeys(many, 1)
    assert taken(rivals, worth | {"single": 79}) == many
    assert taken(rivals, worth | {"single": 81}) == ["single"]


def test_forty_that_agree_in_pairs_take_no_longer_than_the_limit():
    keys = [f"k{number:02}" for number in range(40)]
    rivals = rivalry(keys, zip(keys[::2], keys[1::2], strict=True))
    worth = {key: 2 if int(key[1:]) % 2 else 1 for key in keys}
    assert taken(rivals, worth) == keys[1::2]
