"""Orders of Shopify's GraphQL Admin API, brought into the REST spelling and read as such.

Records: ``data.orders`` with ``nodes`` or ``edges``, ``data.nodes``, ``data.order``, ``data.node``,
a bare order.

A GraphQL answer holds what the query asked for. So a missing ``channelLiable`` was not
asked for and says nothing (liability unknown), and a connection with another page holds
only part of the order: that is refused rather than invoiced in part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO, Generic, TypeVar

from msgspec import UNSET, Struct, UnsetType

from . import shopify_model as rest
from .base import ChannelParseError, ParsedOrder, Record
from .jsonio import convert, dumps
from .jsonrecords import Layout, Place, check_values, inside, locate, read_records, text
from .shopify_order import Spelling, money_check, order_currency, parsed_order

CODE = "shopify.orders.graphql"
LAYOUTS = {
    f"data.{path}": Layout(kind, Place(f"data.{prefix}", f"data.{where}"))
    for path, kind, prefix, where in (
        ("orders.nodes", "array", "orders.nodes.item", "orders.nodes[{}]"),
        ("orders.edges", "array", "orders.edges.item.node", "orders.edges[{}].node"),
        ("nodes", "array", "nodes.item", "nodes[{}]"),
        ("order", "map", "order", "order"),
        ("node", "map", "node", "node"),
    )
}
T = TypeVar("T")


class PageInfo(Struct, rename="camel"):
    has_next_page: bool | None = None


class Edge(Struct, Generic[T]):
    node: T


class Connection(Struct, Generic[T], rename="camel"):
    nodes: list[T] | None = None
    edges: list[Edge[T]] | None = None
    page_info: PageInfo | None = None


class Money(Struct, rename="camel"):
    amount: Decimal | None = None
    currency_code: str | None = None


class MoneyBag(Struct, rename="camel"):
    shop_money: Money | None = None


class TaxLine(Struct, rename="camel"):
    title: str | None = None
    rate: Decimal | None = None
    price_set: MoneyBag | None = None
    channel_liable: bool | None | UnsetType = UNSET


class Allocation(Struct, rename="camel"):
    allocated_amount_set: MoneyBag | None = None


class Node(Struct):
    id: str | None = None


class Variant(Struct):
    id: str | None = None
    barcode: str | None = None


class Duty(Struct, rename="camel"):
    tax_lines: list[TaxLine] | None = None


class LineItem(Struct, rename="camel"):
    id: str | None = None
    sku: str | None = None
    name: str | None = None
    title: str | None = None
    quantity: Decimal | None = None
    variant: Variant | None = None
    product: Node | None = None
    is_gift_card: bool | None = None
    original_unit_price_set: MoneyBag | None = None
    discounted_total_set: MoneyBag | None = None
    discount_allocations: list[Allocation] | None = None
    tax_lines: list[TaxLine] | None = None
    duties: list[Duty] | None = None


class ShippingLine(Struct, rename="camel"):
    id: str | None = None
    title: str | None = None
    code: str | None = None
    original_price_set: MoneyBag | None = None
    discounted_price_set: MoneyBag | None = None
    discount_allocations: list[Allocation] | None = None
    tax_lines: list[TaxLine] | None = None
    is_removed: bool | None = None


class Transaction(Struct, rename="camel"):
    kind: str | None = None
    status: str | None = None
    gateway: str | None = None
    manual_payment_gateway: bool | None = None
    authorization_code: str | None = None
    amount_set: MoneyBag | None = None
    processed_at: str | None = None
    created_at: str | None = None


class RefundedItem(Struct, rename="camel"):
    id: str | None = None
    sku: str | None = None
    name: str | None = None
    title: str | None = None
    is_gift_card: bool | None = None
    tax_lines: list[TaxLine] | None = None


class RefundLine(Struct, rename="camel"):
    line_item: RefundedItem | None = None
    quantity: Decimal | None = None
    subtotal_set: MoneyBag | None = None
    total_tax_set: MoneyBag | None = None


class RefundedShipping(Struct, rename="camel"):
    id: str | None = None
    title: str | None = None


class RefundShippingLine(Struct, rename="camel"):
    shipping_line: RefundedShipping | None = None
    subtotal_amount_set: MoneyBag | None = None
    tax_amount_set: MoneyBag | None = None


class OrderAdjustment(Struct, rename="camel"):
    reason: str | None = None
    amount_set: MoneyBag | None = None
    tax_amount_set: MoneyBag | None = None


class Refund(Struct, rename="camel"):
    id: str | None = None
    created_at: str | None = None
    note: str | None = None
    total_refunded_set: MoneyBag | None = None
    refund_line_items: list[RefundLine] | Connection[RefundLine] | None = None
    refund_shipping_lines: (
        list[RefundShippingLine] | Connection[RefundShippingLine] | None
    ) = None
    order_adjustments: list[OrderAdjustment] | Connection[OrderAdjustment] | None = None
    transactions: list[Transaction] | Connection[Transaction] | None = None


class Address(Struct, rename="camel"):
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
    country_code_v2: str | None = None
    phone: str | None = None


class EmailAddress(Struct, rename="camel"):
    email_address: str | None = None


class PhoneNumber(Struct, rename="camel"):
    phone_number: str | None = None


class Customer(Struct, rename="camel"):
    id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    default_email_address: EmailAddress | None = None
    default_phone_number: PhoneNumber | None = None


class TaxSettings(Struct, rename="camel"):
    tax_registration_id: str | None = None


class Location(Struct, rename="camel"):
    #: The older home of the number.
    tax_registration_id: str | None = None
    tax_settings: TaxSettings | None = None


class CompanyNode(Struct):
    id: str | None = None
    name: str | None = None


class PurchasingEntity(Struct):
    """A company, or a customer (then ``company`` is not there)."""

    company: CompanyNode | None = None
    location: Location | None = None


class Attribute(Struct):
    key: str | None = None
    value: str | None = None


class Fulfillment(Struct, rename="camel"):
    status: str | None = None
    created_at: str | None = None
    origin_address: Address | None = None


class Order(Struct, rename="camel"):
    id: str
    name: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    processed_at: str | None = None
    cancelled_at: str | None = None
    closed_at: str | None = None
    confirmed: bool | None = None
    test: bool | None = None
    currency_code: str | None = None
    display_financial_status: str | None = None
    display_fulfillment_status: str | None = None
    payment_gateway_names: list[str | None] | None = None
    source_name: str | None = None
    note: str | None = None
    custom_attributes: list[Attribute] | None = None
    taxes_included: bool | None = None
    duties_included: bool | None = None
    total_price_set: MoneyBag | None = None
    current_total_price_set: MoneyBag | None = None
    total_tax_set: MoneyBag | None = None
    total_discounts_set: MoneyBag | None = None
    total_shipping_price_set: MoneyBag | None = None
    total_tip_received_set: MoneyBag | None = None
    total_tip_received: Money | None = None
    original_total_duties_set: MoneyBag | None = None
    original_total_additional_fees_set: MoneyBag | None = None
    email: str | None = None
    phone: str | None = None
    customer: Customer | None | UnsetType = UNSET
    purchasing_entity: PurchasingEntity | None = None
    billing_address: Address | None | UnsetType = UNSET
    shipping_address: Address | None | UnsetType = UNSET
    line_items: list[LineItem] | Connection[LineItem] | None = None
    shipping_lines: list[ShippingLine] | Connection[ShippingLine] | None = None
    transactions: list[Transaction] | Connection[Transaction] | None = None
    fulfillments: list[Fulfillment] | Connection[Fulfillment] | None = None
    refunds: list[Refund] | Connection[Refund] | None = None


def parse(source: BinaryIO) -> Iterator[Record]:
    """Yield the orders of a GraphQL answer.

    :raises ChannelParseError: not JSON, or no orders
    """
    yield from read_records(source, next(locate(source, LAYOUTS)), _read)


def _read(record: Any, where: str) -> ParsedOrder:
    order = convert(record, Order, where)
    raw = dumps(record)
    with inside(where, _camel):
        _check(order)
        return parsed_order(
            _order(order), _spelling(order), format_code=CODE, where=where, raw=raw
        )


def _check(order: Order) -> None:
    """Check amounts and currencies here, where the places are spelled as the user sees them."""
    totals = (order.total_price_set, order.current_total_price_set)
    codes = (bag.shop_money.currency_code for bag in totals if bag and bag.shop_money)
    currency = order_currency(order.currency_code, *codes)
    check_values(order, money_check(currency))


def _camel(place: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), place)


def _spelling(order: Order) -> Spelling:
    return Spelling(
        lines=_item_place("lineItems", order.line_items),
        shipping=_item_place("shippingLines", order.shipping_lines),
        tax_lines="taxLines",
        channel_liable="channelLiable",
        flag_missing="unknown",
    )


def _item_place(field: str, items: object) -> str:
    if not isinstance(items, Connection):
        return field + "[{}]"
    return field + (".nodes[{}]" if items.nodes is not None else ".edges[{}].node")


def _items(items: list[T] | Connection[T] | None, field: str) -> list[T] | None:
    """Return the items of a list or connection.

    :raises ChannelParseError: the connection goes on, on a page that we do not have
    """
    if not isinstance(items, Connection):
        return items
    if items.page_info and items.page_info.has_next_page:
        raise ChannelParseError("incomplete, the rest is on a further page", field)
    if items.nodes is not None:
        return items.nodes
    return None if items.edges is None else [edge.node for edge in items.edges]


def _gid(value: str | None) -> str | None:
    """Return the number that REST knows: ``gid://shopify/LineItem/12?x=y`` is ``12``."""
    return text(value).split("?", 1)[0].rsplit("/", 1)[-1] or None


