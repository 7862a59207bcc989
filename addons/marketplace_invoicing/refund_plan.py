"""What a refund takes back of an invoice, as plain arithmetic.

An invoice is a list of :class:`Position`; what may still be given back is known per group
of positions with the same taxes. A refund says how much money went back and, perhaps, of
which lines. The money wins:

- more money than lines: the rest is spread over the groups, by what is left of each;
- less money than lines: every line gives its share;
- a line takes back no more than is left of its group; the rest is spread likewise.

Amounts are :class:`~decimal.Decimal` in the invoice's currency, with tax, never below
zero. No Odoo, no clock, no database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from .channels.allocation import allocate

ZERO = Decimal(0)


class OverRefund(ValueError):
    """More is given back than is left of the invoice.

    :param left: what is left, with tax
    """

    def __init__(self, left: Decimal):
        self.left = left
        super().__init__(f"only {left} is left of the invoice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """One line of the invoice."""

    key: Hashable
    #: What it shares its taxes with.
    group: Hashable
    #: With tax; negative for a discount.
    gross: Decimal
    #: Pieces that have not come back yet.
    quantity: Decimal = ZERO
    line_ref: str = ""
    sku: str = ""
    kind: str = "product"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the channel says was given back of one line, without the marketplace's tax.

    ``gross`` None: as much as the pieces cost on the invoice.
    """

    gross: Decimal | None
    quantity: Decimal = ZERO
    line_ref: str = ""
    sku: str = ""
    kind: str = "product"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One line of the credit note."""

    #: Whose product, account and taxes it takes.
    key: Hashable
    gross: Decimal
    #: Pieces that came back; 0: money only.
    quantity: Decimal = ZERO
    #: Not tied to the line: goodwill, a difference.
    is_spread: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPlan:
    parts: tuple[Part, ...]
    #: All of the invoice: it is reversed as it stands.
    is_whole: bool = False
    #: Money less what the lines come to; None: the refund has no lines.
    difference: Decimal | None = None


def plan_refund(
    positions: Sequence[Position],
    left: Mapping[Hashable, Decimal],
    wanted: Iterable[Wanted],
    total: Decimal,
    unit: Decimal,
) -> RefundPlan:
    """Return the credit note's lines, which come to ``total`` exactly.

    :param positions: lines of the invoice
    :param left: by group, what credit notes have not taken back yet
    :param wanted: what the channel says of the lines
    :param total: what the credit note has to come to, above zero
    :param unit: the smallest amount of the currency
    :raises OverRefund: ``total`` is more than is left
    """
    rest = sum(left.values(), ZERO)
    if total > rest:
        raise OverRefund(rest)
    wanted = list(wanted)
    parts, loose = _tied(positions, wanted)
    stated = sum((part.gross for part in parts), ZERO) + loose
    difference = total - stated if wanted else None
    if total == rest == sum((each.gross for each in positions), ZERO):
        return RefundPlan(parts=(), is_whole=True, difference=difference)
    parts = _scaled(parts, total, unit)
    parts = _capped(parts, positions, left, unit)
    spread = total - sum((part.gross for part in parts), ZERO)
    parts += _spread(positions, left, parts, spread, unit)
    return RefundPlan(
        parts=tuple(part for part in parts if part.gross or part.quantity),
        difference=difference,
    )


def find_position(
    positions: Iterable[Position], line_ref: str, sku: str, kind: str
) -> Position | None:
    """Return the line that is meant: by its id, else the only one of its SKU or charge."""
    candidates = list(positions)
    if line_ref:
        by_ref = [each for each in candidates if each.line_ref == line_ref]
        if by_ref:
            return by_ref[0]
    if sku:
        same = [each for each in candidates if each.sku == sku]
    elif kind not in ("product", "gift_card", "adjustment"):
        same = [each for each in candidates if each.kind == kind]
    else:
        same = []
    return same[0] if len(same) == 1 else None


def _tied(
    positions: Sequence[Position], wanted: Iterable[Wanted]
) -> tuple[list[Part], Decimal]:
    """Return what is wanted of lines that are known, and the amount of the others."""
    parts, loose = [], ZERO
    pieces = {position.key: position.quantity for position in positions}
    for each in wanted:
        position = find_position(positions, each.line_ref, each.sku, each.kind)
        if position is None or (each.gross or ZERO) < 0:
            loose += each.gross or ZERO
            continue
        quantity = min(each.quantity, pieces[position.key])
        gross = each.gross
        if gross is None:
            whole = position.quantity or Decimal(1)
            gross = max(position.gross, ZERO) * quantity / whole
        pieces[position.key] -= quantity
        parts.append(Part(key=position.key, gross=gross, quantity=quantity))
    return parts, loose


def _scaled(parts: list[Part], total: Decimal, unit: Decimal) -> list[Part]:
    """Return the parts in whole units of the currency, no more than the money together."""
    stated = sum((part.gross for part in parts), ZERO)
    money = min(total, stated.quantize(unit) if stated else ZERO)
    return _resized(parts, money, unit)


def _resized(parts: list[Part], money: Decimal, unit: Decimal) -> list[Part]:
    if not parts:
        return []
    amounts = allocate(money, [part.gross for part in parts], unit)
    return [
        replace(part, gross=amount) for part, amount in zip(parts, amounts, strict=True)
    ]


def _capped(
    parts: list[Part],
    positions: Iterable[Position],
    left: Mapping[Hashable, Decimal],
    unit: Decimal,
) -> list[Part]:
    """Return the parts, none of a group more than is left of it."""
    groups = {position.key: position.group for position in positions}
    by_group = defaultdict(list)
    for part in parts:
        by_group[groups[part.key]].append(part)
    capped: list[Part] = []
    for group, own in by_group.items():
        most = max(left.get(group, ZERO), ZERO)
        asked = sum((part.gross for part in own), ZERO)
        capped += own if asked <= most else _resized(own, most, unit)
    return capped


def _spread(
    positions: Sequence[Position],
    left: Mapping[Hashable, Decimal],
    parts: Iterable[Part],
    amount: Decimal,
    unit: Decimal,
) -> list[Part]:
    """Return one part for each group, on its largest line, by what is left of the group."""
    if not amount:
        return []
    largest: dict[Hashable, Position] = {}
    for position in positions:
        known = largest.get(position.group)
        if known is None or position.gross > known.gross:
            largest[position.group] = position
    open_amounts = {group: left.get(group, ZERO) for group in largest}
    groups = {position.key: position.group for position in positions}
    for part in parts:
        open_amounts[groups[part.key]] -= part.gross
    shares = allocate(amount, list(open_amounts.values()), unit)
    return [
        Part(key=largest[group].key, gross=share, is_spread=True)
        for group, share in zip(open_amounts, shares, strict=True)
        if share
    ]
