"""What a user decides about a file of their own: which column is what, and how values are written.

A :class:`Profile` holds these decisions, :data:`TARGETS` documents what columns can be mapped to,
and :func:`suggest` proposes a mapping from the names that exports use.
"""

from __future__ import annotations

import codecs
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from .base import ChannelParseError, Liability, OrderStatus, PaymentStatus, Sample
from .profile_settlement import (
    LINE_TYPES,
    SETTLEMENT_SYNONYMS,
    SETTLEMENT_TARGETS,
    objections,
)
from .profile_words import LIABILITIES, PAYMENT_STATUSES, STATUSES, SYNONYMS
from .settlement import SettlementLineType
from .tables import normalise

FileKind = Literal["csv", "tsv", "xlsx", "json", "xml"]
#: What the rows are: what buyers ordered, or what a channel pays out.
DocumentKind = Literal["orders", "settlement"]
Scope = Literal["order", "buyer", "bill", "ship", "line"]

#: Value of ``Profile.date_format`` for seconds since 1970.
EPOCH = "epoch"


@dataclass(frozen=True, slots=True)
class Target:
    """Something that a column can hold; with ``scope`` line per line, otherwise once per order."""

    name: str
    scope: Scope
    help: str


def _address_targets(scope: Scope, whose: str) -> list[tuple[str, Scope, str]]:
    texts = {
        "name": "Name of the person",
        "company": "Company",
        "street": "Street and number",
        "street2": "Second line of the street",
        "city": "City",
        "state": "State or province, code or name",
        "zip": "Postal code",
        "country": "Country as a two-letter code, or a word of the profile's countries",
        "phone": "Telephone",
        "email": "E-mail",
    }
    return [
        (f"{scope}_{name}", scope, f"{text} of {whose}") for name, text in texts.items()
    ]


_TARGETS: list[tuple[str, Scope, str]] = [
    (
        "external_ref",
        "order",
        "The order's id on the channel; rows with the same id are one order",
    ),
    (
        "display_name",
        "order",
        "Order number that the buyer sees, if it is another than the id",
    ),
    ("currency", "order", "Currency of all amounts, as a three-letter code"),
    (
        "amount_total",
        "order",
        "What the buyer paid for the whole order, as the channel states it",
    ),
    ("amount_tax", "order", "Tax of the whole order, as the channel states it"),
    ("status", "order", "State of the order, in the words of the profile's statuses"),
    (
        "payment_status",
        "order",
        "State of the payment, in the words of the profile's statuses",
    ),
    ("payment_method", "order", "How the buyer pays"),
    ("created_at", "order", "When the order was placed"),
    ("updated_at", "order", "When the order was changed last"),
    ("paid_at", "order", "When the buyer paid; an order with this moment is paid"),
    ("shipped_at", "order", "When the order was shipped"),
    ("marketplace", "order", "Site or country of the marketplace"),
    ("shipping_option", "order", "Shipping service that the buyer chose"),
    (
        "ship_from_country",
        "order",
        "Country the goods leave from, as a two-letter code",
    ),
    ("note", "order", "Message of the buyer"),
    ("tax_liability", "order", "Who owes the order's tax to the authority"),
    ("shipping_amount", "order", "Shipping costs of the whole order"),
    ("shipping_tax", "order", "Tax on the shipping costs"),
    ("gift_wrap_amount", "order", "Gift wrapping of the whole order"),
    ("gift_wrap_tax", "order", "Tax on the gift wrapping"),
    ("fee_amount", "order", "Other charges to the buyer (handling, payment method)"),
    ("fee_tax", "order", "Tax on these charges"),
    ("tip_amount", "order", "Tip"),
    (
        "discount_amount",
        "order",
        "Discount on the whole order that the lines do not contain yet",
    ),
    ("discount_tax", "order", "Tax that the discount saves"),
    ("refund_amount", "order", "Money given back to the buyer so far"),
    ("buyer_ref", "buyer", "The buyer's id on the channel"),
    ("buyer_name", "buyer", "The buyer's name"),
    ("buyer_company", "buyer", "The buyer's company"),
    ("buyer_email", "buyer", "The buyer's e-mail"),
    ("buyer_phone", "buyer", "The buyer's telephone"),
    ("buyer_vat", "buyer", "The buyer's VAT number; makes the buyer a business"),
    *_address_targets("bill", "the invoice address"),
    *_address_targets("ship", "the delivery address"),
    ("line_ref", "line", "The line's id on the channel"),
    ("line_sku", "line", "The seller's article number"),
    ("line_barcode", "line", "EAN, UPC or other barcode"),
    ("line_product_ref", "line", "The channel's own product id"),
    ("line_title", "line", "What was sold"),
    ("line_quantity", "line", "How many; 1 when there is no column"),
    ("line_amount", "line", "Price of the whole line, after its discount"),
    ("line_unit_price", "line", "Price of one piece, before the discount"),
    ("line_discount", "line", "Discount on the whole line; its sign does not matter"),
    ("line_tax", "line", "Tax of the whole line"),
    ("line_tax_name", "line", "Name of the tax"),
    ("line_tax_rate", "line", "Rate of the tax, 19 or 0.19 by the profile's setting"),
    ("line_tax_liability", "line", "Who owes the line's tax to the authority"),
    (
        "line_shipping_amount",
        "line",
        "Shipping costs of this line; the lines' costs add up",
    ),
    ("line_shipping_tax", "line", "Tax on these shipping costs"),
]
#: By name, in the order in which a person fills a mapping in.
TARGETS: Mapping[str, Target] = {name: Target(name, *rest) for name, *rest in _TARGETS}


