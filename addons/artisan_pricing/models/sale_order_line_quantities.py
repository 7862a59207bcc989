from odoo import models

from ..decimals import to_decimal
from ..engine.money import ZERO
from ..engine.quantities import Terms, least_quantity


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _buys_from_maker(self):
        """Whether it is goods of a maker, alone or in a bundle; no reward, no gift."""
        self.ensure_one()
        return bool(self.product_template_id.maker_id) and (
            self._counts_for_tiers() or bool(self.combo_item_id)
        )

    def _round_up_to(self, terms):
        """Raise the quantities of lines of one product to the least that is sold.

        :param terms: the engine's Terms; what is missing to the minimum goes to the line
            with the largest quantity
        """
        cases = Terms(ZERO, terms.case_pack)
        before = {line: to_decimal(line._get_tier_quantity()) for line in self}
        after = {line: least_quantity(cases, size) for line, size in before.items()}
        missing = terms.minimum - sum(after.values(), ZERO)
        if missing > 0 and after:
            largest = max(after, key=after.get)
            after[largest] = least_quantity(cases, after[largest] + missing)
        for line, size in after.items():
            if size != before[line]:
                line.product_uom_qty = line.product_id.uom_id._compute_quantity(
                    float(size), line.product_uom_id, rounding_method="UP"
                )
