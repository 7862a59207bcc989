"""What a customer types into a form, read strictly: no ``odoo``, no clock, no database.

Each function takes the text of one field and returns its value, or None when the text
is no such value. Nothing raises, whatever the text.
"""

import re
import unicodedata
from datetime import date
from decimal import Decimal

#: Longer texts are cut: a reason is a paragraph, not a file.
MAX_TEXT = 2000
#: Longer than any reference of a payment (140 characters in SEPA).
MAX_REFERENCE = 140

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_AMOUNT = re.compile(r"\d{1,12}(?:[.,]\d{1,6})?", re.ASCII)
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NUMBER = re.compile(r"\d{1,10}", re.ASCII)


def read_date(text):
    """A day as date fields of browsers send it, such as ``2026-06-15``.

    :rtype: datetime.date | None
    """
    text = str(text or "").strip()
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_amount(text):
    """A positive amount without thousands separators, with a point or a comma.

    ``1.234`` is one and a bit: number fields of browsers send no separators.

    :rtype: decimal.Decimal | None
    """
    text = str(text or "").strip()
    if not _AMOUNT.fullmatch(text):
        return None
    amount = Decimal(text.replace(",", "."))
    return amount if amount > 0 else None


def read_id(text):
    """Number of a record, as the form's own choices send it.

    :rtype: int | None
    """
    text = str(text or "").strip()
    return int(text) if _NUMBER.fullmatch(text) and int(text) < 2**31 else None


def read_text(text, limit=MAX_TEXT):
    """Text of a person without control characters, at most so many characters long.

    The database refuses NUL, and characters that turn the direction could make a text
    look like something else. Line breaks stay, and the joiners that some scripts need.

    :rtype: str | None
    """
    text = str(text or "").replace("\r\n", "\n").replace("\r", "\n")
    kept = (
        char
        for char in text.replace("\t", " ")
        if char == "\n"
        or (unicodedata.category(char) not in ("Cc", "Cs") and char not in _TURNING)
    )
    return "".join(kept).strip()[:limit] or None


def read_line(text, limit=MAX_REFERENCE):
    """Like :func:`read_text`, on one line.

    :rtype: str | None
    """
    return " ".join((read_text(text) or "").split())[:limit] or None
