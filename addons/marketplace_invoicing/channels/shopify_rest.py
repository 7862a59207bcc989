"""Orders of Shopify's REST Admin API: under ``orders`` or ``order``, a bare order, a bare list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from .base import ParsedOrder, Record
from .jsonio import convert, dumps
from .jsonrecords import Layout, Place, inside, locate, read_records
from .shopify_model import Order
from .shopify_order import Spelling, parsed_order

CODE = "shopify.orders.rest"
LAYOUTS = {
    "orders": Layout("array", Place("orders.item", "orders[{}]")),
    "order": Layout("map", Place("order", "order")),
}
# From version 2024-01 on the API leaves the flag out where it is false.
SPELLING = Spelling(
    lines="line_items[{}]",
    shipping="shipping_lines[{}]",
    tax_lines="tax_lines",
    channel_liable="channel_liable",
    flag_missing="seller",
)


def parse(source: BinaryIO) -> Iterator[Record]:
    """Yield the orders of a REST answer.

    :raises ChannelParseError: not JSON, or no orders
    """
    yield from read_records(source, next(locate(source, LAYOUTS)), _read)


def _read(record: Any, where: str) -> ParsedOrder:
    order = convert(record, Order, where)
    raw = dumps(record)
    with inside(where):
        return parsed_order(order, SPELLING, format_code=CODE, where=where, raw=raw)
