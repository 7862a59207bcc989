"""Etsy's downloads for sellers: "Sold orders" and "Sold order items", comma separated.

The first file has one row per order and all its money, the second one row per item and no
total. Each is read alone (its orders then lack the ``items`` or the ``header`` part) and
:func:`merge_raw` joins them by order number: the raw text of an order is one or two small
tables, each with its header row, so a header row may occur anywhere in a file.

- Dates are American (``01/31/22``) and have no time; they are read as noon UTC, which is that
  day for nearly every clock on earth. Amounts may have a currency sign and thousands commas.
- ``Order Shipping`` and ``Order Sales Tax`` of the items file belong to the order and stand on
  its first item (some exports repeat them): the largest value counts, never the sum.
- ``Discount Amount`` of an item is its own; where the items of an order do not add up to the
  order's discount, the latter is spread over them.
- Etsy states that a tax was paid, not who remits it: always ``unknown``.
- British exports say Delivery for Shipping and Posted for Shipped.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from decimal import Decimal
from functools import lru_cache
from typing import BinaryIO

from babel import Locale

from .base import (
    ZERO,
    ChannelParseError,
    OrderPart,
    ParsedAddress,
    ParsedBuyer,
    ParsedLine,
    ParsedOrder,
    ParseFailure,
    Record,
    Sample,
    only_currency,
    to_currency,
    to_datetime,
    to_decimal,
)
from .etsy_lines import (
    OrderTax,
    add_tax,
    build_lines,
    charge_lines,
    order_status,
    paid_through_channel,
    payment_status,
    unsaid,
)
from .jsonrecords import times

CODE = "etsy.orders.csv"

_ORDERS = frozenset({"sale date", "order id", "order value", "order total"})
_ITEMS = frozenset({"sale date", "order id", "item name", "quantity", "price"})
_RENAMED = {
    "date posted": "date shipped",
    "delivery": "shipping",
    "delivery discount": "shipping discount",
    "order delivery": "order shipping",
}
_MONTHS = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
_NUMERIC_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})")
_WRITTEN_DATE = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}), (\d{4})")
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
# -US$1,234.56: sign, currency sign, digits in groups of three or without groups, decimals after
# a point.
_AMOUNT = re.compile(r"(-?)[^\d\-.,()]{0,5}(-?)(\d{1,3}(?:,\d{3})+|\d+)?((?:\.\d+)?)")
_LOGIN = re.compile(r"\(([^()\s]+)\)\s*$")
_NOON = 12
# Etsy's names of countries where Unicode's differ.
_COUNTRY_NAMES = {
    "bosnia and herzegovina": "BA",
    "british virgin islands": "VG",
    "cape verde": "CV",
    "czech republic": "CZ",
    "hong kong": "HK",
    "ivory coast": "CI",
    "macao": "MO",
    "macedonia": "MK",
    "myanmar": "MM",
    "south korea": "KR",
    "the netherlands": "NL",
    "trinidad and tobago": "TT",
    "turkey": "TR",
    "u.s. virgin islands": "VI",
}

Kind = str  # "orders" or "items"


def _normal(column: str) -> str:
    """Return a column's name in small letters and in American English."""
    name = " ".join(column.replace("\ufeff", "").split()).lower()
    name = _RENAMED.get(name, name)
    return (
        "ship " + name.removeprefix("delivery ")
        if name.startswith("delivery ")
        else name
    )


def _table_kind(columns: Iterable[str]) -> Kind | None:
    names = {_normal(column) for column in columns}
    if names >= _ORDERS:
        return "orders"
    return "items" if names >= _ITEMS else None


def is_sold_orders(sample: Sample) -> bool:
    return sample.kind == "table" and _table_kind(sample.columns) is not None


@dataclass(frozen=True, slots=True)
class _Table:
    kind: Kind
    columns: tuple[str, ...]
    #: Position of each column by its normal name; the first of equals counts.
    positions: Mapping[str, int] = field(compare=False)

    @classmethod
    def of(cls, kind: Kind, columns: Sequence[str]) -> _Table:
        numbered = reversed(list(enumerate(columns)))
        return cls(kind, tuple(columns), {_normal(name): at for at, name in numbered})


