"""eBay orders: the Fulfillment API's JSON here, the Trading API's XML in ``ebay_trading``.

What the fields mean, where it is not obvious:

- An amount is ``{value, currency}``; when eBay converted it, ``value`` is in the seller's
  payout currency and ``convertedFromValue``/``convertedFromCurrency`` say what the buyer agreed
  to. The order is in the buyer's currency, ``payout_currency`` names the other one.
- ``lineItemCost`` is the whole line before its discount, ``discountedLineItemCost`` after it. A
  line without either (only very small answers) has the amount 0, so that ``imbalance`` shows
  what is not accounted for.
- ``ebayCollectAndRemitTaxes`` is tax that eBay owes. ``taxes`` repeats it and adds what the
  seller owes.
- ``pricingSummary.total`` contains the collected tax only with ``fieldGroups=TAX_BREAKDOWN``:
  :func:`.ebay_lines.settle` finds out which reading adds up.
- eBay drops the buyer's e-mail after 14 and name and street after 90 days; they are then empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, BinaryIO

import msgspec

from . import ebay_finances, ebay_trading
from .base import (
    ALL_PARTS,
    ZERO,
    ChannelFormat,
    ChannelParseError,
    OrderStatus,
    ParsedAddress,
    ParsedBuyer,
    ParsedLine,
    ParsedOrder,
    ParsedRefund,
    ParsedRefundLine,
    PaymentStatus,
    Record,
    Sample,
    to_currency,
    to_datetime,
    to_decimal,
)
from .ebay_lines import (
    StatedTax,
    country_code,
    given,
    line_taxes,
    settle,
    spread_tax,
    with_taxes,
)
from .jsonio import convert, join
from .listed_json import read_orders

CODE = "ebay.orders.fulfillment"

_PAYMENT_STATUS: dict[str, PaymentStatus] = {
    "PENDING": "unpaid",
    "FAILED": "unpaid",
    "PAID": "paid",
    "PARTIALLY_REFUNDED": "partially_refunded",
    "FULLY_REFUNDED": "refunded",
}
# eBay collects all online payments itself ("EBAY"); these happen outside of its platform.
_THROUGH_CHANNEL = {
    "EBAY": True,
    "ESCROW": True,
    "CASH_ON_PICKUP": False,
    "CASH_ON_DELIVERY": False,
    "CASH_IN_PERSON": False,
    "CASHIER_CHECK": False,
    "LOAN_CHECK": False,
    "MONEY_ORDER": False,
    "PERSONAL_CHECK": False,
}
# Only the VAT number identifies a business; CODICE_FISCALE, DNI, NIE and the like identify
# persons too.
_VAT_TYPES = {"VATIN", "VAT", "VAT_NUMBER"}


class _Struct(msgspec.Struct, rename="camel"):
    """Fields are optional: eBay leaves out what does not apply or was dropped for privacy."""


class Amount(_Struct):
    value: Decimal | None = None
    currency: str | None = None
    converted_from_value: Decimal | None = None
    converted_from_currency: str | None = None


class TaxReference(_Struct):
    name: str | None = None
    value: str | None = None


class Tax(_Struct):
    tax_type: str | None = None
    amount: Amount | None = None
    ebay_reference: TaxReference | None = None


class DeliveryCost(_Struct):
    shipping_cost: Amount | None = None
    discount_amount: Amount | None = None
    handling_cost: Amount | None = None
    import_charges: Amount | None = None
    shipping_intermediation_fee: Amount | None = None


class Refund(_Struct):
    amount: Amount | None = None
    refund_date: str | None = None
    refund_id: str | int | None = None
    refund_reference_id: str | int | None = None
    refund_status: str | None = None


class ItemLocation(_Struct):
    country_code: str | None = None


class LineItem(_Struct):
    line_item_id: str | int | None = None
    legacy_item_id: str | int | None = None
    legacy_variation_id: str | int | None = None
    sku: str | None = None
    title: str | None = None
    quantity: Decimal | None = None
    line_item_cost: Amount | None = None
    discounted_line_item_cost: Amount | None = None
    delivery_cost: DeliveryCost | None = None
    taxes: list[Tax] | None = None
    ebay_collect_and_remit_taxes: list[Tax] | None = None
    refunds: list[Refund] | None = None
    gift_details: dict[str, Any] | None = None
    item_location: ItemLocation | None = None
    listing_marketplace_id: str | None = None
    purchase_marketplace_id: str | None = None


class PricingSummary(_Struct):
    total: Amount | None = None
    price_subtotal: Amount | None = None
    price_discount: Amount | None = None
    delivery_cost: Amount | None = None
    delivery_discount: Amount | None = None
    tax: Amount | None = None
    adjustment: Amount | None = None
    fee: Amount | None = None


class Payment(_Struct):
    payment_method: str | None = None
    payment_date: str | None = None
    payment_status: str | None = None


class PaymentSummary(_Struct):
    payments: list[Payment] | None = None
    refunds: list[Refund] | None = None
    total_due_seller: Amount | None = None


class ContactAddress(_Struct):
    address_line1: str | None = None
    address_line2: str | None = None
    city: str | None = None
    state_or_province: str | None = None
    postal_code: str | None = None
    country_code: str | None = None


class Phone(_Struct):
    phone_number: str | None = None


class Contact(_Struct):
    full_name: str | None = None
    company_name: str | None = None
    email: str | None = None
    primary_phone: Phone | None = None
    contact_address: ContactAddress | None = None


class TaxIdentifier(_Struct):
    taxpayer_id: str | None = None
    tax_identifier_type: str | None = None
    issuing_country: str | None = None


class Buyer(_Struct):
    username: str | None = None
    tax_identifier: TaxIdentifier | None = None
    buyer_registration_address: Contact | None = None


class ShippingStep(_Struct):
    ship_to: Contact | None = None
    shipping_service_code: str | None = None


class StartInstruction(_Struct):
    fulfillment_instructions_type: str | None = None
    ebay_supported_fulfillment: bool | None = None
    shipping_step: ShippingStep | None = None


class CancelStatus(_Struct):
    cancel_state: str | None = None


class Order(_Struct):
    order_id: str | int
    creation_date: str | None = None
    last_modified_date: str | None = None
    order_fulfillment_status: str | None = None
    order_payment_status: str | None = None
    cancel_status: CancelStatus | None = None
    buyer: Buyer | None = None
    buyer_checkout_notes: str | None = None
    ebay_collect_and_remit_tax: bool | None = None
    pricing_summary: PricingSummary | None = None
    payment_summary: PaymentSummary | None = None
    fulfillment_start_instructions: list[StartInstruction] | None = None
    line_items: list[LineItem] | None = None


class _Money:
    """Reads eBay amounts in the one currency of an order."""

    def __init__(self, order: Order, where: str):
        self.where = where
        self.currency: str | None = None
        for field, amount in _main_amounts(order):
            stated = amount.converted_from_currency or amount.currency
            if stated:
                self.currency = to_currency(stated, join(where, f"{field}.currency"))
                break

    def read(self, amount: Amount | None, field: str) -> Decimal | None:
        """Return the amount in the order's currency.

        :raises ChannelParseError: not a believable decimal, or only stated in another currency
        """
        if amount is None:
            return None
        place = join(self.where, field)
        if amount.converted_from_value is not None and self._is_order(
            amount.converted_from_currency
        ):
            return to_decimal(
                amount.converted_from_value, f"{place}.convertedFromValue"
            )
        if amount.value is None:
            return None
        value = to_decimal(amount.value, f"{place}.value")
        # eBay does not convert a zero, it just names the payout currency.
        if value and not self._is_order(amount.currency):
            raise ChannelParseError(
                f"currency {amount.currency} in an order in {self.currency}",
                f"{place}.currency",
            )
        return value

    def zero(self, amount: Amount | None, field: str) -> Decimal:
        value = self.read(amount, field)
        return ZERO if value is None else value

    def _is_order(self, currency: str | None) -> bool:
        """Tell whether a currency is the order's; an amount without one is taken as such."""
        return not currency or self.currency in (None, currency.strip().upper())


