from lxml import etree

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import AgeCommon

REASON = "Passport seen in the shop, the scanner was broken."


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestOverride(AgeCommon):
    """Two persons may let one sale pass, and it is on record that they did."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer, cls.second = (
            new_test_user(
                cls.env,
                login,
                "sales_team.group_sale_salesman_all_leads,"
                "account.group_account_invoice,"
                "age_verification.group_age_officer",
                company_id=cls.company.id,
                tz="UTC",
            )
            for login in ("officer_one", "officer_two")
        )

    def _ask(self, document, user=None, reason=REASON):
        name = "order_id" if document._name == "sale.order" else "move_id"
        overrides = self.env["age.override"].with_user(user or self.officer)
        return overrides.create({name: document.id, "reason": reason})

    def _approve(self, override, user=None):
        override.with_user(user or self.second).action_approve()

    def test_two_persons_let_an_order_pass(self):
        order = self._create_order(self.gin)
        self._approve(self._ask(order))
        self.assertEqual(order.age_verdict, "overridden")
        order.with_user(self.seller).action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.age_check_ids.verdict, "overridden")

    def test_override_is_on_record_with_both_names_and_the_reason(self):
        order = self._create_order(self.gin)
        self._approve(self._ask(order))
        incident = self.env["age.incident"].search([("order_id", "=", order.id)])
        self.assertRecordValues(
            incident,
            [
                {
                    "kind": "override",
                    "verdict": "unproved",
                    "user_id": self.second.id,
                    "partner_id": self.buyer.id,
                    "note": f"Asked by {self.officer.name}, approved by "
                    f"{self.second.name}: {REASON}",
                }
            ],
        )

    def test_order_that_is_held_goes_on_by_itself(self):
        order = self._create_order(self.gin)
        order.action_age_request()
        self._approve(self._ask(order))
        self._release()
        self.assertRecordValues(order, [{"state": "sale", "age_held_since": False}])
        bodies = " ".join(order.message_ids.mapped("body"))
        self.assertIn("Two persons let it pass", bodies)
        self.assertNotIn("age is proved", bodies.replace("until the buyer's age", ""))

    def test_who_asks_does_not_approve(self):
        order = self._create_order(self.gin)
        override = self._ask(order)
        with self.assertRaisesRegex(AccessError, "It takes two"):
            self._approve(override, self.officer)
        self.assertEqual(override.state, "draft")
        self.assertFalse(override.with_user(self.officer).may_decide)
        self.assertTrue(override.with_user(self.second).may_decide)
        new = self.env["age.override"].with_user(self.second).new({})
        self.assertFalse(new.may_decide)

    def test_seller_may_ask_and_not_approve(self):
        order = self._create_order(self.gin)
        override = self._ask(order, self.seller)
        other = new_test_user(self.env, "seller_two", "age_verification.group_age_user")
        with self.assertRaises(AccessError):
            self._approve(override, other)
        self._approve(override)
        self.assertEqual(override.state, "approved")

    def test_18_prohibited_place_cannot_be_overridden_by_one_user(self):
        """Nor by two: what the law forbids, no policy of the shop allows."""
        order = self._create_order(self.gin)
        override = self._ask(order)
        self.rule_spirits.kind = "prohibited"
        with self.assertRaises(AccessError):
            self._approve(override, self.officer)
        with self.assertRaisesRegex(UserError, "prohibited"):
            self._approve(override, self.second)
        with self.assertRaisesRegex(UserError, "prohibited"):
            self._ask(order)
        with self.assertRaisesRegex(UserError, "may not be sold"):
            order.action_confirm()
        self.assertEqual(self._incidents(order), ["prohibited"])

    def test_place_that_prohibits_after_the_approval_is_not_let_pass(self):
        order = self._create_order(self.gin)
        self._approve(self._ask(order))
        self.rule_spirits.kind = "prohibited"
        self.env.invalidate_all()
        self.assertEqual(order.age_verdict, "prohibited")
        with self.assertRaisesRegex(UserError, "may not be sold"):
            order.action_confirm()

    def test_another_order_is_not_let_pass(self):
        order, other = self._create_order(self.gin), self._create_order(self.gin)
        self._approve(self._ask(order))
        self.assertEqual(other.age_verdict, "unproved")

    def _confirm_overridden(self):
        order = self._create_order(self.gin)
        self._approve(self._ask(order))
        order.action_confirm()
        return order

    def test_invoice_of_an_order_that_was_let_pass_is_posted(self):
        invoice = self._confirm_overridden()._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.age_check_ids.verdict, "overridden")

    def test_invoice_with_more_than_the_order_needs_its_own_override(self):
        invoice = self._confirm_overridden()._create_invoices()
        line = {"product_id": self.wine.id, "price_unit": 20}
        invoice.invoice_line_ids = [Command.create(line)]
        with self.assertRaisesRegex(UserError, "is not posted"):
            invoice.action_post()
        self._approve(self._ask(invoice))
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_invoice_to_another_place_needs_its_own_override(self):
        invoice = self._confirm_overridden()._create_invoices()
        invoice.partner_shipping_id = self._create_buyer("Bob", country_id=False)
        with self.assertRaisesRegex(UserError, "is not posted"):
            invoice.action_post()

    def test_order_that_changes_needs_a_new_override(self):
        order = self._create_order(self.wine)
        self._approve(self._ask(order))
        self.assertEqual(order.age_verdict, "overridden")
        for change in (
            {"order_line": [Command.create({"product_id": self.gin.id})]},
            {"partner_shipping_id": self._create_buyer("Bob").id},
        ):
            with self.subTest(change), self.env.cr.savepoint() as savepoint:
                order.write(change)
                self.assertEqual(order.age_verdict, "unproved")
                savepoint.rollback()

    def test_more_of_the_same_needs_a_new_override(self):
        order = self._create_order(self.wine)
        self._approve(self._ask(order))
        line = order.order_line
        for change in (
            {"product_uom_qty": 2},
            {"product_uom_id": self.env.ref("uom.product_uom_dozen").id},
        ):
            with self.subTest(change), self.env.cr.savepoint() as savepoint:
                line.write(change)
                self.assertEqual(order.age_verdict, "unproved")
                with self.assertRaisesRegex(UserError, "is not confirmed"):
                    order.action_confirm()
                savepoint.rollback()
        order.order_line = [Command.create({"product_id": self.wine.id})]
        self.assertEqual(order.age_verdict, "unproved")

    def test_less_of_the_same_stays_let_pass(self):
        order = self._create_order(self.wine)
        order.order_line.product_uom_qty = 3
        self._approve(self._ask(order))
        order.order_line.product_uom_qty = 2
        self.assertEqual(order.age_verdict, "overridden")

    def test_more_of_what_is_free_stays_let_pass(self):
        order = self._create_order(self.wine, self.cheese)
        self._approve(self._ask(order))
        order.order_line[1].product_uom_qty = 100
        self.assertEqual(order.age_verdict, "overridden")

    def test_more_on_the_invoice_than_in_the_order_needs_its_own_override(self):
        invoice = self._confirm_overridden()._create_invoices()
        invoice.invoice_line_ids.quantity = 1000
        with self.assertRaisesRegex(UserError, "is not posted"):
            invoice.action_post()
        invoice.invoice_line_ids.quantity = 1
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_down_payment_of_an_order_that_was_let_pass_is_posted(self):
        order = self._confirm_overridden()
        wizard = self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids
        )
        wizard = wizard.create({"advance_payment_method": "percentage", "amount": 50})
        wizard.create_invoices()
        order.invoice_ids.action_post()
        rest = order._create_invoices(final=True)
        rest.action_post()
        self.assertEqual(set(order.invoice_ids.mapped("state")), {"posted"})

    def test_order_that_grew_since_it_was_asked_for_is_not_approved(self):
        order = self._create_order(self.wine)
        override = self._ask(order)
        order.order_line.product_uom_qty = 1000
        with self.assertRaisesRegex(UserError, "has changed"):
            self._approve(override)

    def test_approval_that_fails_is_not_on_record(self):
        """Of two at once, the first would do."""
        orders = [self._create_order(self.wine) for _ in range(2)]
        overrides = self.env["age.override"].union(*map(self._ask, orders))
        orders[1].order_line = [Command.create({"product_id": self.gin.id})]
        for asked in (overrides, overrides[::-1]):
            with self.assertRaisesRegex(UserError, "has changed"):
                self._approve(asked)
            self.assertEqual(set(overrides.mapped("state")), {"draft"})
            for order in orders:
                self.assertFalse(self._incidents(order))

    def test_overrides_that_are_approved_at_once_are_all_on_record(self):
        orders = [self._create_order(self.wine) for _ in range(2)]
        self._approve(self.env["age.override"].union(*map(self._ask, orders)))
        for order in orders:
            self.assertEqual(self._incidents(order), ["override"])
            self.assertEqual(order.age_verdict, "overridden")

    def test_defaults_of_the_context_show_no_approver(self):
        overrides = self.env["age.override"].with_context(
            default_approved_by_id=self.second.id,
            default_approved_on="2026-06-15 12:00:00",
            default_state="approved",
        )
        order = self._create_order(self.gin)
        made = overrides.with_user(self.officer).create(
            {"order_id": order.id, "reason": REASON}
        )
        self.assertRecordValues(
            made, [{"state": "draft", "approved_by_id": False, "approved_on": False}]
        )

    def test_order_that_changed_since_it_was_asked_for_is_not_approved(self):
        order = self._create_order(self.wine)
        override = self._ask(order)
        order.order_line = [Command.create({"product_id": self.gin.id})]
        with self.assertRaisesRegex(UserError, "has changed"):
            self._approve(override)

    def test_override_that_is_withdrawn_counts_no_more(self):
        order = self._create_order(self.gin)
        override = self._ask(order)
        self._approve(override)
        override.with_user(self.officer).action_withdraw()
        self.assertEqual(order.age_verdict, "unproved")

    def test_override_that_is_rejected_never_counts(self):
        order = self._create_order(self.gin)
        override = self._ask(order)
        override.with_user(self.second).action_reject()
        with self.assertRaisesRegex(UserError, "decided already"):
            self._approve(override)
        self.assertEqual(order.age_verdict, "unproved")

    def test_what_needs_no_override_gets_none(self):
        with self.assertRaisesRegex(UserError, "Nothing here"):
            self._ask(self._create_order(self.cheese))

    def test_reason_is_needed_and_is_that_of_who_asked(self):
        order = self._create_order(self.gin)
        with self.assertRaises(UserError):
            self._ask(order, reason="  ")
        override = self._ask(order)
        with self.assertRaises(AccessError):
            override.with_user(self.second).reason = "Another reason"
        override.with_user(self.officer).reason = "A better reason"

    def test_nobody_approves_by_writing(self):
        order = self._create_order(self.gin)
        override = self._ask(order)
        for vals in (
            {"state": "approved"},
            {"approved_by_id": self.second.id},
            {"requested_by_id": self.seller.id},
            {"fingerprint": "x"},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                override.with_user(self.second).write(vals)
        made = (
            self.env["age.override"]
            .with_user(self.officer)
            .create(
                {
                    "order_id": order.id,
                    "reason": REASON,
                    "state": "approved",
                    "requested_by_id": self.second.id,
                    "approved_on": fields.Datetime.now(),
                }
            )
        )
        self.assertRecordValues(
            made,
            [
                {
                    "state": "draft",
                    "requested_by_id": self.officer.id,
                    "approved_on": False,
                }
            ],
        )

    def test_override_that_was_decided_is_not_deleted(self):
        override = self._ask(self._create_order(self.gin))
        self._approve(override)
        with self.assertRaises(UserError):
            override.with_user(self.officer).unlink()

    def test_other_companies_overrides_are_not_seen(self):
        other = self.setup_other_company()["company"]
        override = self._ask(self._create_order(self.gin))
        stranger = new_test_user(
            self.env,
            "officer_elsewhere",
            "age_verification.group_age_officer",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertFalse(self.env["age.override"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            self._approve(override, stranger)

    def test_override_is_asked_for_on_screen_where_there_are_several_companies(self):
        self.officer.group_ids += self.env.ref("base.group_multi_company")
        order = self._create_order(self.gin)
        overrides = self.env["age.override"].with_user(self.officer)
        form = Form(overrides.with_context(default_order_id=order.id))
        form.reason = REASON
        self.assertEqual(form.save().company_id, order.company_id)
        # The browser asks for each required field that is not hidden itself: that a group
        # around it is hidden does not count there.
        view = etree.fromstring(overrides.get_view(view_type="form")["arch"])
        (company,) = view.xpath("//field[@name='company_id']")
        self.assertEqual(company.get("invisible"), "not id")
