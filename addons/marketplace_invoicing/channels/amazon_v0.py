"""Amazon Selling Partner API, orders v0: one order comes in pages, one per operation.

``getOrders``/``getOrder`` give the header, ``getOrderItems`` the lines,
``getOrderAddress``, ``getOrderBuyerInfo`` and ``getOrderItemsBuyerInfo`` the restricted
data; each with or without its ``payload`` wrapper. A page yields what it states and no
more. :func:`merge_raw` joins the pages of one order into one document, which
:func:`parse` reads too and which every ``raw`` already is::

    {"AmazonOrderId": "...", "Order": {...},
     "OrderItems": [...], "OrderItemsBuyerInfo": [...],
     "ShippingAddress": {...}, "ShippingAddressAsOf": "...", "BuyerInfo": {...}}

What Amazon leaves open:

- ``ItemPrice`` contains VAT for some sellers and not for others; the channel's setting
  decides.
- Nothing says "paid". Leaving "Pending" means that the payment is authorised, and
  ``PurchaseDate`` is the best known date of it. In a cash on delivery order only gift
  cards and points are paid before.
- ``PromotionDiscount`` and ``PromotionDiscountTax`` are not yet taken off ``ItemPrice``
  and ``ItemTax``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import BytesIO
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
    EARLIEST,
    ZERO,
    ChannelParseError,
    Liability,
    OrderPart,
    ParsedAddress,
    ParsedBuyer,
    ParsedOrder,
    ParseFailure,
    Record,
    to_datetime,
    to_decimal,
)
from .jsonio import convert, dumps, iter_json, join

FORMAT = "amazon.orders.v0"

_LISTS = frozenset({"payload.Orders", "Orders"})
_JOINED_KEYS = (
    "Order",
    "OrderItems",
    "OrderItemsBuyerInfo",
    "ShippingAddress",
    "ShippingAddressAsOf",
    "BuyerInfo",
)
# Any of these makes an object an order's header.
_HEADER_KEYS = frozenset(
    {"OrderStatus", "PurchaseDate", "LastUpdateDate", "OrderTotal"}
)
# The page of getOrderBuyerInfo holds them beside the order id.
_BUYER_KEYS = frozenset(
    {"BuyerEmail", "BuyerName", "BuyerCounty", "BuyerTaxInfo", "PurchaseOrderNumber"}
)
_ITEM_KEYS = frozenset({"ASIN", "QuantityOrdered", "ItemPrice"})
_STREET_KEYS = ("AddressLine1", "AddressLine2", "AddressLine3")
_CASH = "COD"


class Money(msgspec.Struct, rename="pascal"):
    currency_code: str | None = None
    amount: Decimal | None = None


class Address(msgspec.Struct, rename="pascal"):
    name: str | None = None
    company_name: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    city: str | None = None
    county: str | None = None
    district: str | None = None
    municipality: str | None = None
    state_or_region: str | None = None
    postal_code: str | None = None
    country_code: str | None = None
    phone: str | None = None


class TaxClassification(msgspec.Struct, rename="pascal"):
    name: str | None = None
    value: str | None = None


class BuyerTaxInfo(msgspec.Struct, rename="pascal"):
    company_legal_name: str | None = None
    tax_classifications: list[TaxClassification] | None = None


class BuyerInfo(msgspec.Struct, rename="pascal"):
    buyer_email: str | None = None
    buyer_name: str | None = None
    buyer_tax_info: BuyerTaxInfo | None = None
    purchase_order_number: str | None = None


class PaymentExecution(msgspec.Struct, rename="pascal"):
    payment_method: str | None = None


class Order(msgspec.Struct, rename="pascal"):
    amazon_order_id: str
    order_status: str
    purchase_date: str | None = None
    last_update_date: str | None = None
    fulfillment_channel: str | None = None
    sales_channel: str | None = None
    marketplace_id: str | None = None
    ship_service_level: str | None = None
    order_total: Money | None = None
    payment_method: str | None = None
    payment_execution_detail: list[PaymentExecution] | None = None
    is_business_order: bool | None = None
    is_replacement_order: bool | None = None
    replaced_order_id: str | None = None
    default_ship_from_location_address: Address | None = None


class TaxCollection(msgspec.Struct, rename="pascal"):
    model: str | None = None


class ItemBuyerInfo(msgspec.Struct, rename="pascal"):
    gift_wrap_price: Money | None = None
    gift_wrap_tax: Money | None = None


class OrderItem(msgspec.Struct, rename="pascal"):
    order_item_id: str
    quantity_ordered: int
    asin: str | None = msgspec.field(default=None, name="ASIN")
    seller_sku: str | None = msgspec.field(default=None, name="SellerSKU")
    title: str | None = None
    item_price: Money | None = None
    item_tax: Money | None = None
    promotion_discount: Money | None = None
    promotion_discount_tax: Money | None = None
    shipping_price: Money | None = None
    shipping_tax: Money | None = None
    shipping_discount: Money | None = None
    shipping_discount_tax: Money | None = None
    cod_fee: Money | None = msgspec.field(default=None, name="CODFee")
    cod_fee_discount: Money | None = msgspec.field(default=None, name="CODFeeDiscount")
    tax_collection: TaxCollection | None = None
    ioss_number: str | None = None
    deemed_reseller_category: str | None = None


@dataclass(slots=True, kw_only=True)
class _Document:
    """A page or joined document of one order; ``at`` is where its keys stand in the file."""

    where: str
    data: dict[str, Any]
    at: dict[str, str]

    def place(self, key: str) -> str:
        return self.at.get(key, join(self.where, key))


def parse(source: BinaryIO) -> Iterator[Record]:
    """Yield a record per order or page of the file.

    :param source: a seekable stream of one page, a list of pages, or a joined document
    :raises ChannelParseError: not JSON, or not a page of orders v0
    """
    for where, page, is_order in iter_pages(source, _LISTS):
        if is_order:
            yield _record(_header(page, where))
        elif where:
            yield from _page_of_many(page, where)
        else:
            yield from map(_record, _split(page, where))


def merge_raw(raws: Sequence[str]) -> str:
    """Join payloads of one order into one document, in whatever order and however often.

    The header with the newest ``LastUpdateDate`` wins. Pages of items carry no date, so
    of two states of an item the one further in its life wins: units can only be shipped
    and cancelled, a price only appear. The address with a street wins over one that
    Amazon has shortened, then the later. Buyer data add up.

    :raises ChannelParseError: not a document of orders v0, or not all of the same order
    """
    documents = [document for raw in raws for document in _documents_in(raw)]
    pieces = [_hoisted(document.data) for document in documents]
    if len({dumps(piece["AmazonOrderId"]) for piece in pieces}) != 1:
        raise ChannelParseError("pages of one order expected")
    return dumps(_join(pieces))


# -- pages -----------------------------------------------------------------------------


def _header(order: Any, where: str) -> _Document:
    order_id = order.get("AmazonOrderId") if isinstance(order, dict) else None
    return _Document(
        where=where,
        data={"AmazonOrderId": order_id, "Order": order},
        at={"Order": where},
    )


def _page_of_many(page: Any, where: str) -> Iterator[Record]:
    """Yield the records of one page of several; one that is none does not hide the others."""
    try:
        yield from map(_record, _split(page, where))
    except ChannelParseError as error:
        yield ParseFailure(
            where=error.where, reason=error.reason, raw=_raw_of_failure(page)
        )


def _split(page: Any, where: str) -> Iterator[_Document]:
    """Yield the documents of a page.

    :raises ChannelParseError: not an object, or with a list of orders that is none
    """
    if isinstance(page, dict) and "payload" in page:
        page, where = page["payload"], join(where, "payload")
    if not isinstance(page, dict):
        raise ChannelParseError("not an Amazon order page", where)
    if "Orders" not in page:
        yield _header(page, where) if _HEADER_KEYS & page.keys() else _part(page, where)
        return
    place = join(where, "Orders")
    if not isinstance(page["Orders"], list):
        raise ChannelParseError("not a list", place)
    for index, order in enumerate(page["Orders"]):
        yield _header(order, f"{place}[{index}]")


def _part(page: dict[str, Any], where: str) -> _Document:
    """Return a page without a header, or a joined document."""
    data = {"AmazonOrderId": page.get("AmazonOrderId")}
    data |= {key: page[key] for key in _JOINED_KEYS if key in page}
    at: dict[str, str] = {}
    if _BUYER_KEYS & page.keys():
        data["BuyerInfo"] = {key: page[key] for key in page if key in _BUYER_KEYS}
        at["BuyerInfo"] = where
    if "OrderItemId" in page:
        data["OrderItemsBuyerInfo"] = [page]
        at["OrderItemsBuyerInfo"] = where
    elif _only_buyers(data.get("OrderItems")) and "OrderItemsBuyerInfo" not in data:
        data["OrderItemsBuyerInfo"] = data.pop("OrderItems")
        at["OrderItemsBuyerInfo"] = join(where, "OrderItems")
    if page.get("BuyerCompanyName") and isinstance(data.get("ShippingAddress"), dict):
        company = {"CompanyName": page["BuyerCompanyName"]}
        data["ShippingAddress"] = company | data["ShippingAddress"]
    return _Document(where=where, data=data, at=at)


def _only_buyers(items: Any) -> bool:
    """Whether items are those of getOrderItemsBuyerInfo, which have no price or quantity."""
    return (
        isinstance(items, list)
        and bool(items)
        and all(
            isinstance(item, dict) and not _ITEM_KEYS & item.keys() for item in items
        )
    )


# -- from a document to an order -------------------------------------------------------


def _record(document: _Document) -> Record:
    try:
        return _OrderReader(document).read()
    except ChannelParseError as error:
        order_id = document.data.get("AmazonOrderId")
        return ParseFailure(
            where=error.where or document.where,
            reason=error.reason,
            external_ref=text(order_id) if isinstance(order_id, str) else "",
            raw=_raw_of_failure(document.data),
        )


def _raw_of_failure(data: Any) -> str:
    try:
        return dumps(data)
    except ChannelParseError:
        return ""


class _OrderReader:
    """Reads one document; each method returns arguments of ParsedOrder for one part."""

    def __init__(self, document: _Document):
        self._document = document
        self._purse = Purse(("CurrencyCode", "Amount"))
        self._parts: set[OrderPart] = set()
        self._header: Order | None = None

    def read(self) -> ParsedOrder:
        """:raises ChannelParseError: with the place of the first thing that cannot be read"""
        order_id = self._order_id()
        values = self._read_header(order_id)
        address = self._read_address()
        values |= self._read_buyer()
        values |= self._read_items(address)
        return ParsedOrder(
            external_ref=order_id,
            format=FORMAT,
            platform=PLATFORM,
            where=self._document.where,
            raw=dumps(self._document.data),
            parts=frozenset(self._parts),
            currency=self._purse.currency(),
            shipping_address=address,
            **values,
        )

    def _order_id(self) -> str:
        value = self._document.data.get("AmazonOrderId")
        place = join(
            self._document.at.get("Order", self._document.where), "AmazonOrderId"
        )
        if value is not None and not isinstance(value, str):
            raise ChannelParseError("not a text", place)
        if not text(value):
            raise ChannelParseError("missing", place)
        return text(value)

    def _read_header(self, order_id: str) -> dict[str, Any]:
        if "Order" not in self._document.data:
            return {}
        place = self._document.place("Order")
        order = convert(self._document.data["Order"], Order, place)
        if text(order.amazon_order_id) != order_id:
            raise ChannelParseError(
                "the id of another order", join(place, "AmazonOrderId")
            )
        self._header = order
        self._parts.add("header")
        ship_from = order.default_ship_from_location_address or Address()
        return {
            "amount_total": self._money(order.order_total, join(place, "OrderTotal")),
            "channel_status": order.order_status,
            "marketplace": text(order.sales_channel) or text(order.marketplace_id),
            "shipping_option": text(order.ship_service_level),
            "fulfilled_by": fulfilled_by(order.fulfillment_channel),
            "ship_from_country": to_country(
                ship_from.country_code,
                join(place, "DefaultShipFromLocationAddress.CountryCode"),
            ),
            **_payment(order, place),
        }

    def _read_address(self) -> ParsedAddress | None:
        data, place = self._embedded("ShippingAddress")
        if not data:
            return None
        self._parts.add("address")
        return _address(convert(data, Address, place), place)

    def _read_buyer(self) -> dict[str, Any]:
        data, place = self._embedded("BuyerInfo")
        info = convert(data, BuyerInfo, place)
        if data:
            self._parts.add("buyer")
        order = self._header
        replaces = (
            order.replaced_order_id if order and order.is_replacement_order else None
        )
        return {
            "buyer": _buyer(info, bool(order and order.is_business_order)),
            "note": note_of(info.purchase_order_number, replaces),
        }

    def _embedded(self, key: str) -> tuple[Any, str]:
        """Return an object and its place: on its own page, or else inside the header."""
        if self._document.data.get(key):
            return self._document.data[key], self._document.place(key)
        if self._header is not None:
            place = join(self._document.place("Order"), key)
            return self._document.data["Order"].get(key) or {}, place
        return {}, self._document.place(key)

    def _read_items(self, destination: ParsedAddress | None) -> dict[str, Any]:
        place = self._document.place("OrderItems")
        raw_items = convert(
            self._document.data.get("OrderItems") or [], list[dict], place
        )
        gifts = self._gifts()
        items: dict[str, Item] = {}
        for index in _latest_states(raw_items):
            item = self._item(raw_items[index], index, gifts, destination)
            items[item.external_ref] = item
        # Without prices (a pending order) the lines are known and their amounts are not.
        if items and all(item.is_priced for item in items.values()):
            self._parts.add("items")
        return {"lines": item_lines(items.values()), **item_totals(items.values())}

    def _gifts(self) -> dict[str, tuple[Any, str]]:
        """Return the gift options of getOrderItemsBuyerInfo, with their places, by item id."""
        key = "OrderItemsBuyerInfo"
        place = self._document.place(key)
        entries = convert(self._document.data.get(key) or [], list[dict], place)
        return {
            entry["OrderItemId"]: (entry, f"{place}[{index}]")
            for index, entry in enumerate(entries)
            if isinstance(entry.get("OrderItemId"), str)
        }

    def _item(
        self,
        data: dict[str, Any],
        index: int,
        gifts: dict[str, tuple[Any, str]],
        destination: ParsedAddress | None,
    ) -> Item:
        place = f"{self._document.place('OrderItems')}[{index}]"
        item = convert(data, OrderItem, place)
        if not text(item.order_item_id):
            raise ChannelParseError("missing", join(place, "OrderItemId"))
        charges = self._charges(item, place)
        charges["gift_wrap"] = self._gift_wrap(
            *(gifts.get(item.order_item_id) or _own_gift(data, place))
        )
        liability, evidence = _liability(item, index, charges, destination)
        return Item(
            external_ref=text(item.order_item_id),
            sku=text(item.seller_sku),
            product_ref=text(item.asin),
            title=text(item.title),
            quantity=to_quantity(item.quantity_ordered, join(place, "QuantityOrdered")),
            charges=charges,
            liability=liability,
            evidence=evidence,
        )

    def _charges(self, item: OrderItem, place: str) -> dict[str, Charge]:
        def money(value: Money | None, name: str) -> Decimal | None:
            return self._money(value, join(place, name))

        return {
            "item": _charge(
                money(item.item_price, "ItemPrice"),
                money(item.item_tax, "ItemTax"),
                money(item.promotion_discount, "PromotionDiscount"),
                money(item.promotion_discount_tax, "PromotionDiscountTax"),
            ),
            "shipping": _charge(
                money(item.shipping_price, "ShippingPrice"),
                money(item.shipping_tax, "ShippingTax"),
                money(item.shipping_discount, "ShippingDiscount"),
                money(item.shipping_discount_tax, "ShippingDiscountTax"),
            ),
            "cod": _charge(
                money(item.cod_fee, "CODFee"),
                None,
                money(item.cod_fee_discount, "CODFeeDiscount"),
                None,
            ),
        }

    def _gift_wrap(self, data: Any, place: str) -> Charge:
        gift = convert(data, ItemBuyerInfo, place)
        return Charge(
            price=self._money(gift.gift_wrap_price, join(place, "GiftWrapPrice")),
            tax=self._money(gift.gift_wrap_tax, join(place, "GiftWrapTax")),
        )

    def _money(self, money: Money | None, where: str) -> Decimal | None:
        if money is None:
            return None
        return self._purse.take(money.currency_code, money.amount, where)


def _own_gift(item: dict[str, Any], place: str) -> tuple[Any, str]:
    """Return an item's own gift option and its place; older answers have no ``BuyerInfo``."""
    if item.get("BuyerInfo"):
        return item["BuyerInfo"], join(place, "BuyerInfo")
    return item, place


