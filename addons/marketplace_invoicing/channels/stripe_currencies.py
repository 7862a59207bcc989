"""How Stripe writes amounts: whole numbers of a currency's smallest unit.

As documented on https://docs.stripe.com/currencies ("Zero-decimal currencies", "Three-decimal
currencies", "Special cases"). ISK, HUF and TWD have two decimals in the API although coins of
hundredths are not in use. UGX stands both among the zero-decimal currencies and among the special
cases that keep two decimals, so nothing is read from it. Nobody is paid out in it.
"""

from __future__ import annotations

from decimal import Decimal

from .base import ChannelParseError, to_decimal

ZERO_DECIMAL = frozenset(
    "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split()
)
THREE_DECIMAL = frozenset("BHD JOD KWD OMR TND".split())
AMBIGUOUS = frozenset({"UGX"})


def from_minor(value: object, currency: str, where: str) -> Decimal:
    """Return the amount of a whole number of smallest units.

    :param currency: ISO 4217 code in capitals
    :raises ChannelParseError: not a whole number, or a currency whose unit is not known
    """
    if currency in AMBIGUOUS:
        raise ChannelParseError(f"the smallest unit of {currency} is not known", where)
    number = to_decimal(value, where)
    if number != number.to_integral_value():
        raise ChannelParseError("not a whole number of the smallest unit", where)
    digits = 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2
    return number.scaleb(-digits).quantize(Decimal(1).scaleb(-digits))
