"""eBay's older Trading API: GetOrders and its relatives, XML.

``TransactionPrice`` is a unit price, shipping is stated once for the order, and a transaction's
SKU sits on the variation when the listing has variations. ``Total`` contains the tax that eBay
remits from version 1307 on;
:func:`.ebay_lines.settle` finds out.

The file is read as a stream, order by order. A document type is refused as such: eBay sends
none, and with it go entities, external files and everything that expands.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO

from lxml import etree

from .base import (
    ZERO,
    ChannelParseError,
    OrderStatus,
    ParsedAddress,
    ParsedBuyer,
    ParsedLine,
    ParsedOrder,
    ParsedRefund,
    ParseFailure,
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
from .jsonio import join
from .jsonrecords import times
from .xmlio import SECURE, local_name, not_xml, refuse_doctype

CODE = "ebay.orders.trading"
_ROOTS = {"GetOrdersResponse", "GetOrderResponse", "GetOrderTransactionsResponse"}

_CANCELLED = {"Cancelled", "Canceled", "Inactive"}
_CANCELLED_FOR_GOOD = {
    "CancelComplete",
    "CancelClosedWithRefund",
    "CancelClosedNoRefund",
}
# CreditCard is what eBay writes when it collected the payment itself, CCAccepted when with a
# gift card.
_THROUGH_CHANNEL = {
    "CreditCard": True,
    "CCAccepted": True,
    "Escrow": True,
    "MOCC": False,
    "PersonalCheck": False,
    "COD": False,
    "CashOnPickup": False,
    "CashInPerson": False,
    "PayOnPickup": False,
    "MoneyXferAccepted": False,
    "MoneyXferAcceptedInCheckout": False,
}


def is_trading(sample: Sample) -> bool:
    return sample.kind == "xml" and sample.root in _ROOTS


def parse_trading(source: BinaryIO) -> Iterator[Record]:
    """Read the ``<Order>`` elements of a response, with or without eBay's namespace."""
    for index, element in enumerate(_orders(source)):
        where = f"OrderArray.Order[{index}]"
        order = _Node(element, where)
        try:
            yield _order(order)
        except ChannelParseError as error:
            yield ParseFailure(
                where=error.where or where,
                reason=error.reason,
                external_ref=order.text("OrderID"),
                raw=_raw(element),
            )


def _orders(source: BinaryIO) -> Iterator[etree._Element]:
    source.seek(0)
    events = etree.iterparse(
        source,
        events=("start", "end"),
        tag=("{*}Order", "{*}Errors", *(f"{{*}}{root}" for root in _ROOTS)),
        remove_comments=True,
        remove_pis=True,
        **SECURE,
    )
    found = False
    try:
        for event, element in events:
            name = local_name(element)
            if event == "start":
                refuse_doctype(element)
                found = found or name in _ROOTS
            elif name == "Errors":
                _refuse_error(element)
            elif name == "Order" and _is_record(element):
                yield element
                _forget(element)
    except etree.XMLSyntaxError as error:
        raise not_xml(error) from error
    except (ValueError, LookupError, UnicodeError) as error:
        if isinstance(error, ChannelParseError):
            raise
        raise ChannelParseError("not valid XML") from error
    if not found:
        raise ChannelParseError("not an answer of eBay's GetOrders")


def _refuse_error(element: etree._Element) -> None:
    """Raise for an answer that reports a failure; a warning beside orders is none."""
    error = _Node(element, "Errors")
    if error.text("SeverityCode") != "Warning":
        message = (
            error.text("LongMessage") or error.text("ShortMessage") or "no message"
        )
        raise ChannelParseError(f"eBay answered with an error: {message}", "Errors")


def _is_record(element: etree._Element) -> bool:
    parent = element.getparent()
    return parent is not None and local_name(parent) in {
        "OrderArray",
        *_ROOTS,
    }


