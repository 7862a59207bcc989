"""Amazon's all-orders report, ``GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL``.

Tab separated without quotes, a row per item, rows of an order usually but not always
together. The file is read twice: first only the order ids, to know the last row of each
order, then the rows, so that no more orders are held than are open at a time.

What the report leaves open:

- It has no total of the order: ``amount_total`` is None and nothing can be compared
  with it.
- It has no item id: a line is named by its SKU, a further row of the same SKU by SKU
  and number (``MUG#2``).
- Discounts come with either sign; they always lower the price.
- ``tax-collection-model`` is a column that a seller adds to the report. Without it
  nobody says who collected a tax: unknown. ``vat-exclusive-item-price``, where present,
  tells whether prices contain the tax.
- The encoding is UTF-8, or that of the marketplace: cp1252, cp932 for Japan.
"""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import Any, BinaryIO

from .amazon_common import (
    PLATFORM,
    Charge,
    Evidence,
    Item,
    Purse,
    buyer_ref,
    fulfilled_by,
    item_lines,
    item_totals,
    liability_of,
    note_of,
    payment_of,
    status_of,
    to_country,
    to_moment,
    to_quantity,
)
from .base import (
    ALL_PARTS,
    ZERO,
    ChannelParseError,
    Liability,
    OrderStatus,
    ParsedAddress,
    ParsedBuyer,
    ParsedOrder,
    ParseFailure,
    Record,
    to_decimal,
)

FORMAT = "amazon.flat.all_orders"
ORDER_ID = "amazon-order-id"
#: Columns by which the report is told from Amazon's other tab separated files.
COLUMNS = frozenset({ORDER_ID, "purchase-date", "order-status", "item-price"})

# Far beyond any row; a line without end is a binary file.
_LONGEST_LINE = 1 << 20
_CHUNK = 1 << 16
_BOM = "\ufeff"
_JAPAN = (b"Amazon.co.jp", b"\tJPY\t")


@dataclass(slots=True)
class _Table:
    """The report: its encoding, header and the last line number of each order."""

    encoding: str
    header: str
    columns: tuple[str, ...]
    last_line: dict[str, int]


@dataclass(slots=True)
class _Row:
    """One row as a mapping; a cell that is not there is empty."""

    number: int
    cells: dict[str, str]

    def get(self, *names: str) -> str:
        """Return the first of the cells that is not empty."""
        return next((self.cells[name] for name in names if self.cells.get(name)), "")

    def place(self, column: str) -> str:
        return f"line {self.number}, column {column}"


def parse(source: BinaryIO) -> Iterator[Record]:
    """Yield a record per order, when its last row was read.

    :param source: a seekable stream of the report
    :raises ChannelParseError: not this report, or text in no encoding that Amazon uses
    """
    table = _scan(source)
    waiting: dict[str, list[tuple[int, str]]] = {}
    for number, line in _rows(source, table.encoding):
        ref = _order_id(line, table.columns)
        if not ref:
            yield _record(table, "", [(number, line)])
            continue
        waiting.setdefault(ref, []).append((number, line))
        if table.last_line[ref] == number:
            yield _record(table, ref, waiting.pop(ref))


def _scan(source: BinaryIO) -> _Table:
    """Return the header and where each order ends."""
    encoding = _encoding(source)
    _number, header = next(_lines(source, encoding), (1, ""))
    columns = tuple(name.strip() for name in header.split("\t"))
    missing = sorted(COLUMNS - set(columns))
    if missing:
        raise ChannelParseError(f"no column {missing[0]}", "line 1")
    last_line = {
        _order_id(line, columns): number for number, line in _rows(source, encoding)
    }
    return _Table(
        encoding=encoding, header=header, columns=columns, last_line=last_line
    )


def _encoding(source: BinaryIO) -> str:
    """Return the encoding of a file.

    :raises ChannelParseError: bytes that are text in none
    """
    if _undecodable(source, "utf-8") is None:
        return "utf-8"
    source.seek(0)
    start = source.read(_CHUNK)
    legacy = "cp932" if any(sign in start for sign in _JAPAN) else "cp1252"
    wrong = _undecodable(source, legacy)
    if wrong is not None:
        raise ChannelParseError(
            f"text that is neither UTF-8 nor {legacy}", f"after byte {wrong}"
        )
    return legacy


