"""Which refunds of a channel make up one sum of a payout, as plain arithmetic.

A payout may say only how much went back for an order on a day. Amounts are
:class:`~decimal.Decimal` in one currency. No Odoo, no clock, no database.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations

#: Of more refunds than these the first are tried, and all of them together: 2 ** 10 sums.
MOST = 10


def find_sum(amounts: Sequence[Decimal], total: Decimal) -> tuple[int, ...]:
    """Return the positions of the amounts that come to ``total``, ascending; () if none do.

    As few as possible, and among these the ones that come first.

    :param amounts: the likeliest first; beyond :data:`MOST` only all together are tried
    """
    positions = range(len(amounts))
    for size in range(1, min(len(amounts), MOST) + 1):
        for chosen in combinations(positions[:MOST], size):
            if sum((amounts[place] for place in chosen), Decimal(0)) == total:
                return chosen
    if amounts and sum(amounts, Decimal(0)) == total:
        return tuple(positions)
    return ()
