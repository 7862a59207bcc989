"""What Amazon's order formats share: status words, liability for tax, lines of items.

Amazon states amounts per item and per charge (the item, its shipping, its gift wrap,
the fee for cash on delivery); each charge becomes a line of its own, so that shipping
can have its own product and tax. Every amount is for all units of the item, never a
unit price.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, BinaryIO, NamedTuple

from .base import (
    ZERO,
    ChannelParseError,
    Liability,
    LineKind,
    OrderStatus,
    ParsedAddress,
    ParsedLine,
    PaymentStatus,
    Sample,
    only_currency,
    to_currency,
    to_datetime,
    to_decimal,
)
from .jsonio import iter_events, iter_json, join, top_level

PLATFORM = "amazon"

# Keys are lower case without underscores: v0 writes "PartiallyShipped", 2026-01-01
# "PARTIALLY_SHIPPED".
_STATUSES: dict[str, OrderStatus] = {
    "pending": "pending",
    "pendingavailability": "pending",
    "unshipped": "open",
    "partiallyshipped": "open",
    "invoiceunconfirmed": "open",
    "unfulfillable": "open",
    "shipping": "shipped",
    "shipped": "shipped",
    "canceled": "cancelled",
    "cancelled": "cancelled",
}
_FULFILLED_BY = {
    "mfn": "seller",
    "merchant": "seller",
    "afn": "marketplace",
    "amazon": "marketplace",
}
# "Standard": the tax is paid to the seller, who remits it.
_MODELS: dict[str, Liability] = {
    "marketplacefacilitator": "marketplace",
    "standard": "seller",
}
# Where an import under IOSS can go: the EU for VAT, with Monaco and (XI) Northern Ireland.
_IOSS_AREA = frozenset(
    "AT BE BG CY CZ DE DK EE EL ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI"
    " SK XI".split()
)
# Amazon invents an address for each pair of buyer and seller, which they keep.
_ALIAS_DOMAIN = "@marketplace.amazon."


class ChargeKind(NamedTuple):
    line: LineKind
    suffix: str
    title: str


#: Charges of an item beside its price, in the order of the invoice.
CHARGE_KINDS: dict[str, ChargeKind] = {
    "shipping": ChargeKind("shipping", ":shipping", "Shipping"),
    "gift_wrap": ChargeKind("gift_wrap", ":gift_wrap", "Gift wrap"),
    "cod": ChargeKind("fee", ":cod", "Cash on delivery fee"),
    "other": ChargeKind("fee", ":other", "Other charges"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One charge of an item: ``price`` before ``discount`` (positive), ``tax`` after
    the discount's tax.

    ``price`` and ``tax`` are None where Amazon states none.
    """

    price: Decimal | None = None
    discount: Decimal = ZERO
    tax: Decimal | None = None

    @property
    def amount(self) -> Decimal:
        """What the buyer pays for it, in the basis of ``price``."""
        return (ZERO if self.price is None else self.price) - self.discount

    @property
    def is_empty(self) -> bool:
        return not (self.price or self.discount or self.tax)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An order item with its charges: ``item`` (the price of all units) and those of
    CHARGE_KINDS."""

    external_ref: str
    quantity: Decimal
    charges: Mapping[str, Charge]
    sku: str = ""
    product_ref: str = ""
    title: str = ""
    tax_included: bool | None = None
    liability: Liability = "seller"
    evidence: str = ""

    @property
    def is_priced(self) -> bool:
        """Whether Amazon states what the item costs; a cancelled item has no price and
        needs none."""
        return self.quantity == 0 or self.charges["item"].price is not None


class Evidence(NamedTuple):
    """A field that bears on the tax: its place in the record and what stands there."""

    place: str
    value: str

    def __str__(self) -> str:
        return f"{self.place}={self.value}"


@dataclass(slots=True)
class Purse:
    """Reads money of one order and makes sure that all of it is in one currency.

    ``names`` are the field names of the code and the amount in this format.
    """

    names: tuple[str, str]
    _seen: list[tuple[str, str]] = field(default_factory=list)

    def take(
        self, code: str | None, amount: Decimal | None, where: str
    ) -> Decimal | None:
        """Return the amount, remembering its currency; None when there is no amount.

        :raises ChannelParseError: not a decimal, or no currency
        """
        if amount is None:
            return None
        place = join(where, self.names[0])
        self._seen.append((place, to_currency(code, place)))
        return to_decimal(amount, join(where, self.names[1]))

    def currency(self) -> str | None:
        """Return the order's currency, None when no money was seen.

        :raises ChannelParseError: a second currency, at its place
        """
        if not self._seen:
            return None
        expected = self._seen[0][1]
        only_currency(self._seen, expected)
        return expected


def text(value: str | None) -> str:
    """Return stated text without surrounding space and without NUL, which no database holds."""
    return (value or "").replace("\0", "").strip()


def to_moment(value: str | None, where: str) -> datetime | None:
    """Return when something happened; None when Amazon does not say.

    Answers of Amazon's sandbox carry times of January 1970 (milliseconds written as
    seconds): no time at all.

    :raises ChannelParseError: not a date, or not a believable one
    """
    if text(value).startswith("1970-01-"):
        return None
    return to_datetime(text(value), where)


def to_quantity(value: int | Decimal, where: str) -> Decimal:
    """:raises ChannelParseError: negative, or larger than any order"""
    quantity = to_decimal(value, where)
    if quantity < 0:
        raise ChannelParseError("a negative quantity", where)
    return quantity


def to_country(value: str | None, where: str) -> str:
    """Return an ISO 3166-1 alpha-2 code, empty when withheld.

    :raises ChannelParseError: anything else than two letters
    """
    code = text(value).upper()
    if code and not (len(code) == 2 and code.isascii() and code.isalpha()):
        raise ChannelParseError("not a country code", where)
    return code


def status_of(word: str, where: str) -> OrderStatus:
    """Return what Amazon's word means.

    :raises ChannelParseError: a word we do not know, as guessing might invoice what
        must not be invoiced
    """
    status = _STATUSES.get(_plain(word))
    if status is None:
        raise ChannelParseError(f"unknown order status {word!r}", where)
    return status


def fulfilled_by(word: str | None) -> str:
    return _FULFILLED_BY.get(text(word).lower(), "")


def payment_of(
    status: OrderStatus,
    *,
    cash: bool = False,
    prepaid: bool = False,
    elsewhere: bool = False,
) -> tuple[PaymentStatus, bool | None]:
    """Return the payment status and whether Amazon collected the money.

    Amazon has no flag for "paid": an order leaves "pending" once its payment is
    authorised.

    :param cash: (the rest) is paid in cash on delivery
    :param prepaid: a part of a cash order was paid before, by gift card or points
    :param elsewhere: sold outside Amazon, which only ships it
    """
    if elsewhere:
        return "unknown", False
    if status == "cancelled":
        return "voided", None
    if status == "pending":
        return "unpaid", not cash
    if cash:
        return ("partial" if prepaid else "unpaid"), False
    return "paid", True


def buyer_ref(email: str) -> str:
    """Return the buyer's id: the alias that Amazon gives a buyer for this seller, if any."""
    return email.lower() if _ALIAS_DOMAIN in email.lower() else ""