def _word(value: str | None) -> str | None:
    return text(value).lower() or None


def _money_set(bag: MoneyBag | None) -> rest.MoneySet | None:
    if bag is None or bag.shop_money is None:
        return None
    money = bag.shop_money
    return rest.MoneySet(rest.Money(money.amount, money.currency_code))


def _order(order: Order) -> rest.Order:
    """Return the order as REST writes it."""
    return rest.Order(
        id=_gid(order.id) or "",
        currency=order.currency_code,
        financial_status=_word(order.display_financial_status),
        fulfillment_status=_word(order.display_fulfillment_status),
        transactions=_transactions(order.transactions, "transactions"),
        note_attributes=[
            rest.Attribute(attribute.key, attribute.value)
            for attribute in order.custom_attributes or ()
        ],
        total_tip_received_set=_tip(order),
        customer=_customer(order.customer),
        company=_company(order.purchasing_entity),
        billing_address=_address(order.billing_address),
        shipping_address=_address(order.shipping_address),
        line_items=_line_items(order),
        shipping_lines=_shipping_lines(order),
        fulfillments=_fulfillments(order),
        refunds=_refunds(order),
        **_same(order, _SAME),
        **_money_sets(order),
    )


_SAME = (
    *("name", "created_at", "updated_at", "processed_at", "cancelled_at", "closed_at"),
    *(
        "confirmed",
        "test",
        "payment_gateway_names",
        "source_name",
        "note",
        "email",
        "phone",
    ),
    *("taxes_included", "duties_included"),
)
_MONEY_SETS = (
    *(
        "total_price_set",
        "current_total_price_set",
        "total_tax_set",
        "total_discounts_set",
    ),
    *("total_shipping_price_set", "original_total_duties_set"),
    "original_total_additional_fees_set",
)
_SAME_ADDRESS = (
    *("name", "first_name", "last_name", "company", "address1", "address2", "city"),
    *("province", "province_code", "zip", "phone"),
)


