"""Turns the records of one order into the order, as the profile says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Context, Decimal
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from .base import (
    ZERO,
    ChannelParseError,
    Liability,
    LineKind,
    OrderPart,
    ParsedAddress,
    ParsedBuyer,
    ParsedLine,
    ParsedOrder,
    ParsedRefund,
    ParsedTax,
    only_currency,
    to_currency,
    to_datetime,
    to_decimal,
)
from .mapped_files import FileRecord
from .profiles import EPOCH, TARGETS, Profile
from .tables import is_blank, normalise, to_number

T = TypeVar("T")

_EXACT = Context(prec=64)
# Excel rounds numbers of more digits, and an id among them is already another id.
_EXCEL_DIGITS = 15
_TEXTS = ("display_name", "marketplace", "shipping_option", "note")
_MOMENTS = ("created_at", "updated_at", "paid_at", "shipped_at")
_ADDRESS_TEXTS = (
    "name",
    "company",
    "street",
    "street2",
    "city",
    "state",
    "zip",
    "phone",
    "email",
)
_BUYER_TEXTS = ("name", "company", "email", "phone", "vat")
_LINE_TEXTS = ("sku", "barcode", "product_ref", "title")
_LINE_TAXES = (
    "line_tax",
    "line_shipping_tax",
    "shipping_tax",
    "gift_wrap_tax",
    "fee_tax",
)
_EXTRAS: tuple[tuple[LineKind, str, str], ...] = (
    ("shipping", "shipping_amount", "shipping_tax"),
    ("gift_wrap", "gift_wrap_amount", "gift_wrap_tax"),
    ("fee", "fee_amount", "fee_tax"),
    ("tip", "tip_amount", ""),
    ("discount", "discount_amount", "discount_tax"),
)
# Codes in use beside ISO 3166's.
_OTHER_CODES = {"UK": "GB", "EL": "GR"}


class Words:
    """A profile with its words ready to be looked up."""

    def __init__(self, profile: Profile):
        self.profile = profile
        self.statuses = _normalised(profile.statuses)
        self.payment_statuses = _normalised(profile.payment_statuses)
        self.liabilities = _normalised(profile.liabilities)
        self.countries = _normalised(profile.countries)
        self.offline_methods = {normalise(word) for word in profile.offline_methods}


def _normalised(words: Mapping[str, T]) -> dict[str, T]:
    return {normalise(word): meaning for word, meaning in words.items()}


class _Found(NamedTuple):
    """A value with its place; both may be empty: the file does not state it."""

    value: Any
    where: str
    is_constant: bool = False

    @property
    def text(self) -> str:
        return to_text(self.value, self.where)


_NOTHING = _Found(None, "")


class OrderReader:
    """Reads the targets of one order out of its records."""

    def __init__(self, words: Words, records: list[FileRecord]):
        self._words = words
        self._profile = words.profile
        self._records = records

    def parsed(self, raw: str) -> ParsedOrder:
        """Return the order.

        :raises ChannelParseError: a value cannot be read, or two rows contradict each other
        """
        for record in self._records:
            record.check()
        ref = self._find("external_ref")
        if not ref.text:
            raise ChannelParseError("missing", ref.where)
        currency = self._currency()
        lines = self._lines()
        return ParsedOrder(
            external_ref=ref.text,
            format=self._profile.code,
            platform=self._profile.platform,
            where=self._records[0].where,
            raw=raw,
            parts=self._parts(),
            currency=currency,
            total_includes_marketplace_tax=self._profile.total_includes_marketplace_tax,
            amount_shipping=self._amount_shipping(lines),
            amount_discount=self._positive("discount_amount"),
            order_marketplace_tax=self._order_marketplace_tax(),
            buyer=self._buyer(),
            billing_address=self._address("bill"),
            shipping_address=self._address("ship"),
            ship_from_country=self._country("ship_from_country"),
            lines=lines,
            refunds=self._refunds(ref.text, currency),
            **self._statuses(),
            **{name: self._amount(name) for name in ("amount_total", "amount_tax")},
            **{name: self._moment(name) for name in _MOMENTS},
            **{name: self._find(name).text for name in _TEXTS},
        )

    def _find(self, target: str, records: Sequence[FileRecord] | None = None) -> _Found:
        """Return the first value that the records, or else the profile's constants, state."""
        constant = self._profile.constants.get(target)
        column = self._profile.columns.get(target)
        if column is None and constant is None:
            return _NOTHING
        where = ""
        for record in (self._records if records is None else records) if column else ():
            where = where or record.place(column)
            value = record.get(column)
            if not is_blank(value):
                return _Found(value, record.place(column))
        if constant is not None:
            return _Found(constant, f"constant {target}", is_constant=True)
        return _Found(None, where)

    def _every(self, target: str) -> Iterator[_Found]:
        """Yield what each of the records states."""
        found = False
        for record in self._records if target in self._profile.columns else ():
            value = self._find(target, [record])
            if not is_blank(value.value):
                found = True
                yield value
        if not found and target in self._profile.constants:
            yield self._find(target)

    def _number(self, found: _Found) -> Decimal | None:
        if is_blank(found.value):
            return None
        if found.is_constant:
            return to_decimal(found.value, found.where)
        profile = self._profile
        return to_number(
            found.value, profile.decimal_point, profile.digit_group, found.where
        )

    def _amount(self, target: str) -> Decimal | None:
        """Return an amount of the order, which every row that states it must state alike."""
        amount = None
        for found in self._every(target):
            number = self._number(found)
            if amount is not None and number != amount:
                raise ChannelParseError(
                    f"{number}, but another row says {amount}", found.where
                )
            amount = number if amount is None else amount
        return amount

    def _positive(self, target: str) -> Decimal | None:
        amount = self._amount(target)
        return None if amount is None else abs(amount)

    def _moment(self, target: str) -> datetime | None:
        return self._moment_of(self._find(target))

    def _moment_of(self, found: _Found) -> datetime | None:
        return to_moment(found.value, self._profile, found.where)

    def _currency(self) -> str | None:
        codes = [
            (found.where, to_currency(found.text, found.where))
            for found in self._every("currency")
        ]
        if not codes:
            return None
        only_currency(codes, codes[0][1])
        return codes[0][1]

    def _word(self, target: str, meanings: Mapping[str, T], default: T) -> T:
        found = self._find(target)
        word = normalise(found.text)
        if not word:
            return default
        if word not in meanings:
            raise ChannelParseError(
                f"{found.text!r} has no meaning in the profile", found.where
            )
        return meanings[word]

    def _parts(self) -> frozenset[OrderPart]:
        parts: set[OrderPart] = {"header"}
        if self._profile.states_lines:
            parts.add("items")
        if self._profile.states("bill", "ship"):
            parts.add("address")
        if self._profile.states("buyer"):
            parts.add("buyer")
        return frozenset(parts)

    def _statuses(self) -> dict[str, Any]:
        method = self._find("payment_method").text
        offline = normalise(method) in self._words.offline_methods
        paid = "paid" if self._moment("paid_at") else "unknown"
        return {
            "channel_status": self._find("status").text or None,
            "status": self._word("status", self._words.statuses, "open"),
            "payment_status": self._word(
                "payment_status", self._words.payment_statuses, paid
            ),
            "payment_method": method,
            "paid_through_channel": False
            if offline
            else self._profile.paid_through_channel,
        }

    def _country(self, target: str) -> str:
        found = self._find(target)
        code = self._words.countries.get(normalise(found.text), found.text).upper()
        if code and not (len(code) == 2 and code.isascii() and code.isalpha()):
            raise ChannelParseError("not a two-letter country code", found.where)
        return _OTHER_CODES.get(code, code)

    def _address(self, scope: str) -> ParsedAddress | None:
        texts = {part: self._find(f"{scope}_{part}").text for part in _ADDRESS_TEXTS}
        country = self._country(f"{scope}_country")
        if not country and not any(texts.values()):
            return None
        return ParsedAddress(country=country, **texts)

    def _buyer(self) -> ParsedBuyer:
        texts = {part: self._find(f"buyer_{part}").text for part in _BUYER_TEXTS}
        ref = self._find("buyer_ref").text
        return ParsedBuyer(external_ref=ref, is_business=bool(texts["vat"]), **texts)

    def _refunds(self, ref: str, currency: str | None) -> tuple[ParsedRefund, ...]:
        amount = self._positive("refund_amount")
        if not amount:
            return ()
        return (
            ParsedRefund(
                external_ref=f"{ref}-refund", amount=amount, currency=currency or ""
            ),
        )

    def _amount_shipping(self, lines: Sequence[ParsedLine]) -> Decimal | None:
        """Return what shipping costs, of the whole order or of its lines; None when not stated."""
        amount = self._amount("shipping_amount")
        if amount is None and "line_shipping_amount" in self._profile.columns:
            return sum((line.amount for line in lines if line.kind == "shipping"), ZERO)
        return amount

    # -- tax

    def _liability(
        self, tax: Decimal | None, record: FileRecord | None = None
    ) -> tuple[Liability, str]:
        """Return who owes a tax and which words say so; no tax leaves the seller."""
        line_word = self._find("line_tax_liability", [record]) if record else _NOTHING
        for target, found in (
            ("line_tax_liability", line_word),
            ("tax_liability", self._order_word),
        ):
            if found.text:
                column = self._profile.columns.get(target, target)
                meanings = self._words.liabilities
                meaning = meanings.get(normalise(found.text), "unknown")
                return meaning, f"{column}={found.text}"
        if tax is None and not self._has_line_taxes:
            tax = self._order_tax
        if not tax:
            return "seller", ""
        default = self._profile.default_liability
        return default, f"profile.default_liability={default}"

    @cached_property
    def _order_word(self) -> _Found:
        return self._find("tax_liability")

    @cached_property
    def _order_tax(self) -> Decimal | None:
        return self._amount("amount_tax")

    @cached_property
    def _has_line_taxes(self) -> bool:
        return any(target in self._profile.columns for target in _LINE_TAXES)

    def _order_marketplace_tax(self) -> Decimal:
        """Return the marketplace's tax where the file states tax per order only."""
        tax = None if self._has_line_taxes else self._order_tax
        return tax if tax and self._liability(tax)[0] == "marketplace" else ZERO

    # -- lines

    def _lines(self) -> tuple[ParsedLine, ...]:
        lines = []
        for number, record in enumerate(self._line_records(), start=1):
            line = self._product_line(record, number)
            lines.append(line)
            lines.extend(self._line_shipping(record, line))
        for kind, amount_target, tax_target in _EXTRAS:
            lines.extend(self._extra(kind, amount_target, tax_target))
        twice = [
            ref
            for ref, count in Counter(line.external_ref for line in lines).items()
            if count > 1
        ]
        if twice:
            raise ChannelParseError(
                f"the line {twice[0]} is there twice", self._records[0].where
            )
        return tuple(lines)

    def _line_records(self) -> list[FileRecord]:
        """Return what states one line each; rows without any value of a line state none."""
        profile = self._profile
        if not profile.states_lines:
            return []
        if profile.line_path:
            return self._records[0].children(profile.line_path)
        columns = [
            column
            for target, column in profile.columns.items()
            if TARGETS[target].scope == "line"
        ]
        return [
            record
            for record in self._records
            if not all(is_blank(record.get(column)) for column in columns)
        ]

    def _product_line(self, record: FileRecord, number: int) -> ParsedLine:
        quantity = self._number(self._find("line_quantity", [record]))
        quantity = Decimal(1) if quantity is None else quantity
        discount = abs(self._number(self._find("line_discount", [record])) or ZERO)
        tax = self._number(self._find("line_tax", [record]))
        liability, evidence = self._liability(tax, record)
        return ParsedLine(
            external_ref=self._find("line_ref", [record]).text or str(number),
            quantity=quantity,
            amount=self._line_amount(record, quantity, discount),
            discount=discount,
            tax=tax,
            tax_included=self._profile.prices_include_tax,
            taxes=self._taxes(record, tax, liability, evidence),
            liability=liability,
            evidence=evidence,
            **{part: self._find(f"line_{part}", [record]).text for part in _LINE_TEXTS},
        )

    def _line_amount(
        self, record: FileRecord, quantity: Decimal, discount: Decimal
    ) -> Decimal:
        found = self._find("line_amount", [record])
        amount = self._number(found)
        if amount is not None:
            return amount
        price = self._find("line_unit_price", [record])
        unit = self._number(price)
        if unit is None:
            raise ChannelParseError("missing", found.where or price.where)
        exact = _EXACT.subtract(_EXACT.multiply(unit, quantity), discount)
        return to_decimal(exact, price.where)

    def _taxes(
        self,
        record: FileRecord,
        tax: Decimal | None,
        liability: Liability,
        evidence: str,
    ) -> tuple[ParsedTax, ...]:
        name = self._find("line_tax_name", [record]).text
        rate = self._rate(self._find("line_tax_rate", [record]))
        if tax is None or not (name or rate is not None):
            return ()
        return (
            ParsedTax(
                name=name, amount=tax, rate=rate, liability=liability, evidence=evidence
            ),
        )

    def _rate(self, found: _Found) -> Decimal | None:
        value = found.value
        if isinstance(value, str):
            value = value.strip().removesuffix("%").strip()
        rate = self._number(_Found(value, found.where))
        if rate is None or self._profile.tax_rate_unit == "fraction":
            return rate
        return rate.scaleb(-2)

    def _line_shipping(
        self, record: FileRecord, line: ParsedLine
    ) -> Iterator[ParsedLine]:
        amount = self._number(self._find("line_shipping_amount", [record]))
        tax = self._number(self._find("line_shipping_tax", [record]))
        if amount or tax:
            yield self._charge(
                f"{line.external_ref}-shipping", "shipping", amount or ZERO, tax, record
            )

    def _extra(
        self, kind: LineKind, amount_target: str, tax_target: str
    ) -> Iterator[ParsedLine]:
        """Yield a charge or discount of the whole order, if there is one."""
        amount = self._amount(amount_target)
        tax = self._amount(tax_target) if tax_target else None
        if not amount and not tax:
            return
        amount = amount or ZERO
        if kind == "discount":
            amount, tax = -abs(amount), None if tax is None else -abs(tax)
        yield self._charge(kind, kind, amount, tax)

    def _charge(
        self,
        ref: str,
        kind: LineKind,
        amount: Decimal,
        tax: Decimal | None,
        record: FileRecord | None = None,
    ) -> ParsedLine:
        liability, evidence = self._liability(tax, record)
        return ParsedLine(
            external_ref=ref,
            kind=kind,
            amount=amount,
            tax=tax,
            tax_included=self._profile.prices_include_tax,
            liability=liability,
            evidence=evidence,
        )


