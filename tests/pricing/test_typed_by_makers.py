"""What makers type: texts with simple marks, and amounts. Nothing typed becomes a program."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from odoo.addons.artisan_pricing.content_html import ContentHtmlError, clean_html
from odoo.addons.artisan_pricing.story_markup import to_html, to_text
from odoo.addons.artisan_pricing.typed_amount import TypedAmountError, read_amount

#: What marks are made of, and what attacks are.
TYPED = st.text(alphabet="ab*[]()-#1. \n<>&\"'/:\x00\x01\x02\x03é", max_size=60)
PIECES = st.lists(
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            '[x](https://a.example/?a=1&b="2")',
            "[x](https://a.example/<b>)",
            "**bold**",
            "*slanted*",
            "- item",
            "2. item",
            "## head",
            "&lt;script&gt;",
            "\n",
            "\n\n",
            " ",
        ]
    ),
    max_size=12,
).map("".join)


@pytest.mark.parametrize(
    ("typed", "made"),
    [
        ("One\ntwo\n\nthree", "<p>One<br>two</p><p>three</p>"),
        ("**bold** and *slanted*", "<p><b>bold</b> and <i>slanted</i></p>"),
        ("- one\n- two", "<ul><li>one</li><li>two</li></ul>"),
        ("1. one\n2) two", "<ol><li>one</li><li>two</li></ol>"),
        ("## Who we are\nWe", "<h4>Who we are</h4><p>We</p>"),
        ("2*3*4 = 24 ** 1", "<p>2*3*4 = 24 ** 1</p>"),
        ("<b>5 < 6 & 7</b>", "<p>&lt;b&gt;5 &lt; 6 &amp; 7&lt;/b&gt;</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](//a.example)", "<p>[x](//a.example)</p>"),
        ("[x](https://me:pw@a.example)", "<p>x</p>"),
        ("", ""),
        (" \n\t\n ", ""),
        (None, ""),
    ],
)
def test_marks_make_simple_html(typed, made):
    assert to_html(typed) == made


def test_link_keeps_its_address_and_tells_nobody_where_it_was():
    tree = html.fragment_fromstring(
        to_html("See [our site](https://x.example/*a*?b=1&c=2)!"), create_parent="div"
    )
    [link] = tree.iter("a")
    assert dict(link.attrib) == {
        "href": "https://x.example/*a*?b=1&c=2",
        "rel": "noopener noreferrer nofollow",
        "target": "_blank",
    }
    assert link.text == "our site"


@given(st.one_of(TYPED, PIECES))
def test_nothing_typed_becomes_more_than_simple_marks(typed):
    made = to_html(typed)
    assert clean_html(made) == made
    tree = html.fragment_fromstring(made, create_parent="div")
    tags = {element.tag for element in tree.iterdescendants()}
    assert tags <= {"p", "br", "b", "i", "ul", "ol", "li", "h4", "a"}
    for element in tree.iterdescendants():
        assert set(element.attrib) <= {"href", "rel", "target"}


@given(st.one_of(TYPED, PIECES))
def test_text_that_is_edited_again_keeps_its_words(typed):
    def words(source):
        tree = html.fragment_fromstring(source, create_parent="div")
        texts = " ".join(tree.itertext())
        return [letter for letter in texts if letter.isalpha()]

    made = to_html(typed)
    again = to_html(to_text(made))
    assert words(again) == words(made)


def test_html_of_a_manager_comes_back_with_marks():
    source = (
        "<h3>Wax</h3><p>From <strong>eleven</strong> <em>keepers</em>.</p>"
        "<ul><li><p>slow</p></li><li>well</li></ul><blockquote>Nice</blockquote>loose"
    )
    assert to_text(source) == (
        "## Wax\n\nFrom **eleven** *keepers*.\n\n- slow\n- well\n\nNice\n\nloose"
    )


def test_text_that_is_too_long_is_refused():
    with pytest.raises(ContentHtmlError):
        to_html("x" * 2001)


@pytest.mark.parametrize(
    ("typed", "decimals", "amount"),
    [
        ("42", 2, "42"),
        ("42.5", 2, "42.5"),
        ("42,50", 2, "42.50"),
        (" 0,01 ", 2, "0.01"),
        ("33.3333", 4, "33.3333"),
        ("10.00", 0, "10.00"),
        ("0007", 2, "7"),
    ],
)
def test_amounts_are_read_with_point_or_comma(typed, decimals, amount):
    assert read_amount(typed, decimals) == Decimal(amount)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "number"),
        (None, "number"),
        ("-1", "number"),
        ("nan", "number"),
        ("Infinity", "number"),
        ("1e9", "number"),
        ("1_000", "number"),
        ("1 000", "number"),
        ("1,234.50", "number"),
        ("٤٢", "number"),
        ("½", "number"),
        ("1,234", "decimals"),
        ("1.234", "decimals"),
        ("0", "positive"),
        ("0.00", "positive"),
        ("12345678", "large"),
    ],
)
def test_what_is_no_amount_is_refused(typed, code):
    with pytest.raises(TypedAmountError) as caught:
        read_amount(typed, 2)
    assert caught.value.code == code
