from odoo import models

#: What decides about the age that is asked for a line.
JUDGED_FIELDS = {"product_id", "quantity", "product_uom_id"}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _get_age_products(self):
        """What the line hands over to the buyer: its product, and what was ordered."""
        own = self.product_id._get_age_products(self.company_id[:1])
        return own | self.sale_line_ids._get_age_products()

    def _get_age_quantity(self, product):
        """How much of a product the line hands over, in the product's unit."""
        quantity = self.product_uom_id._compute_quantity(
            abs(self.quantity), self.product_id.uom_id, round=False
        )
        return self.product_id._get_age_quantity(product, quantity, self.company_id[:1])

    def write(self, vals):
        """Override: what is on an invoice does not become something else once posted.

        :raises UserError: the buyer may not have it
        """
        result = super().write(vals)
        if JUDGED_FIELDS & vals.keys():
            posted = self.move_id.filtered(lambda move: move.state == "posted")
            posted._check_age_after_posting()
        return result
