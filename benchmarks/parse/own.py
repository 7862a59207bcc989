"""Tables of a user's own, which are read as a profile says."""

from __future__ import annotations

from .files import File, table

ORDER_COLUMNS = {
    "external_ref": "Order",
    "created_at": "Date",
    "currency": "Currency",
    "amount_total": "Total",
    "buyer_name": "Buyer",
    "line_sku": "SKU",
    "line_quantity": "Quantity",
    "line_amount": "Amount",
}
ENTRY_COLUMNS = {
    "settlement_ref": "Payout",
    "entry_date": "Date",
    "entry_type": "Type",
    "entry_code": "Detail",
    "entry_amount": "Amount",
    "entry_order_ref": "Order",
    "settlement_total": "Total",
}
#: What an order makes of a payout: 60.00 - 5.00 - 1.00 = 54.00.
ENTRIES = (
    ("Sale", "", "60.00"),
    ("Fee", "Commission", "-5.00"),
    ("Fee", "Card", "-1.00"),
)


def _orders(orders: int) -> bytes:
    rows = (
        {
            "Order": str(number),
            "Date": "2025-03-01T10:00:00",
            "Currency": "EUR",
            "Total": "60.00",
            "Buyer": "Ann Buyer",
            "SKU": f"PIECE-{place:02}",
            "Quantity": "2",
            "Amount": "20.00",
        }
        for number in range(1, orders + 1)
        for place in range(3)
    )
    return table(ORDER_COLUMNS.values(), rows)


def _entries(orders: int) -> bytes:
    rows = (
        {
            "Payout": "P1",
            "Date": "2025-03-01",
            "Type": kind,
            "Detail": detail,
            "Amount": amount,
            "Order": str(number),
            "Total": f"{54 * orders}.00",
        }
        for number in range(1, orders + 1)
        for kind, detail, amount in ENTRIES
    )
    return table(ENTRY_COLUMNS.values(), rows)


FILES = {
    "mapped.csv": File(
        _orders, profile={"name": "orders", "kind": "csv", "columns": ORDER_COLUMNS}
    ),
    "mapped.settlement.csv": File(
        _entries,
        "lines",
        profile={
            "name": "settlement",
            "kind": "csv",
            "document": "settlement",
            "columns": ENTRY_COLUMNS,
            "constants": {"currency": "EUR"},
        },
    ),
}
