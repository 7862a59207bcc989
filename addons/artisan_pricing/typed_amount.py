"""Amounts as people type them. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

#: Figures before the decimal separator: no price of a handmade thing has more.
MAX_FIGURES = 7
_AMOUNT = re.compile(r"([0-9]+)(?:[.,]([0-9]+))?", re.ASCII)


class TypedAmountError(ValueError):
    """What was typed is no amount.

    :param code: ``"number"``, ``"decimals"``, ``"large"`` or ``"positive"``
    :param limit: what is allowed, where that is a number
    """

    def __init__(self, code: str, limit: int | None = None):
        super().__init__(code)
        self.code, self.limit = code, limit


def read_amount(typed: str | None, decimals: int) -> Decimal:
    """Return an amount above zero, with point or comma before its decimals.

    A thousands separator is refused: 1,234 may be meant either way.

    :param decimals: how many are allowed
    :raise TypedAmountError: no number, too many decimals, too large, or nothing
    """
    match = _AMOUNT.fullmatch(str(typed or "").strip())
    if not match:
        raise TypedAmountError("number")
    whole, fraction = match[1], match[2] or ""
    if len(fraction.rstrip("0")) > decimals or len(fraction) > max(decimals, 2):
        raise TypedAmountError("decimals", decimals)
    if len(whole.lstrip("0")) > MAX_FIGURES:
        raise TypedAmountError("large", MAX_FIGURES)
    amount = Decimal(f"{whole}.{fraction or 0}")
    if not amount:
        raise TypedAmountError("positive")
    return amount
