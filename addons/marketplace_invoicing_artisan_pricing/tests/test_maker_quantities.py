from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.marketplace_invoicing.tests.common import MarketplaceCommon


@tagged("post_install", "-at_install")
class TestMakerQuantities(MarketplaceCommon):
    def test_what_a_marketplace_sold_is_not_refused_for_its_quantity(self):
        self.env.user.group_ids |= self.env.ref("artisan_pricing.group_artisan_manager")
        maker = self.env["res.partner"].create(
            {"name": "Turner", "is_maker": True, "opening_minimum": 10**6}
        )
        self.bowl.write({"maker_id": maker.id, "minimum_quantity": 50, "case_pack": 7})
        order = self._import_one(lines=(("BOWL", 2, "150.00", "22.50"),))
        self.assertEqual(order.sale_order_id.state, "sale")
        own = self.env["sale.order"].create(
            {
                "partner_id": order.sale_order_id.partner_id.id,
                "order_line": [
                    Command.create({"product_id": self.bowl.id, "product_uom_qty": 2})
                ],
            }
        )
        with self.assertRaisesRegex(UserError, "the minimum is 50"):
            own.action_confirm()
