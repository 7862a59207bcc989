"""Read delimited text and XLSX sheets: a header, then rows that know their line.

Text arrives here as UTF-8, see :mod:`.intake`. Cells of text files are ``str``, cells of sheets
keep the type that the sheet gives them. :func:`to_number` reads the numbers people write.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import openpyxl
from lxml import etree
from openpyxl.utils.exceptions import InvalidFileException

from .base import ChannelParseError, to_decimal

SNIFFED_ROWS = 5
DELIMITERS = ("\t", ",", ";", "|")
LARGEST_CELL = 10**6
# One unclosed quote makes a row of the whole rest of the file.
LARGEST_ROW = 4 * 10**6
TOO_LARGE = "a cell that is too large; is a quote not closed?"
MOST_COLUMNS = 2000
# Excel keeps 15 significant digits of a number; what lies behind comes from the binary float.
EXCEL_DIGITS = ".15g"
_SPACES = "\u00a0\u2007\u2009\u202f "
_APOSTROPHES = "'\u2019"
_LONGEST_NUMBER = 64
# All of Unicode's category Sc.
_CURRENCY_SIGNS = re.compile(
    "[$\u00a2-\u00a5\u058f\u060b\u07fe\u07ff\u09f2\u09f3\u09fb\u0af1\u0bf9\u0e3f\u17db"
    "\u20a0-\u20c0\ua838\ufdfc\ufe69\uff04\uffe0\uffe1\uffe5\uffe6]"
)
_GROUPS = {"": "", " ": _SPACES, "'": _APOSTROPHES, ".": ".", ",": ","}
# What openpyxl lets through on a damaged workbook. Only calls of it are guarded.
_BROKEN_XLSX = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BadZipFile,
    EOFError,
    InvalidFileException,
    LookupError,
    NotImplementedError,
    OSError,
    ParseError,
    RuntimeError,
    TypeError,
    ValueError,
    etree.LxmlError,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row; ``line`` is the line of the file, or the row of the sheet, where it begins."""

    line: int
    cells: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """``columns`` are distinct; ``rows`` can be read once, none shorter than the header."""

    columns: tuple[str, ...]
    rows: Iterator[Row]
    delimiter: str = ""


def read_text(
    source: BinaryIO,
    *,
    delimiter: str = "",
    quoted: bool = True,
    skip_lines: int = 0,
    columns: Collection[str] = (),
) -> Table:
    """Return the table of a UTF-8 text.

    :param delimiter: empty: the one that splits the header best
    :param quoted: False for files that use ``"`` as an ordinary character (Amazon's flat files)
    :param skip_lines: lines above the header
    :param columns: header names that the right delimiter is expected to show
    :raises ChannelParseError: no header, or (while reading ``rows``) a row that cannot be read
    """
    delimiter = delimiter or sniff(source, skip_lines=skip_lines, columns=columns)
    rows = _text_rows(source, delimiter, quoted)
    return _table(rows, skip_lines, delimiter)


def sniff(
    source: BinaryIO, *, skip_lines: int = 0, columns: Collection[str] = ()
) -> str:
    """Return the delimiter that suits a table best.

    It is the one that shows most of ``columns`` in the header, splits the header at all, splits
    the first rows like the header, and splits it most; in this order.
    """
    wanted = set(columns)

    def suits(delimiter: str) -> tuple[int, bool, int, int]:
        rows = _text_rows(source, delimiter, quoted=True, strict=True)
        try:
            header = _table(rows, skip_lines).columns
            alike = sum(
                len(row.cells) == len(header) for row in islice(rows, SNIFFED_ROWS)
            )
        except ChannelParseError:
            return (0, False, 0, 0)
        return (len(wanted.intersection(header)), len(header) > 1, alike, len(header))

    return max(DELIMITERS, key=suits)