def _forget(element: etree._Element) -> None:
    """Free a read element and everything before it: the file may be larger than memory."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _raw(element: etree._Element) -> str:
    """Return a response with just this order, which brings its namespaces along."""
    order = etree.tostring(element, encoding="unicode", with_tail=False)
    return f"<GetOrdersResponse><OrderArray>{order}</OrderArray></GetOrdersResponse>"


class _Node:
    """An XML element read by local names; every error it raises names its path."""

    def __init__(self, element: etree._Element, path: str):
        self.element = element
        self.path = path
        self._children: dict[str, list[etree._Element]] = {}
        for child in element:
            # {namespace}Name
            self._children.setdefault(child.tag.rpartition("}")[2], []).append(child)

    def child(self, name: str) -> _Node | None:
        found = self._children.get(name)
        return _Node(found[0], join(self.path, name)) if found else None

    def at(self, path: str) -> _Node | None:
        node: _Node | None = self
        for name in path.split("/"):
            node = node.child(name) if node else None
        return node

    def all(self, path: str) -> Iterator[_Node]:
        """Yield the elements at the end of a path; its last name may occur several times."""
        *parents, name = path.split("/")
        node = self.at("/".join(parents)) if parents else self
        if node:
            place = join(node.path, name)
            for index, found in enumerate(node._children.get(name, ())):
                yield _Node(found, f"{place}[{index}]")

    def text(self, path: str) -> str:
        node = self.at(path)
        return (node.element.text or "").strip() if node else ""

    def amount(self, path: str, currency: str | None) -> Decimal | None:
        """Return an amount, which must be in ``currency`` where it names one."""
        node = self.at(path)
        text = self.text(path)
        if node is None or not text:
            return None
        value = to_decimal(text, node.path)
        stated = node.element.get("currencyID")
        if value and stated and currency and stated.strip().upper() != currency:
            raise ChannelParseError(
                f"currency {stated} in an order in {currency}", node.path
            )
        return value

    def zero(self, path: str, currency: str | None) -> Decimal:
        value = self.amount(path, currency)
        return ZERO if value is None else value

    def currency(self, *paths: str) -> str | None:
        """Return the currency of the first amount that is there."""
        for path in paths:
            node = self.at(path)
            stated = node.element.get("currencyID") if node else None
            if node and stated:
                return to_currency(stated, node.path)
        return None

    def moment(self, path: str) -> Any:
        return to_datetime(self.text(path), join(self.path, path.replace("/", ".")))


def _order(order: _Node) -> ParsedOrder:
    reference = order.text("OrderID")
    if not reference:
        raise ChannelParseError("missing", join(order.path, "OrderID"))
    currency = order.currency(
        "Total",
        "AmountPaid",
        "Subtotal",
        "TransactionArray/Transaction/TransactionPrice",
    )
    products = tuple(
        _product_line(transaction, index, currency)
        for index, transaction in enumerate(order.all("TransactionArray/Transaction"))
    )
    lines = _with_sales_tax(
        order, (*products, *_shipping_lines(order, currency)), currency
    )
    parsed = ParsedOrder(
        external_ref=reference,
        format=CODE,
        platform="ebay",
        where=order.path,
        raw=_raw(order.element),
        currency=currency,
        amount_total=order.amount("Total", currency),
        amount_tax=_stated_tax(order, currency),
        amount_shipping=order.amount(
            "ShippingServiceSelected/ShippingServiceCost", currency
        ),
        amount_discount=order.amount("AmountSaved", currency),
        created_at=order.moment("CreatedTime"),
        updated_at=order.moment("CheckoutStatus/LastModifiedTime"),
        paid_at=order.moment("PaidTime"),
        shipped_at=order.moment("ShippedTime"),
        marketplace=_site(order),
        shipping_option=order.text("ShippingServiceSelected/ShippingService"),
        payout_currency=_payout_currency(order, currency),
        note=order.text("BuyerCheckoutMessage"),
        lines=(*lines, *_adjustment_lines(order, currency)),
        refunds=tuple(_refunds(order, reference, currency)),
        shipping_address=_address(order),
        buyer=_buyer(order),
        **_states(order),
    )
    return settle(
        parsed, tuple(_import_lines(order, currency)), mirrored=_mirrored(order)
    )


# Lines


def _product_line(transaction: _Node, index: int, currency: str | None) -> ParsedLine:
    path = f"TransactionArray.Transaction[{index}]"
    quantity = to_decimal(
        transaction.text("QuantityPurchased") or "1",
        join(transaction.path, "QuantityPurchased"),
    )
    price = transaction.zero("TransactionPrice", currency)
    original = transaction.amount("SellerDiscounts/OriginalItemPrice", currency)
    listing = transaction.text("Item/ItemID")
    identity = transaction.text("OrderLineItemID") or "-".join(
        part for part in (listing, transaction.text("TransactionID")) if part
    )
    line = ParsedLine(
        external_ref=identity or str(index + 1),
        sku=transaction.text("Variation/SKU") or transaction.text("Item/SKU"),
        product_ref=listing,
        title=transaction.text("Variation/VariationTitle")
        or transaction.text("Item/Title"),
        quantity=quantity,
        amount=times(price, quantity, join(transaction.path, "TransactionPrice")),
        discount=_saved(original, price, quantity, transaction),
    )
    collected = list(_taxes(transaction, "eBayCollectAndRemitTaxes", path, currency))
    listed = list(_taxes(transaction, "Taxes", path, currency))
    return with_taxes(line, line_taxes(collected, listed, "eBayCollectAndRemitTaxes"))


def _saved(
    original: Decimal | None, price: Decimal, quantity: Decimal, transaction: _Node
) -> Decimal:
    """Return what the seller's promotion took off; ``TransactionPrice`` is the price after it."""
    if original is None or original <= price:
        return ZERO
    return times(original - price, quantity, join(transaction.path, "SellerDiscounts"))


