from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _get_prior_price_text(self):
        """What an invoice says of a cut: what its order said, at the same price.

        Empty on credit notes and bills, and where nothing may be said.
        """
        self.ensure_one()
        if self.move_id.move_type not in ("out_invoice", "out_receipt"):
            return ""
        # Who may read the invoice may read what is printed on it.
        for line in self.sudo().sale_line_ids.filtered("prior_price"):
            is_same = self.product_uom_id == line.product_uom_id and not any(
                self.currency_id.compare_amounts(self[field], line[field])
                for field in ("price_unit", "discount")
            )
            if is_same and self.currency_id == line.currency_id:
                return line.with_env(self.env)._format_prior_price(
                    {
                        "prior_price": line.prior_price,
                        "prior_price_percent": line.prior_price_percent,
                    }
                )
        return ""
