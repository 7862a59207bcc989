"""eBay's Finances API: transactions and payouts.

What the fields mean, where it is not obvious:

- Amounts have no sign; ``bookingEntry`` says whether the seller gets (``CREDIT``) or pays them.
- The ``amount`` of a sale is net of its fees: amount + ``totalFeeAmount`` is what the buyer paid
  without the tax that eBay collects (``totalFeeBasisAmount``). A refund is net of the fees that
  come back, in the same way. Gross and fees become lines of their own.
- Of a sale in another currency the amount is converted (``exchangeRate``) and the fees are not:
  they are converted here, and the gross is the amount with the fees as converted.
- ``eBayCollectedTaxAmount`` never passes through the seller's money; the description tells it.
- ``transactionId`` is unique only together with the type: a sale has the order's id.
- ``TRANSFER`` is what the seller pays eBay outside of payouts, for charges that exceed the
  balance. It is part of the sum that is paid out, so it is an adjustment. ``WITHDRAWAL`` is
  money to the bank.
- A payout that is split over bank accounts has a ``payoutReference``: its parts are one settlement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, BinaryIO

from .base import (
    ZERO,
    ChannelParseError,
    ParseFailure,
    Sample,
    only_currency,
    to_currency,
    to_datetime,
    to_decimal,
)
from .ebay_finances_model import Amount, Instrument, Payout, PayoutDetails, Transaction
from .jsonio import convert, join
from .jsonrecords import TOP_OBJECT, identifier, text
from .settlement import (
    DisputeStatus,
    ParsedSettlement,
    ParsedSettlementLine,
    SettlementLineType,
    SettlementStatus,
)
from .settlement_json import (
    Ledger,
    collect,
    first_place,
    listed,
    records_at,
    refused,
    some_lines,
)

TRANSACTIONS = "ebay.finances.transactions"
PAYOUTS = "ebay.finances.payouts"

Outcome = ParsedSettlement | ParseFailure
_EXACT = Context(prec=64)
_CENT = Decimal("0.01")
_SIGNS = {"CREDIT": 1, "DEBIT": -1}
_TYPES: dict[str, SettlementLineType] = {
    "SALE": "sale",
    "REFUND": "refund",
    "DISPUTE": "refund",
    "NON_SALE_CHARGE": "fee",
    "SHIPPING_LABEL": "fee",
    "HOLD": "reserve",
    "WITHDRAWAL": "transfer",
}
_STATUSES: dict[str, SettlementStatus] = {
    "INITIATED": "closed",
    "SUCCEEDED": "paid",
    "RETRYABLE_FAILED": "failed",
    "TERMINAL_FAILED": "failed",
    "REVERSED": "failed",
}


# Transactions


def parse_transactions(source: BinaryIO) -> Iterator[Outcome]:
    """Yield the lines of transactions, sorted by payout.

    :raises ChannelParseError: not JSON, or no transactions
    """
    ledger = Ledger(TRANSACTIONS, "ebay")
    place = first_place(source, listed("transactions"), {"transactionId": TOP_OBJECT})
    for record, where in records_at(source, place):
        yield from collect(ledger, record, where, _add, "transactionId")
    yield from ledger.settlements()


def _add(ledger: Ledger, record: Any, where: str) -> None:
    transaction = convert(record, Transaction, where)
    amount = transaction.amount or Amount()
    lines = _TransactionReader(transaction, where).lines()
    details = transaction.payout_details or PayoutDetails()
    refs = (
        *(details.payout_reference, transaction.payout_reference),
        *(details.payout_id, transaction.payout_id),
    )
    ref = next((text(ref) for ref in refs if text(ref)), "")
    ledger.add(ref, amount.currency, lines, where)


class _TransactionReader:
    def __init__(self, transaction: Transaction, where: str):
        self._transaction = transaction
        self._where = where
        self._type = text(transaction.transaction_type)

    def lines(self) -> list[ParsedSettlementLine]:
        """Return the lines of a transaction: its gross, and each fee.

        :raises ChannelParseError: an amount, its direction or its currency is missing
        """
        transaction = self._transaction
        sign = _SIGNS.get(text(transaction.booking_entry).upper())
        if sign is None:
            raise ChannelParseError(
                "neither CREDIT nor DEBIT", join(self._where, "bookingEntry")
            )
        net = self._value(transaction.amount, "amount")
        fees = self._fees()
        gross = net + sum((fee for _item, _name, fee in fees), ZERO)
        number = identifier(
            transaction.transaction_id, join(self._where, "transactionId")
        )
        ref = f"{self._type}:{number}:{'in' if sign > 0 else 'out'}"
        common = self._common(number)
        found = some_lines(
            ref,
            [("", self._kind(), self._code(), sign * gross)],
            **common,
            **self._original(sign, fees),
        )
        seen: Counter[str] = Counter()
        for item, name, fee in fees:
            key = f":{item}:{name}"
            seen[key] += 1
            suffix = f"{key}:{seen[key]}" if seen[key] > 1 else key
            row = (suffix, "fee", f"marketplaceFees/{name}", -sign * fee)
            found += some_lines(ref, [row], **common, order_line_ref=item)  # type: ignore[list-item]
        return found

    def _kind(self) -> SettlementLineType:
        return "refund" if self._is_dispute() else _TYPES.get(self._type, "adjustment")

    def _is_dispute(self) -> bool:
        """Whether a claim of the buyer takes the money, or gives it back."""
        number = text(self._transaction.transaction_id)
        return self._type == "DISPUTE" or (
            self._type == "CREDIT" and number.startswith("DISPUTE")
        )

    def _dispute_status(self) -> DisputeStatus:
        """Return how a claim stands: eBay takes the money when it opens, and gives it back."""
        if not self._is_dispute():
            return ""
        is_back = text(self._transaction.booking_entry).upper() == "CREDIT"
        return "won" if is_back else "open"

    def _code(self) -> str:
        fee_type = text(self._transaction.fee_type)
        return f"{self._type}/{fee_type}" if fee_type else self._type

    def _common(self, number: str) -> dict[str, Any]:
        transaction = self._transaction
        kinds = {
            text(ref.reference_type): text(ref.reference_id)
            for ref in transaction.references or ()
        }
        order = text(transaction.order_id) or kinds.pop("ORDER_ID", "")
        kinds.pop("ORDER_ID", None)
        moment = join(self._where, "transactionDate")
        is_back = self._kind() == "refund"
        return {
            "posted_at": to_datetime(transaction.transaction_date, moment),
            "order_ref": order,
            "refund_ref": number if is_back else "",
            "reference": next(iter(kinds.values()), ""),
            "description": self._description(),
            "is_dispute": self._is_dispute(),
            "dispute_status": self._dispute_status(),
            "where": self._where,
        }

    def _description(self) -> str:
        transaction = self._transaction
        tax = transaction.collected_tax or transaction.collected_tax_answered
        parts = [text(transaction.transaction_memo)]
        if tax and tax.value:
            parts.append(f"tax collected by eBay: {tax.value} {text(tax.currency)}")
        return "; ".join(part for part in parts if part)

    def _value(self, amount: Amount | None, name: str) -> Decimal:
        place = join(self._where, f"{name}.value")
        if amount is None or amount.value is None:
            raise ChannelParseError("missing", place)
        return to_decimal(amount.value, place)

    def _fees(self) -> list[tuple[str, str, Decimal]]:
        """Return line item, type and amount of each fee in the amount's currency.

        Where the parts do not sum to the stated total, that is one fee.
        """
        parts = [
            (text(item.line_item_id), text(fee.fee_type) or "FEE", fee.amount, path)
            for index, item in enumerate(self._transaction.order_line_items or ())
            for number, fee in enumerate(item.marketplace_fees or ())
            for path in (f"orderLineItems[{index}].marketplaceFees[{number}].amount",)
            if fee.amount
        ]
        total = self._transaction.total_fee_amount
        stated = sum((self._value(part[2], part[3]) for part in parts), ZERO)
        if (
            total
            and total.value is not None
            and stated != self._value(total, "totalFeeAmount")
        ):
            parts = [("", "FEE", total, "totalFeeAmount")]
        return [
            (item, name, self._in_own_currency(amount, path))
            for item, name, amount, path in parts
        ]

    def _in_own_currency(self, fee: Amount, path: str) -> Decimal:
        value = self._value(fee, path)
        own = self._transaction.amount or Amount()
        if not fee.currency or fee.currency == own.currency:
            return value
        rate = self._rate(own, fee.currency)
        if rate is None:
            raise ChannelParseError(
                f"a fee in {fee.currency}, and no rate to {own.currency}",
                join(self._where, path),
            )
        return _EXACT.multiply(value, rate).quantize(_CENT, ROUND_HALF_UP, _EXACT)

    def _rate(self, amount: Amount, currency: str) -> Decimal | None:
        """Return what one unit of a currency is in the amount's own."""
        source = amount.converted_from_currency or currency
        if source != currency:
            return None
        if amount.exchange_rate:
            return to_decimal(amount.exchange_rate, self._where)
        if amount.converted_from_value:
            before = to_decimal(amount.converted_from_value, self._where)
            return _EXACT.divide(self._value(amount, "amount"), before)
        return None

    def _original(
        self, sign: int, fees: Sequence[tuple[str, str, Decimal]]
    ) -> dict[str, Any]:
        """Return the gross before it was converted; fees are stated in that currency."""
        amount = self._transaction.amount or Amount()
        if not amount.converted_from_value or not amount.converted_from_currency:
            return {}
        place = join(self._where, "amount.convertedFromValue")
        before = to_decimal(amount.converted_from_value, place)
        total = self._transaction.total_fee_amount
        if fees and not (total and total.currency == amount.converted_from_currency):
            return {}
        fee = self._value(total, "totalFeeAmount") if fees else ZERO
        return {
            "original_amount": sign * (before + fee),
            "original_currency": to_currency(amount.converted_from_currency, place),
        }