def _text_rows(
    source: BinaryIO, delimiter: str, quoted: bool, strict: bool = False
) -> Iterator[Row]:
    lines = _Lines(source)
    quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    reader = csv.reader(lines, delimiter=delimiter, quoting=quoting, strict=strict)
    while True:
        begin = lines.number + 1
        lines.row_length = 0
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ChannelParseError(_csv_reason(error), f"line {begin}") from error
        if cells:
            yield Row(begin, tuple(cells))


def _csv_reason(error: csv.Error) -> str:
    text = str(error)
    # The csv module has a limit of its own, 128 KB unless the process has raised it as Odoo does.
    if "field larger" in text:
        return TOO_LARGE
    if "new-line" in text:
        return "a lone carriage return; save the file with other line ends"
    return f"not a readable row: {text}"


class _Lines:
    """The lines of a text, numbered, with a limit on how much of it makes one row."""

    def __init__(self, source: BinaryIO):
        source.seek(0)
        self._source = source
        self.number = 0
        self.row_length = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._source.readline(LARGEST_ROW)
        if not line:
            raise StopIteration
        self.number += 1
        self.row_length += len(line)
        place = f"line {self.number}"
        if self.row_length >= LARGEST_ROW:
            raise ChannelParseError(TOO_LARGE, place)
        if b"\0" in line:
            raise ChannelParseError("a NUL byte, this is not a text file", place)
        try:
            return line.decode("utf-8-sig" if self.number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise ChannelParseError("text that is not UTF-8", place) from error


def _table(rows: Iterator[Row], skip_lines: int, delimiter: str = "") -> Table:
    for row in rows:
        if row.line > skip_lines and not all(map(is_blank, row.cells)):
            return Table(
                _distinct(row), _even(rows, len(_trimmed(row.cells))), delimiter
            )
    raise ChannelParseError("no header row", f"line {skip_lines + 1}")


def _distinct(header: Row) -> tuple[str, ...]:
    """Name the columns: nameless ones by position, repeated ones by a number."""
    cells = _trimmed(header.cells)
    if len(cells) > MOST_COLUMNS:
        raise ChannelParseError(
            f"more than {MOST_COLUMNS} columns", f"line {header.line}"
        )
    names: dict[str, None] = {}
    for position, cell in enumerate(cells, start=1):
        base = name = (
            "" if cell is None else str(cell)
        ).strip() or f"column {position}"
        count = 1
        while name in names:
            count += 1
            name = f"{base} ({count})"
        names[name] = None
    return tuple(names)


def _even(rows: Iterator[Row], width: int) -> Iterator[Row]:
    """Fill short rows up; filled cells beyond the header stay, so that the reader can object."""
    for row in rows:
        if all(map(is_blank, row.cells)):
            continue
        cells = row.cells
        for cell in cells:
            if isinstance(cell, str) and len(cell) > LARGEST_CELL:
                raise ChannelParseError(TOO_LARGE, f"line {row.line}")
        if len(cells) < width:
            cells = (*cells, *[""] * (width - len(cells)))
        elif len(cells) > width:
            cells = (*cells[:width], *_trimmed(cells[width:]))
        yield Row(row.line, cells)


def is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _trimmed(cells: Sequence[Any]) -> tuple[Any, ...]:
    """Leave out blank cells at the end."""
    end = len(cells)
    while end and is_blank(cells[end - 1]):
        end -= 1
    return tuple(cells[:end])


def write_text(
    rows: Iterable[Sequence[str]], delimiter: str, quoted: bool = True
) -> str:
    """Return delimited text that :func:`read_text` reads to the same cells."""
    if not quoted:
        return "".join(delimiter.join(row) + "\n" for row in rows)
    out = io.StringIO()
    # Both characters in the line end, so that a cell with either is quoted.
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def read_xlsx(source: BinaryIO, *, sheet: str = "", skip_lines: int = 0) -> Table:
    """Return the table of a workbook's sheet: the named one, or the first that is visible.

    Cells are str, int, Decimal, bool, naive datetime or None; formulas give their last value.

    :raises ChannelParseError: not a workbook, no such sheet, no header
    """
    return _table(_sheet_rows(source, sheet), skip_lines)


def _sheet_rows(source: BinaryIO, sheet: str) -> Iterator[Row]:
    source.seek(0)
    try:
        workbook = openpyxl.load_workbook(source, read_only=True, data_only=True)
        worksheet = _worksheet(workbook, sheet)
        # The size that a sheet claims is often wrong.
        worksheet.reset_dimensions()
        rows = worksheet.iter_rows(max_col=MOST_COLUMNS + 1)
    except ChannelParseError:
        raise
    except _BROKEN_XLSX as error:
        raise ChannelParseError("not a readable XLSX workbook") from error
    number = 0
    while True:
        number += 1
        try:
            row = next(rows, None)
            cells = None if row is None else tuple(_cell(cell.value) for cell in row)
        except _BROKEN_XLSX as error:
            raise ChannelParseError(
                "not a readable XLSX sheet", f"line {number}"
            ) from error
        if cells is None:
            return
        if cells:
            yield Row(number, _trimmed(cells))


def _worksheet(workbook: Any, sheet: str) -> Any:
    if sheet and sheet not in workbook.sheetnames:
        raise ChannelParseError(f"no sheet named {sheet!r}")
    if sheet:
        return workbook[sheet]
    for worksheet in workbook.worksheets:
        if worksheet.sheet_state == "visible":
            return worksheet
    raise ChannelParseError("no visible sheet")


def _cell(value: Any) -> Any:
    """Turn what openpyxl gives into exact, plain values."""
    if isinstance(value, float):
        return Decimal(format(value, EXCEL_DIGITS))
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, (time, timedelta)):
        return str(value)
    return value


