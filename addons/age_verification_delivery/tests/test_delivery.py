from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from odoo.addons.age_verification.tests.payment_common import AgePaymentCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestDelivery(AgePaymentCommon):
    """Who may hand over what the law restricts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["delivery.carrier"].search([]).active = False
        cls.plain = cls._create_carrier("Plain")
        cls.lockers = cls._create_carrier("Lockers", uses_safe_places=True)
        cls.both = cls._create_carrier("Both", checks_age=True, uses_safe_places=True)
        cls.fit = cls._create_carrier("Fit", checks_age=True)
        cls.carriers = cls.plain | cls.lockers | cls.both | cls.fit

    @classmethod
    def _create_carrier(cls, name, **kwargs):
        product = cls.env["product.product"].create({"name": name, "type": "service"})
        vals = {"name": name, "product_id": product.id, **kwargs}
        return cls.env["delivery.carrier"].create(vals)

    def _offered(self, order):
        return self.carriers.available_carriers(order.partner_shipping_id, order)

    def test_all_carriers_carry_what_needs_no_check(self):
        self.assertEqual(self._offered(self._create_order(self.gin)), self.carriers)

    def test_rule_with_a_check_leaves_carriers_that_check_and_use_no_lockers(self):
        self.rule_spirits.needs_delivery_check = True
        self.assertEqual(self._offered(self._create_order(self.gin)), self.fit)
        self.assertEqual(self._offered(self._create_order(self.wine)), self.carriers)

    def test_one_line_that_needs_it_decides_for_the_parcel(self):
        self.rule_spirits.needs_delivery_check = True
        order = self._create_order(self.cheese, self.gin)
        self.assertEqual(self._offered(order), self.fit)

    def test_proof_made_online_does_not_replace_the_check_at_the_door(self):
        self.rule_spirits.needs_delivery_check = True
        self._prove(18)
        self.assertEqual(self._offered(self._create_order(self.gin)), self.fit)

    def test_class_and_policy_ask_for_it_as_well(self):
        self.wine_class.needs_delivery_check = True
        self.assertEqual(self._offered(self._create_order(self.wine)), self.fit)
        self.wine_class.needs_delivery_check = False
        self.policy.needs_delivery_check = True
        self.assertEqual(self._offered(self._create_order(self.wine)), self.fit)
        self.assertEqual(self._offered(self._create_order(self.cheese)), self.carriers)

    def test_wizard_offers_what_fits(self):
        self.rule_spirits.needs_delivery_check = True
        order = self._create_order(self.gin)
        wizard = self.env["choose.delivery.carrier"].create(
            {"order_id": order.id, "carrier_id": self.fit.id}
        )
        self.assertEqual(wizard.available_carrier_ids, self.fit)

    def test_order_with_a_carrier_that_does_not_fit_says_so(self):
        order = self._create_order(self.gin, carrier_id=self.plain.id)
        self.assertFalse(order.is_age_carrier_unfit)
        self.rule_spirits.needs_delivery_check = True
        order.invalidate_recordset()
        self.assertTrue(order.is_age_carrier_unfit)
        order.carrier_id = self.fit
        self.assertFalse(order.is_age_carrier_unfit)

    def _create_unfit(self):
        self.rule_spirits.needs_delivery_check = True
        self._prove(18)
        return self._create_order(self.gin, carrier_id=self.lockers.id)

    def test_order_with_a_carrier_that_does_not_fit_is_not_confirmed(self):
        order = self._create_unfit()
        with self.assertRaisesRegex(UserError, "Lockers does not do it"):
            order.action_confirm()
        order.carrier_id = self.fit
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_carrier_of_free_goods_is_not_looked_at(self):
        self.rule_spirits.needs_delivery_check = True
        order = self._create_order(self.cheese, carrier_id=self.lockers.id)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_paid_order_is_confirmed_and_its_carrier_is_a_task(self):
        order = self._create_unfit()
        order.user_id = self.seller
        transaction = self._pay(order)
        self.assertEqual(order.state, "sale")
        self.assertTrue(transaction.is_post_processed)
        self.assertRecordValues(
            order.activity_ids,
            [
                {
                    "summary": "Choose a carrier that checks the age",
                    "user_id": self.seller.id,
                }
            ],
        )

    def test_order_that_a_job_confirms_has_its_carrier_as_a_task(self):
        order = self._create_unfit()
        order.sudo().action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertEqual(len(order.activity_ids), 1)
