"""One row of a file of rules: cells in, a rule out, and back. Pure."""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from . import bounds, law

COLUMNS = (
    "country",
    "state",
    "product_class",
    "rule_type",
    "min_age",
    "born_before",
    "abv_gt",
    "abv_lte",
    "distilled",
    "effective_from",
    "effective_to",
    "delivery_check",
    "verified",
    "seen_on",
    "source",
    "note",
)
UNKNOWN = "unknown"
KINDS = (*bounds.KINDS, UNKNOWN)
DISTILLED = ("distilled", "fermented")
#: Source of rules that nobody looked up: each rule says where it comes from.
NO_SOURCE = "not looked up"

# Why a row cannot be read.
MISSING = "missing"
INVALID = "invalid"
NOT_USED = "not_used"
WRONG_ORDER = "wrong_order"
NO_COLUMN = "no_column"

_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


class RowError(ValueError):
    """A row is no rule; ``code`` says why, ``column`` and ``value`` where."""

    def __init__(self, code, column, value=""):
        super().__init__(f"{code}: {column} {value}")
        self.code = code
        self.column = column
        self.value = str(value)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule as a file has it; None and empty text say that nothing is written.

    :ivar given: the columns that the file has; the others say nothing about the rule
    """

    country: str
    product_class: str
    kind: str = bounds.AGE
    state: str = ""
    min_age: int | None = None
    born_before: date | None = None
    abv_gt: Decimal | None = None
    abv_lte: Decimal | None = None
    distilled: str = ""
    date_from: date | None = None
    date_to: date | None = None
    needs_delivery_check: bool = False
    confidence: str = "general"
    seen_on: date | None = None
    source: str = NO_SOURCE
    note: str = ""
    given: frozenset[str] = field(default=frozenset(COLUMNS), compare=False, repr=False)


def parse_row(values: dict) -> RuleRow:
    """One rule.

    :param values: column -> cell
    :raises RowError: something is missing, unreadable or contradicts itself
    """
    row = RuleRow(
        country=_country(values),
        product_class=_code(values),
        kind=_choice(values, "rule_type", KINDS, bounds.AGE),
        state=text_of(values.get("state")),
        min_age=_age(values),
        born_before=_date(values, "born_before"),
        abv_gt=_strength(values, "abv_gt"),
        abv_lte=_strength(values, "abv_lte"),
        distilled=_choice(values, "distilled", DISTILLED, ""),
        date_from=_date(values, "effective_from"),
        date_to=_date(values, "effective_to"),
        needs_delivery_check=_flag(values, "delivery_check"),
        confidence=_choice(values, "verified", law.CONFIDENCES, "general"),
        seen_on=_date(values, "seen_on"),
        source=text_of(values.get("source")),
        note=text_of(values.get("note")),
        given=frozenset(values),
    )
    _check_kind(row)
    _check_order(row)
    return _with_source(row)


def _check_kind(row):
    """Each kind asks for its own number or day, and for no other."""
    needs = {bounds.AGE: "min_age", bounds.CALENDAR_YEAR: "min_age"}
    needs[bounds.COHORT] = "born_before"
    needed = needs.get(row.kind)
    for column in ("min_age", "born_before"):
        value = getattr(row, column)
        if column == needed and value is None:
            raise RowError(MISSING, column)
        if column != needed and value is not None:
            raise RowError(NOT_USED, column, value)


def _check_order(row):
    for low, high, column in (
        (row.date_from, row.date_to, "effective_to"),
        (row.abv_gt and row.abv_gt + Decimal("0.01"), row.abv_lte, "abv_lte"),
    ):
        if None not in (low, high) and low > high:
            raise RowError(WRONG_ORDER, column, high)


def _with_source(row):
    if row.source:
        return row
    if row.confidence != "general":
        raise RowError(MISSING, "source")
    return replace(row, source=NO_SOURCE)


def text_of(value) -> str:
    """A cell as text without characters that no database keeps."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        char for char in text if char == "\n" or unicodedata.category(char)[0] != "C"
    ).strip()


def _country(values):
    text = text_of(values.get("country")).upper()
    if not text:
        raise RowError(MISSING, "country")
    if not re.fullmatch("[A-Z]{2}", text):
        raise RowError(INVALID, "country", text)
    return text


def _code(values):
    text = text_of(values.get("product_class"))
    if not text:
        raise RowError(MISSING, "product_class")
    return text


def _choice(values, column, choices, default):
    text = text_of(values.get(column)).lower()
    if text and text not in choices:
        raise RowError(INVALID, column, text)
    return text or default


def _flag(values, column):
    text = text_of(values.get(column)).lower()
    if text and text not in _YES:
        raise RowError(INVALID, column, text)
    return _YES.get(text, False)


def _age(values):
    text = text_of(values.get("min_age"))
    if not text:
        return None
    if not re.fullmatch("[0-9]{1,2}", text) or not int(text):
        raise RowError(INVALID, "min_age", text)
    return int(text)


def _date(values, column):
    value = values.get(column)
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = text_of(value)
    if not text:
        return None
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise RowError(INVALID, column, text)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise RowError(INVALID, column, text) from error


def _strength(values, column):
    """Per cent by volume with two decimals; 0 stands for no limit."""
    text = text_of(values.get(column)).replace(",", ".")
    if not text:
        return None
    try:
        value = Decimal(text)
        exact = round(value, 2) if 0 <= value <= 100 else None
    except InvalidOperation as error:
        raise RowError(INVALID, column, text) from error
    if exact is None:
        raise RowError(INVALID, column, text)
    return exact.normalize() if exact else None


def format_row(row: RuleRow) -> list[str]:
    """The cells of one rule, in the order of :data:`COLUMNS`."""
    return [
        row.country,
        row.state,
        row.product_class,
        row.kind,
        "" if row.min_age is None else str(row.min_age),
        _iso(row.born_before),
        _plain(row.abv_gt),
        _plain(row.abv_lte),
        row.distilled,
        _iso(row.date_from),
        _iso(row.date_to),
        "yes" if row.needs_delivery_check else "",
        row.confidence,
        _iso(row.seen_on),
        row.source,
        row.note,
    ]


def _iso(day):
    return day.isoformat() if day else ""


def _plain(number):
    return "" if number is None else format(number, "f")
