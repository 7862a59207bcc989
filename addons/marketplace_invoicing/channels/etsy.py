"""Etsy orders: the Open API v3's receipts here, the shop manager's CSV downloads in ``etsy_csv``.

Money is ``{amount, divisor, currency_code}``: 2500 over 100 is 25.00, 2500 over 1 is 2500 yen.
All of a receipt is in the shop's currency, whatever the buyer paid in. ``price`` is for one
unit. A receipt adds up as ``total_price - discount_amt + total_shipping_cost + gift_wrap_price
+ total_tax_cost + total_vat_cost``; should the total be without the taxes, they are read as
contained in the prices. An order has sales tax or VAT, so ``amount_tax`` is the one that is not
zero (``total_tax_cost`` should both be).
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, BinaryIO

import msgspec

from . import etsy_csv, etsy_ledger, etsy_payments, etsy_statement
from .base import (
    ALL_PARTS,
    ZERO,
    ChannelFormat,
    ChannelParseError,
    ParsedAddress,
    ParsedBuyer,
    ParsedLine,
    ParsedOrder,
    ParsedRefund,
    Record,
    Sample,
    only_currency,
    to_currency,
    to_datetime,
    to_decimal,
)
from .etsy_lines import (
    OrderTax,
    build_lines,
    charge_lines,
    order_status,
    paid_through_channel,
    payment_status,
)
from .jsonio import convert, join
from .jsonrecords import country_code, times
from .listed_json import read_orders

CODE = "etsy.receipts.v3"

_MARKETPLACES = {0: "etsy.com", 5: "etsy.com", 1: "pattern"}
_CENT = Decimal("0.01")


class Money(msgspec.Struct):
    amount: int
    divisor: int
    currency_code: str


class Variation(msgspec.Struct):
    formatted_name: str | None = None
    formatted_value: str | None = None


class Transaction(msgspec.Struct):
    transaction_id: str | int | None = None
    listing_id: str | int | None = None
    product_id: str | int | None = None
    sku: str | None = None
    title: str | None = None
    quantity: Decimal | None = None
    price: Money | None = None
    variations: list[Variation] | None = None
    paid_timestamp: int | None = None
    shipped_timestamp: int | None = None


class Shipment(msgspec.Struct):
    shipment_notification_timestamp: int | None = None
    carrier_name: str | None = None


class Refund(msgspec.Struct):
    amount: Money | None = None
    created_timestamp: int | None = None
    reason: str | None = None
    status: str | None = None
    payment_adjustment_id: str | int | None = None


class Receipt(msgspec.Struct):
    receipt_id: str | int
    receipt_type: int | None = None
    status: str | None = None
    buyer_user_id: str | int | None = None
    buyer_email: str | None = None
    name: str | None = None
    first_line: str | None = None
    second_line: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country_iso: str | None = None
    payment_method: str | None = None
    is_paid: bool | None = None
    is_shipped: bool | None = None
    message_from_buyer: str | None = None
    gift_message: str | None = None
    # The twins without "d" are the older names of the same moments.
    created_timestamp: int | None = None
    create_timestamp: int | None = None
    updated_timestamp: int | None = None
    update_timestamp: int | None = None
    grandtotal: Money | None = None
    total_price: Money | None = None
    subtotal: Money | None = None
    discount_amt: Money | None = None
    total_shipping_cost: Money | None = None
    total_tax_cost: Money | None = None
    total_vat_cost: Money | None = None
    gift_wrap_price: Money | None = None
    transactions: list[Transaction] | None = None
    shipments: list[Shipment] | None = None
    refunds: list[Refund] | None = None


def read_money(money: Money, where: str) -> Decimal:
    """Return ``amount / divisor`` with the decimals that the divisor stands for.

    :raises ChannelParseError: a divisor that is not 1, 10, 100 ..., or an absurd amount
    """
    digits = str(money.divisor)
    if digits.strip("0") != "1" or not digits.startswith("1"):
        raise ChannelParseError(
            f"{money.divisor} is not 1, 10, 100 ...", f"{where}.divisor"
        )
    return to_decimal(Decimal(f"{money.amount}E-{len(digits) - 1}"), f"{where}.amount")


def parse_receipts(source: BinaryIO) -> Iterator[Record]:
    """Read getShopReceipts (``{"count", "results": [...]}``), one receipt, or a list of them."""
    return read_orders(source, list_key="results", id_key="receipt_id", read=_order)


class _Reader:
    """Reads the moneys of one receipt, all of which must be in its currency."""

    def __init__(self, receipt: Receipt, where: str):
        self.where = where
        self.currency: str | None = None
        #: The smallest amount that Etsy states in this currency.
        self.unit = _CENT
        for field in ("grandtotal", "total_price"):
            money = getattr(receipt, field)
            if money:
                place = join(where, field)
                self.currency = to_currency(
                    money.currency_code, f"{place}.currency_code"
                )
                self.unit = read_money(msgspec.structs.replace(money, amount=1), place)
                break

    def read(self, money: Money | None, field: str) -> Decimal | None:
        if money is None:
            return None
        place = join(self.where, field)
        value = read_money(money, place)
        code = to_currency(money.currency_code, f"{place}.currency_code")
        if self.currency:
            only_currency([(f"{place}.currency_code", code)], self.currency)
        return value

    def zero(self, money: Money | None, field: str) -> Decimal:
        value = self.read(money, field)
        return ZERO if value is None else value

    def moment(self, stamp: int | None, field: str) -> datetime | None:
        # Etsy writes 0 or null for what has not happened.
        return to_datetime(stamp or None, join(self.where, field))


def _order(record: Any, where: str, raw: str) -> ParsedOrder:
    receipt = convert(record, Receipt, where)
    reference = str(receipt.receipt_id).strip()
    if reference in ("", "0"):
        raise ChannelParseError("missing", join(where, "receipt_id"))
    reader = _Reader(receipt, where)
    total = reader.read(receipt.grandtotal, "grandtotal")
    refunds = _refunds(receipt, reference, reader)
    return ParsedOrder(
        external_ref=reference,
        format=CODE,
        platform="etsy",
        where=where,
        raw=raw,
        parts=ALL_PARTS if receipt.transactions is not None else ALL_PARTS - {"items"},
        currency=reader.currency,
        amount_total=total,
        amount_tax=_stated_tax(receipt, reader),
        amount_shipping=reader.read(receipt.total_shipping_cost, "total_shipping_cost"),
        amount_discount=reader.read(receipt.discount_amt, "discount_amt"),
        created_at=reader.moment(
            receipt.created_timestamp or receipt.create_timestamp, "created_timestamp"
        ),
        updated_at=reader.moment(
            receipt.updated_timestamp or receipt.update_timestamp, "updated_timestamp"
        ),
        paid_at=_paid_at(receipt, reader),
        shipped_at=_shipped_at(receipt, reader),
        marketplace=_MARKETPLACES.get(
            -1 if receipt.receipt_type is None else receipt.receipt_type, ""
        ),
        shipping_option=_carrier(receipt),
        note=_note(receipt),
        lines=_lines(receipt, total, reader),
        refunds=refunds,
        shipping_address=_address(receipt),
        buyer=_buyer(receipt),
        **_states(receipt, refunds),
    )


# Lines


def _lines(
    receipt: Receipt, total: Decimal | None, reader: _Reader
) -> tuple[ParsedLine, ...]:
    products = [
        _product_line(transaction, index, reader)
        for index, transaction in enumerate(receipt.transactions or ())
    ]
    charges = charge_lines(
        reader.zero(receipt.total_shipping_cost, "total_shipping_cost"),
        reader.zero(receipt.gift_wrap_price, "gift_wrap_price"),
    )
    if receipt.transactions is None:
        return ()
    return build_lines(
        products,
        charges,
        discount=abs(reader.zero(receipt.discount_amt, "discount_amt")),
        taxes=_taxes(receipt, reader),
        total=total,
        unit=reader.unit,
    )


def _product_line(transaction: Transaction, index: int, reader: _Reader) -> ParsedLine:
    path = f"transactions[{index}]"
    quantity = Decimal(1) if transaction.quantity is None else transaction.quantity
    quantity = to_decimal(quantity, join(reader.where, f"{path}.quantity"))
    price = reader.zero(transaction.price, f"{path}.price")
    return ParsedLine(
        external_ref=str(transaction.transaction_id or index + 1),
        sku=(transaction.sku or "").strip(),
        product_ref=_product_ref(transaction),
        title=_title(transaction),
        quantity=quantity,
        amount=times(price, quantity, join(reader.where, f"{path}.price")),
    )


def _product_ref(transaction: Transaction) -> str:
    """Return the listing, with the product where the listing has variations.

    The product alone will not do: Etsy numbers it anew when the listing's variations are
    edited.
    """
    listing = str(transaction.listing_id or "")
    if listing and transaction.variations and transaction.product_id:
        return f"{listing}:{transaction.product_id}"
    return listing


def _title(transaction: Transaction) -> str:
    """Return the title with the chosen variations; Etsy sends both with HTML entities."""
    chosen = [
        f"{one.formatted_name}: {one.formatted_value}"
        for one in transaction.variations or ()
        if one.formatted_name and one.formatted_value
    ]
    title = transaction.title or ""
    return html.unescape(f"{title} ({', '.join(chosen)})" if chosen else title)


def _taxes(receipt: Receipt, reader: _Reader) -> Sequence[OrderTax]:
    return [
        OrderTax(name=name, amount=reader.zero(money, field), field=field)
        for name, field, money in (
            ("Sales tax", "total_tax_cost", receipt.total_tax_cost),
            ("VAT", "total_vat_cost", receipt.total_vat_cost),
        )
    ]


def _stated_tax(receipt: Receipt, reader: _Reader) -> Decimal | None:
    tax = reader.read(receipt.total_tax_cost, "total_tax_cost")
    return tax or reader.read(receipt.total_vat_cost, "total_vat_cost") or tax


# States, people


def _states(receipt: Receipt, refunds: Sequence[ParsedRefund]) -> dict[str, Any]:
    word = receipt.status or ""
    method = receipt.payment_method or ""
    through = paid_through_channel(method)
    return {
        "channel_status": receipt.status,
        "status": order_status(
            word,
            paid=receipt.is_paid,
            shipped=bool(receipt.is_shipped),
            direct=through is False,
        ),
        "payment_status": payment_status(
            word, paid=receipt.is_paid, refunded=bool(refunds)
        ),
        "payment_method": method,
        "paid_through_channel": through,
    }


def _paid_at(receipt: Receipt, reader: _Reader) -> datetime | None:
    if receipt.is_paid is False:
        return None
    moments = (
        reader.moment(
            transaction.paid_timestamp, f"transactions[{index}].paid_timestamp"
        )
        for index, transaction in enumerate(receipt.transactions or ())
    )
    return max((moment for moment in moments if moment), default=None)


def _shipped_at(receipt: Receipt, reader: _Reader) -> datetime | None:
    """Return when the last transaction was shipped: the seller's click, not a carrier's word."""
    if receipt.is_shipped is False:
        return None
    moments = (
        reader.moment(
            transaction.shipped_timestamp, f"transactions[{index}].shipped_timestamp"
        )
        for index, transaction in enumerate(receipt.transactions or ())
    )
    return max((moment for moment in moments if moment), default=None)


def _carrier(receipt: Receipt) -> str:
    return next(
        (one.carrier_name for one in receipt.shipments or () if one.carrier_name), ""
    )


def _note(receipt: Receipt) -> str:
    parts = (receipt.message_from_buyer, receipt.gift_message)
    return "\n".join(part for part in parts if part)


def _address(receipt: Receipt) -> ParsedAddress:
    return ParsedAddress(
        name=receipt.name or "",
        street=receipt.first_line or "",
        street2=receipt.second_line or "",
        city=receipt.city or "",
        state=receipt.state or "",
        zip=receipt.zip or "",
        country=country_code(receipt.country_iso),
        email=receipt.buyer_email or "",
    )


def _buyer(receipt: Receipt) -> ParsedBuyer:
    return ParsedBuyer(
        external_ref=str(receipt.buyer_user_id or ""),
        name=receipt.name or "",
        email=receipt.buyer_email or "",
    )


def _refunds(
    receipt: Receipt, reference: str, reader: _Reader
) -> tuple[ParsedRefund, ...]:
    """Return the refunds. Without an id of their own they go by receipt, moment and amount."""
    found: dict[str, ParsedRefund] = {}
    for index, refund in enumerate(receipt.refunds or ()):
        path = f"refunds[{index}]"
        if refund.amount is None or (refund.status or "").upper() in (
            "FAILED",
            "ERROR",
        ):
            continue
        amount = abs(read_money(refund.amount, join(reader.where, f"{path}.amount")))
        key = str(refund.payment_adjustment_id or "")
        key = key or f"{reference}:{refund.created_timestamp or 0}:{amount}"
        if key in found:
            key = f"{key}:{index}"
        place = join(reader.where, f"{path}.amount.currency_code")
        found[key] = ParsedRefund(
            external_ref=key,
            amount=amount,
            currency=to_currency(refund.amount.currency_code, place),
            created_at=reader.moment(
                refund.created_timestamp, f"{path}.created_timestamp"
            ),
            reason=refund.reason or "",
        )
    return tuple(found.values())


# Detection


def _is_receipts(sample: Sample) -> bool:
    return sample.kind == "json" and any(
        prefix + "receipt_id" in sample.keys
        and any(key.startswith(prefix + "grandtotal") for key in sample.keys)
        for prefix in ("", "results[].", "[].")
    )


FORMATS: tuple[ChannelFormat, ...] = (
    ChannelFormat(
        code=CODE,
        platform="etsy",
        label="Etsy Open API v3 receipts (JSON)",
        detect=_is_receipts,
        parse=parse_receipts,
    ),
    ChannelFormat(
        code=etsy_csv.CODE,
        platform="etsy",
        label="Etsy sold orders and sold order items (CSV)",
        detect=etsy_csv.is_sold_orders,
        parse=etsy_csv.parse_sold_orders,
    ),
    ChannelFormat(
        code=etsy_statement.CODE,
        platform="etsy",
        label="Etsy payment account statement (CSV)",
        kind="settlement",
        detect=etsy_statement.is_statement,
        parse=etsy_statement.parse,
    ),
    ChannelFormat(
        code=etsy_ledger.CODE,
        platform="etsy",
        label="Etsy Open API v3 payment account ledger (JSON)",
        kind="settlement",
        detect=etsy_ledger.is_ledger,
        parse=etsy_ledger.parse,
    ),
    ChannelFormat(
        code=etsy_payments.CODE,
        platform="etsy",
        label="Etsy Open API v3 payments (JSON)",
        kind="settlement",
        detect=etsy_payments.is_payments,
        parse=etsy_payments.parse,
    ),
)
