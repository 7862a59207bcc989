from odoo import api, fields, models

from odoo.addons.age_verification.on_the_way import on_the_way

from .stock_move import JUDGED


class StockPicking(models.Model):
    _inherit = "stock.picking"

    age_parcel_text = fields.Text(
        "Text on the parcel",
        compute="_compute_age_parcel_text",
        help="Tells the carrier to check the age when handing over.",
    )

    @api.depends(
        "move_ids.location_dest_id",
        "move_ids.product_id",
        "move_ids.state",
        "move_ids.move_line_ids.location_dest_id",
        "move_ids.move_line_ids.product_id",
    )
    def _compute_age_parcel_text(self):
        for picking in self:
            moves = picking.move_ids.filtered(lambda move: move.state != "cancel")
            classes = moves._get_age_leaving()._get_age_products().age_class_id
            texts = [product_class.parcel_text for product_class in classes]
            picking.age_parcel_text = "\n".join(dict.fromkeys(filter(None, texts)))

    def _action_done(self):
        """Override of `stock`: a background job goes on without what is refused.

        A person is told by the moves, and nothing is validated.
        """
        if not self.move_ids._is_age_background():
            return super()._action_done()
        refused = self.move_ids._age_stop_refused()
        pickings = self.filtered(lambda picking: picking not in refused)
        with on_the_way(pickings.move_ids, JUDGED):
            return super(StockPicking, pickings)._action_done()

    def _age_give_task(self, reason):
        """A task on the transfer for who sells the goods, once."""
        self.ensure_one()
        summary = self.env._("Not validated: the age is not proved")
        if summary not in self.activity_ids.mapped("summary"):
            user = self.sale_id.user_id or self.user_id or self.env.user
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=summary,
                note=reason,
                user_id=user.id,
            )
