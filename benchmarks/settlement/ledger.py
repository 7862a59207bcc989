"""Orders whose money waits on the clearing account, and the payout that tells of it.

The open items are made and posted by core, a thousand in one entry: how they came there is
what other benchmarks time. Each stands for an invoiced order of 115.00.
"""

from __future__ import annotations

import json

from odoo import api
from odoo.fields import Command
from odoo.tools import split_every

#: Lines that a payout has for each order: what the buyer paid, and the channel's fee.
LINES_EACH = 2
GROSS, FEE = 115, 5
#: How the reader calls the fee of a charge.
FEE_CODE = "charge/fee"
CHANNEL = "Benchmark shop"
#: Parameter that says how many orders there are.
SIZE = "benchmark.orders"
DAY = "2025-03-10"


def build(env: api.Environment, orders: int) -> None:
    """Make a channel with accounts and the open item of each order."""
    env["ir.config_parameter"].set_param(SIZE, orders)
    channel = env["marketplace.channel"].create(
        {
            "name": CHANNEL,
            "platform": "shopify",
            "review_mode": "automatic",
            "sample_percent": 0,
            "timezone": "UTC",
        }
    )
    channel.action_set_up_accounts()
    expense = env["account.account"].search([("account_type", "=", "expense")], limit=1)
    env["marketplace.fee.mapping"].create(
        {"channel_id": channel.id, "code": FEE_CODE, "account_id": expense.id}
    )
    for numbers in split_every(1000, range(1, orders + 1), list):
        _build_orders(env, channel, numbers)


def _build_orders(env, channel, numbers):
    partner = env["res.partner"].create({"name": f"Buyers from {numbers[0]}"})
    orders = env["marketplace.order"].create(
        [
            {
                "channel_id": channel.id,
                "external_ref": str(number),
                "name": f"#{number}",
                "state": "invoiced",
                "currency_id": env.company.currency_id.id,
                "partner_id": partner.id,
                "amount_total": GROSS,
            }
            for number in numbers
        ]
    )
    income = env["account.account"].search([("account_type", "=", "income")], limit=1)
    clearing = channel.clearing_account_id
    move = env["account.move"].create(
        {
            "journal_id": channel.clearing_journal_id.id,
            "date": DAY,
            "line_ids": [
                Command.create(
                    {
                        "name": order.external_ref,
                        "account_id": clearing.id,
                        "partner_id": partner.id,
                        "debit": GROSS,
                        "marketplace_order_id": order.id,
                    }
                )
                for order in orders
            ]
            + [
                Command.create({"account_id": income.id, "credit": GROSS * len(orders)})
            ],
        }
    )
    move.action_post()
    orders.clearing_move_id = move


def get_size(env):
    return int(env["ir.config_parameter"].get_param(SIZE))


def get_channel(env):
    return env["marketplace.channel"].search([("name", "=", CHANNEL)])


def make_files(orders: int) -> tuple[bytes, bytes]:
    """Return head and lines of one payout of all orders, in Shopify's documented shape."""
    head = {
        "id": 77,
        "status": "paid",
        "date": "2025-03-12",
        "currency": "USD",
        "amount": f"{(GROSS - FEE) * orders}.00",
    }
    lines = [
        {
            "id": number,
            "type": "charge",
            "test": False,
            "payout_id": 77,
            "payout_status": "paid",
            "currency": "USD",
            "amount": f"{GROSS}.00",
            "fee": f"{FEE}.00",
            "net": f"{GROSS - FEE}.00",
            "source_id": number,
            "source_type": "charge",
            "source_order_id": number,
            "source_order_transaction_id": number,
            "processed_at": f"{DAY}T10:00:00+00:00",
        }
        for number in range(1, orders + 1)
    ]
    return (
        json.dumps({"payouts": [head]}).encode(),
        json.dumps({"transactions": lines}).encode(),
    )
