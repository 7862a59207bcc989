from odoo import api, models


class StockMove(models.Model):
    _inherit = "stock.move"

    @api.model
    def _get_age_refusal(self, verdict):
        """Override of `age_verification_stock`: the carrier has to fit as well."""
        return super()._get_age_refusal(verdict) or self._get_age_carrier_refusal(
            verdict
        )

    @api.model
    def _get_age_carrier_refusal(self, verdict):
        """Why the carrier may not have a delivery, and what to do, or False.

        :param verdict: :class:`facts.Verdict` on the delivery
        """
        delivery = verdict.record
        if delivery._name != "stock.picking" or not delivery.carrier_id:
            return False
        carrier = delivery.carrier_id.sudo()
        if carrier._is_age_fit() or not self.env["sale.order"]._needs_check(verdict):
            return False
        return self.env._(
            "%(delivery)s is not validated.\nThe age has to be checked at the door, and "
            "%(carrier)s does not do it or uses lockers. Choose another carrier on the "
            "transfer.",
            delivery=delivery.display_name,
            carrier=carrier.display_name,
        )
