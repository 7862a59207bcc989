from odoo import fields, models


class DeliveryCarrier(models.Model):
    _inherit = "delivery.carrier"

    checks_age = fields.Boolean(
        "Checks the age at the door",
        help="The parcel is handed over only to somebody who is seen to be of age.",
    )
    uses_safe_places = fields.Boolean(
        "Lockers and safe places",
        help="Parcels may be left where nobody sees who takes them: such carriers are not "
        "offered where the age has to be checked at the door.",
    )

    def _match(self, partner, source):
        """Override of `delivery`: who does not check the age does not carry these goods."""
        return super()._match(partner, source) and self._match_age(source)

    def _match_age(self, source):
        """Whether the carrier may hand over what an order or transfer holds."""
        self.ensure_one()
        if self._is_age_fit():
            return True
        is_order = source._name == "sale.order"
        # A transfer knows its order when the addon for both is installed.
        order = source if is_order else getattr(source, "sale_id", None)
        return not order or not order.needs_age_delivery_check

    def _is_age_fit(self):
        """Whether the carrier hands over only to who is seen to be of age."""
        self.ensure_one()
        return self.checks_age and not self.uses_safe_places