def _main_amounts(order: Order) -> Iterator[tuple[str, Amount]]:
    """Yield the amounts that tell an order's currency, with their fields."""
    pricing = order.pricing_summary or PricingSummary()
    if pricing.total:
        yield "pricingSummary.total", pricing.total
    if pricing.price_subtotal:
        yield "pricingSummary.priceSubtotal", pricing.price_subtotal
    for index, item in enumerate(order.line_items or ()):
        if item.line_item_cost:
            yield f"lineItems[{index}].lineItemCost", item.line_item_cost


def parse_fulfillment(source: BinaryIO) -> Iterator[Record]:
    """Read getOrders (``{"orders": [...]}``), one order as of getOrder, or a list of orders."""
    return read_orders(source, list_key="orders", id_key="orderId", read=_order)


def _order(record: Any, where: str, raw: str) -> ParsedOrder:
    order = convert(record, Order, where)
    reference = str(order.order_id).strip()
    if not reference:
        raise ChannelParseError("missing", join(where, "orderId"))
    money = _Money(order, where)
    pricing = order.pricing_summary or PricingSummary()
    lines, optional = _lines(order, money)
    parsed = ParsedOrder(
        external_ref=reference,
        format=CODE,
        platform="ebay",
        where=where,
        raw=raw,
        parts=ALL_PARTS if order.line_items is not None else ALL_PARTS - {"items"},
        currency=money.currency,
        amount_total=money.read(pricing.total, "pricingSummary.total"),
        amount_tax=money.read(pricing.tax, "pricingSummary.tax"),
        amount_shipping=money.read(
            pricing.delivery_cost, "pricingSummary.deliveryCost"
        ),
        amount_discount=_absolute(
            money.read(pricing.price_discount, "pricingSummary.priceDiscount")
        ),
        created_at=to_datetime(order.creation_date, join(where, "creationDate")),
        updated_at=to_datetime(
            order.last_modified_date, join(where, "lastModifiedDate")
        ),
        payout_currency=_payout_currency(order, money),
        note=order.buyer_checkout_notes or "",
        lines=lines,
        refunds=_refunds(order, reference, money),
        **_states(order, where),
        **_delivery(order),
        **_people(order),
    )
    return settle(parsed, optional, mirrored=_lists_collected_twice(order))


