from odoo import api, fields, models
from odoo.exceptions import UserError


class StockPicking(models.Model):
    _inherit = "stock.picking"

    age_parcel_text = fields.Text(
        "Text on the parcel",
        compute="_compute_age_parcel_text",
        help="Tells the carrier to check the age when handing over.",
    )

    @api.depends("picking_type_code", "move_ids.product_id", "move_ids.state")
    def _compute_age_parcel_text(self):
        for picking in self:
            classes = picking._get_age_moves().product_id.age_class_id
            texts = [product_class.parcel_text for product_class in classes]
            picking.age_parcel_text = "\n".join(dict.fromkeys(filter(None, texts)))

    def _get_age_moves(self):
        """Moves of restricted products that leave for a buyer."""
        moves = self.filtered(lambda picking: picking.picking_type_code == "outgoing")
        return moves.move_ids.filtered(
            lambda move: (
                move.state != "cancel" and move.product_id.age_class_id.is_restricted
            )
        )

    def button_validate(self):
        """Override of `stock`: nothing is handed over that the buyer may not have.

        The last gate: the proof may have ended since the order was confirmed, or the
        destination may be another one.
        """
        self._check_age()
        return super().button_validate()

    def _check_age(self):
        """Refuse deliveries whose buyers may not have what is in them.

        :raises UserError: with the reason of each
        """
        moves = self._get_age_moves()
        verdicts = moves.sale_line_id.order_id.sudo()._get_age_verdicts()
        reasons = [
            picking._get_age_refusal(own.sale_line_id, verdicts)
            for picking, own in moves.grouped("picking_id").items()
        ]
        if any(reasons):
            raise UserError("\n\n".join(filter(None, reasons)))

    def _get_age_refusal(self, lines, verdicts):
        """Why a delivery of order lines has to wait, or False.

        :param verdicts: {order: :class:`facts.Verdict`}
        """
        self.ensure_one()
        order = lines.order_id.sudo()[:1]
        if not order:
            return False
        verdict = verdicts[order]
        refused = {line.line for line in verdict.refused}
        if not order.age_held_since and not refused & set(lines):
            return False
        why = self.env["age.gate"].sudo()._describe(verdict)
        return self.env._(
            "%(picking)s waits for a proof of age.\n%(why)s",
            picking=self.name,
            why=why,
        )
