"""PayPal's activity download (CSV), with English or German headers.

A file covers some days of one account in all its currencies; each currency becomes one settlement,
named by months and currency. A row's gross and fee are lines of their own; ``Net`` decides the
fee's sign, which exports write either way. The running balance, where the report has it, gives
what the account held before and after.

- Rows that did not move money are no lines; ``channel_status`` tells how many still wait.
- Withdrawals and deposits are transfers. Holds and their release are reserves.
- The two rows of a currency conversion each tell what the other was.
- Money sent to others is no refund of ours unless PayPal calls it so: an adjustment.
- A row that cannot be read makes the whole file unreadable: without it nothing would tie out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import BinaryIO

from .base import (
    ZERO,
    ChannelFormat,
    ChannelParseError,
    ParseFailure,
    Sample,
    to_currency,
)
from .paypal_words import is_conversion, is_dispute, type_of
from .settlement import (
    DisputeStatus,
    ParsedSettlement,
    ParsedSettlementLine,
    SettlementLineType,
)
from .settlement_lines import LineNames
from .tables import Row, Table, normalise, read_text
from .written import DateStyle, DateWitness, NumberStyle, NumberWitness

PLATFORM = "paypal"
FORMAT = "paypal.activity"

#: Our names of the columns by their normalised names in English and German.
_COLUMNS = {
    "date": ("date", "datum"),
    "time": ("time", "uhrzeit"),
    "zone": ("time zone", "timezone", "zeitzone"),
    "name": ("name",),
    "type": ("type", "typ", "description", "beschreibung"),
    "status": ("status",),
    "currency": ("currency", "wahrung"),
    "gross": ("gross", "brutto"),
    "fee": ("fee", "fees", "gebuhr", "entgelt"),
    "net": ("net", "netto"),
    "id": ("transaction id", "transaktionscode"),
    "reference": ("reference txn id", "zugehoriger transaktionscode"),
    "invoice": ("invoice number", "invoice id", "rechnungsnummer"),
    "title": ("item title", "artikelbezeichnung", "subject", "betreff"),
    "sku": ("item id", "artikelnummer"),
    "balance": ("balance", "guthaben"),
    "impact": ("balance impact", "auswirkung auf guthaben"),
}
_OURS = {name: ours for ours, names in _COLUMNS.items() for name in names}
_NEEDED = frozenset({"date", "type", "currency", "gross", "net", "id"})
_MONEY = ("gross", "fee", "net", "balance")
_PENDING = frozenset({"pending", "ausstehend", "offen", "in bearbeitung"})
_VOID = frozenset(
    {
        "abgebrochen",
        "abgelaufen",
        "abgelehnt",
        "canceled",
        "cancelled",
        "denied",
        "entfernt",
        "expired",
        "failed",
        "fehlgeschlagen",
        "removed",
        "storniert",
    }
)
_AMERICAN = frozenset({"PST", "PDT", "MST", "MDT", "CST", "CDT", "EST", "EDT"})


@dataclass(slots=True)
class _Layout:
    positions: dict[str, int]
    columns: tuple[str, ...]
    is_german: bool
    numbers: NumberStyle = NumberStyle()
    dates: DateStyle = DateStyle()

    @classmethod
    def of(cls, table: Table) -> _Layout:
        positions: dict[str, int] = {}
        for at, column in enumerate(table.columns):
            ours = _OURS.get(normalise(column))
            if ours:
                positions.setdefault(ours, at)
        missing = sorted(_NEEDED - set(positions))
        if missing:
            raise ChannelParseError(f"no column {missing[0]}", "line 1")
        is_german = normalise(table.columns[positions["gross"]]) == "brutto"
        return cls(positions, table.columns, is_german)

    def cell(self, row: Row, name: str) -> str:
        at = self.positions.get(name)
        return "" if at is None else row.cells[at].replace("\0", "").strip()

    def place(self, row: Row, name: str) -> str:
        at = self.positions.get(name)
        column = name if at is None else self.columns[at]
        return f"line {row.line}, column {column}"

    def when(self, row: Row) -> str:
        """Return the date of a row with time and zone, as one text."""
        return " ".join(
            filter(None, (self.cell(row, name) for name in ("date", "time", "zone")))
        )

    def number(self, row: Row, name: str) -> Decimal | None:
        cell = self.cell(row, name)
        return self.numbers.read(cell, self.place(row, name)) if cell else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One row that moved money."""

    number: int
    kind: str
    type: SettlementLineType
    moment: datetime
    currency: str
    gross: Decimal
    net: Decimal
    balance: Decimal | None
    ref: str
    reference: str
    invoice: str
    title: str
    sku: str


