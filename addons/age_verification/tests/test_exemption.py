from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import AgeCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestExemption(AgeCommon):
    """What exempts a business is what two persons have seen, and for whom they saw it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer, cls.second = (
            new_test_user(
                cls.env,
                login,
                "sales_team.group_sale_salesman_all_leads,"
                "age_verification.group_age_officer,base.group_partner_manager",
                company_id=cls.company.id,
                tz="UTC",
            )
            for login in ("exempting_one", "exempting_two")
        )
        cls.clerk = new_test_user(
            cls.env,
            "clerk_who_renames",
            "base.group_partner_manager",
            company_id=cls.company.id,
        )
        cls.bar = cls._create_buyer("Bar", is_company=True)
        cls.barkeeper = cls._create_buyer("Keeper", parent_id=cls.bar.id)

    def _ask(self, user=None, **kwargs):
        return (
            self.env["age.exemption"]
            .with_user(user or self.officer)
            .create(
                {
                    "partner_id": self.bar.id,
                    "company_id": self.company.id,
                    "evidence": "Licence 7",
                    **kwargs,
                }
            )
        )

    def _approved(self, **kwargs):
        exemption = self._ask(**kwargs)
        exemption.with_user(self.second).action_approve()
        return exemption

    def _verdict(self, buyer):
        order = self._create_order(self.gin, buyer=buyer)
        return order.age_verdict

    def _paper(self, user=None, **kwargs):
        attachments = self.env["ir.attachment"].with_user(user or self.officer)
        return attachments.create({"name": "licence.pdf", "raw": b"seen", **kwargs})

    # === TWO PERSONS === #

    def test_who_brings_the_evidence_does_not_approve_it(self):
        exemption = self._ask()
        with self.assertRaisesRegex(AccessError, "It takes two"):
            exemption.action_approve()
        self.assertEqual(exemption.state, "draft")
        exemption.with_user(self.second).action_approve()
        self.assertRecordValues(
            exemption,
            [
                {
                    "state": "approved",
                    "requested_by_id": self.officer.id,
                    "approved_by_id": self.second.id,
                }
            ],
        )

    def test_who_asked_is_not_written_by_hand(self):
        exemption = self._ask(requested_by_id=self.second.id)
        self.assertEqual(exemption.requested_by_id, self.officer)
        with self.assertRaises(AccessError):
            exemption.requested_by_id = self.second
        with self.assertRaisesRegex(AccessError, "who asked"):
            exemption.with_user(self.second).evidence = "Licence 8"

    def test_defaults_of_the_context_approve_nothing(self):
        exemptions = self.env["age.exemption"].with_context(
            default_state="approved",
            default_approved_by_id=self.second.id,
            default_approved_on="2026-06-15 12:00:00",
            default_requested_by_id=self.second.id,
            default_contact_ids=[Command.set(self.buyer.ids)],
        )
        made = exemptions.with_user(self.officer).create(
            {
                "partner_id": self.bar.id,
                "company_id": self.company.id,
                "evidence": "Licence 7",
            }
        )
        self.assertRecordValues(
            made,
            [
                {
                    "state": "draft",
                    "requested_by_id": self.officer.id,
                    "approved_by_id": False,
                    "approved_on": False,
                    "contact_ids": [],
                }
            ],
        )
        self.assertEqual(self._verdict(self.bar), "unproved")

    def test_decided_exemption_is_not_decided_again(self):
        exemption = self._approved()
        with self.assertRaises(UserError):
            exemption.with_user(self.second).action_approve()
        exemption.with_user(self.second).action_withdraw()
        with self.assertRaises(UserError):
            exemption.with_user(self.second).action_approve()
        self.assertEqual(exemption.state, "withdrawn")

    # === EVIDENCE STAYS === #

    def test_approved_exemption_stays_as_it_was(self):
        exemption = self._approved(valid_until="2026-12-31")
        paper = self._paper()
        for vals in (
            {"evidence": "None"},
            {"valid_until": False},
            {"valid_until": "2036-12-31"},
            {"partner_id": self.buyer.id},
            {"attachment_ids": [Command.link(paper.id)]},
            {"contact_ids": [Command.link(self.buyer.id)]},
        ):
            for user in (self.officer, self.second):
                with self.subTest(vals), self.assertRaises(AccessError):
                    exemption.with_user(user).write(vals)
        with self.assertRaises(UserError):
            exemption.with_user(self.officer).unlink()

    def test_papers_of_an_approved_exemption_are_neither_swapped_nor_deleted(self):
        listed = self._paper()
        exemption = self._ask(attachment_ids=[Command.link(listed.id)])
        message = exemption.message_post(
            body="Seen", attachment_ids=self._paper(name="register.pdf").ids
        )
        with_partner = self._paper(res_model="res.partner", res_id=self.bar.id)
        message.attachment_ids += with_partner
        listed.raw = b"still a draft"
        exemption.with_user(self.second).action_approve()
        posted = message.attachment_ids
        self.assertNotIn(with_partner, posted)
        for paper in (*exemption.attachment_ids, *posted):
            for user in (self.officer, self.second):
                mine = paper.with_user(user)
                self.assertTrue(mine.raw)
                with self.assertRaises(AccessError):
                    mine.write({"raw": b"forged"})
                with self.assertRaises(AccessError):
                    mine.write({"res_id": 0})
                with self.assertRaises(AccessError):
                    mine.unlink()
        with self.assertRaises(AccessError):
            posted.sudo()._delete_and_notify(message)
        with_partner.unlink()

    def test_evidence_does_not_change_with_the_record_it_was_taken_from(self):
        elsewhere = self._paper(res_model="res.partner", res_id=self.bar.id)
        exemption = self._approved(attachment_ids=[Command.link(elsewhere.id)])
        elsewhere.raw = b"forged"
        self.assertEqual(exemption.attachment_ids.raw, b"seen")

    def test_what_is_not_approved_may_be_thrown_away_with_its_papers(self):
        exemption = self._ask(attachment_ids=[Command.link(self._paper().id)])
        paper = exemption.attachment_ids
        exemption.unlink()
        self.assertFalse(paper.exists())

    # === WHO IS COVERED === #

    def test_contacts_of_the_day_of_approval_are_exempt(self):
        self._approved()
        self.assertEqual(self._verdict(self.bar), "exempt")
        self.assertEqual(self._verdict(self.barkeeper), "exempt")
        self.assertEqual(self._verdict(self.buyer), "unproved")

    def test_who_is_made_a_contact_later_is_exempt_when_an_officer_says_so(self):
        exemption = self._approved()
        self.buyer.with_user(self.seller).sudo().parent_id = self.bar
        self.assertEqual(self._verdict(self.buyer), "unproved")
        self.assertEqual(exemption.new_contact_ids, self.buyer)
        with self.assertRaises(AccessError):
            exemption.with_user(self.seller).action_confirm_contacts()
        exemption.with_user(self.second).action_confirm_contacts()
        self.assertFalse(exemption.new_contact_ids)
        self.assertEqual(self._verdict(self.buyer), "exempt")

    def test_who_leaves_the_business_is_not_exempt_any_more(self):
        self._approved()
        self.barkeeper.parent_id = False
        self.assertEqual(self._verdict(self.barkeeper), "unproved")

    def test_contact_that_is_renamed_to_somebody_else_is_not_exempt_any_more(self):
        exemption = self._approved()
        self.barkeeper.with_user(self.clerk).name = "Ben"
        self.assertEqual(self._verdict(self.barkeeper), "unproved")
        self.assertEqual(exemption.new_contact_ids, self.barkeeper)
        self.assertIn("Ben", exemption.message_ids[0].body)
        self.assertEqual(exemption.state, "approved")
        exemption.with_user(self.second).action_confirm_contacts()
        self.assertEqual(self._verdict(self.barkeeper), "exempt")

    def test_business_that_is_renamed_to_another_one_is_not_exempt_any_more(self):
        exemption = self._approved()
        self.bar.with_user(self.clerk).name = "Playground"
        for buyer in (self.bar, self.barkeeper):
            self.assertEqual(self._verdict(buyer), "unproved")
        self.assertEqual(exemption.state, "withdrawn")
        self.assertIn("another name", exemption.message_ids[0].body)

    def test_name_written_in_another_way_keeps_the_exemption(self):
        self._approved()
        self.bar.name = "BAR."
        self.barkeeper.name = " keeper"
        for buyer in (self.bar, self.barkeeper):
            self.assertEqual(self._verdict(buyer), "exempt")

    def _merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((source | target).ids, target)

    def test_merging_an_exempt_business_into_another_one_does_not_exempt_that(self):
        exemption = self._approved()
        school = self._create_buyer("School", is_company=True)
        self._merge(self.bar, school)
        self.assertEqual(self._verdict(school), "unproved")
        self.assertEqual(exemption.state, "withdrawn")

    def test_merging_a_confirmed_contact_into_another_one_does_not_exempt_that(self):
        exemption = self._approved()
        pupil = self._create_buyer("Pupil", parent_id=self.bar.id)
        self._merge(self.barkeeper, pupil)
        self.assertEqual(self._verdict(pupil), "unproved")
        self.assertEqual(exemption.state, "approved")

    def test_business_that_is_renamed_holds_what_is_confirmed_and_not_invoiced(self):
        self._approved()
        order = self._create_order(self.gin, buyer=self.bar)
        order.action_confirm()
        self.bar.name = "Playground"
        with self.enter_registry_test_mode():
            self.env.ref("age_verification.ir_cron_judge_again").method_direct_trigger()
        self.assertTrue(order.age_held_since)

    def test_exemption_does_not_pass_to_who_becomes_the_parent_of_the_business(self):
        self._approved()
        stranger = self._create_buyer("Stranger", is_company=True)
        guest = self._create_buyer("Guest", parent_id=stranger.id)
        self.bar.write({"is_company": False, "parent_id": stranger.id})
        for buyer in (stranger, guest, self.bar):
            self.assertEqual(self._verdict(buyer), "unproved")

    def test_withdrawal_holds_what_is_confirmed_and_not_invoiced(self):
        exemption = self._approved()
        order = self._create_order(self.gin, buyer=self.bar)
        order.action_confirm()
        exemption.with_user(self.second).action_withdraw()
        with self.enter_registry_test_mode():
            self.env.ref("age_verification.ir_cron_judge_again").method_direct_trigger()
        self.assertTrue(order.age_held_since)

    def test_exemptions_of_many_buyers_take_as_many_queries_as_of_one(self):
        self._approved()
        buyers = self.env["res.partner"].union(
            *(
                self._create_buyer(f"Buyer {i}", parent_id=self.bar.id)
                for i in range(20)
            )
        )
        counts = []
        for people in (self.barkeeper, buyers):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["age.exemption"]._get_for(people, self.company)
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
