from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_amount, split_every

from ..engine import judging

#: A proof, or the state of the destination, may still come.
MAY_COME = frozenset(
    {judging.UNPROVED, judging.EXPIRED, judging.WEAK, judging.INCOMPLETE}
)
#: So many orders are judged at once.
BATCH = 200


class SaleOrder(models.Model):
    """Orders paid online of which something is never handed over."""

    _inherit = "sale.order"

    age_unreleased_told_on = fields.Datetime(
        readonly=True,
        copy=False,
        help="When a person was told that money was taken for what is not delivered.",
    )

    @api.model
    def _cron_judge_again(self):
        """Override: who was paid for what may not be delivered gives it back."""
        result = super()._cron_judge_again()
        self._age_tell_unreleased()
        return result

    @api.model
    def _to_tell_unreleased_domain(self):
        """Paid orders of which something may wait, and nobody was told of."""
        return (
            Domain("state", "in", ("draft", "sent", "sale"))
            & Domain("invoice_status", "!=", "invoiced")
            & Domain("transaction_ids.state", "in", ("authorized", "done"))
            & Domain("age_unreleased_told_on", "=", False)
            & self._get_age_restricted_domain()
        )

    @api.model
    def _age_tell_unreleased(self):
        """Give a task for each order with something that its buyer does not get."""
        orders = self.search(self._to_tell_unreleased_domain(), order="id")
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(orders))
        for ids in split_every(BATCH, orders.ids):
            batch = self.browse(ids)
            for order, verdict in batch._get_age_verdicts().items():
                if order._is_age_unreleased(verdict):
                    order._age_ask_refund(verdict)
            if not cron._commit_progress(len(batch)):
                break

    def _is_age_unreleased(self, verdict):
        """Whether something was paid and is not released, now or within the policy's days.

        :param verdict: :class:`facts.Verdict` on the order
        """
        self.ensure_one()
        if self.currency_id.is_zero(self._get_age_refund(verdict)):
            return False
        if any(line.judgement.verdict not in MAY_COME for line in verdict.refused):
            return True
        days = self._get_age_asking_policy(verdict).follow_up_days
        since = self.age_held_since or self.date_order
        return bool(days) and since <= fields.Datetime.now() - timedelta(days=days)

    def _get_age_refund(self, verdict):
        """What is still to be paid back for the refused lines, or for all when nothing
        goes on."""
        refused = self.order_line.browse({line.line.id for line in verdict.refused})
        price = sum(refused.mapped("price_total"))
        if refused and self.state != "sale":
            price = self.amount_total
        owed = min(price, self.amount_paid) - self._get_age_amount_returned()
        return max(owed, 0.0)

    def _get_age_amount_returned(self):
        """What went back of :attr:`amount_paid`, which does not know of it."""
        # Not of a filtered recordset: it would be read for this order alone.
        return sum(payment._age_get_returned() for payment in self.transaction_ids)

    def _is_age_money_there(self):
        """Whether as much as confirms the order is paid, and did not all go back."""
        compare = self.currency_id.compare_amounts
        returned = self._get_age_amount_returned()
        kept = self.amount_paid - returned
        if returned and compare(kept, 0) <= 0:
            return False
        return compare(kept, self._get_prepayment_required_amount()) >= 0

    def _get_age_asking_policy(self, verdict):
        """The policy of what asks most of what is refused."""
        return min(verdict.refused, key=lambda line: line.resolution.bound).policy

    def _age_ask_refund(self, verdict):
        """A task, once, for who is responsible for the policy, else for the seller."""
        self.sudo().age_unreleased_told_on = fields.Datetime.now()
        responsible = self._get_age_asking_policy(verdict).user_id.filtered("active")
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("Refund or cancel what is paid and not delivered"),
            note=self.env._(
                "%(amount)s were paid for what %(buyer)s does not get. %(why)s",
                amount=format_amount(
                    self.env, self._get_age_refund(verdict), self.currency_id
                ),
                buyer=self.partner_id.display_name,
                why=self.env["age.gate"]._describe(verdict),
            ),
            user_id=(responsible or self.user_id or self.env.user).id,
        )
