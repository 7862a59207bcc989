"""Birth bounds: what is known of a buyer's age without a date of birth. Pure.

"Over 18, proved on 22 November 2026" says that somebody was born on or before 22 November
2008. Only this bound is kept. A law, on a day, asks for a bound as well, and the buyer is
of age when the bound that is proved is on or before the one that is required. One
comparison serves ages, calendar years and cohorts, and a proof ripens by itself.

Who is born on 29 February comes of age on 1 March of a common year.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

AGE = "age"
CALENDAR_YEAR = "calendar_year"
COHORT = "cohort"
PROHIBITED = "prohibited"
KINDS = (AGE, CALENDAR_YEAR, COHORT, PROHIBITED)

#: The bound that nobody meets: required where a sale is prohibited.
NOBODY = date.min
#: Nobody is asked to be older than this.
MAX_AGE = 99


def years_before(day: date, years: int) -> date:
    """The same day so many years before; 28 February when that year has no 29th."""
    return day - relativedelta(years=years)


def check_age(age: int) -> int:
    """The age, when a law or a provider may ask for it.

    :raises ValueError: it is negative or above :data:`MAX_AGE`
    """
    if not 0 <= age <= MAX_AGE:
        raise ValueError(f"no age that is asked for: {age}")
    return age


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a law asks of a buyer.

    :param kind: one of :data:`KINDS`
    :param age: full years for ``age``; for ``calendar_year``, the age that is reached in
        the course of the year counts from 1 January on (Korea's Youth Protection Act,
        article 2)
    :param born_before: for ``cohort``, the first birthday that is excluded for ever
    :raises ValueError: what the kind needs is missing
    """

    kind: str
    age: int | None = None
    born_before: date | None = None

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of requirement: {self.kind}")
        if self.kind in (AGE, CALENDAR_YEAR):
            if self.age is None:
                raise ValueError(f"{self.kind} without an age")
            check_age(self.age)
        if self.kind == COHORT and self.born_before is None:
            raise ValueError("cohort without a date")

    def bound_on(self, day: date) -> date:
        """Last birthday of those who may buy on this day."""
        if self.kind == AGE:
            return years_before(day, self.age)
        if self.kind == CALENDAR_YEAR:
            return date(day.year - self.age, 12, 31)
        if self.kind == COHORT:
            # Nobody was born before the first day there is.
            return max(self.born_before, date.min + timedelta(days=1)) - timedelta(1)
        return NOBODY

    def met_from(self, bound: date) -> date | None:
        """First day on which who was born on ``bound`` may buy, or None for never."""
        if self.kind == AGE:
            day = bound + relativedelta(years=self.age)
            # 29 February is clipped to the 28th, which is a day too early.
            return day if self.bound_on(day) >= bound else day + timedelta(days=1)
        if self.kind == CALENDAR_YEAR:
            return date(bound.year + self.age, 1, 1)
        if self.kind == COHORT:
            return date.min if bound < self.born_before else None
        return None


def bound_of_age(age: int, proved_on: date) -> date:
    """The bound that "over ``age``", proved on this day, stands for.

    :raises ValueError: the age is out of range
    """
    return years_before(proved_on, check_age(age))


def is_met(bound: date | None, required: date) -> bool:
    """Whether a proved bound (None: nothing is proved) meets a required one."""
    return bound is not None and bound <= required


def age_to_ask(required: date, day: date) -> int | None:
    """The lowest age to have proved on this day so that the bound is met.

    :return: full years, or None when no age that is asked for would do
    """
    if required == NOBODY:
        return None
    years = max(day.year - required.year, 0)
    for age in (years, years + 1):
        if age <= MAX_AGE and years_before(day, age) <= required:
            return age
    return None
