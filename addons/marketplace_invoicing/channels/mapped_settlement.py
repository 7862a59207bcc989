"""Payouts in a table of any shape, read as a :class:`.profiles.Profile` says.

- Rows with the same ``settlement_ref`` are one payout, whatever lies between them. Without such a
  column a file is one period, named by its first and last day.
- A row that states a total and no amount is the head of its payout.
- The type's word, as the file writes it, is the code; ``entry_code`` makes it more exact. A word
  that the profile does not know is an adjustment, which asks for an account.
- Rows go by ``entry_ref`` and their code, or else by their content; alike ones are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, BinaryIO

from .base import ZERO, ChannelParseError, ParseFailure, only_currency, to_currency
from .mapped_files import FileRecord, MappedFile, open_file
from .mapped_order import OrderReader, Words, to_text
from .profiles import Profile
from .settlement import (
    ALL_SETTLEMENT_PARTS,
    ParsedSettlement,
    ParsedSettlementLine,
    SettlementLineType,
)
from .settlement_json import content_key, fee_between, some_lines
from .tables import is_blank, normalise

_TEXTS = {
    "order_ref": "entry_order_ref",
    "reference": "entry_reference",
    "sku": "entry_sku",
    "description": "entry_description",
}
_TOTALS = {
    "amount_total": "settlement_total",
    "opening_balance": "settlement_opening",
    "closing_balance": "settlement_closing",
}


def parse(
    source: BinaryIO, profile: Profile
) -> Iterator[ParsedSettlement | ParseFailure]:
    """Yield the payouts of a file in the order in which they begin.

    :raises ChannelParseError: the file cannot be read, or lacks a mapped column
    """
    file = open_file(source, profile)
    words = Words(profile)
    groups: dict[str, list[FileRecord]] = {}
    for record in file.records():
        groups.setdefault(_ref(record, profile), []).append(record)
    for ref, records in groups.items():
        yield from _Payout(file, words, ref, records).read()


def _ref(record: FileRecord, profile: Profile) -> str:
    column = profile.columns.get("settlement_ref")
    try:
        return to_text(record.get(column)) if column else ""
    except ChannelParseError:
        return ""


class _Payout(OrderReader):
    """Reads the rows of one payout."""

    def __init__(
        self, file: MappedFile, words: Words, ref: str, records: list[FileRecord]
    ):
        super().__init__(words, records)
        self._file = file
        self._ref = ref or words.profile.constants.get("settlement_ref", "")
        self._seen: Counter[str] = Counter()
        self._types = {
            normalise(word): kind for word, kind in words.profile.line_types.items()
        }

    def read(self) -> Iterator[ParsedSettlement | ParseFailure]:
        """Yield the payout, and the rows of it that cannot be read."""
        lines: list[ParsedSettlementLine] = []
        currencies: list[str] = []
        rows = 0
        for record in self._records:
            try:
                found = self._row(record, currencies)
            except ChannelParseError as error:
                yield self._failure([record], error)
            else:
                lines += found or ()
                rows += found is not None
        if currencies:
            settlement = self._settlement(lines, currencies[0], rows)
            try:
                yield replace(settlement, **self._head())
            except ChannelParseError as error:
                yield self._failure(self._records[:1], error)

    def _failure(
        self, records: list[FileRecord], error: ChannelParseError
    ) -> ParseFailure:
        return ParseFailure(
            where=error.where or records[0].where,
            reason=error.reason,
            external_ref=self._ref,
            raw=self._file.raw(records),
        )

    def _settlement(
        self, lines: list[ParsedSettlementLine], currency: str, rows: int
    ) -> ParsedSettlement:
        moments = [line.posted_at for line in lines if line.posted_at]
        ref = self._ref
        is_period = "settlement_ref" not in self._profile.columns and not ref
        if is_period and moments:
            ref = (
                f"period {min(moments):%Y-%m-%d} to {max(moments):%Y-%m-%d} {currency}"
            )
        return ParsedSettlement(
            external_ref=ref,
            format=self._profile.code,
            platform=self._profile.platform,
            where=self._records[0].where,
            parts=ALL_SETTLEMENT_PARTS if ref else frozenset({"lines"}),
            currency=currency,
            status="closed" if ref else "unknown",
            period_start=min(moments, default=None),
            period_end=max(moments, default=None),
            rows=rows,
            lines=tuple(lines),
        )

    def _head(self) -> dict[str, Any]:
        """Return what the rows state about the payout as a whole, alike on each.

        :raises ChannelParseError: two rows contradict each other
        """
        return {
            **{name: self._amount(target) for name, target in _TOTALS.items()},
            "deposited_at": self._moment("settlement_deposited_at"),
            "bank_ref": self._find("settlement_bank_ref").text,
        }

    # -- rows

    def _row(
        self, record: FileRecord, currencies: list[str]
    ) -> list[ParsedSettlementLine] | None:
        """Return the lines of a row; None for the head of a payout.

        :param currencies: of the payout's other rows; this one's is added
        """
        record.check()
        found = self._find("currency", [record])
        currency = to_currency(found.text, found.where)
        if currencies:
            only_currency([(found.where, currency)], currencies[0])
        amounts = self._amounts(record)
        lines = None if amounts is None else self._lines_of(record, *amounts)
        currencies.append(currency)
        return lines

    def _amounts(self, record: FileRecord) -> tuple[Decimal, Decimal] | None:
        """Return a row's amount, and what its fee adds to it.

        :raises ChannelParseError: neither an amount nor a total
        """
        stated = {
            name: self._number(self._find(f"entry_{name}", [record]))
            for name in ("amount", "credit", "debit", "fee", "net")
        }
        amount, fee, net = stated["amount"], stated["fee"], stated["net"]
        if stated["credit"] is not None or stated["debit"] is not None:
            amount = (stated["credit"] or ZERO) - abs(stated["debit"] or ZERO)
        if amount is None and net is not None:
            return (net + fee, -fee) if fee else (net, ZERO)
        if amount is not None:
            return amount, fee_between(amount, fee, net, record.where)
        if is_blank(self._find("settlement_total", [record]).value):
            raise ChannelParseError("no amount", record.where)
        return None

    def _lines_of(
        self, record: FileRecord, amount: Decimal, fee: Decimal
    ) -> list[ParsedSettlementLine]:
        word = self._find("entry_type", [record]).text
        detail = self._find("entry_code", [record]).text
        kind: SettlementLineType = self._types.get(normalise(word), "adjustment")
        code = "/".join(part for part in (word or "row", detail) if part)
        ref = self._find("entry_ref", [record]).text
        cells = [ref, code] if ref else self._cells(record)
        self._seen["|".join(cells)] += 1
        number = self._seen["|".join(cells)]
        key = content_key(cells, number) if not ref else f"{ref}:{code}"
        if ref and number > 1:
            key = f"{key}:{number}"
        moment = self._find("entry_date", [record])
        common: dict[str, Any] = {
            name: self._find(target, [record]).text for name, target in _TEXTS.items()
        }
        return some_lines(
            key,
            [("", kind, code, amount), (":fee", "fee", f"{word or 'row'}/fee", fee)],
            posted_at=self._moment_of(moment),
            quantity=self._number(self._find("entry_quantity", [record])),
            where=record.where,
            **common,
            **self._original(record),
        )

    def _cells(self, record: FileRecord) -> list[str]:
        """Return what tells a row without an id from others: all its mapped values."""
        columns = self._profile.columns
        return [
            to_text(record.get(columns[target]))
            for target in sorted(columns)
            if not target.startswith("settlement_")
        ]

    def _original(self, record: FileRecord) -> dict[str, Any]:
        amount = self._number(self._find("entry_original_amount", [record]))
        found = self._find("entry_original_currency", [record])
        if amount is None or not found.text:
            return {}
        return {
            "original_amount": amount,
            "original_currency": to_currency(found.text, found.where),
        }
