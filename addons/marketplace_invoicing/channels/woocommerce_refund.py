"""WooCommerce REST API v3 refunds of an order: a list or a single one.

- ``amount`` wins over the lines, which may be missing or come to something else.
- Quantities and totals of the lines are negative; totals are net of tax, as on orders.
- The body names neither the order nor the currency. The order stands in the addresses
  of ``_links`` (or in ``parent_id`` of ``/wc/v3/refunds``); the currency is the order's.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO

import msgspec

from .base import (
    ZERO,
    ChannelParseError,
    LineKind,
    ParsedRefund,
    ParsedRefundLine,
    ParseFailure,
    to_datetime,
)
from .jsonio import convert, dumps
from .jsonrecords import (
    check_amount,
    check_values,
    identifier,
    inside,
    locate,
    read_records,
    text,
)

CODE = "woocommerce.refunds.v3"
_ORDER = re.compile(r"/orders/(\d+)(?=/|$|\?)")
#: Which line of the order a line of the refund takes back.
_REFUNDED_ITEM = "_refunded_item_id"

Ref = int | str


class Meta(msgspec.Struct):
    key: str | None = None
    value: object = None


class Line(msgspec.Struct):
    name: str | None = None
    method_title: str | None = None
    sku: str | None = None
    quantity: Decimal | None = None
    total: Decimal | None = None
    total_tax: Decimal | None = None
    meta_data: list[Meta] | None = None


class Link(msgspec.Struct):
    href: str | None = None


class Links(msgspec.Struct):
    up: list[Link] | None = None
    self_: list[Link] | None = msgspec.field(default=None, name="self")
    collection: list[Link] | None = None


class Refund(msgspec.Struct):
    id: Ref | None = None
    parent_id: Ref | None = None
    date_created_gmt: str | None = None
    amount: Decimal | None = None
    reason: str | None = None
    line_items: list[Line] | None = None
    shipping_lines: list[Line] | None = None
    fee_lines: list[Line] | None = None
    links: Links | None = msgspec.field(default=None, name="_links")


def parse(source: BinaryIO) -> Iterator[ParsedRefund | ParseFailure]:
    """Yield the refunds; ``order_ref`` is empty where nothing names the order.

    :raises ChannelParseError: not JSON, or no refunds
    """
    for place in list(locate(source, {})):
        yield from read_records(source, place, _read)  # type: ignore[arg-type,misc]


def _read(record: Any, where: str) -> Any:
    refund = convert(record, Refund, where)
    with inside(where):
        check_values(refund, check_amount)
        if refund.amount is None:
            raise ChannelParseError("missing", "amount")
        return ParsedRefund(
            external_ref=identifier(refund.id, "id"),
            amount=abs(refund.amount),
            currency="",
            created_at=to_datetime(refund.date_created_gmt, "date_created_gmt"),
            reason=html.unescape(text(refund.reason)),
            order_ref=_order_ref(refund),
            lines=tuple(_lines(refund)),
            format=CODE,
            platform="woocommerce",
            where=where,
            raw=dumps(record),
        )


def _order_ref(refund: Refund) -> str:
    links = refund.links or Links()
    for link in (*(links.up or ()), *(links.self_ or ()), *(links.collection or ())):
        found = _ORDER.search(text(link.href))
        if found:
            return found[1]
    parent = text(str(refund.parent_id)) if refund.parent_id else ""
    return "" if parent == "0" else parent


def _lines(refund: Refund) -> Iterator[ParsedRefundLine]:
    kinds: tuple[tuple[LineKind, list[Line] | None], ...] = (
        ("product", refund.line_items),
        ("shipping", refund.shipping_lines),
        ("fee", refund.fee_lines),
    )
    for kind, lines in kinds:
        for line in lines or ():
            if line.total:
                yield _line(kind, line)


def _line(kind: LineKind, line: Line) -> ParsedRefundLine:
    refs = [
        text(str(meta.value))
        for meta in line.meta_data or ()
        if meta.key == _REFUNDED_ITEM and isinstance(meta.value, (int, str))
    ]
    return ParsedRefundLine(
        kind=kind,
        line_ref=refs[0] if refs else "",
        sku=text(line.sku),
        title=html.unescape(text(line.name) or text(line.method_title)),
        quantity=abs(line.quantity or ZERO) if kind == "product" else ZERO,
        amount=-(line.total or ZERO),
        tax=None if line.total_tax is None else -line.total_tax,
        tax_included=False,
        liability="seller",
    )
