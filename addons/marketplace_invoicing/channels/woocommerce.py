"""WooCommerce REST API v3 orders: a list, one order, or the answer of a batch request.

Decisions that an accountant may ask about:

- Line totals are net of tax whatever ``prices_include_tax`` says (that only tells how the
  shop's catalogue is kept), and after coupons; so coupons make no lines of their own.
- A line's tax is the sum of its ``taxes``, which are exact; ``total_tax`` may be the same
  rounded, and lines of 1.125, 0.225 and 0.9 would make 2.26 where the order says 2.25.
- Lines with more decimals than the currency stay exact while WooCommerce rounds the
  order's totals. The ``imbalance`` is then at most half a unit of the currency for the
  items and for each tax rate, once for goods and once for shipping. It is stated, not
  spread.
- The shop sells by itself: the seller owes every tax.
- Moments are the ``_gmt`` ones; the others are in the shop's time zone, which the API
  does not tell.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, BinaryIO

import msgspec

from . import woocommerce_refund
from .base import (
    ZERO,
    ChannelFormat,
    ChannelParseError,
    LineKind,
    OrderStatus,
    ParsedAddress,
    ParsedBuyer,
    ParsedLine,
    ParsedOrder,
    ParsedRefund,
    ParsedTax,
    PaymentStatus,
    Record,
    Sample,
    to_currency,
    to_datetime,
    to_decimal,
)
from .jsonio import convert, dumps, join
from .jsonrecords import (
    Layout,
    Place,
    check_amount,
    check_values,
    country_code,
    full_name,
    identifier,
    inside,
    locate,
    rate,
    read_records,
    text,
)

CODE = "woocommerce.orders.v3"
OWN_SHOP = "woocommerce: own shop"
BATCH = ("create", "update", "delete")
LAYOUTS = {key: Layout("array", Place(f"{key}.item", f"{key}[{{}}]")) for key in BATCH}

Ref = int | str


class LineTax(msgspec.Struct):
    """``total`` is "" where the rate does not apply to the line, so it is read by hand."""

    id: Ref | None = None
    total: str | int | None = None


class Line(msgspec.Struct):
    """Any line of an order: item, shipping or fee."""

    id: Ref | None = None
    name: str | None = None
    method_title: str | None = None
    method_id: str | None = None
    product_id: Ref | None = None
    variation_id: Ref | None = None
    sku: str | None = None
    global_unique_id: str | None = None
    quantity: Decimal = Decimal(1)
    subtotal: Decimal | None = None
    total: Decimal | None = None
    total_tax: Decimal | None = None
    taxes: list[LineTax] | None = None


class TaxLine(msgspec.Struct):
    rate_id: Ref | None = None
    rate_code: str | None = None
    label: str | None = None
    compound: bool | None = None
    rate_percent: Decimal | None = None


class Refund(msgspec.Struct):
    id: Ref | None = None
    reason: str | None = None
    total: Decimal | None = None


class Address(msgspec.Struct):
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    address_1: str | None = None
    address_2: str | None = None
    city: str | None = None
    state: str | None = None
    postcode: str | None = None
    country: str | None = None
    email: str | None = None
    phone: str | None = None


class Meta(msgspec.Struct):
    key: str | None = None
    value: object = None


class BatchError(msgspec.Struct):
    message: str | None = None


class Order(msgspec.Struct):
    id: Ref
    #: Batch answers only: the shop refused this one.
    error: BatchError | None = None
    number: str | None = None
    status: str | None = None
    currency: str | None = None
    date_created_gmt: str | None = None
    date_modified_gmt: str | None = None
    date_paid: str | None = None
    date_paid_gmt: str | None = None
    date_completed_gmt: str | None = None
    discount_total: Decimal | None = None
    shipping_total: Decimal | None = None
    total_tax: Decimal | None = None
    total: Decimal | None = None
    customer_id: Ref | None = None
    customer_note: str | None = None
    payment_method: str | None = None
    transaction_id: Ref | None = None
    billing: Address | None = None
    shipping: Address | None = None
    meta_data: list[Meta] | None = None
    line_items: list[Line] | None = None
    shipping_lines: list[Line] | None = None
    fee_lines: list[Line] | None = None
    tax_lines: list[TaxLine] | None = None
    refunds: list[Refund] | None = None


_STATUS: dict[str, OrderStatus] = {
    "pending": "pending",
    "on-hold": "pending",
    "checkout-draft": "pending",
    "auto-draft": "pending",
    "processing": "open",
    "completed": "done",
    "refunded": "done",
    "cancelled": "cancelled",
    # The payment failed; the buyer may try again.
    "failed": "pending",
    "trash": "cancelled",
}
# The core methods where the buyer pays the seller: bank transfer, cheque, cash on delivery.
_DIRECT_METHODS = frozenset({"bacs", "cheque", "cod"})
# Order fields of the common VAT number plugins.
_VAT_KEYS = (
    "_billing_eu_vat_number",
    "_billing_vat_number",
    "_vat_number",
    "vat_number",
)


def parse(source: BinaryIO) -> Iterator[Record]:
    """Yield the orders; of a batch answer the created, updated and deleted ones.

    :raises ChannelParseError: not JSON, or no orders
    """
    for place in list(locate(source, LAYOUTS)):
        yield from read_records(source, place, _read)


def _read(record: Any, where: str) -> ParsedOrder:
    order = convert(record, Order, where)
    raw = dumps(record)
    with inside(where):
        if order.error is not None:
            message = text(order.error.message) or "no reason given"
            raise ChannelParseError(f"the shop refused this order: {message}", "error")
        check_values(order, check_amount)
        return _order(order, where, raw)


def _order(order: Order, where: str, raw: str) -> ParsedOrder:
    ref = identifier(order.id, "id")
    number = text(order.number)
    status = text(order.status).removeprefix("wc-")
    payment = _payment_status(order, status)
    return ParsedOrder(
        external_ref=ref,
        format=CODE,
        platform="woocommerce",
        where=where,
        raw=raw,
        display_name=number if number != ref else "",
        currency=to_currency(order.currency, "currency") if order.currency else None,
        amount_total=order.total,
        amount_tax=order.total_tax,
        amount_shipping=order.shipping_total,
        amount_discount=order.discount_total,
        channel_status=text(order.status) or None,
        status=_STATUS.get(status, "open"),
        payment_status=payment,
        payment_method=text(order.payment_method),
        payment_refs=_payment_refs(order),
        paid_through_channel=_paid_through_channel(order, payment),
        created_at=to_datetime(order.date_created_gmt, "date_created_gmt"),
        updated_at=to_datetime(order.date_modified_gmt, "date_modified_gmt"),
        paid_at=to_datetime(order.date_paid_gmt, "date_paid_gmt"),
        shipped_at=to_datetime(order.date_completed_gmt, "date_completed_gmt"),
        shipping_option=", ".join(
            filter(
                None, (_plain(line.method_title) for line in order.shipping_lines or ())
            )
        ),
        note=text(order.customer_note),
        buyer=_buyer(order),
        billing_address=_address(order.billing),
        shipping_address=_address(order.shipping),
        lines=tuple(_lines(order)),
        refunds=tuple(_refunds(order)),
    )


def _payment_status(order: Order, status: str) -> PaymentStatus:
    """Return what the buyer paid and got back; a refund proves the payment where no date does."""
    refunded = sum((abs(refund.total or ZERO) for refund in order.refunds or ()), ZERO)
    if status == "refunded" or (refunded and refunded >= (order.total or ZERO)):
        return "refunded"
    if refunded:
        return "partially_refunded"
    if order.date_paid_gmt or order.date_paid:
        return "paid"
    return "voided" if status == "cancelled" else "unpaid"


def _payment_refs(order: Order) -> tuple[str, ...]:
    """Return what the provider calls the payment: PayPal's transaction, Stripe's charge.

    Stripe's plugin keeps the payment's intent apart from the charge.
    """
    metas = {meta.key: meta.value for meta in order.meta_data or ()}
    stated = (order.transaction_id, metas.get("_stripe_intent_id"))
    refs = (str(ref).strip() for ref in stated if isinstance(ref, (str, int)))
    return tuple(dict.fromkeys(filter(None, refs)))


def _paid_through_channel(order: Order, payment: PaymentStatus) -> bool | None:
    method = text(order.payment_method)
    if method in _DIRECT_METHODS:
        return False
    return True if method and payment not in ("unpaid", "voided") else None


def _lines(order: Order) -> Iterator[ParsedLine]:
    rates = {
        str(stated.rate_id): (index, stated)
        for index, stated in _numbered(order.tax_lines)
    }
    for index, line in _numbered(order.line_items):
        variant, product = _ref(line.variation_id), _ref(line.product_id)
        yield _line(line, "product", f"line_items[{index}]", rates, variant or product)
    for index, line in _numbered(order.shipping_lines):
        place = f"shipping_lines[{index}]"
        yield _line(line, "shipping", place, rates, text(line.method_id))
    for index, line in _numbered(order.fee_lines):
        kind: LineKind = "discount" if (line.total or ZERO) < 0 else "fee"
        yield _line(line, kind, f"fee_lines[{index}]", rates, "")


def _line(
    line: Line,
    kind: LineKind,
    place: str,
    rates: Mapping[str, tuple[int, TaxLine]],
    product_ref: str,
) -> ParsedLine:
    if line.total is None:
        raise ChannelParseError("missing", join(place, "total"))
    taxes = tuple(_taxes(line.taxes or (), place, rates))
    exact = sum((tax.amount for tax in taxes), ZERO)
    return ParsedLine(
        external_ref=identifier(line.id, join(place, "id")),
        kind=kind,
        sku=text(line.sku),
        barcode=text(line.global_unique_id),
        product_ref=product_ref,
        title=_plain(line.name) or _plain(line.method_title),
        quantity=line.quantity,
        amount=line.total,
        discount=ZERO if line.subtotal is None else line.subtotal - line.total,
        # As stated where both say the same: "0.90" and not "0.9".
        tax=exact if taxes and exact != line.total_tax else line.total_tax,
        tax_included=False,
        taxes=taxes,
        liability="seller",
        evidence=OWN_SHOP,
    )


def _taxes(
    taxes: Sequence[LineTax], place: str, rates: Mapping[str, tuple[int, TaxLine]]
) -> Iterator[ParsedTax]:
    """Yield the taxes of a line, named by the order's tax line of the same rate."""
    for index, tax in enumerate(taxes):
        if tax.total is None or tax.total == "":
            continue
        amount = to_decimal(tax.total, f"{place}.taxes[{index}].total")
        at, stated = rates.get(str(tax.id), (None, TaxLine()))
        evidence = OWN_SHOP
        if stated.compound:
            evidence += f"; tax_lines[{at}].compound=true"
        yield ParsedTax(
            name=_plain(stated.label) or text(stated.rate_code) or f"rate {tax.id}",
            amount=amount,
            rate=rate(
                stated.rate_percent, f"tax_lines[{at}].rate_percent", percent=True
            ),
            liability="seller",
            evidence=evidence,
        )


