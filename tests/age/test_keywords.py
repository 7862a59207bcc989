"""What a product's name looks like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.age_verification.engine.keywords import Matcher, words_of

CLASSES = (
    ("wine", "wine, sekt, crémant, rotwein"),
    ("spirits", "gin, rum, liqueur, eau-de-vie"),
    ("candy", "rum truffle, liqueur chocolate"),
    ("knife", "knife, knives, messer"),
    ("kitchen", "chef knife"),
    ("fireworks", "feu d'artifice"),
    ("empty", None),
)
matcher = Matcher(CLASSES)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Wine", "wine"),
        ("Two fine WINES", "wine"),
        ("CREMANT d'Alsace", "wine"),
        ("Cre\u0301mant", "wine"),
        ("London Dry Gin, 0.5 l", "spirits"),
        ("Eau de vie", "spirits"),
        ("Rum truffles", "candy"),
        ("Chef's knife", "kitchen"),
        ("Chef’s knife", "kitchen"),
        ("Feu d’artifice", "fireworks"),
        ("gin_tonic", "spirits"),
        ("Ginger bread", None),
        ("Swine", None),
        ("Truffle with rum", "spirits"),
        ("", None),
        ("—", None),
    ],
)
def test_whole_words_are_found_without_case_accent_and_plural(name, found):
    assert matcher.find(name) == found


def test_the_name_goes_before_the_category():
    assert matcher.find("Rum", "All / Wine") == "spirits"
    assert matcher.find("Bottle", "All / Wine") == "wine"
    assert matcher.find("Bottle", "") is None


def test_a_sharp_s_is_two():
    assert words_of("Weißwein") == words_of("WEISSWEIN") == ["weisswein"]


@given(st.text(), st.text())
def test_a_keyword_is_found_in_any_text_around_it(before, after):
    lone = Matcher([("gin", "gin")])
    assert lone.find(f"{before} gin {after}") == "gin"


@given(st.text(), st.text())
def test_any_keywords_and_names_are_accepted(keywords, name):
    assert Matcher([(1, keywords)]).find(name) in (None, 1)
