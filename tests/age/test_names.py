"""When a contact has become somebody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.age_verification.engine import names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mila Berger", "MILA BERGER"),
        ("Mila Berger", "  mila   berger "),
        ("Anne-Marie O'Neil", "Anne Marie ONeil"),
        ("Mila Berger", "Mila\u00a0Berger"),
        ("Straße", "STRASSE"),
        ("José", "Jose\u0301"),
        ("Ｍｉｌａ", "Mila"),
        (None, ""),
    ],
)
def test_writing_makes_nobody_somebody_else(one, other):
    assert names.is_same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mila Berger", "Mila Bergen"),
        ("Mila Berger", "Berger Mila"),
        ("Mila Berger", "Owen Pritchard"),
        ("Mila Berger", ""),
        ("José", "Jose"),
        # Vowels are marks in Devanagari: Ram and Rim.
        ("राम", "रिम"),
    ],
)
def test_another_name_is_somebody_else(one, other):
    assert not names.is_same(one, other)


@given(st.text())
def test_what_matters_of_a_name_is_the_same_when_asked_again(name):
    assert names.normalise(names.normalise(name)) == names.normalise(name)


@given(st.text(), st.text(alphabet=" .,;-'()\t"))
def test_punctuation_never_matters(name, more):
    assert names.is_same(name, f"{more}{name}{more}")
