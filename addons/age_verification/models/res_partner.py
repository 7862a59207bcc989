from odoo import fields, models

#: What of an address decides which law counts.
PLACE_FIELDS = {"country_id", "state_id"}


class ResPartner(models.Model):
    _inherit = "res.partner"

    age_proof_ids = fields.One2many(
        "age.proof", "partner_id", groups="age_verification.group_age_user"
    )
    age_exemption_ids = fields.One2many(
        "age.exemption", "partner_id", groups="age_verification.group_age_user"
    )

    def write(self, vals):
        """Override: orders on their way to a new country or state are judged soon."""
        result = super().write(vals)
        if PLACE_FIELDS & vals.keys() and self._has_age_orders():
            self.env["age.gate"]._wake_up_judging()
        return result

    def _has_age_orders(self):
        """Whether a confirmed order goes to one of the addresses."""
        domain = [("partner_shipping_id", "in", self.ids), ("state", "=", "sale")]
        return bool(self.env["sale.order"].sudo().search_count(domain, limit=1))
