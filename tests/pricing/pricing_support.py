"""The candle of the worked examples, and what hypothesis may draw."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from odoo.addons.artisan_pricing.engine import tiers
from odoo.addons.artisan_pricing.engine.tiers import Ladder, Tier

D = Decimal
CENT = D("0.01")
#: List price 40.00; from 10 on -10 % (36), from 25 on -20 % (32), from 50 on 28.
CANDLE = D("40.00")
CANDLE_TIERS = (
    Tier(D(10), tiers.PERCENT, D(10), key=1),
    Tier(D(25), tiers.PERCENT, D(20), key=2),
    Tier(D(50), tiers.FIXED, D(28), key=3),
)

steps = st.sampled_from([CENT, D(1), D("0.001")])
prices = st.decimals(D("0.01"), 10_000, places=2)
quantities = st.integers(1, 500).map(Decimal)
weighed = st.decimals(D("0.001"), 500, places=3)


def candle(mode: str = tiers.VOLUME, **options) -> Ladder:
    return Ladder(CANDLE_TIERS, mode, **options)


@st.composite
def ladders(draw, modes=tiers.MODES, roundings=tiers.ROUNDINGS):
    """Any ladder, also one that gets dearer; amounts off leave a price of 5 and more."""
    starts = draw(st.lists(st.integers(0, 300), max_size=5, unique=True))
    kinds = st.one_of(
        st.tuples(st.just(tiers.FIXED), prices),
        st.tuples(st.just(tiers.PERCENT), st.decimals(0, D("99.999"), places=3)),
        st.tuples(st.just(tiers.AMOUNT), st.decimals(0, D("4.99"), places=2)),
    )
    rungs = [
        Tier(Decimal(start), *draw(kinds), key=key) for key, start in enumerate(starts)
    ]
    return Ladder(
        tuple(rungs), draw(st.sampled_from(modes)), draw(st.sampled_from(roundings))
    )


#: List prices from which any amount off of :func:`ladders` leaves something.
list_prices = st.decimals(5, 10_000, places=2)
