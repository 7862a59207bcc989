"""A shop with customers, products and journals that both sides use, and the file that ours reads.

Everything is made by core and its accounting; nothing is there of the orders themselves.
"""

from __future__ import annotations

import json
from decimal import Decimal
from io import BytesIO
from typing import BinaryIO

from odoo import api
from odoo.fields import Command
from odoo.tools import split_every

PRODUCTS = 30
LINES_EACH = 3
#: Percent, on top of prices; the tax of the chart that core installs by itself.
TAX = Decimal(15)
#: Name of the channel, and what tells the files of this benchmark from others.
CHANNEL = "Benchmark shop"
#: Parameter that says how many orders our side imports.
SIZE = "benchmark.orders"
#: Parameter that says how many of them it invoices.
PROCESSED = "benchmark.processed"


def build(
    env: api.Environment, orders: int, customers: int, processed: int | None = None
) -> None:
    """Make customers, products, a channel and a bank journal.

    :param orders: what our side imports
    :param customers: one for each order that either side invoices
    :param processed: how many of the imported orders become invoices; all by default
    """
    env["ir.config_parameter"].set_param(SIZE, orders)
    env["ir.config_parameter"].set_param(
        PROCESSED, orders if processed is None else processed
    )
    company = env.company
    tax = company.account_sale_tax_id
    assert company.currency_id.name == "USD" and not tax.price_include
    assert Decimal(str(tax.amount)) == TAX
    company.country_id = env.ref("base.us")
    products = env["product.product"].create(
        [
            {
                "name": f"Piece {number:02}",
                "default_code": f"PIECE-{number:02}",
                "list_price": float(get_price(number)),
                "taxes_id": [Command.set(tax.ids)],
                "invoice_policy": "order",
            }
            for number in range(PRODUCTS)
        ]
    )
    buyers = _create_customers(env, customers)
    channel = _create_channel(env, products, buyers)
    _create_bank(env, channel)


def _create_customers(env, count):
    oregon = env.ref("base.state_us_32")
    values = [
        {
            "name": f"Ann Buyer {number:05}",
            "email": f"buyer{number}@customer.example",
            "street": f"{number} Main Street",
            "city": "Portland",
            "zip": "97201",
            "state_id": oregon.id,
            "country_id": oregon.country_id.id,
        }
        for number in range(1, count + 1)
    ]
    customers = env["res.partner"].with_context(tracking_disable=True)
    for batch in split_every(1000, values, list):
        customers += customers.create(batch)
    return customers


def _create_channel(env, products, customers):
    channel = env["marketplace.channel"].create(
        {
            "name": CHANNEL,
            "platform": "woocommerce",
            "review_mode": "automatic",
            "sample_percent": 0,
            "timezone": "UTC",
        }
    )
    channel.action_set_up_accounts()
    env["marketplace.product.mapping"].create(
        [
            {
                "channel_id": channel.id,
                "code": product.default_code,
                "product_id": product.id,
            }
            for product in products
        ]
    )
    env["marketplace.partner.mapping"].create(
        [
            {
                "channel_id": channel.id,
                "external_ref": str(number),
                "partner_id": customer.id,
            }
            for number, customer in enumerate(customers, start=1)
        ]
    )
    return channel


def _create_bank(env, channel):
    """Core's payments go to the account that ours clears to, so that both book the same."""
    env["account.journal"].create(
        {
            "name": "Benchmark bank",
            "code": "BNCH",
            "type": "bank",
            "inbound_payment_method_line_ids": [
                Command.create(
                    {
                        "payment_method_id": env.ref(
                            "account.account_payment_method_manual_in"
                        ).id,
                        "payment_account_id": channel.clearing_account_id.id,
                    }
                )
            ],
        }
    )


def get_size(env):
    return int(env["ir.config_parameter"].get_param(SIZE))


def get_processed(env):
    return int(env["ir.config_parameter"].get_param(PROCESSED))


def get_channel(env):
    return env["marketplace.channel"].search([("name", "=", CHANNEL)])


def get_bank(env):
    return env["account.journal"].search([("code", "=", "BNCH")])


def get_customers(env):
    return env["res.partner"].search([("name", "=like", "Ann Buyer %")], order="name")


def get_products(env):
    return env["product.product"].search([("name", "=like", "Piece %")], order="name")


# -- orders ------------------------------------------------------------------------------


def get_price(product: int) -> Decimal:
    """Return a price whose tax is whole cents, so that no side has to round."""
    return Decimal("4.80") + Decimal("3.20") * product


def get_lines(order: int) -> list[tuple[int, int, Decimal]]:
    """Return (product, quantity, price of one) of each line of one order, without tax."""
    places = [(order * 7 + 11 * place) % PRODUCTS for place in range(LINES_EACH)]
    return [
        (product, 1 + (order + place) % 4, get_price(product))
        for place, product in enumerate(places)
    ]


def get_total(order: int) -> Decimal:
    """Return what the buyer of one order paid."""
    return sum(
        quantity * price + _get_tax(quantity * price)
        for _product, quantity, price in get_lines(order)
    )


def _get_tax(net: Decimal) -> Decimal:
    return (net * TAX / 100).quantize(Decimal("0.01"))


def make_file(orders: int) -> bytes:
    """Return so many paid orders as the shop system gives them (WooCommerce REST v3)."""
    out = BytesIO()
    write_file(out, orders)
    return out.getvalue()


def write_file(target: BinaryIO, orders: int) -> None:
    """Write the same order by order, so that no more than one is in memory."""
    for number in range(1, orders + 1):
        target.write(b"[" if number == 1 else b",")
        target.write(json.dumps(_make_order(number)).encode())
    target.write(b"]")


def _make_order(number):
    lines = [
        _make_line(number, place, *line)
        for place, line in enumerate(get_lines(number), start=1)
    ]
    tax = sum(Decimal(line["total_tax"]) for line in lines)
    address = {
        "first_name": "Ann",
        "last_name": f"Buyer {number:05}",
        "company": "",
        "address_1": f"{number} Main Street",
        "address_2": "",
        "city": "Portland",
        "state": "OR",
        "postcode": "97201",
        "country": "US",
    }
    return {
        "id": number,
        "number": str(number),
        "status": "processing",
        "currency": "USD",
        "date_created_gmt": f"2025-03-{1 + number % 28:02}T10:00:00",
        "date_modified_gmt": f"2025-03-{1 + number % 28:02}T10:05:00",
        "date_paid_gmt": f"2025-03-{1 + number % 28:02}T10:05:00",
        "prices_include_tax": False,
        "discount_total": "0.00",
        "shipping_total": "0.00",
        "cart_tax": str(tax),
        "total_tax": str(tax),
        "total": str(get_total(number)),
        "customer_id": number,
        "payment_method": "stripe",
        "payment_method_title": "Card",
        "billing": {
            **address,
            "email": f"buyer{number}@customer.example",
            "phone": "",
        },
        "shipping": address,
        "line_items": lines,
        "tax_lines": [],
        "shipping_lines": [],
        "fee_lines": [],
        "coupon_lines": [],
        "refunds": [],
    }


def _make_line(number, place, product, quantity, price):
    net = quantity * price
    return {
        "id": 1000 * number + place,
        "name": f"Piece {product:02}",
        "product_id": product,
        "variation_id": 0,
        "quantity": quantity,
        "subtotal": str(net),
        "subtotal_tax": str(_get_tax(net)),
        "total": str(net),
        "total_tax": str(_get_tax(net)),
        "taxes": [],
        "sku": f"PIECE-{product:02}",
        "price": str(price),
    }
