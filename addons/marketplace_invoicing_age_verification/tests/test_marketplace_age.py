from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.marketplace_invoicing.tests.common import MarketplaceCommon


@tagged("post_install", "-at_install")
class TestMarketplaceAge(MarketplaceCommon):
    """Orders of channels with products that not everybody may buy."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("age_verification.group_age_manager")
        cls.env["age.rule"].search([]).active = False
        cls.spirits = cls.env.ref("age_verification.product_class_alcohol_spirits")
        cls.rule = cls.env["age.rule"].create(
            {
                "class_id": cls.spirits.id,
                "country_id": cls.country.id,
                "min_age": 21,
                "confidence": "primary",
                "source": "https://law.example.com",
            }
        )
        cls.bowl.age_own_class_id = cls.spirits

    def _prove(self, partner, age=21):
        today = fields.Date.today()
        return self.env["age.proof"]._record(
            [
                {
                    "partner_id": partner.id,
                    "company_id": self.company.id,
                    "bound_date": fields.Date.subtract(today, years=age),
                    "method": "document",
                    "assurance": "document",
                    "proved_on": today,
                }
            ]
        )

    def _release(self):
        with self.enter_registry_test_mode():
            self.env.ref("age_verification.ir_cron_release").method_direct_trigger()

    def test_restricted_product_without_proof_goes_to_review(self):
        order = self._import_one()
        self.assertEqual(order.state, "exception")
        self.assertEqual(self._open_codes(order), ["age_unproved"])
        self.assertFalse(order.sale_order_id)
        cause = order.issue_ids.cause_id
        self.assertIn("proof of age", cause.suggested_action)

    def test_other_orders_of_the_file_go_on(self):
        records = [
            self._woo_order(1),
            self._woo_order(2, lines=(("SPOON", 1, "100.00", "15.00"),)),
        ]
        orders = self._import(records).order_ids.sorted("external_ref")
        self.assertEqual(orders.mapped("state"), ["exception", "invoiced"])

    def test_order_is_invoiced_by_itself_when_its_buyer_has_proved_the_age(self):
        order = self._import_one()
        self._prove(order.partner_id, age=18)
        self._release()
        self.assertEqual(order.state, "exception")
        self._prove(order.partner_id, age=21)
        self._release()
        self.assertEqual(order.state, "invoiced")
        self.assertEqual(order.invoice_id.state, "posted")
        self.assertEqual(order.invoice_id.age_check_ids.verdict, "pass")

    def test_check_of_the_marketplace_is_kept_as_evidence_of_its_order_only(self):
        self.channel.age_assurance = "document"
        order = self._import_one()
        self.assertEqual(order.state, "invoiced")
        proof = order.invoice_id.age_check_ids.proof_id
        self.assertRecordValues(
            proof,
            [
                {
                    "method": "marketplace",
                    "assurance": "document",
                    "order_id": order.sale_order_id.id,
                    "partner_id": order.partner_id.id,
                }
            ],
        )
        self.assertTrue(proof._has_reference(f"woocommerce:{order.external_ref}"))

    def test_evidence_of_the_marketplace_ends_as_other_proofs_do(self):
        policy = self.env["age.policy"].create(
            {
                "name": "Standard",
                "company_id": self.company.id,
                "proof_valid_days": 30,
            }
        )
        self.company.age_policy_id = policy
        self.channel.age_assurance = "document"
        orders = self._import_one()
        policy.proof_valid_days = 0
        orders |= self._import_one(number=2)
        limited, endless = orders.invoice_id.age_check_ids.proof_id.sorted("id")
        self.assertEqual(
            limited.valid_until, fields.Date.add(limited.proved_on, days=30)
        )
        self.assertFalse(endless.valid_until)

    def _refuse_in_database(self, order):
        """Let PostgreSQL refuse to process an order further."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            CREATE FUNCTION refuse_order() RETURNS trigger LANGUAGE plpgsql AS
                $$BEGIN RAISE 'not this one'; END$$;
            CREATE TRIGGER refuse_order BEFORE UPDATE ON marketplace_order
                FOR EACH ROW WHEN (OLD.external_ref = %s)
                EXECUTE FUNCTION refuse_order();
            """,
            [order.external_ref],
        )

    def test_order_that_cannot_be_processed_does_not_stop_the_others(self):
        orders = self._import([self._woo_order(number) for number in (1, 2, 3)])
        orders = orders.order_ids.sorted("external_ref")
        for order in orders:
            self._prove(order.partner_id)
        self._refuse_in_database(orders[1])
        with mute_logger(
            "odoo.sql_db",
            "odoo.addons.marketplace_invoicing.models.marketplace_queue_mixin",
            "odoo.addons.marketplace_invoicing_age_verification.models.marketplace_order",
        ):
            self._release()
        self.assertEqual(orders.mapped("state"), ["invoiced", "exception", "invoiced"])
        self.assertIn("Not processed", orders[1].message_ids[0].body)

    def test_check_of_the_marketplace_that_is_too_weak_does_not_count(self):
        self.channel.age_assurance = "declared"
        order = self._import_one()
        self.assertEqual(self._open_codes(order), ["age_unproved"])
        self.assertFalse(self.env["age.proof"].search([], limit=1))

    def test_prohibited_product_is_for_nobody(self):
        self.rule.kind = "prohibited"
        self.channel.age_assurance = "attested"
        order = self._import_one()
        self.assertEqual(self._open_codes(order), ["age_refused"])

    def test_check_of_the_marketplace_does_not_tell_the_state(self):
        oregon = self.env.ref("base.state_us_32")
        self.rule.copy({"kind": "prohibited", "state_ids": oregon.ids})
        self.channel.age_assurance = "attested"
        nowhere = {**self._woo_order(1)["shipping"], "state": ""}
        order = self._import_one(shipping=nowhere, billing=nowhere)
        self.assertFalse(order.partner_id.state_id)
        self.assertEqual(self._open_codes(order), ["age_unproved"])
        self.assertIn("state", order.issue_ids.message)
        self.assertFalse(self.env["age.proof"].search([], limit=1))

    def test_order_read_twice_has_one_issue(self):
        order = self._import_one()
        order._requeue()
        self.assertEqual(self._open_codes(order), ["age_unproved"])
        self.assertEqual(len(order.issue_ids), 1)
