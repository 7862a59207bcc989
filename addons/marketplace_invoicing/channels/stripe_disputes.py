"""Stripe's disputes: what the buyer wants back, and until when the seller can answer.

The money is moved by balance transactions whose ``source`` is the dispute: both have it as
``refund_ref``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from .base import ChannelParseError, ParseFailure, to_currency, to_datetime
from .jsonio import convert, join
from .jsonrecords import TOP_OBJECT, identifier, text
from .settlement import DisputeStatus, ParsedSettlement, ParsedSettlementLine
from .settlement_json import (
    Ledger,
    first_place,
    listed,
    records_at,
    refused,
    some_lines,
)
from .stripe_model import BalanceTransaction, Dispute, Source, stated

DISPUTES = "stripe.disputes"

# https://docs.stripe.com/api/disputes/object: an inquiry that was closed became no dispute.
_STATUSES: dict[str, DisputeStatus] = {
    "needs_response": "open",
    "warning_needs_response": "open",
    "under_review": "review",
    "warning_under_review": "review",
    "won": "won",
    "warning_closed": "won",
    "prevented": "won",
    "lost": "lost",
}


def dispute_status(transaction: BalanceTransaction, source: Source) -> DisputeStatus:
    """Return how the claim stands: its money comes back where the seller won it."""
    if text(transaction.reporting_category) == "dispute_reversal":
        return "won"
    return _STATUSES.get(source.get("status"), "")


def due(source: Source, where: str) -> datetime | None:
    """Return until when the seller can answer, where the source says it."""
    details = source.object.get("evidence_details")
    moment = details.get("due_by") if isinstance(details, dict) else None
    return to_datetime(moment, join(where, "source.evidence_details.due_by"))


def payment_ref(source: Source) -> str:
    """Return the payment as shops know it: the intent, else the charge."""
    return source.get("payment_intent") or source.get("charge") or source.id


def parse_disputes(source: BinaryIO) -> Iterator[ParsedSettlement | ParseFailure]:
    """Yield disputes as lines of no payout.

    :raises ChannelParseError: not JSON, or no disputes
    """
    ledger = Ledger(DISPUTES, "stripe")
    place = first_place(source, listed("data"), {"id": TOP_OBJECT})
    for record, where in records_at(source, place):
        try:
            dispute = convert(record, Dispute, where)
            currency = to_currency(dispute.currency, join(where, "currency"))
            lines = _read_dispute(dispute, Source(record), currency, where)
            ledger.add("", currency, lines, where)
        except ChannelParseError as error:
            yield refused(record, error, where)
    yield from ledger.settlements()


def _read_dispute(
    dispute: Dispute, source: Source, currency: str, where: str
) -> list[ParsedSettlementLine]:
    ref = identifier(dispute.id, join(where, "id"))
    amount = abs(stated(dispute.amount, currency, join(where, "amount")))
    words = (dispute.reason, dispute.status)
    inner = (source, source.inner("charge"), source.inner("payment_intent"))
    return some_lines(
        f"dispute:{ref}",
        [("", "refund", "dispute", -amount)],
        posted_at=to_datetime(dispute.created, join(where, "created")),
        order_ref=next((part.order_ref for part in inner if part.order_ref), ""),
        refund_ref=ref,
        reference=payment_ref(source),
        description=", ".join(word for word in map(text, words) if word),
        is_dispute=True,
        respond_by=due(source, where),
        dispute_status=_STATUSES.get(text(dispute.status), "open"),
        where=where,
    )
