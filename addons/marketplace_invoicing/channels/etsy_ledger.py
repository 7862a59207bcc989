"""Etsy's payment account: ledger entries of the Open API.

What the fields mean, where it is not obvious:

- ``amount`` and ``balance`` are whole numbers of hundredths. The API states no divisor, so a
  currency without two decimals is refused.
- Etsy has no object for a payout: the entry ``DISBURSE2`` is the money on its way to the bank. It
  ends a settlement, whose reference is its ``entry_id``; what follows the last one belongs to none.
- ``balance`` is what the account holds after the entry. Where it is not the balance before plus
  the amount, entries are missing: the settlement is refused until the file is whole.
- The API gives a hundred entries at most, so a page may begin in the middle of a payout: what the
  account held before its first entry need not be what it held before the payout.
- ``PAYMENT_GROSS`` and ``REFUND_GROSS`` name the buyer's payment or its adjustment, and no receipt.
  Which receipt a payment is of, Etsy's payments tell: see ``etsy_payments``.
- ``sales_tax`` is the buyer's tax, which Etsy keeps and remits. Other ``*_refund`` entries give
  fees back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, BinaryIO, NamedTuple

import msgspec

from .base import (
    ChannelParseError,
    ParseFailure,
    Sample,
    to_currency,
    to_datetime,
    to_decimal,
)
from .jsonio import convert, join
from .jsonrecords import TOP_OBJECT, identifier, text
from .settlement import ParsedSettlement, ParsedSettlementLine, SettlementLineType
from .settlement_json import first_place, listed, records_at, refused
from .settlement_lines import only_one

CODE = "etsy.ledger.v3"

Ref = int | str
# ISO 4217: the currencies with another number of decimals than two.
_NOT_TWO_DECIMALS = frozenset(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
    " BHD IQD JOD KWD LYD OMR TND CLF UYW".split()
)
#: What a column of whole numbers holds.
_LAST_PLACE = 2**31 - 1
_PAYOUT = re.compile(r"disburse\d*")
_TYPES: tuple[tuple[str, SettlementLineType], ...] = (
    (r"(payment_gross|payment)", "sale"),
    (r"(refund_gross|refund)", "refund"),
    (r"(sales_tax|buyer_fee|retail_delivery_fee).*", "tax_withheld"),
    (r".*reserve.*", "reserve"),
    (r".*(dispute|chargeback|case).*", "refund"),
    (r".*(fee|vat|gst|ads|prolist|shipping_label|listing|renew|transaction).*", "fee"),
)
_PAYMENT = "shop_payment"
_ORDERS = ("receipt", "shop_receipt", "order")
_ORDER_TEXT = re.compile(r"\b(?:order|receipt)\b\s*#?\s*(\d{4,})", re.IGNORECASE)


class Adjustment(msgspec.Struct):
    payment_id: Ref | None = None


class Entry(msgspec.Struct):
    entry_id: Ref
    ledger_id: Ref | None = None
    sequence_number: int | None = None
    amount: Decimal | None = None
    currency: str | None = None
    description: str | None = None
    balance: Decimal | None = None
    create_date: int | None = None
    created_timestamp: int | None = None
    ledger_type: str | None = None
    reference_type: str | None = None
    reference_id: Ref | None = None
    payment_adjustments: list[Adjustment] | None = None


class _Row(NamedTuple):
    order: tuple[int, int]
    line: ParsedSettlementLine
    currency: str
    #: After the entry; None: not stated.
    balance: Decimal | None
    amount: Decimal
    is_payout: bool
    where: str
    record: Any


def parse(source: BinaryIO) -> Iterator[ParsedSettlement | ParseFailure]:
    """Yield a settlement for each disbursement, and what is not disbursed yet.

    :raises ChannelParseError: not JSON, or no ledger entries
    """
    ledgers: dict[tuple[str, str], dict[str, _Row]] = {}
    place = first_place(source, listed("results"), {"entry_id": TOP_OBJECT})
    for record, where in records_at(source, place):
        try:
            entry = convert(record, Entry, where)
            row = _read(entry, record, where)
        except ChannelParseError as error:
            yield refused(record, error, where, "entry_id")
            continue
        ledger = ledgers.setdefault((str(entry.ledger_id or ""), row.currency), {})
        ledger.setdefault(row.line.external_ref, row)
    for ledger in ledgers.values():
        yield from _settlements(sorted(ledger.values(), key=lambda row: row.order))


def _read(entry: Entry, record: Any, where: str) -> _Row:
    currency = to_currency(entry.currency, join(where, "currency"))
    if currency in _NOT_TWO_DECIMALS:
        raise ChannelParseError(
            f"the unit of amounts in {currency} is not known", join(where, "amount")
        )
    ref = identifier(entry.entry_id, join(where, "entry_id"))
    amount = _hundredths(entry.amount, join(where, "amount"))
    balance = (
        None
        if entry.balance is None
        else _hundredths(entry.balance, join(where, "balance"))
    )
    code = text(entry.ledger_type) or "entry"
    is_payout = bool(_PAYOUT.fullmatch(code.lower())) and amount < 0
    seconds = entry.created_timestamp or entry.create_date
    line = _line(entry, ref, code, amount, _kind(code, amount), where)
    place = entry.sequence_number or seconds or 0
    if not 0 <= place <= _LAST_PLACE:
        raise ChannelParseError("no place in a ledger", join(where, "sequence_number"))
    if balance is not None:
        ledger = text(str(entry.ledger_id or ""))
        line = replace(
            line, ledger=ledger, position=place or None, balance_after=balance
        )
    order = (place, int(ref) if ref.isdecimal() else 0)
    return _Row(order, line, currency, balance, amount, is_payout, where, record)


def _hundredths(value: Decimal | None, where: str) -> Decimal:
    if value is None:
        raise ChannelParseError("missing", where)
    number = to_decimal(value, where)
    if number != number.to_integral_value():
        raise ChannelParseError("not a whole number of hundredths", where)
    return number.scaleb(-2)


def _kind(code: str, amount: Decimal) -> SettlementLineType:
    name = code.lower()
    if _PAYOUT.fullmatch(name):
        return "transfer" if amount < 0 else "payout_return"
    return next(
        (kind for pattern, kind in _TYPES if re.fullmatch(pattern, name)), "adjustment"
    )


def _line(
    entry: Entry,
    ref: str,
    code: str,
    amount: Decimal,
    kind: SettlementLineType,
    where: str,
) -> ParsedSettlementLine:
    target = text(entry.reference_type).lower()
    number = text(str(entry.reference_id)) if entry.reference_id is not None else ""
    number = "" if number == "0" else number
    named = _ORDER_TEXT.search(text(entry.description)[:500])
    seconds = entry.created_timestamp or entry.create_date
    return ParsedSettlementLine(
        external_ref=ref,
        type=kind,
        code=code,
        amount=amount,
        posted_at=to_datetime(seconds, join(where, "created_timestamp")),
        order_ref=number if target in _ORDERS else named[1] if named else "",
        order_line_ref=number if target == "transaction" else "",
        refund_ref=number if "adjustment" in target or kind == "refund" else "",
        reference=number if target not in _ORDERS else "",
        payment_ref=_payment(entry, number if target == _PAYMENT else ""),
        description=text(entry.description),
        is_dispute=kind == "refund"
        and bool(re.search("dispute|chargeback|case", code.lower())),
        where=where,
    )


def _payment(entry: Entry, number: str) -> str:
    """Return the payment that an entry names, or the only one that its refunds are of."""
    given_back = {
        text(str(part.payment_id))
        for part in entry.payment_adjustments or ()
        if part.payment_id
    }
    return number or only_one(given_back)


def _settlements(rows: list[_Row]) -> Iterator[ParsedSettlement | ParseFailure]:
    """Cut the entries of one ledger, oldest first, behind each disbursement."""
    group: list[_Row] = []
    before: Decimal | None = None
    is_first = True
    for row in rows:
        group.append(row)
        if row.is_payout:
            yield _settlement(group, before, is_first)
            before, group, is_first = row.balance, [], False
    if group:
        yield _settlement(group, before, is_first)


def _settlement(
    rows: list[_Row], before: Decimal | None, is_first: bool
) -> ParsedSettlement | ParseFailure:
    """Return the entries up to a disbursement, or where they have a gap.

    :param before: balance before the first of them, where an entry before tells it
    :param is_first: whether they are the first of the file
    """
    first, last = rows[0], rows[-1]
    ref = last.line.external_ref if last.is_payout else ""
    if before is None and first.balance is not None:
        before = first.balance - first.amount
    if gap := _gap(rows, before):
        row, amount = gap
        return _torn(row, ref or row.line.external_ref, amount)
    lines = tuple(row.line for row in rows if row.line.amount)
    settlement = ParsedSettlement(
        external_ref=ref,
        format=CODE,
        platform="etsy",
        where=first.where,
        parts=frozenset({"lines"}),
        currency=first.currency,
        opening_assumed=is_first,
        period_start=first.line.posted_at,
        period_end=last.line.posted_at,
        rows=len(rows),
        lines=lines,
    )
    return _paid_out(settlement, last, before) if last.is_payout else settlement


def _gap(rows: list[_Row], before: Decimal | None) -> tuple[_Row, Decimal] | None:
    """Return the first entry whose balance does not continue, and by how much it jumps.

    :param before: balance before the first entry; None: not known
    """
    for row in rows:
        if before is not None and row.balance is not None:
            jump = row.balance - before - row.amount
            if jump:
                return row, jump
        if row.balance is not None:
            before = row.balance
        elif before is not None:
            before += row.amount
    return None


def _torn(row: _Row, ref: str, jump: Decimal) -> ParseFailure:
    return refused(
        {**row.record, "entry_id": ref},
        ChannelParseError(
            f"entries before it are missing: the balance jumps by {jump}",
            join(row.where, "balance"),
        ),
        row.where,
        "entry_id",
    )


def _paid_out(
    settlement: ParsedSettlement, payout: _Row, opening: Decimal | None
) -> ParsedSettlement:
    """Return a settlement with what its disbursement says of it.

    :param opening: balance before its first entry; None: not known
    """
    return replace(
        settlement,
        parts=frozenset({"header", "lines"}),
        amount_total=-payout.amount,
        opening_balance=opening,
        closing_balance=payout.balance,
        channel_status=payout.line.code,
        status="paid",
        deposited_at=payout.line.posted_at,
    )


def is_ledger(sample: Sample) -> bool:
    return sample.kind == "json" and any(
        sample.has(f"{prefix}entry_id", f"{prefix}ledger_type", f"{prefix}amount")
        for prefix in ("results[].", "", "[].")
    )
