"""What a Shopify order means, whichever API wrote it.

The GraphQL reader fills the structs that REST is decoded into. All amounts are *shop
money*: the seller's books are in the shop's currency, while presentment money is what
the buyer saw.

Decisions that an accountant may ask about:

- ``amount_total`` is ``total_price`` with the ordered quantities; edits and refunds
  show in ``amount_current`` and ``refunds``, never in the lines.
- A refund's amount is the money of its successful refund transactions. Its lines plus
  tax often say something else, and no money moved for that.
- A line without tax lines: an empty list says "no tax" (0), a missing list says nothing
  (None). Either way the seller is liable.
- Cash rounding is applied to what is received, not to the order's total: no line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from msgspec import UNSET, UnsetType

from .base import (
    ZERO,
    ChannelParseError,
    Liability,
    LineKind,
    OrderPart,
    OrderStatus,
    ParsedAddress,
    ParsedBuyer,
    ParsedLine,
    ParsedOrder,
    ParsedRefund,
    ParsedTax,
    PaymentStatus,
    only_currency,
    to_currency,
    to_datetime,
)
from .jsonio import join
from .jsonrecords import (
    Visit,
    check_amount,
    check_values,
    country_code,
    full_name,
    identifier,
    rate,
    text,
    times,
)
from .shopify_model import (
    Address,
    Allocation,
    Company,
    Customer,
    LineItem,
    Order,
    Ref,
    ShippingLine,
    TaxLine,
    Transaction,
)
from .shopify_refund import parsed_refund, shop_amount


class Spelling(NamedTuple):
    """How the API at hand writes the fields that messages and evidence name."""

    lines: str
    shipping: str
    tax_lines: str
    channel_liable: str
    #: Who owes a tax whose flag is not there at all.
    flag_missing: Liability


_PAYMENT: dict[str, PaymentStatus] = {
    "pending": "unpaid",
    "authorized": "unpaid",
    "expired": "unpaid",
    "partially_paid": "partial",
    "paid": "paid",
    "partially_refunded": "partially_refunded",
    "refunded": "refunded",
    "voided": "voided",
}
_MONEY_CAME: frozenset[PaymentStatus] = frozenset(
    {"paid", "partially_refunded", "refunded"}
)
# Gateways whose money never passes through Shopify or a provider, letters and digits only.
_MANUAL_GATEWAYS = frozenset(
    {
        "manual",
        "bankdeposit",
        "banktransfer",
        "cashondelivery",
        "cashondeliverycod",
        "cod",
    }
    | {"moneyorder", "cash", "check", "cheque"}
)
_VAT_ATTRIBUTES = frozenset(
    {"vat", "vatid", "vatno", "vatnumber", "euvatnumber", "vatregistrationnumber"}
)


def parsed_order(
    order: Order, spelling: Spelling, *, format_code: str, where: str, raw: str
) -> ParsedOrder:
    """Return what an order says.

    :param where: the order's place in the file
    :param raw: the order's own text
    :raises ChannelParseError: an unreadable value, or two currencies; its place starts in the order
    """
    return _Reading(order, spelling).result(format_code, where, raw)


def order_currency(stated: str | None, *totals: str | None) -> str | None:
    """Return the order's currency, or else the one of its totals, or None."""
    code = next(filter(None, (stated, *totals)), None)
    return to_currency(code, "currency") if code else None


def money_check(currency: str | None) -> Visit:
    """Return a visit for ``check_values``: believable amounts, money of one currency."""

    def check(value: object) -> None:
        check_amount(value)
        code = getattr(value, "currency_code", None)
        if code:
            only_currency([("currency_code", to_currency(code))], currency or "")

    return check


