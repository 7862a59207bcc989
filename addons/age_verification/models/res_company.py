from datetime import date

import pytz

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    age_policy_id = fields.Many2one(
        "age.policy",
        "Age policy",
        domain="[('company_id', '=', id)]",
        help="How buyers prove their age, unless a rule or class of products says "
        "otherwise.",
    )

    def _get_age_today(self) -> date:
        """The day by whose law a sale of now is judged: today where the company is."""
        self.ensure_one()
        zone = self.partner_id.tz or self.env.user.tz or "UTC"
        now = fields.Datetime.now().replace(tzinfo=pytz.utc)
        return now.astimezone(pytz.timezone(zone)).date()