@dataclass(slots=True)
class _Account:
    """The entries of one currency, and which rows of it were left out."""

    entries: list[_Entry] = field(default_factory=list)
    waiting: Counter[str] = field(default_factory=Counter)


def is_activity(sample: Sample) -> bool:
    """Whether a table is PayPal's, in whatever language we know."""
    found = {_OURS.get(normalise(column)) for column in sample.columns}
    return sample.kind == "table" and _NEEDED <= found


def parse(source: BinaryIO) -> Iterator[ParsedSettlement | ParseFailure]:
    """Yield a settlement per currency of an activity download.

    :param source: a seekable stream, UTF-8
    :raises ChannelParseError: not this report, or any row that cannot be read
    """
    layout = _scan(source)
    accounts: dict[str, _Account] = {}
    for row in read_text(source).rows:
        _take_row(layout, row, accounts)
    others = _conversions(accounts.values())
    for currency, account in accounts.items():
        if account.entries:
            yield _settlement(currency, account, others)


def _scan(source: BinaryIO) -> _Layout:
    """Read the whole file once for how it writes numbers and dates."""
    table = read_text(source)
    layout = _Layout.of(table)
    numbers, dates = NumberWitness(), DateWitness()
    zones, currencies = set(), set()
    for row in table.rows:
        for name in _MONEY:
            if cell := layout.cell(row, name):
                numbers.see(cell, layout.place(row, name))
        dates.see(layout.cell(row, "date"), layout.place(row, "date"))
        zones.add(layout.cell(row, "zone").upper())
        currencies.add(layout.cell(row, "currency"))
    currency = currencies.pop() if len(currencies) == 1 else ""
    layout.numbers = numbers.decide("," if layout.is_german else "", currency)
    american = zones and all(
        zone.startswith(("AMERICA/", "US/")) or zone in _AMERICAN for zone in zones
    )
    layout.dates = dates.decide(False if american else None)
    return layout


def _take_row(layout: _Layout, row: Row, accounts: dict[str, _Account]) -> None:
    place = layout.place(row, "currency")
    if any(row.cells[len(layout.columns) :]):
        raise ChannelParseError("more cells than columns", f"line {row.line}")
    currency = to_currency(layout.cell(row, "currency"), place)
    account = accounts.setdefault(currency, _Account())
    status = layout.cell(row, "status")
    # A memo never moves the balance, so none is waited for: an open authorization.
    if normalise(layout.cell(row, "impact")) == "memo":
        return
    if normalise(status) in _PENDING:
        account.waiting[status] += 1
    elif normalise(status) not in _VOID:
        account.entries.append(_entry(layout, row, currency))


def _entry(layout: _Layout, row: Row, currency: str) -> _Entry:
    gross, net = _amounts(layout, row)
    moment = layout.dates.read(layout.when(row), layout.place(row, "date"))
    kind = layout.cell(row, "type")
    for name, value in (("date", moment), ("type", kind)):
        if not value:
            raise ChannelParseError("missing", layout.place(row, name))
    return _Entry(
        number=row.line,
        kind=kind,
        type=type_of(kind, gross > 0),
        moment=moment,  # type: ignore[arg-type]
        currency=currency,
        gross=gross,
        net=net,
        balance=layout.number(row, "balance"),
        ref=layout.cell(row, "id"),
        reference=layout.cell(row, "reference"),
        invoice=layout.cell(row, "invoice"),
        title=layout.cell(row, "title") or layout.cell(row, "name"),
        sku=layout.cell(row, "sku"),
    )


def _amounts(layout: _Layout, row: Row) -> tuple[Decimal, Decimal]:
    """Return gross and net of a row.

    :raises ChannelParseError: one is missing, or the fee is not what lies between them
    """
    gross, net = layout.number(row, "gross"), layout.number(row, "net")
    for name, value in (("gross", gross), ("net", net)):
        if value is None:
            raise ChannelParseError("missing", layout.place(row, name))
    fee = layout.number(row, "fee")
    if fee is not None and abs(fee) != abs(net - gross):
        raise ChannelParseError(
            f"not what lies between {gross} and {net}", layout.place(row, "fee")
        )
    return gross, net


