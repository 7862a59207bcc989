from lxml import etree

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestHold(DunningCommon):
    def setUp(self):
        super().setUp()
        self.invoice = self._create_debt(100, due=8)

    def _hold(self, **kwargs):
        vals = {
            "company_id": self.company.id,
            "move_id": self.invoice.id,
            "reason": "Because",
            "date_end": "2026-06-20",
            "user_id": self.accountant.id,
            **kwargs,
        }
        return self.env["dunning.hold"].create(vals)

    def test_each_kind_of_hold_stops_reminders_with_its_reason(self):
        kinds = {
            "dispute": "dispute",
            "promise": "promise",
            "paid_claim": "paid_claim",
            "legal": "legal",
            "collection": "collection",
            "other": "hold",
        }
        for kind, reason in kinds.items():
            with self.subTest(kind):
                hold = self._hold(kind=kind)
                self._assert_reason(self.invoice, reason)
                hold.action_release()

    def test_hold_of_a_customer_stops_all_its_invoices(self):
        other = self._create_debt(50, due=9)
        self._hold(move_id=False, partner_id=self.customer.id, kind="legal")
        run = self._propose()
        self.assertEqual(run.item_ids.mapped("reason"), ["legal", "legal"])
        self.assertIn(other, run.item_ids.move_id)

    def test_hold_of_an_invoice_leaves_the_others(self):
        other = self._create_debt(50, due=9)
        self._hold()
        self.assertEqual(self._propose().notice_ids.item_ids.move_id, other)

    def test_hold_lasts_through_its_last_day(self):
        self._hold(date_end="2026-06-18", kind="promise")
        with freeze_time("2026-06-18 12:00:00"):
            self._assert_reason(self.invoice, "promise", self._propose("2026-06-18"))
        with freeze_time("2026-06-19 12:00:00"):
            self.assertEqual(len(self._propose("2026-06-19").notice_ids), 1)

    def test_invoice_shows_on_hold_only_while_the_hold_lasts(self):
        moves = self.env["account.move"]
        held = [("id", "=", self.invoice.id), ("dunning_status", "=", "held")]
        self._hold(date_from="2026-06-16", date_end="2026-06-18")
        expected = {
            "2026-06-15": "none",
            "2026-06-16": "held",
            "2026-06-18": "held",
            "2026-06-19": "none",
        }
        for day, status in expected.items():
            with self.subTest(day), freeze_time(f"{day} 12:00:00"):
                self.env.invalidate_all()
                self.assertEqual(self.invoice.dunning_status, status)
                self.assertEqual(moves.search_count(held), status == "held")

    def test_disputed_amount_is_left_out_and_the_rest_goes_on(self):
        self._hold(kind="dispute", amount=30)
        run = self._propose()
        self.assertEqual(run.notice_ids.amount_total, 70)
        self.assertRecordValues(
            run.item_ids,
            [{"amount_residual": 100, "amount_disputed": 30, "amount_asked": 70}],
        )

    def test_disputed_amount_as_high_as_what_is_open_stops(self):
        self._pay(self.invoice, date=1, amount=80)
        self.invoice.matched_payment_ids.action_validate()
        self._hold(kind="dispute", amount=30)
        self._assert_reason(self.invoice, "dispute")

    def test_disputed_lines_are_left_out(self):
        invoice = self._create_invoice(
            invoice_line_ids=[
                self._prepare_invoice_line(price_unit=price, tax_ids=[])
                for price in (60, 40)
            ],
            partner_id=self.customer,
            invoice_date=self._day(20),
            invoice_date_due=self._day(9),
            invoice_payment_term_id=None,
            post=True,
        )
        line = invoice.invoice_line_ids.filtered(lambda line: line.price_total == 40)
        self._hold(move_id=invoice.id, kind="dispute", line_ids=line.ids)
        item = self._propose().item_ids.filtered(lambda i: i.move_id == invoice)
        self.assertEqual(item.amount_asked, 60)

    def test_disputed_amount_is_taken_from_the_first_instalment(self):
        term = self._create_halves_term(5)
        invoice = self._create_invoice_one_line(
            partner_id=self.customer,
            price_unit=100,
            tax_ids=[],
            invoice_date=self._day(20),
            invoice_payment_term_id=term.id,
            post=True,
        )
        self._hold(move_id=invoice.id, kind="dispute", amount=60)
        items = self._propose().item_ids.filtered(lambda i: i.move_id == invoice)
        self.assertEqual(
            items.sorted("date_maturity").mapped("amount_asked"), [0.0, 40.0]
        )

    def test_hold_stays_when_the_customer_becomes_part_of_another(self):
        self._hold(kind="legal", move_id=False, partner_id=self.customer.id)
        group = self._create_customer("Walnut Group", email="group@example.com")
        self.customer.parent_id = group
        self.env.flush_all()
        run = self._propose()
        self.assertEqual(run.item_ids.mapped("reason"), ["legal"])

    def test_dispute_of_one_instalment_leaves_the_next_to_be_sent(self):
        self._pay(self.invoice, date=0)
        term = self._create_halves_term(5)
        invoice = self._create_invoice_one_line(
            partner_id=self.customer,
            price_unit=200,
            tax_ids=[],
            invoice_date=self._day(20),
            invoice_payment_term_id=term.id,
            post=True,
        )
        self._hold(move_id=invoice.id, kind="dispute", amount=100)
        run = self._propose()
        self.assertEqual(run.notice_ids.amount_total, 100)
        self.assertEqual(len(self._send(run)), 1)

    def test_hold_takes_its_invoice_out_of_a_waiting_notice_at_once(self):
        self.policy.mode = "review"
        other = self._create_debt(50, due=9)
        notice = self._propose().notice_ids
        self.assertEqual(notice.amount_total, 150)
        self._hold()
        self.assertEqual(notice.item_ids.move_id, other)
        self.assertEqual(notice.amount_total, 50)
        self.assertEqual(notice.state, "review")

    def test_promise_kept_and_broken_are_counted(self):
        kept = self._hold(kind="promise", date_end="2026-06-17", amount=40)
        second = self._create_debt(50, due=9)
        broken = self._hold(kind="promise", date_end="2026-06-17", move_id=second.id)
        self._pay(self.invoice, date=-1, amount=40)
        self.env["dunning.hold"]._update_ended(
            fields.Date.to_date("2026-06-18"), self.company
        )
        self.assertEqual(kept.state, "kept")
        self.assertEqual(broken.state, "broken")

    def test_payment_before_the_promise_does_not_keep_it(self):
        self._pay(self.invoice, date=5, amount=40)
        promise = self._hold(kind="promise", date_end="2026-06-17", amount=40)
        self.env["dunning.hold"]._update_ended(
            fields.Date.to_date("2026-06-18"), self.company
        )
        self.assertEqual(promise.state, "broken")

    def test_promise_of_a_customer_for_everything(self):
        promise = self._hold(
            kind="promise",
            move_id=False,
            partner_id=self.customer.id,
            date_end="2026-06-17",
        )
        self._pay(self.invoice, date=0)
        self.env["dunning.hold"]._update_ended(
            fields.Date.to_date("2026-06-16"), self.company
        )
        self.assertEqual(promise.state, "kept")

    def test_holds_end_by_themselves_once_the_day_is_over_in_their_company(self):
        east = self.setup_other_company()["company"]
        east.partner_id.tz = "Pacific/Kiritimati"
        here = self._hold(date_end="2026-06-15")
        there = self._hold(
            date_end="2026-06-15",
            company_id=east.id,
            move_id=False,
            partner_id=self.customer.id,
        )
        promise = self._hold(
            kind="promise", date_end="2026-06-14", date_from="2026-06-10"
        )
        with self.enter_registry_test_mode():
            cron = self.env.ref("dunning_tiers.ir_cron_update_dunning_hold")
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(here.state, "active")
        # There it is two o'clock on the 16th.
        self.assertEqual(there.state, "expired")
        self.assertEqual(promise.state, "broken")

    def test_billing_clerk_is_not_offered_to_hand_over_to_collection(self):
        for user, widget in (
            (self.accountant, "filterable_selection"),
            (self.env.user, "radio"),
        ):
            hold = self.env["dunning.hold"].with_user(user)
            arch = etree.fromstring(hold.get_view(view_type="form")["arch"])
            [kind] = arch.xpath("//field[@name='kind']")
            self.assertEqual(kind.get("widget"), widget)

    def test_owner_is_reminded_on_the_last_day(self):
        hold = self._hold()
        self.assertRecordValues(
            hold.activity_ids,
            [
                {
                    "user_id": self.accountant.id,
                    "date_deadline": fields.Date.to_date("2026-06-20"),
                }
            ],
        )
        hold.action_release()
        self.assertFalse(hold.activity_ids)

    def test_hold_without_end_is_refused_except_legal_and_collection(self):
        for kind in ("dispute", "promise", "paid_claim", "other"):
            with self.subTest(kind), self.assertRaises(ValidationError):
                self._hold(kind=kind, date_end=False)
        self.assertTrue(self._hold(kind="legal", date_end=False))

    def test_lines_of_another_invoice_are_refused(self):
        other = self._create_debt(50, due=9)
        with self.assertRaises(ValidationError):
            self._hold(kind="dispute", line_ids=other.invoice_line_ids.ids)

    def test_contact_is_replaced_by_its_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Works", "parent_id": self.customer.id}
        )
        hold = self._hold(move_id=False, partner_id=contact.id)
        self.assertEqual(hold.partner_id, self.customer)

    def test_status_of_the_invoice_can_be_searched(self):
        self._hold()
        other = self._create_debt(50, due=9)
        excluded = self._create_debt(40, due=9)
        excluded.no_followup = True
        paid = self._create_debt(30, due=9)
        self._pay(paid, date=0)
        moves = self.invoice + other + excluded + paid
        self.assertEqual(
            moves.mapped("dunning_status"), ["held", "none", "excluded", False]
        )
        for move in moves - paid:
            found = moves.search(
                [
                    ("dunning_status", "=", move.dunning_status),
                    ("id", "in", moves.ids),
                ]
            )
            self.assertEqual(found, move)
