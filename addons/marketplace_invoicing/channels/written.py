"""How a file writes its numbers and dates, decided once for the whole file.

``1.234`` is a thousand or a bit more than one, ``03/04/2026`` in March or in April. One cell does
not tell, all cells together mostly do. Show each of them to a witness, then ask for its verdict;
where they leave it open the file is refused, as a guess would be wrong by a factor of a thousand.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from .base import EARLIEST, LATEST, ChannelParseError
from .tables import to_number

_OTHER = {".": ",", ",": "."}
# What tables.to_number calls each sign that parts thousands.
_GROUP_NAMES = {"'": "'", "\u2019": "'", ".": ".", ",": ","}
_NUMBER = re.compile(r"\d[\d.,'\u2019\s]*\d|[.,]?\d+")
_SIGNS = re.compile(r"\D")
#: ISO 4217 currencies with three decimals: there ``1.234`` may well be an amount.
_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
_AMBIGUOUS = "a number that may be read in two ways; save the file with all decimals"
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
_CLOCK = re.compile(
    r"[T ]*(?:(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?(?: ?([AaPp])\.?[Mm]\.?)?)? *(.*)"
)
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?")
#: Hours that the abbreviations in use at Amazon and PayPal are ahead of UTC.
_HOURS = {
    "Z": 0,
    "UTC": 0,
    "GMT": 0,
    "WET": 0,
    "WEST": 1,
    "BST": 1,
    "CET": 1,
    "MEZ": 1,
    "CEST": 2,
    "MESZ": 2,
    "EET": 2,
    "EEST": 3,
    "JST": 9,
    "AEST": 10,
    "AEDT": 11,
    "EDT": -4,
    "EST": -5,
    "CDT": -5,
    "CST": -6,
    "MDT": -6,
    "MST": -7,
    "PDT": -7,
    "PST": -8,
}
# A date without a time is noon UTC: that day for nearly every clock on earth.
_NOON = 12
_NOT_A_DATE = "not a date"


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """``point`` and ``group`` as :func:`~.tables.to_number` takes them."""

    point: str = "."
    group: str = ""

    def read(self, text: str, where: str) -> Decimal:
        """:raises ChannelParseError: not a decimal written like this"""
        try:
            return _number(text, self.point, self.group)
        except ChannelParseError as error:
            raise ChannelParseError(error.reason, where) from error


@lru_cache(maxsize=4096)
def _number(text: str, point: str, group: str) -> Decimal:
    return to_number(text, point, group)


@dataclass(slots=True)
class NumberWitness:
    """Sees every number of a file and then tells how they are written."""

    #: Where a sign was first seen in a role that no other reading allows.
    points: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    #: Signs with three digits behind: thousands, or three decimals.
    open: dict[str, str] = field(default_factory=dict)

    def is_news(self, text: str) -> bool:
        """Whether :meth:`see` would learn from a number; saves telling where it stands."""
        point, group, unsure = _roles(text)
        return (
            bool(point and point not in self.points)
            or bool(group and group not in self.groups)
            or bool(unsure and unsure not in self.open)
        )

    def see(self, text: str, where: str) -> None:
        """Take up a number; what is none is passed over, reading it will say so."""
        point, group, unsure = _roles(text)
        if point:
            self.points.setdefault(point, where)
        if group:
            self.groups.setdefault(group, where)
        if unsure:
            self.open.setdefault(unsure, where)

    def decide(self, point: str = "", currency: str = "") -> NumberStyle:
        """Return how the file writes numbers.

        :param point: the decimal separator usual where the file comes from, if known
        :param currency: of the amounts, if known and only one
        :raises ChannelParseError: two ways in one file, or one that stays open
        """
        if len(self.points) > 1:
            raise ChannelParseError(
                "numbers with a decimal comma and with a decimal point in one file",
                max(self.points.values(), key=_line_of),
            )
        found = next(iter(self.points), "") or self._point_of_open(point, currency)
        groups = {
            _GROUP_NAMES.get(sign, " ")
            for sign in (*self.groups, *self.open)
            if sign != found
        }
        if len(groups) > 1:
            raise ChannelParseError(_AMBIGUOUS, next(iter(self.groups.values()), ""))
        return NumberStyle(found, next(iter(groups), ""))

    def _point_of_open(self, usual: str, currency: str) -> str:
        """Return the decimal separator of a file in which none is certain."""
        if not self.open:
            return usual or "."
        sign, where = next(iter(self.open.items()))
        # Three digits behind a sign are no decimals in a currency that has two or none.
        grouped = usual == _OTHER[sign] or (
            not usual and currency and currency not in _THREE_DECIMALS
        )
        if len(self.open) > 1 or not grouped:
            raise ChannelParseError(_AMBIGUOUS, where)
        return _OTHER[sign]


def _line_of(where: str) -> tuple[int, str]:
    number = re.search(r"\d+", where)
    return int(number[0]) if number else 0, where


@lru_cache(maxsize=4096)
def _roles(text: str) -> tuple[str, str, str]:
    """Return (decimal separator, group separator, sign that may be either); empty: not seen."""
    number = _NUMBER.search(text)
    digits = number[0] if number else ""
    signs = _SIGNS.findall(digits)
    kinds = list(dict.fromkeys(signs))
    if len(kinds) == 2:
        certain = kinds[1] in _OTHER and signs.count(kinds[1]) == 1
        return (kinds[1], kinds[0], "") if certain else ("", "", "")
    if len(kinds) != 1:
        return "", "", ""
    (sign,) = kinds
    if sign not in _OTHER:
        return "", sign, ""
    if len(signs) > 1:
        return _OTHER[sign], sign, ""
    head, _sign, tail = digits.partition(sign)
    if len(tail) == 3 and len(head) in (1, 2, 3) and not head.startswith("0"):
        return "", "", sign
    return sign, "", ""


@dataclass(frozen=True, slots=True)
class DateStyle:
    """``day_first``: whether ``03/04/2026`` is in April; None: such dates do not occur."""

    day_first: bool | None = None

    def read(self, text: str, where: str) -> datetime | None:
        """Return an aware datetime; None for an empty cell.

        Time and time zone may follow the date: ``16.06.2026 08:14:22 UTC``. A time without a
        zone is UTC.

        :raises ChannelParseError: not a date, an unknown zone, or outside 1990 to 2100
        """
        if not text:
            return None
        try:
            return _moment(text, self.day_first)
        except ChannelParseError as error:
            raise ChannelParseError(error.reason, where) from error


@dataclass(slots=True)
class DateWitness:
    """Sees every date of a file and then tells in which order they are written."""

    #: Whether the day comes first, with the first place that shows it.
    shown: dict[bool, str] = field(default_factory=dict)
    unsure: str = ""

    def is_news(self, text: str) -> bool:
        """Whether :meth:`see` would learn from a date; saves telling where it stands."""
        order = _day_first(text)
        return order not in self.shown if order is not None else not self.unsure

    def see(self, text: str, where: str) -> None:
        """Take up a date; what is none is passed over, reading it will say so."""
        order = _day_first(text)
        if order is not None:
            self.shown.setdefault(order, where)
        elif not self.unsure and _is_unsure(text):
            self.unsure = where

    def decide(self, usual: bool | None = None) -> DateStyle:
        """Return how the file writes dates.

        :param usual: whether the day comes first where the file comes from; None: not known
        :raises ChannelParseError: both ways in one file, or one that stays open
        """
        if len(self.shown) > 1:
            raise ChannelParseError(
                "dates with the day first and with the month first in one file",
                max(self.shown.values(), key=_line_of),
            )
        found = next(iter(self.shown), usual)
        if found is None and self.unsure:
            raise ChannelParseError(
                "a date that may be read in two ways, day or month first", self.unsure
            )
        return DateStyle(found)


@lru_cache(maxsize=4096)
def _day_first(text: str) -> bool | None:
    """Tell whether the day comes before the month; None where one date does not show it."""
    date = _YEAR_LAST.match(text)
    if not date or date[2] == ".":
        return None
    if int(date[1]) > 12:
        return True
    return False if int(date[3]) > 12 else None


def _is_unsure(text: str) -> bool:
    date = _YEAR_LAST.match(text)
    return bool(date and date[2] != "." and date[1] != date[3])


@lru_cache(maxsize=4096)
def _moment(text: str, day_first: bool | None) -> datetime:
    date = _YEAR_FIRST.match(text)
    if date:
        year, month, day = date[1], date[2], date[3]
    else:
        date = _YEAR_LAST.match(text)
        if not date:
            raise ChannelParseError(_NOT_A_DATE)
        year = date[4] if len(date[4]) == 4 else f"20{date[4]}"
        # A point always follows the day.
        swapped = date[2] != "." and day_first is False
        day, month = (date[3], date[1]) if swapped else (date[1], date[3])
    hour, minute, second, zone = _clock(text[date.end() :])
    try:
        moment = datetime(int(year), int(month), int(day), hour, minute, second)
        believable = EARLIEST <= moment.replace(tzinfo=zone) <= LATEST
    except (ValueError, OverflowError) as error:
        raise ChannelParseError(_NOT_A_DATE) from error
    if not believable:
        raise ChannelParseError("a date before 1990 or after 2100")
    return moment.replace(tzinfo=zone)


def _clock(text: str) -> tuple[int, int, int, tzinfo]:
    match = _CLOCK.fullmatch(text)
    if not match:
        raise ChannelParseError(_NOT_A_DATE)
    zone = _zone(match[5].strip()) if match[5] else timezone.utc
    if not match[1]:
        return _NOON, 0, 0, timezone.utc
    hour = int(match[1])
    if match[4]:
        if not 1 <= hour <= 12:
            raise ChannelParseError(_NOT_A_DATE)
        hour = hour % 12 + (12 if match[4] in "pP" else 0)
    return hour, int(match[2]), int(match[3] or 0), zone


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    if name.upper() in _HOURS:
        return timezone(timedelta(hours=_HOURS[name.upper()]))
    offset = _OFFSET.fullmatch(name.upper())
    if offset and int(offset[2]) < 15 and int(offset[3] or 0) < 60:
        ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return timezone(-ahead if offset[1] == "-" else ahead)
    if re.fullmatch(r"[A-Za-z_]+(?:/[A-Za-z_+-]+)+", name):
        with suppress(ValueError, OSError, LookupError):
            return ZoneInfo(name)
    raise ChannelParseError(f"unknown time zone {name[:40]!r}")