# Payouts


def parse_payouts(source: BinaryIO) -> Iterator[Outcome]:
    """Yield the heads of payouts, and what eBay charged for paying out.

    :raises ChannelParseError: not JSON, or no payouts
    """
    heads: dict[str, ParsedSettlement] = {}
    ledger = Ledger(PAYOUTS, "ebay")
    place = first_place(source, listed("payouts"), {"payoutId": TOP_OBJECT})
    for record, where in records_at(source, place):
        try:
            payout = convert(record, Payout, where)
            head = _head(payout, where)
            known = heads.get(head.external_ref)
            heads[head.external_ref] = _together(known, head) if known else head
            fees = _payout_fees(payout, where)
            if fees:
                ledger.add(head.external_ref, head.currency, fees, where)
        except ChannelParseError as error:
            yield refused(record, error, where, "payoutId")
    yield from heads.values()
    yield from ledger.settlements()


def _head(payout: Payout, where: str) -> ParsedSettlement:
    amount = payout.amount or Amount()
    if amount.value is None:
        raise ChannelParseError("missing", join(where, "amount.value"))
    number = identifier(payout.payout_id, join(where, "payoutId"))
    status = text(payout.payout_status)
    instrument = payout.payout_instrument or Instrument()
    return ParsedSettlement(
        external_ref=text(payout.payout_reference) or number,
        format=PAYOUTS,
        platform="ebay",
        where=where,
        parts=frozenset({"header"}),
        currency=to_currency(amount.currency, join(where, "amount.currency")),
        amount_total=to_decimal(amount.value, join(where, "amount.value")),
        channel_status=status,
        status=_STATUSES.get(status.upper(), "unknown"),
        deposited_at=to_datetime(payout.payout_date, join(where, "payoutDate")),
        bank_ref=text(payout.bank_reference),
        account_tail=text(instrument.account_last_four_digits),
    )


