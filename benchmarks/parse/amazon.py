"""Amazon: orders of two APIs and of the report, settlement reports, finances, payouts."""

from __future__ import annotations

from collections.abc import Iterator

from .files import File, listed, paged, table

MOMENT = "2026-03-02T10:15:00Z"


def _order_id(number):
    return f"304-{number:07}-7770001"


# -- orders ------------------------------------------------------------------------------


def _money(amount):
    return {"CurrencyCode": "EUR", "Amount": amount}


def _order_v0(number):
    """What getOrder and getOrderItems say of one order, joined."""
    return {
        "AmazonOrderId": _order_id(number),
        "Order": {
            "AmazonOrderId": _order_id(number),
            "PurchaseDate": MOMENT,
            "LastUpdateDate": MOMENT,
            "OrderStatus": "Shipped",
            "FulfillmentChannel": "MFN",
            "SalesChannel": "Amazon.de",
            "MarketplaceId": "A1PA6795UKMFR9",
            "ShipServiceLevel": "Std DE Dom",
            "OrderTotal": _money("69.57"),
            "PaymentMethod": "Other",
            "IsBusinessOrder": False,
        },
        "OrderItems": [
            {
                "ASIN": "B0TESTMUG1",
                "OrderItemId": f"{10 * number + place:014}",
                "SellerSKU": f"PIECE-{place:02}",
                "Title": "Piece",
                "QuantityOrdered": 1,
                "QuantityShipped": 1,
                "ItemPrice": _money("20.00"),
                "ItemTax": _money("3.19"),
                "IsGift": "false",
            }
            for place in range(3)
        ],
    }


def _order_2026(number):
    def money(amount):
        return {"amount": amount, "currencyCode": "EUR"}

    return {
        "orderId": _order_id(number),
        "createdTime": MOMENT,
        "lastUpdatedTime": MOMENT,
        "salesChannel": {"channelName": "AMAZON", "marketplaceName": "Amazon.de"},
        "proceeds": {"grandTotal": money("60.00"), "breakdowns": []},
        "fulfillment": {"fulfillmentStatus": "SHIPPED", "fulfilledBy": "MERCHANT"},
        "orderItems": [
            {
                "orderItemId": f"{10 * number + place:014}",
                "quantityOrdered": 1,
                "product": {
                    "asin": "B0TESTMUG1",
                    "title": "Piece",
                    "sellerSku": f"PIECE-{place:02}",
                },
                "proceeds": {
                    "breakdowns": [{"type": "ITEM", "subtotal": money("20.00")}],
                    "proceedsTotal": money("20.00"),
                },
                "tax": {},
            }
            for place in range(3)
        ],
    }


