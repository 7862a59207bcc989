from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import AgeCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestGateOrder(AgeCommon):
    """What may be confirmed, what waits, and how it goes on."""

    def _assert_refused(self, order, verdict):
        self.assertEqual(order.age_verdict, verdict)
        with self.assertRaises(UserError):
            order.action_confirm()
        self.assertEqual(order.state, "draft")

    def _create_depot(self):
        """Another address of the buyer, in Denmark."""
        return self._create_buyer(
            "Depot",
            country_id=self.denmark.id,
            parent_id=self.buyer.id,
            type="delivery",
        )

    def _judge_again(self):
        with self.enter_registry_test_mode():
            cron = self.env.ref("age_verification.ir_cron_judge_again")
            cron.method_direct_trigger()

    # === WHAT PASSES === #

    def test_free_goods_need_no_proof(self):
        order = self._create_order(self.cheese)
        self.assertFalse(order.age_verdict)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertFalse(order.age_check_ids)

    def test_restricted_goods_wait_for_a_proof(self):
        self._assert_refused(self._create_order(self.gin), "unproved")

    def test_seller_is_told_to_ask_only_for_what_a_proof_would_help(self):
        waits, never = self._create_order(self.gin), self._create_order(self.gin)
        with self.assertRaisesRegex(UserError, "Ask for proof of age"):
            waits.action_confirm()
        self.rule_spirits.kind = "prohibited"
        with self.assertRaises(UserError) as refused:
            never.action_confirm()
        self.assertNotIn("Ask for proof of age", str(refused.exception))

    def test_proved_age_lets_the_order_pass_and_is_kept_as_evidence(self):
        proof = self._prove(18)
        order = self._create_order(self.gin)
        order.with_user(self.seller).action_confirm()
        self.assertRecordValues(
            order.age_check_ids,
            [
                {
                    "gate": "confirm",
                    "verdict": "pass",
                    "proof_id": proof.id,
                    "rule_id": self.rule_spirits.id,
                    "required_date": fields.Date.to_date("2008-06-15"),
                }
            ],
        )

    def test_wine_may_be_had_at_16_and_spirits_at_18(self):
        self._prove(16)
        self._create_order(self.wine).action_confirm()
        self._assert_refused(self._create_order(self.gin), "unproved")

    def test_17_strictest_of_two_restricted_lines_decides(self):
        self._prove(16)
        order = self._create_order(self.wine, self.gin)
        self._assert_refused(order, "unproved")
        self.assertIn("2008", order.age_message)
        self.assertNotIn("Riesling", order.age_message)

    def test_destination_decides_and_not_where_the_buyer_lives(self):
        self._create_rule(self.wine_class, self.denmark, 18)
        self._prove(16)
        there = self._create_depot()
        order = self._create_order(self.wine, partner_shipping_id=there.id)
        self._assert_refused(order, "unproved")

    def test_20_unknown_country_is_judged_by_the_policy_and_counted(self):
        nowhere = self._create_buyer("Nemo", country_id=False)
        self.policy.fallback_age = 21
        self._prove(18, buyer=nowhere)
        order = self._create_order(self.gin, buyer=nowhere)
        self._assert_refused(order, "unproved")
        self._prove(21, buyer=nowhere)
        order.action_confirm()
        self.assertEqual(order.age_check_ids[:1].warnings, ["unknown_country"])
        self.assertIn("unknown_rule", self._incidents(order))

    def test_order_says_what_is_in_doubt_about_the_law(self):
        self.rule_spirits.confidence = "conflict"
        order = self._create_order(self.gin)
        self.assertIn("Sources disagree", order.age_message)

    def test_state_of_another_country_makes_nothing_milder(self):
        self.rule_spirits.state_ids = self.env.ref("base.state_de_by")
        self.rule_spirits.min_age = 21
        self._prove(18)
        self.buyer.state_id = self.env.ref("base.state_us_1")
        self._assert_refused(self._create_order(self.gin), "unproved")

    # === WHOSE PROOF === #

    def test_proof_of_somebody_else_does_not_count(self):
        self._prove(18, buyer=self._create_buyer("Bob"))
        self._assert_refused(self._create_order(self.gin), "unproved")

    def test_proof_made_for_another_order_does_not_count(self):
        order, other = self._create_order(self.gin), self._create_order(self.gin)
        self._prove(18, order_id=other.id)
        self._assert_refused(order, "unproved")
        other.action_confirm()
        self.assertEqual(other.state, "sale")

    def test_proof_of_another_company_does_not_count(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._prove(18, company_id=other.id)
        self._assert_refused(self._create_order(self.gin), "unproved")

    def test_revoked_proof_does_not_count(self):
        self._prove(18)._revoke("Lost document")
        self._assert_refused(self._create_order(self.gin), "unproved")

    def test_declared_age_is_too_weak(self):
        self._prove(18, assurance="declared", method="declaration")
        self._assert_refused(self._create_order(self.gin), "weak")

    def test_policy_of_a_rule_goes_before_that_of_the_company(self):
        self._prove(18, assurance="declared", method="declaration")
        lenient = self.policy.copy({"min_assurance": "declared"})
        self.rule_spirits.policy_id = lenient
        order = self._create_order(self.gin)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    # === BUSINESSES === #

    def _create_exemption(self, shop, user=None):
        exemptions = self.env["age.exemption"].with_user(user or self.env.user)
        return exemptions.create(
            {
                "partner_id": shop.id,
                "company_id": self.company.id,
                "evidence": "Licence 7, seen at the register",
            }
        )

    def test_business_passes_with_evidence_only(self):
        shop = self._create_buyer("Bar", is_company=True)
        order = self._create_order(self.gin, buyer=shop)
        self._assert_refused(order, "unproved")
        exemption = self._create_exemption(shop, self.seller)
        self._assert_refused(order, "unproved")
        exemption.with_user(self.env.user).action_approve()
        order.invalidate_recordset()
        self.assertEqual(order.age_verdict, "exempt")
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_seller_cannot_exempt_anybody(self):
        shop = self._create_buyer("Bar", is_company=True)
        exemption = self._create_exemption(shop, self.seller)
        with self.assertRaises(AccessError):
            exemption.action_approve()
        with self.assertRaises(AccessError):
            exemption.state = "approved"
        vals = {"partner_id": shop.id, "company_id": self.company.id}
        made = (
            self.env["age.exemption"]
            .with_user(self.seller)
            .create({**vals, "evidence": "Licence", "state": "approved"})
        )
        self.assertEqual(made.state, "draft")

    # === HELD AND RELEASED === #

    def test_order_that_is_held_goes_on_when_the_age_is_proved(self):
        order = self._create_order(self.gin)
        order.with_user(self.seller).action_age_request()
        self.assertTrue(order.age_held_since)
        self._release()
        self.assertEqual(order.state, "draft")
        self._prove(18)
        self._release()
        self.assertRecordValues(order, [{"state": "sale", "age_held_since": False}])

    def _assert_still_offered(self, order):
        order.with_user(self.seller).action_age_request()
        state = order.state
        self._prove(18)
        self._release()
        self.assertRecordValues(order, [{"state": state, "age_held_since": False}])
        self.assertIn("Follow up on the quotation", order.activity_ids.summary)
        self.assertEqual(order.activity_ids.user_id, self.seller)

    def test_quotation_that_was_sent_to_be_signed_is_not_confirmed_by_the_proof(self):
        order = self._create_order(
            self.gin, require_signature=True, user_id=self.seller.id
        )
        order.action_quotation_sent()
        self._assert_still_offered(order)
        self.assertTrue(order._has_to_be_signed())

    def test_quotation_that_has_to_be_paid_first_is_not_confirmed_by_the_proof(self):
        order = self._create_order(
            self.gin, require_payment=True, user_id=self.seller.id
        )
        self._assert_still_offered(order)
        self.assertTrue(order._has_to_be_paid())

    def test_order_is_invoiced_with_its_release_where_the_policy_says_so(self):
        self.policy.invoice_on_release = True
        order = self._create_order(self.gin)
        order.action_age_request()
        self._prove(18)
        self._release()
        self.assertEqual(order.invoice_ids.state, "posted")
        self.assertEqual(order.invoice_ids.amount_total, order.amount_total)

    def test_nothing_is_asked_where_nothing_is_restricted(self):
        with self.assertRaises(UserError):
            self._create_order(self.cheese).action_age_request()

    def test_one_order_that_cannot_go_on_does_not_stop_the_others(self):
        broken = self._create_order(self.gin)
        fine = self._create_order(self.gin)
        (broken | fine).action_age_request()
        broken.order_line = [Command.create({"display_type": False, "name": "x"})]
        self._prove(18)
        with mute_logger("odoo.addons.age_verification.models.age_gate"):
            self._release()
        self.assertEqual((broken.state, fine.state), ("draft", "sale"))
        self.assertIn("Not released", broken.activity_ids.summary)

    def test_13_mixed_basket_invoices_only_free_lines_until_the_proof(self):
        self.policy.mixed_baskets = "lines"
        order = self._create_order(self.gin, self.cheese)
        order.action_confirm()
        first = order._create_invoices()
        self.assertEqual(first.invoice_line_ids.product_id, self.cheese)
        first.action_post()
        self.assertEqual(first.state, "posted")
        self._prove(18)
        second = order._create_invoices()
        self.assertEqual(second.invoice_line_ids.product_id, self.gin)
        second.action_post()
        self.assertEqual(second.state, "posted")

    def test_mixed_basket_is_held_whole_by_default(self):
        self._assert_refused(self._create_order(self.gin, self.cheese), "unproved")

    # === CHANGES AFTER THE PROOF === #

    def test_new_destination_after_the_proof_is_judged_again(self):
        self._create_rule(self.spirits_class, self.denmark, 21)
        self._prove(18)
        order = self._create_order(self.gin)
        order.action_confirm()
        order.partner_shipping_id = self._create_depot()
        self.assertTrue(order.age_held_since)
        self.assertIn("destination", self._incidents(order))

    def test_line_added_after_the_proof_is_judged_again(self):
        self._prove(16)
        order = self._create_order(self.wine)
        order.action_confirm()
        self.assertFalse(order.age_held_since)
        order.order_line = [Command.create({"product_id": self.gin.id})]
        self.assertTrue(order.age_held_since)

    def test_changed_law_holds_what_is_not_invoiced(self):
        self._prove(16)
        order = self._create_order(self.wine)
        order.action_confirm()
        self.rule_wine.date_to = "2026-06-30"
        self._create_rule(self.wine_class, self.germany, 18, date_from="2026-07-01")
        self._judge_again()
        self.assertFalse(order.age_held_since)
        with freeze_time("2026-07-01 12:00:00"):
            self._judge_again()
        self.assertTrue(order.age_held_since)

    # === EVIDENCE === #

    def test_proof_and_check_are_written_by_nobody(self):
        proof = self._prove(18)
        with self.assertRaises(AccessError):
            proof.with_user(self.env.user).sudo(False).valid_until = "2099-01-01"
        with self.assertRaises(AccessError):
            self.env["age.proof"].create({"partner_id": self.buyer.id})
        order = self._create_order(self.gin)
        order.action_confirm()
        with self.assertRaises(AccessError):
            order.age_check_ids.sudo().write({"verdict": "pass"})

    def test_seller_does_not_read_when_somebody_was_born(self):
        proof = self._prove(18).with_user(self.seller).sudo(False)
        self.assertEqual(proof.method, "document")
        with self.assertRaises(AccessError):
            proof.read(["bound_date"])

    def test_reference_of_a_provider_can_be_confirmed_and_not_read(self):
        proof = self._prove(18, reference="vs_123")
        self.assertTrue(proof._has_reference("vs_123"))
        self.assertFalse(proof._has_reference("vs_124"))
        self.assertNotIn("vs_123", str(proof.sudo().read()))
