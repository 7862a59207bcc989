from odoo import api, models

#: What decides about the goods that an operation takes away.
MOVED_FIELDS = {
    "location_dest_id",
    "move_id",
    "product_id",
    "product_uom_id",
    "quant_id",
    "quantity",
}


class StockMoveLine(models.Model):
    """Goods of a finished move leave as soon as its operations say so."""

    _inherit = "stock.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `stock`: what is added to a finished move is judged."""
        lines = super().create(vals_list)
        lines._check_age()
        return lines

    def write(self, vals):
        """Override of `stock`: more, other or further goods are judged."""
        if not MOVED_FIELDS & vals.keys():
            return super().write(vals)
        before = {line: line._get_age_moved() for line in self}
        result = super().write(vals)
        self.filtered(lambda line: line._is_age_more(*before[line]))._check_age()
        return result

    def _get_age_moved(self):
        """How much of what leaves, and where to."""
        return (
            self.quantity_product_uom,
            [self.product_id, self.location_dest_id, self.move_id],
        )

    def _is_age_more(self, quantity, goods):
        """Whether something leaves that had not left before; a miscount may be corrected.

        Core writes the move of the operations that it has just created, they are judged.
        """
        now, same = self._get_age_moved()
        is_new = bool(goods[-1]) and same != goods
        return now > 0 and (is_new or now > quantity)

    def _check_age(self):
        """:raises UserError: with the reason of each finished operation that is refused"""
        # Not by their own state, which a client may write.
        self.move_id.filtered(lambda move: move.state == "done")._check_age()