@dataclass(frozen=True, slots=True)
class _Row:
    """One row with its table and its line in the file."""

    table: _Table
    cells: tuple[str, ...]
    line: int

    @property
    def order_id(self) -> str:
        return self.text("order id").removeprefix("#")

    def text(self, name: str) -> str:
        position = self.table.positions.get(name, len(self.cells))
        return self.cells[position].strip() if position < len(self.cells) else ""

    def place(self, name: str) -> str:
        """Return where a value stands, with the column as the file names it."""
        position = self.table.positions.get(name)
        column = name.title() if position is None else self.table.columns[position]
        return f"line {self.line}, column {column.strip()}"

    def amount(self, name: str) -> Decimal | None:
        text = self.text(name)
        return None if text in ("", "--") else read_amount(text, self.place(name))

    def zero(self, name: str) -> Decimal:
        value = self.amount(name)
        return ZERO if value is None else value

    def day(self, name: str) -> datetime | None:
        text = self.text(name)
        return _read_day(text, self.place(name)) if text else None


def read_amount(text: str, where: str) -> Decimal:
    """Return the number of ``$1,234.56``, ``-CA$5.00``, ``5``.

    :raises ChannelParseError: not a decimal
    """
    match = _AMOUNT.fullmatch(text)
    if not match or not (match[3] or match[4]):
        raise ChannelParseError("not a decimal", where)
    sign = "-" if match[1] or match[2] else ""
    return to_decimal(f"{sign}{(match[3] or '0').replace(',', '')}{match[4]}", where)


def _read_day(text: str, where: str) -> datetime | None:
    """Return noon UTC of a date as Etsy writes it: 01/31/22, 01/31/2022, Jan 31, 2022."""
    year, month, day = _date_parts(text)
    try:
        moment = datetime(year, month, day, _NOON, tzinfo=timezone.utc)
    except ValueError as error:
        raise ChannelParseError("not a date as month/day/year", where) from error
    return to_datetime(moment.isoformat(), where)


def _date_parts(text: str) -> tuple[int, int, int]:
    """Return year, month, day; zeros for what is no date."""
    numeric = _NUMERIC_DATE.fullmatch(text)
    if numeric:
        month, day, year = (int(part) for part in numeric.groups())
        return (year + 2000 if year < 100 else year), month, day
    written = _WRITTEN_DATE.fullmatch(text)
    if written and written[1][:3].lower() in _MONTHS:
        return (
            int(written[3]),
            _MONTHS.index(written[1][:3].lower()) + 1,
            int(written[2]),
        )
    iso = _ISO_DATE.fullmatch(text)
    return (int(iso[1]), int(iso[2]), int(iso[3])) if iso else (0, 0, 0)


# Reading rows


def parse_sold_orders(source: BinaryIO) -> Iterator[Record]:
    """Read a "Sold orders" file, a "Sold order items" file, or the raw text of an order with both.

    Rows of one order that follow each other make one record.
    """
    group: list[_Row] = []
    for row in _rows(source):
        if group and row.order_id != group[0].order_id:
            yield _read(group)
            group = []
        group.append(row)
    if group:
        yield _read(group)


def _rows(source: BinaryIO) -> Iterator[_Row]:
    source.seek(0)
    text = io.TextIOWrapper(source, encoding="utf-8-sig", newline="")
    reader = csv.reader(text, strict=True)
    table: _Table | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            _refuse_binary(cells, reader.line_num)
            kind = _table_kind(cells)
            if kind:
                table = _Table.of(kind, [" ".join(cell.split()) for cell in cells])
            elif table is None:
                raise ChannelParseError(
                    "neither the columns of sold orders nor of sold order items",
                    "line 1",
                )
            else:
                # One kind of line end inside values: the writer does not quote a lone CR.
                values = (re.sub(r"\r\n?", "\n", cell) for cell in cells)
                yield _Row(table, tuple(values), reader.line_num)
    except UnicodeDecodeError as error:
        raise ChannelParseError(
            "text that is not UTF-8", f"line {reader.line_num + 1}"
        ) from error
    except csv.Error as error:
        raise ChannelParseError(
            f"not a CSV file: {error}", f"line {reader.line_num}"
        ) from error
    finally:
        text.detach()
    if table is None:
        raise ChannelParseError("an empty file")


def _refuse_binary(cells: Sequence[str], line: int) -> None:
    if any("\0" in cell for cell in cells):
        raise ChannelParseError("not a text file", f"line {line}")


