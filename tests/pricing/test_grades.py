"""Grades: earned by turnover, lost at once by lateness, won back slowly."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.artisan_pricing.engine.grades import (
    EARNED,
    FIRST,
    KEPT,
    LATE,
    SCORE,
    SCORE_FELL,
    WAITING,
    Grade,
    Invoice,
    Policy,
    Standing,
    TermsError,
    judge,
    score,
)
from odoo.addons.artisan_pricing.engine.money import PricingError

D = Decimal
DAY = date(2026, 11, 22)
BRONZE = Grade("bronze", D(0), 14, D(500))
SILVER = Grade("silver", D(40), 30, D(2000))
GOLD = Grade("gold", D(80), 45, D(5000))
POLICY = Policy((BRONZE, SILVER, GOLD), full_turnover=D(10_000))


def ago(days):
    return DAY - timedelta(days=days)


def invoice(key, issued_ago, amount, late=0, paid=True, **values):
    """An invoice due 30 days after it was issued, paid so many days after that."""
    issued = ago(issued_ago)
    due = issued + timedelta(days=30)
    return Invoice(
        key,
        issued,
        due,
        D(amount),
        due + timedelta(days=late) if paid else None,
        **values,
    )


def gold_since(days=400, judged=1):
    return Standing("gold", ago(days), ago(judged))


def codes(judgement):
    return [each.code for each in judgement.reasons]


def test_w20_one_invoice_over_15_days_late_turns_gold_into_silver():
    history = [
        invoice("paid", 200, 9000),
        # Due 16 days ago: today it is more than 15 days late.
        invoice("late", 46, 1000, paid=False),
    ]
    made = judge(POLICY, history, DAY, gold_since())
    # 100 points of turnover, less 16 days on a tenth of it.
    assert made.score.points == D("98.4")
    assert made.grade == SILVER
    assert made.standing == Standing("silver", DAY, DAY)
    assert codes(made) == [SCORE, LATE]
    assert str(made.reasons[1]) == "invoice_late: invoice late, days 16"


def test_fifteen_days_late_costs_no_grade_yet():
    history = [invoice("paid", 200, 9000), invoice("late", 45, 1000, paid=False)]
    made = judge(POLICY, history, DAY, gold_since())
    assert (made.grade, codes(made)) == (GOLD, [SCORE, KEPT])


def test_an_invoice_costs_a_grade_only_once():
    history = [invoice("paid", 200, 9000), invoice("late", 46, 1000, paid=False)]
    first = judge(POLICY, history, DAY, gold_since())
    tomorrow = DAY + timedelta(days=1)
    second = judge(POLICY, history, tomorrow, first.standing)
    assert second.grade == SILVER
    assert second.standing == Standing("silver", DAY, tomorrow)
    assert codes(second) == [SCORE, WAITING]


def test_each_invoice_that_gets_too_late_costs_a_grade_down_to_the_lowest():
    history = [invoice("paid", 200, 9000)]
    history += [invoice(f"late{n}", 46, 100, paid=False) for n in range(3)]
    made = judge(POLICY, history, DAY, gold_since())
    assert made.grade == BRONZE
    assert codes(made) == [SCORE, LATE, LATE, LATE]


def test_an_invoice_that_was_paid_too_late_since_the_last_judgement_counts():
    history = [invoice("paid", 200, 9000), invoice("late", 60, 1000, late=20)]
    made = judge(POLICY, history, DAY, gold_since(judged=30))
    assert made.grade == SILVER
    made = judge(POLICY, history, DAY, gold_since(judged=5))
    assert made.grade == GOLD


def test_a_score_that_falls_costs_the_grades_it_no_longer_reaches():
    made = judge(POLICY, [invoice("small", 100, 1000)], DAY, gold_since())
    assert made.grade == BRONZE
    assert codes(made) == [SCORE, SCORE_FELL]


def test_lateness_that_lowers_the_score_as_well_is_not_counted_twice():
    history = [invoice("paid", 200, 7000), invoice("late", 80, 2000, paid=False)]
    made = judge(POLICY, history, DAY, gold_since(judged=60))
    # 90 points of turnover, less 50 days on two ninths of it: below 80, above 40.
    assert made.score.points == D("78.9")
    assert made.grade == SILVER


@pytest.mark.parametrize(
    ("since", "late_until", "grade", "code"),
    [
        (180, None, SILVER, EARNED),
        (179, None, BRONZE, WAITING),
        (400, 180, SILVER, EARNED),
        (400, 179, BRONZE, WAITING),
    ],
)
def test_one_grade_is_won_after_the_stated_time_without_lateness(
    since, late_until, grade, code
):
    history = [invoice("paid", 100, 12_000)]
    if late_until:
        history.append(invoice("late", late_until + 31, 10, late=1))
    standing = Standing("bronze", ago(since), ago(1))
    made = judge(POLICY, history, DAY, standing)
    assert made.grade == grade
    assert codes(made) == [SCORE, code]


def test_waiting_names_the_day_from_which_the_grade_is_won():
    standing = Standing("bronze", ago(170), ago(1))
    made = judge(POLICY, [invoice("paid", 100, 12_000)], DAY, standing)
    until = DAY + timedelta(days=10)
    assert made.reasons[1].figures == (("earned", "gold"), ("until", until))
    later = judge(POLICY, [invoice("paid", 100, 12_000)], until, made.standing)
    assert later.grade == SILVER


def test_a_first_judgement_gives_what_is_earned_less_what_was_late():
    history = [invoice("paid", 200, 12_000)]
    made = judge(POLICY, history, DAY)
    assert (made.grade, codes(made)) == (GOLD, [SCORE, FIRST])
    made = judge(POLICY, [*history, invoice("late", 90, 10, late=16)], DAY)
    assert (made.grade, codes(made)) == (SILVER, [SCORE, FIRST, LATE])


def test_a_customer_without_history_has_the_lowest_grade():
    made = judge(POLICY, [], DAY)
    assert made.grade == BRONZE
    assert made.score.points == 0


def test_a_second_judgement_on_the_same_day_says_the_same():
    history = [invoice("paid", 200, 9000), invoice("late", 46, 1000, paid=False)]
    first = judge(POLICY, history, DAY, gold_since())
    second = judge(POLICY, history, DAY, first.standing)
    assert (second.grade, second.standing) == (first.grade, first.standing)


def test_grades_may_differ_in_their_limit_only():
    higher = replace(SILVER, key="higher", min_score=D(100), credit_limit=D(9000))
    policy = Policy((BRONZE, SILVER, higher), full_turnover=D(10_000))
    made = judge(policy, [invoice("paid", 200, 10_000)], DAY)
    assert made.grade == higher


# The score.


def test_turnover_is_that_of_twelve_months_with_credit_notes_taken_off():
    history = [
        Invoice("old", date(2025, 11, 22), DAY, D(9000), DAY),
        Invoice("first", date(2025, 11, 23), DAY, D(5000), DAY),
        Invoice("credit", ago(10), ago(10), D(-1000)),
        Invoice("tomorrow", DAY + timedelta(days=1), DAY, D(9000)),
    ]
    found = score(POLICY, history, DAY)
    assert (found.turnover, found.points) == (D(4000), D(40))


def test_more_than_the_full_turnover_gives_no_more_points():
    today = Invoice("today", DAY, DAY, D(30_000), disputed=DAY)
    found = score(POLICY, [today], DAY)
    assert (found.turnover, found.disputes, found.points) == (D(30_000), 1, D(90))


def test_a_dispute_of_twelve_months_ago_is_forgotten():
    old = invoice("paid", 100, 10_000, disputed=date(2025, 11, 22))
    assert score(POLICY, [old], DAY).points == D(100)
    old = replace(old, disputed=date(2025, 11, 23))
    assert score(POLICY, [old], DAY).points == D(90)


def test_days_late_are_weighted_by_amount():
    history = [invoice(f"small{n}", 100, 10) for n in range(90)]
    history.append(invoice("large", 100, 900, late=10))
    # 900 of 1800 ten days late.
    assert score(POLICY, history, DAY).days_late == D("5.0")


def test_an_open_invoice_older_than_a_year_is_late_all_the_same():
    found = score(POLICY, [invoice("old", 500, 100, paid=False)], DAY)
    assert (found.turnover, found.days_late) == (0, D(470))
    assert found.points == 0


def test_disputes_of_twelve_months_cost_points():
    history = [
        invoice("paid", 100, 10_000, disputed=ago(50)),
        invoice("old", 400, 100, disputed=ago(366)),
        invoice("slow", 400, 100, disputed=ago(20)),
    ]
    found = score(POLICY, history, DAY)
    assert (found.disputes, found.points) == (2, D(80))


def test_a_credit_note_is_never_late():
    found = score(POLICY, [Invoice("credit", ago(90), ago(90), D(-10))], DAY)
    assert found.days_late == 0


@st.composite
def histories(draw):
    return [
        invoice(
            f"i{number}",
            draw(st.integers(-30, 500)),
            draw(st.integers(-500, 6000)),
            late=draw(st.integers(-20, 60)),
            paid=draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 5)))
    ]


standings = st.builds(
    Standing,
    grade=st.sampled_from(["bronze", "silver", "gold"]),
    since=st.integers(1, 400).map(ago),
    judged_on=st.just(ago(1)),
)


@given(history=histories(), standing=st.none() | standings, data=st.data())
def test_what_happens_later_and_the_order_of_invoices_change_nothing(
    history, standing, data
):
    made = judge(POLICY, history, DAY, standing)
    known = [each for each in history if each.issued <= DAY]
    unpaid = [
        replace(each, paid=None) if each.paid and each.paid > DAY else each
        for each in known
    ]
    again = judge(POLICY, data.draw(st.permutations(unpaid)), DAY, standing)
    assert again == made


@given(history=histories(), standing=standings)
def test_at_most_one_grade_is_won_and_never_more_than_is_earned(history, standing):
    made = judge(POLICY, history, DAY, standing)
    before, after = POLICY.rank(standing.grade), POLICY.rank(made.grade.key)
    assert after <= before + 1
    assert after <= POLICY.earned_rank(made.score.points)
    assert 0 <= made.score.points <= 100


@given(history=histories(), standing=standings, days=st.integers(16, 300))
def test_one_more_late_invoice_never_gives_a_better_grade(history, standing, days):
    late = invoice("late", days + 30, 100, paid=False)
    before = judge(POLICY, history, DAY, standing)
    after = judge(POLICY, [*history, late], DAY, standing)
    # Its turnover counts, so only what was earned before is compared.
    if POLICY.earned_rank(after.score.points) <= POLICY.earned_rank(
        before.score.points
    ):
        assert POLICY.rank(after.grade.key) <= POLICY.rank(before.grade.key)


# Bad input.


@pytest.mark.parametrize(
    ("grades", "message"),
    [
        ((), "grades: first"),
        ((SILVER, GOLD), "grades: first"),
        ((BRONZE, GOLD, SILVER), "min score of silver: 40"),
        ((BRONZE, SILVER, replace(GOLD, min_score=D(40))), "min score of gold: 40"),
        ((BRONZE, SILVER, replace(GOLD, days=20)), "days of gold: 20"),
        ((BRONZE, replace(SILVER, key="bronze")), "one key occurs twice"),
    ],
)
def test_grades_in_no_order_are_refused(grades, message):
    with pytest.raises(TermsError, match=message):
        Policy(grades, full_turnover=D(1))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"full_turnover": D(0)}, "full turnover"),
        ({"points_per_day": D(-1)}, "points per day"),
        ({"late_after_days": -1}, "late after days"),
        ({"clean_days": -1}, "clean days"),
    ],
)
def test_a_policy_without_meaning_is_refused_by_name(values, field):
    with pytest.raises(PricingError) as caught:
        Policy(**{"grades": (BRONZE,), "full_turnover": D(1), **values})
    assert caught.value.field == field


def test_a_grade_without_meaning_is_refused_by_name():
    for values in ({"min_score": D(101)}, {"days": -1}, {"credit_limit": D(-1)}):
        with pytest.raises(PricingError):
            replace(GOLD, **values)


def test_a_standing_that_does_not_fit_is_refused():
    with pytest.raises(TermsError, match="judged on 2026-11-23"):
        judge(POLICY, [], DAY, Standing("gold", ago(9), DAY + timedelta(days=1)))
    with pytest.raises(TermsError, match="grade: platinum"):
        judge(POLICY, [], DAY, Standing("platinum", ago(9), ago(1)))
