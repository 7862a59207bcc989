from odoo import models
from odoo.exceptions import ValidationError
from odoo.http import request

from odoo.addons.age_verification.engine import judging


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _check_cart_is_ready_to_be_paid(self):
        """Override of `website_sale`: nobody pays for what they may not have yet.

        Wallets that pay at once come by here as well. The attempt is kept as evidence.
        """
        self.ensure_one()
        if self.state in ("draft", "sent") and self._get_age_refusal():
            self.env["age.gate"].sudo()._judge_and_record(self, "payment")
            # Not the link itself: the request would be rolled back with this error.
            raise ValidationError(
                self.env._(
                    "%(why)s\n\nPlease prove your age before you pay: %(link)s",
                    why="\n".join(self._get_age_cart_notices()),
                    link=f"{self.get_base_url()}/shop/payment",
                )
            )
        return super()._check_cart_is_ready_to_be_paid()

    def _get_age_cart_notices(self):
        """What a cart's owner should know about their age, a sentence for each law."""
        self.ensure_one()
        verdict = self._get_age_verdict()
        groups = {}
        for line in verdict.refused:
            key = (line.judgement.verdict, line.resolution.requirement)
            groups.setdefault(key, []).append(line.product.name)
        return [
            self._get_age_cart_notice(
                code, requirement, ", ".join(dict.fromkeys(names))
            )
            for (code, requirement), names in groups.items()
        ]

    def _get_age_cart_notice(self, code, requirement, products):
        if code == judging.PROHIBITED:
            return self.env._("%s may not be sold to your address.", products)
        if code == judging.UNDERAGE:
            return self.env._("We are sorry: we cannot sell %s to you.", products)
        if code == judging.INCOMPLETE:
            return self.env._(
                "%s: please give the state or region of your address.", products
            )
        return self.env._(
            "%(products)s: only for persons %(asks)s.",
            products=products,
            asks=self.env["age.request"]._describe_requirement(requirement),
        )

    def _get_age_back_url(self, state):
        """Override: who came from the checkout goes on with it."""
        if not request or not request.is_frontend or request.cart.id != self.id:
            return super()._get_age_back_url(state)
        pages = {"proved": "/shop/payment", "incomplete": "/shop/checkout"}
        return pages.get(state, "/shop/cart")