def _latest_states(items: list[dict[str, Any]]) -> list[int]:
    """Return the indexes of the items, without those that overlapping pages repeat."""
    best: dict[str, int] = {}
    for index, item in enumerate(items):
        key = dumps(item.get("OrderItemId"))
        if key not in best or _item_rank(item) > _item_rank(items[best[key]]):
            best[key] = index
    return sorted(best.values())


def _charge(
    price: Decimal | None,
    tax: Decimal | None,
    discount: Decimal | None,
    discount_tax: Decimal | None,
) -> Charge:
    """Take the tax of a discount off the tax; Amazon writes discounts without a sign."""
    if tax is not None and discount_tax is not None:
        tax -= abs(discount_tax)
    return Charge(
        price=price, tax=tax, discount=ZERO if discount is None else abs(discount)
    )


def _payment(order: Order, place: str) -> dict[str, Any]:
    """Return status, payment and dates of a header."""
    status = status_of(order.order_status, join(place, "OrderStatus"))
    methods = {
        text(part.payment_method) for part in order.payment_execution_detail or []
    }
    purchased = to_moment(order.purchase_date, join(place, "PurchaseDate"))
    payment_status, through_channel = payment_of(
        status,
        cash=order.payment_method == _CASH or _CASH in methods,
        prepaid=bool(methods - {_CASH, ""}),
        elsewhere=text(order.sales_channel).lower().startswith("non-amazon"),
    )
    return {
        "status": status,
        "payment_status": payment_status,
        "payment_method": text(order.payment_method),
        "paid_through_channel": through_channel,
        "created_at": purchased,
        "updated_at": to_moment(order.last_update_date, join(place, "LastUpdateDate")),
        "paid_at": purchased if payment_status == "paid" else None,
    }


