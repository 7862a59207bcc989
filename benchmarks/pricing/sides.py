"""Both sides do the same; with the addon, makers' models price the lines instead of rules."""

from __future__ import annotations

from odoo.fields import Command

from .. import posting
from . import shop

RIVAL = "core without artisan_pricing"


class CoreOrder:
    """One large order: made, priced anew, one quantity changed, promoted, confirmed."""

    name = RIVAL
    steps = ("order", "update", "change", "promote", "confirm")
    rows = {
        "order": "pricing.order",
        "update": "pricing.update",
        "change": "pricing.change",
        "promote": "pricing.promote",
        "confirm": "pricing.confirm",
    }

    def __init__(self, env):
        self.products = shop.get_products(env)
        self.buyer = env["res.partner"].search([("name", "=", "Buyer")])
        self.pricelist = shop.get_pricelist(env)
        self.sales = env["sale.order"]

    def before(self, step):
        pass

    def order(self):
        self.sales = self.sales.create(
            {
                "partner_id": self.buyer.id,
                "pricelist_id": self.pricelist.id,
                "order_line": [
                    Command.create(
                        {"product_id": product.id, "product_uom_qty": 1 + number % 12}
                    )
                    for number, product in enumerate(self.products)
                ],
            }
        )

    def update(self):
        self.sales._recompute_prices()

    def change(self):
        self.sales.order_line[0].product_uom_qty = 30

    def promote(self):
        self.sales._update_programs_and_rewards()
        for coupon, rewards in self.sales._get_claimable_rewards().items():
            for reward in rewards:
                self.sales._apply_program_reward(reward, coupon)

    def confirm(self):
        self.sales.action_confirm()

    def count(self, step):
        lines = self.sales.order_line
        return len(lines.filtered(lambda line: line.price_unit > 0))


class Order(CoreOrder):
    name = "artisan_pricing"


class CoreCreate:
    """Many orders of three lines, each by itself as customers send them."""

    name = RIVAL
    steps = ("create",)
    rows = {"create": "pricing.create"}

    def __init__(self, env):
        self.sales = env["sale.order"]
        buyers = env["res.partner"].search_count([("name", "like", "Buyer %")])
        self.vals_list = shop.prepare_orders(env, 5 * buyers)

    def before(self, step):
        pass

    def create(self):
        for vals in self.vals_list:
            self.sales |= self.sales.create([vals])
            self.sales.env.cr.commit()

    def count(self, step):
        return len(self.sales)


class Create(CoreCreate):
    name = "artisan_pricing"


class CoreIdle(CoreCreate):
    rows = {"create": "pricing.idle"}


class Idle(CoreIdle):
    name = "artisan_pricing, not used"


class CorePost(posting.Post):
    """Draft invoices are posted at once."""

    name = RIVAL
    rows = {"post": "pricing.post"}


class Post(CorePost):
    name = "artisan_pricing"
