"""Baskets, promotions and schemes for the tests of pricing: by hand and by hypothesis."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from odoo.addons.artisan_pricing.engine import commission, promotions
from odoo.addons.artisan_pricing.engine.earning import Borne, SoldLine
from odoo.addons.artisan_pricing.engine.funding import BY_PLATFORM, Funding
from odoo.addons.artisan_pricing.engine.statement import Entry, rows_of

D = Decimal
CENT = D("0.01")
MAKERS = ("anna", "bela", "caro")
PRODUCTS = ("candle", "bowl", "scarf")


def line(key, amount, **values):
    return promotions.Line(key, D(amount), **values)


def promotion(key, kind, value, **values):
    values.setdefault("stage", promotions.PLATFORM)
    values.setdefault("funding", BY_PLATFORM)
    return promotions.Promotion(key=key, kind=kind, value=D(value), **values)


def percent(key, value, **values):
    return promotion(key, promotions.PERCENT, value, **values)


def fixed(key, value, **values):
    return promotion(key, promotions.FIXED, value, **values)


def free(key, value, **values):
    return promotion(key, promotions.FREE_PRODUCT, value, **values)


def percentages():
    return st.decimals("0.01", "100", places=2)


def fundings():
    return st.integers(0, 1000).map(lambda n: Funding(D(n) / 10, 100 - D(n) / 10))


def subsets(names):
    return st.none() | st.frozensets(st.sampled_from(names), min_size=1)


@st.composite
def baskets(draw, step=CENT, max_size=6):
    """Lines of a sale, in any order: of makers and of the platform, some for delivery."""
    keys = draw(
        st.lists(st.integers(1, 99), min_size=1, max_size=max_size, unique=True)
    )
    return [
        promotions.Line(
            f"l{key:02}",
            draw(st.integers(0, 30_000)) * step,
            product=draw(st.sampled_from(PRODUCTS)),
            maker=draw(st.none() | st.sampled_from(MAKERS)),
            quantity=D(draw(st.integers(1, 12))),
            tax_group=draw(st.sampled_from(["20", "5.5"])),
            is_delivery=draw(st.sampled_from([False, False, False, True])),
        )
        for key in keys
    ]


@st.composite
def offers(draw, step=CENT, max_size=6):
    """Promotions of all kinds and stages."""
    keys = draw(st.lists(st.integers(1, 99), max_size=max_size, unique=True))
    return [draw(any_promotion(f"p{key:02}", step)) for key in keys]


@st.composite
def any_promotion(draw, key, step=CENT):
    stage = draw(st.sampled_from(promotions.STAGES))
    amount = st.integers(1, 20_000).map(lambda count: count * step)
    if stage == promotions.WALLET:
        return fixed(key, draw(amount), stage=stage)
    kind = draw(st.sampled_from(promotions.KINDS))
    values = {
        promotions.PERCENT: percentages(),
        promotions.FIXED: amount,
        promotions.FREE_PRODUCT: st.integers(1, 3).map(D),
    }
    makers = draw(subsets(MAKERS))
    if stage == promotions.MAKER and makers is None:
        makers = frozenset(MAKERS[:1])
    return promotion(
        key,
        kind,
        draw(values[kind]),
        stage=stage,
        funding=draw(fundings()),
        makers=makers,
        products=draw(subsets(PRODUCTS)),
        group=draw(st.sampled_from(["", "summer"])),
        stackable=draw(st.booleans()),
        maximum=draw(st.none() | amount),
    )


@st.composite
def schemes(draw):
    """Schemes of one to three parts, with and without bounds."""
    count = draw(st.integers(1, 3))
    parts = tuple(draw(parts_of_schemes(f"part{number}")) for number in range(count))
    minimum, maximum = draw(bounds())
    return commission.Scheme(parts, minimum, maximum)


@st.composite
def parts_of_schemes(draw, code):
    kind = draw(st.sampled_from(commission.KINDS))
    minimum, maximum = draw(bounds())
    return commission.Part(
        code,
        kind,
        value=D(0) if kind == commission.SECTIONS else draw(percentages()),
        unit=draw(st.sampled_from(commission.UNITS)),
        sections=draw(sections()) if kind == commission.SECTIONS else (),
        mode=draw(st.sampled_from(commission.MODES)),
        minimum=minimum,
        maximum=maximum,
    )


@st.composite
def sections(draw):
    limits = sorted(draw(st.sets(st.integers(1, 500), max_size=3)))
    starts = [D(0), *map(D, limits)]
    ends = [*map(D, limits), None]
    return tuple(
        commission.Section(start, end, draw(percentages()))
        for start, end in zip(starts, ends, strict=True)
    )


@st.composite
def bounds(draw):
    low, high = sorted(draw(st.tuples(st.integers(1, 500), st.integers(1, 9000))))
    return draw(st.none() | st.just(D(low) / 10)), draw(st.none() | st.just(D(high)))


def sold_lines(applied: promotions.Applied) -> tuple[SoldLine, ...]:
    """The lines of a basket as sold, in its order.

    :param applied: a basket with amounts without tax
    """
    borne: dict[str, list[Borne]] = {line.key: [] for line in applied.lines}
    for share in applied.shares():
        borne[share.line].append(
            Borne(share.promotion, share.by_maker, share.by_platform)
        )
    nets: dict[str, Decimal] = applied.nets()
    return tuple(
        SoldLine(
            line.key,
            line.maker,
            nets[line.key],
            tuple(borne[line.key]),
            line.is_delivery,
        )
        for line in applied.lines
    )


def entries_of(earning, document, day):
    """What a sold or refunded line puts on its maker's statement."""
    if earning.line.maker is None:
        return ()
    return tuple(
        Entry(kind, day, document, earning.line.key, code, amount)
        for kind, code, amount, _by_platform in rows_of(earning)
        if amount
    )
