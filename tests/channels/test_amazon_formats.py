"""Which of Amazon's files is which, by content."""

from __future__ import annotations

import json
from io import BytesIO

import pytest

from odoo.addons.marketplace_invoicing.channels import amazon, intake
from odoo.addons.marketplace_invoicing.channels.base import Sample

ORDERS = {"amazon.orders.v0", "amazon.orders.2026-01-01", "amazon.flat.all_orders"}
SETTLEMENTS = {
    "amazon.settlement.v2",
    "amazon.settlement.v1",
    "amazon.finances.v0",
    "amazon.finances.2024-06-19",
    "amazon.transfers",
}


def formats_of(content: bytes) -> list[str]:
    """Return every format that takes a file for its own; there must not be two."""
    found = intake.sample(intake.open_document(BytesIO(content), "file"))
    return [fmt.code for fmt in amazon.FORMATS if fmt.detect(found)]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("orders_v0_getOrders.json", "amazon.orders.v0"),
        ("orders_v0_getOrders_pending.json", "amazon.orders.v0"),
        ("orders_v0_getOrder.json", "amazon.orders.v0"),
        ("orders_v0_getOrderItems.json", "amazon.orders.v0"),
        ("orders_v0_getOrderAddress.json", "amazon.orders.v0"),
        ("orders_v0_getOrderBuyerInfo.json", "amazon.orders.v0"),
        ("orders_v0.getOrderItemsBuyerInfo.json", "amazon.orders.v0"),
        ("orders_2026-01-01_searchOrders_us.json", "amazon.orders.2026-01-01"),
        ("orders_2026-01-01_getOrder_uk.json", "amazon.orders.2026-01-01"),
        ("settlement_v2_flat_file.txt", "amazon.settlement.v2"),
        ("settlement_v1.one_row_two_amounts.txt", "amazon.settlement.v1"),
        ("finances_v0_listFinancialEventGroups.json", "amazon.finances.v0"),
        ("finances_v0_listFinancialEvents.json", "amazon.finances.v0"),
        ("finances_2024-06-19_listTransactions.json", "amazon.finances.2024-06-19"),
        ("transfers_2024-06-01_listPayouts.json", "amazon.transfers"),
        ("notification_ORDER_CHANGE.json", "amazon.notification"),
    ],
)
def test_sample_is_recognised(samples, name, code):
    assert formats_of((samples / "amazon" / name).read_bytes()) == [code]


def test_no_other_platforms_sample_is_taken_for_amazons(samples):
    files = [
        path
        for path in samples.rglob("*")
        if path.is_file() and "amazon" not in path.parts and path.suffix != ".md"
    ]
    assert files
    assert {path.name: formats_of(path.read_bytes()) for path in files} == {
        path.name: [] for path in files
    }


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"payload": {"Orders": []}}, "amazon.orders.v0"),
        ({"Orders": [], "CreatedBefore": "2026-01-01"}, "amazon.orders.v0"),
        ([{"payload": {"Orders": [{"AmazonOrderId": "1"}]}}], "amazon.orders.v0"),
        ({"AmazonOrderId": "1", "Order": {}}, "amazon.orders.v0"),
        ({"orders": [], "lastUpdatedBefore": "2026-01-01"}, "amazon.orders.2026-01-01"),
        (
            {"orderId": "1", "fulfillment": {"fulfillmentStatus": "SHIPPED"}},
            "amazon.orders.2026-01-01",
        ),
        (
            {
                "payload": {
                    "orders": [{"fulfillment": {"fulfillmentStatus": "SHIPPED"}}]
                }
            },
            "amazon.orders.2026-01-01",
        ),
    ],
)
def test_shape_is_recognised(document, code):
    assert formats_of(json.dumps(document).encode()) == [code]


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        {"orders": []},
        {"Orders": []},
        {"orders": [{"orderId": "1"}]},
        {"payload": {}},
    ],
)
def test_what_could_be_anyones_is_not_claimed(document):
    assert formats_of(json.dumps(document).encode()) == []


def test_report_with_a_byte_order_mark_is_recognised():
    columns = ("\ufeffamazon-order-id", "purchase-date", "order-status", "item-price")
    found = Sample(kind="table", columns=columns)
    assert [fmt.code for fmt in amazon.FORMATS if fmt.detect(found)] == [
        "amazon.flat.all_orders"
    ]


def test_formats_have_distinct_codes_and_all_but_notifications_are_parsed():
    codes = [fmt.code for fmt in amazon.FORMATS]
    assert len(set(codes)) == len(codes)
    assert {fmt.code for fmt in amazon.FORMATS if fmt.parse} == ORDERS | SETTLEMENTS
    for kind, expected in (("orders", ORDERS), ("settlement", SETTLEMENTS)):
        assert {fmt.code for fmt in amazon.FORMATS if fmt.kind == kind} == expected
    assert {fmt.platform for fmt in amazon.FORMATS} == {"amazon"}
