from odoo.tests import freeze_time, new_test_user, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestNoticeOwner(DunningCommon):
    """Somebody answers for each notice, also after its owner has left."""

    def setUp(self):
        super().setUp()
        self.invoice = self._create_debt(100, due=8)
        self.leaver = new_test_user(
            self.env,
            "leaves_the_company",
            "dunning_tiers.group_dunning_user",
            company_id=self.company.id,
            email="leaver@example.com",
        )
        self.accountant.email = "stays@example.com"

    def test_new_notice_is_not_given_to_a_person_who_has_left(self):
        self.customer.with_company(self.company).dunning_user_id = self.leaver
        self.assertEqual(self._propose().notice_ids.user_id, self.leaver)
        self.leaver.active = False
        run = self._propose()
        self.assertEqual(run.notice_ids[-1:].user_id, self.accountant)

    def test_person_of_the_run_stands_in_for_the_policy_s(self):
        self.policy.user_id = self.leaver
        self.leaver.active = False
        self.assertEqual(self._propose().notice_ids.user_id, self.accountant)

    def test_mail_comes_from_somebody_who_is_still_there(self):
        notice = self._propose().notice_ids
        notice.user_id = self.leaver
        self.leaver.active = False
        [mail] = self._send(notice.run_id)
        self.assertEqual(notice.state, "sent")
        self.assertEqual(notice.user_id, self.accountant)
        self.assertIn("stays@example.com", mail["reply_to"])
        self.assertNotIn("leaver@example.com", mail["body"])

    def test_mail_comes_from_the_company_when_all_have_left(self):
        notice = self._propose(user_id=self.leaver.id).notice_ids
        self.company.email = "office@example.com"
        notice.user_id = self.policy.user_id = self.leaver
        self.leaver.active = False
        [mail] = self._send(notice.run_id)
        self.assertIn("office@example.com", mail["email_from"])
        self.assertIn("office@example.com", mail["reply_to"])

    def test_escalation_goes_to_a_person_who_is_still_there(self):
        self.escalation.activity_user_id = self.leaver
        self._receivable(self.invoice)._write_dunning(
            {"dunning_level_id": self.final.id, "dunning_date": self._day(20)}
        )
        self.invoice.invoice_date_due = self._day(60)
        notice = self._propose().notice_ids
        self.assertEqual(notice.kind, "escalation")
        self.leaver.active = False
        self._send(notice.run_id)
        self.assertEqual(notice.activity_ids.user_id, self.accountant)


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestLetterOnly(DunningCommon):
    """A letter that no mail goes with counts for the next level once it is printed."""

    def setUp(self):
        super().setUp()
        self.customer.write({"email": False, "street": "Way 1", "city": "Town"})
        (self.friendly | self.firm).print_letter = True
        self.invoice = self._create_debt(100, due=8)
        self.notice = self._propose_and_send().notice_ids

    def test_owner_is_asked_to_post_the_letter(self):
        self.assertEqual(self.notice.state, "sent")
        activity = self.notice.activity_ids
        self.assertEqual(activity.user_id, self.accountant)
        self.assertEqual(activity.summary, "Print and post the letter")
        self.notice.with_user(self.accountant).action_print_letters()
        self.assertFalse(self.notice.activity_ids)

    def test_next_level_waits_until_the_letter_is_printed(self):
        with freeze_time("2026-06-29 12:00:00"):
            self._assert_reason(
                self.invoice, "open_notice", self._propose("2026-06-29")
            )
            self.notice.with_user(self.accountant).action_print_letters()
            run = self._propose("2026-06-29")
            self.assertEqual(run.notice_ids.level_id, self.firm)

    def test_letter_about_what_is_paid_holds_up_nothing(self):
        other = self._create_debt(50, due=0)
        self._pay(self.invoice, date=0)
        with freeze_time("2026-06-29 12:00:00"):
            run = self._propose("2026-06-29")
            self.assertEqual(run.notice_ids.item_ids.move_id, other)

    def test_letter_beside_a_mail_holds_up_nothing(self):
        customer = self._create_customer(
            "Both", email="both@example.com", street="Way 2", city="Town"
        )
        invoice = self._create_debt(100, due=8, partner_id=customer)
        notice = self._propose_and_send().notice_ids
        self.assertTrue(notice.letter_id)
        self.assertFalse(notice.activity_ids)
        with freeze_time("2026-06-29 12:00:00"):
            run = self._propose("2026-06-29")
            self.assertEqual(run.notice_ids.item_ids.move_id, invoice)
