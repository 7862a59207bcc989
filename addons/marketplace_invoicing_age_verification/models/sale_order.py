from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def action_confirm(self):
        """Override: what the marketplace has checked is evidence of this order."""
        self._age_take_over_evidence()
        return super().action_confirm()

    def _age_take_over_evidence(self):
        """Keep the check of the marketplace as a proof that counts for its order only."""
        checked = self.sudo().filtered("marketplace_order_id.channel_id.age_assurance")
        if not checked:
            return
        vals_list = [
            order._prepare_age_evidence(verdict)
            for order, verdict in checked._get_age_verdicts().items()
            if verdict.refused
            and all(
                map(order.marketplace_order_id._is_age_vouched_for, verdict.refused)
            )
        ]
        if vals_list:
            self.env["age.proof"]._record(vals_list)

    def _prepare_age_evidence(self, verdict):
        """The marketplace let the buyer have what the order's strictest line asks."""
        source = self.marketplace_order_id
        day = verdict.basket.day
        strictest = min(verdict.refused, key=lambda line: line.resolution.bound)
        days = strictest.policy.proof_valid_days
        return {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "order_id": self.id,
            "bound_date": strictest.resolution.bound,
            "method": "marketplace",
            "assurance": source.channel_id.age_assurance,
            "proved_on": day,
            "valid_until": fields.Date.add(day, days=days) if days else False,
            "reference": f"{source.channel_id.platform}:{source.external_ref}",
        }
