"""Tables that makers download: as CSV and as a workbook. No cell is a formula."""

import csv
import io
from datetime import date
from decimal import Decimal

import xlsxwriter

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#: What a spreadsheet takes for the beginning of a formula.
_FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")
_WIDEST = 60


def to_file(kind, header, rows):
    """A table as a file.

    :param kind: ``csv`` or ``xlsx``
    :param rows: tuples of text, numbers, dates and None
    :return: content (bytes) and its type
    """
    if kind == "xlsx":
        return to_xlsx(header, rows), XLSX
    return to_csv(header, rows), CSV


def to_csv(header, rows):
    """A table as bytes (UTF-8 with mark).

    :param rows: tuples of text, numbers, dates and None
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(header)
    writer.writerows([_to_cell(value) for value in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")


def to_xlsx(header, rows):
    """A table as a workbook (bytes): dates are dates, and amounts numbers with as many
    decimals as they come with.

    :param rows: tuples of text, numbers, dates and None
    """
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        formats = {"date": book.add_format({"num_format": "yyyy-mm-dd"})}
        bold = book.add_format({"bold": True})
        widths = [len(title) for title in header]
        for column, title in enumerate(header):
            sheet.write_string(0, column, title, bold)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                _write(book, sheet, formats, (number, column), value)
                widths[column] = max(widths[column], len(str(value or "")))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(width + 2, _WIDEST))
        sheet.freeze_panes(1, 0)
    return stream.getvalue()


def _write(book, sheet, formats, place, value):
    if value is None or value is False:
        return
    if isinstance(value, date):
        sheet.write_datetime(*place, value, formats["date"])
    elif isinstance(value, Decimal):
        decimals = max(0, -value.as_tuple().exponent)
        if decimals not in formats:
            digits = "0" * decimals
            form = {"num_format": f"#,##0.{digits}" if decimals else "#,##0"}
            formats[decimals] = book.add_format(form)
        sheet.write_number(*place, float(value), formats[decimals])
    elif isinstance(value, int | float):
        sheet.write_number(*place, value)
    else:
        sheet.write_string(*place, str(value))


def _to_cell(value):
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA_MARKS):
        return f"'{value}"
    return "" if value is None or value is False else value
