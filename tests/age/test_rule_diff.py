"""What a file of rules would change, and that taking it leaves nothing to change."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.age_verification.engine import rule_diff
from odoo.addons.age_verification.engine.rule_diff import Known, compare
from odoo.addons.age_verification.engine.rule_row import RuleRow

WINE = RuleRow("DK", "alcohol_wine", min_age=16, source="law", confidence="primary")
SPRING = date(2025, 4, 1)
TODAY = date(2026, 11, 22)


def known(*rows):
    return [Known(key, row) for key, row in enumerate(rows, start=1)]


def only(rules, *rows, **kwargs):
    (difference,) = compare(rules, list(rows), **kwargs)
    return difference


def test_a_rule_about_something_else_is_new():
    for changes in (
        {"country": "SE"},
        {"state": "AB"},
        {"product_class": "alcohol_beer"},
        {"abv_gt": Decimal(6)},
        {"abv_lte": Decimal(6)},
        {"distilled": "distilled"},
    ):
        found = only(known(WINE), replace(WINE, **changes))
        assert (found.status, found.key) == (rule_diff.NEW, None)


def test_the_same_rule_is_unchanged():
    assert only(known(WINE), WINE) == rule_diff.Difference("unchanged", WINE, 1)


def test_what_is_said_about_a_rule_changes_with_both_values():
    row = replace(WINE, source="act", confidence="secondary", min_age=17)
    found = only(known(WINE), row)
    assert found.status == rule_diff.CHANGED
    assert found.changes == (
        ("min_age", 16, 17),
        ("confidence", "primary", "secondary"),
        ("source", "law", "act"),
    )


def test_a_law_that_changed_ends_the_old_rule_the_day_before():
    """Denmark: wine moved from 16 to 18 on 1 April 2025."""
    found = only(known(WINE), replace(WINE, min_age=18, date_from=SPRING))
    assert (found.status, found.key) == (rule_diff.SUCCESSOR, 1)
    assert found.ends_on == date(2025, 3, 31)
    assert found.changes == (("min_age", 16, 18),)


def test_a_file_with_the_old_rule_as_well_speaks_for_itself():
    old = replace(WINE, date_to=date(2025, 3, 31))
    new = replace(WINE, min_age=18, date_from=SPRING)
    ended, added = compare(known(WINE), [old, new])
    assert (ended.status, ended.ends_on) == (rule_diff.ENDED, date(2025, 3, 31))
    assert (added.status, added.key) == (rule_diff.NEW, None)


def test_a_start_that_was_not_known_is_filled_in():
    found = only(known(WINE), replace(WINE, date_from=SPRING))
    assert found.changes == (("date_from", None, SPRING),)


def test_a_file_without_a_start_takes_none_away():
    found = only(known(replace(WINE, date_from=SPRING)), replace(WINE, note="x"))
    assert found.changes == (("note", "", "x"),)


def test_a_file_without_a_start_does_not_choose_between_rules():
    age = replace(WINE, date_from=SPRING)
    ban = replace(age, kind="prohibited", min_age=None)
    found = only(known(age, ban), replace(WINE, min_age=21))
    assert (found.status, found.key) == (rule_diff.CHANGED, 1)
    found = only(known(age, ban), replace(WINE, kind="calendar_year"))
    assert found.status == rule_diff.NEW


def test_columns_that_a_file_lacks_take_nothing_away():
    stands = replace(WINE, note="asked", seen_on=TODAY, needs_delivery_check=True)
    row = replace(WINE, min_age=17, given=frozenset({"min_age", "source", "seen_on"}))
    assert only(known(stands), row).changes == (("min_age", 16, 17),)


def test_an_age_and_a_cohort_of_one_day_stand_side_by_side():
    age = replace(WINE, min_age=21, date_from=SPRING)
    cohort = replace(age, kind="cohort", min_age=None, born_before=date(2007, 1, 1))
    assert not rule_diff.find_repeats([age, cohort])
    statuses = [d.status for d in compare(known(age), [age, cohort])]
    assert statuses == [rule_diff.UNCHANGED, rule_diff.NEW]
    statuses = [d.status for d in compare(known(cohort, age), [age, cohort])]
    assert statuses == [rule_diff.UNCHANGED, rule_diff.UNCHANGED]


def test_rows_that_repeat_or_contradict_others_are_found():
    rows = [WINE, replace(WINE, min_age=18), replace(WINE, date_from=SPRING), WINE]
    assert rule_diff.find_repeats(rows) == {1: 0, 3: 0}


def test_only_a_complete_file_ends_what_it_does_not_have():
    beer = replace(WINE, product_class="alcohol_beer")
    future = replace(beer, product_class="knife", date_from=date(2030, 1, 1))
    past = replace(beer, product_class="vape", date_to=date(2020, 1, 1))
    elsewhere = replace(beer, country="SE")
    rules = known(WINE, beer, future, past, elsewhere)
    assert len(compare(rules, [WINE])) == 1
    found = compare(rules, [WINE], missing_end=TODAY)[1:]
    assert [(d.status, d.key, d.ends_on) for d in found] == [
        (rule_diff.ENDED, 2, TODAY),
        (rule_diff.ENDED, 3, None),
    ]


def test_archived_rules_are_offered_back_and_never_doubled():
    found = only([Known(1, WINE, active=False)], WINE)
    assert (found.status, found.changes) == ("changed", (("active", False, True),))


starts = st.sampled_from([None, date(2020, 1, 1), SPRING, date(2030, 1, 1)])
rules_of_a_file = st.lists(
    st.builds(
        lambda product_class, kind, age, start, length, note: replace(
            WINE,
            product_class=product_class,
            kind=kind,
            min_age=age if kind == "age" else None,
            date_from=start,
            date_to=start and length and start + timedelta(days=length),
            note=note,
        ),
        st.sampled_from(["alcohol_wine", "knife"]),
        st.sampled_from(["age", "prohibited"]),
        st.integers(16, 21),
        starts,
        st.sampled_from([None, 100, 4000]),
        st.sampled_from(["", "x"]),
    ),
    max_size=6,
    unique_by=lambda row: (*rule_diff.identity(row), row.date_from, row.kind),
)


def take(rules, differences):
    """Do what the differences say, as the database would."""
    rows = {rule.key: rule.row for rule in rules}
    for difference in differences:
        if difference.status == rule_diff.SUCCESSOR:
            rows[difference.key] = replace(
                rows[difference.key], date_to=difference.ends_on
            )
        elif difference.key and difference.row:
            values = {name: value for name, _old, value in difference.changes}
            rows[difference.key] = replace(rows[difference.key], **values)
        if difference.status in (rule_diff.NEW, rule_diff.SUCCESSOR):
            rows[len(rows) + 1] = difference.row
    return [Known(key, row) for key, row in rows.items()]


@settings(max_examples=300, deadline=None)
@given(rules_of_a_file, rules_of_a_file)
def test_a_file_that_was_taken_changes_nothing_the_second_time(before, rows):
    rules = known(*before)
    taken = take(rules, compare(rules, rows))
    statuses = {difference.status for difference in compare(taken, rows)}
    assert statuses <= {rule_diff.UNCHANGED}


@given(rules_of_a_file)
def test_rules_compared_with_themselves_are_unchanged(rows):
    differences = compare(known(*rows), rows, missing_end=TODAY)
    assert [d.status for d in differences] == [rule_diff.UNCHANGED] * len(rows)
