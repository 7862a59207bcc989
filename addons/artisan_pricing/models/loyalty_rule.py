from odoo import models
from odoo.fields import Domain


class LoyaltyRule(models.Model):
    _inherit = "loyalty.rule"

    def _get_valid_product_domain(self):
        """Override of `loyalty`: a maker's promotion is earned with that maker's products."""
        domain = super()._get_valid_product_domain()
        maker = self.program_id.maker_id
        return domain & Domain("maker_id", "=", maker.id) if maker else domain
