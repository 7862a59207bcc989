from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date


class DunningNoticeCharge(models.Model):
    """One line of what a notice asks on top: a fee, interest of a span, a compensation."""

    _name = "dunning.notice.charge"
    _description = "Dunning Notice Charge"
    _order = "notice_id, kind, date_maturity, date_from, id"

    notice_id = fields.Many2one(
        "dunning.notice", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True)
    move_line_id = fields.Many2one(
        "account.move.line", "Journal item", ondelete="cascade", index="btree_not_null"
    )
    move_id = fields.Many2one(related="move_line_id.move_id")
    date_maturity = fields.Date("Due date")
    kind = fields.Selection(
        [
            ("compensation", "Compensation"),
            ("fee", "Fee"),
            ("interest", "Interest"),
        ],
        required=True,
    )
    name = fields.Char("Description", required=True)
    date_from = fields.Date("From", help="First day that bears interest.")
    date_to = fields.Date("To", help="Last day that bears interest.")
    days = fields.Integer()
    principal = fields.Monetary(
        help="What was owed in these days, without what is disputed."
    )
    rate = fields.Float("Rate (%)", digits=(7, 4), aggregator=False)
    amount = fields.Monetary(required=True)

    def _prepare_invoice_line(self, journal):
        """Values of the invoice line for one charge.

        Only the account's own taxes apply: what is paid for being late is a damage, not a
        supply, so the company's default sales tax would be wrong.

        :raise UserError: when there is no account to book it on.
        """
        self.ensure_one()
        account = (
            self.notice_id.policy_id[f"{self.kind}_account_id"]
            or journal.default_account_id
        )
        if not account:
            raise UserError(
                self.env._("Journal %s has no income account.", journal.display_name)
            )
        return {
            "name": self._get_invoice_line_name(),
            "quantity": 1,
            "price_unit": self.amount,
            "account_id": account.id,
            "tax_ids": [Command.set(account.tax_ids.ids)],
        }

    def _get_invoice_line_name(self):
        """The description, with the span and rate of interest."""
        if self.kind != "interest":
            return self.name
        charge = self.with_context(lang=self.notice_id.lang or self.env.lang)
        return charge.env._(
            "%(name)s from %(date_from)s to %(date_to)s: %(days)s days at %(rate)s%%",
            name=self.name,
            date_from=format_date(charge.env, self.date_from),
            date_to=format_date(charge.env, self.date_to),
            days=self.days,
            rate=f"{self.rate:g}",
        )
