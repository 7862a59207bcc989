from odoo.addons.website_sale.controllers.cart import Cart


class AgeCart(Cart):
    def _get_express_shop_payment_values(self, order, **kwargs):
        """Override of `website_sale`: no wallet pays at once before the age is proved."""
        values = super()._get_express_shop_payment_values(order, **kwargs)
        if order._get_age_refusal():
            values["providers_sudo"] = values["providers_sudo"].browse()
        return values
