from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestNoticeCharges(DunningCommon):
    """A debt of 36,500 bears a cent for each point of the rate and day, times hundred.

    The rule is that of Germany, in the company's currency: 1.27 + 9 points for
    businesses in the first half of 2026, so 10.27 a day; 1.52 + 9 in the second.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.env.ref("dunning_tiers.interest_rule_de").copy(
            {
                "company_id": cls.company.id,
                "compensation_currency_id": cls.company.currency_id.id,
            }
        )
        cls.policy.interest_rule_id = cls.rule
        cls.levels = cls.friendly | cls.firm
        cls.levels.write(
            {"charge_interest": True, "charge_compensation": True, "fee_amount": 5}
        )

    def _notice(self, date="2026-06-15"):
        notice = self._propose(date).notice_ids
        self.assertEqual(len(notice), 1)
        return notice

    def _instalments(self, amount, *days):
        """An invoice of which equal parts are so many days overdue."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Instalments",
                "line_ids": [
                    Command.create(
                        {
                            "value": "percent",
                            "value_amount": 100 / len(days),
                            "nb_days": 30 - day,
                        }
                    )
                    for day in days
                ],
            }
        )
        return self._create_invoice_one_line(
            price_unit=amount,
            invoice_date=self._day(30),
            partner_id=self.customer,
            invoice_payment_term_id=term,
            tax_ids=[],
            post=True,
        )

    # === PRINTED === #

    def test_notice_shows_fee_interest_and_compensation(self):
        invoice = self._create_debt(36500, due=8)
        notice = self._notice()
        self.assertRecordValues(
            notice,
            [
                {
                    "amount_fee": 5,
                    "amount_interest": 82.16,
                    "amount_compensation": 40,
                    "amount_total": 36627.16,
                    "charge_note": False,
                }
            ],
        )
        interest = notice.charge_ids.filtered(lambda c: c.kind == "interest")
        self.assertRecordValues(
            interest,
            [
                {
                    "move_id": invoice.id,
                    "date_from": self._day(7),
                    "date_to": self._day(0),
                    "days": 8,
                    "principal": 36500,
                    "rate": 10.27,
                    "amount": 82.16,
                }
            ],
        )
        self.assertFalse(notice.charge_move_id)

    def test_charges_set_again_replace_those_there_were(self):
        self._create_debt(36500, due=8)
        notice = self._notice()
        before = notice.charge_ids
        notice._set_charges()
        self.assertFalse(before.exists())
        self.assertEqual(len(notice.charge_ids), 3)
        self.assertEqual(notice.amount_total, 36627.16)

    def test_charges_follow_what_is_left_after_the_proposal(self):
        invoice = self._create_debt(36500, due=8)
        notice = self._notice()
        self._pay(invoice, date=0, amount=18250)
        notice.action_check_again()
        # Paid today: today still bears interest on the whole.
        self.assertEqual(notice.amount_interest, 82.16)
        self.assertEqual(notice.amount_total, 18250 + 5 + 82.16 + 40)

    def test_level_without_charges_asks_none(self):
        self.levels.write(
            {"charge_interest": False, "charge_compensation": False, "fee_amount": 0}
        )
        self._create_debt(36500, due=8)
        notice = self._notice()
        self.assertFalse(notice.charge_ids)
        self.assertEqual(notice.amount_total, 36500)

    def test_no_notice_is_no_trouble(self):
        self.env["dunning.notice"]._set_charges()
        self.env["dunning.notice"]._post_charges()
        self.assertFalse(self.env["dunning.notice.charge"].search([]))

    # === DEBTS === #

    def test_interest_follows_the_date_of_a_partial_payment(self):
        invoice = self._create_debt(36500, due=8)
        self._pay(invoice, date=3, amount=18250)
        interest = self._notice().charge_ids.filtered(lambda c: c.kind == "interest")
        self.assertEqual(
            [(line.days, line.principal, line.amount) for line in interest],
            [(5, 36500, 51.35), (3, 18250, 15.41)],
        )

    def test_what_a_credit_note_took_back_bears_no_interest(self):
        invoice = self._create_debt(36500, due=8)
        self._match(invoice, self._create_credit_note(18250, date=1))
        notice = self._notice()
        self.assertEqual(notice.amount_interest, 41.08)

    def test_credit_that_is_deducted_lowers_the_interest(self):
        self.policy.unmatched_credit = "net"
        self._create_debt(36500, due=8)
        self._create_payment(18250, date=3)
        notice = self._notice()
        self.assertEqual(notice.amount_credits, 18250)
        self.assertEqual(notice.amount_interest, 51.35 + 15.41)

    def test_disputed_part_bears_no_interest(self):
        invoice = self._create_debt(36500, due=8)
        self.env["dunning.hold"].create(
            {
                "company_id": self.company.id,
                "partner_id": self.customer.id,
                "move_id": invoice.id,
                "kind": "dispute",
                "reason": "Half of it is broken",
                "amount": 18250,
                "date_end": "2026-07-15",
            }
        )
        notice = self._notice()
        self.assertEqual(notice.amount_items, 18250)
        self.assertEqual(notice.amount_interest, 41.08)

    def test_instalments_bear_interest_singly_and_one_compensation(self):
        self.rule.band_ids.unlink()
        self.rule.band_ids = [
            Command.create(
                {"amount_to": 1000, "amount_to_included": True, "amount": 40}
            ),
            Command.create({"amount": 70}),
        ]
        self._instalments(1500, 10, 8)
        notice = self._notice()
        self.assertEqual(len(notice.item_ids), 2)
        interest = notice.charge_ids.filtered(lambda c: c.kind == "interest")
        self.assertEqual(interest.mapped("days"), [10, 8])
        self.assertEqual(notice.amount_compensation, 70)

    # === WHO PAYS === #

    def test_consumer_gets_first_notice_without_fee_and_compensation(self):
        self.customer.is_company = False
        self._create_debt(36500, due=8)
        notice = self._notice()
        self.assertEqual(notice.amount_fee, 0)
        self.assertEqual(notice.amount_compensation, 0)
        self.assertEqual(notice.amount_interest, 50.16)  # 1.27 + 5

    def test_consumer_pays_the_highest_fee_allowed_at_the_second_level(self):
        self.customer.is_company = False
        self._create_debt(36500, due=8)
        self._propose_and_send()
        notice = self._notice("2026-06-22")
        self.assertEqual(notice.level_id, self.firm)
        self.assertEqual(notice.amount_fee, 1.2)

    def test_rule_of_the_country_is_used_when_the_policy_has_none(self):
        self.policy.interest_rule_id = False
        self.company.account_fiscal_country_id = self.env.ref("base.de")
        self._create_debt(36500, due=8)
        self.assertEqual(self._notice().amount_interest, 82.16)

    # === WHAT IS NOT KNOWN === #

    def test_country_without_rule_leaves_interest_out_with_a_note(self):
        self.policy.interest_rule_id = False
        self.company.account_fiscal_country_id = self.env.ref("base.us")
        self._create_debt(36500, due=8)
        notice = self._notice()
        self.assertEqual(notice.amount_interest + notice.amount_compensation, 0)
        self.assertEqual(notice.amount_fee, 5)
        self.assertEqual(
            notice.charge_note, "Interest: no rule for the company's country."
        )

    def test_half_year_without_rate_leaves_interest_out_with_a_note(self):
        self._create_debt(36500, due=8)
        self._propose_and_send()
        notice = self._notice("2027-01-20")
        self.assertEqual(notice.amount_interest, 0)
        self.assertEqual(notice.amount_compensation, 40)
        self.assertEqual(
            notice.charge_note,
            "Interest: no reference rate for the half-year from 2027-01-01.",
        )

    def test_unknown_exchange_rate_leaves_charges_out_with_a_note(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        euro.rate_ids.unlink()
        self._create_debt(36500, due=8, currency_id=euro)
        notice = self._notice()
        self.assertEqual(notice.currency_id, euro)
        self.assertEqual(notice.amount_fee + notice.amount_compensation, 0)
        self.assertEqual(notice.amount_interest, 82.16)
        self.assertEqual(
            notice.charge_note.split("\n"),
            [
                "Fee: no exchange rate between USD and EUR.",
                "Compensation: no exchange rate between USD and EUR.",
            ],
        )

    def test_known_exchange_rate_converts_fee_and_compensation(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        self._create_debt(36500, due=8, currency_id=euro)
        notice = self._notice()
        self.assertEqual(notice.amount_fee, 10)
        self.assertEqual(notice.amount_compensation, 80)

    # === POSTED === #

    def _post_charges_of(self, amount=36500):
        """Send the first notice of a debt with a policy that posts charges."""
        self.policy.charges_posting = "post"
        self._create_debt(amount, due=8)
        return self._propose_and_send().notice_ids

    def test_charges_of_a_sent_notice_are_invoiced_once(self):
        account = self.company_data["default_account_revenue"].copy()
        self.policy.interest_account_id = account
        notice = self._post_charges_of()
        self.assertEqual(notice.state, "sent")
        move = notice.charge_move_id
        self.assertRecordValues(
            move,
            [
                {
                    "state": "posted",
                    "move_type": "out_invoice",
                    "partner_id": self.customer.id,
                    "invoice_origin": notice.name,
                    "no_followup": True,
                    "amount_total": 127.16,
                    "amount_tax": 0,
                }
            ],
        )
        interest = move.invoice_line_ids.filtered(
            lambda line: line.account_id == account
        )
        self.assertEqual(interest.price_subtotal, 82.16)
        self.assertIn("8 days at 10.27%", interest.name)
        notice._post_charges()
        self.assertEqual(notice.charge_move_id, move)
        found = self.env["account.move"].search([("invoice_origin", "=", notice.name)])
        self.assertEqual(found, move)

    def test_printed_charges_are_not_invoiced(self):
        self._create_debt(36500, due=8)
        notice = self._propose_and_send().notice_ids
        self.assertEqual(notice.state, "sent")
        notice._post_charges()
        self.assertFalse(notice.charge_move_id)

    def test_notice_that_was_not_sent_is_not_invoiced(self):
        self.policy.charges_posting = "post"
        self._create_debt(36500, due=8)
        notice = self._notice()
        notice._post_charges()
        self.assertFalse(notice.charge_move_id)

    def test_next_notice_asks_only_what_was_not_invoiced(self):
        self._post_charges_of()
        notice = self._notice("2026-06-22")
        self.assertEqual(notice.item_ids.mapped("level_id"), self.firm)
        interest = notice.charge_ids.filtered(lambda c: c.kind == "interest")
        self.assertEqual(interest.date_from.isoformat(), "2026-06-16")
        self.assertEqual(notice.amount_interest, 71.89)
        self.assertEqual(notice.amount_compensation, 0)

    def test_next_notice_asks_all_again_when_nothing_was_invoiced(self):
        self._create_debt(36500, due=8)
        self._propose_and_send()
        notice = self._notice("2026-06-22")
        self.assertEqual(notice.amount_interest, 154.05)
        self.assertEqual(notice.amount_compensation, 40)

    def test_sent_notice_keeps_what_the_customer_got(self):
        self._create_debt(36500, due=8)
        notice = self._propose_and_send().notice_ids
        charges = notice.charge_ids
        self.rule.margin = 1
        notice._set_charges()
        self.assertEqual(notice.charge_ids, charges)
        self.assertEqual(notice.amount_interest, 82.16)

    def test_charges_that_cannot_be_invoiced_do_not_stop_the_notice(self):
        journals = self.env["account.journal"].search(
            [("company_id", "=", self.company.id), ("type", "=", "sale")]
        )
        self._create_debt(36500, due=8)
        self.policy.charges_posting = "post"
        run = self._propose()
        journals.action_archive()
        self._send(run)
        notice = run.notice_ids
        self.assertEqual(notice.state, "sent")
        self.assertFalse(notice.charge_move_id)
        self.assertIn("no sales journal", notice.charge_note)
        self.assertIn(
            "Charges were not invoiced", notice.activity_ids.mapped("summary")
        )

    def test_charges_of_a_notice_that_bounced_are_taken_back(self):
        notice = self._post_charges_of()
        invoice = notice.charge_move_id
        notice.sudo()._message_receive_bounce("walnut@example.com", self.customer)
        self.assertEqual(notice.state, "failed")
        self.assertFalse(notice.charge_move_id)
        self.assertEqual(invoice.payment_state, "reversed")
        refund = invoice.reversal_move_ids
        self.assertRecordValues(
            refund,
            [{"state": "posted", "no_followup": True, "amount_total": 127.16}],
        )
        self.assertEqual(refund.amount_residual, 0)

    def test_charges_of_a_notice_sent_again_are_owed_once(self):
        notice = self._post_charges_of()
        notice.sudo()._message_receive_bounce("walnut@example.com", self.customer)
        self.customer.email = "new@example.com"
        notice.action_send_again()
        self._send(notice.run_id)
        self.assertEqual(notice.state, "sent")
        moves = self.env["account.move"].search(
            [("invoice_origin", "=", notice.name), ("move_type", "=", "out_invoice")]
        )
        self.assertEqual(len(moves), 2)
        self.assertEqual(sum(moves.mapped("amount_residual")), 127.16)
        self.assertEqual(notice.charge_move_id.amount_residual, 127.16)

    def test_charges_paid_before_the_bounce_stay(self):
        notice = self._post_charges_of()
        invoice = notice.charge_move_id
        self._pay(invoice, date=0)
        notice.sudo()._message_receive_bounce("walnut@example.com", self.customer)
        self.assertEqual(notice.state, "failed")
        self.assertEqual(notice.charge_move_id, invoice)
        self.assertFalse(invoice.reversal_move_ids)

    # === WHO MAY === #

    def test_user_reviews_charges_but_does_not_write_them(self):
        self.policy.mode = "review"
        self._create_debt(36500, due=8)
        notice = self._notice().with_user(self.accountant)
        notice._set_charges()
        self.assertEqual(len(notice.charge_ids), 3)
        charge = notice.charge_ids[0]
        with self.assertRaises(AccessError):
            charge.amount = 0
        with self.assertRaises(AccessError):
            charge.unlink()
        with self.assertRaises(AccessError):
            charge.copy()

    def test_charges_of_another_company_are_not_seen(self):
        self._create_debt(36500, due=8)
        charges = self._notice().charge_ids
        other = self.env["res.company"].create({"name": "Other"})
        self.accountant.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        Charge = self.env["dunning.notice.charge"].with_user(self.accountant)
        self.assertFalse(Charge.search([("id", "in", charges.ids)]))

    # === SIZE === #

    def test_queries_do_not_grow_with_the_number_of_notices(self):
        def count(number):
            for index in range(number):
                customer = self._create_customer(
                    f"Customer {number}-{index}", email=f"c{number}{index}@example.com"
                )
                self._create_debt(36500, due=8, partner_id=customer)
            notices = self._propose().notice_ids
            self.assertEqual(len(notices), number)
            self.env.flush_all()
            self.env.invalidate_all()
            notices = notices.browse(notices.ids)  # the run's list is forgotten too
            before = self.cr.sql_log_count
            notices._set_charges()
            self.env.flush_all()
            used = self.cr.sql_log_count - before
            notices.action_cancel()
            self.env["account.move"].search(
                [("partner_id", "in", notices.partner_id.ids)]
            ).no_followup = True
            return used

        count(1)  # fills what is read once: rights, currencies
        few, many = count(2), count(20)
        self.assertLessEqual(many, few)
