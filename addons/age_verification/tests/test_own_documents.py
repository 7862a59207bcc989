from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import AgeCommon

MODELS = ("check", "session", "request", "override", "incident")


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestOwnDocuments(AgeCommon):
    """Who sees own orders and invoices only learns nothing about the buyers of others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        users = {
            "own": "sales_team.group_sale_salesman,age_verification.group_age_user",
            "other": "sales_team.group_sale_salesman,age_verification.group_age_user",
            "all": "sales_team.group_sale_salesman_all_leads,"
            "age_verification.group_age_user",
            "officer": "age_verification.group_age_officer",
            "biller": "account.group_account_invoice,age_verification.group_age_user",
            "accountant": "account.group_account_invoice",
        }
        cls.users = {
            name: new_test_user(
                cls.env,
                f"documents_{name}",
                groups,
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for name, groups in users.items()
        }
        cls.orders = {
            name: cls._create_order(
                cls.gin, user_id=cls.users[name].id if name != "nobody" else False
            )
            for name in ("own", "other", "nobody")
        }
        cls.invoices = {
            name: cls._create_invoice(
                order.user_id,
            )
            for name, order in cls.orders.items()
        }
        for documents in (cls.orders, cls.invoices):
            for document in documents.values():
                cls._leave_traces(document)

    @classmethod
    def _create_invoice(cls, user):
        return cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.buyer.id,
                "invoice_user_id": user.id,
                "invoice_line_ids": [Command.create({"product_id": cls.gin.id})],
            }
        )

    @classmethod
    def _leave_traces(cls, document):
        """A record of each model about the document."""
        name = "order_id" if document._name == "sale.order" else "move_id"
        gate = cls.env["age.gate"].sudo()
        gate._judge_and_record(document, "request")
        cls.env["age.override"].create({name: document.id, "reason": "Passport seen"})
        cls.env["age.request"]._get_for(document)
        cls.env["age.incident"]._record(
            [
                {
                    "kind": "underage",
                    "company_id": cls.company.id,
                    "partner_id": cls.buyer.id,
                    name: document.id,
                }
            ]
        )
        provider = cls.env["age.provider"].search(
            [("company_id", "=", cls.company.id)], limit=1
        ) or cls.env["age.provider"].create(
            {"name": "Somebody", "code": "person", "company_id": cls.company.id}
        )
        cls.env["age.session"].sudo().create(
            {
                "partner_id": cls.buyer.id,
                "company_id": cls.company.id,
                "provider_id": provider.id,
                "required_date": "2008-06-15",
                "expires_at": "2026-06-30",
                name: document.id,
            }
        )

    def _seen(self, model, user):
        """Names of the orders and invoices that a user learns something about."""
        records = self.env[f"age.{model}"].with_user(self.users[user]).search([])
        found = {
            f"order {name}"
            for name, order in self.orders.items()
            if order in records.sudo().order_id
        }
        return found | {
            f"invoice {name}"
            for name, move in self.invoices.items()
            if move in records.sudo().move_id
        }

    def _everything(self, *kinds):
        return {f"{kind} {name}" for kind in kinds for name in self.orders}

    def test_seller_of_own_documents_sees_what_is_about_them_or_nobodys(self):
        for model in MODELS:
            for user, other in (("own", "other"), ("other", "own")):
                with self.subTest(model, user=user):
                    expected = self._everything("order", "invoice")
                    expected -= {f"order {other}", f"invoice {other}"}
                    self.assertEqual(self._seen(model, user), expected)

    def test_record_of_another_seller_is_not_read_by_its_number(self):
        other = self.orders["other"]
        for model in MODELS:
            record = self.env[f"age.{model}"].search([("order_id", "=", other.id)])
            self.assertTrue(record)
            with self.subTest(model), self.assertRaises(AccessError):
                record[:1].with_user(self.users["own"]).read(["display_name"])

    def test_seller_of_all_documents_and_officer_see_all(self):
        for model in MODELS:
            for user in ("all", "officer"):
                with self.subTest(model, user=user):
                    self.assertEqual(
                        self._seen(model, user), self._everything("order", "invoice")
                    )

    def test_who_bills_sees_what_is_about_invoices(self):
        for model in MODELS:
            with self.subTest(model):
                self.assertLessEqual(
                    self._everything("invoice"), self._seen(model, "biller")
                )
                self.assertNotIn("order own", self._seen(model, "biller"))
        self.assertEqual(self._seen("check", "accountant"), self._everything("invoice"))

    def test_seller_decides_nothing_about_the_documents_of_others(self):
        other = self.orders["other"]
        override = self.env["age.override"].search([("order_id", "=", other.id)])
        mine = override.with_user(self.users["own"])
        for call in (
            lambda: mine.write({"reason": "Mine"}),
            lambda: mine.unlink(),
            lambda: mine.create({"order_id": other.id, "reason": "Mine"}),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_incidents_are_searched_by_what_they_are_about(self):
        order = self.orders["own"]
        incidents = self.env["age.incident"]
        mine = incidents.search([("order_id.user_id", "=", self.users["own"].id)])
        self.assertEqual(mine.order_id, order)
        others = incidents.search([("order_id", "not any", [("id", "=", order.id)])])
        self.assertFalse(mine & others)
        self.assertEqual(
            mine + others,
            incidents.search([]).sorted(lambda incident: incident not in mine),
        )