def _write(rows: Sequence[_Row]) -> str:
    """Return rows as a file that the parser reads again: each table once, with its header."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    table: _Table | None = None
    for row in sorted(rows, key=lambda row: row.table.kind, reverse=True):
        if row.table != table:
            table = row.table
            writer.writerow(table.columns)
        writer.writerow(row.cells)
    return out.getvalue()


def merge_raw(raws: Sequence[str]) -> str:
    """Return one raw text for one order from several; later rows replace earlier ones.

    :param raws: raw texts of the same order, in the order received
    :raises ChannelParseError: one of them is not such a text
    """
    newest: dict[tuple[Kind, str], _Row] = {}
    for raw in raws:
        for position, row in enumerate(_rows(io.BytesIO(raw.encode()))):
            item = row.text("transaction id") or str(position)
            key = (row.table.kind, item if row.table.kind == "items" else "")
            newest[key] = row
    return _write(list(newest.values()))


# Building orders


@dataclass(slots=True)
class _Group:
    """The rows of one order."""

    header: _Row | None
    items: list[_Row] = field(default_factory=list)

    @property
    def first(self) -> _Row:
        return self.header or self.items[0]

    @property
    def rows(self) -> list[_Row]:
        return [self.header, *self.items] if self.header else self.items

    def text(self, *names: str) -> str:
        """Return the first value that is there, of any of the columns, the order's row first."""
        found = (row.text(name) for name in names for row in self.rows)
        return next((text for text in found if text), "")

    def days(self, name: str) -> list[datetime]:
        return [day for day in (row.day(name) for row in self.rows) if day]

    def largest(self, name: str) -> Decimal:
        """Return an order's figure that stands on one or on every item."""
        return max((row.zero(name) for row in self.items), default=ZERO)


def _read(rows: Sequence[_Row]) -> Record:
    first = rows[0]
    try:
        return _order(rows)
    except ChannelParseError as error:
        return ParseFailure(
            where=error.where or f"line {first.line}",
            reason=error.reason,
            external_ref=first.order_id,
            raw=_write(rows),
        )


def _order(rows: Sequence[_Row]) -> ParsedOrder:
    group = _group(rows)
    reference = group.first.order_id
    if not reference:
        raise ChannelParseError("missing", group.first.place("order id"))
    currency = _currency(group)
    header = group.header
    total = header.amount("order total") if header else None
    sold = group.days("sale date")
    return ParsedOrder(
        external_ref=reference,
        format=CODE,
        platform="etsy",
        where=f"line {group.first.line}",
        raw=_write(rows),
        parts=_parts(group),
        currency=currency,
        amount_total=total,
        amount_current=_adjusted(header),
        amount_tax=header.amount("sales tax") if header else None,
        amount_shipping=header.amount("shipping") if header else None,
        amount_discount=header.amount("discount amount") if header else None,
        created_at=min(sold, default=None),
        paid_at=max(group.days("date paid"), default=None),
        shipped_at=_shipped_at(group),
        marketplace="etsy.com",
        lines=_lines(group, total),
        shipping_address=_address(group),
        buyer=_buyer(group),
        **_states(group),
    )


def _group(rows: Sequence[_Row]) -> _Group:
    for row in rows:
        if any(cell.strip() for cell in row.cells[len(row.table.columns) :]):
            raise ChannelParseError("more values than columns", f"line {row.line}")
    headers = [row for row in rows if row.table.kind == "orders"]
    items = [row for row in rows if row.table.kind == "items"]
    if len(headers) > 1:
        raise ChannelParseError("the order has two rows", f"line {headers[1].line}")
    return _Group(headers[0] if headers else None, items)


def _parts(group: _Group) -> frozenset[OrderPart]:
    parts: set[OrderPart] = {"address", "buyer"}
    if group.header:
        parts.add("header")
    if group.items:
        parts.add("items")
    return frozenset(parts)


def _currency(group: _Group) -> str | None:
    stated = [(row.place("currency"), row.text("currency")) for row in group.rows]
    codes = [(where, to_currency(code, where)) for where, code in stated if code]
    if not codes:
        return None
    only_currency(codes, codes[0][1])
    return codes[0][1]


def _adjusted(header: _Row | None) -> Decimal | None:
    """Return the total after refunds; Etsy writes nothing or zero where there were none."""
    return (header.amount("adjusted order total") or None) if header else None


def _shipped_at(group: _Group) -> datetime | None:
    """Return when the last item left; None while one of them has not."""
    if any(not row.text("date shipped") for row in group.rows):
        return None
    return max(group.days("date shipped"), default=None)


# Lines


def _lines(group: _Group, total: Decimal | None) -> tuple[ParsedLine, ...]:
    """Return the lines; an order's own row has no items, only their number and SKUs."""
    if not group.items:
        return ()
    products, discount = _discounts(group, [_product_line(row) for row in group.items])
    taxes = [OrderTax(name="Sales tax", amount=_sales_tax(group), field="Sales Tax")]
    unit = _unit(group)

    def lines(shipping: Decimal) -> tuple[ParsedLine, ...]:
        return build_lines(
            products,
            charge_lines(shipping),
            discount=discount,
            taxes=taxes,
            total=total,
            unit=unit,
        )

    readings = [lines(shipping) for shipping in _shipping(group)]
    adding_up = (
        one for one in readings if sum(part.amount_with_tax for part in one) == total
    )
    return next(adding_up, readings[0])