def _taxes(
    transaction: _Node, container: str, path: str, currency: str | None
) -> Iterator[StatedTax]:
    """Yield the taxes of a container; the total when it has no details."""
    found = False
    for index, detail in enumerate(transaction.all(f"{container}/TaxDetails")):
        found = True
        yield StatedTax(
            kind=detail.text("Imposition") or detail.text("TaxDescription") or "Tax",
            amount=detail.zero("TaxAmount", currency),
            place=f"{path}.{container}.TaxDetails[{index}].Imposition",
            reference=_reference(transaction),
        )
    total = transaction.amount(f"{container}/TotalTaxAmount", currency)
    if total is not None and not found:
        yield StatedTax(
            kind="Tax", amount=total, place=f"{path}.{container}.TotalTaxAmount"
        )


def _reference(transaction: _Node) -> str:
    node = transaction.at("eBayCollectAndRemitTaxes/eBayReference")
    if node is None:
        return ""
    parts = (node.element.get("name"), (node.element.text or "").strip())
    return " ".join(part for part in parts if part)


def _stated_tax(order: _Node, currency: str | None) -> Decimal | None:
    """Return the taxes of all transactions; ``Taxes`` holds all of them where it is there."""
    stated = []
    for transaction in order.all("TransactionArray/Transaction"):
        amount = transaction.amount("Taxes/TotalTaxAmount", currency)
        if amount is None:
            amount = transaction.amount(
                "eBayCollectAndRemitTaxes/TotalTaxAmount", currency
            )
        if amount is not None:
            stated.append(amount)
    return sum(stated, ZERO) if stated else None


def _shipping_lines(order: _Node, currency: str | None) -> Iterator[ParsedLine]:
    selected = order.child("ShippingServiceSelected")
    if selected is None:
        return
    for name, title in (
        ("ShippingServiceCost", "Shipping"),
        ("ShippingInsuranceCost", "Shipping insurance"),
    ):
        amount = selected.zero(name, currency)
        if amount:
            yield ParsedLine(
                external_ref=name, kind="shipping", title=title, amount=amount
            )


def _import_lines(order: _Node, currency: str | None) -> Iterator[ParsedLine]:
    """Yield what eBay's international carrier charges, sometimes through the seller's order."""
    amount = order.zero("ShippingServiceSelected/ImportCharge", currency)
    if amount:
        yield ParsedLine(
            external_ref="ImportCharge",
            kind="fee",
            title="Import charges",
            amount=amount,
        )


def _adjustment_lines(order: _Node, currency: str | None) -> Iterator[ParsedLine]:
    amount = order.zero("AdjustmentAmount", currency)
    if amount:
        kind = "fee" if amount > 0 else "discount"
        yield ParsedLine(
            external_ref="AdjustmentAmount",
            kind=kind,
            title="Adjustment",
            amount=amount,
        )


def _with_sales_tax(
    order: _Node, lines: tuple[ParsedLine, ...], currency: str | None
) -> tuple[ParsedLine, ...]:
    """Spread the tax of the seller's own tax table; a transaction's own taxes override it."""
    table = order.at("ShippingDetails/SalesTax")
    if table is None or any(line.taxes for line in lines):
        return lines
    amount = table.zero("SalesTaxAmount", currency)
    percent = table.text("SalesTaxPercent")
    kinds = (
        ("product", "shipping")
        if table.text("ShippingIncludedInTax") == "true"
        else ("product",)
    )
    taxed = iter(
        spread_tax(
            [line for line in lines if line.kind in kinds],
            amount,
            name="SalesTax",
            liability="seller",
            evidence=f"ShippingDetails.SalesTax.SalesTaxAmount={amount}",
            rate=to_decimal(percent, join(table.path, "SalesTaxPercent")) / 100
            if percent
            else None,
        )
    )
    return tuple(next(taxed) if line.kind in kinds else line for line in lines)


