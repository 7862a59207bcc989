"""Small counts are not told."""

import pytest

from odoo.addons.age_verification.engine.masking import mask


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (1, "<5"), (4, "<5"), (5, "5"), (1000, "1000")],
)
def test_small_counts_are_masked_and_none_is_told(count, text):
    assert mask(count) == text


def test_there_is_no_negative_count():
    with pytest.raises(ValueError):
        mask(-1)