def _refunds(order: Order) -> Iterator[ParsedRefund]:
    """The order lists refunds as negative totals; their own endpoint as positive amounts."""
    for index, refund in _numbered(order.refunds):
        place = f"refunds[{index}]"
        if refund.total is None:
            raise ChannelParseError("missing", join(place, "total"))
        yield ParsedRefund(
            external_ref=identifier(refund.id, join(place, "id")),
            amount=abs(refund.total),
            currency=text(order.currency).upper(),
            reason=text(refund.reason),
        )


def _buyer(order: Order) -> ParsedBuyer:
    """A guest (customer 0) has no id; an e-mail address is not one."""
    billing = order.billing or Address()
    company, vat = text(billing.company), _vat(order)
    return ParsedBuyer(
        external_ref=_ref(order.customer_id),
        name=full_name(billing.first_name, billing.last_name),
        company=company,
        email=text(billing.email),
        phone=text(billing.phone),
        vat=vat,
        is_business=bool(company or vat),
    )


def _vat(order: Order) -> str:
    stated = {meta.key: meta.value for meta in order.meta_data or ()}
    values = (stated.get(key) for key in _VAT_KEYS)
    return next(
        (text(value) for value in values if isinstance(value, str) and value), ""
    )


def _address(address: Address | None) -> ParsedAddress | None:
    if address is None:
        return None
    parsed = ParsedAddress(
        name=full_name(address.first_name, address.last_name),
        company=text(address.company),
        street=text(address.address_1),
        street2=text(address.address_2),
        city=text(address.city),
        state=text(address.state),
        zip=text(address.postcode),
        country=country_code(address.country),
        phone=text(address.phone),
        email=text(address.email),
    )
    # An order without delivery has a shipping address of empty fields.
    return parsed if parsed != ParsedAddress() else None


