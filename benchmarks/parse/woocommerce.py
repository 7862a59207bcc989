"""WooCommerce: orders and refunds of the REST API."""

from __future__ import annotations

from ..pipeline import shop
from .files import File, listed


def _refund(number):
    return {
        "id": number,
        "parent_id": number,
        "date_created_gmt": "2025-03-05T10:00:00",
        "amount": "34.50",
        "reason": "torn",
        "line_items": [
            {
                "id": 10 * number + place,
                "name": "Piece",
                "sku": f"PIECE-{place:02}",
                "quantity": -1,
                "total": "-10.00",
                "total_tax": "-1.50",
                "meta_data": [
                    {"key": "_refunded_item_id", "value": str(1000 * number + place)}
                ],
            }
            for place in range(3)
        ],
        "shipping_lines": [],
        "fee_lines": [],
        "_links": {
            "up": [{"href": f"https://shop.example/wp-json/wc/v3/orders/{number}"}]
        },
    }


FILES = {
    "woocommerce.orders.v3": File(shop.make_file),
    "woocommerce.refunds.v3": File(listed(_refund), "refunds"),
}
