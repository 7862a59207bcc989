"""The report as a spreadsheet: plain values in, bytes out; no Odoo."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import xlsxwriter

#: What the name of a sheet must not hold, and how long it may be.
NOT_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
SHEET_NAME_LENGTH = 31
#: Columns before the months.
HEADER = ("Company", "Currency", "Figure", "Unit", "Period")
WIDTHS = (24, 9, 40, 9, 14)
MONTH_WIDTH = 12


def write_workbook(report: dict[str, Any]) -> bytes:
    """Return the report of ``kpi.report._get_report`` as XLSX, with a sheet for each section.

    Figures are numbers, months and days are dates, and words are text even where they look
    like a formula. A figure without meaning is an empty cell.
    """
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        formats = _Formats(book)
        _write_period(book.add_worksheet("Period"), formats, report)
        for number, section in enumerate(report["sections"], start=1):
            # Two sections may begin alike; the names of sheets must differ.
            name = f"{number} {section['title']}".translate(NOT_IN_SHEET_NAMES)
            sheet = book.add_worksheet(name[:SHEET_NAME_LENGTH].strip())
            _write_section(sheet, formats, report["months"], section)
    return stream.getvalue()


class _Formats:
    """Looks of cells of one workbook."""

    def __init__(self, book):
        self.book = book
        self.head = book.add_format({"bold": True, "bottom": 1})
        self.month = book.add_format(
            {"bold": True, "bottom": 1, "num_format": "mmm yyyy"}
        )
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self._numbers = {}

    def number(self, value):
        """Look of a number with as many decimal places as its value has."""
        places = max(0, -Decimal(value).as_tuple().exponent)
        if places not in self._numbers:
            form = "#,##0" + ("." + "0" * places if places else "")
            self._numbers[places] = self.book.add_format({"num_format": form})
        return self._numbers[places]


def _write_period(sheet, formats, report):
    for row, (title, name) in enumerate((("From", "date_from"), ("To", "date_to"))):
        sheet.write_string(row, 0, title, formats.head)
        sheet.write_datetime(row, 1, date.fromisoformat(report[name]), formats.day)
    sheet.write_string(3, 0, "Company", formats.head)
    sheet.write_string(3, 1, "Currency", formats.head)
    for row, company in enumerate(report["companies"], start=4):
        sheet.write_string(row, 0, company["company"])
        sheet.write_string(row, 1, company["currency"])
    sheet.set_column(0, 1, WIDTHS[0])


def _write_section(sheet, formats, months, section):
    for column, title in enumerate(HEADER):
        sheet.write_string(0, column, title, formats.head)
        sheet.set_column(column, column, WIDTHS[column])
    for column, month in enumerate(months, start=len(HEADER)):
        sheet.write_datetime(
            0, column, date.fromisoformat(f"{month}-01"), formats.month
        )
        sheet.set_column(column, column, MONTH_WIDTH)
    sheet.freeze_panes(1, 3)
    rows = (
        (company, figure)
        for company in section["companies"]
        for figure in company["figures"]
    )
    for row, (company, figure) in enumerate(rows, start=1):
        words = (
            company["company"],
            company["currency"],
            figure["title"],
            figure["unit"],
        )
        for column, text in enumerate(words):
            sheet.write_string(row, column, text)
        values = (figure["value"], *(figure["months"][month] for month in months))
        for column, value in enumerate(values, start=len(words)):
            if value is not None:
                sheet.write_number(row, column, float(value), formats.number(value))
