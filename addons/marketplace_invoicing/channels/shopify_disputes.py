"""A dispute of Shopify Payments: what the buyer wants back, until when the seller can answer."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from .jsonio import join
from .jsonrecords import identifier, text
from .settlement import DisputeStatus, ParsedSettlementLine
from .settlement_json import moment, required, some_lines

Ref = int | str
# https://shopify.dev/docs/api/admin-rest/latest/resources/dispute
_STATUSES: dict[str, DisputeStatus] = {
    "needs_response": "open",
    "under_review": "review",
    "won": "won",
    "prevented": "won",
    "lost": "lost",
    "accepted": "lost",
    "charge_refunded": "lost",
}


class Dispute(msgspec.Struct):
    id: Ref
    order_id: Ref | None = None
    type: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    reason: str | None = None
    network_reason_code: Ref | None = None
    status: str | None = None
    evidence_due_by: str | None = None
    initiated_at: str | None = None


def optional_ref(value: Ref | None) -> str:
    """Return an id as text; 0 stands for none."""
    ref = text(str(value)) if value is not None else ""
    return "" if ref == "0" else ref


def read_dispute(dispute: Dispute, where: str) -> list[ParsedSettlementLine]:
    """Return what a dispute asks back, as a line that belongs to no payout.

    :raises ChannelParseError: the amount is missing
    """
    ref = identifier(dispute.id, join(where, "id"))
    kind = text(dispute.type).lower() or "dispute"
    words = (dispute.reason, str(dispute.network_reason_code or ""), dispute.status)
    return some_lines(
        f"dispute:{ref}",
        [
            (
                "",
                "refund",
                f"dispute/{kind}",
                -abs(required(dispute.amount, join(where, "amount"))),
            )
        ],
        posted_at=moment(dispute.initiated_at, join(where, "initiated_at")),
        order_ref=optional_ref(dispute.order_id),
        refund_ref=ref,
        description=", ".join(word.lower() for word in map(text, words) if word),
        is_dispute=True,
        respond_by=_due(dispute, where),
        dispute_status=_STATUSES.get(text(dispute.status).lower(), "open"),
        where=where,
    )


def _due(dispute: Dispute, where: str) -> datetime | None:
    return moment(dispute.evidence_due_by, join(where, "evidence_due_by"))
