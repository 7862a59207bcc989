from odoo import Command, fields
from odoo.tests import HttpCase, tagged

from .payment_common import AgePaymentCommon


@tagged("post_install", "-at_install")
class TestTours(AgePaymentCommon, HttpCase):
    """Buyer and seller in a real browser; its clock is today's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller.write(
            {
                "company_ids": [Command.set(cls.company.ids)],
                "email": "seller@example.com",
            }
        )
        cls.env["ir.config_parameter"].set_param("sale.automatic_invoice", "True")
        simulator = cls.env["age.provider"].create(
            {
                "name": "Simulator",
                "code": "simulator",
                "simulator_format": "yoti",
                "state": "test",
                "company_id": cls.company.id,
            }
        )
        cls.policy.step_ids = [Command.create({"provider_id": simulator.id})]
        cls.order = cls._create_order(cls.gin, user_id=cls.seller.id)

    def _release(self):
        """Override: an HTTP test is in test mode already."""
        self.env.ref("age_verification.ir_cron_release").method_direct_trigger()
        self.env.invalidate_all()

    def test_paid_order_is_confirmed_and_invoiced_when_its_buyer_has_proved(self):
        self._pay(self.order)
        self.assertRecordValues(
            self.order, [{"state": "draft", "age_held_by": "payment"}]
        )
        self.start_tour(self.order._get_age_page_path(), "age_buyer_proves")
        self._release()
        self.assertEqual(self.order.state, "sale")
        self.assertEqual(self.order.invoice_ids.state, "posted")
        self.assertEqual(self.order.invoice_ids.amount_total, self.order.amount_total)

    def test_buyer_who_is_not_accepted_is_told_and_can_disown_the_order(self):
        self.order._age_hold("request")
        self.start_tour(self.order._get_age_page_path(), "age_buyer_is_refused")
        self.env.invalidate_all()
        self.assertTrue(self.order.is_age_disowned)

    def test_seller_asks_sees_the_order_held_and_released(self):
        url = f"/odoo/sales/{self.order.id}"
        self.start_tour(url, "age_seller_asks", login=self.seller.login)
        self.env.invalidate_all()
        self.assertEqual(self.order.age_held_by, "request")
        self.env.ref("age_verification.ir_cron_ask").method_direct_trigger()
        today = fields.Date.today()
        self._prove(18, proved_on=today)
        self._release()
        self.start_tour(url, "age_seller_sees_release", login=self.seller.login)
        self.assertEqual(self.order.state, "sale")
