from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import AgeCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestCombo(AgeCommon):
    """What is chosen in a combo is judged, the combo itself has no class."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.drinks, cls.food = cls.env["product.combo"].create(
            [
                {
                    "name": "Drink",
                    "combo_item_ids": [
                        Command.create({"product_id": product.id})
                        for product in (cls.gin, cls.wine)
                    ],
                },
                {
                    "name": "Food",
                    "combo_item_ids": [Command.create({"product_id": cls.cheese.id})],
                },
            ]
        )
        cls.menu = cls._create_goods(
            "Menu",
            type="combo",
            combo_ids=[Command.set((cls.drinks | cls.food).ids)],
        )

    def _create_menu(self, drink):
        order = self._create_order(self.menu)
        items = self.drinks.combo_item_ids | self.food.combo_item_ids
        order.order_line = [
            Command.create(
                {
                    "product_id": item.product_id.id,
                    "combo_item_id": item.id,
                    "linked_line_id": order.order_line[0].id,
                }
            )
            for item in items.filtered(lambda i: i.product_id in drink | self.cheese)
        ]
        return order

    def test_drink_of_a_menu_asks_for_its_own_age(self):
        self._prove(16)
        with self.assertRaisesRegex(UserError, "Gin"), self.env.cr.savepoint():
            self._create_menu(self.gin).action_confirm()
        order = self._create_menu(self.wine)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_invoice_of_a_menu_waits_as_well(self):
        proof = self._prove(18)
        order = self._create_menu(self.gin)
        order.action_confirm()
        proof._revoke("Not the buyer's")
        with self.assertRaisesRegex(UserError, "Gin"):
            order._create_invoices().action_post()
