from odoo import api, fields, models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    needs_age_delivery_check = fields.Boolean(
        "Age check at the door", compute="_compute_needs_age_delivery_check"
    )

    @api.depends(
        "partner_id",
        "move_ids.location_dest_id",
        "move_ids.product_id",
        "move_ids.state",
        "move_ids.move_line_ids.location_dest_id",
        "move_ids.move_line_ids.product_id",
    )
    def _compute_needs_age_delivery_check(self):
        moves = self.sudo().move_ids.filtered(lambda move: move.state != "cancel")
        baskets = moves._get_age_leaving()._get_age_baskets()
        needy = {
            verdict.record
            for verdict in self.env["age.gate"].sudo()._judge(baskets)
            if self.env["sale.order"]._needs_check(verdict)
        }
        for picking in self:
            picking.needs_age_delivery_check = picking in needy
