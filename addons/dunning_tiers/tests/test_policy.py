from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestPolicyDeletion(DunningCommon):
    """What notices refer to stays; what nobody used goes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.mode = "review"
        cls.invoice = cls._create_debt(100, due=8)

    def test_used_policy_level_and_proposal_are_not_deleted(self):
        run = self._propose()
        for used, advice in (
            (self.policy, "archive"),
            (self.friendly, "archive"),
            (run, "cancel"),
        ):
            with (
                self.subTest(used._name),
                self.assertRaisesRegex(UserError, f"{advice} it instead"),
            ):
                used.unlink()
        self.assertEqual(run.notice_ids.level_id, self.friendly)

    def test_policy_level_and_proposal_that_nobody_used_are_deleted(self):
        unused = self._create_policy(name="Unused")
        run = self.env["dunning.run"].create({"company_id": self.company.id})
        for record in (self.final, unused, run):
            with self.subTest(record._name):
                record.unlink()
                self.assertFalse(record.exists())

    def test_level_whose_template_was_deleted_asks_for_another(self):
        self.template.unlink()
        self.assertFalse(self.friendly.mail_template_id)
        self._assert_reason(self.invoice, "no_template")
