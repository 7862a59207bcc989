"""What every settlement, payout and ledger file turns into: plain values, no Odoo.

A parser of kind ``settlement`` yields :class:`ParsedSettlement` or
:class:`~.base.ParseFailure`. All amounts are :class:`~decimal.Decimal` in the settlement's
currency, seen from the seller: what raises the payout is positive, what lowers it negative,
whatever signs the channel writes. Moments are aware datetimes.

The account that a marketplace keeps for a seller ties out when

    opening balance + lines other than transfers = amount paid out + closing balance

where a balance that the channel does not state counts as nothing. See :attr:`balances`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from .base import ZERO

#: ``sale`` and ``refund``: what the buyer paid or got back, with shipping and tax, less what
#: the channel took off for a promotion. ``tax_withheld``: tax of the buyer that the
#: marketplace keeps and remits. ``fee``: what the channel charges for its services.
#: ``reserve``: held back now and released later. ``transfer``: money on its way to or from
#: the seller's bank; it is the payout itself and no part of what it consists of.
#: ``payout_return``: money from outside that is part of what a payout consists of: an earlier
#: payout that did not arrive, a top-up by the seller (negative where that is reversed).
SettlementLineType = Literal[
    "sale",
    "refund",
    "fee",
    "reserve",
    "adjustment",
    "tax_withheld",
    "transfer",
    "payout_return",
]
#: ``open``: the channel still adds lines. ``closed``: the amount is final, the money may be
#: on its way. ``paid``: it left for the bank. ``failed``: it did not arrive and comes again.
SettlementStatus = Literal["open", "closed", "paid", "failed", "cancelled", "unknown"]
#: ``open``: the seller is asked for an answer. ``review``: answered, nobody has decided yet.
#: ``won``: the seller keeps the money. ``lost``: the buyer has it, or the seller gave in.
DisputeStatus = Literal["", "open", "review", "won", "lost"]
#: A payout's head and its lines may arrive in different files.
SettlementPart = Literal["header", "lines"]
ALL_SETTLEMENT_PARTS: frozenset[SettlementPart] = frozenset({"header", "lines"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedSettlementLine:
    """One amount. A row of a file with price, fee and tax is several lines."""

    #: Unique within the settlement and the same each time the file is read: the channel's
    #: own id where there is one ("txn_1", "txn_1:fee"), else place and content.
    external_ref: str
    type: SettlementLineType
    #: The channel's own words, general first ("ItemFees/Commission"): what a fee mapping
    #: goes by. Never an id, a name or an amount.
    code: str
    #: Never zero: lines of zero are left out.
    amount: Decimal
    posted_at: datetime | None = None
    #: As the channel's orders have it: their ``external_ref``, or their ``display_name``.
    order_ref: str = ""
    order_line_ref: str = ""
    #: The channel's id of the refund, dispute or adjustment.
    refund_ref: str = ""
    #: Anything else that orders or payments can be found by: a payment, a charge.
    reference: str = ""
    #: The channel's id of the buyer's payment, where another file tells whose it is.
    payment_ref: str = ""
    sku: str = ""
    quantity: Decimal | None = None
    #: What a person reads: "Listing fee", "Storage for March".
    description: str = ""
    marketplace: str = ""
    #: What was converted into ``amount``, where currencies differ.
    original_amount: Decimal | None = None
    original_currency: str = ""
    #: Of a running ledger: its id, a place that grows, and what the account holds after this
    #: amount. By these, lines of several files join to the payout that they belong to.
    ledger: str = ""
    position: int | None = None
    balance_after: Decimal | None = None
    #: A claim of the buyer is behind it: a chargeback, a dispute, an A-to-z claim.
    is_dispute: bool = False
    #: Until when the seller can answer the claim, if stated.
    respond_by: datetime | None = None
    #: How the claim stands, if stated.
    dispute_status: DisputeStatus = ""
    #: Place in the file, for messages.
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPayment:
    """Which order a buyer's payment is for, where settlements name the payment alone."""

    external_ref: str
    #: The order's ``external_ref``.
    order_ref: str
    format: str
    platform: str
    where: str
    #: Ids of what was given back of it.
    adjustment_refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedSettlement:
    """One payout, or one period of the seller's account. None: the channel did not say."""

    #: The channel's id of the settlement or payout; of a period that has no id, one made of
    #: its dates ("statement 2022-01"). Empty: lines that belong to no payout yet.
    external_ref: str
    format: str
    platform: str
    where: str
    parts: frozenset[SettlementPart] = ALL_SETTLEMENT_PARTS
    currency: str | None = None
    #: What goes to the seller's bank, as stated; negative where the seller pays. Of a period
    #: with several transfers their sum.
    amount_total: Decimal | None = None
    #: What the account held before and after, as stated.
    opening_balance: Decimal | None = None
    closing_balance: Decimal | None = None
    #: ``opening_balance`` is what the account held before the first line of this file; lines of
    #: this payout before that may be in another file.
    opening_assumed: bool = False
    #: A period of the account whose report states neither total nor balances: what its lines come
    #: to and its transfers did not pay out is still on the account at its end.
    is_period: bool = False
    #: Sums of the lines by the channel's words, where only these are stated (Shopify's
    #: ``summary``): informative, lines replace them.
    stated_sums: tuple[tuple[str, Decimal], ...] = ()
    #: The channel's raw word and what it means.
    channel_status: str = ""
    status: SettlementStatus = "unknown"
    period_start: datetime | None = None
    period_end: datetime | None = None
    #: When the money is or was due in the bank.
    deposited_at: datetime | None = None
    #: What the bank statement names: a trace id, the payout's reference.
    bank_ref: str = ""
    #: Last digits of the account that was paid.
    account_tail: str = ""
    #: Rows of the file that the lines come from; a header row does not count.
    rows: int = 0
    lines: tuple[ParsedSettlementLine, ...] = ()

    @property
    def amount_lines(self) -> Decimal:
        """Sum of the lines that are no transfers."""
        return sum((x.amount for x in self.lines if x.type != "transfer"), ZERO)

    @property
    def amount_transferred(self) -> Decimal:
        """What the lines say went to the bank; positive where the seller got money."""
        return -sum((x.amount for x in self.lines if x.type == "transfer"), ZERO)

    @property
    def imbalance(self) -> Decimal | None:
        """What the lines lack of explaining payout and balances; None: nothing to compare.

        The payout is the stated total, else the transfers among the lines.
        """
        if "lines" not in self.parts:
            return None
        paid = self.amount_total
        if paid is None:
            if not any(line.type == "transfer" for line in self.lines):
                return None
            paid = self.amount_transferred
        return (
            paid
            + (self.closing_balance or ZERO)
            - (self.opening_balance or ZERO)
            - self.amount_lines
        )

    @property
    def balances(self) -> bool | None:
        """Whether the lines explain the payout to the cent; None: nothing to compare."""
        return None if self.imbalance is None else not self.imbalance

    @property
    def sum_by_code(self) -> dict[str, Decimal]:
        """Sum of all lines by the channel's words, in the order of the file."""
        sums: Counter[str] = Counter()
        for line in self.lines:
            sums[line.code] += line.amount  # type: ignore[assignment]
        return dict(sums)  # type: ignore[arg-type]
