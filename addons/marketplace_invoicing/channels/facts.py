"""What a record states, as plain values for a report: amounts are text, None is unsaid."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from .base import ARTICLE_KINDS, ZERO, ParsedOrder, ParsedRefund
from .settlement import ParsedSettlement

#: Less than half a cent is what a channel's own rounding leaves in an order.
ROUNDING = Decimal("0.005")


def order_facts(record: ParsedOrder) -> dict[str, Any]:
    """``lines``: articles; state, documents and issues are for the caller to fill."""
    has_items = "items" in record.parts
    articles = [line for line in record.lines if line.kind in ARTICLE_KINDS]
    return {
        "external_ref": record.external_ref,
        "currency": record.currency,
        "amount_total": _text(record.amount_total),
        "amount_tax": _text(record.amount_tax),
        "amount_shipping": _text(record.amount_shipping),
        "amount_discount": _text(record.amount_discount),
        "marketplace_tax": _text(record.marketplace_tax),
        "lines": len(articles) if has_items else None,
        "channel_status": record.channel_status,
        "state": None,
        "order": None,
        "invoice": None,
        "issues": [],
    }


def order_issues(record: ParsedOrder) -> Iterator[dict[str, str]]:
    """Yield what can be told of an order without mappings and accounts."""
    unknown = [
        line for line in record.lines if line.liability == "unknown" and line.tax
    ]
    if unknown:
        yield {"code": "tax_liability_unknown", "message": unknown[0].evidence}
    if record.imbalance is not None and abs(record.imbalance) >= ROUNDING:
        message = (
            f"the lines come to {record.amount_lines:f}, not {record.amount_total:f}"
        )
        yield {"code": "total_difference", "message": message}
    if record.amount_total is not None and record.amount_total < 0:
        yield {"code": "negative_total", "message": f"{record.amount_total:f}"}


def settlement_facts(record: ParsedSettlement) -> dict[str, Any]:
    """``sum_by_type``: by the channel's words; where there are only stated sums, these."""
    sums = record.sum_by_code or dict(record.stated_sums)
    return {
        "external_ref": record.external_ref,
        "currency": record.currency,
        "amount_total": _text(record.amount_total),
        "rows": record.rows,
        "sum_by_type": {code: _text(amount) for code, amount in sums.items()},
        "balances": record.balances,
        "issues": [],
    }


def settlement_issues(record: ParsedSettlement) -> Iterator[dict[str, str]]:
    """Yield what can be told of a settlement without mappings and accounts."""
    if record.imbalance:
        expected = record.amount_lines + record.imbalance
        message = f"the lines come to {record.amount_lines:f}, not {expected:f}"
        yield {"code": "settlement_imbalance", "message": message}


def refund_facts(record: ParsedRefund) -> dict[str, Any]:
    """``lines``: articles; tax and shipping are sums of what the lines state."""
    taxes = [line.tax for line in record.lines if line.tax is not None]
    shipping = [line.amount for line in record.lines if line.kind == "shipping"]
    articles = [line for line in record.lines if line.kind in ARTICLE_KINDS]
    return {
        "external_ref": record.external_ref,
        "order_ref": record.order_ref,
        "currency": record.currency or None,
        "amount": _text(record.amount),
        "tax": _text(sum(taxes, ZERO)) if taxes else None,
        "shipping": _text(sum(shipping, ZERO)) if record.lines else None,
        "lines": len(articles),
        "status": "done" if record.is_done else "pending",
        "issues": [],
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"
