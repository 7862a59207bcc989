from collections import defaultdict
from itertools import pairwise

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .marketplace_order_settlement import SETTLED_STATES
from .marketplace_settlement import OPEN_STATES

#: Place of the entry that a ledger begins with. An account that holds nothing before an entry
#: proves no beginning: every payout empties it, and a fee may take just what a sale brought.
FIRST_PLACE = 1


class MarketplaceSettlement(models.Model):
    """Payouts of a running ledger that arrives page by page (Etsy).

    A page may begin in the middle of a payout. Its earlier entries wait in the open account and
    join the payout once the running balance proves that nothing lies between. Until it is proven
    what the account held before the payout, nothing of it is booked.
    """

    _inherit = "marketplace.settlement"

    start_status = fields.Selection(
        [
            ("known", "Known"),
            ("unknown", "Nothing before it is known"),
            ("gap", "Entries before it are missing"),
        ],
        string="Beginning",
        readonly=True,
        help="Whether all entries of this payout have arrived, as the running balance tells.",
    )
    start_confirmed_id = fields.Many2one(
        "res.users",
        string="Beginning Confirmed by",
        readonly=True,
        copy=False,
        help="Said that the books begin here, with this opening balance.",
    )
    start_confirmed_as = fields.Selection(
        selection="_get_start_statuses",
        readonly=True,
        copy=False,
        help="What was known of the beginning when it was confirmed: whoever said that the "
        "books begin here has not said so of entries that turn out to be missing later.",
    )

    @api.model
    def _get_start_statuses(self):
        return self._fields["start_status"].selection

    @api.model
    def _continue_ledgers(self, channel, records, import_record=None):
        """Bring the payouts of the channel's running ledgers up to date with all their pages.

        :param records: what was staged, list of `channels.settlement.ParsedSettlement`
        :param import_record: `marketplace.import` that told more of these payouts
        """
        if any(line.position for record in records for line in record.lines):
            changed = self._follow_ledgers(channel)
            if import_record:
                changed.import_ids = [Command.link(import_record.id)]

    @api.model
    def _follow_ledgers(self, channel):
        """Find the beginning of each payout that is not in the books; return what changed."""
        changed = self.browse()
        for rows in self._get_ledgers(channel).values():
            starts = {}
            for number, row in enumerate(rows):
                if not row.settlement_id.is_open_account:
                    starts.setdefault(row.settlement_id, number)
            for settlement, number in starts.items():
                if settlement.state in OPEN_STATES:
                    if settlement._prove_start(rows[: number + 1]):
                        changed |= settlement
        for rows in self._get_ledgers(channel).values():
            self._note_late_entries(rows)
        return changed

    @api.model
    def _cron_process(self, batch_size=200):
        """Override: pages that two workers staged at the same time find each other."""
        self._resume_ledgers()
        return super()._cron_process(batch_size)

    @api.model
    def _resume_ledgers(self):
        waiting = self.search(
            [
                ("start_status", "in", ("unknown", "gap")),
                ("state", "in", OPEN_STATES),
                ("channel_id.active", "=", True),
            ]
        )
        for channel in waiting.try_lock_for_update().channel_id:
            self._follow_ledgers(channel)

    @api.model
    def _get_ledgers(self, channel):
        """Return {(ledger, currency): entries, oldest first} of what is not in the books.

        Of payouts in the books only the entry that ends them is among these.
        """
        self.env.flush_all()
        lines = self.env["marketplace.settlement.line"].search(
            [
                ("channel_id", "=", channel.id),
                ("position", ">", 0),
                "|",
                ("settlement_id.state", "in", OPEN_STATES),
                ("stated_type", "=", "transfer"),
            ]
        )
        ledgers = defaultdict(list)
        for line in lines:
            ledgers[line.ledger, line.currency_id].append(line)
        for rows in ledgers.values():
            rows.sort(key=lambda row: row._get_ledger_place())
        return ledgers

    def _prove_start(self, rows):
        """Follow the running balance back from this payout's first entry to the payout before.

        What waits in between is of this payout and moves here.

        :param rows: entries of the ledger, the last of them is the first one of this payout
        :return: whether this is news
        """
        self.ensure_one()
        mine, status = self.env["marketplace.settlement.line"], "unknown"
        first = rows[-1]
        for row, before in pairwise(reversed(rows)):
            if not before._leads_to(row):
                status = "gap"
            elif before.stated_type == "transfer":
                status = "known"
            elif before.settlement_id.is_open_account:
                mine |= before
                first = before
                continue
            else:
                status = "gap"
            break
        opening = self.currency_id.round(first.balance_after - first.amount)
        is_first = first.position == FIRST_PLACE and not opening
        if (status == "unknown" and is_first) or self._is_start_confirmed(status):
            status = "known"
        if status == "known" and mine:
            mine.write({"settlement_id": self.id})
        return self._set_start(status, opening, len(mine) if status == "known" else 0)

    def _is_start_confirmed(self, status):
        """Tell whether a person said that the payout is booked with what is known of it."""
        self.ensure_one()
        confirmed = self.start_confirmed_as or "unknown"
        return bool(self.start_confirmed_id) and status == confirmed

    def _set_start(self, status, opening, joined):
        """Write what is known of the beginning; a payout that it changes is checked again.

        :param joined: number of entries that came from the open account
        """
        self.ensure_one()
        is_known = status == "known"
        values = {
            "start_status": status,
            "opening_balance": opening,
            "opening_stated": is_known,
        }
        is_same = not joined and all(self[name] == values[name] for name in values)
        if is_same:
            return False
        self.write(
            {
                **values,
                "rows": self.rows + joined,
                "approval": "none",
                "approved_by_id": False,
            }
        )
        self._update_state(("exception", "ready"), "draft")
        self.state_message = False if is_known else self._describe_start(status)
        return True

    def _describe_start(self, status):
        if status == "gap":
            return self.env._(
                "Entries before it are missing, the balance does not continue: import the "
                "pages in between, or go on without them."
            )
        return self.env._(
            "Nothing before its first entry is known: import the page before, or say that the "
            "books begin here."
        )

    @api.model
    def _note_late_entries(self, rows):
        """Say of payouts in the books which of their entries were left out.

        They came only afterwards, or lie before entries that are missing.
        """
        late = self.env["marketplace.settlement.line"]
        for row in rows:
            if row.settlement_id.is_open_account:
                late |= row
            elif row.stated_type == "transfer":
                payout = row.settlement_id
                if late and payout.state in SETTLED_STATES:
                    payout._note_late(late)
                late = late.browse()

    def _note_late(self, lines):
        self.ensure_one()
        self._add_issue(
            "settlement_changed",
            self.env._(
                "Entries of this payout are in no journal entry (%(count)s, sum "
                "%(amount)s): %(refs)s",
                count=len(lines),
                amount=self.currency_id.format(sum(lines.mapped("amount"))),
                refs=", ".join(lines[:5].mapped("external_ref")),
            ),
            severity="warning",
        )

    def action_begin_here(self):
        """Take the balance before the first known entry as what the payout begins with.

        Where earlier entries are known, and some in between are missing for good, it is booked
        without these: that the balance jumps stays on record.

        :raises UserError: its beginning is known, or it is in the books
        """
        self.ensure_one()
        self.check_access("write")
        settlement, status = self.sudo(), self.start_status
        if status not in ("unknown", "gap") or settlement.state not in OPEN_STATES:
            raise UserError(
                self.env._("What this payout begins with is known already.")
            )
        settlement.write(
            {"start_confirmed_id": self.env.uid, "start_confirmed_as": status}
        )
        self.sudo()._follow_ledgers(settlement.channel_id)
        amount = settlement.currency_id.format(settlement.opening_balance)
        settlement._message_log(
            body=self.env._(
                "The books begin here, with %(amount)s on the channel's account.",
                amount=amount,
            )
            if status == "unknown"
            else self.env._(
                "Booked without the entries that are missing before it, from %(amount)s on "
                "the channel's account.",
                amount=amount,
            )
        )
        settlement._requeue()


class MarketplaceSettlementLine(models.Model):
    """Entries of a running ledger."""

    _inherit = "marketplace.settlement.line"

    def _get_ledger_place(self):
        """Return what the entries of a ledger are sorted by."""
        self.ensure_one()
        ref = self.external_ref
        return self.position, int(ref) if ref.isdecimal() else 0

    def _leads_to(self, after):
        """Tell whether nothing lies between this entry and another: the balance goes on."""
        self.ensure_one()
        expected = after.balance_after - after.amount
        return not after.currency_id.compare_amounts(self.balance_after, expected)
