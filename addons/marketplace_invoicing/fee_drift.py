"""Whether what a channel charges drifts from the usual: plain values, no Odoo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

#: Payouts that make the usual: fewer tell nothing, more remember old prices.
USUAL_AT_LEAST = 3
USUAL_AT_MOST = 12


@dataclass(frozen=True, slots=True)
class FeeDrift:
    """A fee whose share of the sales is not the usual one. Shares are fractions of 1."""

    code: str
    share: Decimal
    usual: Decimal

    @property
    def drift(self) -> Decimal:
        """How far the share is from the usual, as a fraction of the usual."""
        return (self.share - self.usual) / self.usual


def find_drifts(
    payouts: Sequence[tuple[Decimal, Mapping[str, Decimal]]], limit: Decimal
) -> list[FeeDrift]:
    """Return the fees of the last payout that drifted, the farthest first.

    :param payouts: oldest first; sales, and what was charged by code, positive. A code that
        a payout lacks counts as nothing there.
    :param limit: a fraction of the usual; a share beyond it drifted
    """
    shares = [
        {code: amount / sales for code, amount in fees.items()}
        for sales, fees in payouts
        if sales > 0
    ]
    if len(shares) <= USUAL_AT_LEAST:
        return []
    before = shares[-1 - USUAL_AT_MOST : -1]
    found = []
    for code, share in shares[-1].items():
        usual = median([known.get(code, Decimal()) for known in before])
        if usual > 0 and abs(share - usual) > limit * usual:
            found.append(FeeDrift(code, share, usual))
    return sorted(found, key=lambda fee: abs(fee.drift), reverse=True)