def to_text(value: Any, where: str = "") -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        if value.adjusted() >= _EXCEL_DIGITS:
            raise ChannelParseError(
                "a number that was rounded; make the column text", where
            )
        return format(value, "f")
    text = str(value).strip()
    if "\0" in text:
        raise ChannelParseError("a NUL character", where)
    return text


def to_moment(value: Any, profile: Profile, where: str) -> datetime | None:
    if isinstance(value, datetime):
        value = value.isoformat()
    if isinstance(value, str):
        value = value.strip()
    if is_blank(value):
        return None
    if profile.date_format == EPOCH:
        return to_datetime(to_decimal(value, where), where)
    if not isinstance(value, str):
        raise ChannelParseError("not a date", where)
    if profile.date_format and not (profile.kind == "xlsx" and _is_iso(value)):
        try:
            value = datetime.strptime(value, profile.date_format).isoformat()
        except ValueError as error:
            example = datetime(2024, 12, 31, 13, 45).strftime(profile.date_format)
            raise ChannelParseError(f"not a date like {example}", where) from error
    return to_datetime(value, where, profile.zone)


def _is_iso(text: str) -> bool:
    """Whether a workbook's date cell was written as text, in ``raw``."""
    return re.match(r"\d{4}-\d\d-\d\dT", text) is not None
