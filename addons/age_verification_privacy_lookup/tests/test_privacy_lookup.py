from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.age_verification.tests.common import AgeCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestPrivacyLookup(AgeCommon):
    """A person who asks sees what is kept, and can have it erased."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer.name = "Ada Privacy Lovelace"
        cls.proof = cls._prove(18)
        cls.refusal = (
            cls.env["age.refusal"]
            .sudo()
            .create(
                {
                    "partner_id": cls.buyer.id,
                    "company_id": cls.company.id,
                    "day": "2026-01-01",
                    "bound_date": "2005-01-01",
                }
            )
        )
        cls.order = cls._create_order(cls.gin)
        cls.order.action_confirm()
        cls.check = cls.order.age_check_ids
        cls.env["age.incident"]._record(
            [
                {
                    "kind": "mismatch",
                    "company_id": cls.company.id,
                    "partner_id": cls.buyer.id,
                }
            ]
        )
        cls.incident = cls.env["age.incident"].search(
            [("partner_id", "=", cls.buyer.id)]
        )
        officer = new_test_user(
            cls.env,
            "officer_before_lookup",
            "age_verification.group_age_officer",
            company_id=cls.company.id,
        )
        cls.proof.with_user(officer).sudo(False).read(["bound_date"])
        cls.access = cls.env["age.proof.access"].search(
            [("partner_id", "=", cls.buyer.id)]
        )

    def _look_up(self):
        wizard = (
            self.env["privacy.lookup.wizard"]
            .sudo()
            .create({"name": self.buyer.name, "email": self.buyer.email})
        )
        wizard.action_lookup()
        return wizard

    def _lines(self, wizard):
        return wizard.line_ids.filtered(
            lambda line: (line.res_model or "").startswith("age.")
        )

    def test_lookup_finds_all_that_is_kept_of_a_person(self):
        found = {(line.res_model, line.res_id) for line in self._lines(self._look_up())}
        kept = (self.proof, self.refusal, self.check, self.incident, self.access)
        self.assertEqual(found, {(record._name, record.id) for record in kept})

    def test_erasing_removes_what_is_known_and_keeps_anonymous_evidence(self):
        wizard = self._look_up()
        self._lines(wizard).action_unlink_all()
        self.env.invalidate_all()
        self.assertFalse(self.proof.exists())
        self.assertFalse(self.refusal.exists())
        evidence = (self.check, self.incident, self.access)
        for record in evidence:
            self.assertTrue(record.exists(), record)
            self.assertFalse(record.partner_id, record)
        self.assertEqual(self.check.verdict, "pass")
        self.assertEqual(self.incident.kind, "mismatch")
        self.assertIn("Made anonymous Age Incident", wizard.execution_details)
        self.assertFalse(self._lines(self._look_up()))

    def test_chain_of_incidents_holds_after_erasing(self):
        self._lines(self._look_up()).action_unlink_all()
        result = self.env["age.incident"]._verify_chains(self.company)[self.company]
        self.assertIsNone(result[2])

    def test_what_is_anonymous_is_not_made_so_again(self):
        line = self._lines(self._look_up()).filtered(
            lambda line: line.res_model == "age.check"
        )
        line.action_unlink()
        with self.assertRaises(UserError):
            line.action_unlink()

    def test_seller_erases_nothing(self):
        line = self._lines(self._look_up())[:1]
        with self.assertRaises(AccessError):
            line.with_user(self.seller).sudo(False).action_unlink()
