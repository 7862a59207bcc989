"""The tables of Amazon's settlement reports: their columns, how they write amounts and dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import BinaryIO

from .base import ChannelParseError
from .settlement_lines import only_one
from .tables import Row, Table, read_text, sniff, write_text
from .written import DateStyle, DateWitness, NumberStyle, NumberWitness

ID = "settlement-id"
TOTAL = "total-amount"
TRANSACTION = "transaction-type"
CURRENCY = "currency"
DATES = ("settlement-start-date", "settlement-end-date", "deposit-date")
POSTED = ("posted-date-time", "posted-date")
V2_COLUMNS = frozenset({ID, "amount-type", "amount-description"})
#: A settlement report by its head; V1 by any of its amounts.
IDENTIFYING = frozenset({ID, TOTAL, TRANSACTION})
V1_COLUMNS = frozenset(
    {"price-amount", "item-related-fee-amount", "promotion-amount", "other-amount"}
)
# More text than this is no help to anybody who wants to correct it.
_LONGEST_RAW = 2**20
# Marketplaces that write a decimal comma; it only decides where no amount of a file does.
_COMMA = (".de", ".fr", ".it", ".es", ".nl", ".se", ".pl", ".com.be", ".com.tr")
_MONTH_FIRST = ("amazon.com",)


@dataclass(frozen=True, slots=True)
class Amount:
    """A column of amounts, and how the words for it are found.

    ``word``: the column of the description; ``kind``: its words in general.
    """

    column: str
    word: str
    kind: str


_V2_AMOUNT = Amount("amount", "amount-description", "")
_V1_AMOUNTS = (
    Amount("price-amount", "price-type", "ItemPrice"),
    Amount("item-related-fee-amount", "item-related-fee-type", "ItemFees"),
    Amount("shipment-fee-amount", "shipment-fee-type", "Shipment-Fees"),
    Amount("order-fee-amount", "order-fee-type", "Order-Fees"),
    Amount("promotion-amount", "promotion-type", "Promotion"),
    Amount("misc-fee-amount", "", "Misc-Fees"),
    Amount("other-fee-amount", "other-fee-reason-description", "Other-Fees"),
    Amount("direct-payment-amount", "direct-payment-type", "Direct-Payment"),
    # There the transaction itself says what it is: "Storage Fee".
    Amount("other-amount", TRANSACTION, "other-transaction"),
)


@dataclass(slots=True)
class Layout:
    """Where the columns are, how numbers and dates are written, where each settlement ends."""

    code: str
    columns: tuple[str, ...]
    delimiter: str
    positions: dict[str, int]
    amounts: tuple[Amount, ...]
    last_line: dict[str, int] = field(default_factory=dict)
    numbers: NumberStyle = NumberStyle()
    dates: DateStyle = DateStyle()

    def rows(self, table: Table) -> Iterator[Row]:
        """Yield the rows, without the headers that joined files have in between."""
        for row in table.rows:
            ref = self.cell(row, ID)
            if ref.isdecimal() or spelled(ref) != ID:
                yield row

    def cell(self, row: Row, column: str) -> str:
        at = self.positions.get(column)
        return "" if at is None else row.cells[at].strip()

    def place(self, row: Row, column: str) -> str:
        at = self.positions.get(column)
        name = column if at is None else self.columns[at].strip()
        return f"line {row.line}, column {name}"

    def ref(self, row: Row) -> str:
        """Return the settlement of a row; one without goes with the only one of the file."""
        return self.cell(row, ID) or only_one(self.last_line)

    def number(self, row: Row, column: str) -> Decimal | None:
        text = self.cell(row, column)
        return self.numbers.read(text, self.place(row, column)) if text else None

    def moment(self, row: Row, columns: Iterable[str]) -> datetime | None:
        for column in columns:
            if text := self.cell(row, column):
                return self.dates.read(text, self.place(row, column))
        return None


def spelled(column: str) -> str:
    """Return a column's name as Amazon's own files have it."""
    name = column.replace("\ufeff", "").strip().lower()
    return "-".join(name.replace("_", " ").replace("-", " ").split())


def open_table(source: BinaryIO, delimiter: str) -> Table:
    # Amazon's own files are parted by tabs and do not quote.
    return read_text(source, delimiter=delimiter, quoted=delimiter != "\t")


def scan(source: BinaryIO, code: str) -> Layout:
    """Read the whole file once for what only all rows together tell."""
    table = open_table(source, sniff(source, columns=(ID, TOTAL, TRANSACTION)))
    layout = _layout(table, code)
    numbers, dates = NumberWitness(), DateWitness()
    markets: set[str] = set()
    currencies: set[str] = set()
    named = (TOTAL, *(amount.column for amount in layout.amounts))
    money = [column for column in named if column in layout.positions]
    moments = [column for column in (*DATES, *POSTED) if column in layout.positions]
    for row in layout.rows(table):
        layout.last_line[layout.cell(row, ID)] = row.line
        for columns, witness in ((money, numbers), (moments, dates)):
            for column in columns:
                text = layout.cell(row, column)
                if text and witness.is_news(text):
                    witness.see(text, layout.place(row, column))
        markets.add(layout.cell(row, "marketplace-name").lower())
        currencies.add(layout.cell(row, CURRENCY))
    _join_nameless(layout)
    layout.numbers = numbers.decide(_usual_point(markets), only_one(currencies))
    layout.dates = dates.decide(_usual_day(markets))
    return layout


def _layout(table: Table, code: str) -> Layout:
    positions: dict[str, int] = {}
    for at, name in enumerate(table.columns):
        positions.setdefault(spelled(name), at)
    amounts = tuple(
        amount for amount in (_V2_AMOUNT, *_V1_AMOUNTS) if amount.column in positions
    )
    if ID not in positions or not amounts:
        raise ChannelParseError(
            f"no column {ID if ID not in positions else 'amount'}", "line 1"
        )
    return Layout(code, table.columns, table.delimiter, positions, amounts)


def _join_nameless(layout: Layout) -> None:
    """Count rows without a settlement to the only one, where there is only one."""
    nameless = layout.last_line.pop("", 0)
    ref = only_one(layout.last_line)
    if ref:
        layout.last_line[ref] = max(layout.last_line[ref], nameless)


def _usual_point(markets: set[str]) -> str:
    known = {
        "," if market.endswith(_COMMA) else "."
        for market in markets
        if market.startswith("amazon.")
    }
    return only_one(known)


def _usual_day(markets: set[str]) -> bool | None:
    known = {
        market not in _MONTH_FIRST for market in markets if market.startswith("amazon.")
    }
    return known.pop() if len(known) == 1 else None


def raw_of(source: BinaryIO, layout: Layout, ref: str) -> str:
    """Return the rows of one settlement as a file of its own; empty where they are too long.

    The stream goes on afterwards where it was.
    """
    position = source.tell()
    rows, size = [], 0
    for row in layout.rows(open_table(source, layout.delimiter)):
        if layout.ref(row) != ref:
            continue
        rows.append(row)
        size += sum(map(len, row.cells))
        if size > _LONGEST_RAW:
            rows = []
            break
    source.seek(position)
    return text_of(layout, rows) if rows else ""


def text_of(layout: Layout, rows: list[Row]) -> str:
    cells = chain([layout.columns], (row.cells for row in rows))
    return write_text(cells, layout.delimiter, quoted=layout.delimiter != "\t")
