"""The chain of incidents: whatever is done to its rows is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.age_verification.engine import chain
from odoo.addons.age_verification.engine.chain import Break, Head, Link

NAMES = ("kind", "document", "order_ref", "note")
VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
CONTENTS = st.fixed_dictionaries(dict.fromkeys(NAMES, VALUES))
LEDGERS = st.lists(CONTENTS, min_size=1, max_size=8).map(
    lambda contents: chain.extend(Head(), contents)
)


def head_of(links):
    return Head(links[-1].number, links[-1].digest)


def rehash(link, **changes):
    """The row as somebody writes it who knows how rows are hashed."""
    values = {"number": link.number, "previous": link.previous, "content": link.content}
    values |= changes
    return Link(digest=chain.digest(**values), **values)


def test_first_row_follows_a_known_hash():
    """SHA-256 of number, hash before and content, a line each."""
    [link] = chain.extend(Head(), [{"kind": "underage"}])
    assert link.previous == "0" * 64
    # printf '1\n%s\n{"kind":"underage"}' $(printf '0%.0s' {1..64}) | sha256sum
    assert link.digest == (
        "567e10ab2c590aa7532eb341de0588df5eb3b0757e8a15e21c6d48d1b5e8e841"
    )


def test_empty_chain_holds():
    assert chain.verify([], Head()) is None


@given(LEDGERS)
def test_chain_as_it_was_written_holds(links):
    assert chain.verify(links, head_of(links)) is None
    assert chain.verify(links) is None


@given(LEDGERS, st.lists(CONTENTS, min_size=1, max_size=3))
def test_chain_goes_on_where_it_ended(links, more):
    assert chain.verify([*links, *chain.extend(head_of(links), more)]) is None


@given(st.data(), LEDGERS)
def test_changed_content_is_found_at_its_row(data, links):
    at = data.draw(st.integers(0, len(links) - 1))
    name = data.draw(st.sampled_from(NAMES))
    old = links[at].content[name]
    # True is 1 to Python, and not to the ledger.
    new = data.draw(VALUES.filter(lambda v: (type(v), v) != (type(old), old)))
    changed = Link(
        links[at].number,
        links[at].previous,
        links[at].digest,
        {**links[at].content, name: new},
    )
    rows = [*links[:at], changed, *links[at + 1 :]]
    assert chain.verify(rows, head_of(links)) == Break(at + 1, chain.CHANGED)


@given(st.data(), LEDGERS)
def test_changed_and_hashed_anew_is_found_at_the_next_row_or_the_head(data, links):
    at = data.draw(st.integers(0, len(links) - 1))
    forged = rehash(links[at], content={**links[at].content, "note": "another note"})
    if forged == links[at]:
        return
    rows = [*links[:at], forged, *links[at + 1 :]]
    found = chain.verify(rows, head_of(links))
    last = at == len(links) - 1
    assert found.reason == (chain.CUT if last else chain.UNLINKED)


@given(st.data(), LEDGERS, st.sampled_from(("number", "previous", "digest")))
def test_changed_place_in_the_chain_is_found(data, links, name):
    at = data.draw(st.integers(0, len(links) - 1))
    values = {
        "number": links[at].number,
        "previous": links[at].previous,
        "digest": links[at].digest,
    }
    values[name] = 99 if name == "number" else "f" * 64
    rows = [*links[:at], Link(content=links[at].content, **values), *links[at + 1 :]]
    assert chain.verify(rows, head_of(links)) is not None


@given(st.data(), LEDGERS)
def test_removed_row_is_found_the_last_one_too(data, links):
    at = data.draw(st.integers(0, len(links) - 1))
    found = chain.verify(links[:at] + links[at + 1 :], head_of(links))
    last = at == len(links) - 1
    assert found == Break(at + 1, chain.CUT if last else chain.MISSING)


@given(st.data(), LEDGERS, CONTENTS)
def test_inserted_row_is_found(data, links, content):
    at = data.draw(st.integers(0, len(links)))
    before = Head(at, links[at - 1].digest) if at else Head()
    rows = [*links[:at], *chain.extend(before, [content]), *links[at:]]
    assert chain.verify(rows, head_of(links)) is not None


@given(st.data(), LEDGERS.filter(lambda links: len(links) > 1))
def test_swapped_rows_are_found(data, links):
    first, second = data.draw(
        st.lists(st.integers(0, len(links) - 1), min_size=2, max_size=2, unique=True)
    )
    rows = list(links)
    rows[first], rows[second] = rows[second], rows[first]
    assert chain.verify(rows, head_of(links)) is not None


@given(CONTENTS, CONTENTS)
def test_different_contents_are_written_differently(one, other):
    same = all(
        (type(one[name]), one[name]) == (type(other[name]), other[name])
        for name in NAMES
    )
    assert (chain.canonical(one) == chain.canonical(other)) == same


@pytest.mark.parametrize("value", [1.5, b"x", [1], {"a": 1}])
def test_what_has_no_one_form_is_not_written(value):
    with pytest.raises(TypeError):
        chain.canonical({"kind": value})