class _Reading:
    """One order being read; every method reads one aspect and names places from the order on."""

    def __init__(self, order: Order, spelling: Spelling):
        self.order = order
        self.spelling = spelling
        totals = (order.total_price_set, order.current_total_price_set)
        self.currency = order_currency(
            order.currency,
            *(
                total.shop_money.currency_code
                for total in totals
                if total and total.shop_money
            ),
        )
        check_values(order, money_check(self.currency))
        self.payment_status: PaymentStatus = _PAYMENT.get(
            text(order.financial_status), "unknown"
        )

    def result(self, format_code: str, where: str, raw: str) -> ParsedOrder:
        order = self.order
        items = tuple(self._item_lines())
        return ParsedOrder(
            external_ref=identifier(order.id, "id"),
            format=format_code,
            platform="shopify",
            where=where,
            raw=raw,
            parts=self._parts(),
            display_name=text(order.name),
            currency=self.currency,
            amount_total=shop_amount(order.total_price, order.total_price_set),
            amount_current=shop_amount(
                order.current_total_price, order.current_total_price_set
            ),
            amount_tax=shop_amount(order.total_tax, order.total_tax_set),
            amount_shipping=self._amount_shipping(),
            amount_discount=shop_amount(
                order.total_discounts, order.total_discounts_set
            ),
            channel_status=text(order.financial_status) or None,
            status=self._status(),
            payment_status=self.payment_status,
            payment_method=", ".join(self._gateways()),
            payment_refs=tuple(
                dict.fromkeys(
                    ref for sale in self._sales() if (ref := text(sale.authorization))
                )
            ),
            paid_through_channel=self._paid_through_channel(),
            created_at=to_datetime(order.created_at, "created_at"),
            updated_at=to_datetime(order.updated_at, "updated_at"),
            paid_at=self._paid_at(),
            shipped_at=self._shipped_at(),
            marketplace=text(order.source_name),
            shipping_option=", ".join(
                text(line.title) or text(line.code) for _, line in self._shipping()
            ),
            ship_from_country=self._ship_from_country(),
            note=text(self.order.note),
            is_test=bool(self.order.test),
            buyer=self._buyer(),
            billing_address=_address(order.billing_address),
            shipping_address=_address(order.shipping_address),
            lines=(*items, *self._shipping_lines(), *self._other_lines(items)),
            refunds=tuple(self._refunds()),
        )

    def _parts(self) -> frozenset[OrderPart]:
        order = self.order
        parts: set[OrderPart] = {"header"}
        if order.line_items is not None:
            parts.add("items")
        if order.shipping_address is not UNSET or order.billing_address is not UNSET:
            parts.add("address")
        if order.customer is not UNSET or order.email is not None:
            parts.add("buyer")
        return frozenset(parts)

    # Status and payment

    def _status(self) -> OrderStatus:
        order = self.order
        if order.cancelled_at:
            return "cancelled"
        if order.fulfillment_status == "fulfilled":
            return "done" if order.closed_at else "shipped"
        return "pending" if order.confirmed is False else "open"

    def _gateways(self) -> list[str]:
        stated = [text(name) for name in self.order.payment_gateway_names or ()]
        if not any(stated):
            stated = [text(sale.gateway) for sale in self._sales()]
        return list(dict.fromkeys(filter(None, stated)))

    def _sales(self) -> list[Transaction]:
        """Transactions in which the buyer's money came."""
        return [
            transaction
            for transaction in self.order.transactions or ()
            if transaction.succeeded and transaction.kind in ("sale", "capture")
        ]

    def _paid_through_channel(self) -> bool | None:
        """True only once money came; a mix of manual and other gateways stays unknown."""
        flagged = {
            text(transaction.gateway)
            for transaction in self.order.transactions or ()
            if transaction.manual_payment_gateway
        }
        manual = {
            gateway in flagged or _is_manual(gateway) for gateway in self._gateways()
        }
        if manual == {True}:
            return False
        came = self.payment_status in _MONEY_CAME or self.payment_status == "partial"
        return True if manual == {False} and came else None

    def _paid_at(self) -> datetime | None:
        moments = [
            moment
            for sale in self._sales()
            if (
                moment := to_datetime(
                    sale.processed_at or sale.created_at, "transactions"
                )
            )
        ]
        if moments:
            return max(moments)
        if self.payment_status in _MONEY_CAME:
            return to_datetime(self.order.processed_at, "processed_at")
        return None

    def _shipped_at(self) -> datetime | None:
        if self.order.fulfillment_status != "fulfilled":
            return None
        moments = [
            moment
            for fulfillment in self.order.fulfillments or ()
            if fulfillment.status == "success"
            and (moment := to_datetime(fulfillment.created_at, "fulfillments"))
        ]
        return max(moments, default=None)

    def _ship_from_country(self) -> str:
        countries = {
            country_code(fulfillment.origin_address.country_code)
            for fulfillment in self.order.fulfillments or ()
            if fulfillment.origin_address and fulfillment.status != "cancelled"
        } - {""}
        return countries.pop() if len(countries) == 1 else ""

    # Lines

    def _item_lines(self) -> Iterator[ParsedLine]:
        for index, line in enumerate(self.order.line_items or ()):
            place = self.spelling.lines.format(index)
            if line.quantity is None:
                raise ChannelParseError("missing", join(place, "quantity"))
            amount, discount = _line_amount(line, line.quantity, place)
            stated = ParsedLine(
                external_ref=identifier(line.id, join(place, "id")),
                kind=_line_kind(line),
                sku=text(line.sku),
                barcode=text(line.barcode),
                product_ref=_ref(line.variant_id) or _ref(line.product_id),
                title=text(line.name) or text(line.title),
                quantity=line.quantity,
                amount=amount,
                discount=discount,
            )
            yield self._taxed(stated, line.tax_lines, place)

    def _shipping(self) -> Iterator[tuple[int, ShippingLine]]:
        """Shipping lines that still count; an order edit leaves removed ones in the list."""
        for index, line in enumerate(self.order.shipping_lines or ()):
            if not line.is_removed:
                yield index, line

    def _shipping_lines(self) -> Iterator[ParsedLine]:
        for index, line in self._shipping():
            place = self.spelling.shipping.format(index)
            amount, discount = _shipping_amount(line, place)
            stated = ParsedLine(
                external_ref=_ref(line.id) or f"shipping_lines[{index}]",
                kind="shipping",
                product_ref=text(line.code),
                title=text(line.title),
                amount=amount,
                discount=discount,
            )
            yield self._taxed(stated, line.tax_lines, place)

    def _amount_shipping(self) -> Decimal | None:
        if self.order.shipping_lines is None:
            return shop_amount(None, self.order.total_shipping_price_set)
        prices = (
            shop_amount(line.price, line.price_set) for _, line in self._shipping()
        )
        return _sum(prices)

    def _other_lines(self, items: Sequence[ParsedLine]) -> Iterator[ParsedLine]:
        """Amounts of the total that no item or shipping line holds: tips, duties, other fees."""
        order = self.order
        tip = (
            shop_amount(order.total_tip_received, order.total_tip_received_set) or ZERO
        )
        # Point of sale writes a tip as an item of its own; it is in the total once.
        tip -= _sum(line.amount for line in items if line.kind == "tip")
        if tip > 0:
            yield _extra("tip", "total_tip_received", "Tip", tip, tax=ZERO)
        duties = shop_amount(None, order.original_total_duties_set)
        if duties and not order.duties_included:
            yield self._duties_line(duties)
        fees = shop_amount(None, order.original_total_additional_fees_set)
        if fees:
            field = "original_total_additional_fees_set"
            yield _extra("fee", field, "Additional fees", fees)

    def _duties_line(self, amount: Decimal) -> ParsedLine:
        taxes = tuple(
            tax
            for index, line in enumerate(self.order.line_items or ())
            for at, duty in enumerate(line.duties or ())
            for tax in self._taxes(
                duty.tax_lines or (),
                f"{self.spelling.lines.format(index)}.duties[{at}]",
            )
        )
        liability, evidence = _line_liability(taxes)
        return replace(
            _extra("fee", "original_total_duties_set", "Duties", amount),
            tax=_sum(tax.amount for tax in taxes) if taxes else None,
            tax_included=self.order.taxes_included,
            taxes=taxes,
            liability=liability,
            evidence=evidence or "original_total_duties_set",
        )

    def _taxed(
        self, line: ParsedLine, tax_lines: list[TaxLine] | None, place: str
    ) -> ParsedLine:
        """Return the line with its taxes and who owes them."""
        taxes = tuple(self._taxes(tax_lines or (), place))
        liability, evidence = _line_liability(taxes)
        field = join(place, self.spelling.tax_lines)
        none_stated = f"{field} absent" if tax_lines is None else f"{field}=[]"
        return replace(
            line,
            tax=None if tax_lines is None else _sum(tax.amount for tax in taxes),
            tax_included=self.order.taxes_included,
            taxes=taxes,
            liability=liability,
            evidence=evidence or none_stated,
        )

    def _taxes(self, tax_lines: Sequence[TaxLine], place: str) -> Iterator[ParsedTax]:
        for index, tax in enumerate(tax_lines):
            at = f"{join(place, self.spelling.tax_lines)}[{index}]"
            amount = shop_amount(tax.price, tax.price_set)
            if amount is None:
                raise ChannelParseError("missing", join(at, "price"))
            liability, evidence = self._liability(tax.channel_liable, at)
            yield ParsedTax(
                name=text(tax.title),
                amount=amount,
                rate=rate(tax.rate, join(at, "rate")),
                liability=liability,
                evidence=evidence,
            )

    def _liability(
        self, flag: bool | None | UnsetType, at: str
    ) -> tuple[Liability, str]:
        field = join(at, self.spelling.channel_liable)
        if flag is UNSET:
            return self.spelling.flag_missing, f"{field} absent"
        if flag is None:
            return "unknown", f"{field}=null"
        return (
            ("marketplace", f"{field}=true") if flag else ("seller", f"{field}=false")
        )

    # Refunds and buyer

    def _refunds(self) -> Iterator[ParsedRefund]:
        """Refunds in which money went back; a restock alone is none."""
        for index, refund in enumerate(self.order.refunds or ()):
            parsed = parsed_refund(
                refund,
                f"refunds[{index}]",
                currency=self.currency or "",
                taxes_included=self.order.taxes_included,
            )
            if parsed:
                yield parsed

    def _buyer(self) -> ParsedBuyer:
        order = self.order
        customer = order.customer or Customer()
        billing = order.billing_address or Address()
        company = order.company or Company()
        vat = text(company.vat) or self._vat_attribute()
        name = text(company.name) or text(billing.company)
        return ParsedBuyer(
            external_ref=_ref(customer.id),
            name=full_name(customer.first_name, customer.last_name) or _name(billing),
            company=name,
            email=text(order.email)
            or text(order.contact_email)
            or text(customer.email),
            phone=text(order.phone) or text(customer.phone) or text(billing.phone),
            vat=vat,
            is_business=bool(order.company or vat or name),
        )

    def _vat_attribute(self) -> str:
        """The VAT number that shops ask for at checkout and keep as an attribute of the cart."""
        for attribute in self.order.note_attributes or ():
            if _letters(attribute.name) in _VAT_ATTRIBUTES and isinstance(
                attribute.value, str
            ):
                return text(attribute.value)
        return ""


