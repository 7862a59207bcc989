"""Stripe: balance transactions, payouts, disputes; single objects and lists of the API.

What the fields mean, where it is not obvious:

- Amounts are whole numbers of the currency's smallest unit, see ``stripe_currencies``.
- ``amount - fee = net``. The amount is coded by ``reporting_category``, with the ``type`` behind
  it where that says more (``charge/payment``); each of ``fee_details`` is a line (``fee/tax``).
- A balance transaction does not name its payout. Where a file holds one payout and the other
  rows of its currency sum to it to the cent, they are what was paid out; otherwise they belong
  to no payout yet, and a payout's own row is only its head.
- ``source`` is an id or the object itself. Only the object tells the order (metadata or
  description), and what the buyer paid in another currency.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO, NamedTuple

from .base import (
    ZERO,
    ChannelFormat,
    ChannelParseError,
    ParseFailure,
    Sample,
    to_currency,
    to_datetime,
)
from .jsonio import convert, join
from .jsonrecords import TOP_OBJECT, identifier, text
from .settlement import (
    ParsedSettlement,
    ParsedSettlementLine,
    SettlementLineType,
    SettlementStatus,
)
from .settlement_json import (
    Ledger,
    first_place,
    listed,
    records_at,
    refused,
    some_lines,
)
from .stripe_currencies import AMBIGUOUS, from_minor
from .stripe_disputes import DISPUTES, dispute_status, due, parse_disputes, payment_ref
from .stripe_model import BalanceTransaction, Payout, Source, order_in, stated

TRANSACTIONS = "stripe.balance_transactions"
PAYOUTS = "stripe.payouts"

Outcome = ParsedSettlement | ParseFailure
_PAYOUT_STATUSES: dict[str, SettlementStatus] = {
    "pending": "closed",
    "in_transit": "closed",
    "paid": "paid",
    "failed": "failed",
    "canceled": "cancelled",
}
# https://docs.stripe.com/reports/reporting-categories
_CATEGORIES: dict[str, SettlementLineType] = {
    "charge": "sale",
    "charge_failure": "refund",
    "refund": "refund",
    "refund_failure": "refund",
    "partial_capture_reversal": "refund",
    "dispute": "refund",
    "dispute_reversal": "refund",
    "fee": "fee",
    "tax": "fee",
    "network_cost": "fee",
    "risk_reserved_funds": "reserve",
    "connect_reserved_funds": "reserve",
    "payment_network_reserve_hold": "reserve",
    "payment_network_reserve_release": "reserve",
    "payout": "transfer",
    "payout_reversal": "payout_return",
    "topup": "payout_return",
    "topup_reversal": "payout_return",
}
_TYPES: dict[str, SettlementLineType] = {
    "charge": "sale",
    "payment": "sale",
    "refund": "refund",
    "payment_refund": "refund",
    "payment_failure_refund": "refund",
    "payment_reversal": "refund",
    "refund_failure": "refund",
    "stripe_fee": "fee",
    "stripe_fx_fee": "fee",
    "tax_fee": "fee",
    "reserve_transaction": "reserve",
    "reserved_funds": "reserve",
    "reserve_hold": "reserve",
    "reserve_release": "reserve",
    "payout": "transfer",
    "payout_cancel": "payout_return",
    "payout_failure": "payout_return",
    "topup": "payout_return",
    "topup_reversal": "payout_return",
}


class _Row(NamedTuple):
    currency: str
    source: str
    lines: list[ParsedSettlementLine]
    where: str
    #: Set on the row that is the payout itself.
    payout: ParsedSettlement | None = None

    @property
    def net(self) -> Decimal:
        return sum((line.amount for line in self.lines), ZERO)


# Balance transactions


def parse_transactions(source: BinaryIO) -> Iterator[Outcome]:
    """Yield the payouts that the rows name, and their lines as far as they can be told.

    :raises ChannelParseError: not JSON, or no balance transactions
    """
    rows: dict[str, list[_Row]] = {}
    place = first_place(source, listed("data"), {"id": TOP_OBJECT})
    for record, where in records_at(source, place):
        try:
            row = _read_row(convert(record, BalanceTransaction, where), where)
        except ChannelParseError as error:
            yield refused(record, error, where)
        else:
            rows.setdefault(row.currency, []).append(row)
    for group in rows.values():
        yield from _settlements(group)


def _settlements(rows: list[_Row]) -> Iterator[ParsedSettlement]:
    payouts = [row for row in rows if row.payout]
    ledger = Ledger(TRANSACTIONS, "stripe")
    is_one = len(payouts) == 1 and len(rows) > 1 and not sum(row.net for row in rows)
    for row in rows:
        ref = payouts[0].source if is_one else ""
        # An instant payout has a fee, which its head does not tell.
        lines = [x for x in row.lines if is_one or not row.payout or x.type == "fee"]
        if lines:
            ledger.add(ref, row.currency, lines, row.where)
    yield from (row.payout for row in payouts if row.payout)
    yield from ledger.settlements()


def _read_row(transaction: BalanceTransaction, where: str) -> _Row:
    currency = to_currency(transaction.currency, join(where, "currency"))
    amount = stated(transaction.amount, currency, join(where, "amount"))
    fees = _fees(transaction, currency, where)
    fee = sum((part for _code, part, _text in fees), ZERO)
    if transaction.net is not None:
        net = from_minor(transaction.net, currency, join(where, "net"))
        if net != amount - fee:
            raise ChannelParseError(
                f"{net} is not {amount} less a fee of {fee}", join(where, "net")
            )
    source = Source(transaction.source)
    lines = [
        line
        for index, (code, part, description) in enumerate([("", amount, ""), *fees])
        for line in _lines(transaction, source, code, part, index, description, where)
    ]
    payout = None
    if _kind(transaction) == "transfer" and transaction.type == "payout" and source.id:
        payout = _head_of_row(transaction, source, currency, -amount, where)
    return _Row(currency, source.id, lines, where, payout)


def _fees(
    transaction: BalanceTransaction, currency: str, where: str
) -> list[tuple[str, Decimal, str]]:
    """Return code, amount and text of what was charged.

    :raises ChannelParseError: the parts do not sum to the fee
    """
    place = join(where, "fee")
    whole = from_minor(transaction.fee or 0, currency, place)
    parts = []
    for index, detail in enumerate(transaction.fee_details or ()):
        path = join(where, f"fee_details[{index}].amount")
        code = f"fee/{text(detail.type)}" if text(detail.type) else "fee"
        amount = stated(detail.amount, currency, path)
        parts.append((code, amount, text(detail.description)))
    if not parts:
        return [("fee", whole, "")] if whole else []
    if sum((amount for _code, amount, _text in parts), ZERO) != whole:
        raise ChannelParseError("fee_details do not sum to the fee", place)
    return parts


def _kind(transaction: BalanceTransaction) -> SettlementLineType:
    category = text(transaction.reporting_category)
    return _CATEGORIES.get(category) or _TYPES.get(text(transaction.type), "adjustment")


def _code(transaction: BalanceTransaction) -> str:
    category, kind = text(transaction.reporting_category), text(transaction.type)
    return f"{category}/{kind}" if category and category != kind else kind


def _lines(
    transaction: BalanceTransaction,
    source: Source,
    code: str,
    amount: Decimal,
    index: int,
    description: str,
    where: str,
) -> list[ParsedSettlementLine]:
    """Return the line of an amount, or of the fee number ``index``."""
    kind = _kind(transaction)
    is_dispute = text(transaction.reporting_category).startswith("dispute")
    is_back = kind == "refund"
    converted = {} if code else _converted(transaction, source, where)
    row = (
        (f":fee{index}", "fee", code, -amount)
        if code
        else ("", kind, _code(transaction), amount)
    )
    return some_lines(
        identifier(transaction.id, join(where, "id")),
        [row],  # type: ignore[list-item]
        posted_at=to_datetime(transaction.created, join(where, "created")),
        order_ref=_order_ref(transaction, source),
        refund_ref=source.id if is_back else "",
        reference=payment_ref(source),
        description=description or text(transaction.description),
        is_dispute=is_dispute,
        respond_by=due(source, where) if is_dispute else None,
        dispute_status=dispute_status(transaction, source) if is_dispute else "",
        where=where,
        **converted,
    )


def _order_ref(transaction: BalanceTransaction, source: Source) -> str:
    inner = (source, source.inner("charge"), source.inner("payment_intent"))
    stated = (part.order_ref for part in inner)
    return next((ref for ref in stated if ref), "") or order_in(transaction.description)


def _converted(
    transaction: BalanceTransaction, source: Source, where: str
) -> dict[str, Any]:
    """Return what the buyer paid in their currency, where the source says it."""
    if transaction.exchange_rate is None:
        return {}
    place = join(where, "source")
    stated = source.object.get("amount_captured") or source.object.get("amount")
    if stated is None or not source.get("currency"):
        return {}
    currency = to_currency(source.get("currency"), join(place, "currency"))
    if currency in AMBIGUOUS:
        return {}
    original = abs(from_minor(stated, currency, join(place, "amount")))
    sign = -1 if transaction.amount and transaction.amount < 0 else 1
    return {"original_amount": sign * original, "original_currency": currency}


# Payouts


def _head_of_row(
    transaction: BalanceTransaction,
    source: Source,
    currency: str,
    amount: Decimal,
    where: str,
) -> ParsedSettlement:
    """Return the head of a payout as its balance transaction tells it."""
    status = source.get("status")
    return ParsedSettlement(
        external_ref=source.id,
        format=TRANSACTIONS,
        platform="stripe",
        where=where,
        parts=frozenset({"header"}),
        currency=currency,
        amount_total=amount,
        channel_status=status,
        status=_PAYOUT_STATUSES.get(status, "closed"),
        deposited_at=to_datetime(transaction.available_on, join(where, "available_on")),
        rows=1,
    )


def parse_payouts(source: BinaryIO) -> Iterator[Outcome]:
    """Yield the heads of payouts.

    :raises ChannelParseError: not JSON, or no payouts
    """
    place = first_place(source, listed("data"), {"id": TOP_OBJECT})
    for record, where in records_at(source, place):
        try:
            yield _read_payout(convert(record, Payout, where), where)
        except ChannelParseError as error:
            yield refused(record, error, where)


def _read_payout(payout: Payout, where: str) -> ParsedSettlement:
    currency = to_currency(payout.currency, join(where, "currency"))
    status = text(payout.status)
    trace = text(payout.trace_id.value) if payout.trace_id else ""
    return ParsedSettlement(
        external_ref=identifier(payout.id, join(where, "id")),
        format=PAYOUTS,
        platform="stripe",
        where=where,
        parts=frozenset({"header"}),
        currency=currency,
        amount_total=stated(payout.amount, currency, join(where, "amount")),
        channel_status=status,
        status=_PAYOUT_STATUSES.get(status, "unknown"),
        deposited_at=to_datetime(payout.arrival_date, join(where, "arrival_date")),
        bank_ref=trace or text(payout.statement_descriptor),
        account_tail=Source(payout.destination).get("last4"),
    )


# Detection


def _shows(*fields: str) -> Any:
    """Return a test for one object, a list of the API, or a bare list."""

    def detect(sample: Sample) -> bool:
        return sample.kind == "json" and any(
            sample.has(*(prefix + field for field in fields))
            for prefix in ("", "data[].", "[].")
        )

    return detect


def _other(name: str, label: str, *fields: str) -> ChannelFormat:
    return ChannelFormat(
        code=f"stripe.{name}",
        platform="stripe",
        label=f"Stripe {label}; the money is in its balance transactions",
        kind="other",
        detect=_shows(*fields),
    )


FORMATS: tuple[ChannelFormat, ...] = (
    ChannelFormat(
        code=TRANSACTIONS,
        platform="stripe",
        label="Stripe balance transactions",
        kind="settlement",
        detect=_shows("id", "net", "fee", "reporting_category"),
        parse=parse_transactions,
    ),
    ChannelFormat(
        code=PAYOUTS,
        platform="stripe",
        label="Stripe payouts",
        kind="settlement",
        detect=_shows("id", "arrival_date", "automatic", "status"),
        parse=parse_payouts,
    ),
    ChannelFormat(
        code=DISPUTES,
        platform="stripe",
        label="Stripe disputes",
        kind="settlement",
        detect=_shows("id", "charge", "evidence_details", "is_charge_refundable"),
        parse=parse_disputes,
    ),
    _other("charges", "charges", "id", "amount_captured", "payment_method_details"),
    _other("refunds", "refunds", "id", "charge", "receipt_number", "payment_intent"),
    _other("transfers", "transfers", "id", "amount_reversed", "destination_payment"),
    _other(
        "payment_intents", "payment intents", "id", "client_secret", "amount_received"
    ),
)
