from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from odoo.addons.age_verification_stock.tests.common import AgeStockCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestDeliveryCarrier(AgeStockCommon):
    """Who may take a parcel to the door."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["delivery.carrier"].search([]).active = False
        cls.lockers = cls._create_carrier("Lockers", uses_safe_places=True)
        cls.fit = cls._create_carrier("Fit", checks_age=True)
        cls.rule_spirits.needs_delivery_check = True
        cls._prove(18)

    @classmethod
    def _create_carrier(cls, name, **kwargs):
        product = cls.env["product.product"].create({"name": name, "type": "service"})
        vals = {"name": name, "product_id": product.id, **kwargs}
        return cls.env["delivery.carrier"].create(vals)

    def _assert_refused(self, picking):
        with (
            self.assertRaisesRegex(UserError, "Lockers does not do it"),
            self.env.cr.savepoint(),
        ):
            picking.button_validate()

    def test_carrier_changed_on_the_delivery_has_to_fit(self):
        picking = self._deliver(self.gin, carrier_id=self.fit.id)
        picking.carrier_id = self.lockers
        self._assert_refused(picking)
        picking.carrier_id = self.fit
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_carrier_of_a_delivery_by_hand_has_to_fit(self):
        picking = self._create_picking(self.buyer, self.gin, carrier_id=self.lockers.id)
        self._assert_refused(picking)
        picking.carrier_id = self.fit
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_goods_without_a_check_go_with_any_carrier(self):
        picking = self._create_picking(
            self.buyer, self.wine, self.cheese, carrier_id=self.lockers.id
        )
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_only_fitting_carriers_are_offered_on_the_transfer(self):
        picking = self._create_picking(self.buyer, self.gin)
        self.assertEqual(picking.allowed_carrier_ids, self.fit)
        free = self._create_picking(self.buyer, self.cheese)
        self.assertEqual(free.allowed_carrier_ids, self.fit | self.lockers)
