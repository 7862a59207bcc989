"""Amazon's settlement reports: flat files V2 and V1, and what lies between them.

A row per amount (V2) or per item with several amounts (V1); the first row of each settlement is
its head, with dates, currency and the total that goes to the bank. Amounts carry the seller's
sign. The file is read twice: first how it writes numbers and dates and where each settlement ends,
then the amounts.

- A file may hold several settlements; their rows need not lie together. One that cannot be read
  does not stop the others.
- Header names are compared without case, spaces and underscores, columns may be missing, and a
  file may have the columns of both versions.
- V1 amounts get the words of V2 (``price-type`` Principal is "ItemPrice/Principal"), so that one
  fee mapping reads both.
- Rows of a "Previous balance" open the account of the settlement; they are no line.
- A row that pays the settlement out is a transfer, so that the rest explains the total.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import BinaryIO

from .amazon_common import PLATFORM
from .amazon_settlement_file import (
    CURRENCY,
    DATES,
    ID,
    POSTED,
    TOTAL,
    TRANSACTION,
    Amount,
    Layout,
    open_table,
    raw_of,
    scan,
    text_of,
)
from .amazon_settlement_types import is_closing, is_opening, letters, meaning_of
from .base import ZERO, ChannelParseError, ParseFailure, to_currency
from .settlement import ParsedSettlement, ParsedSettlementLine, SettlementPart
from .settlement_lines import LineNames
from .tables import Row

FORMAT_V2 = "amazon.settlement.v2"
FORMAT_V1 = "amazon.settlement.v1"


def parse(
    source: BinaryIO, code: str = FORMAT_V2
) -> Iterator[ParsedSettlement | ParseFailure]:
    """Yield each settlement of a file when its last row was read.

    :param source: a seekable stream of the report, UTF-8
    :param code: the format that was found
    :raises ChannelParseError: not this report, or numbers or dates that can be read in two ways
    """
    layout = scan(source, code)
    building: dict[str, _Building] = {}
    for row in layout.rows(open_table(source, layout.delimiter)):
        ref = layout.ref(row)
        if not ref:
            yield _nameless(layout, row)
            continue
        settlement = building.setdefault(ref, _Building(layout, ref))
        settlement.add(row)
        if layout.last_line[ref] == row.line:
            del building[ref]
            yield settlement.finish(source)


parse_v1 = partial(parse, code=FORMAT_V1)


@dataclass(slots=True)
class _Building:
    """One settlement while its rows are read; the first error ends it."""

    layout: Layout
    ref: str
    where: str = ""
    rows: int = 0
    facts: dict[str, Decimal | datetime | str] = field(default_factory=dict)
    opening: Decimal | None = None
    closing: Decimal | None = None
    lines: list[ParsedSettlementLine] = field(default_factory=list)
    #: Positions of lines that may be the payout itself.
    payouts: list[int] = field(default_factory=list)
    names: LineNames = field(default_factory=LineNames)
    error: ChannelParseError | None = None

    def add(self, row: Row) -> None:
        self.where = self.where or f"line {row.line}"
        if self.error:
            return
        try:
            self._add(row)
        except ChannelParseError as error:
            self.error = error

    def _add(self, row: Row) -> None:
        layout = self.layout
        if any(row.cells[len(layout.columns) :]):
            raise ChannelParseError("more cells than columns", f"line {row.line}")
        self._take_facts(row)
        found = [
            (amount, value)
            for amount in layout.amounts
            if (value := layout.number(row, amount.column)) is not None
        ]
        if found:
            self.rows += 1
            self._add_amounts(row, found)
        elif not layout.cell(row, TOTAL):
            # A row that ends before its amount.
            raise ChannelParseError(
                "missing", layout.place(row, layout.amounts[0].column)
            )

    def _take_facts(self, row: Row) -> None:
        """Keep what a row says about the settlement; rows may repeat it but not contradict."""
        layout = self.layout
        currency = layout.cell(row, CURRENCY)
        self._state(
            row,
            CURRENCY,
            to_currency(currency, layout.place(row, CURRENCY)) if currency else None,
        )
        self._state(row, TOTAL, layout.number(row, TOTAL))
        for column in DATES:
            self._state(row, column, layout.moment(row, (column,)))

    def _state(
        self, row: Row, column: str, value: Decimal | datetime | str | None
    ) -> None:
        if value is not None and self.facts.setdefault(column, value) != value:
            raise ChannelParseError(
                f"{value} in a settlement with {self.facts[column]}",
                self.layout.place(row, column),
            )

    def _add_amounts(self, row: Row, found: list[tuple[Amount, Decimal]]) -> None:
        shared = self._shared(row)
        transaction = self.layout.cell(row, TRANSACTION)
        for amount, value in found:
            kind = amount.kind or self.layout.cell(row, "amount-type")
            word = self.layout.cell(row, amount.word) if amount.word else ""
            if is_opening(word):
                self.opening = (self.opening or ZERO) + value
            elif is_closing(word):
                self.closing = (self.closing or ZERO) - value
            elif value:
                self._add_line(shared, transaction, kind, word, value)

    def _shared(self, row: Row) -> ParsedSettlementLine:
        """Return what all amounts of a row have in common."""
        cell = partial(self.layout.cell, row)
        return ParsedSettlementLine(
            external_ref="",
            type="adjustment",
            code="",
            amount=ZERO,
            posted_at=self.layout.moment(row, POSTED),
            order_ref=cell("order-id"),
            order_line_ref=cell("order-item-code"),
            refund_ref=cell("adjustment-id"),
            reference=cell("merchant-order-id") or cell("shipment-id"),
            sku=cell("sku"),
            quantity=self.layout.number(row, "quantity-purchased"),
            marketplace=cell("marketplace-name"),
            where=f"line {row.line}",
        )

    def _add_line(
        self,
        shared: ParsedSettlementLine,
        transaction: str,
        kind: str,
        word: str,
        value: Decimal,
    ) -> None:
        code = "/".join(filter(None, (kind, word))) or transaction or "unknown"
        meaning = meaning_of(transaction, kind, word)
        if letters(transaction) == "transfer" and meaning.type == "adjustment":
            self.payouts.append(len(self.lines))
        self.lines.append(
            replace(
                shared,
                external_ref=self.names.of_content(
                    transaction,
                    code,
                    value,
                    shared.posted_at,
                    shared.order_ref,
                    shared.order_line_ref,
                    shared.refund_ref,
                    shared.reference,
                    shared.sku,
                ),
                type=meaning.type,
                is_dispute=meaning.is_dispute,
                code=code,
                amount=value,
                description=_description(transaction, word),
            )
        )

    def finish(self, source: BinaryIO) -> ParsedSettlement | ParseFailure:
        if self.error:
            raw = raw_of(source, self.layout, self.ref)
            return ParseFailure(
                where=self.error.where or self.where,
                reason=self.error.reason,
                external_ref=self.ref,
                raw=raw,
            )
        self._mark_payouts()
        return self._settlement(self.facts)  # type: ignore[arg-type]

    def _settlement(self, facts: Mapping) -> ParsedSettlement:
        total = facts.get(TOTAL)
        parts: frozenset[SettlementPart] = frozenset(
            {"lines"} if total is None else {"header", "lines"}
        )
        start, end, deposit = (facts.get(column) for column in DATES)
        return ParsedSettlement(
            external_ref=self.ref,
            format=self.layout.code,
            platform=PLATFORM,
            where=self.where,
            parts=parts,
            currency=facts.get(CURRENCY),
            amount_total=total,
            opening_balance=self.opening,
            closing_balance=self.closing,
            status="unknown" if total is None else "closed",
            period_start=start,
            period_end=end,
            deposited_at=deposit,
            rows=self.rows,
            lines=tuple(self.lines),
        )

    def _mark_payouts(self) -> None:
        """Make transfers of the rows that pay out what the others come to."""
        total = self.facts.get(TOTAL)
        if not self.payouts or not isinstance(total, Decimal):
            return
        paid = sum((self.lines[at].amount for at in self.payouts), ZERO)
        if paid != -total or not paid:
            return
        for at in self.payouts:
            self.lines[at] = replace(self.lines[at], type="transfer")


def _description(transaction: str, word: str) -> str:
    return ": ".join(dict.fromkeys(filter(None, (transaction, word))))


def _nameless(layout: Layout, row: Row) -> ParseFailure:
    """Return a row that does not say which of several settlements it belongs to."""
    return ParseFailure(
        where=layout.place(row, ID), reason="missing", raw=text_of(layout, [row])
    )
