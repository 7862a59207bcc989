"""Amazon's file formats: those with orders, and those that are taken for them."""

from __future__ import annotations

from . import amazon_2026, amazon_flat, amazon_v0
from .amazon_common import PLATFORM, mentions
from .base import ChannelFormat, Sample

# A page alone, wrapped in "payload", or in a list of pages.
_WRAPPERS = ("", "payload.", "[].", "[].payload.")


def _anywhere(sample: Sample, *paths: str) -> bool:
    return mentions(
        sample, *(wrapper + path for wrapper in _WRAPPERS for path in paths)
    )


def _is_orders_v0(sample: Sample) -> bool:
    if sample.kind != "json":
        return False
    # The list of orders may be empty; then it takes another sign of Amazon.
    bare_page = mentions(sample, "Orders")
    return (
        _anywhere(sample, "Orders[].AmazonOrderId", "AmazonOrderId")
        or mentions(
            sample, "payload.Orders", "payload.OrderItems", "payload.OrderItemId"
        )
        or (bare_page and mentions(sample, "CreatedBefore", "LastUpdatedBefore"))
    )


def _is_orders_2026(sample: Sample) -> bool:
    if sample.kind != "json":
        return False
    orders = _anywhere(
        sample,
        "orders[].fulfillment.fulfillmentStatus",
        "order.fulfillment.fulfillmentStatus",
    )
    bare = _anywhere(sample, "fulfillment.fulfillmentStatus") and _anywhere(
        sample, "orderId"
    )
    empty = mentions(sample, "orders") and mentions(
        sample, "lastUpdatedBefore", "createdBefore"
    )
    return orders or bare or empty


def _is_flat_orders(sample: Sample) -> bool:
    return sample.kind == "table" and amazon_flat.COLUMNS <= _columns(sample)


def _is_settlement_v2(sample: Sample) -> bool:
    return sample.kind == "table" and {
        "settlement-id",
        "amount-type",
        "amount-description",
    } <= _columns(sample)


def _is_settlement_v1(sample: Sample) -> bool:
    return sample.kind == "table" and {
        "settlement-id",
        "price-type",
        "item-related-fee-type",
    } <= _columns(sample)


def _is_finances_v0(sample: Sample) -> bool:
    return sample.kind == "json" and _anywhere(
        sample, "FinancialEventGroupList", "FinancialEvents"
    )


def _is_finances_2024(sample: Sample) -> bool:
    return sample.kind == "json" and _anywhere(
        sample,
        "transactions[].sellingPartnerMetadata",
        "transactions[].relatedIdentifiers",
    )


def _is_transfers(sample: Sample) -> bool:
    return sample.kind == "json" and _anywhere(
        sample, "payouts[].partnerMetadata", "payouts[].relatedIdentifiers"
    )


def _is_notification(sample: Sample) -> bool:
    return (
        sample.kind == "json"
        and _anywhere(sample, "NotificationType")
        and _anywhere(sample, "NotificationVersion", "PayloadVersion")
    )


def _columns(sample: Sample) -> set[str]:
    return {column.strip().removeprefix("\ufeff") for column in sample.columns}


FORMATS: tuple[ChannelFormat, ...] = (
    ChannelFormat(
        code=amazon_v0.FORMAT,
        platform=PLATFORM,
        label="Amazon orders (SP-API v0)",
        detect=_is_orders_v0,
        parse=amazon_v0.parse,
    ),
    ChannelFormat(
        code=amazon_2026.FORMAT,
        platform=PLATFORM,
        label="Amazon orders (SP-API 2026-01-01)",
        detect=_is_orders_2026,
        parse=amazon_2026.parse,
    ),
    ChannelFormat(
        code=amazon_flat.FORMAT,
        platform=PLATFORM,
        label="Amazon all-orders report",
        detect=_is_flat_orders,
        parse=amazon_flat.parse,
    ),
    ChannelFormat(
        code="amazon.settlement.v2",
        platform=PLATFORM,
        label="Amazon settlement report (V2 flat file)",
        kind="settlement",
        detect=_is_settlement_v2,
    ),
    ChannelFormat(
        code="amazon.settlement.v1",
        platform=PLATFORM,
        label="Amazon settlement report (V1 flat file)",
        kind="settlement",
        detect=_is_settlement_v1,
    ),
    ChannelFormat(
        code="amazon.finances.v0",
        platform=PLATFORM,
        label="Amazon financial events (SP-API v0)",
        kind="settlement",
        detect=_is_finances_v0,
    ),
    ChannelFormat(
        code="amazon.finances.2024-06-19",
        platform=PLATFORM,
        label="Amazon transactions (SP-API finances 2024-06-19)",
        kind="settlement",
        detect=_is_finances_2024,
    ),
    ChannelFormat(
        code="amazon.transfers",
        platform=PLATFORM,
        label="Amazon payouts (SP-API transfers)",
        kind="settlement",
        detect=_is_transfers,
    ),
    ChannelFormat(
        code="amazon.notification",
        platform=PLATFORM,
        label="Amazon notification",
        kind="other",
        detect=_is_notification,
    ),
)
