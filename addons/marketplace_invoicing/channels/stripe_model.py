"""The fields of Stripe's objects that we read, and where an order's number hides in them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import msgspec

from .base import ChannelParseError
from .jsonrecords import text
from .stripe_currencies import from_minor

#: Keys under which shops write the order into a payment's metadata.
_ORDER_KEYS = (
    *("order_id", "order_number", "order_ref", "order_reference", "order"),
    *("orderid", "orderId", "order_no", "Order ID", "order_name", "ordernumber"),
)
# "Order #1001", "Handmade - Order 1001", "Bestellung Nr. A-1001"
_ORDER_TEXT = re.compile(
    r"\b(?:order|bestellung|commande|pedido|ordine)\b"
    r"\s*(?:no\.?|nr\.?|number|nummer|id)?\s*[:#]?\s*(#?[A-Za-z0-9-]*\d[A-Za-z0-9-]*)",
    re.IGNORECASE,
)


class FeeDetail(msgspec.Struct):
    amount: Decimal | None = None
    currency: str | None = None
    description: str | None = None
    type: str | None = None


class BalanceTransaction(msgspec.Struct):
    id: str
    type: str
    amount: Decimal | None = None
    currency: str | None = None
    fee: Decimal | None = None
    net: Decimal | None = None
    fee_details: list[FeeDetail] | None = None
    reporting_category: str | None = None
    description: str | None = None
    created: int | None = None
    available_on: int | None = None
    exchange_rate: Decimal | None = None
    status: str | None = None
    #: An id or, where the caller asked for it, the object itself.
    source: Any = None


class TraceId(msgspec.Struct):
    value: str | None = None


class Payout(msgspec.Struct):
    id: str
    amount: Decimal | None = None
    currency: str | None = None
    status: str | None = None
    arrival_date: int | None = None
    created: int | None = None
    statement_descriptor: str | None = None
    trace_id: TraceId | None = None
    destination: Any = None


class Dispute(msgspec.Struct):
    id: str
    amount: Decimal | None = None
    currency: str | None = None
    created: int | None = None
    reason: str | None = None
    status: str | None = None


class Source:
    """What a transaction comes from: an id, or an object that says more."""

    def __init__(self, value: Any):
        self.object: dict[str, Any] = value if isinstance(value, dict) else {}
        self._id = value if isinstance(value, str) else self.get("id")

    def get(self, name: str) -> str:
        """Return a text, or the id of an object that was asked for in place of its id."""
        value = self.object.get(name)
        if isinstance(value, dict):
            value = value.get("id")
        return text(value) if isinstance(value, str) else ""

    def inner(self, name: str) -> Source:
        value = self.object.get(name)
        return Source(value if isinstance(value, dict) else None)

    @property
    def id(self) -> str:
        return text(self._id) if isinstance(self._id, str) else ""

    @property
    def order_ref(self) -> str:
        """Return the order's number from the metadata, else from the description."""
        metadata = self.object.get("metadata")
        if isinstance(metadata, dict):
            for key in _ORDER_KEYS:
                value = metadata.get(key)
                if isinstance(value, str) and text(value):
                    return text(value)
        return order_in(self.get("description"))


def order_in(description: str | None) -> str:
    """Return the order's number that a text names, or nothing."""
    found = _ORDER_TEXT.search(text(description)[:500])
    return found[1].removeprefix("#") if found else ""


def stated(value: Decimal | None, currency: str, where: str) -> Decimal:
    """Return an amount of smallest units that has to be there, in whole ones.

    :raises ChannelParseError: it is missing
    """
    if value is None:
        raise ChannelParseError("missing", where)
    return from_minor(value, currency, where)
