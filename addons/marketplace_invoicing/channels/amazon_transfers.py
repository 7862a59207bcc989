"""Amazon Selling Partner API, transfers 2024-06-01: payouts, heads without lines.

A payout names the settlement that it pays; settlement reports have the same id.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

from .amazon_common import PLATFORM
from .amazon_pages import (
    as_dict,
    failure,
    iter_pages,
    moment,
    money,
    records,
    word,
)
from .base import ChannelParseError, ParseFailure
from .jsonio import join
from .settlement import ParsedSettlement, SettlementStatus

FORMAT = "amazon.transfers"

PAYOUTS = "payouts"
#: By what a payout is known elsewhere, best first.
_IDENTIFIERS = ("SETTLEMENT_ID", "FINANCIAL_EVENT_GROUP_ID", "DISBURSEMENT_ID")
_STATUSES: dict[str, SettlementStatus] = {
    "STARTED": "closed",
    "IN_TRANSIT": "closed",
    # The settlement had nothing to pay.
    "NO_PAYOUT": "closed",
    "PAID": "paid",
    "FAILED": "failed",
    "CANCELLED": "cancelled",
    "CANCELED": "cancelled",
}


def parse(source: BinaryIO) -> Iterator[ParsedSettlement | ParseFailure]:
    """Yield the head of each payout.

    :raises ChannelParseError: not valid JSON, or no payouts
    """
    for page, where in iter_pages(source, PAYOUTS):
        for payout, place in records(page, PAYOUTS, where):
            try:
                yield _payout(as_dict(payout, place), place)
            except ChannelParseError as error:
                ref = word(payout, "id")
                yield failure(error, place, {PAYOUTS: [payout]}, ref)


def identifiers(data: dict[str, Any], where: str) -> dict[str, str]:
    """Return the identifiers of a record by name; the first of equals counts."""
    found: dict[str, str] = {}
    for item, _place in records(data, "relatedIdentifiers", where):
        name = word(item, "relatedIdentifierName")
        value = word(item, "relatedIdentifierValue")
        if name and value:
            found.setdefault(name, value)
    return found


def _payout(payout: dict[str, Any], where: str) -> ParsedSettlement:
    known = identifiers(payout, where)
    ref = next((known[name] for name in _IDENTIFIERS if name in known), "")
    ref = ref or word(payout, "id")
    if not ref:
        raise ChannelParseError("missing", join(where, "id"))
    stated = money(payout.get("amount"), join(where, "amount"))
    period = as_dict(payout.get("period") or {}, join(where, "period"))
    status = word(payout, "currentStatus")
    return ParsedSettlement(
        external_ref=ref,
        format=FORMAT,
        platform=PLATFORM,
        where=where,
        parts=frozenset({"header"}),
        currency=stated[0] if stated else None,
        amount_total=stated[1] if stated else None,
        channel_status=status,
        status=_STATUSES.get(status.upper(), "unknown"),
        period_start=moment(period, join(where, "period"), "startDate"),
        period_end=moment(period, join(where, "period"), "endDate"),
        deposited_at=_paid_at(payout, where),
        bank_ref=word(payout, "traceId"),
        account_tail=word(payout, "accountTail"),
    )


def _paid_at(payout: dict[str, Any], where: str) -> datetime | None:
    """Return when the payout became paid; None while it is not."""
    for item, place in records(payout, "statusHistory", where):
        if word(item, "status").upper() == "PAID":
            return moment(item, place, "lastUpdatedDate")
    return None
