from odoo import fields, models
from odoo.exceptions import AccessError


class ResCompany(models.Model):
    _inherit = "res.company"

    dunning_policy_id = fields.Many2one(
        "dunning.policy",
        "Dunning policy",
        domain="[('company_id', '=', id)]",
        help="Used for customers and invoices without a policy of their own.",
    )
    dunning_automatic = fields.Boolean(
        "Propose reminders daily",
        help="Every morning a proposal is made. What policies in automatic mode allow is "
        "sent; the rest waits for review.",
    )

    dunning_hourly_limit = fields.Integer(
        "Reminders per hour",
        help="At most so many dunning notices of this company leave within an hour by a "
        "mail server without a limit of its own; the others wait. 0: no limit.",
    )

    _dunning_hourly_limit_positive = models.Constraint(
        "CHECK(dunning_hourly_limit >= 0)",
        "The reminders per hour cannot be negative.",
    )

    def _check_dunning_access(self):
        """Ask before a ledger is read with SQL, which knows no record rules.

        :raises AccessError: a company is none of those the user works in
        """
        if self.env.su:
            return
        self.check_access("read")
        if self - self.env.companies:
            raise AccessError(
                self.env._(
                    "You do not work in: %s",
                    ", ".join((self - self.env.companies).mapped("name")),
                )
            )

    def _get_dunning_today(self):
        """Today where the company is, or where the user is when it has no time zone."""
        zone = self.partner_id.tz or self.env.user.tz or "UTC"
        return fields.Datetime.context_timestamp(
            self.with_context(tz=zone), fields.Datetime.now()
        ).date()