def _numbered(items: Sequence[Any] | None) -> Iterator[tuple[int, Any]]:
    return enumerate(items or ())


def _ref(value: Ref | None) -> str:
    ref = text(str(value)) if value is not None else ""
    return "" if ref == "0" else ref


def _plain(value: str | None) -> str:
    """WordPress stores names with HTML entities: ``Ship &ndash; Black``."""
    return text(html.unescape(text(value)))


_FIELDS = ("order_key", "date_created_gmt", "prices_include_tax", "cart_tax") + (
    *("payment_method_title", "customer_id", "discount_total", "date_paid_gmt"),
    "created_via",
)


def is_orders(sample: Sample) -> bool:
    """Tell orders by an id and three fields that only WooCommerce has together."""
    return sample.kind == "json" and any(
        prefix + "id" in sample.keys
        and sum(prefix + field in sample.keys for field in _FIELDS) >= 3
        for prefix in ("", "[].", *(f"{key}[]." for key in BATCH))
    )


def is_refunds(sample: Sample) -> bool:
    return sample.kind == "json" and any(
        sample.has(prefix + "id", prefix + "amount", prefix + "reason")
        and sample.has_any(
            prefix + "refunded_by",
            prefix + "refunded_payment",
            prefix + "date_created_gmt",
        )
        for prefix in ("", "[].")
    )


FORMATS: tuple[ChannelFormat, ...] = (
    ChannelFormat(
        code=CODE,
        platform="woocommerce",
        label="WooCommerce orders (REST API v3)",
        detect=is_orders,
        parse=parse,
    ),
    ChannelFormat(
        code=woocommerce_refund.CODE,
        platform="woocommerce",
        label="WooCommerce refunds of an order",
        kind="refunds",
        detect=is_refunds,
        parse=woocommerce_refund.parse,
    ),
)
