from odoo.modules.module import load_script
from odoo.tools import file_path

from .settlement_common import SettlementCommon


class TestMigration(SettlementCommon):
    """What an older version booked is matched by the payouts of this one."""

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
        script = load_script(
            file_path("marketplace_invoicing/migrations/19.0.1.1.0/post-migrate.py"),
            "post-migrate",
        )
        script.migrate(self.env.cr, "19.0.1.0.0")
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
