"""One order out of several pages, files and formats."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from decimal import Decimal
from io import BytesIO

from odoo.addons.marketplace_invoicing.channels import amazon_v0
from odoo.addons.marketplace_invoicing.channels.base import ParsedOrder, ParseFailure
from odoo.addons.marketplace_invoicing.channels.merge import get_merger, merge


def pages(*documents: dict) -> list[ParsedOrder]:
    return [
        record
        for document in documents
        for record in amazon_v0.parse(BytesIO(json.dumps(document).encode()))
    ]


def header(ref: str, total: str, currency: str = "EUR") -> dict:
    return {
        "AmazonOrderId": ref,
        "OrderStatus": "Unshipped",
        "LastUpdateDate": "2026-03-02T11:00:00Z",
        "OrderTotal": {"CurrencyCode": currency, "Amount": total},
    }


def items(ref: str, *prices: str) -> dict:
    found = [
        {
            "OrderItemId": f"{ref}-{price}",
            "QuantityOrdered": 1,
            "ItemPrice": {"CurrencyCode": "EUR", "Amount": price},
        }
        for price in prices
    ]
    return {"AmazonOrderId": ref, "OrderItems": found}


def whole(
    ref: str = "1", day: int | None = 1, raw: str = "", platform: str = "woo", **changes
):
    updated = datetime(2026, 3, day, tzinfo=timezone.utc) if day else None
    return ParsedOrder(
        external_ref=ref,
        format=f"{platform}.orders",
        platform=platform,
        where="",
        raw=raw,
        updated_at=updated,
    ).replace(**changes)


def test_pages_of_several_orders_are_joined_by_order_id():
    records = pages(
        {"Orders": [header("A", "5.00"), header("B", "9.00")]},
        items("B", "4.00", "5.00"),
        items("A", "5.00"),
    )
    first, second = merge(records)
    assert [first.external_ref, second.external_ref] == ["A", "B"]
    assert (first.imbalance, second.imbalance) == (0, 0)
    assert [line.amount for line in second.lines] == [Decimal("4.00"), Decimal("5.00")]
    assert first.where == "Orders[0]"


def test_same_page_twice_changes_nothing():
    once = merge(pages(header("A", "5.00"), items("A", "5.00")))
    twice = merge(pages(header("A", "5.00"), items("A", "5.00"), items("A", "5.00")))
    assert [record.raw for record in once] == [record.raw for record in twice]
    assert len(twice[0].lines) == 1


def test_items_in_another_currency_than_the_total_are_a_failure():
    (record,) = merge(pages(header("A", "5.00", "GBP"), items("A", "5.00")))
    assert isinstance(record, ParseFailure)
    assert record.message == (
        "OrderItems[0].ItemPrice.CurrencyCode: currency EUR in an order in GBP"
    )
    assert record.external_ref == "A"


def test_single_page_passes_unchanged():
    (page,) = pages(items("A", "5.00"))
    assert merge([page]) == [page]


def test_later_update_wins_for_orders_that_come_whole():
    old, new = whole(day=1, raw="old"), whole(day=2, raw="new")
    assert merge([old, new]) == merge([new, old]) == [new]


def test_last_one_wins_when_nothing_tells_which_is_later():
    first, second = whole(raw="first"), whole(raw="second")
    assert merge([first, second]) == [second]
    undated = whole(day=None, raw="undated")
    assert merge([first, undated]) == [first]


def test_same_number_on_two_platforms_is_two_orders():
    assert len(merge([whole(), whole(platform="etsy")])) == 2


def test_complete_order_is_not_replaced_by_a_newer_bare_header():
    complete = whole(platform="amazon", day=1)
    bare = whole(platform="amazon", day=9, format="x", parts=frozenset({"header"}))
    assert merge([complete, bare]) == [complete]


def test_cancellation_is_never_overlooked():
    complete = whole(platform="amazon", day=1)
    cancelled = whole(platform="amazon", day=9, parts=frozenset({"header"})).replace(
        status="cancelled"
    )
    assert merge([complete, cancelled]) == [cancelled]
    elsewhere = cancelled.replace(format="x")
    assert merge([complete, elsewhere]) == merge([elsewhere, complete]) == [elsewhere]


def test_nothing_merges_to_nothing():
    assert merge([]) == []


def test_only_paged_formats_have_a_merger():
    assert get_merger("amazon.orders.v0") is amazon_v0.merge_raw
    assert get_merger("amazon.orders.2026-01-01") is None
    assert get_merger("no.such.format") is None
