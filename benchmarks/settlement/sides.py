"""From a payout to orders that are paid: the channel's files, or core order by order."""

from __future__ import annotations

from odoo.fields import Command

from . import ledger


class Settlement:
    """Ours: both files are received and staged; then the payout is checked, booked and matched."""

    name = "marketplace_invoicing"
    steps = ("stage", "post")

    def __init__(self, env):
        self.env = env
        self.channel = ledger.get_channel(env)
        self.files = ()

    def before(self, step):
        if step == "stage":
            self.files = ledger.make_files(ledger.get_size(self.env))

    def stage(self):
        for number, content in enumerate(self.files):
            record, _is_new = self.env["marketplace.import"]._receive(
                self.channel, f"payout {number}.json", content
            )
            record._run(commit=True, process=False)

    def post(self):
        self.env["marketplace.settlement"]._process_queue()

    def count(self, step):
        if step == "stage":
            return self.env["marketplace.settlement.line"].search_count([])
        return count_paid(self.env) * ledger.LINES_EACH


class CoreLoop:
    """The rival: an entry with gross, fee and net for one order, posted, reconciled with what
    the order left open, a commit; then the next one.
    """

    name = "core per-order entry and reconcile"
    #: Orders of each step; the second shows that the time of an order stays what it was.
    slices = {"first": 50, "second": 200}
    steps = tuple(slices)

    def __init__(self, env):
        self.env = env
        self.channel = ledger.get_channel(env)
        self.account = self.channel.clearing_account_id
        self.expense = env["account.account"].search(
            [("account_type", "=", "expense")], limit=1
        )
        self.items = env["account.move.line"].search(
            [("account_id", "=", self.account.id)], order="id"
        )
        self.paid = self.start = 0

    def before(self, step):
        self.start = count_paid(self.env)

    def first(self):
        self._run(self.slices["first"])

    def second(self):
        self._run(self.slices["second"])

    def _run(self, count):
        count = min(count, len(self.items) // 2)
        for item in self.items[self.paid : self.paid + count]:
            self._run_one(item)
            self.env.cr.commit()
        self.paid += count

    def _run_one(self, item):
        move = self.env["account.move"].create(
            {
                "journal_id": self.channel.clearing_journal_id.id,
                "date": ledger.DAY,
                "ref": item.name,
                "line_ids": [
                    Command.create(
                        {
                            "name": item.name,
                            "account_id": self.account.id,
                            "partner_id": item.partner_id.id,
                            "credit": ledger.GROSS,
                        }
                    ),
                    Command.create(
                        {"account_id": self.expense.id, "debit": ledger.FEE}
                    ),
                    Command.create(
                        {
                            "name": "Payout",
                            "account_id": self.account.id,
                            "debit": ledger.GROSS - ledger.FEE,
                        }
                    ),
                ],
            }
        )
        move.action_post()
        (item + move.line_ids.filtered("credit")).reconcile()

    def count(self, step):
        return (count_paid(self.env) - self.start) * ledger.LINES_EACH


def count_paid(env):
    """How many orders' items are reconciled."""
    return env["account.move.line"].search_count(
        [
            ("account_id", "=", ledger.get_channel(env).clearing_account_id.id),
            ("debit", "=", ledger.GROSS),
            ("full_reconcile_id", "!=", False),
        ]
    )
