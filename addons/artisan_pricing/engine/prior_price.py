"""The price that may be printed as "was", from an append-only log of prices. Pure.

EU directive 98/6/EC art. 6a (as amended by directive 2019/2161): who announces a cut shows
the lowest price applied during the 30 days before it began (1, 2). A member state may allow
a shorter time for what has been on the market for less (4), and for cuts that grow without
interruption the price before the first one (5). ECJ C-330/23: the percent that is announced
is that of this price, not of a higher one.

The log is that of what the buyer may have: each customer tier has its own, and what a
retail customer paid is no prior price for a wholesale one. Prices are of one unit in one
currency. Moments are all aware, or all naive in one time zone; a day is 24 hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import ROUND_DOWN, Decimal, localcontext
from itertools import pairwise

from .money import HUNDRED, PricingError, positive
from .tiers import EXACT, ONE

DAYS = 30

#: The whole time is on record.
FULL = "full"
#: On the market for less than the time, and the law of the place allows that.
YOUNG = "young"
#: On the market for less than is allowed: no cut may be announced yet.
TOO_YOUNG = "too_young"
#: On the market, but at no moment of the time before the cut.
NOT_ON_SALE = "not_on_sale"
#: Never on the market before the cut.
NO_RECORD = "no_record"
CODES = (FULL, YOUNG, TOO_YOUNG, NOT_ON_SALE, NO_RECORD)


@dataclass(frozen=True, slots=True)
class LogEntry:
    """From a moment on a price counts, until the next entry of the tier.

    :param price: above zero; None: not on sale
    :param tier: of customers, as the caller calls it
    """

    moment: datetime
    price: Decimal | None
    tier: str = ""

    def __post_init__(self):
        if self.price is not None:
            positive("price", self.price)


@dataclass(frozen=True, slots=True)
class PriorPrice:
    """What was asked before a cut.

    :ivar price: the lowest of the time before the cut; None when it was not on sale
    :ivar code: one of :data:`CODES`
    :ivar since: moment from which the lowest price counted; may be before the time
    :ivar cut_began: the moment that the time ends at: that of the first of growing cuts
    """

    price: Decimal | None
    code: str
    since: datetime | None
    cut_began: datetime

    @property
    def may_be_printed(self) -> bool:
        return self.code in (FULL, YOUNG)


@dataclass(frozen=True, slots=True)
class Reduction:
    """What may be said about a cut.

    :ivar was: the prior price
    :ivar saved: the difference
    :ivar percent: rounded down, so that it never says too much
    """

    was: Decimal
    saved: Decimal
    percent: Decimal


def prior_price(
    log: Iterable[LogEntry],
    cut_began: datetime,
    tier: str = "",
    first_cut_began: datetime | None = None,
    shortest_days: int = DAYS,
    longest_progress_days: int | None = None,
) -> PriorPrice:
    """The lowest price of a tier in the 30 days before a cut began.

    A price that began before these days counts when it still was in force on the first.

    :param log: entries of any tiers, in any order; of one moment the last one counts
    :param cut_began: the entry of the cut itself is not before it
    :param first_cut_began: of cuts that grow (art. 6a (5)), where the law of the place has
        that; it is taken for ``cut_began`` if the price never rose in between and the
        product stayed on sale
    :param shortest_days: days on the market that are enough (art. 6a (4))
    :param longest_progress_days: days after the first cut for which (5) holds (Finland: 60)
    :raise PricingError: moments with and without a time zone, days that are none
    """
    if not 0 <= shortest_days <= DAYS:
        reason = f"days are from 0 to {DAYS}"
        raise PricingError("shortest_days", shortest_days, reason)
    cut_began = _comparable("cut_began", cut_began, cut_began)
    entries = _of_tier(log, tier, cut_began)
    spans = list(_spans(entries, cut_began))
    if first_cut_began is not None:
        first_cut_began = _comparable("first_cut_began", first_cut_began, cut_began)
        if first_cut_began > cut_began:
            reason = f"is after the cut of {cut_began}"
            raise PricingError("first_cut_began", first_cut_began, reason)
        days = longest_progress_days
        is_short = days is None or cut_began - first_cut_began <= timedelta(days)
        cut = [entry.price for entry in entries if entry.moment == cut_began][-1:]
        if is_short and _only_fell(spans, first_cut_began, cut):
            cut_began = first_cut_began
    return _lowest(spans, cut_began, shortest_days)


def reduction(prior: PriorPrice, price: Decimal, digits: int = 0) -> Reduction | None:
    """What may be said about ``price``; None: it is no cut, or none may be announced.

    :param price: what the buyer pays now, above zero
    :param digits: of the percent
    """
    positive("price", price)
    if not prior.may_be_printed or price >= prior.price:
        return None
    with localcontext(EXACT):
        saved = prior.price - price
        percent = (HUNDRED * saved / prior.price).quantize(
            ONE.scaleb(-digits), ROUND_DOWN
        )
    return Reduction(prior.price, saved, percent)


# Helpers: a span is (begin, end, price), its end left out


def _spans(
    entries: Iterable[LogEntry], until: datetime
) -> Iterator[tuple[datetime, datetime, Decimal | None]]:
    """The times for which each price counted, up to a moment; none of no length."""
    entries = [entry for entry in entries if entry.moment < until]
    ends = (*(entry.moment for entry in entries[1:]), until)
    for entry, end in zip(entries, ends, strict=False):
        if entry.moment < end:
            yield entry.moment, end, entry.price


def _of_tier(log: Iterable[LogEntry], tier: str, like: datetime) -> list[LogEntry]:
    entries = (
        LogEntry(_comparable("moment", entry.moment, like), entry.price, tier)
        for entry in log
        if entry.tier == tier
    )
    return sorted(entries, key=lambda entry: entry.moment)


def _only_fell(
    spans: Sequence[tuple[datetime, datetime, Decimal | None]],
    first_cut: datetime,
    cut: Sequence[Decimal | None],
) -> bool:
    """Whether from the first cut to this one the price never rose and never ended."""
    prices = [price for _begin, end, price in spans if end >= first_cut]
    has_before = any(begin < first_cut for begin, _end, _price in spans)
    if not has_before or None in prices:
        return False
    return all(later <= price for price, later in pairwise([*prices, *cut]))


def _lowest(
    spans: Sequence[tuple[datetime, datetime, Decimal | None]],
    cut_began: datetime,
    shortest_days: int,
) -> PriorPrice:
    begin = cut_began - timedelta(DAYS)
    sold = [
        (start, end, price)
        for start, end, price in spans
        if price is not None and start < cut_began
    ]
    if not sold:
        return PriorPrice(None, NO_RECORD, None, cut_began)
    recent = [(price, start) for start, end, price in sold if end > begin]
    if not recent:
        return PriorPrice(None, NOT_ON_SALE, None, cut_began)
    price, since = min(recent)
    first = sold[0][0]
    if first <= begin:
        code = FULL
    elif cut_began - first >= timedelta(shortest_days):
        code = YOUNG
    else:
        code = TOO_YOUNG
    return PriorPrice(price, code, since, cut_began)


def _comparable(field: str, moment: datetime, like: datetime) -> datetime:
    """In UTC, where days have 24 hours, unless no time zone is given."""
    if (moment.tzinfo is None) != (like.tzinfo is None):
        raise PricingError(
            field, moment, "some moments have a time zone, some have none"
        )
    return moment if moment.tzinfo is None else moment.astimezone(timezone.utc)
