from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _get_age_products(self):
        """What the line hands over to the buyer: its product, and what was ordered."""
        own = self.product_id._get_age_products(self.company_id[:1])
        return own | self.sale_line_ids._get_age_products()