def _absolute(amount: Decimal | None) -> Decimal | None:
    """eBay documents discounts as negative and sends them positive as well."""
    return None if amount is None else abs(amount)


# Lines


def _lines(
    order: Order, money: _Money
) -> tuple[tuple[ParsedLine, ...], tuple[ParsedLine, ...]]:
    """Return the lines of the order, and those that may or may not be part of its total."""
    products: list[ParsedLine] = []
    delivery: list[ParsedLine] = []
    optional: list[ParsedLine] = []
    for index, item in enumerate(order.line_items or ()):
        path = f"lineItems[{index}]"
        product = _product_line(item, index, path, money)
        products.append(product)
        cost = item.delivery_cost or DeliveryCost()
        delivery += _delivery_lines(cost, product, f"{path}.deliveryCost", money)
        optional += _import_lines(cost, product, f"{path}.deliveryCost", money)
    lines = _with_order_taxes(order, tuple(products + delivery), money)
    return (*lines, *_order_lines(order, lines, money)), tuple(optional)


def _product_line(item: LineItem, index: int, path: str, money: _Money) -> ParsedLine:
    before = money.read(item.line_item_cost, f"{path}.lineItemCost")
    after = money.read(item.discounted_line_item_cost, f"{path}.discountedLineItemCost")
    amount = after if after is not None else before
    quantity = Decimal(1) if item.quantity is None else item.quantity
    line = ParsedLine(
        external_ref=str(item.line_item_id or index + 1),
        kind="gift_card" if item.gift_details else "product",
        sku=(item.sku or "").strip(),
        product_ref=_product_ref(item),
        title=item.title or "",
        quantity=to_decimal(quantity, join(money.where, f"{path}.quantity")),
        amount=ZERO if amount is None else amount,
        discount=max(before - after, ZERO)
        if before is not None and after is not None
        else ZERO,
    )
    collected = _stated(
        item.ebay_collect_and_remit_taxes, f"{path}.ebayCollectAndRemitTaxes", money
    )
    listed = _stated(item.taxes, f"{path}.taxes", money)
    return with_taxes(line, line_taxes(collected, listed, "ebayCollectAndRemitTaxes"))