def _line_amount(
    line: LineItem, quantity: Decimal, place: str
) -> tuple[Decimal, Decimal]:
    """Return the line's amount after discounts, and these discounts.

    The allocations hold every discount, also those of codes for the whole order; ``total_discount``
    only those of the line, so it counts where no allocation is stated.
    """
    price = shop_amount(line.price, line.price_set)
    after = shop_amount(None, line.discounted_total_set)
    if price is None:
        if after is None:
            raise ChannelParseError("missing", join(place, "price"))
        return after, ZERO
    gross = times(price, quantity, join(place, "price"))
    discount = _allocated(line.discount_allocations)
    if discount is None and after is not None:
        return after, gross - after
    if not discount:
        discount = shop_amount(line.total_discount, line.total_discount_set)
    return gross - (discount or ZERO), discount or ZERO


def _shipping_amount(line: ShippingLine, place: str) -> tuple[Decimal, Decimal]:
    """Return the amount after discounts, and these; allocations win as in items."""
    price = shop_amount(line.price, line.price_set)
    after = shop_amount(line.discounted_price, line.discounted_price_set)
    if price is None and after is None:
        raise ChannelParseError("missing", join(place, "price"))
    if price is None:
        return after or ZERO, ZERO
    discount = _allocated(line.discount_allocations)
    if not discount and after is not None:
        return after, price - after
    return price - (discount or ZERO), discount or ZERO


