"""Shopify Payments: payouts, balance transactions and disputes of the REST Admin API.

What the fields mean, where it is not obvious:

- ``amount``, ``fee`` and ``net`` of a balance transaction: the net moves the balance. Amount and
  fee become lines of their own, coded ``charge`` and ``charge/fee``; an adjustment adds its
  reason: ``debit/tax_adjustment``.
- A transaction of type ``payout`` is the payout itself; without a
  ``payout_id`` the money is not paid out yet.
- ``payout_failure`` and ``payout_cancellation`` bring the money of an earlier payout back, whose id
  is their ``source_id``; they are part of the payout that holds them.
- A payout's ``summary`` states sums and no lines: ``stated_sums``, in which fees are negative as
  they are on lines.
- A dispute states what the buyer wants back and until when the seller can answer. The money is
  moved by balance transactions whose ``source_id`` is the dispute: both have it as ``refund_ref``.

``shopify_payouts_graphql`` turns the answers of the GraphQL API into this spelling.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO

import msgspec

from .base import (
    ChannelParseError,
    ParseFailure,
    Sample,
    to_currency,
    to_decimal,
)
from .jsonio import convert, join
from .jsonrecords import Place, identifier, text
from .settlement import (
    ParsedSettlement,
    ParsedSettlementLine,
    SettlementLineType,
    SettlementStatus,
)
from .settlement_json import (
    Ledger,
    collect,
    fee_between,
    first_place,
    listed,
    moment,
    records_at,
    refused,
    required,
    some_lines,
)
from .shopify_disputes import Dispute, optional_ref, read_dispute

PAYOUTS = "shopify.payouts.rest"
TRANSACTIONS = "shopify.balance_transactions.rest"
DISPUTES = "shopify.disputes.rest"

Ref = int | str
Outcome = ParsedSettlement | ParseFailure
_STATUSES: dict[str, SettlementStatus] = {
    "scheduled": "closed",
    "in_transit": "closed",
    "paid": "paid",
    "failed": "failed",
    "canceled": "cancelled",
    "cancelled": "cancelled",
}
_TYPES: dict[str, SettlementLineType] = {
    "charge": "sale",
    "capture": "sale",
    "refund": "refund",
    "refund_failure": "refund",
    "dispute": "refund",
    "dispute_reversal": "refund",
    "dispute_withdrawal": "refund",
    "chargeback": "refund",
    "chargeback_hold": "refund",
    "chargeback_hold_release": "refund",
    "chargeback_fee": "fee",
    "chargeback_fee_refund": "fee",
    "ach_bank_failure_debit_fee": "fee",
    "ach_bank_failure_debit_reversal_fee": "fee",
    "application_fee_refund": "fee",
    "marketplace_fee_credit": "fee",
    "marketplace_fee_credit_reversal": "fee",
    "referral_fee": "fee",
    "referral_fee_tax": "fee",
    "stripe_fee": "fee",
    "shipping_label": "fee",
    "shipping_label_adjustment": "fee",
    "shipping_label_adjustment_base": "fee",
    "shipping_label_adjustment_surcharge": "fee",
    "shipping_other_carrier_charge_adjustment": "fee",
    "shipping_return_to_origin_adjustment": "fee",
    "reserve": "reserve",
    "reserved_funds": "reserve",
    "reserved_funds_reversal": "reserve",
    "reserved_funds_withdrawal": "reserve",
    "risk_reversal": "reserve",
    "risk_withdrawal": "reserve",
    "payout": "transfer",
    "payout_failure": "payout_return",
    "payout_cancellation": "payout_return",
    "transfer": "transfer",
    "transfer_failure": "payout_return",
    "transfer_cancel": "payout_return",
    "transfer_refund": "payout_return",
}
_DISPUTED = ("dispute", "chargeback_hold", "chargeback_fee")
_REFUNDING = ("refund", "dispute", "adjustment")


class AdjustedOrder(msgspec.Struct):
    id: Ref | None = None


class OrderTransaction(msgspec.Struct):
    order: AdjustedOrder | None = None


class BalanceTransaction(msgspec.Struct):
    id: Ref
    type: str
    test: bool | None = None
    payout_id: Ref | None = None
    currency: str | None = None
    amount: Decimal | None = None
    fee: Decimal | None = None
    net: Decimal | None = None
    source_id: Ref | None = None
    source_type: str | None = None
    source_order_id: Ref | None = None
    source_order_transaction_id: Ref | None = None
    processed_at: str | None = None
    adjustment_reason: str | None = None
    adjustment_order_transactions: list[OrderTransaction] | None = None


class Payout(msgspec.Struct):
    id: Ref
    status: str | None = None
    date: str | None = None
    currency: str | None = None
    amount: Decimal | None = None
    summary: dict[str, Decimal] | None = None
    transaction_type: str | None = None
    trace_id: str | None = None
    account_tail: str | None = None


# Reading records


def read_transaction(
    transaction: BalanceTransaction, where: str
) -> list[ParsedSettlementLine]:
    """Return the lines of a balance transaction: its amount and its fee.

    :raises ChannelParseError: an amount is missing, or the figures contradict each other
    """
    if transaction.test:
        raise ChannelParseError("a payment made for a test", join(where, "test"))
    code = text(transaction.type)
    name = code.lower()
    reason = text(transaction.adjustment_reason)
    amount = required(transaction.amount, join(where, "amount"))
    fee = fee_between(amount, transaction.fee, transaction.net, where)
    source = text(transaction.source_type).lower()
    is_dispute = name.startswith(_DISPUTED) or "dispute" in source
    kind = _TYPES.get(name, "adjustment")
    paid = transaction.source_order_transaction_id
    return some_lines(
        identifier(transaction.id, join(where, "id")),
        [
            ("", kind, f"{code}/{reason}" if reason else code, amount),
            (":fee", "fee", f"{code}/fee", fee),
        ],
        posted_at=moment(transaction.processed_at, join(where, "processed_at")),
        order_ref=_order_ref(transaction),
        refund_ref=_refund_ref(transaction, name),
        reference=optional_ref(
            transaction.source_id if kind == "payout_return" else paid
        ),
        description=reason.replace("_", " "),
        is_dispute=is_dispute and kind in ("refund", "fee", "adjustment"),
        # The money of a claim comes back where the seller won it.
        dispute_status="won" if name == "dispute_reversal" else "",
        where=where,
    )


def _order_ref(transaction: BalanceTransaction) -> str:
    """Return the order; an adjustment names it only among the payments it adjusts."""
    orders = {
        optional_ref(part.order.id)
        for part in transaction.adjustment_order_transactions or ()
        if part.order
    } - {""}
    ref = optional_ref(transaction.source_order_id)
    return ref or (orders.pop() if len(orders) == 1 else "")


def _refund_ref(transaction: BalanceTransaction, name: str) -> str:
    source = text(transaction.source_type).lower()
    if name.startswith((*_REFUNDING, "chargeback")) or "refund" in source:
        return optional_ref(transaction.source_id)
    return ""


def read_payout(payout: Payout, where: str, format_code: str) -> ParsedSettlement:
    """Return the head of a payout.

    :raises ChannelParseError: the amount or the currency is missing
    """
    amount = required(payout.amount, join(where, "amount"))
    if text(payout.transaction_type).lower() == "withdrawal":
        amount = -abs(amount)
    status = text(payout.status)
    return ParsedSettlement(
        external_ref=identifier(payout.id, join(where, "id")),
        format=format_code,
        platform="shopify",
        where=where,
        parts=frozenset({"header"}),
        currency=to_currency(payout.currency, join(where, "currency")),
        amount_total=amount,
        stated_sums=tuple(_stated_sums(payout.summary or {}, join(where, "summary"))),
        channel_status=status,
        status=_STATUSES.get(status.lower(), "unknown"),
        deposited_at=moment(payout.date, join(where, "date")),
        bank_ref=text(payout.trace_id),
        account_tail=text(payout.account_tail),
    )


def _stated_sums(
    summary: dict[str, Decimal], where: str
) -> Iterator[tuple[str, Decimal]]:
    for key, value in summary.items():
        amount = to_decimal(value, join(where, key))
        name = key.removesuffix("_amount")
        if name.endswith(("_fee_gross", "_gross")):
            name = name.removesuffix("_gross").removesuffix("_fee")
        elif name.endswith(("_fee", "_fees")):
            name, amount = re.sub("_fees?$", "/fee", name), -amount
        if amount:
            yield name, amount


# REST

_LISTS = {
    PAYOUTS: listed("payouts"),
    TRANSACTIONS: listed("transactions"),
    DISPUTES: listed("disputes"),
}
_SINGLES = {
    PAYOUTS: {"payout": Place("payout", "payout")},
    TRANSACTIONS: {},
    DISPUTES: {"dispute": Place("dispute", "dispute")},
}


def _records(source: BinaryIO, code: str) -> Iterator[tuple[Any, str]]:
    return records_at(source, first_place(source, _LISTS[code], _SINGLES[code]))


def parse_payouts(source: BinaryIO) -> Iterator[Outcome]:
    """Yield the heads of payouts of a REST answer.

    :raises ChannelParseError: not JSON, or no payouts
    """
    for record, where in _records(source, PAYOUTS):
        yield head(record, where, PAYOUTS)


def head(record: Any, where: str, format_code: str) -> Outcome:
    """Return the head of a payout in REST's spelling, or why it cannot be read."""
    try:
        return read_payout(convert(record, Payout, where), where, format_code)
    except ChannelParseError as error:
        return refused(record, error, where)


