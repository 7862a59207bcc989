"""Which block of content a line gets, and that the choice is the same each time."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.artisan_pricing.content_html import ContentHtmlError, clean_html
from odoo.addons.artisan_pricing.engine.content import (
    Block,
    Chooser,
    ContentError,
    Line,
    is_in_share,
)

DAY = date(2026, 6, 15)
LINE = Line(
    customer=7,
    day=DAY,
    product=1,
    categories=(12, 11, 10),
    maker=5,
    tags=frozenset({3}),
    orders=2,
    companies=frozenset({1}),
)


def choose(*blocks, line=LINE):
    return [block.key for block in Chooser(blocks).choose(line).shown]


@pytest.mark.parametrize(
    "stated",
    [
        {"products": frozenset({2})},
        {"category": 13},
        {"maker": 6},
        {"tags": frozenset({4})},
        {"orders_from": 3},
        {"date_from": date(2026, 6, 16)},
        {"date_to": date(2026, 6, 14)},
        {"company": 2},
    ],
)
def test_block_is_not_shown_where_one_thing_stated_does_not_fit(stated):
    everything = {"products": frozenset({1}), "category": 10, "maker": 5, "company": 1}
    assert choose(Block(1, "care", **everything)) == [1]
    assert choose(Block(1, "care", **{**everything, **stated})) == []


def test_the_more_a_block_is_about_the_line_the_earlier_it_comes():
    ranked = [
        Block(1, "care", products=frozenset({1}), sequence=99),
        Block(2, "care", category=12, maker=5),
        Block(3, "care", category=12),
        Block(4, "care", category=10),
        Block(5, "care", maker=5),
        Block(6, "care", tags=frozenset({3})),
        Block(7, "care", orders_from=2),
        Block(8, "care", company=1),
        Block(9, "care", sequence=1),
        Block(10, "care"),
        Block(11, "care"),
    ]
    while ranked:
        shuffled = random.Random(1).sample(ranked, len(ranked))
        assert choose(*shuffled) == [ranked.pop(0).key]


def test_line_without_product_gets_what_is_for_all():
    line = Line(customer=7, day=DAY)
    blocks = (Block(1, "care", products=frozenset({1})), Block(2, "note"))
    assert choose(*blocks, line=line) == [2]


def test_customer_outside_the_share_gets_the_next_block():
    customers = range(1, 1001)
    split, other = Block(1, "care", sequence=1, share=30), Block(2, "care")
    choices = [
        Chooser((split, other)).choose(Line(customer=customer, day=DAY))
        for customer in customers
    ]
    seen = sum(choice.shown == (split,) for choice in choices)
    # 300 expected; five standard deviations of a fair draw are 72.
    assert 228 < seen < 372
    for choice in choices:
        assert (choice.shown, choice.kept_back) in (
            ((split,), ()),
            ((other,), (split,)),
        )


@given(st.integers(1), st.integers(0), st.integers(1, 100), st.integers(1, 100))
def test_customer_who_is_in_a_share_is_in_every_larger_one(key, customer, one, two):
    small, large = sorted((one, two))
    if is_in_share(key, small, customer):
        assert is_in_share(key, large, customer)
    assert is_in_share(key, 100, customer)


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"share": 0}, "share: 0"),
        ({"share": 101}, "share: 101"),
        ({"orders_from": 0}, "orders_from: 0"),
        ({"date_from": DAY, "date_to": date(2026, 6, 1)}, "date_to: 2026-06-01"),
    ],
)
def test_block_that_fits_nobody_is_refused_with_field_and_value(stated, words):
    with pytest.raises(ContentError, match=words):
        Block(1, "care", **stated)


@pytest.mark.parametrize(
    ("source", "clean"),
    [
        ("<p>Hi<script>x()</script> you</p>", "<p>Hi you</p>"),
        ("<img src=x onerror=x()>text", "text"),
        ("<a href='javascript:x()'>here</a>", "here"),
        ("<a href='JaVa&#x09;Script&#58;x()'>here</a>", "here"),
        ("<a href='data:text/html,x'>here</a>", "here"),
        ("<a href='//example.com'>here</a>", "here"),
        ("<a href='https://bank.example@evil.example/'>here</a>", "here"),
        ("<a href='http://[broken'>here</a>", "here"),
        (
            "<a href='https://example.com/?a=1&b=2' onclick='x()'>here</a>",
            '<a href="https://example.com/?a=1&amp;b=2" rel="noopener noreferrer '
            'nofollow" target="_blank">here</a>',
        ),
        (
            "<p style='background:url(http://127.0.0.1)' class='d-none'>a</p>",
            "<p>a</p>",
        ),
        ("<!--[if IE]><script>x()</script><![endif]--><p>a</p>", "<p>a</p>"),
        ("</div></div><p>a</p>", "<p>a</p>"),
        ("<noscript><p title='</noscript><img src=x onerror=x()>'>", ""),
        ("<svg><style><img src=x onerror=x()></style></svg>a", "a"),
        ("<t t-out='env'>a</t>", "a"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("<p><br></p>", ""),
        ("\x00<p>50\xa0°C</p>", "<p>50\xa0°C</p>"),
        (None, ""),
    ],
)
def test_html_is_reduced_to_simple_text(source, clean):
    assert clean_html(source) == clean


@given(
    st.lists(
        st.sampled_from(
            "<p> </p> <a href='javascript:x()'> <a href=http://x.example> </a> <b "
            "<script> </script> <style> </style> <svg> <math> <mtext> <!-- --> <table> "
            "<td> <img src=x onerror=x()> <noscript> </noscript> <![CDATA[ ]]> <?x ?> "
            "text & &lt; ' \" > < <form> <title> <xmp> </xmp> <template> <select>".split()
        ),
        max_size=25,
    ).map(" ".join)
)
def test_cleaning_leaves_only_known_tags_and_changes_nothing_twice(source):
    try:
        clean = clean_html(source)
    except ContentHtmlError:
        return
    assert clean_html(clean) == clean
    for bad in (
        "<script",
        "<img",
        "<svg",
        "<style",
        "<!--",
        "javascript:x()'>",
        "<xmp",
    ):
        assert bad not in clean