def _product_ref(item: LineItem) -> str:
    """Return the listing, with its variation where there are several."""
    parts = (item.legacy_item_id, item.legacy_variation_id)
    return ":".join(str(part) for part in parts if part)


def _stated(taxes: Sequence[Tax] | None, path: str, money: _Money) -> list[StatedTax]:
    return [
        StatedTax(
            kind=tax.tax_type or "TAX",
            amount=money.zero(tax.amount, f"{path}[{index}].amount"),
            place=f"{path}[{index}].taxType",
            reference=_reference(tax.ebay_reference),
        )
        for index, tax in enumerate(taxes or ())
    ]


def _reference(reference: TaxReference | None) -> str:
    if reference is None:
        return ""
    return " ".join(part for part in (reference.name, reference.value) if part)


def _delivery_lines(
    cost: DeliveryCost, product: ParsedLine, path: str, money: _Money
) -> Iterator[ParsedLine]:
    shipping = money.zero(cost.shipping_cost, f"{path}.shippingCost")
    discount = abs(money.zero(cost.discount_amount, f"{path}.discountAmount"))
    if shipping:
        yield ParsedLine(
            external_ref=f"{product.external_ref}:shippingCost",
            kind="shipping",
            title="Shipping",
            # A discount larger than the cost is not ours to explain: the order will not add up.
            amount=max(shipping - discount, ZERO),
            discount=min(discount, shipping),
        )
    handling = money.zero(cost.handling_cost, f"{path}.handlingCost")
    if handling:
        yield ParsedLine(
            external_ref=f"{product.external_ref}:handlingCost",
            kind="shipping",
            title="Handling",
            amount=handling,
        )


def _import_lines(
    cost: DeliveryCost, product: ParsedLine, path: str, money: _Money
) -> Iterator[ParsedLine]:
    """Yield what eBay's international carrier charges, sometimes through the seller's order."""
    charges = (
        ("importCharges", "Import charges", cost.import_charges),
        (
            "shippingIntermediationFee",
            "International shipping fee",
            cost.shipping_intermediation_fee,
        ),
    )
    for name, title, stated in charges:
        amount = money.zero(stated, f"{path}.{name}")
        if amount:
            yield ParsedLine(
                external_ref=f"{product.external_ref}:{name}",
                kind="fee",
                title=title,
                amount=amount,
            )


def _with_order_taxes(
    order: Order, lines: tuple[ParsedLine, ...], money: _Money
) -> tuple[ParsedLine, ...]:
    """Put a tax that only ``pricingSummary.tax`` states on the lines, in proportion."""
    stated = money.zero(
        (order.pricing_summary or PricingSummary()).tax, "pricingSummary.tax"
    )
    if any(line.taxes for line in lines):
        return lines
    evidence = f"pricingSummary.tax={stated}"
    if order.ebay_collect_and_remit_tax:
        evidence += ", ebayCollectAndRemitTax=true"
        return spread_tax(
            lines, stated, name="TAX", liability="marketplace", evidence=evidence
        )
    evidence += ": no line says who collects it"
    return spread_tax(lines, stated, name="TAX", liability="unknown", evidence=evidence)