def _allocated(allocations: list[Allocation] | None) -> Decimal | None:
    if allocations is None:
        return None
    amounts = (shop_amount(one.amount, one.amount_set) for one in allocations)
    return _sum(amounts)


def _sum(amounts: Iterable[Decimal | None]) -> Decimal:
    return sum((amount for amount in amounts if amount is not None), ZERO)


def _line_kind(line: LineItem) -> LineKind:
    if line.gift_card:
        return "gift_card"
    return "tip" if text(line.tip_payment_gateway) else "product"


def _line_liability(taxes: Sequence[ParsedTax]) -> tuple[Liability, str]:
    """Sum up who owes a line's taxes: one unknown makes it unknown, of a mix each tax tells."""
    owed = [tax for tax in taxes if tax.amount]
    if taxes and not owed:
        return "seller", f"{taxes[0].evidence}, a tax of 0"
    found = {tax.liability for tax in owed}
    if "unknown" in found:
        owed = [tax for tax in owed if tax.liability == "unknown"]
        found = {"unknown"}
    evidence = "; ".join(tax.evidence for tax in owed)
    return (found.pop() if len(found) == 1 else "seller"), evidence


def _extra(
    kind: LineKind, field: str, title: str, amount: Decimal, tax: Decimal | None = None
) -> ParsedLine:
    """Return a line for an amount that the order states once, without a tax of its own."""
    return ParsedLine(
        external_ref=field,
        kind=kind,
        title=title,
        amount=amount,
        tax=tax,
        evidence=field,
    )


def _address(address: Address | None | UnsetType) -> ParsedAddress | None:
    if not isinstance(address, Address):
        return None
    return ParsedAddress(
        name=_name(address),
        company=text(address.company),
        street=text(address.address1),
        street2=text(address.address2),
        city=text(address.city),
        state=text(address.province_code) or text(address.province),
        zip=text(address.zip),
        country=country_code(address.country_code),
        phone=text(address.phone),
    )


def _name(address: Address) -> str:
    return text(address.name) or full_name(address.first_name, address.last_name)


def _ref(value: Ref | None) -> str:
    ref = text(str(value)) if value is not None else ""
    return "" if ref == "0" else ref


def _letters(value: str | None) -> str:
    return "".join(char for char in text(value).lower() if char.isalnum())


def _is_manual(gateway: str) -> bool:
    return _letters(gateway) in _MANUAL_GATEWAYS
