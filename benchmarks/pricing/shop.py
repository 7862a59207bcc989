"""A shop with the goods of five makers and ordinary price rules with minimum quantities.

Everything is made by core, in a database without the addon; a copy of it gets the addon, where
the makers price the same goods by models of their own.
"""

from __future__ import annotations

from odoo import api
from odoo.fields import Command
from odoo.tools import split_every

MAKERS = 5
#: From so many on, so many percent less.
TIERS = ((5, 5.0), (10, 10.0), (25, 20.0))
#: Lines that count together, and how: all that a price model can do.
MODELS = (
    ("maker", "capped"),
    ("maker", "graduated"),
    ("category", "capped"),
    ("category", "volume"),
    ("template", "volume"),
)


def build_goods(env: api.Environment, lines: int) -> None:
    """Make as many products as the order has lines, and a pricelist with tiers of each."""
    categories = env["product.category"].create(
        [{"name": f"Craft {number}"} for number in range(MAKERS)]
    )
    products = env["product.product"].create(
        [
            {
                "name": f"Piece {number:04}",
                "list_price": 10.0 + number % 37,
                "categ_id": categories[number % MAKERS].id,
                "invoice_policy": "order",
            }
            for number in range(lines)
        ]
    )
    pricelist = env["product.pricelist"].create(
        {
            "name": "Wholesale",
            "item_ids": [
                Command.create(
                    {
                        "applied_on": "1_product",
                        "product_tmpl_id": product.product_tmpl_id.id,
                        "min_quantity": minimum,
                        "compute_price": "percentage",
                        "percent_price": percent,
                    }
                )
                for product in products
                for minimum, percent in TIERS
            ],
        }
    )
    _promote(env, "A tenth off the order", 10, discount_applicability="order")
    _promote(
        env,
        "A fifth off the first craft",
        20,
        discount_applicability="specific",
        discount_product_category_id=categories[0].id,
    )
    env["res.partner"].create(
        {
            "name": "Buyer",
            "country_id": env.ref("base.de").id,
            "specific_property_product_pricelist": pricelist.id,
        }
    )


def _promote(env, name, percent, **reward):
    env["loyalty.program"].create(
        {
            "name": name,
            "program_type": "promotion",
            "trigger": "auto",
            "rule_ids": [
                Command.clear(),
                Command.create({"minimum_qty": 0, "minimum_amount": 0}),
            ],
            "reward_ids": [
                Command.clear(),
                Command.create(
                    {"discount": percent, "discount_mode": "percent", **reward}
                ),
            ],
        }
    )


def build_buyers(env: api.Environment, orders: int) -> None:
    """Make a buyer for every fifth order, and thirty products with their rules."""
    build_goods(env, 30)
    pricelist = get_pricelist(env)
    env["res.partner"].create(
        [
            {
                "name": f"Buyer {number:05}",
                "country_id": env.ref("base.de").id,
                "specific_property_product_pricelist": pricelist.id,
            }
            for number in range(max(orders // 5, 1))
        ]
    )


def build_invoices(env: api.Environment, invoices: int) -> None:
    """Make so many confirmed orders of three lines with draft invoices."""
    build_buyers(env, invoices)
    sales = env["sale.order"].with_context(tracking_disable=True)
    for batch in split_every(200, prepare_orders(env, invoices), list):
        made = sales.create(batch)
        made.action_confirm()
        made._create_invoices(grouped=True)


def get_pricelist(env):
    return env["product.pricelist"].search([("name", "=", "Wholesale")], limit=1)


def get_products(env):
    return env["product.product"].search([("name", "like", "Piece %")], order="name")


def prepare_orders(env, orders: int) -> list[dict]:
    """Values of so many orders of three lines."""
    products = get_products(env)
    buyers = env["res.partner"].search([("name", "like", "Buyer%")], order="name")
    pricelist = get_pricelist(env)
    return [
        {
            "partner_id": buyers[number % len(buyers)].id,
            "pricelist_id": pricelist.id,
            "order_line": [
                Command.create(
                    {
                        "product_id": products[(number + 7 * place) % 30].id,
                        "product_uom_qty": 1 + (number + place) % 12,
                    }
                )
                for place in range(3)
            ],
        }
        for number in range(orders)
    ]


# -- with the addon ------------------------------------------------------------------------


def leave_idle(env: api.Environment) -> None:
    """The addon is there, and nobody uses it."""


def enable(env: api.Environment) -> None:
    """Let five makers price their goods by models of their own, with all there is."""
    makers = env["res.partner"].create(
        [
            {"name": f"Maker {number}", "is_maker": True, "opening_minimum": 1}
            for number in range(MAKERS)
        ]
    )
    products = get_products(env)
    for number, maker in enumerate(makers):
        templates = products[number::MAKERS].product_tmpl_id
        templates.maker_id = maker
    models = env["artisan.price.model"].create(
        [
            {
                "name": f"Prices of {maker.name}",
                "maker_id": maker.id,
                "scope": scope,
                "mode": mode,
                "counts_history": maker == makers[0],
                "minimum_quantity": 1,
                "case_pack": 1,
                "tier_ids": [
                    Command.create(
                        {"min_quantity": minimum, "kind": "percent", "value": percent}
                    )
                    for minimum, percent in TIERS
                ],
            }
            for maker, (scope, mode) in zip(makers, MODELS, strict=True)
        ]
    )
    pricelist = get_pricelist(env)
    pricelist.item_ids.unlink()
    pricelist.item_ids = [
        Command.create({"compute_price": "tiers", "price_model_id": model.id})
        for model in models
    ]
    env["artisan.content"].create(
        [
            {
                "name": f"Note of {maker.name}",
                "kind": "note",
                "maker_id": maker.id,
                "text": f"<p>Made by hand by <b>{maker.name}</b>.</p>",
            }
            for maker in makers
        ]
    )
    _enable_payers(env, makers[0])
    _enable_terms(env)


def _enable_payers(env, maker):
    """One promotion is the maker's own, one the platform's."""
    programs = env["loyalty.program"].search([("name", "like", "A % off the %")])
    own = programs.filtered(lambda program: "first craft" in program.name)
    own.maker_id = maker
    own.reward_ids.write({"maker_percent": 100, "platform_percent": 0})
    (programs - own).reward_ids.write({"maker_percent": 0, "platform_percent": 100})


def _enable_terms(env):
    """Buyers earn their payment term."""
    grades = (("Bronze", 0, 14), ("Silver", 40, 30), ("Gold", 80, 45))
    env["artisan.terms.policy"].create(
        {
            "name": "Wholesale",
            "full_turnover": 10_000,
            "grade_ids": [
                Command.create({"name": name, "min_score": score, "net_days": days})
                for name, score, days in grades
            ],
        }
    )
