from datetime import date

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.tools import mute_logger

from ..registry_cache import kept

#: A day from which a payment term is as long as it can be.
FIRST_OF_LONG_MONTHS = date(2026, 7, 1)


class AccountPaymentTerm(models.Model):
    _name = "account.payment.term"
    _inherit = ["account.payment.term", "artisan.kept.mixin"]

    earned_net_days = fields.Integer(readonly=True, copy=False)
    is_for_earned_terms = fields.Boolean(
        readonly=True,
        copy=False,
        help="Made for a grade or a maker's longest payment term, once for all companies.",
    )

    _earned_net_days_uniq = models.UniqueIndex(
        "(earned_net_days) WHERE is_for_earned_terms"
    )

    def _get_due_date(self, day):
        """The day on which all of an invoice of a day is due; that day without a term."""
        return max((line._get_due_date(day) for line in self.line_ids), default=day)

    def _get_longest_days(self):
        """Days to pay, counted from the day from which they are the most."""
        return (self._get_due_date(FIRST_OF_LONG_MONTHS) - FIRST_OF_LONG_MONTHS).days

    @api.model
    def _get_net_days(self, days, company):
        """The payment term of so many net days for a company; made if there is none.

        :param days: number, 0 for at once
        """
        # Who sells on earned terms need not be allowed to set up payment terms.
        found = self.sudo()._find_net_days(days, company.id)
        return self.browse(found) if found else self.sudo()._make_net_days(days)

    @api.model
    @kept("days", "company_id")
    def _find_net_days(self, days, company_id):
        """Id of the first payment term of so many net days and nothing else; or none."""
        lines = self.env["account.payment.term.line"].search(
            [
                ("nb_days", "=", days),
                ("value", "=", "percent"),
                ("value_amount", "=", 100),
                ("delay_type", "=", "days_after"),
                ("payment_id.active", "=", True),
                ("payment_id.early_discount", "=", False),
                ("payment_id.company_id", "in", (False, company_id)),
            ]
        )
        alone = lines.payment_id.filtered(lambda term: len(term.line_ids) == 1)
        return alone.sorted()[:1].id

    @api.model
    def _make_net_days(self, days):
        made = self.with_context(active_test=False).search(
            [("is_for_earned_terms", "=", True), ("earned_net_days", "=", days)]
        )
        if made:
            # Archived, or of other days by now: it is no longer ours.
            made.is_for_earned_terms = False
            made.flush_recordset()
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                term = self.create(self._prepare_net_days(days))
                term.flush_recordset()
        except UniqueViolation as error:
            message = f"a payment term of {days} days is being made"
            raise ConcurrencyError(message) from error
        term._translate_net_days(days)
        return term

    def _translate_net_days(self, days):
        """Say it in all languages in use; the note is one term, translated as such."""
        _name, source = self._say_net_days(days)
        notes = {}
        for code, _label in self.env["res.lang"].get_installed():
            term = self.with_context(lang=code)
            term.name, note = term._say_net_days(days)
            notes[code] = {source: note}
        self.update_field_translations("note", notes)

    @api.model
    def _say_net_days(self, days):
        """Name and note, in the language of the environment."""
        if not days:
            return (
                self.env._("Immediate Payment"),
                self.env._("Payment terms: Immediate Payment"),
            )
        return (
            self.env._("%(days)s Days", days=days),
            self.env._("Payment terms: %(days)s Days", days=days),
        )

    @api.model
    def _prepare_net_days(self, days):
        name, note = self._say_net_days(days)
        return {
            "name": name,
            "note": f"<p>{note}</p>",
            "sequence": 100,
            "earned_net_days": days,
            "is_for_earned_terms": True,
            "line_ids": [
                fields.Command.create(
                    {"value": "percent", "value_amount": 100, "nb_days": days}
                )
            ],
        }


class AccountPaymentTermLine(models.Model):
    _name = "account.payment.term.line"
    _inherit = ["account.payment.term.line", "artisan.kept.mixin"]
