"""Amazon's file formats: orders, settlements, and what is taken for them."""

from __future__ import annotations

from . import (
    amazon_2026,
    amazon_finances_2024,
    amazon_finances_v0,
    amazon_flat,
    amazon_settlement,
    amazon_settlement_file,
    amazon_transfers,
    amazon_v0,
)
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
    return sample.kind == "table" and amazon_settlement_file.V2_COLUMNS <= _spelled(
        sample
    )


def _is_settlement_v1(sample: Sample) -> bool:
    return (
        sample.kind == "table"
        and bool(amazon_settlement_file.V1_COLUMNS & _spelled(sample))
        and amazon_settlement_file.IDENTIFYING <= _spelled(sample)
        and not _is_settlement_v2(sample)
    )


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


def _spelled(sample: Sample) -> set[str]:
    return {amazon_settlement_file.spelled(column) for column in sample.columns}


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
        code=amazon_settlement.FORMAT_V2,
        platform=PLATFORM,
        label="Amazon settlement report (V2 flat file)",
        kind="settlement",
        detect=_is_settlement_v2,
        parse=amazon_settlement.parse,
    ),
    ChannelFormat(
        code=amazon_settlement.FORMAT_V1,
        platform=PLATFORM,
        label="Amazon settlement report (V1 flat file)",
        kind="settlement",
        detect=_is_settlement_v1,
        parse=amazon_settlement.parse_v1,
    ),
    ChannelFormat(
        code=amazon_finances_v0.FORMAT,
        platform=PLATFORM,
        label="Amazon financial events (SP-API v0)",
        kind="settlement",
        detect=_is_finances_v0,
        parse=amazon_finances_v0.parse,
    ),
    ChannelFormat(
        code=amazon_finances_2024.FORMAT,
        platform=PLATFORM,
        label="Amazon transactions (SP-API finances 2024-06-19)",
        kind="settlement",
        detect=_is_finances_2024,
        parse=amazon_finances_2024.parse,
    ),
    ChannelFormat(
        code=amazon_transfers.FORMAT,
        platform=PLATFORM,
        label="Amazon payouts (SP-API transfers)",
        kind="settlement",
        detect=_is_transfers,
        parse=amazon_transfers.parse,
    ),
    ChannelFormat(
        code="amazon.notification",
        platform=PLATFORM,
        label="Amazon notification",
        kind="other",
        detect=_is_notification,
    ),
)