def normalise(name: str) -> str:
    """Return a header name for comparing: lower case, no accents, words parted by one space."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    plain = unicodedata.normalize("NFKD", spaced.casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(re.findall(r"\w+", plain.replace("_", " ")))


def to_number(
    value: object, point: str = ".", group: str = "", where: str = ""
) -> Decimal:
    """Return the number that a person or a program wrote in a table.

    Numbers come as they are. In text, ``point`` is the decimal separator and ``group`` what may
    part the thousands (``""``, ``"."``, ``","``, ``" "`` or ``"'"``); nothing is guessed, ``1,5``
    with a point of ``.`` is an error. A currency sign is passed over; ``-5``, ``5-``, ``(5)`` are
    negative.

    :raises ChannelParseError: not a decimal
    """
    if not isinstance(value, str):
        return to_decimal(value, where)
    negative, digits = _unsigned(value)
    if len(digits) > _LONGEST_NUMBER or not _number_pattern(point, group).fullmatch(
        digits
    ):
        raise ChannelParseError("not a decimal", where)
    for sign in _GROUPS[group]:
        digits = digits.replace(sign, "")
    number = to_decimal(digits.replace(point, "."), where)
    return -number if negative else number


def _unsigned(text: str) -> tuple[bool, str]:
    """Return whether a number is negative, and it without sign and currency."""
    text = _CURRENCY_SIGNS.sub("", text).replace("\u2212", "-").strip()
    if text[:1] == "(" and text[-1:] == ")":
        return True, text[1:-1].strip(_SPACES)
    if text[:1] == "-":
        return True, text[1:].strip(_SPACES)
    if text[-1:] == "-":
        return True, text[:-1].strip(_SPACES)
    return False, text.removeprefix("+").strip(_SPACES)


@lru_cache(maxsize=32)
def _number_pattern(point: str, group: str) -> re.Pattern[str]:
    # The last group has three digits; those before may have two, as in India.
    whole = r"[0-9]+"
    if group:
        sign = f"[{re.escape(_GROUPS[group])}]"
        whole = rf"(?:[0-9]+|[0-9]{{1,3}}(?:{sign}[0-9]{{2,3}})*{sign}[0-9]{{3}})"
    point = re.escape(point)
    return re.compile(rf"(?:{whole}(?:{point}[0-9]*)?|{point}[0-9]+)")
