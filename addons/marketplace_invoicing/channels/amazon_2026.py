"""Amazon Selling Partner API, orders 2026-01-01: ``searchOrders`` and ``getOrder``.

An order comes whole, with the data sets that the caller asked for (``includedData``).
Proceeds are broken down by type per item, and by type per order for what belongs to no
item (a delivery tip).

What Amazon leaves open:

- Whether prices contain tax is read from the figures: ``proceedsTotal`` is either the
  sum of the breakdowns with ``TAX`` (tax on top) or without it (tax included). When
  neither or both fit, nobody says.
- No ``tax`` in any item may mean that nobody collected, or that the data set TAX was
  not asked for. With a tax in the proceeds the liability is then unknown; a guess would
  put Amazon's tax into the seller's books.
- The sign of ``DISCOUNT`` is not documented; a discount lowers the price whatever its
  sign.
- Nothing says "paid"; see :func:`.amazon_common.payment_of`. ``createdTime`` is the
  best known date of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, BinaryIO

import msgspec

from .amazon_common import (
    PLATFORM,
    Charge,
    Evidence,
    Item,
    Purse,
    buyer_ref,
    fulfilled_by,
    item_lines,
    item_totals,
    iter_pages,
    liability_of,
    note_of,
    payment_of,
    status_of,
    text,
    to_country,
    to_moment,
    to_quantity,
)
from .base import (
    ALL_PARTS,
    ZERO,
    ChannelParseError,
    Liability,
    LineKind,
    ParsedAddress,
    ParsedBuyer,
    ParsedLine,
    ParsedOrder,
    ParseFailure,
    Record,
)
from .jsonio import convert, dumps, join

FORMAT = "amazon.orders.2026-01-01"

_LISTS = frozenset({"orders", "payload.orders"})
_CASH = "CashOnDelivery"
# Breakdown types with a charge of their own; TAX and DISCOUNT are spread over them.
_CHARGES = {
    "ITEM": "item",
    "SHIPPING": "shipping",
    "GIFT_WRAP": "gift_wrap",
    "COD_FEE": "cod",
    "OTHER": "other",
}
_SPREAD = frozenset({"TAX", "DISCOUNT"})
# Lines of an order that belong to no item; types not listed are fees.
_ORDER_LINES: dict[str, LineKind] = {
    "DELIVERY_TIP": "tip",
    "SHIPPING": "shipping",
    "GIFT_WRAP": "gift_wrap",
    "DISCOUNT": "discount",
}


class Money(msgspec.Struct, rename="camel"):
    amount: Decimal | None = None
    currency_code: str | None = None


class DetailedBreakdown(msgspec.Struct, rename="camel"):
    subtype: str | None = None
    value: Money | None = None


class Breakdown(msgspec.Struct, rename="camel"):
    type: str
    subtotal: Money
    detailed_breakdowns: list[DetailedBreakdown] | None = None


class ItemProceeds(msgspec.Struct, rename="camel"):
    proceeds_total: Money | None = None
    breakdowns: list[Breakdown] | None = None


class OrderProceeds(msgspec.Struct, rename="camel"):
    grand_total: Money | None = None
    breakdowns: list[Breakdown] | None = None


class Product(msgspec.Struct, rename="camel"):
    asin: str | None = None
    title: str | None = None
    seller_sku: str | None = None


class InternationalShipping(msgspec.Struct, rename="camel"):
    ioss_number: str | None = None


class ItemShipping(msgspec.Struct, rename="camel"):
    international_shipping: InternationalShipping | None = None


class ItemFulfillment(msgspec.Struct, rename="camel"):
    shipping: ItemShipping | None = None


class TaxCalculation(msgspec.Struct, rename="camel"):
    reporting_scheme: str | None = None


class TaxCollection(msgspec.Struct, rename="camel"):
    model: str | None = None


class ItemTax(msgspec.Struct, rename="camel"):
    tax_calculation_breakdowns: list[TaxCalculation] | None = None
    tax_collections: list[TaxCollection] | None = None


class OrderItem(msgspec.Struct, rename="camel"):
    order_item_id: str
    quantity_ordered: int
    product: Product = msgspec.field(default_factory=Product)
    proceeds: ItemProceeds | None = None
    fulfillment: ItemFulfillment | None = None
    tax: ItemTax | None = None


class SalesChannel(msgspec.Struct, rename="camel"):
    channel_name: str | None = None
    marketplace_id: str | None = None
    marketplace_name: str | None = None


class Buyer(msgspec.Struct, rename="camel"):
    buyer_name: str | None = None
    buyer_email: str | None = None
    buyer_company_name: str | None = None
    buyer_purchase_order_number: str | None = None


class Address(msgspec.Struct, rename="camel"):
    name: str | None = None
    company_name: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    city: str | None = None
    district_or_county: str | None = None
    municipality: str | None = None
    state_or_region: str | None = None
    postal_code: str | None = None
    country_code: str | None = None
    phone: str | None = None


class Recipient(msgspec.Struct, rename="camel"):
    delivery_address: Address | None = None


class OrderFulfillment(msgspec.Struct, rename="camel"):
    fulfillment_status: str
    fulfilled_by: str | None = None
    fulfillment_service_level: str | None = None


class Package(msgspec.Struct, rename="camel"):
    ship_time: str | None = None
    ship_from_address: Address | None = None


class PaymentExecution(msgspec.Struct, rename="camel"):
    payment_method: str | None = None


class Payment(msgspec.Struct, rename="camel"):
    payment_executions: list[PaymentExecution] | None = None


class TaxRegistration(msgspec.Struct, rename="camel"):
    entity_type: str | None = None
    legal_name: str | None = None
    tax_registration_type: str | None = None
    tax_registration_number: str | None = None


class OrderTax(msgspec.Struct, rename="camel"):
    tax_registrations: list[TaxRegistration] | None = None


class AssociatedOrder(msgspec.Struct, rename="camel"):
    order_id: str | None = None
    association_type: str | None = None


class Order(msgspec.Struct, rename="camel"):
    order_id: str
    fulfillment: OrderFulfillment
    created_time: str | None = None
    last_updated_time: str | None = None
    programs: list[str] | None = None
    associated_orders: list[AssociatedOrder] | None = None
    sales_channel: SalesChannel = msgspec.field(default_factory=SalesChannel)
    buyer: Buyer | None = None
    recipient: Recipient | None = None
    proceeds: OrderProceeds | None = None
    payment: Payment | None = None
    tax: OrderTax | None = None
    order_items: list[OrderItem] | None = None
    packages: list[Package] | None = None


def parse(source: BinaryIO) -> Iterator[Record]:
    """Yield a record per order.

    :param source: a seekable stream of an answer of searchOrders or getOrder, an order,
        or a list of these
    :raises ChannelParseError: not JSON, or not an answer of orders 2026-01-01
    """
    for where, page, is_order in iter_pages(source, _LISTS):
        if is_order:
            yield _record(page, where)
        else:
            yield from _records_in(page, where)


def _records_in(page: Any, where: str) -> Iterator[Record]:
    """Yield the records of an answer; one of several that is none does not hide the others."""
    place = where
    if isinstance(page, dict) and "payload" in page:
        page, place = page["payload"], join(place, "payload")
    orders = page.get("orders") if isinstance(page, dict) else None
    if isinstance(orders, list):
        for index, order in enumerate(orders):
            yield _record(order, join(place, f"orders[{index}]"))
    elif isinstance(page, dict) and "order" in page:
        yield _record(page["order"], join(place, "order"))
    elif isinstance(page, dict) and "orderId" in page:
        yield _record(page, place)
    elif where:
        yield ParseFailure(
            where=place, reason="not an Amazon order answer", raw=_raw(page)
        )
    else:
        raise ChannelParseError("not an Amazon order answer", place)


def _record(data: Any, where: str) -> Record:
    try:
        raw = dumps({"order": data})
        return _OrderReader(convert(data, Order, where), where).read(raw)
    except ChannelParseError as error:
        ref = data.get("orderId") if isinstance(data, dict) else None
        return ParseFailure(
            where=error.where or where,
            reason=error.reason,
            external_ref=text(ref) if isinstance(ref, str) else "",
            raw=_raw({"order": data}),
        )


def _raw(data: Any) -> str:
    try:
        return dumps(data)
    except ChannelParseError:
        return ""


class _OrderReader:
    """Turns one order into a ParsedOrder; ``where`` is its place in the file."""

    def __init__(self, order: Order, where: str):
        self._order = order
        self._where = where
        self._purse = Purse(("currencyCode", "amount"))
        # Asked for the data set TAX, Amazon tells at least one thing about taxes.
        self._has_tax_data = order.tax is not None or any(
            item.tax is not None for item in order.order_items or []
        )

    def read(self, raw: str) -> ParsedOrder:
        """:raises ChannelParseError: with the place of the first thing that cannot be read"""
        order = self._order
        if not text(order.order_id):
            raise ChannelParseError("missing", self._at("orderId"))
        address = self._address()
        proceeds = order.proceeds or OrderProceeds()
        total = self._money(proceeds.grand_total, self._at("proceeds.grandTotal"))
        items = [
            self._item(item, n, address)
            for n, item in enumerate(order.order_items or [])
        ]
        priced = bool(items) and all(item.is_priced for item in items)
        stated = self._breakdowns(proceeds.breakdowns, self._at("proceeds"))
        return ParsedOrder(
            external_ref=text(order.order_id),
            format=FORMAT,
            platform=PLATFORM,
            where=self._where,
            raw=raw,
            parts=ALL_PARTS if priced else ALL_PARTS - {"items"},
            currency=self._purse.currency(),
            amount_total=total,
            shipping_address=address,
            lines=item_lines(items) + tuple(self._order_lines(stated)),
            **(_stated_totals(stated) if stated else item_totals(items)),
            **self._header(),
            **self._parties(),
        )

    def _at(self, field: str) -> str:
        return join(self._where, field)

    def _money(self, money: Money | None, where: str) -> Decimal | None:
        if money is None:
            return None
        return self._purse.take(money.currency_code, money.amount, where)

    def _header(self) -> dict[str, Any]:
        """Return status, payment, dates and channel."""
        order, channel = self._order, self._order.sales_channel
        word = order.fulfillment.fulfillment_status
        status = status_of(word, self._at("fulfillment.fulfillmentStatus"))
        executions = (order.payment or Payment()).payment_executions or []
        methods = sorted({text(part.payment_method) for part in executions} - {""})
        created = to_moment(order.created_time, self._at("createdTime"))
        payment_status, through_channel = payment_of(
            status,
            cash=_CASH in methods,
            prepaid=len(methods) > 1,
            elsewhere=text(channel.channel_name) == "NON_AMAZON",
        )
        return {
            "channel_status": word,
            "status": status,
            "payment_status": payment_status,
            "payment_method": ", ".join(methods),
            "paid_through_channel": through_channel,
            "created_at": created,
            "updated_at": to_moment(
                order.last_updated_time, self._at("lastUpdatedTime")
            ),
            "paid_at": created if payment_status == "paid" else None,
            "marketplace": text(channel.marketplace_name)
            or text(channel.marketplace_id),
            "shipping_option": text(order.fulfillment.fulfillment_service_level),
            "fulfilled_by": fulfilled_by(order.fulfillment.fulfilled_by),
            **self._shipment(shipped=status == "shipped"),
        }

    def _shipment(self, *, shipped: bool) -> dict[str, Any]:
        """Return when the last package left, and the country they leave from, if it is one."""
        times, countries = [], set()
        for index, package in enumerate(self._order.packages or []):
            place = self._at(f"packages[{index}]")
            times.append(to_moment(package.ship_time, join(place, "shipTime")))
            origin = package.ship_from_address or Address()
            countries.add(
                to_country(
                    origin.country_code, join(place, "shipFromAddress.countryCode")
                )
            )
        known = [time for time in times if time]
        return {
            "shipped_at": max(known) if shipped and known else None,
            "ship_from_country": countries.pop() if len(countries) == 1 else "",
        }

    def _address(self) -> ParsedAddress | None:
        address = self._order.recipient and self._order.recipient.delivery_address
        if not address:
            return None
        lines = (address.address_line1, address.address_line2, address.address_line3)
        street, *others = [text(line) for line in lines if text(line)] or [""]
        return ParsedAddress(
            name=text(address.name),
            company=text(address.company_name),
            street=street,
            street2=", ".join(others),
            city=text(address.city) or text(address.municipality),
            state=text(address.state_or_region) or text(address.district_or_county),
            zip=text(address.postal_code),
            country=to_country(
                address.country_code, self._at("recipient.deliveryAddress.countryCode")
            ),
            phone=text(address.phone),
        )

    def _parties(self) -> dict[str, Any]:
        """Return buyer and note."""
        order, buyer = self._order, self._order.buyer or Buyer()
        registrations = [
            entry
            for entry in (order.tax or OrderTax()).tax_registrations or []
            if entry.entity_type == "BUYER"
        ]
        companies = [
            text(buyer.buyer_company_name),
            *(text(r.legal_name) for r in registrations),
        ]
        company = next((name for name in companies if name), "")
        vats = (
            text(r.tax_registration_number)
            for r in registrations
            if r.tax_registration_type == "VAT"
        )
        email = text(buyer.buyer_email)
        replaced = (
            entry.order_id
            for entry in order.associated_orders or []
            if entry.association_type == "REPLACEMENT_ORIGINAL_ID"
        )
        return {
            "buyer": ParsedBuyer(
                external_ref=buyer_ref(email),
                name=text(buyer.buyer_name),
                company=company,
                email=email,
                vat=next(vats, ""),
                is_business=bool(company)
                or "AMAZON_BUSINESS" in (order.programs or []),
            ),
            "note": note_of(buyer.buyer_purchase_order_number, next(replaced, None)),
        }

    def _item(
        self, item: OrderItem, index: int, destination: ParsedAddress | None
    ) -> Item:
        place = self._at(f"orderItems[{index}]")
        if not text(item.order_item_id):
            raise ChannelParseError("missing", join(place, "orderItemId"))
        proceeds = item.proceeds or ItemProceeds()
        at = join(place, "proceeds")
        parts = self._breakdowns(proceeds.breakdowns, at)
        charges = self._charges(proceeds.breakdowns or [], parts, at)
        total = self._money(proceeds.proceeds_total, join(at, "proceedsTotal"))
        liability, evidence = self._liability(item, index, charges, destination)
        return Item(
            external_ref=text(item.order_item_id),
            sku=text(item.product.seller_sku),
            product_ref=text(item.product.asin),
            title=text(item.product.title),
            quantity=to_quantity(item.quantity_ordered, join(place, "quantityOrdered")),
            charges=charges,
            tax_included=_tax_included(total, charges.values()),
            liability=liability,
            evidence=evidence,
        )

    def _breakdowns(
        self, breakdowns: list[Breakdown] | None, where: str
    ) -> dict[str, Decimal]:
        """Return the subtotals by type."""
        sums: dict[str, Decimal] = {}
        for index, part in enumerate(breakdowns or []):
            place = join(where, f"breakdowns[{index}].subtotal")
            amount = self._money(part.subtotal, place)
            if amount is None:
                raise ChannelParseError("missing", join(place, "amount"))
            sums[part.type] = sums.get(part.type, ZERO) + amount
        return sums

    def _charges(
        self, breakdowns: list[Breakdown], parts: dict[str, Decimal], where: str
    ) -> dict[str, Charge]:
        """Return the charges of an item, with taxes and discounts spread over them."""
        taxes = self._spread("TAX", breakdowns, parts, where)
        discounts = self._spread("DISCOUNT", breakdowns, parts, where)
        prices: dict[str, Decimal] = {}
        for kind, amount in parts.items():
            if kind not in _SPREAD:
                name = _CHARGES.get(kind, "other")
                prices[name] = prices.get(name, ZERO) + amount
        return {
            name: Charge(
                price=prices.get(name),
                tax=taxes.get(name),
                discount=abs(discounts.get(name, ZERO)),
            )
            for name in dict.fromkeys(("item", *prices))
        }

    def _spread(
        self,
        kind: str,
        breakdowns: list[Breakdown],
        parts: dict[str, Decimal],
        where: str,
    ) -> dict[str, Decimal]:
        """Return the subtotal of TAX or DISCOUNT by charge; the item's is what no other takes."""
        if kind not in parts:
            return {}
        shares: dict[str, Decimal] = {}
        for index, part in enumerate(breakdowns):
            if part.type != kind:
                continue
            for number, detail in enumerate(part.detailed_breakdowns or []):
                place = join(
                    where, f"breakdowns[{index}].detailedBreakdowns[{number}].value"
                )
                share = self._money(detail.value, place)
                subtype = detail.subtype or ""
                if (
                    share is not None
                    and subtype != "ITEM"
                    and subtype in parts.keys() & _CHARGES
                ):
                    name = _CHARGES[subtype]
                    shares[name] = shares.get(name, ZERO) + share
        return {"item": parts[kind] - sum(shares.values(), ZERO), **shares}

    def _liability(
        self,
        item: OrderItem,
        index: int,
        charges: dict[str, Charge],
        destination: ParsedAddress | None,
    ) -> tuple[Liability, str]:
        at = f"orderItems[{index}]"
        tax = item.tax or ItemTax()
        collections = enumerate(tax.tax_collections or [])
        schemes = enumerate(tax.tax_calculation_breakdowns or [])
        model = _first(
            (f"{at}.tax.taxCollections[{n}].model", text(part.model))
            for n, part in collections
        )
        scheme = _first(
            (
                f"{at}.tax.taxCalculationBreakdowns[{n}].reportingScheme",
                text(part.reporting_scheme),
            )
            for n, part in schemes
        )
        shipping = (item.fulfillment or ItemFulfillment()).shipping or ItemShipping()
        abroad = shipping.international_shipping or InternationalShipping()
        number = Evidence(
            f"{at}.fulfillment.shipping.internationalShipping.iossNumber",
            text(abroad.ioss_number),
        )
        is_taxed = any(charge.tax for charge in charges.values())
        if is_taxed and not self._has_tax_data and not number.value:
            return "unknown", f"{at}.tax absent, and no other tax data in the order"
        return liability_of(
            model or Evidence(f"{at}.tax.taxCollections", ""),
            scheme or Evidence(f"{at}.tax.taxCalculationBreakdowns", ""),
            number,
            destination=destination,
            is_free="item" in charges
            and all(charge.is_empty for charge in charges.values()),
        )

    def _order_lines(self, stated: dict[str, Decimal]) -> Iterator[ParsedLine]:
        """Yield what the order's breakdown has and no item's, such as a tip.

        ITEM and TAX are sums over the items; when the items do not say them, the order
        does not balance and a person must see that.
        """
        told = {
            part.type
            for item in self._order.order_items or []
            for part in (item.proceeds or ItemProceeds()).breakdowns or []
        }
        for kind, amount in stated.items():
            if kind in told or kind in ("ITEM", "TAX") or not amount:
                continue
            yield ParsedLine(
                external_ref=f"{text(self._order.order_id)}:{kind}",
                kind=_ORDER_LINES.get(kind, "fee"),
                title=kind.replace("_", " ").capitalize(),
                amount=-abs(amount) if kind == "DISCOUNT" else amount,
                liability="seller",
                evidence=f"proceeds.breakdowns {kind}: no tax stated",
            )


def _first(found: Iterable[tuple[str, str]]) -> Evidence | None:
    return next((Evidence(place, value) for place, value in found if value), None)


def _tax_included(total: Decimal | None, charges: Iterable[Charge]) -> bool | None:
    """Tell from an item's total whether its charges contain their tax; None when unclear."""
    charges = list(charges)
    tax = sum((charge.tax or ZERO for charge in charges), ZERO)
    amount = sum((charge.amount for charge in charges), ZERO)
    if total is None or not tax or total not in (amount, amount + tax):
        return None
    return total == amount


def _stated_totals(stated: dict[str, Decimal]) -> dict[str, Decimal | None]:
    """Return the order's own sums as arguments of ParsedOrder; a type left out is zero."""
    return {
        "amount_tax": stated.get("TAX", ZERO),
        "amount_shipping": stated.get("SHIPPING", ZERO),
        "amount_discount": abs(stated.get("DISCOUNT", ZERO)),
    }
