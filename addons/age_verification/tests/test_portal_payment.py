from contextlib import suppress

from lxml import html

from odoo.exceptions import ValidationError
from odoo.tests import JsonRpcException, freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.account_payment.tests.common import AccountPaymentCommon
from odoo.addons.http_routing.tests.common import MockRequest
from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from ..controllers.payment import AgePaymentPortal
from .common import AgeCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestPortalPayment(AgeCommon, AccountPaymentCommon, PaymentHttpCommon):
    """Nobody pays in the customer's portal, or by a link, for what they may not have."""

    def setUp(self):
        super().setUp()
        self.order = self._create_order(self.gin, require_payment=True)
        self.order.action_quotation_sent()

    def _pay(self):
        """What the payment form of the order's page sends."""
        self.env.flush_all()
        values = self._prepare_transaction_values(
            self.payment_method_id, None, "direct"
        )
        for name in ("currency_id", "partner_id", "reference_prefix"):
            del values[name]
        values["amount"] = self.order.amount_total
        values["access_token"] = self.order._portal_ensure_token()
        return self._get_processing_values(
            tx_route=f"/my/orders/{self.order.id}/transaction", **values
        )

    def _assert_refused(self, words):
        with mute_logger("odoo.http"), self.assertRaises(JsonRpcException) as refusal:
            self._pay()
        self.assertIn("ValidationError", str(refusal.exception))
        with self.assertRaises(ValidationError) as refusal:
            self.order._age_check_payable()
        self.assertIn(words, str(refusal.exception))
        self.assertFalse(self.order.transaction_ids)

    def test_quotation_of_an_unproved_buyer_is_not_paid_and_says_where_to_prove(self):
        self._assert_refused("Please prove your age first")

    def test_quotation_that_is_held_is_not_paid(self):
        self.order._age_hold("request")
        self._assert_refused("Please prove your age first")

    def test_prohibited_sale_is_not_paid_and_sends_nobody_to_a_proof(self):
        self.rule_spirits.kind = "prohibited"
        self._assert_refused("get in touch with us")

    def test_quotation_that_was_disowned_is_not_paid(self):
        self._prove(18)
        self.env["age.request"]._get_for(self.order)._disown()
        self._assert_refused("get in touch with us")

    def test_quotation_of_a_proved_buyer_is_paid(self):
        self._prove(18)
        self.assertTrue(self._pay()["reference"])
        self.assertEqual(self.order.transaction_ids.state, "draft")

    def test_free_products_are_paid(self):
        self.order = self._create_order(self.cheese, require_payment=True)
        self.order.action_quotation_sent()
        self.assertTrue(self._pay()["reference"])

    def test_rest_of_a_confirmed_order_is_paid_though_the_proof_has_ended(self):
        proof = self._prove(18)
        self.order.action_confirm()
        proof.sudo().valid_until = "2026-06-01"
        self.assertTrue(self._pay()["reference"])

    def test_refused_payment_is_evidence(self):
        with suppress(ValidationError):
            self.order._age_check_payable()
        checks = self.order.age_check_ids
        self.assertEqual(
            checks.mapped(lambda c: (c.gate, c.verdict)), [("payment", "unproved")]
        )

    def test_route_that_names_the_order_as_an_argument_is_refused_as_well(self):
        with MockRequest(self.env), self.assertRaises(ValidationError) as refusal:
            AgePaymentPortal()._create_transaction(sale_order_id=self.order.id)
        self.assertIn("Please prove your age first", str(refusal.exception))

    def test_link_to_pay_shows_the_proof_instead_of_the_payment(self):
        amount = self.order.amount_total
        link = f"{self.order.get_portal_url()}&payment_amount={amount}"
        for has_proof in (False, True):
            self.env.flush_all()
            page = html.fromstring(self.url_open(link).content)
            pay = page.xpath("//*[@id='o_sale_portal_paynow']")
            box = page.xpath("//*[@id='age_box']")
            self.assertEqual((bool(pay), bool(box)), (has_proof, not has_proof))
            self._prove(18)

    def test_link_to_pay_of_somebody_elses_order_tells_nothing(self):
        link = f"/my/orders/{self.order.id}?access_token=x&payment_amount=1"
        self.env.flush_all()
        self.assertNotIn(self.order.name, self.url_open(link).text)
