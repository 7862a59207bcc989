from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import DunningCommon
from .ledger_common import TODAY


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestScreens(DunningCommon):
    """The forms, as people with no more rights than their work needs open them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.mode = "review"
        cls.clerk = new_test_user(
            cls.env,
            "billing_clerk",
            "account.group_account_invoice",
            company_id=cls.company.id,
        )
        cls.invoice = cls._create_debt(100, due=8)

    def _new_run(self):
        with Form(self.env["dunning.run"].with_user(self.accountant)) as form:
            form.date = TODAY
        return form.record

    # === PROPOSAL === #

    def test_accountant_makes_reviews_and_releases_a_proposal(self):
        run = self._new_run()
        run.action_propose()
        self.assertRecordValues(
            run, [{"state": "review", "notice_count": 1, "review_count": 1}]
        )
        run.action_approve_all()
        run.action_send()
        self.assertEqual(run.state, "sending")
        self.assertEqual(run.notice_ids.approved_by_id, self.accountant)

    def test_proposal_tells_invoices_that_wait_from_those_that_need_a_person(self):
        late = self._create_debt(50, due=3)
        nobody = self._create_customer("No Address")
        mute = self._create_debt(70, due=8, partner_id=nobody)
        run = self._new_run()
        run.action_propose()
        self.assertEqual(run.waiting_item_ids.move_id, late)
        self.assertEqual(run.attention_item_ids.move_id, mute)
        self.assertEqual(run.notice_ids.item_ids.move_id, self.invoice)

    def test_proposal_says_that_no_bank_statements_are_imported(self):
        self.assertEqual(self._new_run().bank_data, "none")

    def test_proposal_says_which_interest_rule_lacks_a_rate(self):
        rule = self.env.ref("dunning_tiers.interest_rule_de")
        self.policy.interest_rule_id = rule
        self.policy.level_ids.charge_interest = False
        run = self._new_run()
        self.env.ref("dunning_tiers.reference_rate_bundesbank_2026_07").unlink()
        self.assertFalse(run.rule_without_rate_ids, "no level charges interest")
        self.final.charge_interest = True
        run.invalidate_recordset()
        self.assertEqual(run.rule_without_rate_ids, rule)
        self.assertEqual(str(rule.missing_half_year), "2026-07-01")

    def test_proposal_says_that_bank_statements_are_old(self):
        self._import_bank_line(days=20)
        run = self._new_run()
        self.assertEqual(run.bank_data, "stale")
        self.assertEqual(run.last_bank_date, TODAY - timedelta(days=20))
        run.action_propose()
        self.assertFalse(run.notice_ids)
        run.stale_reason = "Looked at the bank's website"
        run.action_propose()
        self.assertEqual(len(run.notice_ids), 1)

    def test_proposal_with_recent_bank_statements_warns_of_nothing(self):
        self._import_bank_line(days=1)
        self.assertEqual(self._new_run().bank_data, "fresh")

    def test_proposal_of_a_policy_that_ignores_the_bank_warns_of_nothing(self):
        self._import_bank_line(days=20)
        self.policy.bank_max_age_days = 0
        self.assertEqual(self._new_run().bank_data, "unchecked")

    def _import_bank_line(self, days):
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": TODAY - timedelta(days=days),
                "payment_ref": "Card takings",
                "amount": 12.0,
            }
        )

    def test_match_shows_the_bank_lines_that_stop_the_invoice(self):
        named = self._create_bank_line(f"Payment {self.invoice.name}", 60)
        own = self._create_bank_line("thanks", 40, partner_id=self.customer.id)
        self._create_bank_line("somebody else", 30)
        self._create_bank_line(f"Refund {self.invoice.name}", -30)
        item = self._propose().item_ids.with_user(self.accountant)
        self.assertEqual(item.reason, "bank_line")
        action = item.action_open_unmatched()
        lines = self.env[action["res_model"]].with_user(self.accountant)
        self.assertEqual(lines.search(action["domain"]), own | named)
        view_id, view_type = action["views"][0]
        arch = lines.get_view(view_id, view_type)["arch"]
        self.assertIn('name="move_id"', arch)

    def test_match_shows_the_bank_line_that_names_an_invoice_without_customer(self):
        named = self._create_bank_line(self.invoice.name, 60)
        self._create_bank_line("nobody", 30)
        self.assertEqual(self._propose().item_ids._get_bank_line_ids(), named.ids)

    def test_match_shows_the_payments_that_stop_the_invoice(self):
        payment = self._create_payment(100, date=1)
        item = self._propose().item_ids
        self.assertEqual(item.reason, "unmatched_credit")
        action = item.action_open_unmatched()
        self.assertEqual(action["res_model"], "account.move.line")
        found = self.env["account.move.line"].search(action["domain"])
        self.assertEqual(found.move_id, payment.move_id | self.invoice)

    def test_candidate_leads_to_its_customer(self):
        item = self._propose().item_ids.with_user(self.accountant)
        action = item.action_open_customer()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("res.partner", self.customer.id)
        )

    # === NOTICE === #

    def test_notice_shows_the_mail_before_it_goes(self):
        notice = self._propose().notice_ids.with_user(self.accountant)
        self.assertEqual(notice.preview_subject, f"Reminder {notice.name}")
        self.assertIn(self.invoice.name, notice.preview_body)
        self.assertFalse(notice.preview_error)

    def test_notice_says_what_is_wrong_with_its_template(self):
        notice = self._propose().notice_ids.with_user(self.accountant)
        self.env.cr.execute(
            """UPDATE mail_template
                  SET subject = '{"en_US": "Due {{ object.no_such_field }}"}'
                WHERE id = %s""",
            [self.template.id],
        )
        self.env.invalidate_all()
        with mute_logger("odoo.addons.mail.models.mail_render_mixin"):
            self.assertFalse(notice.preview_body)
        self.assertIn("no_such_field", notice.preview_error)

    def test_sent_notice_shows_what_was_sent_not_what_would_go_now(self):
        run = self._propose()
        notice = run.notice_ids
        notice.action_approve()
        self._send(run)
        self.template.body_html = self.template.body_html.replace(
            "<div>", "<div><p>Other words</p>", 1
        )
        self.assertEqual(notice.state, "sent")
        self.assertIn(self.invoice.name, notice.preview_body)
        self.assertNotIn("Other words", notice.preview_body)

    def test_notice_form_opens_for_accountant_and_changes_the_recipient(self):
        second = self.env["res.partner"].create(
            {
                "name": "Accounts",
                "parent_id": self.customer.id,
                "email": "accounts@example.com",
            }
        )
        notice = self._propose().notice_ids.with_user(self.accountant)
        with Form(notice) as form:
            form.contact_id = second
        self.assertEqual(notice.email, "accounts@example.com")

    # === RIGHTS === #

    def test_billing_clerk_sees_notices_but_cannot_approve_or_send(self):
        run = self._propose()
        notice = run.notice_ids.with_user(self.clerk)
        self.assertEqual(notice.partner_id, self.customer)
        for forbidden in (
            notice.action_approve,
            notice.action_cancel,
            notice.action_send_now,
            run.with_user(self.clerk).action_approve_all,
            run.with_user(self.clerk).action_propose,
        ):
            with self.subTest(forbidden.__name__), self.assertRaises(AccessError):
                forbidden()
        self.assertEqual(run.notice_ids.state, "review")

    def test_only_a_manager_switches_to_automatic(self):
        for user in (self.clerk, self.accountant):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.policy.with_user(user).action_switch_to_automatic()
        self.assertEqual(self.policy.mode, "review")
        manager = new_test_user(
            self.env,
            "dunning_manager",
            "dunning_tiers.group_dunning_manager",
            company_id=self.company.id,
        )
        self.policy.with_user(manager).action_switch_to_automatic()
        self.assertEqual(self.policy.mode, "automatic")

    def test_policy_with_a_level_that_says_nothing_stays_in_review(self):
        self.firm.mail_template_id = False
        with self.assertRaisesRegex(UserError, self.firm.name):
            self.policy.action_switch_to_automatic()
        self.assertEqual(self.policy.mode, "review")

    def test_only_a_manager_changes_the_default_policy(self):
        other = self._create_policy(name="Other")
        with self.assertRaises(AccessError):
            other.with_user(self.accountant).action_make_default()
        other.action_make_default()
        self.assertEqual(self.company.dunning_policy_id, other)
        self.assertTrue(other.is_company_default)
        self.assertFalse(self.policy.is_company_default)

    # === HOLDS === #

    def test_billing_clerk_holds_reminders_from_the_invoice(self):
        run = self._propose()
        action = self.invoice.with_user(self.clerk).action_hold_dunning()
        holds = self.env["dunning.hold"].with_user(self.clerk)
        with Form(holds.with_context(**action["context"])) as form:
            self.assertEqual(form.date_end, TODAY + timedelta(days=30))
            form.reason = "Wrong colour"
        self.assertEqual(form.record.partner_id, self.customer)
        self.assertEqual(self.invoice.dunning_status, "held")
        self.assertEqual(run.notice_ids.state, "skipped")

    def test_hold_suggests_the_days_of_its_kind_and_none_for_a_legal_case(self):
        form = Form(
            self.env["dunning.hold"].with_context(default_move_id=self.invoice.id)
        )
        days = {"paid_claim": 7, "promise": 7, "other": 14}
        for kind, expected in days.items():
            form.kind = kind
            self.assertEqual(form.date_end, TODAY + timedelta(days=expected), kind)
        form.kind = "legal"
        self.assertFalse(form.date_end)

    def test_invoice_and_customer_lead_to_their_notices_and_holds(self):
        self._propose()
        self.assertEqual(self.customer.dunning_notice_count, 1)
        notices = self.customer.action_open_dunning_notices()
        self.assertEqual(
            self.env["dunning.notice"].search(notices["domain"]).partner_id,
            self.customer,
        )
        hold = self.env["dunning.hold"].create(
            {
                "move_id": self.invoice.id,
                "reason": "Wrong colour",
                "date_end": TODAY,
            }
        )
        holds = self.invoice.action_open_dunning_holds()
        self.assertEqual(self.env["dunning.hold"].search(holds["domain"]), hold)

    # === LETTERS === #

    def test_printed_letter_leaves_the_list_to_print(self):
        self.customer.write({"street": "1 Main Street", "city": "Portland"})
        self.friendly.write({"print_letter": True, "send_mail": False})
        run = self._propose()
        run.action_approve_all()
        self._send(run)
        notice = run.notice_ids
        self.assertEqual(notice.state, "sent")
        to_print = [("letter_id", "!=", False), ("letter_printed", "=", False)]
        notices = self.env["dunning.notice"].with_user(self.accountant)
        self.assertEqual(notices.search(to_print), notice)
        notice.with_user(self.accountant).action_print_letters()
        self.assertFalse(notices.search(to_print))