def _same(struct: Struct, fields: tuple[str, ...]) -> dict[str, Any]:
    return {field: getattr(struct, field) for field in fields}


def _money_sets(order: Order) -> dict[str, Any]:
    return {field: _money_set(getattr(order, field)) for field in _MONEY_SETS}


def _tip(order: Order) -> rest.MoneySet | None:
    """``totalTipReceived`` is plain money or a bag, by API version."""
    if order.total_tip_received_set is None and order.total_tip_received is not None:
        return _money_set(MoneyBag(order.total_tip_received))
    return _money_set(order.total_tip_received_set)


def _tax_lines(tax_lines: list[TaxLine] | None) -> list[rest.TaxLine] | None:
    if tax_lines is None:
        return None
    return [
        rest.TaxLine(
            title=tax.title,
            rate=tax.rate,
            price_set=_money_set(tax.price_set),
            channel_liable=tax.channel_liable,
        )
        for tax in tax_lines
    ]


def _allocations(allocations: list[Allocation] | None) -> list[rest.Allocation] | None:
    if allocations is None:
        return None
    return [
        rest.Allocation(amount_set=_money_set(one.allocated_amount_set))
        for one in allocations
    ]


def _line_items(order: Order) -> list[rest.LineItem] | None:
    items = _items(order.line_items, "lineItems")
    return None if items is None else [_line_item(item) for item in items]


def _line_item(item: LineItem) -> rest.LineItem:
    variant = item.variant or Variant()
    return rest.LineItem(
        id=_gid(item.id),
        variant_id=_gid(variant.id),
        product_id=_gid(item.product.id) if item.product else None,
        barcode=variant.barcode,
        price_set=_money_set(item.original_unit_price_set),
        discounted_total_set=_money_set(item.discounted_total_set),
        discount_allocations=_allocations(item.discount_allocations),
        tax_lines=_tax_lines(item.tax_lines),
        duties=[rest.Duty(_tax_lines(duty.tax_lines)) for duty in item.duties or ()],
        gift_card=item.is_gift_card,
        **_same(item, ("sku", "name", "title", "quantity")),
    )


def _shipping_lines(order: Order) -> list[rest.ShippingLine] | None:
    lines = _items(order.shipping_lines, "shippingLines")
    if lines is None:
        return None
    return [
        rest.ShippingLine(
            id=_gid(line.id),
            price_set=_money_set(line.original_price_set),
            discounted_price_set=_money_set(line.discounted_price_set),
            discount_allocations=_allocations(line.discount_allocations),
            tax_lines=_tax_lines(line.tax_lines),
            **_same(line, ("title", "code", "is_removed")),
        )
        for line in lines
    ]


