"""A shop with orders of wine, gin and cheese, confirmed and with draft invoices.

Everything is made by core, in a database without the addon; a copy of it gets the addon, with
what it needs to know of goods and buyers.
"""

from __future__ import annotations

from odoo import api, fields
from odoo.fields import Command
from odoo.tools import split_every

GOODS = (("Riesling", "alcohol_wine"), ("Gin", "alcohol_spirits"), ("Cheese", None))
#: Age that every buyer has proved: enough for each of the goods.
PROVED_AGE = 21


def build(env: api.Environment, orders: int) -> None:
    """Make so many orders with three lines each, confirm them and draft their invoices."""
    products = env["product.product"].create(
        [
            {"name": name, "list_price": 20.0, "invoice_policy": "order"}
            for name, _class in GOODS
        ]
    )
    buyers = env["res.partner"].create(
        [
            {"name": f"Buyer {number:05}", "country_id": env.ref("base.de").id}
            for number in range(1, orders + 1)
        ]
    )
    lines = [Command.create({"product_id": product.id}) for product in products]
    sales = env["sale.order"].with_context(tracking_disable=True)
    for batch in split_every(200, buyers.ids, list):
        made = sales.create(
            [{"partner_id": buyer, "order_line": lines} for buyer in batch]
        )
        made.action_confirm()
        made._create_invoices(grouped=True)


def restrict(env: api.Environment) -> None:
    """Tell the addon which goods are restricted, and prove the buyers' age."""
    for name, code in GOODS:
        if code:
            product_class = env.ref(f"age_verification.product_class_{code}")
            products = env["product.template"].search([("name", "=", name)])
            products.age_own_class_id = product_class
    today = fields.Date.today()
    buyers = env["sale.order"].search([]).partner_id
    env["age.proof"]._record(
        [
            {
                "partner_id": buyer.id,
                "company_id": env.company.id,
                "bound_date": fields.Date.subtract(today, years=PROVED_AGE),
                "method": "document",
                "assurance": "document",
                "proved_on": today,
            }
            for buyer in buyers
        ]
    )
