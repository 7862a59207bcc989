from unittest.mock import patch

from odoo.modules.module import load_script
from odoo.tools import file_path

from ..models import marketplace_order_payment as payment
from .settlement_common import SettlementCommon


class TestMigration(SettlementCommon):
    """What an older version booked is matched by the payouts of this one."""

    def _migrate(self, version, before):
        """Run what comes with a version on what an older one left."""
        path = f"marketplace_invoicing/migrations/{version}/post-migrate.py"
        load_script(file_path(path), "post-migrate").migrate(self.env.cr, before)

    def _forget_payments(self, orders):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE marketplace_order SET payment_refs = NULL WHERE id IN %s",
            [tuple(orders.ids)],
        )
        orders.invalidate_recordset()

    def test_items_cleared_before_know_their_orders(self):
        orders = self._import_orders(1, 2)
        items = orders.clearing_move_id.line_ids
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET marketplace_order_id = NULL, "
            "marketplace_role = NULL WHERE id IN %s",
            [tuple(items.ids)],
        )
        items.invalidate_recordset()
        self._migrate("19.0.1.1.0", "19.0.1.0.0")
        self.assertRecordValues(
            items.sorted("balance", reverse=True)[:2].sorted("name"),
            [
                {
                    "name": order.external_ref,
                    "account_id": self.clearing.id,
                    "marketplace_order_id": order.id,
                    "marketplace_role": "order",
                }
                for order in orders
            ],
        )
        self._post("P1", [("sale", "1", 115.0), ("sale", "2", 115.0)], payout=230.0)
        self.assertEqual(set(orders.mapped("state")), {"settled"})

    def test_orders_imported_before_learn_their_payments_and_their_payouts(self):
        """Three orders paid through Stripe, one of them with a payload nobody can read."""
        orders = self._import(
            [
                self._woo_order(number, transaction_id=f"ch_000000{number}")
                for number in (1, 2, 3)
            ]
        ).order_ids.sorted("external_ref")
        self._forget_payments(orders)
        orders[2].sudo().payload = "{"
        settlement = self._post(
            "P1", [("sale", "", 115.0, 10, {"reference": "ch_0000001"})], payout=115.0
        )
        self.assertFalse(settlement.line_ids.order_id)
        with patch.object(payment, "PAYLOADS_AT_ONCE", 1):
            self._migrate("19.0.1.2.0", "19.0.1.1.0")
        self.assertEqual(
            orders.mapped("payment_refs"), ["ch_0000001", "ch_0000002", False]
        )
        self.env["marketplace.settlement"].sudo()._match_again()
        self.assertEqual(settlement.line_ids.order_id, orders[0])
        self.assertEqual(orders[0].state, "settled")

    def test_queries_to_learn_payments_do_not_grow_with_orders(self):
        def count(numbers):
            orders = self._import(
                [
                    self._woo_order(number, transaction_id=f"ch_{number:08}")
                    for number in numbers
                ]
            ).order_ids
            self._forget_payments(orders)
            before = self.cr.sql_log_count
            self.assertEqual(
                self.env["marketplace.order"].sudo()._fill_payment_refs(), len(orders)
            )
            return self.cr.sql_log_count - before

        few = count(range(1, 4))
        self.assertLessEqual(count(range(101, 131)), few)
