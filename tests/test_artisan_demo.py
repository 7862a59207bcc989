"""The makers of ``./run``: a month of theirs, from tiers to statements, as the demo loads it."""

from __future__ import annotations

import os

import pytest
from flow_support import copy_database, drop_database, run_script

#: What Odoo loads when the addon is installed with demo data.
LOAD = """
from odoo.modules.module import Manifest
from odoo.tools import convert_file
with env.cr.savepoint():
    for name in Manifest.for_addon("artisan_pricing")["demo"]:
        convert_file(env, "artisan_pricing", name, {}, mode="init", noupdate=True)
env.cr.commit()
"""

#: Sales, refunds and discounts borne by maker: 24 candles for what 25 cost (800), a bundle
#: for 68 (34 + 21.25 + 12.75), ten tea lights less 10 %, 12 mugs of which six less 12 %
#: (315.84) and one of them back, 14 pieces of linen less 15 %.
STATEMENTS = """
SELECT split_part(maker.name, ' ', 1), s.state, round(s.sale_total, 2)::text,
       round(s.refund_total, 2)::text, round(s.discount_total, 2)::text
  FROM artisan_statement s JOIN res_partner maker ON maker.id = s.maker_id
 ORDER BY maker.name
"""

#: What customers pay less what makers and the platform get of it.
DIFFERENCE = """
SELECT (SELECT sum(CASE move_type WHEN 'out_refund' THEN -amount_untaxed ELSE amount_untaxed END)
          FROM account_move
         WHERE state = 'posted' AND id IN (SELECT move_id FROM artisan_payout_entry))
       - sum(amount)
       - sum(CASE kind WHEN 'commission' THEN -amount ELSE platform_amount END)
  FROM artisan_payout_entry
"""


@pytest.fixture
def demo():
    """A database with the demo's makers and their month."""
    from odoo.tools import config

    template = os.environ.get("TEST_TEMPLATE_DB")
    if not template:
        pytest.skip("TEST_TEMPLATE_DB names no template: run ./test")
    database = copy_database(template, f"{config['db_name'][0]}_artisan_demo")
    run_script(database.name, LOAD)
    yield database
    drop_database(database.name)


def test_demo_month_ends_in_statements_to_the_cent(demo):
    assert demo.rows(STATEMENTS) == [
        ("Ilse", "billed", "1239.00", "0.00", "-37.50"),
        ("Maren", "confirmed", "337.09", "-26.32", "0.00"),
        ("Tomás", "draft", "274.55", "0.00", "0.00"),
    ]
    assert demo.value(DIFFERENCE) == 0
