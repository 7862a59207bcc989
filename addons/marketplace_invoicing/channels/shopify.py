"""Shopify: what its JSON documents look like, and who reads those that hold orders."""

from __future__ import annotations

from . import (
    shopify_graphql,
    shopify_payouts,
    shopify_payouts_graphql,
    shopify_refund,
    shopify_rest,
)
from .base import ChannelFormat, Sample

# Where one order lies in a document, seen from its top.
_REST = ("orders[].", "order.", "[].", "")
_GRAPHQL = (
    *("data.orders.nodes[].", "data.orders.edges[].node.", "data.nodes[]."),
    *("data.order.", "data.node.", ""),
)
_REST_FIELDS = (
    *("financial_status", "total_price", "total_line_items_price", "order_number"),
    *("presentment_currency", "taxes_included", "checkout_token", "source_name"),
)
_GRAPHQL_FIELDS = (
    *("displayFinancialStatus", "displayFulfillmentStatus", "currencyCode"),
    *("totalPriceSet.shopMoney.amount", "currentTotalPriceSet.shopMoney.amount"),
    *("presentmentCurrencyCode", "taxesIncluded", "sourceName", "processedAt"),
    *("lineItems.nodes[].id", "lineItems.edges[].node.id"),
)


def _holds(sample: Sample, prefix: str, fields: tuple[str, ...], enough: int) -> bool:
    return sum(prefix + field in sample.keys for field in fields) >= enough


def _is_json(sample: Sample) -> bool:
    return sample.kind == "json"


def is_rest(sample: Sample) -> bool:
    """Tell REST orders: an id and two fields that no other platform spells so."""
    if not _is_json(sample):
        return False
    return sample.keys - {"orders[]"} == {"orders"} or any(
        prefix + "id" in sample.keys and _holds(sample, prefix, _REST_FIELDS, 2)
        for prefix in _REST
    )


def is_graphql(sample: Sample) -> bool:
    """Tell GraphQL orders; which fields are there depends on the query."""
    return _is_json(sample) and any(
        prefix + "id" in sample.keys
        and _holds(sample, prefix, _GRAPHQL_FIELDS, 2 if not prefix else 1)
        for prefix in _GRAPHQL
    )


def is_refunds(sample: Sample) -> bool:
    return _is_json(sample) and any(
        sample.has(prefix + "id", prefix + "order_id")
        and any(
            key.startswith((prefix + "refund_line_items", prefix + "order_adjustments"))
            for key in sample.keys
        )
        for prefix in ("refunds[].", "refund.")
    )


def is_order_transactions(sample: Sample) -> bool:
    return _is_json(sample) and any(
        sample.has(*(prefix + field for field in ("order_id", "kind", "gateway")))
        for prefix in ("transactions[].", "transaction.", "[].")
    )


FORMATS: tuple[ChannelFormat, ...] = (
    ChannelFormat(
        code=shopify_rest.CODE,
        platform="shopify",
        label="Shopify orders (REST Admin API)",
        detect=is_rest,
        parse=shopify_rest.parse,
    ),
    ChannelFormat(
        code=shopify_graphql.CODE,
        platform="shopify",
        label="Shopify orders (GraphQL Admin API)",
        detect=is_graphql,
        parse=shopify_graphql.parse,
    ),
    ChannelFormat(
        code=shopify_refund.CODE,
        platform="shopify",
        label="Shopify refunds of an order",
        kind="refunds",
        detect=is_refunds,
        parse=shopify_refund.parse,
    ),
    ChannelFormat(
        code=shopify_payouts.PAYOUTS,
        platform="shopify",
        label="Shopify Payments payouts",
        kind="settlement",
        detect=shopify_payouts.is_payouts,
        parse=shopify_payouts.parse_payouts,
    ),
    ChannelFormat(
        code=shopify_payouts.TRANSACTIONS,
        platform="shopify",
        label="Shopify Payments balance transactions",
        kind="settlement",
        detect=shopify_payouts.is_balance_transactions,
        parse=shopify_payouts.parse_transactions,
    ),
    ChannelFormat(
        code=shopify_payouts.DISPUTES,
        platform="shopify",
        label="Shopify Payments disputes",
        kind="settlement",
        detect=shopify_payouts.is_disputes,
        parse=shopify_payouts.parse_disputes,
    ),
    ChannelFormat(
        code=shopify_payouts_graphql.CODE,
        platform="shopify",
        label="Shopify Payments payouts, transactions and disputes (GraphQL Admin API)",
        kind="settlement",
        detect=shopify_payouts_graphql.is_payments,
        parse=shopify_payouts_graphql.parse,
    ),
    ChannelFormat(
        code="shopify.transactions.rest",
        platform="shopify",
        label="Shopify transactions of an order",
        kind="other",
        detect=is_order_transactions,
    ),
)
