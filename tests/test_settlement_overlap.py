"""Two transactions at the same moment: neither sees the other, and nothing is booked twice or
left open for ever."""

from __future__ import annotations

from flow_support import run_script

#: Two transactions that began before either wrote anything, as two workers have them.
TWO = """
from datetime import datetime, timezone
from decimal import Decimal
from odoo import api
from odoo.addons.marketplace_invoicing.channels.settlement import (
    ALL_SETTLEMENT_PARTS, ParsedSettlement, ParsedSettlementLine,
)
channel_id = env["marketplace.channel"].search([("name", "=", "Web shop")]).id
bank = env["account.journal"].search([("type", "=", "bank")], limit=1)
env["marketplace.channel"].browse(channel_id).payout_journal_id = bank
env.cr.commit()
cursors = [env.registry.cursor(), env.registry.cursor()]
one, two = [
    api.Environment(cr, 1, {"allowed_company_ids": env.company.ids}) for cr in cursors
]
for cr in cursors:
    cr.execute("SELECT count(*) FROM marketplace_settlement")

def line(ref, kind, amount, order_ref=""):
    return ParsedSettlementLine(
        external_ref=ref, type=kind, code="Item/" + kind, amount=Decimal(amount),
        order_ref=order_ref, posted_at=datetime(2024, 3, 10, 12, tzinfo=timezone.utc),
    )

def post(env, ref, *lines):
    record = ParsedSettlement(
        external_ref=ref, format="woocommerce.payouts", platform="woocommerce",
        where="file", parts=ALL_SETTLEMENT_PARTS, currency="USD", lines=lines,
        amount_total=sum(line.amount for line in lines), status="paid",
        deposited_at=datetime(2024, 3, 15, 12, tzinfo=timezone.utc),
    )
    channel = env["marketplace.channel"].browse(channel_id)
    settlement = env["marketplace.settlement"]._stage(channel, [record])["created"]
    settlement._process()
    env.flush_all()
    env.cr.commit()

def schedule(env):
    env["marketplace.settlement"]._match_again()
    env.flush_all()
    env.cr.commit()
"""
STATES = "SELECT name, state FROM marketplace_settlement"


def test_of_two_overlapping_payouts_posted_at_once_one_goes_to_review(shop):
    outcome = run_script(
        shop.name,
        TWO
        + """
post(one, "OV1", line("x1", "sale", "10.00"), line("a1", "sale", "5.00"))
post(two, "OV2", line("x1", "sale", "10.00"), line("b1", "sale", "7.00"))
""",
    )
    assert outcome.code == 0, outcome.stderr
    assert shop.pairs(STATES) == {"OV1": "posted", "OV2": "exception"}
    assert shop.rows("SELECT code, severity FROM marketplace_issue") == [
        ("settlement_duplicate", "blocking")
    ]


def test_bank_transaction_made_while_its_payout_posts_is_found_by_the_scheduler(shop):
    outcome = run_script(
        shop.name,
        TWO
        + """
post(two, "PO-77", line("s1", "sale", "115.00"))
one["account.bank.statement.line"].create(
    {"journal_id": bank.id, "date": "2024-03-16", "payment_ref": "PO-77", "amount": 115}
)
one.flush_all()
cursors[0].commit()
two.invalidate_all()
print("before", two["marketplace.settlement"].search([]).state)
schedule(two)
""",
    )
    assert outcome.code == 0, outcome.stderr
    assert "before posted" in outcome.stdout
    assert shop.pairs(STATES) == {"PO-77": "banked"}
