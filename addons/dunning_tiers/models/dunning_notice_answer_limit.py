from collections import Counter
from datetime import timedelta

from odoo import models


class DunningNotice(models.Model):
    """How often customers may put off reminders on the page, and for how much.

    Texts for the customer are in the language of the context.
    """

    _inherit = "dunning.notice"

    def _get_answer_limit(self, form, lines):
        """Text for the customer when no more answers of the form are taken.

        :param str form: ``paid``, ``dispute`` or ``promise``
        :param lines: the customer's lines of one invoice, or none for all that is due
        :return: the text, or False while answers are taken
        """
        if form == "promise":
            return self._get_promise_limit(lines)
        if form == "paid":
            return self._get_paid_limit(lines)
        return False

    # === PROMISES === #

    def _can_promise(self):
        return self.policy_id.promise_max_days > 0 and (
            self.policy_id.promise_max_count > 0
        )

    def _get_last_promise_day(self):
        today = self.company_id._get_dunning_today()
        return today + timedelta(days=self.policy_id.promise_max_days)

    def _get_promise_limit(self, lines):
        """Text for the customer when no more promises are taken for the invoices."""
        contact = self._get_page_owner().name
        if not self._can_promise():
            return self.env._(
                "Promises are not taken here. Please talk to %s.", contact
            )
        most = self.policy_id.promise_max_count
        full, count = self._get_often_answered("promise", lines, most)
        if not full:
            return False
        return self.env._(
            "You have promised to pay %(invoices)s %(count)s times, more is not possible "
            "here. Please talk to %(contact)s.",
            invoices=", ".join(full[:3].mapped("name")),
            count=count,
            contact=contact,
        )

    def _is_small_promise(self, amount, lines):
        currency = self._get_answer_currency(lines)
        return currency.compare_amounts(float(amount), self._get_least(lines)) < 0

    def _get_least(self, lines):
        """Smallest amount that may be promised, in the currency of the lines."""
        share = self.policy_id.promise_min_percent / 100
        open_amount = self._get_open_amount(lines)
        return self._get_answer_currency(lines).round(open_amount * share)

    def _get_small_promise_error(self, lines):
        return self.env._(
            "Promise at least %(amount)s, or talk to %(contact)s.",
            amount=self._format_amount(self._get_least(lines), lines),
            contact=self._get_page_owner().name,
        )

    # === ALREADY PAID === #

    def _get_paid_limit(self, lines):
        """Text for the customer when the invoices were said to be paid too often.

        While such a hold lasts, more is passed on and prolongs nothing.
        """
        if self._get_active_hold(self._prepare_answer("paid", lines)):
            return False
        most = self.policy_id.paid_claim_max_count
        full, count = self._get_often_answered("paid_claim", lines, most)
        if not full:
            return False
        return self.env._(
            "You have told us %(count)s times that %(invoices)s is paid, and we did not "
            "find the payment. Please talk to %(contact)s.",
            invoices=", ".join(full[:3].mapped("name")),
            count=count,
            contact=self._get_page_owner().name,
        )

    # === COUNTING === #

    def _get_often_answered(self, kind, lines, most):
        """Invoices with so many holds of the kind, and the highest count among them."""
        lines = lines or self.env["account.move.line"].search(
            self._get_overdue_domain()
        )
        counts = self._count_answers(kind, lines)
        full = lines.move_id.filtered(lambda move: counts[move.id] >= most)
        return full, max((counts[move.id] for move in full), default=0)

    def _count_answers(self, kind, lines):
        """Holds of the kind so far, by invoice id. One for all counts for what was due."""
        holds = self.env["dunning.hold"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("partner_id", "=", self.partner_id.id),
                ("kind", "=", kind),
            ]
        )
        general = holds.filtered(lambda hold: not hold.move_id)
        counts = Counter(hold.move_id.id for hold in holds if hold.move_id)
        for move, move_lines in lines.grouped("move_id").items():
            due = min(filter(None, move_lines.mapped("date_maturity")), default=None)
            counts[move.id] += sum(
                1 for hold in general if not due or due <= hold.date_from
            )
        return counts
