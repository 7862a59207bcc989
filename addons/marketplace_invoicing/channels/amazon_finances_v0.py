"""Amazon Selling Partner API, finances v0: groups (one is one settlement) and events.

``listFinancialEventGroups`` gives heads without lines, ``listFinancialEvents`` and its kin lines
that do not say which group they belong to; each with or without its ``payload`` wrapper, alone or
as a list of pages. Events come in some thirty lists, one per kind, and new kinds are added without
notice, so they are walked: wherever a ``CurrencyAmount`` stands is money, except

- what only informs (the value of a rented item, the base of a withheld tax),
- items that spell out an amount of their event,
- a total beside its parts. Where the parts do not come to it, the total counts and not they.

Signs are Amazon's. Words of items are those of the settlement report (``ItemChargeList`` Principal
is "ItemPrice/Principal"), so that one fee mapping reads both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from .amazon_settlement_types import Meaning, letters, meaning_of
from .base import ZERO, ChannelParseError, ParseFailure, to_decimal
from .jsonio import join
from .settlement import ParsedSettlement, ParsedSettlementLine, SettlementStatus
from .settlement_lines import LineNames

FORMAT = "amazon.finances.v0"

GROUPS = "FinancialEventGroupList"
EVENTS = "FinancialEvents"
_LIST_END = "EventList"
_AMOUNT = "CurrencyAmount"
#: The transaction, in words of the settlement report, of kinds that are about orders.
_TRANSACTIONS = {
    "Shipment": "Order",
    "ShipmentSettle": "Order",
    "Refund": "Refund",
    "Chargeback": "Chargeback Refund",
    "GuaranteeClaim": "A-to-z Guarantee Refund",
}
#: Lists of amounts by the word that the settlement report has for them.
_KINDS = {
    "ItemCharge": "ItemPrice",
    "ItemChargeAdjustment": "ItemPrice",
    "OrderCharge": "ItemPrice",
    "OrderChargeAdjustment": "ItemPrice",
    "ItemFee": "ItemFees",
    "ItemFeeAdjustment": "ItemFees",
    "ShipmentFee": "Shipment-Fees",
    "ShipmentFeeAdjustment": "Shipment-Fees",
    "OrderFee": "Order-Fees",
    "OrderFeeAdjustment": "Order-Fees",
    "ItemTaxWithheld": "ItemWithheldTax",
    "Promotion": "Promotion",
    "PromotionAdjustment": "Promotion",
    "DirectPayment": "Direct-Payment",
}
_SALES = frozenset({"PayWithAmazon/Charge", "RentalTransaction/RentalCharge"})
_SERVICES = frozenset(
    {
        "CapacityReservationBilling",
        "CouponPayment",
        "ImagingServicesFee",
        "ProductAdsPayment",
        "SellerDealPayment",
        "SellerReviewEnrollmentPayment",
        "ServiceFee",
        "TrialShipment",
        "ValueAddedServiceCharge",
    }
)
_TRANSFERS = frozenset({"AdhocDisbursement", "FailedAdhocDisbursement"})
#: Keys that hold no money of their own, in small letters.
_INFORMS = frozenset(
    {
        "adjustmentitemlist",
        "chargeinstrumentlist",
        "debtrecoveryitemlist",
        "perunitamount",
        "rentalinitialvalue",
        "safetreimbursementitemlist",
    }
)
_INFORMS_IN = frozenset({("TaxWithholding", "BaseAmount")})
_TOTALS = frozenset({"totalamount", "totalexpense", "transactionvalue"})
_DATES = (
    "PostedDate",
    "postedDate",
    "TransactionPostedDate",
    "TransactionCreationDate",
)
_ORDERS = ("AmazonOrderId", "SellerOrderId", "TDSOrderId")
_WORDS = (
    "ChargeType",
    "chargeType",
    "FeeType",
    "feeType",
    "PromotionType",
    "DirectPaymentType",
)
_EVENT_WORDS = ("AdjustmentType", "DebtRecoveryType", "SourceBusinessEventType")
_REFERENCES = (
    "SAFETClaimId",
    "invoiceId",
    "dealId",
    "CouponId",
    "EnrollmentId",
    "DisbursementId",
    "TransactionId",
    "MerchantOrderId",
    "OriginalRemovalOrderId",
)
_STATUSES: dict[str, SettlementStatus] = {
    "succeeded": "paid",
    "successful": "paid",
    "transfered": "paid",
    "transferred": "paid",
    "failed": "failed",
    "cancelled": "cancelled",
    "canceled": "cancelled",
}


class _Leaf(NamedTuple):
    """One amount inside an event: the keys to it, the words beside it, its item."""

    path: tuple[str, ...]
    word: str
    value: Mapping[str, Any]
    item: Mapping[str, Any]
    where: str

    @property
    def group(self) -> str:
        """Return the list or field it stands in: "ItemFee", "Charge", "BaseTax"."""
        keys = [key for key in self.path if key not in ("TaxesWithheld",)]
        plain = [key.removesuffix("List") for key in keys]
        if self.word and len(plain) > 1:
            return plain[-2]
        return plain[-1]


def parse(source: BinaryIO) -> Iterator[ParsedSettlement | ParseFailure]:
    """Yield a head per group, and per page and currency the lines of its events.

    :raises ChannelParseError: not valid JSON, or neither groups nor events
    """
    names = LineNames()
    for page, where in iter_pages(source, GROUPS, EVENTS):
        for group, place in records(page, GROUPS, where):
            yield _read_group(group, place)
        if EVENTS in page:
            yield from _read_events(page[EVENTS], join(where, EVENTS), names)


# -- groups --------------------------------------------------------------------------------


def _read_group(group: object, where: str) -> ParsedSettlement | ParseFailure:
    try:
        return _group(as_dict(group, where), where)
    except ChannelParseError as error:
        ref = word(group, "FinancialEventGroupId")
        return failure(error, where, {GROUPS: [group]}, ref)


def _group(group: dict[str, Any], where: str) -> ParsedSettlement:
    ref = word(group, "FinancialEventGroupId")
    if not ref:
        raise ChannelParseError("missing", join(where, "FinancialEventGroupId"))
    total = money(group.get("OriginalTotal"), join(where, "OriginalTotal"))
    opening = money(group.get("BeginningBalance"), join(where, "BeginningBalance"))
    converted = money(group.get("ConvertedTotal"), join(where, "ConvertedTotal"))
    currency = total[0] if total else (opening[0] if opening else None)
    if opening and opening[0] != currency:
        place = join(where, "BeginningBalance")
        raise ChannelParseError(f"currency {opening[0]} beside {currency}", place)
    words = [word(group, key) for key in ("ProcessingStatus", "FundTransferStatus")]
    return ParsedSettlement(
        external_ref=ref,
        format=FORMAT,
        platform=PLATFORM,
        where=where,
        parts=frozenset({"header"}),
        currency=currency,
        amount_total=total[1] if total else None,
        opening_balance=opening[1] if opening else None,
        stated_sums=((f"ConvertedTotal {converted[0]}", converted[1]),)
        if converted
        else (),
        channel_status="/".join(filter(None, words)),
        status=_status(*words),
        period_start=moment(group, where, "FinancialEventGroupStart"),
        period_end=moment(group, where, "FinancialEventGroupEnd"),
        deposited_at=moment(group, where, "FundTransferDate"),
        bank_ref=word(group, "TraceId"),
        account_tail=word(group, "AccountTail"),
    )


def _status(processing: str, transfer: str) -> SettlementStatus:
    if letters(processing) == "open":
        return "open"
    closed: SettlementStatus = "closed" if processing or transfer else "unknown"
    return _STATUSES.get(letters(transfer), closed)


# -- events --------------------------------------------------------------------------------


@dataclass(slots=True)
class _Page:
    """Lines of a page by currency."""

    where: str
    lines: dict[str, list[ParsedSettlementLine]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def add(self, found: list[tuple[str, ParsedSettlementLine]]) -> None:
        for currency, line in found:
            self.lines.setdefault(currency, []).append(line)
        for currency in {currency for currency, _line in found}:
            self.rows[currency] = self.rows.get(currency, 0) + 1

    def settlements(self) -> Iterator[ParsedSettlement]:
        for currency, lines in self.lines.items():
            yield ParsedSettlement(
                external_ref="",
                format=FORMAT,
                platform=PLATFORM,
                where=self.where,
                parts=frozenset({"lines"}),
                currency=currency,
                rows=self.rows[currency],
                lines=tuple(lines),
            )


def _read_events(
    events: object, where: str, names: LineNames
) -> Iterator[ParsedSettlement | ParseFailure]:
    page = _Page(where)
    for key, found in as_dict(events, where).items():
        if not key.endswith("List"):
            continue
        kind, place = key.removesuffix(_LIST_END).removesuffix("List"), join(where, key)
        for index, event in enumerate(as_list(found, place)):
            at = f"{place}[{index}]"
            try:
                page.add(_event_lines(as_dict(event, at), kind, at, names))
            except ChannelParseError as error:
                yield failure(error, at, {EVENTS: {key: [event]}})
    yield from page.settlements()


def _event_lines(
    event: dict[str, Any], kind: str, where: str, names: LineNames
) -> list[tuple[str, ParsedSettlementLine]]:
    """Return the amounts of one event as pairs (currency, line)."""
    found = []
    posted = moment(event, where, *_DATES)
    for leaf, currency, amount in _amounts(event, kind, where):
        if amount:
            line = _line(event, kind, leaf, amount, posted, names)
            found.append((currency, line))
    return found


def _amounts(
    event: dict[str, Any], kind: str, where: str
) -> list[tuple[_Leaf, str, Decimal]]:
    """Return what an event consists of: its parts, or its total where they do not come to it."""
    found = []
    for leaf in _leaves(event, kind, (), {}, where):
        stated = money(leaf.value, leaf.where)
        if stated:
            found.append((leaf, *stated))
    totals = [part for part in found if _is_total(part[0])]
    parts = [part for part in found if not _is_total(part[0])]
    if not totals or not parts:
        return found
    same = {part[1] for part in found} == {totals[0][1]}
    if same and sum((part[2] for part in parts), ZERO) == totals[0][2]:
        return parts
    return totals


def _is_total(leaf: _Leaf) -> bool:
    return len(leaf.path) == 1 and leaf.path[0].lower() in _TOTALS


def _leaves(
    value: object,
    kind: str,
    path: tuple[str, ...],
    item: Mapping[str, Any],
    where: str,
    name: str = "",
) -> Iterator[_Leaf]:
    if isinstance(value, list):
        for index, part in enumerate(value):
            yield from _leaves(part, kind, path, item, f"{where}[{index}]", name)
        return
    if not isinstance(value, dict):
        return
    if _AMOUNT in value:
        yield _Leaf(path, name, value, item, where)
        return
    if path and any(key in value for key in ("SellerSKU", "OrderItemId", "SKU")):
        item = value
    # The words of an event as a whole are not those of an amount in it.
    beside = word(value, *_WORDS) if path else ""
    for key, part in value.items():
        if key.lower() in _INFORMS or (kind, key) in _INFORMS_IN:
            continue
        yield from _leaves(
            part, kind, (*path, key), item, join(where, key), beside or name
        )


def _line(
    event: dict[str, Any],
    kind: str,
    leaf: _Leaf,
    amount: Decimal,
    posted: datetime | None,
    names: LineNames,
) -> ParsedSettlementLine:
    code, meaning = _code(event, kind, leaf)
    order_ref = word(event, *_ORDERS)
    item = leaf.item or event
    item_ref = word(item, "OrderItemId")
    refund_ref = word(item, "OrderAdjustmentItemId")
    sku = word(item, "SellerSKU", "SKU")
    reference = word(event, *_REFERENCES)
    return ParsedSettlementLine(
        external_ref=names.of_content(
            kind, code, amount, posted, order_ref, item_ref, refund_ref, sku, reference
        ),
        type=meaning.type,
        is_dispute=meaning.is_dispute,
        code=code,
        amount=amount,
        posted_at=posted,
        order_ref=order_ref,
        order_line_ref=item_ref,
        refund_ref=refund_ref,
        reference=reference,
        sku=sku,
        quantity=_quantity(item, leaf.where),
        description=word(event, "FeeDescription", "Description", "dealDescription"),
        marketplace=word(event, "MarketplaceName", "MarketplaceId"),
        where=leaf.where,
    )


def _quantity(item: Mapping[str, Any], where: str) -> Decimal | None:
    for key in ("QuantityShipped", "Quantity", "AdjustedQuantity"):
        if item.get(key) is not None:
            return to_decimal(item[key], join(where, key))
    return None


def _code(event: dict[str, Any], kind: str, leaf: _Leaf) -> tuple[str, Meaning]:
    """Return the channel's words for an amount, and what they mean."""
    general = _KINDS.get(leaf.group) if leaf.word else None
    if general:
        transaction = _TRANSACTIONS.get(kind, kind)
        return f"{general}/{leaf.word}", meaning_of(transaction, general, leaf.word)
    name = leaf.word or word(event, *_EVENT_WORDS)
    group = leaf.group if leaf.word or leaf.group != f"{kind}Amount" else ""
    code = "/".join(filter(None, (kind, group, name)))
    return code, _meaning(kind, leaf.group, name)


def _meaning(kind: str, group: str, name: str) -> Meaning:
    """Return what an amount outside of order items is."""
    field_name = letters(group)
    if kind in _TRANSFERS:
        return Meaning("transfer")
    if "taxwithheld" in field_name:
        return Meaning("tax_withheld")
    if "reserve" in letters(name):
        return Meaning("reserve")
    if f"{kind}/{group}" in _SALES:
        return Meaning("sale")
    if kind in _SERVICES or field_name.endswith(("fee", "feeamount", "feecomponent")):
        return Meaning("fee")
    return meaning_of(_TRANSACTIONS.get(kind, kind), group, name)
