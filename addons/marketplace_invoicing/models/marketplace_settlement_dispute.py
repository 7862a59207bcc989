from odoo import api, fields, models


class MarketplaceSettlement(models.Model):
    """Claims of buyers that a settlement tells of."""

    _inherit = "marketplace.settlement"

    @api.model
    def _stage(self, channel, records, import_record=None):
        """Override: claims and refunds count before the payout that holds them is known."""
        result = super()._stage(channel, records, import_record)
        touched = result["created"] | result["updated"]
        touched.filtered("is_waiting")._match_orders()
        return result


class MarketplaceSettlementLine(models.Model):
    """Money that a buyer's claim took."""

    _inherit = "marketplace.settlement.line"

    is_dispute_noted = fields.Boolean(
        readonly=True, copy=False, help="Somebody was told of this claim."
    )

    def _match_to_orders(self):
        """Override: the responsible of the channel learns of every new claim."""
        result = super()._match_to_orders()
        self.sudo()._note_disputes()
        return result

    def _note_disputes(self):
        """Tell once of each claim whose order is known, whatever files repeat it."""
        new = self.filtered(
            lambda line: (
                line.is_dispute
                and line.order_id
                and not line.is_dispute_noted
                and line.amount <= 0
            )
        )
        if not new:
            return
        known = self.search(
            [("order_id", "in", new.order_id.ids), ("is_dispute_noted", "=", True)]
        )
        told = {(line.order_id, line.refund_ref or "") for line in known}
        for (order, ref), lines in new.grouped(
            lambda line: (line.order_id, line.refund_ref or "")
        ).items():
            if (order, ref) not in told:
                lines._note_dispute(order)
        new.is_dispute_noted = True

    def _note_dispute(self, order):
        """Give the channel's responsible an activity with the deadline of the claim.

        :param order: the `marketplace.order` that these lines are of
        """
        deadlines = [line.respond_by for line in self if line.respond_by]
        order.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=order._to_local_date(min(deadlines))
            if deadlines
            else fields.Date.context_today(self),
            summary=self.env._("Answer the buyer's claim"),
            note=self.env._(
                "%(amount)s is disputed: %(text)s",
                amount=self.currency_id[:1].format(-sum(self.mapped("amount"))),
                text=self[:1].description or self[:1].code or "",
            ),
            user_id=order.channel_id.user_id.id or self.env.uid,
        )
