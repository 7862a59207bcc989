"""Shopify: orders in both spellings, refunds, and what Shopify Payments pays out."""

from __future__ import annotations

from .files import File, listed

#: Price with tax, and the tax in it, of the lines of an order: 59.50 with 9.50.
PRICES = (("11.90", "1.90"), ("23.80", "3.80"), ("23.80", "3.80"))
MOMENT = "2025-03-01T10:00:00+01:00"


# -- orders ------------------------------------------------------------------------------


def _order(number):
    return {
        "id": number,
        "name": f"#{number}",
        "created_at": MOMENT,
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
            for place, (price, tax) in enumerate(PRICES)
        ],
        "shipping_lines": [],
        "refunds": [],
    }


def _gid(kind, number):
    return f"gid://shopify/{kind}/{number}"


def _bag(amount):
    money = _money(amount)
    return {"shopMoney": money, "presentmentMoney": money}


def _money(amount):
    return {"amount": amount, "currencyCode": "EUR"}


def _order_node(number):
    return {
        "id": _gid("Order", number),
        "name": f"#{number}",
        "createdAt": MOMENT,
        "updatedAt": MOMENT,
        "currencyCode": "EUR",
        "presentmentCurrencyCode": "EUR",
        "taxesIncluded": True,
        "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "UNFULFILLED",
        "totalPriceSet": _bag("59.50"),
        "totalTaxSet": _bag("9.50"),
        "customer": {
            "id": _gid("Customer", number),
            "firstName": "Ann",
            "lastName": "Buyer",
        },
        "lineItems": {
            "nodes": [
                {
                    "id": _gid("LineItem", 10 * number + place),
                    "sku": f"PIECE-{place:02}",
                    "name": "Piece",
                    "quantity": 1,
                    "originalUnitPriceSet": _bag(price),
                    "discountAllocations": [],
                    "taxLines": [{"title": "VAT", "rate": 0.19, "priceSet": _bag(tax)}],
                }
                for place, (price, tax) in enumerate(PRICES)
            ]
        },
        "shippingLines": {"nodes": []},
        "refunds": [],
    }


def _refund(number):
    return {
        "id": number,
        "order_id": number,
        "created_at": MOMENT,
        "note": "torn",
        "refund_line_items": [
            {
                "id": 10 * number + place,
                "line_item_id": 10 * number + place,
                "quantity": 1,
                "subtotal": price,
                "total_tax": tax,
                "line_item": {"sku": f"PIECE-{place:02}", "title": "Piece"},
            }
            for place, (price, tax) in enumerate(PRICES)
        ],
        "order_adjustments": [],
        "transactions": [
            {
                "id": number,
                "kind": "refund",
                "status": "success",
                "amount": "59.50",
                "currency": "EUR",
            }
        ],
    }


# -- Shopify Payments --------------------------------------------------------------------

#: What an order makes: type, amount, fee, net. It is paid, then a part is given back.
MOVES = (("charge", "59.50", "1.90", "57.60"), ("refund", "-11.90", "0.00", "-11.90"))


def _transactions(number):
    return [
        {
            "id": 10 * number + place,
            "type": kind,
            "test": False,
            "payout_id": 77,
            "payout_status": "paid",
            "currency": "EUR",
            "amount": amount,
            "fee": fee,
            "net": net,
            "source_id": 10 * number + place,
            "source_type": kind,
            "source_order_id": number,
            "source_order_transaction_id": 10 * number + place,
            "processed_at": MOMENT,
            "adjustment_order_transactions": None,
            "adjustment_reason": None,
        }
        for place, (kind, amount, fee, net) in enumerate(MOVES)
    ]


def _transaction_nodes(number):
    return [
        {
            "id": _gid("ShopifyPaymentsBalanceTransaction", 10 * number + place),
            "type": kind.upper(),
            "test": False,
            "amount": _money(amount),
            "fee": _money(fee),
            "net": _money(net),
            "sourceId": str(10 * number + place),
            "sourceType": kind.upper(),
            "sourceOrderTransactionId": str(10 * number + place),
            "transactionDate": "2025-03-01T09:00:00Z",
            "associatedOrder": {"id": _gid("Order", number), "name": f"#{number}"},
            "associatedPayout": {
                "id": _gid("ShopifyPaymentsPayout", 77),
                "status": "PAID",
            },
        }
        for place, (kind, amount, fee, net) in enumerate(MOVES)
    ]


def _payout(number):
    return {
        "id": number,
        "status": "paid",
        "date": "2025-03-04",
        "currency": "EUR",
        "amount": "45.70",
        "summary": {
            "charges_fee_amount": "1.90",
            "charges_gross_amount": "59.50",
            "refunds_fee_amount": "0.00",
            "refunds_gross_amount": "-11.90",
        },
    }


def _dispute(number):
    return {
        "id": number,
        "order_id": number,
        "type": "chargeback",
        "amount": "11.90",
        "currency": "EUR",
        "reason": "fraudulent",
        "network_reason_code": "4827",
        "status": "needs_response",
        "evidence_due_by": "2025-03-30T19:00:00-05:00",
        "initiated_at": "2025-03-13T20:00:00-04:00",
    }


FILES = {
    "shopify.orders.rest": File(listed(_order, "orders")),
    "shopify.orders.graphql": File(listed(_order_node, "data", "orders", "nodes")),
    "shopify.refunds.rest": File(listed(_refund, "refunds"), "refunds"),
    "shopify.payouts.rest": File(listed(_payout, "payouts"), "payouts", lines_each=0),
    "shopify.balance_transactions.rest": File(
        listed(_transactions, "transactions", make_all=True), "lines"
    ),
    "shopify.disputes.rest": File(listed(_dispute, "disputes"), "lines", lines_each=1),
    "shopify.payments.graphql": File(
        listed(
            _transaction_nodes,
            *("data", "shopifyPaymentsAccount", "balanceTransactions", "nodes"),
            make_all=True,
        ),
        "lines",
    ),
}