FLAT_ROW = {
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


def _flat_orders(orders: int) -> bytes:
    rows = (
        {"amazon-order-id": _order_id(number), "sku": f"P-{place}", **FLAT_ROW}
        for number in range(1, orders + 1)
        for place in range(3)
    )
    return table(("amazon-order-id", "sku", *FLAT_ROW), rows, "\t")


# -- settlement reports ------------------------------------------------------------------

HEAD = {
    "settlement-id": "7001",
    "settlement-start-date": "2026-06-16T00:00:00+00:00",
    "settlement-end-date": "2026-06-30T23:59:59+00:00",
    "deposit-date": "2026-07-02T00:00:00+00:00",
    "currency": "EUR",
}
#: Amounts of an order: 100.00 + 4.90 - 15.00 = 89.90.
AMOUNTS = (
    ("ItemPrice", "Principal", "100.00"),
    ("ItemPrice", "Shipping", "4.90"),
    ("ItemFees", "Commission", "-15.00"),
)
_COMMON = (
    *("settlement-id", "settlement-start-date", "settlement-end-date"),
    *("deposit-date", "total-amount", "currency", "transaction-type", "order-id"),
    *("merchant-order-id", "adjustment-id", "shipment-id", "marketplace-name"),
)
_ITEM = (
    *("order-item-code", "merchant-order-item-id", "merchant-adjustment-item-id"),
    *("sku", "quantity-purchased"),
)
V2 = (
    *_COMMON,
    *("amount-type", "amount-description", "amount", "fulfillment-id"),
    *("posted-date", "posted-date-time", *_ITEM, "promotion-id"),
)
V1 = (
    *_COMMON,
    *("shipment-fee-type", "shipment-fee-amount", "order-fee-type"),
    *("order-fee-amount", "fulfillment-id", "posted-date", *_ITEM),
    *("price-type", "price-amount", "item-related-fee-type"),
    *("item-related-fee-amount", "misc-fee-amount", "other-fee-amount"),
    *("other-fee-reason-description", "promotion-id", "promotion-type"),
    *("promotion-amount", "direct-payment-type", "direct-payment-amount"),
    "other-amount",
)


def _settlement_rows(orders: int) -> Iterator[dict[str, str]]:
    """Yield the head and, of V2, the rows of a settlement of so many orders."""
    yield {**HEAD, "total-amount": f"{8990 * orders / 100:.2f}"}
    for number in range(1, orders + 1):
        for kind, word, amount in AMOUNTS:
            yield {
                "settlement-id": "7001",
                "currency": "EUR",
                "transaction-type": "Order",
                "order-id": _order_id(number),
                "marketplace-name": "Amazon.de",
                "amount-type": kind,
                "amount-description": word,
                "amount": amount,
                "posted-date": "2026-06-17",
                "posted-date-time": "2026-06-17T08:14:22+00:00",
                "order-item-code": f"{number:014}",
                "sku": "PIECE-01",
                "quantity-purchased": "1",
            }


def _settlement_v2(orders: int) -> bytes:
    return table(V2, _settlement_rows(orders), "\t")


def _settlement_v1(orders: int) -> bytes:
    """The same, spelled as before: a pair of columns for each kind of amount."""
    columns = {"ItemPrice": "price", "ItemFees": "item-related-fee"}
    rows = []
    for row in _settlement_rows(orders):
        if kind := columns.get(row.pop("amount-type", "")):
            row[f"{kind}-type"] = row.pop("amount-description")
            row[f"{kind}-amount"] = row.pop("amount")
            row["posted-date"] = row.pop("posted-date-time")
        rows.append(row)
    return table(V1, rows, "\t")


# -- finances ----------------------------------------------------------------------------


def _event(number):
    def money(amount):
        return {"CurrencyCode": "EUR", "CurrencyAmount": amount}

    return {
        "AmazonOrderId": _order_id(number),
        "MarketplaceName": "Amazon.de",
        "PostedDate": MOMENT,
        "ShipmentItemList": [
            {
                "SellerSKU": "PIECE-01",
                "OrderItemId": f"{number:014}",
                "QuantityShipped": 1,
                "ItemChargeList": [
                    {"ChargeType": "Principal", "ChargeAmount": money(100.0)},
                    {"ChargeType": "ShippingCharge", "ChargeAmount": money(4.9)},
                ],
                "ItemFeeList": [
                    {"FeeType": "Commission", "FeeAmount": money(-15.0)},
                    {"FeeType": "FixedClosingFee", "FeeAmount": money(0.0)},
                ],
            }
        ],
    }


def _amount(value):
    return {"currencyAmount": value, "currencyCode": "EUR"}


def _identifiers(**found):
    return [
        {"relatedIdentifierName": name, "relatedIdentifierValue": value}
        for name, value in found.items()
    ]


def _part(word, value, *parts):
    return {
        "breakdownType": word,
        "breakdownAmount": _amount(value),
        "breakdowns": list(parts),
    }


def _transaction(number):
    return {
        "transactionId": f"TX-{number}",
        "transactionType": "Shipment",
        "transactionStatus": "RELEASED",
        "postedDate": MOMENT,
        "totalAmount": _amount(89.9),
        "relatedIdentifiers": _identifiers(
            ORDER_ID=_order_id(number), SETTLEMENT_ID="7001"
        ),
        "marketplaceDetails": {"marketplaceId": "A1", "marketplaceName": "Amazon.de"},
        "breakdowns": [
            _part(
                "Sales",
                104.9,
                _part("ProductCharges", 100.0),
                _part("Shipping", 4.9),
            ),
            _part(
                "Expenses",
                -15.0,
                _part("AmazonFees", -15.0, _part("Commission", -15.0)),
            ),
        ],
    }


def _payout(number):
    return {
        "id": f"P{number}",
        "currentStatus": "PAID",
        "amount": _amount(89.9),
        "period": {"startDate": MOMENT, "endDate": MOMENT},
        "relatedIdentifiers": _identifiers(SETTLEMENT_ID=str(7000 + number)),
        "statusHistory": [{"status": "PAID", "lastUpdatedDate": MOMENT}],
        "traceId": f"TRACE-{number}",
        "accountTail": "123",
    }


FILES = {
    "amazon.orders.v0": File(listed(_order_v0)),
    "amazon.orders.2026-01-01": File(listed(_order_2026, "orders")),
    "amazon.flat.all_orders": File(_flat_orders),
    "amazon.settlement.v2": File(_settlement_v2, "lines"),
    "amazon.settlement.v1": File(_settlement_v1, "lines"),
    "amazon.finances.v0": File(
        paged(_event, "payload", "FinancialEvents", "ShipmentEventList"), "lines"
    ),
    "amazon.finances.2024-06-19": File(
        paged(_transaction, "payload", "transactions"), "lines"
    ),
    "amazon.transfers": File(
        paged(_payout, "payload", "payouts"), "payouts", lines_each=0
    ),
}