def parse_transactions(source: BinaryIO) -> Iterator[Outcome]:
    """Yield the lines of a REST answer, sorted by payout.

    :raises ChannelParseError: not JSON, or no balance transactions
    """
    ledger = Ledger(TRANSACTIONS, "shopify")
    for record, where in _records(source, TRANSACTIONS):
        yield from collect(ledger, record, where, add_transaction)
    yield from ledger.settlements()


def parse_disputes(source: BinaryIO) -> Iterator[Outcome]:
    """Yield the disputes of a REST answer as lines of no payout.

    :raises ChannelParseError: not JSON, or no disputes
    """
    ledger = Ledger(DISPUTES, "shopify")
    for record, where in _records(source, DISPUTES):
        yield from collect(ledger, record, where, add_dispute)
    yield from ledger.settlements()


def add_transaction(ledger: Ledger, record: Any, where: str) -> None:
    """Put a balance transaction in REST's spelling into the ledger.

    :raises ChannelParseError: it cannot be read
    """
    transaction = convert(record, BalanceTransaction, where)
    ledger.add(
        optional_ref(transaction.payout_id),
        transaction.currency,
        read_transaction(transaction, where),
        where,
    )


def add_dispute(ledger: Ledger, record: Any, where: str) -> None:
    """Put a dispute in REST's spelling into the ledger.

    :raises ChannelParseError: it cannot be read
    """
    dispute = convert(record, Dispute, where)
    ledger.add("", dispute.currency, read_dispute(dispute, where), where)


# Detection


def is_payouts(sample: Sample) -> bool:
    return sample.kind == "json" and any(
        sample.has(*(prefix + field for field in ("id", "status", "date", "amount")))
        for prefix in ("payouts[].", "payout.")
    )


def is_balance_transactions(sample: Sample) -> bool:
    return sample.kind == "json" and any(
        sample.has(*(prefix + name for name in ("payout_id", "source_type", "net")))
        for prefix in ("transactions[].", "[].")
    )


def is_disputes(sample: Sample) -> bool:
    return sample.kind == "json" and any(
        sample.has(*(prefix + name for name in ("id", "order_id", "evidence_due_by")))
        for prefix in ("disputes[].", "dispute.", "[].")
    )