def _transactions(
    transactions: list[Transaction] | Connection[Transaction] | None, field: str
) -> list[rest.Transaction] | None:
    items = _items(transactions, field)
    return None if items is None else [_transaction(item) for item in items]


def _transaction(transaction: Transaction) -> rest.Transaction:
    money = (transaction.amount_set and transaction.amount_set.shop_money) or Money()
    return rest.Transaction(
        kind=_word(transaction.kind),
        status=_word(transaction.status),
        amount=money.amount,
        currency=money.currency_code,
        authorization=transaction.authorization_code,
        **_same(
            transaction,
            ("gateway", "manual_payment_gateway", "processed_at", "created_at"),
        ),
    )


def _refunds(order: Order) -> list[rest.Refund] | None:
    refunds = _items(order.refunds, "refunds")
    if refunds is None:
        return None
    return [
        rest.Refund(
            id=_gid(refund.id),
            transactions=_transactions(
                refund.transactions, f"refunds[{index}].transactions"
            ),
            total_refunded_set=_money_set(refund.total_refunded_set),
            refund_line_items=_refund_lines(refund, f"refunds[{index}]"),
            refund_shipping_lines=_refund_shipping(refund, f"refunds[{index}]"),
            order_adjustments=_order_adjustments(refund, f"refunds[{index}]"),
            **_same(refund, ("created_at", "note")),
        )
        for index, refund in enumerate(refunds)
    ]


def _refund_lines(refund: Refund, place: str) -> list[rest.RefundLine]:
    lines = _items(refund.refund_line_items, f"{place}.refundLineItems") or ()
    return [
        rest.RefundLine(
            line_item_id=_gid(line.line_item.id) if line.line_item else None,
            quantity=line.quantity,
            subtotal_set=_money_set(line.subtotal_set),
            total_tax_set=_money_set(line.total_tax_set),
            line_item=_refunded_item(line.line_item),
        )
        for line in lines
    ]


def _refunded_item(item: RefundedItem | None) -> rest.RefundedItem | None:
    if item is None:
        return None
    return rest.RefundedItem(
        gift_card=item.is_gift_card,
        tax_lines=_tax_lines(item.tax_lines),
        **_same(item, ("sku", "name", "title")),
    )


def _refund_shipping(refund: Refund, place: str) -> list[rest.RefundShippingLine]:
    lines = _items(refund.refund_shipping_lines, f"{place}.refundShippingLines") or ()
    return [
        rest.RefundShippingLine(
            shipping_line_id=_gid(line.shipping_line.id)
            if line.shipping_line
            else None,
            title=line.shipping_line.title if line.shipping_line else None,
            subtotal_amount_set=_money_set(line.subtotal_amount_set),
            tax_amount_set=_money_set(line.tax_amount_set),
        )
        for line in lines
    ]


def _order_adjustments(refund: Refund, place: str) -> list[rest.OrderAdjustment]:
    items = _items(refund.order_adjustments, f"{place}.orderAdjustments") or ()
    return [
        rest.OrderAdjustment(
            reason=item.reason,
            amount_set=_money_set(item.amount_set),
            tax_amount_set=_money_set(item.tax_amount_set),
        )
        for item in items
    ]


def _fulfillments(order: Order) -> list[rest.Fulfillment] | None:
    fulfillments = _items(order.fulfillments, "fulfillments")
    if fulfillments is None:
        return None
    return [
        rest.Fulfillment(
            status=_word(one.status),
            created_at=one.created_at,
            origin_address=rest.Origin(one.origin_address.country_code)
            if one.origin_address
            else None,
        )
        for one in fulfillments
    ]


def _address(address: Address | None | UnsetType) -> rest.Address | None | UnsetType:
    if not isinstance(address, Address):
        return address
    country = address.country_code_v2 or address.country_code
    return rest.Address(country_code=country, **_same(address, _SAME_ADDRESS))


def _customer(
    customer: Customer | None | UnsetType,
) -> rest.Customer | None | UnsetType:
    if not isinstance(customer, Customer):
        return customer
    email = customer.default_email_address or EmailAddress()
    phone = customer.default_phone_number or PhoneNumber()
    return rest.Customer(
        id=_gid(customer.id),
        email=customer.email or email.email_address,
        phone=customer.phone or phone.phone_number,
        **_same(customer, ("first_name", "last_name")),
    )


def _company(entity: PurchasingEntity | None) -> rest.Company | None:
    if entity is None or entity.company is None:
        return None
    location = entity.location or Location()
    settings = location.tax_settings or TaxSettings()
    return rest.Company(
        id=_gid(entity.company.id),
        name=entity.company.name,
        vat=settings.tax_registration_id or location.tax_registration_id,
    )
