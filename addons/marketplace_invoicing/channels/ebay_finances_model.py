"""The fields of eBay's Finances API that we read."""

from __future__ import annotations

from decimal import Decimal

import msgspec


class _Struct(msgspec.Struct, rename="camel"):
    """Fields are optional: eBay leaves out what does not apply."""


class Amount(_Struct):
    value: Decimal | None = None
    currency: str | None = None
    converted_from_value: Decimal | None = None
    converted_from_currency: str | None = None
    exchange_rate: Decimal | None = None


class Fee(_Struct):
    fee_type: str | None = None
    amount: Amount | None = None
    fee_memo: str | None = None


class LineItem(_Struct):
    line_item_id: str | None = None
    marketplace_fees: list[Fee] | None = None


class Reference(_Struct):
    reference_id: str | None = None
    reference_type: str | None = None


class PayoutDetails(_Struct):
    payout_id: str | None = None
    payout_reference: str | None = None


class Transaction(_Struct):
    transaction_id: str
    transaction_type: str
    booking_entry: str | None = None
    transaction_date: str | None = None
    transaction_memo: str | None = None
    order_id: str | None = None
    payout_id: str | None = None
    payout_reference: str | None = None
    payout_details: PayoutDetails | None = None
    amount: Amount | None = None
    total_fee_amount: Amount | None = None
    collected_tax: Amount | None = msgspec.field(
        name="eBayCollectedTaxAmount", default=None
    )
    #: As the API really spells it.
    collected_tax_answered: Amount | None = msgspec.field(
        name="ebayCollectedTaxAmount", default=None
    )
    fee_type: str | None = None
    references: list[Reference] | None = None
    order_line_items: list[LineItem] | None = None


class Instrument(_Struct):
    account_last_four_digits: str | None = None


class Payout(_Struct):
    payout_id: str
    payout_reference: str | None = None
    payout_status: str | None = None
    payout_date: str | None = None
    amount: Amount | None = None
    bank_reference: str | None = None
    payout_instrument: Instrument | None = None
    total_fee_details: list[Fee] | None = None