def _undecodable(source: BinaryIO, encoding: str) -> int | None:
    """Return the position of the part of a file that is no text in an encoding; None if all is."""
    decoder = getincrementaldecoder(encoding)()
    source.seek(0)
    position = 0
    try:
        while chunk := source.read(_CHUNK):
            decoder.decode(chunk)
            position += len(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return position
    return None


def _lines(source: BinaryIO, encoding: str) -> Iterator[tuple[int, str]]:
    """Yield the lines, numbered from 1, without their ends.

    A line feed is one byte that means nothing else in all three encodings, so lines are
    cut before decoding.
    """
    source.seek(0)
    number = 0
    while data := source.readline(_LONGEST_LINE):
        number += 1
        if len(data) == _LONGEST_LINE:
            raise ChannelParseError("a line of a megabyte", f"line {number}")
        if b"\0" in data:
            raise ChannelParseError("a binary file", f"line {number}")
        line = data.decode(encoding).rstrip("\r\n")
        yield number, line.removeprefix(_BOM) if number == 1 else line


def _rows(source: BinaryIO, encoding: str) -> Iterator[tuple[int, str]]:
    """Yield the lines below the header that are not empty."""
    return (
        (number, line)
        for number, line in _lines(source, encoding)
        if number > 1 and line.strip()
    )


def _order_id(line: str, columns: tuple[str, ...]) -> str:
    cells = line.split("\t")
    index = columns.index(ORDER_ID)
    return cells[index].strip() if index < len(cells) else ""


# -- from rows to an order -------------------------------------------------------------


def _record(table: _Table, ref: str, lines: list[tuple[int, str]]) -> Record:
    raw = "\n".join([table.header, *(line for _number, line in lines)]) + "\n"
    where = f"line {lines[0][0]}"
    try:
        rows = [_row(table.columns, number, line) for number, line in lines]
        return _order(ref, rows, where, raw)
    except ChannelParseError as error:
        return ParseFailure(
            where=error.where or where, reason=error.reason, external_ref=ref, raw=raw
        )


def _row(columns: tuple[str, ...], number: int, line: str) -> _Row:
    cells = [cell.strip() for cell in line.split("\t")]
    if any(cells[len(columns) :]):
        raise ChannelParseError("more cells than columns", f"line {number}")
    # Exports drop the empty cells at the end of a row.
    return _Row(number, dict(zip_longest(columns, cells[: len(columns)], fillvalue="")))


def _order(ref: str, rows: list[_Row], where: str, raw: str) -> ParsedOrder:
    """Return the order of some rows; what all rows repeat is read from the first.

    :raises ChannelParseError: at the first cell that cannot be read
    """
    first, purse = rows[0], Purse(("", ""))
    if not ref:
        raise ChannelParseError("missing", first.place(ORDER_ID))
    address = _address(first)
    items = [
        _item(row, name, purse, address)
        for row, name in zip(rows, _names(rows), strict=True)
    ]
    priced = all(item.is_priced for item in items)
    return ParsedOrder(
        external_ref=ref,
        format=FORMAT,
        platform=PLATFORM,
        where=where,
        raw=raw,
        parts=ALL_PARTS if priced else ALL_PARTS - {"items"},
        currency=purse.currency(),
        shipping_address=address,
        buyer=_buyer(first),
        lines=item_lines(items),
        **item_totals(items),
        **_header(first),
    )


def _names(rows: list[_Row]) -> list[str]:
    """Return a name for the line of each row that does not depend on other orders."""
    names: list[str] = []
    seen: dict[str, int] = {}
    for row in rows:
        name = row.get("order-item-id", "sku", "asin") or "item"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return names


def _header(row: _Row) -> dict[str, Any]:
    """Return status, payment, dates and channel."""
    word, sales_channel = row.get("order-status"), row.get("sales-channel")
    status = _status(word, row.place("order-status"))
    method = row.get("payment-method-details", "payment-method")
    payment_status, through_channel = payment_of(
        status,
        cash=method.upper() in ("COD", "CASHONDELIVERY"),
        elsewhere=sales_channel.lower().startswith("non-amazon"),
    )
    created = to_moment(row.get("purchase-date"), row.place("purchase-date"))
    is_replacement = _is_true(row, "is-replacement-order")
    replaces = row.get("original-order-id") if is_replacement else ""
    return {
        "channel_status": word,
        "status": status,
        "payment_status": payment_status,
        "payment_method": method,
        "paid_through_channel": through_channel,
        "created_at": created,
        "updated_at": to_moment(
            row.get("last-updated-date"), row.place("last-updated-date")
        ),
        "paid_at": created if payment_status == "paid" else None,
        "marketplace": sales_channel,
        "shipping_option": row.get("ship-service-level"),
        "fulfilled_by": fulfilled_by(row.get("fulfillment-channel", "fulfilled-by")),
        "note": note_of(row.get("purchase-order-number"), replaces),
    }


def _status(word: str, place: str) -> OrderStatus:
    """Return what a status means, which may tell of the parcel: "Shipped - Picked Up"."""
    base, _dash, detail = word.partition(" - ")
    # "Pending - Waiting for Pick Up": the parcel is pending, the order is confirmed.
    return "open" if detail and base == "Pending" else status_of(base, place)


def _is_true(row: _Row, column: str) -> bool:
    return row.get(column).lower() in ("true", "yes", "1")


def _address(row: _Row) -> ParsedAddress | None:
    address = ParsedAddress(
        name=row.get("recipient-name"),
        street=row.get("ship-address-1"),
        street2=", ".join(
            filter(None, (row.get("ship-address-2"), row.get("ship-address-3")))
        ),
        city=row.get("ship-city"),
        state=row.get("ship-state"),
        zip=row.get("ship-postal-code"),
        country=to_country(row.get("ship-country"), row.place("ship-country")),
        phone=row.get("ship-phone-number"),
    )
    return None if address == ParsedAddress() else address


def _buyer(row: _Row) -> ParsedBuyer:
    email = row.get("buyer-email")
    company = row.get("buyer-company-name", "invoice-business-legal-name")
    return ParsedBuyer(
        external_ref=buyer_ref(email),
        name=row.get("buyer-name"),
        company=company,
        email=email,
        phone=row.get("buyer-phone-number"),
        vat=row.get(
            "buyer-vat-number", "buyer-tax-registration-id", "invoice-business-tax-id"
        ),
        is_business=_is_true(row, "is-business-order") or bool(company),
    )


def _item(
    row: _Row, name: str, purse: Purse, destination: ParsedAddress | None
) -> Item:
    charges = {
        "item": _charge(
            row, purse, "item-price", "item-tax", "item-promotion-discount"
        ),
        "shipping": _charge(
            row, purse, "shipping-price", "shipping-tax", "ship-promotion-discount"
        ),
        "gift_wrap": _charge(row, purse, "gift-wrap-price", "gift-wrap-tax", ""),
    }
    liability, evidence = _liability(row, charges, destination)
    return Item(
        external_ref=name,
        sku=row.get("sku"),
        product_ref=row.get("asin"),
        title=row.get("product-name"),
        quantity=to_quantity(_decimal(row, "quantity") or ZERO, row.place("quantity")),
        charges=charges,
        tax_included=_tax_included(row, charges["item"]),
        liability=liability,
        evidence=evidence,
    )


def _charge(row: _Row, purse: Purse, price: str, tax: str, discount: str) -> Charge:
    """Return a charge; the report states taxes after discount, and none of a discount."""
    off = _money(row, purse, discount)
    return Charge(
        price=_money(row, purse, price),
        tax=_money(row, purse, tax),
        discount=ZERO if off is None else abs(off),
    )


def _money(row: _Row, purse: Purse, column: str) -> Decimal | None:
    amount = _decimal(row, column)
    if amount is not None:
        purse.take(row.get("currency"), amount, row.place("currency"))
    return amount


def _decimal(row: _Row, column: str) -> Decimal | None:
    cell = row.get(column)
    return to_decimal(cell, row.place(column)) if cell else None


def _tax_included(row: _Row, price: Charge) -> bool | None:
    """Tell by the price without VAT, where there is one, whether the price contains it."""
    net = _decimal(row, "vat-exclusive-item-price")
    if net is None or not price.price or not price.tax:
        return None
    return {price.price - price.tax: True, price.price: False}.get(net)


def _liability(
    row: _Row, charges: dict[str, Charge], destination: ParsedAddress | None
) -> tuple[Liability, str]:
    model, scheme, number = (
        Evidence(column, row.get(column))
        for column in (
            "tax-collection-model",
            "deemed-reseller-category",
            "ioss-number",
        )
    )
    is_taxed = any(charge.tax for charge in charges.values())
    if is_taxed and model.place not in row.cells and not number.value:
        return "unknown", f"no column {model.place}"
    return liability_of(
        model,
        scheme,
        number,
        destination=destination,
        is_free=all(charge.is_empty for charge in charges.values()),
    )
