"""Bank texts and the invoices they name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.dunning_tiers.engine.matching import ReferenceIndex, normalise

NAMES = ["INV/2026/00007", "INV/2026/00070", "INV/2025/00007", "RF18539007547034"]
INDEX = ReferenceIndex(enumerate(NAMES))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("INV/2026/00007", {0}),
        ("payment inv 2026-00007 thank you", {0}),
        ("INV202600007", {0}),
        ("INV/2026/00007 INV/2026/00070", {0, 1}),
        ("SEPA 2026-06-15 INV/2025/00007 EREF 12", {2}),
        # One digit more is another invoice.
        ("INV/2026/000071", set()),
        ("RF18 5390 0754 7034", {3}),
        ("ref:rf18539007547034.", {3}),
        ("00007", set()),
        ("INV/2026", set()),
        ("", set()),
        (None, set()),
    ],
)
def test_invoice_in_the_text_is_found(text, found):
    assert INDEX.find(text) == found


def test_short_or_wordless_references_name_nothing():
    index = ReferenceIndex([(1, "A1"), (2, "Thanks"), (3, None), (4, "")])
    assert index.find("A1 Thanks") == set()


@pytest.mark.parametrize("text", ["(", "[0-9]+ 7", "\\d 00007", "٣ 7", "INV\x00 7"])
def test_odd_texts_are_read(text):
    assert INDEX.find(text) == set()


references = st.builds(
    "{}/{}/{:05d}".format,
    st.sampled_from(["INV", "R", "BNK1"]),
    st.integers(2020, 2030),
    st.integers(1, 99999),
)
separators = st.sampled_from(["", " ", "-", "/", ". ", "  "])


@given(references, separators, st.text(max_size=20), st.text(max_size=20))
def test_reference_is_found_however_it_is_written(reference, separator, before, after):
    text = f"{before} {separator.join(reference.split('/')).lower()} {after}"
    assert ReferenceIndex([("it", reference)]).find(text) == {"it"}


@given(st.text())
def test_normalised_text_holds_capitals_and_digits_only(text):
    assert all("0" <= char <= "9" or "A" <= char <= "Z" for char in normalise(text))