def _order_lines(
    order: Order, lines: Sequence[ParsedLine], money: _Money
) -> Iterator[ParsedLine]:
    """Yield what the summary states beyond the lines: discounts, adjustment, special fees."""
    pricing = order.pricing_summary or PricingSummary()
    for name, title, stated, kinds in (
        ("priceDiscount", "Discount", pricing.price_discount, ("product", "gift_card")),
        (
            "deliveryDiscount",
            "Shipping discount",
            pricing.delivery_discount,
            ("shipping",),
        ),
    ):
        total = abs(money.zero(stated, f"pricingSummary.{name}"))
        rest = total - sum(
            (line.discount for line in lines if line.kind in kinds), ZERO
        )
        if rest > 0:
            yield ParsedLine(
                external_ref=name, kind="discount", title=title, amount=-rest
            )
    adjustment = money.zero(pricing.adjustment, "pricingSummary.adjustment")
    if adjustment:
        yield ParsedLine(
            external_ref="adjustment",
            kind="fee" if adjustment > 0 else "discount",
            title="Adjustment",
            amount=adjustment,
        )
    fee = _fee_beyond_taxes(pricing, lines, money)
    if fee:
        yield ParsedLine(
            external_ref="fee", kind="fee", title="Special fees", amount=fee
        )


def _fee_beyond_taxes(
    pricing: PricingSummary, lines: Sequence[ParsedLine], money: _Money
) -> Decimal:
    """Return the special fees (recycling ...) that are not among the taxes of the lines."""
    fee = money.zero(pricing.fee, "pricingSummary.fee")
    tax = money.zero(pricing.tax, "pricingSummary.tax")
    on_lines = sum((line.tax or ZERO for line in lines), ZERO)
    return ZERO if fee <= 0 or on_lines >= tax + fee else fee


def _lists_collected_twice(order: Order) -> bool:
    """Tell whether a line has both tax containers, eBay's sign for totals with collected tax."""
    collecting = [
        item for item in order.line_items or () if item.ebay_collect_and_remit_taxes
    ]
    return not collecting or any(item.taxes for item in collecting)


# Money back and payout


def _refunds(order: Order, reference: str, money: _Money) -> tuple[ParsedRefund, ...]:
    """Return the refunds of the order and of its lines, each id once.

    eBay states a refund either for the order or for its lines, or for both. One id on several
    lines is one refund; what it took back of which line is known then.
    """
    summary = order.payment_summary or PaymentSummary()
    places = [
        (refund, f"paymentSummary.refunds[{index}]", "")
        for index, refund in enumerate(summary.refunds or ())
    ]
    found = _refunds_by_id(places, reference, money)
    on_lines = _refunds_by_id(
        [
            (
                refund,
                f"lineItems[{number}].refunds[{index}]",
                str(item.line_item_id or ""),
            )
            for number, item in enumerate(order.line_items or ())
            for index, refund in enumerate(item.refunds or ())
        ],
        reference,
        money,
    )
    for key, refund in on_lines.items():
        stated = found.get(key)
        found[key] = stated.replace(lines=refund.lines) if stated else refund
    return tuple(found.values())


def _refunds_by_id(
    places: Sequence[tuple[Refund, str, str]], reference: str, money: _Money
) -> dict[str, ParsedRefund]:
    """Return the refunds by their ids.

    Their amounts hold the seller's taxes and never the tax that eBay collected.

    :param places: refund, its place, and the id of the order's line that it is on
    """
    found: dict[str, ParsedRefund] = {}
    for refund, path, line_ref in places:
        if refund.amount is None or refund.refund_status == "FAILED":
            continue
        amount, currency = _refund_amount(refund.amount, path, money)
        key = str(refund.refund_id or refund.refund_reference_id or "")
        key = key or f"{reference}:{refund.refund_date or 'pending'}:{amount}"
        known = found.get(key)
        line = ParsedRefundLine(line_ref=line_ref, amount=amount, tax_included=True)
        found[key] = ParsedRefund(
            external_ref=key,
            amount=amount + (known.amount if known else ZERO),
            currency=currency,
            created_at=to_datetime(
                refund.refund_date, join(money.where, f"{path}.refundDate")
            ),
            excludes_marketplace_tax=True,
            lines=((*known.lines, line) if known else (line,)) if line_ref else (),
            is_done=refund.refund_status != "PENDING",
        )
    return found


