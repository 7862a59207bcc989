"""Rules as rows of a file: CSV or XLSX in, values out, and back. Pure.

A file has a header with some of the names of :data:`COLUMNS` in any order. A row that cannot
be read does not stop the others: it is returned with the reason. Nothing is left out
silently, neither a column of another name nor a cell without a column. What is written
reads back as the same rows.
"""

import csv
import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import zip_longest

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

MAX_BYTES = 5_000_000
MAX_UNPACKED_BYTES = 50_000_000
MAX_ROWS = 20_000

# Why a file cannot be read.
TOO_LARGE = "too_large"
NOT_A_TABLE = "not_a_table"
NO_HEADER = "no_header"
WRONG_COLUMN = "wrong_column"
# Why a row cannot be read.
MISSING = "missing"
INVALID = "invalid"
NOT_USED = "not_used"
WRONG_ORDER = "wrong_order"
NO_COLUMN = "no_column"

_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_FORMULA = "=+-@'"


class RuleFileError(ValueError):
    """The file is no table of rules.

    :ivar code: one of the reasons of this module
    :ivar value: the column that it is about, if it is about one
    """

    def __init__(self, code, value=""):
        super().__init__(f"{code}: {value}")
        self.code = code
        self.value = value


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


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file: its number, and the rule or the reason why there is none."""

    number: int
    row: RuleRow | None = None
    error: RowError | None = None


# === IN === #


def read(content: bytes) -> list[Line]:
    """Rows of a CSV or XLSX file, by what the file is, not by its name.

    :raises RuleFileError: it is neither, or too large
    """
    if len(content) > MAX_BYTES:
        raise RuleFileError(TOO_LARGE)
    is_workbook = content[:4] == b"PK\x03\x04"
    return parse(read_xlsx(content) if is_workbook else read_csv(content))


def read_csv(content: bytes) -> list[list]:
    """Cells of a CSV file, separated by comma, semicolon or tab."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What spreadsheets of Western Windows write; every byte has a meaning there.
        text = content.decode("cp1252", "replace")
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    table = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            table.append([_unescape(cell) for cell in cells])
            if len(table) > MAX_ROWS:
                raise RuleFileError(TOO_LARGE)
    except csv.Error as error:
        raise RuleFileError(NOT_A_TABLE) from error
    return table


def read_xlsx(content: bytes) -> list[list]:
    """Cells of a workbook's first sheet."""
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(part.file_size for part in archive.infolist())
        if size > MAX_UNPACKED_BYTES:
            raise RuleFileError(TOO_LARGE)
        book = openpyxl.load_workbook(
            io.BytesIO(content), read_only=True, data_only=True
        )
        sheet = book.worksheets[0]
        table = []
        for cells in sheet.iter_rows(values_only=True):
            table.append(list(cells))
            if len(table) > MAX_ROWS:
                raise RuleFileError(TOO_LARGE)
        return table
    except RuleFileError:
        raise
    except (
        Exception
    ) as error:  # a broken workbook raises anything, KeyError to XML errors
        raise RuleFileError(NOT_A_TABLE) from error


def parse(table) -> list[Line]:
    """The rules of a table whose first row names the columns; empty rows are left out.

    :param table: rows of cells: text, numbers, dates or None
    :raises RuleFileError: the first row does not name the columns
    """
    rows = enumerate(table, start=1)
    header = _read_header(next(rows, (0, ()))[1])
    lines = []
    for number, cells in rows:
        if not any(map(_text, cells)):
            continue
        try:
            lines.append(Line(number, parse_row(_by_column(header, cells))))
        except RowError as error:
            lines.append(Line(number, error=error))
    return lines


def _read_header(cells):
    header = [_text(cell).lower() for cell in cells]
    if not {"country", "product_class"} <= set(header):
        raise RuleFileError(NO_HEADER)
    names = [name for name in header if name]
    for position, name in enumerate(names):
        if name not in COLUMNS or name in names[:position]:
            raise RuleFileError(WRONG_COLUMN, name)
    return header


def _by_column(header, cells):
    """Column -> cell."""
    values = {}
    for name, cell in zip_longest(header, cells[: len(header)]):
        if name:
            values[name] = cell
        elif _text(cell):
            raise RowError(NO_COLUMN, "", _text(cell))
    for cell in filter(_text, cells[len(header) :]):
        raise RowError(NO_COLUMN, "", _text(cell))
    return values


def parse_row(values: dict) -> RuleRow:
    """One rule.

    :param values: column -> cell
    :raises RowError: something is missing, unreadable or contradicts itself
    """
    row = RuleRow(
        country=_country(values),
        product_class=_code(values),
        kind=_choice(values, "rule_type", KINDS, bounds.AGE),
        state=_text(values.get("state")),
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
        source=_text(values.get("source")),
        note=_text(values.get("note")),
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


def _text(value) -> str:
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
    text = _text(values.get("country")).upper()
    if not text:
        raise RowError(MISSING, "country")
    if not re.fullmatch("[A-Z]{2}", text):
        raise RowError(INVALID, "country", text)
    return text


def _code(values):
    text = _text(values.get("product_class"))
    if not text:
        raise RowError(MISSING, "product_class")
    return text


def _choice(values, column, choices, default):
    text = _text(values.get(column)).lower()
    if text and text not in choices:
        raise RowError(INVALID, column, text)
    return text or default


def _flag(values, column):
    text = _text(values.get(column)).lower()
    if text and text not in _YES:
        raise RowError(INVALID, column, text)
    return _YES.get(text, False)


def _age(values):
    text = _text(values.get("min_age"))
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
    text = _text(value)
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
    text = _text(values.get(column)).replace(",", ".")
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


def _unescape(cell):
    return cell[1:] if cell[:1] == "'" and cell[1:2] in tuple(_FORMULA) else cell


# === OUT === #


def write_csv(rows) -> bytes:
    """A CSV file of :class:`RuleRow`, the columns as they are read."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_escape(cell) for cell in format_row(row)])
    return stream.getvalue().encode("utf-8-sig")


def write_xlsx(rows) -> bytes:
    """A workbook of :class:`RuleRow`. Cells are text: a spreadsheet changes no date."""
    import xlsxwriter

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("age_rules")
        bold = book.add_format({"bold": True})
        for column, name in enumerate(COLUMNS):
            sheet.write_string(0, column, name, bold)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(format_row(row)):
                sheet.write_string(number, column, cell)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, 0, len(COLUMNS) - 1)
    return stream.getvalue()


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


def _escape(cell):
    """Text that a spreadsheet would take for a formula is written with an apostrophe."""
    return f"'{cell}" if cell[:1] in tuple(_FORMULA) else cell