def _address(address: Address, place: str) -> ParsedAddress:
    lines = [
        text(address.address_line1),
        text(address.address_line2),
        text(address.address_line3),
    ]
    street, *others = [line for line in lines if line] or [""]
    return ParsedAddress(
        name=text(address.name),
        company=text(address.company_name),
        street=street,
        street2=", ".join(others),
        # Not every country has cities in this sense: Japan and Brazil fill other fields.
        city=text(address.city) or text(address.municipality) or text(address.district),
        state=text(address.state_or_region) or text(address.county),
        zip=text(address.postal_code),
        country=to_country(address.country_code, join(place, "CountryCode")),
        phone=text(address.phone),
    )


def _buyer(info: BuyerInfo, is_business: bool) -> ParsedBuyer:
    email = text(info.buyer_email)
    tax = info.buyer_tax_info or BuyerTaxInfo()
    vats = (
        entry
        for entry in tax.tax_classifications or []
        if "VAT" in text(entry.name).upper()
    )
    return ParsedBuyer(
        external_ref=buyer_ref(email),
        name=text(info.buyer_name),
        company=text(tax.company_legal_name),
        email=email,
        vat=next((text(entry.value) for entry in vats), ""),
        is_business=is_business or bool(text(tax.company_legal_name)),
    )