_LINE_TARGETS = frozenset(name for name in TARGETS if TARGETS[name].scope == "line")


@dataclass(frozen=True, kw_only=True)
class Profile:
    """How to read one kind of file. Nothing here is guessed from a file's values.

    ``columns`` maps targets to header names or, in JSON and XML, to paths inside a record:
    ``buyer.name``, ``prices[0].value``; in XML an attribute is ``total.@currency``. ``constants``
    gives targets a value that the file does not state.

    :raises ChannelParseError: the settings contradict each other or name something unknown
    """

    name: str
    kind: FileKind
    columns: Mapping[str, str]
    document: DocumentKind = "orders"
    constants: Mapping[str, str] = field(default_factory=dict)
    #: Platform of the orders, when the file holds those of a platform.
    platform: str = "mapped"
    #: Delimited text. Empty delimiter: the one that shows the mapped columns.
    delimiter: str = ""
    quoted: bool = True
    #: Encoding of a table without byte order mark; empty: UTF-8, or else Windows-1252.
    encoding: str = ""
    #: Lines above the header.
    skip_lines: int = 0
    #: Sheet of a workbook; empty: the first visible one.
    sheet: str = ""
    decimal_point: Literal[".", ","] = "."
    #: What parts thousands: nothing, or one of ``. , '`` and space.
    digit_group: Literal["", ".", ",", " ", "'"] = ""
    #: As for ``strptime``; empty: ISO 8601; "epoch": seconds since 1970.
    date_format: str = ""
    #: Time zone of moments without offset.
    timezone: str = "UTC"
    #: What one row, or one record without ``line_path``, states.
    rows: Literal["line", "order"] = "line"
    #: JSON: ``data.orders[]``, ``[]`` for a list at the top, empty for a single order.
    #: XML: ``Order``, or from the root ``Export.Orders.Order``.
    record_path: str = ""
    #: Path of the lines inside a record: ``line_items[]``, ``Lines.Line``.
    line_path: str = ""
    statuses: Mapping[str, OrderStatus] = field(default_factory=lambda: STATUSES)
    payment_statuses: Mapping[str, PaymentStatus] = field(
        default_factory=lambda: PAYMENT_STATUSES
    )
    #: Payment methods where the buyer pays the seller directly (bank transfer, cash on delivery).
    offline_methods: frozenset[str] = frozenset()
    #: Whether the channel collects the money in all other cases; None: unknown.
    paid_through_channel: bool | None = None
    countries: Mapping[str, str] = field(default_factory=dict)
    liabilities: Mapping[str, Liability] = field(default_factory=lambda: LIABILITIES)
    #: Who owes a tax of which no column says it.
    default_liability: Liability = "unknown"
    #: None: not known; a person decides per channel.
    prices_include_tax: bool | None = None
    total_includes_marketplace_tax: bool = True
    tax_rate_unit: Literal["percent", "fraction"] = "percent"
    #: Words for what a row of a payout is.
    line_types: Mapping[str, SettlementLineType] = field(
        default_factory=lambda: LINE_TYPES
    )

    def __post_init__(self) -> None:
        for reason in self._objections():
            raise ChannelParseError(reason, f"profile {self.name!r}")

    def _objections(self) -> Iterable[str]:
        mapped = {*self.columns, *self.constants}
        for target in sorted(mapped - set(self.targets)):
            yield f"no such target: {target}"
        if self.document == "settlement":
            yield from objections(self.kind, self.columns, self.constants)
        else:
            yield from self._order_objections(mapped)
        if self.decimal_point == self.digit_group:
            yield "the decimal separator cannot part the thousands too"
        if self.kind == "xml" and not self.record_path:
            yield "no path of the records"
        if len(self.delimiter) > 1 or self.delimiter in ('"', "\r", "\n"):
            yield "the delimiter is not one character"
        yield from self._unknown_names()

    def _order_objections(self, mapped: Collection[str]) -> Iterable[str]:
        mapped = set(mapped)
        if "external_ref" not in self.columns:
            yield "no column for the order's id (external_ref)"
        if {"line_amount", "line_unit_price"} <= mapped:
            yield "both line_amount and line_unit_price; map one of them"
        if self.states_lines and not mapped & {"line_amount", "line_unit_price"}:
            yield "no column for the price of a line (line_amount or line_unit_price)"

    def _unknown_names(self) -> Iterable[str]:
        try:
            _zone(self.timezone)
        except (LookupError, ValueError, OSError):
            yield f"no such time zone: {self.timezone}"
        try:
            "".encode(self.encoding or "utf-8")
            codecs.getincrementaldecoder(self.encoding or "utf-8")
        except LookupError:
            yield f"no such encoding: {self.encoding}"

    @property
    def code(self) -> str:
        if self.document == "settlement":
            return f"mapped.settlement.{self.kind}"
        return f"mapped.{self.kind}"

    @property
    def targets(self) -> Collection[str]:
        """What columns can be mapped to."""
        return document_targets(self.document)

    @property
    def zone(self) -> tzinfo:
        return _zone(self.timezone)

    @property
    def states_lines(self) -> bool:
        """Whether the file tells what was sold."""
        return any(
            TARGETS[target].scope == "line"
            for target in self.columns
            if target in TARGETS
        )

    def states(self, *scopes: Scope) -> bool:
        """Whether any target of these scopes is mapped."""
        return any(
            TARGETS[target].scope in scopes
            for target in (*self.columns, *self.constants)
        )