def _together(one: ParsedSettlement, other: ParsedSettlement) -> ParsedSettlement:
    """Return two parts of a split payout as one.

    :raises ChannelParseError: in different currencies
    """
    only_currency(
        [(join(other.where, "amount.currency"), other.currency or "")],
        one.currency or "",
    )
    is_same = one.status == other.status
    return replace(
        one,
        amount_total=(one.amount_total or ZERO) + (other.amount_total or ZERO),
        channel_status=one.channel_status if is_same else other.channel_status,
        status=one.status if is_same else "closed",
        bank_ref=" ".join(filter(None, [one.bank_ref, other.bank_ref])),
        account_tail=" ".join(filter(None, [one.account_tail, other.account_tail])),
    )


def _payout_fees(payout: Payout, where: str) -> list[ParsedSettlementLine]:
    found: list[ParsedSettlementLine] = []
    for index, fee in enumerate(payout.total_fee_details or ()):
        path = join(where, f"totalFeeDetails[{index}].amount.value")
        if fee.amount is None or fee.amount.value is None:
            raise ChannelParseError("missing", path)
        name = text(fee.fee_type) or "FEE"
        row = (
            f":{index}",
            "fee",
            f"payout/{name}",
            -to_decimal(fee.amount.value, path),
        )
        found += some_lines(
            f"PAYOUT:{text(payout.payout_id)}:{name}",
            [row],  # type: ignore[list-item]
            posted_at=to_datetime(payout.payout_date, join(where, "payoutDate")),
            description=text(fee.fee_memo),
            where=where,
        )
    return found


# Detection


def is_transactions(sample: Sample) -> bool:
    return sample.kind == "json" and any(
        sample.has(f"{prefix}transactionId", f"{prefix}bookingEntry")
        for prefix in ("transactions[].", "", "[].")
    )


def is_payouts(sample: Sample) -> bool:
    return sample.kind == "json" and any(
        sample.has(f"{prefix}payoutId", f"{prefix}payoutStatus")
        for prefix in ("payouts[].", "", "[].")
    )