def note_of(purchase_order: str | None, replaces: str | None) -> str:
    """Return what a person must know and no other field holds."""
    notes = []
    if text(purchase_order):
        notes.append(f"Purchase order {text(purchase_order)}")
    if text(replaces):
        notes.append(f"Replacement of {text(replaces)}")
    return "\n".join(notes)


def liability_of(
    model: Evidence,
    scheme: Evidence,
    number: Evidence,
    *,
    destination: ParsedAddress | None = None,
    is_free: bool = False,
) -> tuple[Liability, str]:
    """Decide who owes the tax of an item, and by which field.

    - A collection model decides: MarketplaceFacilitator is Amazon, Standard the seller.
    - An IOSS number is given when Amazon has collected the VAT of an import into the
      EU. With a delivery elsewhere the statements contradict each other: unknown.
    - A deemed-reseller category (IOSS, UOSS, GB_VOEC, CA_MPF ...) alone names a law and
      not who collected: Amazon's own examples carry it on domestic US items. Unknown,
      unless the item is free.
    - Nothing at all: the seller.

    :param is_free: the item has neither an amount nor a tax, so nothing can be owed
    """
    if model.value:
        return _MODELS.get(_plain(model.value), "unknown"), str(model)
    if number.value:
        facts = f"{scheme}, {number}" if scheme.value else str(number)
        if destination and destination.country and not _in_ioss_area(destination):
            return "unknown", f"{facts}, delivered to {destination.country}"
        return "marketplace", facts
    if scheme.value and not is_free:
        return "unknown", f"{scheme}, {number.place} empty"
    return "seller", f"{model.place.removesuffix('.Model')} absent"