def document_targets(document: DocumentKind) -> Mapping[str, str]:
    """Return what columns can hold, with the help that a person reads."""
    if document == "settlement":
        return {"currency": TARGETS["currency"].help, **SETTLEMENT_TARGETS}
    return {name: target.help for name, target in TARGETS.items()}


@lru_cache(maxsize=32)
def _zone(name: str) -> tzinfo:
    return ZoneInfo(name)


def suggest(
    columns: Iterable[str], document: DocumentKind = "orders"
) -> dict[str, str]:
    """Propose a mapping from usual names in English, German, French, Spanish, Italian, Dutch.

    :param columns: header names, or paths of JSON keys (``orders[].buyer.name``)
    :return: targets with their column; every column at most once
    """
    free = {column: _names(column) for column in columns}
    found: dict[str, str] = {}
    for target in document_targets(document):
        for word in (SYNONYMS | SETTLEMENT_SYNONYMS).get(target, ()):
            column = next(
                (column for column, names in free.items() if word in names), None
            )
            if column is not None:
                found[target] = column
                del free[column]
                break
    if "line_amount" in found:
        found.pop("line_unit_price", None)
    if "entry_amount" in found:
        found.pop("entry_credit", None)
        found.pop("entry_debit", None)
    return found


class Proposal(NamedTuple):
    """A mapping for a file: the settings of a profile that can be seen in a sample of it."""

    columns: dict[str, str]
    record_path: str = ""
    line_path: str = ""


def propose(sample: Sample, document: DocumentKind = "orders") -> Proposal:
    """Propose a mapping for a file.

    In JSON the records are where most of an order is found, the lines in the list inside them that
    shows most of a line. A sample of XML shows no paths, so nothing is proposed for it.
    """
    if sample.kind == "xml":
        return Proposal({})
    if sample.kind != "json":
        return Proposal(suggest(sample.columns, document))
    if document == "settlement":
        return Proposal({})
    lists = sorted((key for key in sample.keys if key.endswith("[]")), key=len)
    found = [_propose_at(path, sample.keys) for path in ("", *lists)]
    return max(found, key=lambda proposal: len(proposal.columns))


def _propose_at(record_path: str, keys: Collection[str]) -> Proposal:
    """Return what is found when the records are at a path."""
    inside = _below(record_path, keys)
    order = {
        target: column
        for target, column in suggest([key for key in inside if "[" not in key]).items()
        if TARGETS[target].scope != "line"
    }
    lines: dict[str, str] = {}
    line_path = ""
    for path in (key for key in inside if key.endswith("[]") and key.count("[") == 1):
        found = suggest([key for key in _below(path, inside) if "[" not in key])
        found = {
            target: column
            for target, column in found.items()
            if target in _LINE_TARGETS
        }
        if len(found) > len(lines):
            lines, line_path = found, path
    return Proposal(order | lines, record_path, line_path) if order else Proposal({})


def _below(path: str, keys: Collection[str]) -> list[str]:
    """Return the paths inside a path, relative to it, the shallow ones first."""
    start = f"{path}." if path else ""
    inside = (key.removeprefix(start) for key in keys if key.startswith(start))
    return sorted(inside, key=lambda key: (key.count("."), key))


def _names(column: str) -> frozenset[str]:
    """Return what a column may be known as: for a path its end too, ``buyer name`` and ``name``."""
    parts = column.replace("[]", "").split(".")
    return frozenset(normalise(" ".join(parts[start:])) for start in range(len(parts)))
