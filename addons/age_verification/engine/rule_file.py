"""Rules as rows of a file: CSV or XLSX in, values out, and back. Pure.

A file has a header with some of the names of :data:`rule_row.COLUMNS` in any order. A row
that cannot be read does not stop the others: it is returned with the reason. Nothing is
left out silently, neither a column of another name nor a cell without a column. What is
written reads back as the same rows.
"""

import csv
import io
import zipfile
from dataclasses import dataclass
from itertools import zip_longest

from .rule_row import (
    COLUMNS,
    NO_COLUMN,
    RowError,
    RuleRow,
    format_row,
    parse_row,
    text_of,
)

MAX_BYTES = 5_000_000
MAX_UNPACKED_BYTES = 50_000_000
MAX_ROWS = 20_000

# Why a file cannot be read.
TOO_LARGE = "too_large"
NOT_A_TABLE = "not_a_table"
NO_HEADER = "no_header"
WRONG_COLUMN = "wrong_column"

#: What begins a formula in a spreadsheet, and the sign that it is none.
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
        if not any(map(text_of, cells)):
            continue
        try:
            lines.append(Line(number, parse_row(_by_column(header, cells))))
        except RowError as error:
            lines.append(Line(number, error=error))
    return lines


def _read_header(cells):
    header = [text_of(cell).lower() for cell in cells]
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
        elif text_of(cell):
            raise RowError(NO_COLUMN, "", text_of(cell))
    for cell in filter(text_of, cells[len(header) :]):
        raise RowError(NO_COLUMN, "", text_of(cell))
    return values


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


def _escape(cell):
    """Text that a spreadsheet would take for a formula is written with an apostrophe."""
    return f"'{cell}" if cell[:1] in tuple(_FORMULA) else cell
