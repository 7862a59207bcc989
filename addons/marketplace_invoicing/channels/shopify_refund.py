"""What a Shopify refund means, inside an order or from the refunds of an order.

Decisions that an accountant may ask about:

- The amount is the money of the successful refund transactions, or else the total that
  Shopify states. Lines and taxes often come to something else; no money moved for that.
- A refund without money is none: goods that were taken off or put back into stock.
- A subtotal contains its tax where the shop's prices do. A refund alone does not say so;
  then the reading that comes to the money is taken, and tax on top where none does.
- Shipping is told twice, as an adjustment of the order and as a shipping line; it counts
  once, as the adjustment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, BinaryIO

from .base import (
    ZERO,
    ChannelParseError,
    LineKind,
    ParsedRefund,
    ParsedRefundLine,
    ParseFailure,
    to_currency,
    to_datetime,
)
from .jsonio import convert, dumps, join
from .jsonrecords import (
    Layout,
    Place,
    check_amount,
    check_values,
    identifier,
    inside,
    locate,
    read_records,
    text,
)
from .shopify_model import (
    MoneySet,
    OrderAdjustment,
    Ref,
    Refund,
    RefundLine,
    TaxLine,
    Transaction,
)

CODE = "shopify.refunds.rest"
LAYOUTS = {
    "refunds": Layout("array", Place("refunds.item", "refunds[{}]")),
    "refund": Layout("map", Place("refund", "refund")),
}
#: A transaction that will not move money any more.
_OVER = ("failure", "error")


def parse(source: BinaryIO) -> Iterator[ParsedRefund | ParseFailure]:
    """Yield the refunds of a REST answer in which money went back.

    :raises ChannelParseError: not JSON, or no refunds
    """
    for record in read_records(source, next(locate(source, LAYOUTS)), _read):
        if record is not None:
            yield record


def _read(record: Any, where: str) -> Any:
    refund = convert(record, Refund, where)
    with inside(where):
        check_values(refund, check_amount)
        parsed = parsed_refund(refund, "")
        if parsed is None:
            return None
        return replace(
            parsed,
            order_ref=identifier(refund.order_id, "order_id"),
            format=CODE,
            platform="shopify",
            where=where,
            raw=dumps(record),
        )


def parsed_refund(
    refund: Refund,
    place: str,
    *,
    currency: str = "",
    taxes_included: bool | None = None,
) -> ParsedRefund | None:
    """Return what a refund says; None where no money went back.

    :param place: where the refund is, for messages
    :param currency: of the order; empty where the refund stands alone
    :param taxes_included: whether the shop's prices contain their tax; None: not known
    :raises ChannelParseError: a value that cannot be, or two currencies
    """
    money = _money(refund, place, currency)
    if money is None or not money[0]:
        return None
    if money[0] < 0:
        raise ChannelParseError("a refund below zero", place)
    moment = refund.processed_at or refund.created_at
    return ParsedRefund(
        external_ref=identifier(refund.id, join(place, "id")),
        amount=money[0],
        currency=money[1],
        created_at=to_datetime(refund.created_at or moment, join(place, "created_at")),
        reason=text(refund.note),
        lines=tuple(_read_lines(refund, money[0], taxes_included)),
        is_done=_is_done(refund),
    )


def shop_amount(plain: Decimal | None, money_set: MoneySet | None) -> Decimal | None:
    """Return the amount in shop money: the plain field, or else the one of its ``_set``."""
    if plain is None and money_set and money_set.shop_money:
        return money_set.shop_money.amount
    return plain


def _refunding(refund: Refund) -> list[Transaction]:
    return [
        transaction
        for transaction in refund.transactions or ()
        if transaction.kind in (None, "refund") and transaction.amount is not None
    ]


def _is_done(refund: Refund) -> bool:
    """A pending transaction promises money; without transactions the total counts."""
    stated = _refunding(refund)
    return not stated or any(transaction.succeeded for transaction in stated)


def _money(refund: Refund, place: str, currency: str) -> tuple[Decimal, str] | None:
    """Return amount and currency; REST writes transactions in the buyer's currency."""
    stated = [one for one in _refunding(refund) if one.status not in _OVER]
    done = [one for one in stated if one.succeeded] or stated
    if not done:
        return _stated_money(refund, currency)
    codes = {
        to_currency(one.currency, join(place, "transactions"))
        for one in done
        if one.currency
    } or {currency}
    if len(codes) > 1:
        raise ChannelParseError(
            "a refund in two currencies", join(place, "transactions")
        )
    return sum((one.amount or ZERO for one in done), ZERO), codes.pop()