def _product_line(row: _Row) -> ParsedLine:
    quantity = to_decimal(
        row.text("quantity").replace(",", "") or "1", row.place("quantity")
    )
    variations = row.text("variations")
    title = row.text("item name")
    line = ParsedLine(
        external_ref=row.text("transaction id") or f"line {row.line}",
        sku=row.text("sku"),
        product_ref=row.text("listing id"),
        title=f"{title} ({variations})" if variations else title,
        quantity=quantity,
        amount=times(row.zero("price"), quantity, row.place("price")),
    )
    vat = row.zero("vat paid by buyer")
    if not vat:
        return line
    return add_tax(
        line, name="VAT", amount=vat, evidence=unsaid("VAT Paid by Buyer", vat)
    )


def _discounts(
    group: _Group, lines: list[ParsedLine]
) -> tuple[list[ParsedLine], Decimal]:
    """Return the lines with their own discounts, and what of the order's is left to spread."""
    own = [abs(row.zero("discount amount")) for row in group.items]
    stated = group.header.amount("discount amount") if group.header else None
    total = sum(own, ZERO) if stated is None else abs(stated)
    fitting = all(part <= line.amount for part, line in zip(own, lines, strict=True))
    if sum(own, ZERO) != total or not fitting:
        return lines, total
    return [
        replace(line, amount=line.amount - part, discount=part)
        for line, part in zip(lines, own, strict=True)
    ], ZERO


def _shipping(group: _Group) -> list[Decimal]:
    """Return what shipping may have cost: stated before its discount, or else after it."""
    if group.header and group.header.amount("shipping") is not None:
        cost = group.header.zero("shipping")
        discount = abs(group.header.zero("shipping discount"))
    else:
        cost = group.largest("order shipping")
        discount = abs(group.largest("shipping discount"))
    return [max(cost - discount, ZERO), cost]


def _sales_tax(group: _Group) -> Decimal:
    if group.header and group.header.amount("sales tax") is not None:
        return group.header.zero("sales tax")
    return group.largest("order sales tax")


def _unit(group: _Group) -> Decimal:
    """Return the finest unit among the amounts: a yen order shows no decimals anywhere."""
    names = (
        "order total",
        "order value",
        "shipping",
        "price",
        "item total",
        "sales tax",
    )
    exponents = (
        int(amount.as_tuple().exponent)
        for row in group.rows
        for amount in (row.amount(name) for name in names)
        if amount is not None
    )
    return Decimal(1).scaleb(min(exponents, default=0))


# States, people


def _states(group: _Group) -> Mapping[str, object]:
    word = group.text("status")
    method = group.text("payment method", "payment type")
    online = group.text("payment type").lower().startswith("online")
    through = True if online else paid_through_channel(method)
    paid = True if group.text("date paid") else None
    shipped = all(row.text("date shipped") for row in group.rows)
    return {
        "channel_status": word or None,
        "status": order_status(
            word, paid=paid, shipped=shipped, direct=through is False
        ),
        "payment_status": payment_status(word, paid=paid, refunded=False),
        "payment_method": method,
        "paid_through_channel": through,
    }


def _address(group: _Group) -> ParsedAddress:
    return ParsedAddress(
        name=group.text("full name", "ship name"),
        street=group.text("street 1", "ship address1"),
        street2=group.text("street 2", "ship address2"),
        city=group.text("ship city"),
        state=group.text("ship state"),
        zip=group.text("ship zipcode"),
        country=country_of(group.text("ship country")),
    )


def _buyer(group: _Group) -> ParsedBuyer:
    """Return the buyer; ``Buyer`` is "Jane (login)", the order's own row has the login alone."""
    buyer = group.text("buyer")
    login = _LOGIN.search(buyer)
    return ParsedBuyer(
        external_ref=group.text("buyer user id") or (login[1] if login else buyer),
        name=group.text("full name", "ship name"),
    )


@lru_cache(maxsize=1)
def _country_codes() -> dict[str, str]:
    names = Locale("en").territories.items()
    codes = {_plain(name): code for code, name in names if len(code) == 2}
    return {**codes, **_COUNTRY_NAMES}


def _plain(name: str) -> str:
    return name.strip().lower().replace("&", "and").replace("st. ", "saint ")


def country_of(name: str) -> str:
    """Return the ISO code of a country that Etsy names in English; "" for a name nobody knows."""
    known = _plain(name)
    if len(known) == 2 and known.isascii() and known.isalpha():
        return known.upper()
    return _country_codes().get(known, "")