def _refund_amount(amount: Amount, path: str, money: _Money) -> tuple[Decimal, str]:
    """Return the amount and its currency: a refund may be stated in the payout currency only."""
    currency = money.currency or amount.currency or ""
    if amount.converted_from_value is None and amount.currency:
        currency = amount.currency
        value = to_decimal(
            amount.value or ZERO, join(money.where, f"{path}.amount.value")
        )
    else:
        value = money.zero(amount, f"{path}.amount")
    return abs(value), to_currency(
        currency, join(money.where, f"{path}.amount.currency")
    )


def _payout_currency(order: Order, money: _Money) -> str:
    """Return the currency the seller is paid in when it is not the order's."""
    pricing = order.pricing_summary or PricingSummary()
    due = (order.payment_summary or PaymentSummary()).total_due_seller
    for amount in (pricing.total, due):
        if (
            amount
            and amount.currency
            and amount.currency.strip().upper() != money.currency
        ):
            return to_currency(
                amount.currency, join(money.where, "pricingSummary.total.currency")
            )
    return ""


# States, places, people


def _states(order: Order, where: str) -> dict[str, Any]:
    payments = (order.payment_summary or PaymentSummary()).payments or []
    paid = [payment for payment in payments if payment.payment_status == "PAID"]
    method = next(
        (one.payment_method for one in (*paid, *payments) if one.payment_method), ""
    )
    return {
        "channel_status": order.order_fulfillment_status,
        "status": _status(order, bool(paid)),
        "payment_status": _payment_status(order, payments, paid),
        "payment_method": method,
        "paid_through_channel": _THROUGH_CHANNEL.get(method or ""),
        "paid_at": _last_payment(paid, where),
    }


def _status(order: Order, paid: bool) -> OrderStatus:
    cancelled = (order.cancel_status or CancelStatus()).cancel_state
    if cancelled in ("CANCELED", "CANCELLED"):
        return "cancelled"
    # PENDING and FAILED also stand for a refund on its way; the order itself was paid then.
    if order.order_payment_status in ("PENDING", "FAILED") and not paid:
        return "pending"
    return "shipped" if order.order_fulfillment_status == "FULFILLED" else "open"


def _payment_status(
    order: Order, payments: Sequence[Payment], paid: Sequence[Payment]
) -> PaymentStatus:
    status = _PAYMENT_STATUS.get(order.order_payment_status or "", "unknown")
    if status == "unpaid" and paid:
        return "paid" if len(paid) == len(payments) else "partial"
    return status


def _last_payment(paid: Sequence[Payment], where: str) -> datetime | None:
    dates = (
        to_datetime(
            one.payment_date, join(where, "paymentSummary.payments.paymentDate")
        )
        for one in paid
    )
    return max((date for date in dates if date), default=None)


def _delivery(order: Order) -> dict[str, Any]:
    items = order.line_items or []
    start = _first_instruction(order)
    step = start.shipping_step or ShippingStep()
    sites = (
        item.purchase_marketplace_id or item.listing_marketplace_id for item in items
    )
    countries = {
        country_code((item.item_location or ItemLocation()).country_code)
        for item in items
    }
    return {
        "marketplace": next((site for site in sites if site), ""),
        "shipping_option": step.shipping_service_code or "",
        "fulfilled_by": _fulfilled_by(start),
        # Goods from two countries are two supplies: no single country is right.
        "ship_from_country": countries.pop() if len(countries) == 1 else "",
        "shipping_address": _address(step.ship_to),
    }


