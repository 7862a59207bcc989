"""Amazon Selling Partner API, finances 2024-06-19: transactions with nested breakdowns.

Each transaction has a total, which breakdowns spell out as a tree, for itself and for its items;
only leaves are amounts. Those of the items are taken where they come to the total, else those of
the transaction; without breakdowns the total is the line. Breakdowns that do not come to the total
make the transaction unreadable: which of them is wrong, nobody can tell.

A transaction names the settlement or event group that pays it. A ``DEFERRED`` one is in none yet,
whatever it names; it comes again with the same id once it is released.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, BinaryIO, NamedTuple

from .amazon_common import PLATFORM
from .amazon_pages import (
    as_dict,
    as_list,
    failure,
    iter_pages,
    moment,
    money,
    records,
    word,
)
from .amazon_settlement_types import (
    Meaning,
    is_dispute,
    is_refund,
    letters,
    meaning_of,
)
from .amazon_transfers import identifiers
from .base import ZERO, ChannelParseError, ParseFailure, to_decimal
from .jsonio import join
from .settlement import ParsedSettlement, ParsedSettlementLine, SettlementLineType
from .settlement_lines import LineNames

FORMAT = "amazon.finances.2024-06-19"

TRANSACTIONS = "transactions"
_PAYERS = ("SETTLEMENT_ID", "FINANCIAL_EVENT_GROUP_ID", "DISBURSEMENT_ID")
_LONGEST_NAME = 200
_REFUNDS = ("REFUND_ID", "ADJUSTMENT_ID", "DISPUTE_ID")
_SERVICES = frozenset({"servicefee", "productadspayment", "couponpayment"})
_TRANSFERS = frozenset({"transfer", "disbursement", "adhocdisbursement"})
_SALES = frozenset({"shipment", "order", "sale"})
_FEE_WORDS = ("fee", "fees", "commission", "expenses")
_PRICE_WORDS = frozenset(
    {"sales", "productcharges", "shipping", "giftwrap", "promotions", "promotion"}
    | {"principal", "tax", "ourpriceprincipal", "refunds", "itemprice", "discounts"}
)


class _Leaf(NamedTuple):
    """One amount of a transaction: the words to it, general first, and its item."""

    words: tuple[str, ...]
    currency: str
    amount: Decimal
    item: dict[str, Any]
    where: str


@dataclass(slots=True)
class _Page:
    """Lines of a page by settlement and currency."""

    where: str
    #: Of the whole file, by settlement.
    names: dict[str, LineNames]
    lines: dict[tuple[str, str], list[ParsedSettlementLine]] = field(
        default_factory=dict
    )
    rows: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, ref: str, found: list[tuple[str, ParsedSettlementLine]]) -> None:
        for currency, line in found:
            self.lines.setdefault((ref, currency), []).append(line)
        for currency in {currency for currency, _line in found}:
            self.rows[ref, currency] = self.rows.get((ref, currency), 0) + 1

    def settlements(self) -> Iterator[ParsedSettlement]:
        for (ref, currency), lines in self.lines.items():
            yield ParsedSettlement(
                external_ref=ref,
                format=FORMAT,
                platform=PLATFORM,
                where=self.where,
                parts=frozenset({"lines"}),
                currency=currency,
                rows=self.rows[ref, currency],
                lines=tuple(lines),
            )


def parse(source: BinaryIO) -> Iterator[ParsedSettlement | ParseFailure]:
    """Yield, per page, the lines of each settlement and currency.

    :raises ChannelParseError: not valid JSON, or no transactions
    """
    names: dict[str, LineNames] = {}
    for data, where in iter_pages(source, TRANSACTIONS):
        page = _Page(join(where, TRANSACTIONS), names)
        for record, place in records(data, TRANSACTIONS, where):
            try:
                _read_transaction(as_dict(record, place), place, page)
            except ChannelParseError as error:
                ref = word(record, "transactionId")
                yield failure(error, place, {TRANSACTIONS: [record]}, ref)
        yield from page.settlements()


def _read_transaction(record: dict[str, Any], where: str, page: _Page) -> None:
    known = identifiers(record, where)
    deferred = word(record, "transactionStatus").upper() == "DEFERRED"
    payer = next((known[name] for name in _PAYERS if name in known), "")
    ref = "" if deferred else payer
    names = page.names.setdefault(ref, LineNames())
    posted = moment(record, where, "postedDate")
    found = [
        (leaf.currency, _line(record, known, leaf, posted, names))
        for leaf in _amounts(record, where)
        if leaf.amount
    ]
    page.add(ref, found)


def _amounts(record: dict[str, Any], where: str) -> list[_Leaf]:
    """Return what a transaction consists of.

    :raises ChannelParseError: breakdowns that do not come to the total
    """
    place = join(where, "totalAmount")
    total = money(record.get("totalAmount"), place)
    own = list(_leaves(record, (), {}, where))
    items = [
        leaf
        for item, at in records(record, "items", where)
        for leaf in _leaves(as_dict(item, at), (), item, at)
    ]
    if total is None:
        if not (own or items):
            raise ChannelParseError("missing", place)
        return own or items
    for leaves in (items, own):
        if leaves and _sum(leaves, total[0]) == total[1]:
            return leaves
    if own or items:
        come_to = _sum(own or items, total[0])
        raise ChannelParseError(f"breakdowns come to {come_to}, not {total[1]}", place)
    return [_Leaf((), *total, {}, place)]


def _sum(leaves: list[_Leaf], currency: str) -> Decimal:
    for leaf in leaves:
        if leaf.currency != currency:
            raise ChannelParseError(f"currency {leaf.currency}", leaf.where)
    return sum((leaf.amount for leaf in leaves), ZERO)


def _leaves(
    data: dict[str, Any], words: tuple[str, ...], item: dict[str, Any], where: str
) -> Iterator[_Leaf]:
    for part, place in records(data, "breakdowns", where):
        breakdown = as_dict(part, place)
        path = (*words, word(breakdown, "breakdownType"))
        if as_list(breakdown.get("breakdowns"), join(place, "breakdowns")):
            yield from _leaves(breakdown, path, item, place)
            continue
        at = join(place, "breakdownAmount")
        stated = money(breakdown.get("breakdownAmount"), at)
        if stated:
            yield _Leaf(path, *stated, item, at)


def _line(
    record: dict[str, Any],
    known: dict[str, str],
    leaf: _Leaf,
    posted: datetime | None,
    names: LineNames,
) -> ParsedSettlementLine:
    transaction = word(record, "transactionType")
    code = "/".join(filter(None, leaf.words)) or transaction or "transaction"
    meaning = _meaning(transaction, leaf.words)
    item_ids = _item_ids(leaf.item)
    order_ref = known.get("ORDER_ID", "")
    item_ref = item_ids.get("ORDER_ITEM_ID", "")
    number = word(record, "transactionId")
    sku, quantity = _product(leaf.item, leaf.where)
    return ParsedSettlementLine(
        external_ref=_name(record, leaf, code, item_ref, names),
        type=meaning.type,
        is_dispute=meaning.is_dispute,
        code=code,
        amount=leaf.amount,
        posted_at=posted,
        order_ref=order_ref,
        order_line_ref=item_ref,
        refund_ref=next((known[key] for key in _REFUNDS if key in known), ""),
        reference=known.get("DEFERRED_TRANSACTION_ID", "") or number,
        sku=sku,
        quantity=quantity,
        description=word(leaf.item, "description") or word(record, "description"),
        marketplace=_marketplace(record),
        where=leaf.where,
    )


def _name(
    record: dict[str, Any], leaf: _Leaf, code: str, item_ref: str, names: LineNames
) -> str:
    """Return the same name for a line while it is deferred and when it is released."""
    number = word(record, "transactionId")
    name = "/".join(filter(None, (number, item_ref, code)))
    if number and len(name) < _LONGEST_NAME:
        return names.of_id(name)
    known = identifiers(record, "")
    return names.of_content(
        number,
        word(record, "transactionType"),
        code,
        leaf.amount,
        word(record, "postedDate"),
        known.get("ORDER_ID", ""),
        item_ref,
    )


def _item_ids(item: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry, _place in records(item, "relatedIdentifiers", ""):
        name = word(entry, "itemRelatedIdentifierName", "relatedIdentifierName")
        value = word(entry, "itemRelatedIdentifierValue", "relatedIdentifierValue")
        found.setdefault(name, value)
    return found


def _product(item: dict[str, Any], where: str) -> tuple[str, Decimal | None]:
    for context, place in records(item, "contexts", where):
        if word(context, "contextType") == "ProductContext" or word(context, "sku"):
            quantity = context.get("quantityShipped")
            stated = None if quantity is None else to_decimal(quantity, place)
            return word(context, "sku"), stated
    return "", None


def _marketplace(record: dict[str, Any]) -> str:
    details = record.get("marketplaceDetails")
    return word(details, "marketplaceName", "marketplaceId") or word(
        record.get("sellingPartnerMetadata"), "marketplaceId"
    )


def _meaning(transaction: str, words: tuple[str, ...]) -> Meaning:
    return Meaning(_type_of(transaction, words), is_dispute(transaction))


def _type_of(transaction: str, words: tuple[str, ...]) -> SettlementLineType:
    kind = letters(transaction)
    path = [letters(name) for name in words]
    price: SettlementLineType = "refund" if is_refund(transaction) else "sale"
    if kind in _TRANSFERS:
        return "transfer"
    if "reserve" in kind or any("reserve" in name for name in path):
        return "reserve"
    if any("withheld" in name or "facilitator" in name for name in path):
        return "tax_withheld"
    if kind in _SERVICES or any(name.endswith(_FEE_WORDS) for name in path):
        return "fee"
    if kind in _SALES or is_refund(transaction):
        # A price by its words, and what has no words is the transaction as a whole.
        if not path or _PRICE_WORDS.intersection(path):
            return price
    return meaning_of(transaction, "/".join(words[:1]), words[-1] if words else "").type
