"""What every channel format turns into: plain values, no Odoo.

A parser reads a binary stream and yields, record by record, either a :class:`ParsedOrder` or a
:class:`ParseFailure`. A file whose structure cannot be read at all raises
:class:`ChannelParseError`, and nothing else. Amounts are :class:`~decimal.Decimal` in the
order's currency, moments are aware datetimes.

This package imports no ``odoo``, reads no clock, opens no connection.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO, Literal

ZERO = Decimal(0)

#: Payment providers: their files belong to a channel of any platform that is paid through
#: them, so that a person names the channel.
GATEWAYS = ("stripe", "paypal")

#: Who owes the tax of a line to the authority.
Liability = Literal["seller", "marketplace", "unknown"]
#: Normalised life of an order on its channel. ``pending``: the channel may still change or
#: drop it.
OrderStatus = Literal["pending", "open", "shipped", "done", "cancelled"]
PaymentStatus = Literal[
    "unpaid", "partial", "paid", "partially_refunded", "refunded", "voided", "unknown"
]
LineKind = Literal[
    "product", "shipping", "fee", "gift_wrap", "gift_card", "tip", "discount"
]
#: Lines that are goods, and not a charge on them.
ARTICLE_KINDS: tuple[LineKind, ...] = ("product", "gift_card")
#: Pieces of an order that a channel may deliver on different pages.
OrderPart = Literal["header", "items", "address", "buyer"]
ALL_PARTS: frozenset[OrderPart] = frozenset({"header", "items", "address", "buyer"})

# Wider than any shop's history, narrower than what a broken export produces (years 1, 1970
# for "0", 9999).
EARLIEST = datetime(1990, 1, 1, tzinfo=timezone.utc)
LATEST = datetime(2100, 1, 1, tzinfo=timezone.utc)
# Twelve digits before the point is beyond any order; it also keeps "1E999999" from eating
# the memory.
LARGEST_AMOUNT = Decimal(10) ** 12
MOST_DECIMALS = 12


class ChannelParseError(ValueError):
    """The input cannot be read as this format.

    :param reason: what is wrong, in words a user understands ("not a decimal")
    :param where: the place: a path of records and fields (``orders[3].total``), or a line
        and column (``line 7, column price``)
    """

    def __init__(self, reason: str, where: str = ""):
        self.reason = reason
        self.where = where
        super().__init__(f"{where}: {reason}" if where else reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedTax:
    """One tax on one line, as the channel states it."""

    name: str
    amount: Decimal
    #: Fraction (``Decimal("0.19")``), or None when the channel gives no rate.
    rate: Decimal | None = None
    liability: Liability
    #: The field that decided the liability, with its value: ``tax_lines[0].channel_liable=true``.
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedLine:
    """One line of an order.

    ``amount`` is for the whole line (never a unit price), after the line's discounts. It
    contains ``tax`` exactly when ``tax_included`` is true; ``None`` there means that the
    channel does not say and that a person decides per channel. Discounts and refunds are
    never hidden in the sign: an amount is negative only on lines that lower the total by
    themselves (kind ``discount``, negative fee lines).
    """

    external_ref: str
    kind: LineKind = "product"
    sku: str = ""
    barcode: str = ""
    #: The channel's own product id (ASIN, listing, variant), for mappings when there is no SKU.
    product_ref: str = ""
    title: str = ""
    quantity: Decimal = Decimal(1)
    amount: Decimal = ZERO
    #: Positive, already taken off ``amount``.
    discount: Decimal = ZERO
    #: None: the channel does not say.
    tax: Decimal | None = None
    tax_included: bool | None = None
    taxes: tuple[ParsedTax, ...] = ()
    liability: Liability = "seller"
    evidence: str = ""

    @property
    def marketplace_tax(self) -> Decimal:
        """The part of ``tax`` that the marketplace owes, in the order's currency."""
        if self.taxes:
            return sum(
                (tax.amount for tax in self.taxes if tax.liability == "marketplace"),
                ZERO,
            )
        return (self.tax or ZERO) if self.liability == "marketplace" else ZERO

    @property
    def amount_with_tax(self) -> Decimal:
        """What the buyer paid for the line, all taxes in.

        A line that does not say whether its amount includes them is read as tax on top.
        """
        return self.amount if self.tax_included else self.amount + (self.tax or ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedAddress:
    name: str = ""
    company: str = ""
    street: str = ""
    street2: str = ""
    city: str = ""
    #: Code ("CA") or name ("Kanagawa") as the channel gives it.
    state: str = ""
    zip: str = ""
    #: ISO 3166-1 alpha-2, upper case; empty when the channel withholds it.
    country: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedBuyer:
    """``external_ref`` is the channel's own buyer id; a name alone never identifies anybody."""

    external_ref: str = ""
    name: str = ""
    company: str = ""
    email: str = ""
    phone: str = ""
    vat: str = ""
    is_business: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedRefundLine:
    """What was given back of one line of an order, of its shipping, or besides.

    ``amount`` is positive and contains ``tax`` exactly when ``tax_included`` is true, as on
    :class:`ParsedLine`. ``adjustment``: not tied to a line (goodwill, a difference); the
    only kind that may be negative, where the seller keeps a part.
    """

    kind: LineKind | Literal["adjustment"] = "product"
    #: ``external_ref`` of the order's line; empty where the channel does not say which.
    line_ref: str = ""
    sku: str = ""
    title: str = ""
    #: Goods that came back or were taken off; 0: money only.
    quantity: Decimal = ZERO
    amount: Decimal = ZERO
    tax: Decimal | None = None
    tax_included: bool | None = None
    #: None: as on the order's line.
    liability: Liability | None = None
    #: The part of ``tax`` that the marketplace had collected, where the refund itself says.
    marketplace_tax: Decimal = ZERO

    @property
    def amount_with_tax(self) -> Decimal:
        """What the buyer got back for the line, all taxes in."""
        return self.amount if self.tax_included else self.amount + (self.tax or ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedRefund:
    """Money given back on the channel.

    ``amount`` is positive: what the buyer got, with tax. ``external_ref`` may be a surrogate
    key where the channel has no id: the same each time, whatever file tells of the refund.
    """

    external_ref: str
    amount: Decimal
    #: Empty where the record does not say; it is the order's then.
    currency: str
    created_at: datetime | None = None
    reason: str = ""
    #: The order's ``external_ref``; empty inside of an order, or where a file does not say.
    order_ref: str = ""
    #: Part of ``amount`` that the marketplace pays out of its own pocket; not ours to credit.
    #: For sources of one's own. No format that is read here has a field for it: Amazon's
    #: finances and settlements hold only what moves the seller's account; eBay states one
    #: amount per refund (who funds it is told by the Post-Order API, Trading's
    #: ``RefundFromSeller`` went with Half.com); Etsy's payment adjustments give one refund in
    #: three currencies; Shopify and WooCommerce fund none.
    marketplace_amount: Decimal = ZERO
    #: Part of ``amount`` that is tax the marketplace had collected; not on our invoice.
    marketplace_tax: Decimal = ZERO
    #: The channel gives back the tax it had collected besides ``amount``.
    excludes_marketplace_tax: bool = False
    #: Empty: the channel says only how much.
    lines: tuple[ParsedRefundLine, ...] = ()
    #: False: promised, pending or failed; no credit note yet.
    is_done: bool = True
    format: str = ""
    platform: str = ""
    where: str = ""
    raw: str = ""

    @property
    def amount_lines(self) -> Decimal:
        """Sum of the lines with their taxes; ``amount`` wins where they differ."""
        return sum((line.amount_with_tax for line in self.lines), ZERO)

    def replace(self, **changes: Any) -> ParsedRefund:
        return dataclasses.replace(self, **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedOrder:
    """What one page or file states about one order. None always means: the channel did not say.

    ``amount_total`` is the channel's own total, never computed by us. ``amount_tax``,
    ``amount_shipping``, ``amount_discount`` are the channel's figures in its own basis.
    ``raw`` is text that the same parser reads again to the same values: the stored payload
    that a user may edit and replay.
    """

    external_ref: str
    format: str
    platform: str
    #: JSONPath-like place in the file, for messages: ``orders[3]`` or ``line 7``.
    where: str
    raw: str
    parts: frozenset[OrderPart] = ALL_PARTS
    #: What the buyer sees as order number ("#1001"), if different.
    display_name: str = ""
    currency: str | None = None
    amount_total: Decimal | None = None
    #: The channel's total after its own edits and refunds, when it states one.
    amount_current: Decimal | None = None
    #: Whether ``amount_total`` contains the tax that the marketplace owes.
    total_includes_marketplace_tax: bool = True
    amount_tax: Decimal | None = None
    amount_shipping: Decimal | None = None
    amount_discount: Decimal | None = None
    #: Order-level tax owed by the marketplace, where the channel gives no tax per line.
    order_marketplace_tax: Decimal = ZERO
    #: The channel's raw word ("Unshipped", "partially_refunded") and what it means.
    channel_status: str | None = None
    status: OrderStatus = "open"
    payment_status: PaymentStatus = "unknown"
    #: The channel's own code ("bacs", "shopify_payments", "COD").
    payment_method: str = ""
    #: What payment providers know the payment by: a charge, an intent, a transaction id.
    payment_refs: tuple[str, ...] = ()
    #: True: the channel collected the money and pays it out. False: the buyer pays the
    #: seller directly (bank transfer, cheque, cash on delivery). None: unknown.
    paid_through_channel: bool | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    marketplace: str = ""
    shipping_option: str = ""
    #: "seller" or "marketplace" (FBA and the like); empty when not stated.
    fulfilled_by: str = ""
    #: ISO code of the country goods leave from, when stated.
    ship_from_country: str = ""
    #: Currency in which the seller is paid out, when it is not ``currency``.
    payout_currency: str = ""
    note: str = ""
    #: The shop placed the order to try its own checkout; it must never reach the books.
    is_test: bool = False
    buyer: ParsedBuyer = ParsedBuyer()
    billing_address: ParsedAddress | None = None
    shipping_address: ParsedAddress | None = None
    lines: tuple[ParsedLine, ...] = ()
    refunds: tuple[ParsedRefund, ...] = ()

    @property
    def marketplace_tax(self) -> Decimal:
        """Tax that the marketplace collected and remits, in the order's currency."""
        return self.order_marketplace_tax + sum(
            (line.marketplace_tax for line in self.lines), ZERO
        )

    @property
    def amount_invoice(self) -> Decimal | None:
        """What the seller's invoice must total: without marketplace-collected tax."""
        if self.amount_total is None:
            return None
        return self.amount_total - (
            self.marketplace_tax if self.total_includes_marketplace_tax else ZERO
        )

    @property
    def amount_lines(self) -> Decimal:
        """Exact sum of the lines with their taxes, in the basis of ``amount_total``."""
        total = sum((line.amount_with_tax for line in self.lines), ZERO)
        if self.total_includes_marketplace_tax:
            return total + self.order_marketplace_tax
        return total - sum((line.marketplace_tax for line in self.lines), ZERO)

    @property
    def imbalance(self) -> Decimal | None:
        """``amount_total`` minus the lines; None when the channel states no total or no lines."""
        if self.amount_total is None or "items" not in self.parts:
            return None
        return self.amount_total - self.amount_lines

    def replace(self, **changes: Any) -> ParsedOrder:
        return dataclasses.replace(self, **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseFailure:
    """A record that cannot be read while its neighbours can.

    ``where`` and ``reason`` as in :class:`ChannelParseError`; ``raw`` is the record's own
    text, editable.
    """

    where: str
    reason: str
    external_ref: str = ""
    raw: str = ""

    @property
    def message(self) -> str:
        return f"{self.where}: {self.reason}" if self.where else self.reason


Record = ParsedOrder | ParseFailure


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What the beginning of a file looks like: enough to tell formats apart.

    ``kind`` is json, xml, table (delimited text) or xlsx. For JSON, ``keys`` holds dotted
    paths with ``[]`` for list items (``orders[].line_items[].sku``); a list at the top
    starts with ``[]``. For XML, ``root`` is the root element's local name and ``keys`` the
    local names seen. For tables, ``columns`` is the header as written.
    """

    kind: Literal["json", "xml", "table", "xlsx"]
    keys: frozenset[str] = frozenset()
    root: str = ""
    columns: tuple[str, ...] = ()

    def has(self, *paths: str) -> bool:
        return all(path in self.keys for path in paths)

    def has_any(self, *paths: str) -> bool:
        return any(path in self.keys for path in paths)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFormat:
    """One file format of one platform.

    ``detect`` decides from a :class:`Sample`. ``parse`` reads a seekable binary stream from
    its start and yields what ``kind`` says: :class:`ParsedOrder`,
    :class:`~.settlement.ParsedSettlement` or :class:`ParsedRefund`, or a
    :class:`ParseFailure`. None for documents that are recognised but hold nothing to import,
    so that a user reads "this is an Amazon notification" and not "unknown format".
    """

    code: str
    platform: str
    label: str
    kind: Literal["orders", "settlement", "refunds", "other"] = "orders"
    detect: Callable[[Sample], bool]
    parse: Callable[[BinaryIO], Iterator[Any]] | None = None


def to_decimal(value: object, where: str = "") -> Decimal:
    """Return the exact decimal a channel wrote.

    Accepts str, int and Decimal; a float is refused, as its digits are not what the channel wrote.

    :raises ChannelParseError: not a decimal, not finite, or beyond any believable amount
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise ChannelParseError("not a decimal", where)
    try:
        number = Decimal(value.strip()) if isinstance(value, str) else Decimal(value)
    except InvalidOperation as error:
        raise ChannelParseError("not a decimal", where) from error
    if not number.is_finite():
        raise ChannelParseError("not a finite number", where)
    if number.adjusted() > 12 or abs(number) > LARGEST_AMOUNT:
        raise ChannelParseError("larger than any order", where)
    if -number.as_tuple().exponent > MOST_DECIMALS:
        raise ChannelParseError(f"more than {MOST_DECIMALS} decimals", where)
    return number


def to_datetime(
    value: object, where: str = "", default_tz: timezone = timezone.utc
) -> datetime | None:
    """Return an aware datetime for ISO 8601 text or epoch seconds; None for nothing.

    Text without an offset is read in ``default_tz``.

    :raises ChannelParseError: not a date, or outside 1990 to 2100
    """
    if value is None or value == "":
        return None
    try:
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            moment = datetime.fromtimestamp(int(value), tz=timezone.utc)
        elif isinstance(value, str):
            # Python 3.10 reads neither "Z" nor a basic offset.
            text = value.strip()
            moment = datetime.fromisoformat(
                text[:-1] + "+00:00" if text[-1:] in "zZ" else text
            )
        else:
            raise ChannelParseError("not a date", where)
    except (ValueError, OverflowError, OSError) as error:
        if isinstance(error, ChannelParseError):
            raise
        raise ChannelParseError("not a date", where) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=default_tz)
    try:
        believable = EARLIEST <= moment <= LATEST
    except OverflowError:
        believable = False
    if not believable:
        raise ChannelParseError("a date before 1990 or after 2100", where)
    return moment


def to_currency(value: object, where: str = "") -> str:
    """Return an ISO 4217 code in upper case.

    :raises ChannelParseError: not three letters
    """
    code = value.strip().upper() if isinstance(value, str) else ""
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        raise ChannelParseError("not a currency code", where)
    return code


def only_currency(codes: Iterable[tuple[str, str]], expected: str) -> None:
    """Refuse an order that mixes currencies.

    :param codes: pairs (where, code)
    :raises ChannelParseError: at the first place whose code is not ``expected``
    """
    for where, code in codes:
        if code and code != expected:
            raise ChannelParseError(f"currency {code} in an order in {expected}", where)