def _liability(
    item: OrderItem,
    index: int,
    charges: dict[str, Charge],
    destination: ParsedAddress | None,
) -> tuple[Liability, str]:
    at = f"OrderItems[{index}]"
    collection = item.tax_collection or TaxCollection()
    return liability_of(
        Evidence(f"{at}.TaxCollection.Model", text(collection.model)),
        Evidence(f"{at}.DeemedResellerCategory", text(item.deemed_reseller_category)),
        Evidence(f"{at}.IossNumber", text(item.ioss_number)),
        destination=destination,
        is_free=(item.item_price is not None or not item.quantity_ordered)
        and all(charge.is_empty for charge in charges.values()),
    )


# -- joining ---------------------------------------------------------------------------
#
# Each part of the joined document is the greatest of the parts given, in an order that
# depends on nothing else: so it does not matter which page came first, or twice.


def _documents_in(raw: str) -> Iterator[_Document]:
    source = BytesIO(raw.encode("utf-8", "surrogatepass"))
    for _index, page in iter_json(source, ""):
        yield from _split(page, "")


def _hoisted(data: dict[str, Any]) -> dict[str, Any]:
    """Return a document with address, buyer and gift options outside header and items.

    The next version of a header may come without them: Amazon gives them to restricted
    tokens only, and not for long. The address keeps the date of its header, as a buyer
    may change it.
    """
    order_id = data["AmazonOrderId"]
    hoisted = data | _hoisted_items(data)
    hoisted["AmazonOrderId"] = text(order_id) if isinstance(order_id, str) else order_id
    if "Order" not in data:
        return hoisted
    hoisted["Order"] = order = dict(convert(data["Order"], dict, "Order"))
    address, buyer = order.pop("ShippingAddress", None), order.pop("BuyerInfo", None)
    if address and not data.get("ShippingAddress"):
        hoisted["ShippingAddress"] = address
        hoisted["ShippingAddressAsOf"] = order.get("LastUpdateDate")
    if buyer:
        own = convert(data.get("BuyerInfo") or {}, dict, "BuyerInfo")
        hoisted["BuyerInfo"] = convert(buyer, dict, "Order.BuyerInfo") | own
    return hoisted


