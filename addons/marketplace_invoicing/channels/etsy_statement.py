"""Etsy's monthly statement of the payment account, a CSV download.

- The columns are read in English and in German: ``Datum, Art, Titel, Info, Währung, Betrag,
  Gebühren & Steuern, Netto, Steuerliche Angaben``, as sellers' files of 2025 have them. Amounts
  have a point for decimals and commas between thousands in both.
- Days are written in many ways: "January 31, 2022", "31 July, 2026", "15. July 2025", "31. Januar
  2026". A day in figures with slashes is refused, as it may be either of two.
- Of a row with ``Amount`` and ``Fees & Taxes`` each is a line; ``Net`` is their sum.
- Types are coded with what the title says besides names and numbers: ``Fee/Listing fee``.
- A deposit states its amount in the title alone: "$75.57 sent to your bank account".
- Rows have no id: lines go by their content, and alike ones are counted.
- There is no total and no balance: payouts are the deposits. What the rows come to besides is
  what the account holds at the end of the month, less what it held before: next month's deposits
  pay it out, and only the account itself can confirm it.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any, BinaryIO, NamedTuple

from .base import (
    ZERO,
    ChannelParseError,
    ParseFailure,
    Sample,
    only_currency,
    to_currency,
    to_datetime,
)
from .etsy_csv import read_amount
from .settlement import ParsedSettlement, ParsedSettlementLine, SettlementLineType
from .settlement_json import NOON, content_key
from .tables import Row, Table, read_text, write_text

CODE = "etsy.statement.csv"

_COLUMNS = {
    "date": ("date", "datum"),
    "type": ("type", "art"),
    "title": ("title", "titel"),
    "info": ("info",),
    "currency": ("currency", "währung"),
    "amount": ("amount", "betrag"),
    "fees": ("fees & taxes", "gebühren & steuern"),
    "net": ("net", "netto"),
}
_NAMES = {word: name for name, words in _COLUMNS.items() for word in words}
_NEEDED = frozenset({"date", "type", "title", "info", "fees"})
_TYPES: dict[str, SettlementLineType] = {
    "sale": "sale",
    "verkauf": "sale",
    "refund": "refund",
    "rückerstattung": "refund",
    "fee": "fee",
    "gebühr": "fee",
    "marketing": "fee",
    "shipping": "fee",
    "versand": "fee",
    "vat": "fee",
    "mwst": "fee",
    "tax": "tax_withheld",
    "steuer": "tax_withheld",
    "buyer fee": "tax_withheld",
    "reserve": "reserve",
    "deposit": "transfer",
    "payout": "transfer",
    "überweisung": "transfer",
    "auszahlung": "transfer",
}
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            *("january januar", "february februar", "march märz", "april", "may mai"),
            *("june juni", "july juli", "august", "september", "october oktober"),
            *("november", "december dezember"),
        ),
        start=1,
    )
    for name in names.split()
}
_SHORT = {name[:3]: number for name, number in _MONTHS.items()}
_MONTH_FIRST = re.compile(r"([^\W\d]+)\.? (\d{1,2}),? (\d{4})")
_DAY_FIRST = re.compile(r"(\d{1,2})\.? ([^\W\d]+)\.?,? (\d{4})")
_FIGURES = re.compile(r"(\d{4})-(\d{2})-(\d{2})|(\d{1,2})\.(\d{1,2})\.(\d{4})")
_ORDER = re.compile(
    r"\b(?:order|bestellung|bestellnr\.?)\s*(?:nr\.?)?\s*#?\s*(\d{4,})", re.IGNORECASE
)
_NUMBER = re.compile(r"#?\b(\d{4,})\b")
_MONEY = re.compile(r"(-?[^\d\s\-.,()]{0,4}\s?\d[\d,]*(?:\.\d+)?)")
# What is said of one row only: the order, numbers, amounts, remarks.
_OWN = re.compile(
    r"\([^()]*\)|(?:\b(?:for|für)\s+)?\b(?:order|bestellung|listing|label)\b\s*#\s*\d+"
    r"|\S*\d\S*",
    re.IGNORECASE,
)
_SHIPPING = ("shipping", "versand")


class _Columns(NamedTuple):
    names: tuple[str, ...]
    positions: Mapping[str, int]
    delimiter: str

    def text(self, row: Row, name: str) -> str:
        position = self.positions.get(name, len(row.cells))
        cell = row.cells[position] if position < len(row.cells) else ""
        return " ".join(html.unescape(cell).split())

    def place(self, row: Row, name: str) -> str:
        position = self.positions.get(name)
        column = name if position is None else self.names[position]
        return f"line {row.line}, column {column}"

    def amount(self, row: Row, name: str) -> Decimal | None:
        written = self.text(row, name)
        if written.strip("-\u2013\u2014") == "":
            return None
        return read_amount(written, self.place(row, name))


class _Read(NamedTuple):
    day: datetime
    currency: str
    lines: list[ParsedSettlementLine]


def _columns(table: Table) -> _Columns:
    positions: dict[str, int] = {}
    for position, column in enumerate(table.columns):
        name = _NAMES.get(_plain(column))
        if name:
            positions.setdefault(name, position)
    if not positions.keys() >= _NEEDED:
        raise ChannelParseError("not the columns of a statement", "line 1")
    return _Columns(table.columns, positions, table.delimiter)


def _plain(column: str) -> str:
    return " ".join(html.unescape(column.replace("\ufeff", "")).split()).casefold()


def is_statement(sample: Sample) -> bool:
    return sample.kind == "table" and _NEEDED <= {
        _NAMES.get(_plain(column)) for column in sample.columns
    }


def parse(source: BinaryIO) -> Iterator[ParsedSettlement | ParseFailure]:
    """Yield one settlement, that of the statement's month, and the rows that cannot be read.

    :raises ChannelParseError: not a table, or not with these columns
    """
    table = read_text(source)
    columns = _columns(table)
    found: list[_Read] = []
    seen: Counter[str] = Counter()
    for row in table.rows:
        try:
            read = _read(columns, row, seen)
            if found:
                place = columns.place(row, "currency")
                only_currency([(place, read.currency)], found[0].currency)
            found.append(read)
        except ChannelParseError as error:
            text = write_text([columns.names, row.cells], columns.delimiter)
            yield ParseFailure(where=error.where, reason=error.reason, raw=text)
    if found:
        yield _settlement(found)


def _settlement(rows: list[_Read]) -> ParsedSettlement:
    months = Counter(f"{row.day:%Y-%m}" for row in rows)
    # A card payment of a later month may be listed with the month it pays for.
    month = max(sorted(months), key=months.__getitem__)
    days = [row.day for row in rows]
    return ParsedSettlement(
        external_ref=f"statement {month}",
        format=CODE,
        platform="etsy",
        where="line 1",
        currency=rows[0].currency,
        is_period=True,
        status="closed",
        period_start=min(days),
        period_end=max(days),
        rows=len(rows),
        lines=tuple(line for row in rows for line in row.lines),
    )


def _read(columns: _Columns, row: Row, seen: Counter[str]) -> _Read:
    day = _day(columns.text(row, "date"), columns.place(row, "date"))
    currency = to_currency(
        columns.text(row, "currency"), columns.place(row, "currency")
    )
    word, title = columns.text(row, "type"), columns.text(row, "title")
    if not word:
        raise ChannelParseError("missing", columns.place(row, "type"))
    kind = _kind(word, title)
    if kind == "transfer":
        amounts = [("", kind, word, -abs(_deposit(columns, row)))]
    else:
        amounts = _amounts(columns, row, kind, _code(word, title))
    content = [cell for cell in row.cells if cell.strip()]
    seen["|".join(content)] += 1
    key = content_key(content, seen["|".join(content)])
    info = columns.text(row, "info")
    named = _ORDER.search(info) or _ORDER.search(title)
    other = None if named else _NUMBER.search(info) or _NUMBER.search(title)
    common: dict[str, Any] = {
        "posted_at": day,
        "order_ref": named[1] if named else "",
        "reference": other[1] if other and kind != "transfer" else "",
        "description": f"{title} ({info})" if info else title,
        "where": f"line {row.line}",
    }
    lines = [
        ParsedSettlementLine(
            external_ref=f"{key}{suffix}",
            type=meant,
            code=code,
            amount=amount,
            **common,
        )
        for suffix, meant, code, amount in amounts
        if amount
    ]
    return _Read(day, currency, lines)


def _kind(word: str, title: str) -> SettlementLineType:
    """Return what a row is; what Etsy charges VAT on is its own services."""
    kind = _TYPES.get(word.casefold(), "adjustment")
    is_own_vat = title.casefold().startswith(("vat", "mwst"))
    return "fee" if kind == "tax_withheld" and is_own_vat else kind


def _code(word: str, title: str) -> str:
    head, _colon, tail = title.partition(":")
    rest = head if tail.strip().casefold() not in _SHIPPING else title
    said = " ".join(_OWN.sub(" ", rest).split()).strip(" -,.:")
    return f"{word}/{said}" if said and said.casefold() != word.casefold() else word


def _amounts(
    columns: _Columns, row: Row, kind: SettlementLineType, code: str
) -> list[tuple[str, SettlementLineType, str, Decimal]]:
    """Return the amounts of a row: what it says, and what is charged with it.

    :raises ChannelParseError: no amount, or Net is not their sum
    """
    amount, fees, net = (
        columns.amount(row, name) for name in ("amount", "fees", "net")
    )
    if not amount and fees:
        amount = None
    if amount is None and fees is None:
        if net is None:
            raise ChannelParseError("missing", columns.place(row, "amount"))
        amount = net
    total = (amount or ZERO) + (fees or ZERO)
    if net is not None and net != total:
        raise ChannelParseError(
            f"{net}, but the other columns sum to {total}", columns.place(row, "net")
        )
    charged = code if amount is None else f"{code.split('/')[0]}/fees"
    # A tax or a label stands in the column of fees, and is nothing else than what its type says.
    meant: SettlementLineType = kind if amount is None else "fee"
    return [
        ("", kind, code, amount or ZERO),
        (":fee" if amount is not None else "", meant, charged, fees or ZERO),
    ]


def _deposit(columns: _Columns, row: Row) -> Decimal:
    """Return what went to the bank: from the columns, else from the title."""
    for name in ("amount", "net"):
        amount = columns.amount(row, name)
        if amount:
            return amount
    title = columns.text(row, "title")
    place = columns.place(row, "title")
    found = _MONEY.search(title)
    if not found:
        raise ChannelParseError("a deposit without an amount", place)
    return read_amount(found[1].replace(" ", ""), place)


def _day(written: str, where: str) -> datetime:
    """Return noon UTC of a day.

    :raises ChannelParseError: not a day, or one that may be either of two
    """
    year = month = day = 0
    if match := _MONTH_FIRST.fullmatch(written):
        year, month, day = int(match[3]), _month(match[1]), int(match[2])
    elif match := _DAY_FIRST.fullmatch(written):
        year, month, day = int(match[3]), _month(match[2]), int(match[1])
    elif match := _FIGURES.fullmatch(written):
        parts = match.groups()[:3] if match[1] else match.groups()[:2:-1]
        year, month, day = (int(part) for part in parts)
    try:
        moment = datetime(year, month, day, NOON, tzinfo=timezone.utc)
    except ValueError as error:
        raise ChannelParseError("not a day as a statement writes it", where) from error
    return to_datetime(moment.isoformat(), where) or moment


def _month(name: str) -> int:
    word = name.casefold()
    return _MONTHS.get(word) or (_SHORT.get(word, 0) if len(word) == 3 else 0)