def item_lines(items: Iterable[Item]) -> tuple[ParsedLine, ...]:
    """Return the items' lines: each product, then its charges that are not zero."""
    return tuple(line for item in items for line in _lines(item))


def _lines(item: Item) -> Iterator[ParsedLine]:
    price = item.charges["item"]
    yield ParsedLine(
        external_ref=item.external_ref,
        sku=item.sku,
        product_ref=item.product_ref,
        title=item.title,
        quantity=item.quantity,
        amount=price.amount,
        discount=price.discount,
        tax=price.tax,
        tax_included=item.tax_included,
        liability=item.liability,
        evidence=item.evidence,
    )
    for name, kind in CHARGE_KINDS.items():
        charge = item.charges.get(name)
        if charge is None or charge.is_empty:
            continue
        yield ParsedLine(
            external_ref=item.external_ref + kind.suffix,
            kind=kind.line,
            title=kind.title,
            amount=charge.amount,
            discount=charge.discount,
            tax=charge.tax,
            tax_included=item.tax_included,
            liability=item.liability,
            evidence=item.evidence,
        )


def item_totals(items: Iterable[Item]) -> dict[str, Decimal | None]:
    """Return the sums that Amazon states per item only, as arguments of ParsedOrder.

    Shipping is before its discount, the discount is that of items and shipping
    together. None: not stated.
    """
    charges = [
        (name, charge) for item in items for name, charge in item.charges.items()
    ]
    priced = any(charge.price is not None for _name, charge in charges)
    taxes = [charge.tax for _name, charge in charges if charge.tax is not None]
    shipping = [charge.price or ZERO for name, charge in charges if name == "shipping"]
    discounts = [charge.discount for _name, charge in charges]
    return {
        "amount_tax": sum(taxes, ZERO) if taxes else None,
        "amount_shipping": sum(shipping, ZERO) if priced else None,
        "amount_discount": sum(discounts, ZERO) if priced else None,
    }


def iter_pages(
    source: BinaryIO, lists: frozenset[str]
) -> Iterator[tuple[str, Any, bool]]:
    """Yield each page of a file, or, from a page with a list of orders, each order.

    As (place, object, whether it is an order of that list).

    :param lists: paths of the list of orders in a page, which is streamed
    :raises ChannelParseError: not valid JSON
    """
    if top_level(source) == "array":
        for index, page in iter_json(source, "item"):
            yield f"[{index}]", page, False
        return
    path = _list_path(source, lists)
    if path is None:
        for _index, page in iter_json(source, ""):
            yield "", page, False
        return
    for index, record in iter_json(source, f"{path}.item"):
        yield f"{path}[{index}]", record, True


def _list_path(source: BinaryIO, lists: frozenset[str]) -> str | None:
    return next(
        (
            path
            for path, event, _v in iter_events(source)
            if event == "start_array" and path in lists
        ),
        None,
    )


def mentions(sample: Sample, *paths: str) -> bool:
    """Whether a file has one of the dotted paths, as a value or with something below it."""
    below = tuple(path + end for path in paths for end in (".", "["))
    return any(key in paths or key.startswith(below) for key in sample.keys)


def _plain(word: str) -> str:
    return word.replace("_", "").strip().lower()


def _in_ioss_area(address: ParsedAddress) -> bool:
    northern_ireland = address.country == "GB" and address.zip.upper().startswith("BT")
    return northern_ireland or address.country in _IOSS_AREA
