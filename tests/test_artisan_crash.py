"""What makers are owed, after a process that was killed, and when all is done twice."""

from __future__ import annotations

from artisan_support import (
    BILL,
    BILLS,
    CONFIRM,
    JUDGED,
    MADE,
    MAKE,
    SALES,
    SHOPS,
    alone,
    each_once,
    run_killed,
)

JUDGE = """
from odoo.addons.artisan_pricing.models import artisan_terms_policy as job
job.BATCH = 2
env["artisan.terms.policy"]._cron_judge()
"""

# -- killed ------------------------------------------------------------------------------


def test_statements_are_complete_after_a_kill_in_the_middle(workers, platform):
    workers.one(SALES.format(name="Rowan", count=4, day="2026-01-10"))
    make = alone(MAKE).format(name="Rowan", first="2026-01-01", last="2026-01-31")
    run_killed(platform, 'die_at("artisan.statement", "_try_making", 3)\n' + make)
    assert {count for _maker, count, *_rest in platform.rows(MADE, "Rowan %")} == {0}
    assert workers.one(make) == 4
    assert platform.rows(MADE, "Rowan %") == each_once("Rowan", 4)


def test_bills_are_complete_after_a_kill_in_the_middle(workers, platform):
    sales = SALES.format(name="Spruce", count=4, day="2026-01-10")
    workers.one(sales + CONFIRM.format(name="Spruce"))
    bill = alone(BILL).format(name="Spruce")
    run_killed(platform, 'die_at("artisan.statement", "_make_bill", 3)\n' + bill)
    assert platform.value(BILLS, "Spruce %") == 0
    workers.one(bill)
    assert platform.rows(BILLS, "Spruce %") == [(4, 4, 340)]


def test_night_that_was_killed_goes_on_with_whom_it_has_not_judged(workers, platform):
    workers.one(SHOPS.format(name="Walnut"))
    run_killed(platform, 'die_at("artisan.terms.policy", "_judge", 3)\n' + JUDGE)
    assert platform.rows(JUDGED, "Walnut") == [(4, 4, 4)]
    workers.one(JUDGE)
    assert platform.rows(JUDGED, "Walnut") == [(6, 6, 6)]


# -- twice -------------------------------------------------------------------------------

TABLES = (
    "account_move",
    "account_move_line",
    "artisan_customer_standing",
    "artisan_payout_entry",
    "artisan_standing_change",
    "artisan_statement",
    "mail_activity",
    "mail_message",
)
ALL_OF_IT = """
makers = get_makers("Yew")
env["account.move.line"].search([
    ("product_id.maker_id", "in", makers.ids), ("parent_state", "=", "posted"),
]).move_id.action_book_payouts()
Statement._make_statements(env.company, date(2026, 1, 1), date(2026, 1, 31), makers)
made = Statement.search([("maker_id", "in", makers.ids)])
made.action_refresh()
made.action_confirm()
made.action_make_bills()
env["artisan.terms.policy"]._cron_judge()
env["artisan.change.request"]._cron_apply_due()
answer = made.mapped("state")
"""


def test_all_of_it_a_second_time_changes_nothing(workers, platform):
    """Also where a maker's statement cannot be made: a person is asked once."""

    def look():
        rows = "SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM {} t"
        return {table: platform.value(rows.format(table)) for table in TABLES}

    workers.one(
        SALES.format(name="Yew", count=3, day="2026-01-10")
        + """
other = env["res.company"].create({"name": "Another Platform"})
get_makers("Yew 2").company_id = other
"""
    )
    assert workers.one(ALL_OF_IT) == ["billed", "billed"]
    before = look()
    assert workers.one(ALL_OF_IT) == ["billed", "billed"]
    assert look() == before
    asked = """
        SELECT count(*) FROM mail_activity activity JOIN res_partner maker ON maker.id = res_id
         WHERE res_model = 'res.partner' AND maker.name = 'Yew 2'
    """
    assert platform.value(asked) == 1
