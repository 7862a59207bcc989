import json

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user

from .common import MarketplaceCommon

MODELS = [
    "marketplace.channel",
    "marketplace.file.profile",
    "marketplace.import",
    "marketplace.issue",
    "marketplace.issue.cause",
    "marketplace.order",
    "marketplace.order.line",
    "marketplace.partner.mapping",
    "marketplace.payment",
    "marketplace.product.mapping",
    "marketplace.tax.rule",
]


class TestSecurity(MarketplaceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            name: new_test_user(
                cls.env,
                login=f"marketplace_{name}",
                groups=groups,
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for name, groups in {
                "none": "base.group_user",
                "user": "marketplace_invoicing.group_marketplace_user",
                "reviewer": "marketplace_invoicing.group_marketplace_reviewer",
                "manager": "marketplace_invoicing.group_marketplace_manager",
            }.items()
        }
        cls.other_company = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.stranger = new_test_user(
            cls.env,
            login="marketplace_stranger",
            groups="marketplace_invoicing.group_marketplace_manager",
            company_id=cls.other_company.id,
            company_ids=[Command.set(cls.other_company.ids)],
        )

    def test_employees_without_the_app_see_nothing(self):
        for model in MODELS:
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.users["none"]).search([])

    def test_users_read_everything_and_change_no_setting(self):
        for model in MODELS:
            with self.subTest(model=model):
                self.env[model].with_user(self.users["user"]).search([])
        with self.assertRaises(AccessError):
            self.channel.with_user(self.users["user"]).review_mode = "review"
        with self.assertRaises(AccessError):
            self.channel.with_user(self.users["reviewer"]).review_mode = "review"
        self.channel.with_user(self.users["manager"]).review_mode = "review"

    def test_another_company_sees_nothing_of_ours(self):
        self._import(
            [
                self._woo_order(1),
                self._woo_order(2, lines=[("NONE", 1, "1.00", "0.15")]),
            ]
        )
        self.env["marketplace.tax.rule"].create(
            {"channel_id": self.channel.id, "liability": "seller"}
        )
        for model in MODELS:
            with self.subTest(model=model):
                self.assertFalse(self.env[model].with_user(self.stranger).search([]))

    def test_user_imports_and_cannot_approve(self):
        self.channel.review_mode = "review"
        user = self.users["user"]
        record = self._import_as(user)
        order = record.order_ids
        self.assertEqual(order.state, "ready")
        with self.assertRaises(AccessError):
            order.with_user(user).action_approve()
        order.with_user(self.users["reviewer"]).action_approve()
        self.assertEqual(order.state, "invoiced")
        self.assertEqual(order.approved_by_id, self.users["reviewer"])

    def _import_as(self, user):
        record, _is_new = (
            self.env["marketplace.import"]
            .with_user(user)
            ._receive(
                self.channel.with_user(user),
                "orders.json",
                json.dumps([self._woo_order(1)]).encode(),
            )
        )
        record._run()
        return record

    def test_user_cannot_accept_issues_nor_map_products(self):
        user = self.users["user"]
        order = self._import_one(lines=[("NONE", 1, "100.00", "15.00")])
        with self.assertRaises(AccessError):
            order.issue_ids.with_user(user).action_accept()
        with self.assertRaises(AccessError):
            self.env["marketplace.product.mapping"].with_user(user).create(
                {
                    "channel_id": self.channel.id,
                    "code": "NONE",
                    "product_id": self.bowl.id,
                }
            )

    def test_reviewer_maps_and_the_orders_are_invoiced(self):
        order = self._import_one(lines=[("NONE", 1, "100.00", "15.00")])
        self.env["marketplace.product.mapping"].with_user(
            self.users["reviewer"]
        ).create(
            {"channel_id": self.channel.id, "code": "NONE", "product_id": self.bowl.id}
        )
        self.assertEqual(order.state, "invoiced")

    def test_what_the_channel_said_cannot_be_edited(self):
        order = self._import_one(lines=[("NONE", 1, "100.00", "15.00")])
        with self.assertRaises(AccessError):
            order.with_user(self.users["reviewer"]).payload = "{}"

    def test_manager_sets_up_accounts_without_rights_on_the_chart(self):
        channel = (
            self.env["marketplace.channel"]
            .with_user(self.users["manager"])
            .create({"name": "Mine", "platform": "etsy", "company_id": self.company.id})
        )
        channel.action_set_up_accounts()
        self.assertTrue(channel.clearing_account_id.reconcile)
        self.assertEqual(channel.rounding_account_id, self.channel.rounding_account_id)

    def test_received_file_and_its_channel_cannot_be_rewritten(self):
        record = self._import([self._woo_order(1)])
        other = self._create_channel("Other shop", "woocommerce")
        for user in (self.users["user"], self.users["manager"]):
            for values in (
                {"channel_id": other.id},
                {"content": "e30="},
                {"state": "pending"},
            ):
                with self.subTest(values=values), self.assertRaises(AccessError):
                    record.with_user(user).write(values)

    def test_decisions_stay_with_their_channel(self):
        other = self._create_channel("Other shop", "woocommerce")
        mapping = self.env["marketplace.product.mapping"].search(
            [("channel_id", "=", self.channel.id)], limit=1
        )
        with self.assertRaises(UserError):
            mapping.with_user(self.users["reviewer"]).channel_id = other

    def test_reviewer_cannot_close_an_issue_by_hand_nor_move_a_line(self):
        order = self._import_one(lines=[("NONE", 1, "100.00", "15.00")])
        reviewer = self.users["reviewer"]
        with self.assertRaises(AccessError):
            order.issue_ids.with_user(reviewer).state = "accepted"
        with self.assertRaises(AccessError):
            order.line_ids.with_user(reviewer).order_id = order
        self.assertEqual(order.state, "exception")

    def test_order_in_the_books_keeps_its_country_and_dates(self):
        order = self._import_one()
        with self.assertRaises(UserError):
            order.with_user(self.users["reviewer"]).invoice_date_forced = "2024-01-01"

    def test_documents_are_tied_to_orders_by_the_pipeline_only(self):
        order = self._import_one(lines=[("NONE", 1, "100.00", "15.00")])
        invoice = self.init_invoice("out_invoice", products=self.bowl)
        with self.assertRaises(AccessError):
            invoice.with_user(self.users["user"]).marketplace_order_id = order

    def test_preview_of_a_file_of_somebody_else_is_refused(self):
        secret = self.env["ir.attachment"].create(
            {
                "name": "payroll.csv",
                "raw": b"name,salary",
                "res_model": "marketplace.channel",
                "res_id": self.channel.id,
            }
        )
        secret.sudo().write({"res_model": "res.company", "res_id": 0, "public": False})
        user = self.users["user"]
        self.assertFalse(secret.with_user(user).has_access("read"))
        with self.assertRaises(AccessError):
            self.env["marketplace.import.wizard"].with_user(user).new(
                {"attachment_ids": [Command.link(secret.id)]}
            )._compute_line_ids()