def _first_instruction(order: Order) -> StartInstruction:
    """eBay gives a list and documents that it has one member."""
    return next(iter(order.fulfillment_start_instructions or ()), StartInstruction())


def _fulfilled_by(start: StartInstruction) -> str:
    if (
        start.ebay_supported_fulfillment
        or start.fulfillment_instructions_type == "FULFILLED_BY_EBAY"
    ):
        return "marketplace"
    return "seller" if start.fulfillment_instructions_type else ""


def _address(contact: Contact | None) -> ParsedAddress | None:
    if contact is None:
        return None
    place = contact.contact_address or ContactAddress()
    return ParsedAddress(
        name=contact.full_name or "",
        company=contact.company_name or "",
        street=place.address_line1 or "",
        street2=place.address_line2 or "",
        city=place.city or "",
        state=place.state_or_province or "",
        zip=place.postal_code or "",
        country=country_code(place.country_code),
        phone=given((contact.primary_phone or Phone()).phone_number),
        email=given(contact.email),
    )


def _people(order: Order) -> dict[str, Any]:
    buyer = order.buyer or Buyer()
    billing = _address(buyer.buyer_registration_address)
    shipping = (_first_instruction(order).shipping_step or ShippingStep()).ship_to
    person = billing or _address(shipping) or ParsedAddress()
    vat = _vat(buyer.tax_identifier)
    return {
        "billing_address": billing,
        "buyer": ParsedBuyer(
            external_ref=buyer.username or "",
            name=person.name,
            company=person.company,
            email=person.email,
            phone=person.phone,
            vat=vat,
            is_business=bool(vat),
        ),
    }


def _vat(identifier: TaxIdentifier | None) -> str:
    if (
        identifier is None
        or (identifier.tax_identifier_type or "").upper() not in _VAT_TYPES
    ):
        return ""
    return (identifier.taxpayer_id or "").strip()


# Detection

# Field names that only eBay has: Amazon's newest format also says orders[].orderId.
_OWN_FIELDS = (
    "pricingSummary",
    "orderFulfillmentStatus",
    "orderPaymentStatus",
    "legacyOrderId",
    "lineItems[].lineItemId",
    "fulfillmentStartInstructions",
)


def _is_fulfillment(sample: Sample) -> bool:
    return sample.kind == "json" and any(
        prefix + "orderId" in sample.keys
        and _has_any_below(sample, prefix, _OWN_FIELDS)
        for prefix in ("", "orders[].", "[].")
    )


def _has_any_below(sample: Sample, prefix: str, fields: Sequence[str]) -> bool:
    wanted = tuple(prefix + field for field in fields)
    return any(key.startswith(wanted) for key in sample.keys)


FORMATS: tuple[ChannelFormat, ...] = (
    ChannelFormat(
        code=CODE,
        platform="ebay",
        label="eBay Fulfillment API orders (JSON)",
        detect=_is_fulfillment,
        parse=parse_fulfillment,
    ),
    ChannelFormat(
        code=ebay_trading.CODE,
        platform="ebay",
        label="eBay Trading API orders (XML)",
        detect=ebay_trading.is_trading,
        parse=ebay_trading.parse_trading,
    ),
    ChannelFormat(
        code=ebay_finances.TRANSACTIONS,
        platform="ebay",
        label="eBay Finances API transactions (JSON)",
        kind="settlement",
        detect=ebay_finances.is_transactions,
        parse=ebay_finances.parse_transactions,
    ),
    ChannelFormat(
        code=ebay_finances.PAYOUTS,
        platform="ebay",
        label="eBay Finances API payouts (JSON)",
        kind="settlement",
        detect=ebay_finances.is_payouts,
        parse=ebay_finances.parse_payouts,
    ),
)