def _mirrored(order: _Node) -> bool:
    collecting = [
        transaction
        for transaction in order.all("TransactionArray/Transaction")
        if transaction.child("eBayCollectAndRemitTaxes")
    ]
    return not collecting or any(
        transaction.child("Taxes") for transaction in collecting
    )


# Money back and payout


def _refunds(
    order: _Node, reference: str, currency: str | None
) -> Iterator[ParsedRefund]:
    for refund in order.all("MonetaryDetails/Refunds/Refund"):
        amount = refund.amount("RefundAmount", None)
        if amount is None or refund.text("RefundStatus") in ("Failed", "Canceled"):
            continue
        stated = refund.currency("RefundAmount") or currency
        moment = refund.text("RefundTime")
        yield ParsedRefund(
            external_ref=refund.text("ReferenceID")
            or f"{reference}:{moment or 'pending'}:{amount}",
            amount=abs(amount),
            currency=to_currency(stated, join(refund.path, "RefundAmount")),
            created_at=refund.moment("RefundTime"),
        )


def _payout_currency(order: _Node, currency: str | None) -> str:
    """Return the seller's currency, which eBay names beside each converted price."""
    converted = order.currency("TransactionArray/Transaction/ConvertedTransactionPrice")
    return converted if converted and converted != currency else ""


# States, places, people


def _states(order: _Node) -> dict[str, Any]:
    method = order.text("CheckoutStatus/PaymentMethod")
    return {
        "channel_status": order.text("OrderStatus") or None,
        "status": _status(order),
        "payment_status": _payment_status(order),
        "payment_method": "" if method == "None" else method,
        "paid_through_channel": _THROUGH_CHANNEL.get(method),
    }


def _status(order: _Node) -> OrderStatus:
    status = order.text("OrderStatus")
    if status in _CANCELLED or order.text("CancelStatus") in _CANCELLED_FOR_GOOD:
        return "cancelled"
    if order.text("ShippedTime") or status == "Shipped":
        return "shipped"
    if order.text("PaidTime"):
        return "open"
    return "pending" if status in ("Active", "InProcess", "CancelPending") else "open"


def _payment_status(order: _Node) -> PaymentStatus:
    refunded = order.text("MonetaryDetails/Refunds/Refund/RefundStatus") == "Succeeded"
    if order.text("PaidTime"):
        return "partially_refunded" if refunded else "paid"
    checkout = order.text("CheckoutStatus/Status")
    return "unpaid" if checkout in ("Incomplete", "Pending") else "unknown"


def _site(order: _Node) -> str:
    first = order.at("TransactionArray/Transaction")
    return (first.text("TransactionSiteID") or first.text("Item/Site")) if first else ""


def _address(order: _Node) -> ParsedAddress | None:
    place = order.child("ShippingAddress")
    if place is None:
        return None
    return ParsedAddress(
        name=place.text("Name"),
        company=place.text("CompanyName"),
        street=place.text("Street1"),
        street2=place.text("Street2"),
        city=place.text("CityName"),
        state=place.text("StateOrProvince"),
        zip=place.text("PostalCode"),
        country=country_code(place.text("Country")),
        phone=given(place.text("Phone")),
        email=given(order.text("TransactionArray/Transaction/Buyer/Email")),
    )


def _buyer(order: _Node) -> ParsedBuyer:
    place = _address(order) or ParsedAddress()
    person = order.at("TransactionArray/Transaction/Buyer")
    names = (
        (person.text("UserFirstName"), person.text("UserLastName")) if person else ()
    )
    identifier = order.child("BuyerTaxIdentifier")
    vat = (
        identifier.text("ID")
        if identifier and identifier.text("Type") == "VATIN"
        else ""
    )
    return ParsedBuyer(
        external_ref=order.text("BuyerUserID"),
        name=" ".join(name for name in names if name) or place.name,
        company=place.company,
        email=given(order.text("TransactionArray/Transaction/Buyer/Email")),
        phone=place.phone,
        vat=vat,
        is_business=bool(vat),
    )
