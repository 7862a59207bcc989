from odoo.http import request, route

from odoo.addons.website_sale.controllers.main import WebsiteSale


class AgeWebsiteSale(WebsiteSale):
    @route()
    def shop_payment(self, **post):
        """Override of `website_sale`: the proof of age comes before the payment.

        Not a check of the cart: those lead away from the confirmation of what is paid.
        """
        order = request.cart
        redirection = self._check_cart_and_addresses(order)
        if not redirection and order._get_age_refusal():
            return request.redirect(order._get_age_page_path())
        return super().shop_payment(**post)