def _conversions(accounts: Iterable[_Account]) -> dict[int, _Entry]:
    """Return the other half of each row of a conversion, by the row's line."""
    halves: dict[tuple, list[_Entry]] = {}
    for account in accounts:
        for entry in account.entries:
            if is_conversion(entry.kind):
                key = (entry.reference or entry.ref, entry.moment)
                halves.setdefault(key, []).append(entry)
                # Without a common reference, what happened at the same second.
                halves.setdefault(("", entry.moment), []).append(entry)
    found: dict[int, _Entry] = {}
    for pair in halves.values():
        if len(pair) == 2 and pair[0].currency != pair[1].currency:
            first, second = pair
            found.setdefault(first.number, second)
            found.setdefault(second.number, first)
    return found


def _settlement(
    currency: str, account: _Account, others: dict[int, _Entry]
) -> ParsedSettlement:
    entries = account.entries
    moments = [entry.moment for entry in entries]
    start, end = min(moments), max(moments)
    opening, closing = _balances(entries)
    waiting = sum(account.waiting.values())
    words = ", ".join(account.waiting)
    lines = tuple(_lines(entries, others))
    # Nothing went to the bank or came from it: so the balances must do without.
    is_idle = opening is not None and all(line.type != "transfer" for line in lines)
    return ParsedSettlement(
        external_ref=f"activity {_months(start, end)} {currency}",
        format=FORMAT,
        platform=PLATFORM,
        where=f"line {entries[0].number}",
        currency=currency,
        amount_total=ZERO if is_idle else None,
        opening_balance=opening,
        closing_balance=closing,
        is_period=opening is None,
        channel_status=f"{waiting} left out: {words}" if waiting else "",
        # What waits comes with the date that it has now.
        status="open" if waiting else "closed",
        period_start=start,
        period_end=end,
        rows=len(entries),
        lines=lines,
    )


def _months(start: datetime, end: datetime) -> str:
    first, last = f"{start:%Y-%m}", f"{end:%Y-%m}"
    return first if first == last else f"{first} to {last}"


def _balances(entries: list[_Entry]) -> tuple[Decimal | None, Decimal | None]:
    """Return what the account held before and after; None where the report does not say.

    Each balance is the beginning of another row, but for the last one; and the other way round.
    This holds in whatever order the rows are. Where rows are missing in between, time decides.
    """
    known = [entry for entry in entries if entry.balance is not None]
    if len(known) < len(entries):
        return None, None
    before = Counter(entry.balance - entry.net for entry in known)
    after = Counter(entry.balance for entry in known)
    first, last = list((before - after).elements()), list((after - before).elements())
    if len(first) == len(last) == 1:
        return first[0], last[0]
    if entries[0].moment > entries[-1].moment:
        known = known[::-1]
    known = sorted(known, key=attrgetter("moment"))
    return known[0].balance - known[0].net, known[-1].balance


def _lines(
    entries: list[_Entry], others: dict[int, _Entry]
) -> Iterator[ParsedSettlementLine]:
    names = LineNames()
    for entry in entries:
        name = names.of_id(entry.ref) if entry.ref else _name(names, entry)
        if entry.gross:
            yield _line(entry, name, entry.type, entry.kind, entry.gross, others)
        fee = entry.net - entry.gross
        if fee:
            yield _line(entry, f"{name}:fee", "fee", f"{entry.kind}/fee", fee, {})


def _name(names: LineNames, entry: _Entry) -> str:
    return names.of_content(
        entry.kind, entry.moment, entry.gross, entry.net, entry.reference
    )


def _line(
    entry: _Entry,
    name: str,
    line_type: SettlementLineType,
    code: str,
    amount: Decimal,
    others: dict[int, _Entry],
) -> ParsedSettlementLine:
    other = others.get(entry.number)
    return ParsedSettlementLine(
        external_ref=name,
        type=line_type,
        code=code,
        amount=amount,
        posted_at=entry.moment,
        order_ref=entry.invoice,
        refund_ref=entry.ref if entry.type == "refund" else "",
        # A refund names the payment that it gives back.
        reference=entry.reference or entry.ref,
        sku=entry.sku,
        description=entry.title,
        original_amount=-other.net if other else None,
        original_currency=other.currency if other else "",
        is_dispute=is_dispute(entry.kind),
        dispute_status=_dispute_status(entry.kind, amount),
        where=f"line {entry.number}",
    )


def _dispute_status(kind: str, amount: Decimal) -> DisputeStatus:
    """Return how a claim stands: PayPal takes the money when it opens, and gives it back."""
    if not is_dispute(kind):
        return ""
    return "open" if amount < 0 else "won"


FORMATS: tuple[ChannelFormat, ...] = (
    ChannelFormat(
        code=FORMAT,
        platform=PLATFORM,
        label="PayPal activity download",
        kind="settlement",
        detect=is_activity,
        parse=parse,
    ),
)
