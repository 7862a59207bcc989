"""What a file of rules would change about those that stand. Pure.

Two rules are about the same when their place, products, strength and way of making agree.
A law that changed is not overwritten: the rule that stood ends the day before, so that the
sales of its time can still be judged by it.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from .rule_row import RuleRow

NEW = "new"
SUCCESSOR = "successor"
CHANGED = "changed"
ENDED = "ended"
UNCHANGED = "unchanged"

#: What the law asks.
ASKED = ("kind", "min_age", "born_before")
FACTS = (
    *ASKED,
    "date_from",
    "date_to",
    "needs_delivery_check",
    "confidence",
    "source",
    "seen_on",
    "note",
)
#: Fact -> column of a file, where their names differ.
COLUMN_OF = {
    "kind": "rule_type",
    "date_from": "effective_from",
    "date_to": "effective_to",
    "needs_delivery_check": "delivery_check",
    "confidence": "verified",
}
#: Empty says that it was not read, which takes nothing away.
NOT_READ = ("date_from", "seen_on")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Known:
    """A rule that stands: what identifies it, and its facts."""

    key: int
    row: RuleRow
    active: bool = True


@dataclass(frozen=True, slots=True)
class Difference:
    """What is to be done about one rule.

    :param status: one of the words of this module
    :param row: the rule of the file, None where the file has none
    :param key: the rule that stands, None for a new one; of a successor, the one it ends
    :param changes: (fact, value that stands, value of the file)
    :param ends_on: last day of the rule that stands; with ``ended`` and None, it is
        archived, for it has not begun
    """

    status: str
    row: RuleRow | None
    key: int | None = None
    changes: tuple = ()
    ends_on: date | None = None


def identity(row: RuleRow) -> tuple:
    """What a rule is about."""
    return (
        row.country,
        row.state,
        row.product_class,
        row.abv_gt,
        row.abv_lte,
        row.distilled,
    )


def find_repeats(rows) -> dict[int, int]:
    """Position of each row that says what one before says or contradicts -> the first's.

    Two rules of one day about the same stand side by side when their kinds differ, as an
    age and a cohort do.
    """
    first, repeats = {}, {}
    for position, row in enumerate(rows):
        key = (*identity(row), row.date_from, row.kind)
        if key in first:
            repeats[position] = first[key]
        else:
            first[key] = position
    return repeats


def compare(known, rows, missing_end=None) -> list[Difference]:
    """What each row would change, in the order of the rows, then the rules that end.

    :param known: :class:`Known` rules
    :param rows: :class:`RuleRow` without repeats, their states written as those of the
        known rules
    :param date missing_end: when the file is complete for its countries, the last day of
        the rules of these countries that it does not have
    """
    standing = defaultdict(list)
    for rule in known:
        standing[identity(rule.row)].append(rule)
    pairs = _pair(standing, rows)
    paired = {rule.key for rule in pairs.values()}
    differences = []
    for position, row in enumerate(rows):
        rule = pairs.get(position)
        if rule:
            differences.append(_difference(rule, row))
        else:
            differences.append(_addition(standing[identity(row)], paired, row))
    if missing_end:
        touched = paired | {difference.key for difference in differences}
        differences += _missing(known, rows, touched, missing_end)
    return differences


def _pair(standing, rows):
    """Position of a row -> the known rule it speaks of; the surest pairs first."""
    pairs, taken = {}, set()
    for fits in (_same_kind_and_start, _same_start, _same_law_start_read, _no_start):
        for position, row in enumerate(rows):
            if position in pairs:
                continue
            same = standing[identity(row)]
            found = fits(same, [r for r in same if r.key not in taken], row)
            if found:
                pairs[position] = found
                taken.add(found.key)
    return pairs


def _same_kind_and_start(same, free, row):
    return next((r for r in _same_starts(free, row) if r.row.kind == row.kind), None)


def _same_start(same, free, row):
    return next(iter(_same_starts(free, row)), None)


def _same_starts(free, row):
    return [rule for rule in free if rule.row.date_from == row.date_from]


def _same_law_start_read(same, free, row):
    """A rule whose start was not known, and now is."""
    return next(
        (r for r in free if r.row.date_from is None and _asked(r.row) == _asked(row)),
        None,
    )


def _no_start(same, free, row):
    """The one open rule that a file can mean which does not know its start."""
    if row.date_from is not None:
        return None
    still_open = [rule for rule in free if rule.row.date_to is None]
    alike = [rule for rule in still_open if rule.row.kind == row.kind]
    # Of another kind only when there is nothing else that it could be.
    candidates = alike or (still_open if len(same) == 1 else [])
    return candidates[0] if len(candidates) == 1 else None


def _asked(row):
    return tuple(getattr(row, name) for name in ASKED)


def _difference(rule, row):
    changes = tuple(
        (name, getattr(rule.row, name), getattr(row, name))
        for name in FACTS
        if getattr(rule.row, name) != getattr(row, name)
        and COLUMN_OF.get(name, name) in row.given
        and not (name in NOT_READ and getattr(row, name) is None)
    )
    if not rule.active:
        changes = (*changes, ("active", False, True))
    if not changes:
        return Difference(UNCHANGED, row, rule.key)
    ends = rule.row.date_to is None and row.date_to is not None
    if ends and [name for name, _old, _new in changes] == ["date_to"]:
        return Difference(ENDED, row, rule.key, changes, row.date_to)
    return Difference(CHANGED, row, rule.key, changes)


def _addition(same, paired, row):
    """A new rule, and the end of the one that stands when this one follows it."""
    if row.date_from is None or row.date_from == date.min:
        return Difference(NEW, row)
    last_day = row.date_from - DAY
    before = [
        rule
        for rule in same
        if rule.active
        and rule.key not in paired
        and (rule.row.date_from or date.min) <= last_day
        and (rule.row.date_to is None or rule.row.date_to > last_day)
    ]
    if not before:
        return Difference(NEW, row)
    rule = max(before, key=lambda rule: rule.row.date_from or date.min)
    changes = tuple(
        (name, getattr(rule.row, name), getattr(row, name))
        for name in ASKED
        if getattr(rule.row, name) != getattr(row, name)
    )
    return Difference(SUCCESSOR, row, rule.key, changes, last_day)


def _missing(known, rows, touched, last_day):
    countries = {row.country for row in rows}
    for rule in known:
        if rule.key in touched or not rule.active or rule.row.country not in countries:
            continue
        if rule.row.date_to is not None and rule.row.date_to <= last_day:
            continue
        started = (rule.row.date_from or date.min) <= last_day
        yield Difference(ENDED, None, rule.key, ends_on=last_day if started else None)
