"""When a notice may go out: office hours of the customer, working days of his country.

Pure functions on dates and times. Public holidays and weekends come from the package
`holidays`; where it knows neither country nor region, Monday to Friday are working
days and there are no holidays, so that an address nobody foresaw never stops a run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
import pytz

from .regions import COUNTRY_ZONE, DEFAULT_SUBDIVISION, STATE_SUBDIVISION, STATE_ZONE

_ONE_DAY = timedelta(days=1)
# The longest row of days off of any country is far shorter.
_HORIZON_DAYS = 366


@dataclass(frozen=True, slots=True)
class _Calendar:
    """Days off of one country or region in one calendar year."""

    weekends: frozenset[date]
    holidays: frozenset[date]


@lru_cache(maxsize=2048)
def _calendar(country: str, subdivision: str | None, year: int) -> _Calendar:
    # A calendar of the package fills itself year by year while it is read, which two
    # threads could see half done; ours is complete before anybody gets it.
    known = _package_calendar(country, subdivision, year)
    days = [date(year, 1, 1) + n * _ONE_DAY for n in range(366)]
    if known is None:
        return _Calendar(
            frozenset(day for day in days if day.weekday() > 4), frozenset()
        )
    # Some countries moved their weekend, some work on a Saturday before a long holiday.
    weekends = frozenset(day for day in days if known.is_weekend(day))
    return _Calendar(weekends - known.weekend_workdays, frozenset(known))


def _package_calendar(country, subdivision, year):
    regions = (subdivision, DEFAULT_SUBDIVISION.get(country), None)
    for region in dict.fromkeys((*filter(None, regions), None)):
        try:
            return holidays.country_holidays(
                country, subdiv=region, years=year, expand=False
            )
        except NotImplementedError:
            continue  # no such region; the country as a whole, or nothing at all
    return None


def _subdivision(country: str, state: str | None) -> str | None:
    """Code of the holiday region for the code of an address's state or province."""
    if not state:
        return None
    # Swiss addresses may name the canton with its language: ZH-FR.
    plain = state.split("-")[0] if country == "CH" else state
    return STATE_SUBDIVISION.get(country, {}).get(plain, plain)


def _day_calendar(day: date, country: str | None, state: str | None) -> _Calendar:
    code = (country or "").upper()
    return _calendar(code, _subdivision(code, (state or "").upper()), day.year)


def is_business_day(
    day: date,
    country: str | None,
    state: str | None = None,
    *,
    send_weekends: bool = False,
    respect_holidays: bool = True,
) -> bool:
    """Tell whether people work on a day in a country.

    :param country: ISO 3166-1 code of two letters; unknown or empty: Monday to Friday
    :param state: code of the state or province as in an address; unknown: none
    :param send_weekends: weekends count as working days
    :param respect_holidays: public holidays are no working days
    """
    calendar = _day_calendar(day, country, state)
    if respect_holidays and day in calendar.holidays:
        return False
    return send_weekends or day not in calendar.weekends


def business_days_between(
    start: date, end: date, country: str | None, state: str | None = None
) -> int:
    """Number of working days after `start` up to and including `end`; 0 if none.

    Friday to Monday is one: of a bank statement of Friday, one day is missing then.
    """
    if end <= start:
        return 0
    days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(is_business_day(day, country, state) for day in days)


def zone_name(
    partner_zone: str | None, country: str | None, state: str | None = None
) -> str | None:
    """Name of the time zone of a customer, None if nothing tells it.

    The customer's own zone comes first, then that of the state, then that of the
    country; of countries with several zones the one where most people live.
    """
    code = (country or "").upper()
    candidates = (
        partner_zone,
        STATE_ZONE.get(code, {}).get((state or "").upper()),
        COUNTRY_ZONE.get(code),
        next(iter(pytz.country_timezones.get(code, ())), None),
    )
    return next((name for name in candidates if name and _zone(name)), None)


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None  # no such zone, or a text that cannot name one


def _opening_time(hours: float) -> time:
    minutes = min(round(hours * 60), 24 * 60 - 1)
    return time(minutes // 60, minutes % 60)


@dataclass(frozen=True, slots=True)
class SendWindow:
    """Hours and days of one policy in which notices go out.

    `send_from` and `send_to` are hours of the day in the customer's time zone, 8.5 for
    half past eight; from the first on, before the second. ValueError unless
    0 <= send_from < send_to <= 24.
    """

    send_from: float = 9.0
    send_to: float = 17.0
    send_weekends: bool = False
    respect_holidays: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.send_from < self.send_to <= 24:
            raise ValueError("the sending hours must begin before they end")

    def _is_open_day(self, day: date, country: str | None, state: str | None) -> bool:
        return is_business_day(
            day,
            country,
            state,
            send_weekends=self.send_weekends,
            respect_holidays=self.respect_holidays,
        )

    def is_open(
        self,
        at_utc: datetime,
        zone: str | None,
        country: str | None = None,
        state: str | None = None,
    ) -> bool:
        """Tell whether a notice may go to a customer at this moment.

        :param at_utc: moment; without a zone of its own it is read as UTC
        :param zone: time zone of the customer; unknown or empty: UTC
        """
        local = _aware(at_utc).astimezone(_zone(zone or "UTC") or timezone.utc)
        hour = (local - local.replace(hour=0, minute=0, second=0, microsecond=0)) / (
            timedelta(hours=1)
        )
        return self.send_from <= hour < self.send_to and self._is_open_day(
            local.date(), country, state
        )

    def next_open(
        self,
        at_utc: datetime,
        zone: str | None,
        country: str | None = None,
        state: str | None = None,
    ) -> datetime:
        """Return the first moment from `at_utc` on in which a notice may go, in UTC.

        Where the clock jumps over the opening hour, that day opens up to as much later
        as it jumps. The result is naive if `at_utc` is.
        """
        tz = _zone(zone or "UTC") or timezone.utc
        start = _aware(at_utc).astimezone(timezone.utc)
        found = next(
            moment
            for moment in self._candidates(start, tz, country, state)
            if self.is_open(moment, zone, country, state)
        )
        return found.replace(tzinfo=None) if at_utc.tzinfo is None else found

    def _candidates(self, start, tz, country, state) -> Iterator[datetime]:
        first_day = start.astimezone(tz).date()
        for offset in range(_HORIZON_DAYS):
            day = first_day + offset * _ONE_DAY
            if not self._is_open_day(day, country, state):
                continue
            opening = datetime.combine(day, _opening_time(self.send_from), tz)
            # On the night when the clock goes back, an hour comes twice.
            for fold in (0, 1):
                moment = opening.replace(fold=fold).astimezone(timezone.utc)
                yield max(moment, start)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=timezone.utc)
    return moment
