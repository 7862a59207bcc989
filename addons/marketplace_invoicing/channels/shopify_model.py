"""The fields of a Shopify order that we read, spelled as the REST Admin API spells them."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from msgspec import UNSET, UnsetType

Ref = int | str


class Money(msgspec.Struct):
    amount: Decimal | None = None
    currency_code: str | None = None


class MoneySet(msgspec.Struct):
    shop_money: Money | None = None


class TaxLine(msgspec.Struct):
    title: str | None = None
    rate: Decimal | None = None
    price: Decimal | None = None
    price_set: MoneySet | None = None
    #: True: the channel remits. Null and missing mean different things, see ``_liability``.
    channel_liable: bool | None | UnsetType = UNSET


class Allocation(msgspec.Struct):
    amount: Decimal | None = None
    amount_set: MoneySet | None = None


class Duty(msgspec.Struct):
    tax_lines: list[TaxLine] | None = None


class LineItem(msgspec.Struct):
    id: Ref | None = None
    variant_id: Ref | None = None
    product_id: Ref | None = None
    sku: str | None = None
    barcode: str | None = None
    name: str | None = None
    title: str | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    price_set: MoneySet | None = None
    #: Whole line after line discounts; GraphQL only, where the allocations may not be asked for.
    discounted_total_set: MoneySet | None = None
    total_discount: Decimal | None = None
    total_discount_set: MoneySet | None = None
    discount_allocations: list[Allocation] | None = None
    tax_lines: list[TaxLine] | None = None
    duties: list[Duty] | None = None
    gift_card: bool | None = None
    tip_payment_gateway: str | None = None


class ShippingLine(msgspec.Struct):
    id: Ref | None = None
    title: str | None = None
    code: str | None = None
    price: Decimal | None = None
    price_set: MoneySet | None = None
    discounted_price: Decimal | None = None
    discounted_price_set: MoneySet | None = None
    discount_allocations: list[Allocation] | None = None
    tax_lines: list[TaxLine] | None = None
    is_removed: bool | None = None


class Transaction(msgspec.Struct):
    kind: str | None = None
    status: str | None = None
    gateway: str | None = None
    manual_payment_gateway: bool | None = None
    #: What the gateway knows the payment by: PayPal's transaction, Stripe's charge.
    authorization: str | None = None
    amount: Decimal | None = None
    #: The buyer's currency, where the shop sells in several.
    currency: str | None = None
    processed_at: str | None = None
    created_at: str | None = None

    @property
    def succeeded(self) -> bool:
        return self.status == "success"


class RefundedItem(msgspec.Struct):
    """What a refund repeats of the order's line."""

    sku: str | None = None
    name: str | None = None
    title: str | None = None
    gift_card: bool | None = None
    tax_lines: list[TaxLine] | None = None


class RefundLine(msgspec.Struct):
    line_item_id: Ref | None = None
    quantity: Decimal | None = None
    subtotal: Decimal | None = None
    subtotal_set: MoneySet | None = None
    total_tax: Decimal | None = None
    total_tax_set: MoneySet | None = None
    line_item: RefundedItem | None = None


class RefundShippingLine(msgspec.Struct):
    shipping_line_id: Ref | None = None
    title: str | None = None
    subtotal_amount_set: MoneySet | None = None
    tax_amount_set: MoneySet | None = None


class OrderAdjustment(msgspec.Struct):
    """Below zero where the buyer gets more, above where the shop keeps a part."""

    kind: str | None = None
    reason: str | None = None
    amount: Decimal | None = None
    amount_set: MoneySet | None = None
    tax_amount: Decimal | None = None
    tax_amount_set: MoneySet | None = None


class Refund(msgspec.Struct):
    id: Ref | None = None
    order_id: Ref | None = None
    created_at: str | None = None
    processed_at: str | None = None
    note: str | None = None
    transactions: list[Transaction] | None = None
    total_refunded_set: MoneySet | None = None
    refund_line_items: list[RefundLine] | None = None
    refund_shipping_lines: list[RefundShippingLine] | None = None
    order_adjustments: list[OrderAdjustment] | None = None


class Address(msgspec.Struct):
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    province: str | None = None
    province_code: str | None = None
    zip: str | None = None
    country_code: str | None = None
    phone: str | None = None


class Customer(msgspec.Struct):
    id: Ref | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None


class Company(msgspec.Struct):
    """A B2B buyer; REST gives no more than the ids."""

    id: Ref | None = None
    name: str | None = None
    vat: str | None = None


class Attribute(msgspec.Struct):
    name: str | None = None
    value: object = None


class Origin(msgspec.Struct):
    country_code: str | None = None


class Fulfillment(msgspec.Struct):
    status: str | None = None
    created_at: str | None = None
    origin_address: Origin | None = None


class Order(msgspec.Struct):
    id: Ref
    name: str | None = None
    currency: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    processed_at: str | None = None
    cancelled_at: str | None = None
    closed_at: str | None = None
    confirmed: bool | None = None
    test: bool | None = None
    financial_status: str | None = None
    fulfillment_status: str | None = None
    payment_gateway_names: list[str | None] | None = None
    transactions: list[Transaction] | None = None
    source_name: str | None = None
    note: str | None = None
    note_attributes: list[Attribute] | None = None
    taxes_included: bool | None = None
    duties_included: bool | None = None
    total_price: Decimal | None = None
    total_price_set: MoneySet | None = None
    current_total_price: Decimal | None = None
    current_total_price_set: MoneySet | None = None
    total_tax: Decimal | None = None
    total_tax_set: MoneySet | None = None
    total_discounts: Decimal | None = None
    total_discounts_set: MoneySet | None = None
    total_shipping_price_set: MoneySet | None = None
    total_tip_received: Decimal | None = None
    total_tip_received_set: MoneySet | None = None
    original_total_duties_set: MoneySet | None = None
    original_total_additional_fees_set: MoneySet | None = None
    email: str | None = None
    contact_email: str | None = None
    phone: str | None = None
    customer: Customer | None | UnsetType = UNSET
    company: Company | None = None
    billing_address: Address | None | UnsetType = UNSET
    shipping_address: Address | None | UnsetType = UNSET
    line_items: list[LineItem] | None = None
    shipping_lines: list[ShippingLine] | None = None
    fulfillments: list[Fulfillment] | None = None
    refunds: list[Refund] | None = None
