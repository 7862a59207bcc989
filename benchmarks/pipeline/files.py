"""Files of orders in the shapes the channels document, as long as one likes, for reading alone."""

from __future__ import annotations

import json
from collections.abc import Callable

from . import shop


def _json(key: str | None, make: Callable[[int], dict]) -> Callable[[int], bytes]:
    def build(orders: int) -> bytes:
        records = [make(number) for number in range(1, orders + 1)]
        return json.dumps({key: records} if key else records).encode()

    return build


def _shopify(number):
    return {
        "id": number,
        "name": f"#{number}",
        "created_at": "2025-03-01T10:00:00+01:00",
        "currency": "EUR",
        "taxes_included": True,
        "subtotal_price": "59.50",
        "total_price": "59.50",
        "total_tax": "9.50",
        "financial_status": "paid",
        "customer": {"id": number, "first_name": "Ann", "last_name": "Buyer"},
        "line_items": [
            {
                "id": 10 * number + place,
                "sku": f"PIECE-{place:02}",
                "title": "Piece",
                "quantity": 1,
                "price": price,
                "tax_lines": [{"title": "VAT", "price": tax, "rate": 0.19}],
            }
            for place, (price, tax) in enumerate(
                (("11.90", "1.90"), ("23.80", "3.80"), ("23.80", "3.80"))
            )
        ],
        "shipping_lines": [],
        "refunds": [],
    }


def _ebay(number):
    def usd(value):
        return {"value": value, "currency": "USD"}

    return {
        "orderId": f"12-{number:05}-00001",
        "creationDate": "2025-03-01T10:00:00.000Z",
        "lastModifiedDate": "2025-03-02T11:30:00.000Z",
        "orderFulfillmentStatus": "NOT_STARTED",
        "orderPaymentStatus": "PAID",
        "cancelStatus": {"cancelState": "NONE_REQUESTED", "cancelRequests": []},
        "buyer": {"username": f"buyer{number}"},
        "pricingSummary": {"total": usd("60.0")},
        "fulfillmentStartInstructions": [],
        "lineItems": [
            {
                "lineItemId": str(10 * number + place),
                "legacyItemId": "2540001",
                "sku": f"PIECE-{place:02}",
                "title": "Piece",
                "quantity": 2,
                "lineItemCost": usd("20.0"),
                "deliveryCost": {"shippingCost": usd("0.0")},
                "taxes": [],
                "purchaseMarketplaceId": "EBAY_US",
            }
            for place in range(3)
        ],
    }


def _etsy(number):
    def money(cents):
        return {"amount": cents, "divisor": 100, "currency_code": "USD"}

    return {
        "receipt_id": number,
        "receipt_type": 0,
        "status": "Paid",
        "buyer_user_id": number,
        "name": "Ann Buyer",
        "first_line": "1 Main Street",
        "city": "Springfield",
        "state": "IL",
        "zip": "62701",
        "country_iso": "US",
        "payment_method": "cc",
        "is_paid": True,
        "is_shipped": False,
        "created_timestamp": 1740823200,
        "updated_timestamp": 1740996000,
        "grandtotal": money(6000),
        "subtotal": money(6000),
        "total_price": money(6000),
        "total_shipping_cost": money(0),
        "total_tax_cost": money(0),
        "total_vat_cost": money(0),
        "discount_amt": money(0),
        "gift_wrap_price": money(0),
        "transactions": [
            {
                "transaction_id": 10 * number + place,
                "listing_id": 555,
                "product_id": 777,
                "sku": f"PIECE-{place:02}",
                "title": "Piece",
                "quantity": 2,
                "price": money(1000),
                "variations": [],
            }
            for place in range(3)
        ],
        "refunds": [],
    }


AMAZON_ROW = {
    "purchase-date": "2026-03-02T10:15:00+00:00",
    "last-updated-date": "2026-03-03T08:00:00+00:00",
    "order-status": "Shipped",
    "fulfillment-channel": "Merchant",
    "sales-channel": "Amazon.de",
    "ship-service-level": "Standard",
    "product-name": "Piece",
    "asin": "B0TESTMUG1",
    "item-status": "Shipped",
    "quantity": "3",
    "currency": "EUR",
    "item-price": "60.00",
    "item-tax": "9.58",
    "shipping-price": "",
    "shipping-tax": "",
    "gift-wrap-price": "",
    "gift-wrap-tax": "",
    "item-promotion-discount": "",
    "ship-promotion-discount": "",
    "ship-city": "Berlin",
    "ship-state": "",
    "ship-postal-code": "10115",
    "ship-country": "DE",
    "promotion-ids": "",
    "is-business-order": "false",
}


def _amazon_report(orders: int) -> bytes:
    rows = ["\t".join(("amazon-order-id", "sku", *AMAZON_ROW))]
    for number in range(1, orders + 1):
        for place in range(3):
            reference = f"304-{number:07}-7770001"
            rows.append("\t".join((reference, f"P-{place}", *AMAZON_ROW.values())))
    return ("\r\n".join(rows) + "\r\n").encode()


#: A file of so many orders of three lines, by the code of its format.
FILES: dict[str, Callable[[int], bytes]] = {
    "woocommerce.orders.v3": shop.make_file,
    "shopify.orders.rest": _json("orders", _shopify),
    "ebay.orders.fulfillment": _json("orders", _ebay),
    "etsy.receipts.v3": _json("results", _etsy),
    "amazon.flat.all_orders": _amazon_report,
}