def _stated_money(refund: Refund, currency: str) -> tuple[Decimal, str] | None:
    money = refund.total_refunded_set and refund.total_refunded_set.shop_money
    if not money or money.amount is None:
        return None
    return money.amount, money.currency_code or currency


def _read_lines(
    refund: Refund, money: Decimal, taxes_included: bool | None
) -> list[ParsedRefundLine]:
    lines = [
        *(_item(line) for line in refund.refund_line_items or ()),
        *_adjustments(refund),
    ]
    # Without a tax both readings are one.
    included = taxes_included
    if included is None and any(line.tax for line in lines):
        included = money == sum((line.amount for line in lines), ZERO)
    return [
        replace(line, tax_included=bool(included))
        for line in lines
        if line.amount or line.quantity
    ]


def _item(line: RefundLine) -> ParsedRefundLine:
    item = line.line_item
    tax = shop_amount(line.total_tax, line.total_tax_set)
    kind: LineKind = "gift_card" if item and item.gift_card else "product"
    return ParsedRefundLine(
        kind=kind,
        line_ref=_ref(line.line_item_id),
        sku=text(item.sku) if item else "",
        title=(text(item.name) or text(item.title)) if item else "",
        quantity=line.quantity or ZERO,
        amount=shop_amount(line.subtotal, line.subtotal_set) or ZERO,
        tax=tax,
        marketplace_tax=_collected(tax or ZERO, (item and item.tax_lines) or ()),
    )


def _collected(tax: Decimal, tax_lines: Sequence[TaxLine]) -> Decimal:
    """Return the part of a refunded tax that the channel owes, by the order's line."""
    amounts = [
        (shop_amount(one.price, one.price_set) or ZERO, one.channel_liable is True)
        for one in tax_lines
    ]
    whole = sum((amount for amount, _ in amounts), ZERO)
    owed = sum((amount for amount, is_theirs in amounts if is_theirs), ZERO)
    if not whole or not owed:
        return ZERO
    return tax if owed == whole else (tax * owed / whole).quantize(Decimal("0.01"))


def _adjustments(refund: Refund) -> Iterator[ParsedRefundLine]:
    shipping = False
    for adjustment in refund.order_adjustments or ():
        is_shipping = _is_shipping(adjustment)
        shipping = shipping or is_shipping
        amount = shop_amount(adjustment.amount, adjustment.amount_set) or ZERO
        tax = shop_amount(adjustment.tax_amount, adjustment.tax_amount_set)
        yield ParsedRefundLine(
            kind="shipping" if is_shipping else "adjustment",
            title=text(adjustment.reason),
            amount=-amount,
            tax=None if tax is None else -tax,
        )
    if shipping:
        return
    for line in refund.refund_shipping_lines or ():
        yield ParsedRefundLine(
            kind="shipping",
            line_ref=_ref(line.shipping_line_id),
            title=text(line.title),
            amount=shop_amount(None, line.subtotal_amount_set) or ZERO,
            tax=shop_amount(None, line.tax_amount_set),
        )


def _is_shipping(adjustment: OrderAdjustment) -> bool:
    words = f"{text(adjustment.kind)} {text(adjustment.reason)}".lower()
    return "shipping" in words


def _ref(value: Ref | None) -> str:
    ref = text(str(value)) if value is not None else ""
    return "" if ref == "0" else ref
