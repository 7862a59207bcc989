from odoo import models
from odoo.fields import Domain


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _is_sold_for_maker(self):
        """Whether it is for goods that were a maker's when they were ordered."""
        self.ensure_one()
        return any(
            sale_line.sold_maker_id and sale_line.product_id == self.product_id
            for sale_line in self.sale_line_ids
        )

    def _get_booked_sale_lines(self):
        """The order lines of these that were booked for a maker."""
        sale_lines = self.sale_line_ids
        if not sale_lines:
            return sale_lines
        Entry = self.env["artisan.payout.entry"]
        entries = Entry.search(
            Entry._live_domain()
            & Entry._booked_domain()
            & Domain("move_line_id.sale_line_ids", "in", sale_lines.ids)
        )
        return entries.move_line_id.sale_line_ids & sale_lines