def _hoisted_items(data: dict[str, Any]) -> dict[str, Any]:
    """Return the items and, apart from them, their gift options."""
    key = "OrderItemsBuyerInfo"
    items, gifts = [], list(convert(data.get(key) or [], list[dict], key))
    for item in convert(data.get("OrderItems") or [], list[dict], "OrderItems"):
        bare = {name: value for name, value in item.items() if name != "BuyerInfo"}
        items.append(bare)
        if item.get("BuyerInfo"):
            gift = convert(item["BuyerInfo"], dict, "OrderItems.BuyerInfo")
            gifts.append({"OrderItemId": item.get("OrderItemId"), **gift})
    return {"OrderItems": items, key: gifts}


def _join(documents: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the joined document of hoisted documents of one order, without empty parts."""
    address = max(
        (_dated_address(document) for document in documents), key=_address_rank
    )
    joined = {
        "AmazonOrderId": documents[0]["AmazonOrderId"],
        "Order": max(
            (document["Order"] for document in documents if "Order" in document),
            key=_header_rank,
            default=None,
        ),
        "OrderItems": [
            max(states, key=_item_rank) for states in _by_item(documents, "OrderItems")
        ],
        "OrderItemsBuyerInfo": [
            _united(gifts) for gifts in _by_item(documents, "OrderItemsBuyerInfo")
        ],
        **address,
        "BuyerInfo": _united(
            convert(document.get("BuyerInfo") or {}, dict, "BuyerInfo")
            for document in documents
        ),
    }
    return {key: value for key, value in joined.items() if value}


def _by_item(documents: list[dict[str, Any]], key: str) -> list[list[dict[str, Any]]]:
    """Return the entries of all documents grouped by item id, sorted by it."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for document in documents:
        for entry in document[key]:
            groups.setdefault(dumps(entry.get("OrderItemId")), []).append(entry)
    return [groups[item_id] for item_id in sorted(groups)]


def _united(objects: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the union of objects; of two values of a field one that says something wins."""
    values: dict[str, list[Any]] = {}
    for entry in objects:
        for name, value in entry.items():
            values.setdefault(name, []).append(value)
    return {
        name: max(values[name], key=lambda value: (bool(value), dumps(value)))
        for name in sorted(values)
    }


def _header_rank(order: dict[str, Any]) -> tuple[datetime, int, str]:
    return _stamp(order.get("LastUpdateDate")), len(order), dumps(order)


def _item_rank(item: dict[str, Any]) -> tuple[Decimal, Decimal, bool, int, str]:
    ordered = _count(item.get("QuantityOrdered"))
    shipped = _count(item.get("QuantityShipped"))
    return shipped, -ordered, bool(item.get("ItemPrice")), len(item), dumps(item)


def _dated_address(document: dict[str, Any]) -> dict[str, Any]:
    keys = ("ShippingAddress", "ShippingAddressAsOf")
    return {key: document[key] for key in keys if document.get(key)}


def _address_rank(dated: dict[str, Any]) -> tuple[bool, bool, datetime, str]:
    address = dated.get("ShippingAddress")
    fields = address if isinstance(address, dict) else {}
    has_street = any(fields.get(key) for key in _STREET_KEYS)
    stamp = _stamp(dated.get("ShippingAddressAsOf"))
    return has_street, bool(fields.get("Name")), stamp, dumps(dated)


def _stamp(value: Any) -> datetime:
    """Return a date to compare by; what parse will complain about is oldest."""
    try:
        return to_datetime(value) or EARLIEST
    except ChannelParseError:
        return EARLIEST


def _count(value: Any) -> Decimal:
    """Return a quantity to compare by; zero for what parse will complain about."""
    try:
        return to_decimal(value)
    except ChannelParseError:
        return ZERO
