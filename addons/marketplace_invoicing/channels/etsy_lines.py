"""How an Etsy order becomes lines, whichever export states it.

Etsy gives the coupon discount, the sales tax and the VAT for the whole order only, and never
says who remits a tax. So the discount is spread over the products, the taxes over everything
that is charged, each in proportion to the amounts and exact to the last cent, and whoever owes
the tax stays ``unknown`` until a person or the payment account's ``sales_tax`` entries tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from .allocation import allocate
from .base import ZERO, OrderStatus, ParsedLine, ParsedTax, PaymentStatus

_NOT_SAID = "Etsy does not say who remits it"

# Etsy's words, lower case. Refunds do not undo a delivery: see order_status.
_STATUS: dict[str, OrderStatus] = {
    "payment processing": "pending",
    "canceled": "cancelled",
    "cancelled": "cancelled",
    "completed": "done",
}
_PAYMENT_STATUS: dict[str, PaymentStatus] = {
    "payment processing": "unpaid",
    "partially refunded": "partially_refunded",
    "fully refunded": "refunded",
    "paid": "paid",
    "completed": "paid",
}
# What the buyer arranges with the seller; everything else is paid at Etsy's checkout.
_DIRECT = {"check", "cheque", "mo", "money order", "bt", "bank transfer", "other"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTax:
    """A tax stated for the whole order; ``field`` is where (``total_tax_cost``)."""

    name: str
    amount: Decimal
    field: str

    @property
    def evidence(self) -> str:
        return f"{self.field}={self.amount}: {_NOT_SAID}"


def order_status(
    word: str, *, paid: bool | None, shipped: bool, direct: bool
) -> OrderStatus:
    """Return the normalised status of Etsy's word.

    :param direct: paid to the seller, who may wait for the money while the order stands
    """
    status = _STATUS.get(word.strip().lower())
    if status:
        return status
    if shipped:
        return "shipped"
    return "pending" if paid is False and not direct else "open"


def payment_status(word: str, *, paid: bool | None, refunded: bool) -> PaymentStatus:
    key = word.strip().lower()
    if key in ("canceled", "cancelled"):
        return "refunded" if refunded else "paid" if paid else "voided"
    if paid is False and key in ("paid", "completed"):
        return "unpaid"
    status = _PAYMENT_STATUS.get(key)
    return status or ("unknown" if paid is None else "paid" if paid else "unpaid")


def paid_through_channel(method: str) -> bool | None:
    """Tell who received the money. PayPal at Etsy's checkout is one of Etsy's own methods."""
    word = method.strip().lower()
    return None if not word else word not in _DIRECT


def charge_lines(
    shipping: Decimal, gift_wrap: Decimal = ZERO
) -> tuple[ParsedLine, ...]:
    lines = (
        ParsedLine(
            external_ref="shipping", kind="shipping", title="Shipping", amount=shipping
        ),
        ParsedLine(
            external_ref="gift_wrap",
            kind="gift_wrap",
            title="Gift wrap",
            amount=gift_wrap,
        ),
    )
    return tuple(line for line in lines if line.amount)


def build_lines(
    products: Sequence[ParsedLine],
    charges: Sequence[ParsedLine],
    *,
    discount: Decimal,
    taxes: Sequence[OrderTax],
    total: Decimal | None,
    unit: Decimal,
) -> tuple[ParsedLine, ...]:
    """Return the lines of an order with its discount and taxes on them.

    :param products: lines before ``discount``; they may have taxes and discounts of their own
    :param discount: order discount, positive
    :param total: what the buyer paid; decides whether the taxes come on top of the prices or
        are in them
    :param unit: smallest amount of the currency
    """
    discounted, rest = _discounted(products, discount, unit)
    lines = [*discounted, *charges]
    for tax in taxes:
        lines = _taxed(lines, tax, unit)
    if rest:
        lines.append(
            ParsedLine(
                external_ref="discount", kind="discount", title="Discount", amount=-rest
            )
        )
    return _placed(lines, total)


def _discounted(
    products: Sequence[ParsedLine], discount: Decimal, unit: Decimal
) -> tuple[list[ParsedLine], Decimal]:
    """Return the lines after the discount, and what of it no product can carry."""
    carried = min(discount, sum((line.amount for line in products), ZERO))
    if carried <= 0:
        return list(products), discount
    parts = allocate(carried, [line.amount for line in products], unit)
    lines = [
        replace(line, amount=line.amount - part, discount=line.discount + part)
        for line, part in zip(products, parts, strict=True)
    ]
    return lines, discount - carried


def _taxed(lines: list[ParsedLine], tax: OrderTax, unit: Decimal) -> list[ParsedLine]:
    """Return the lines with their parts of the tax; zero says nothing about VAT in the prices."""
    if not tax.amount or not lines:
        return lines
    parts = allocate(tax.amount, [line.amount for line in lines], unit)
    return [
        add_tax(line, name=tax.name, amount=part, evidence=tax.evidence)
        if part
        else line
        for line, part in zip(lines, parts, strict=True)
    ]


def add_tax(
    line: ParsedLine, *, name: str, amount: Decimal, evidence: str
) -> ParsedLine:
    tax = ParsedTax(name=name, amount=amount, liability="unknown", evidence=evidence)
    return replace(
        line,
        tax=(line.tax or ZERO) + amount,
        taxes=(*line.taxes, tax),
        liability="unknown",
        evidence="; ".join(part for part in (line.evidence, evidence) if part),
    )


def unsaid(field: str, amount: Decimal) -> str:
    """Return the evidence of a tax that one line states."""
    return f"{field}={amount}: {_NOT_SAID}"


def _placed(
    lines: Sequence[ParsedLine], total: Decimal | None
) -> tuple[ParsedLine, ...]:
    """Say of each tax whether the price contains it: only when the total is just the prices."""
    if total is None:
        return tuple(lines)
    included = sum((line.amount for line in lines), ZERO) == total
    return tuple(
        replace(line, tax_included=included) if line.taxes else line for line in lines
    )
