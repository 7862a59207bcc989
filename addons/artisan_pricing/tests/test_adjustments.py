from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .statement_common import StatementCommon


@tagged("post_install", "-at_install")
class TestAdjustments(StatementCommon):
    """What an accountant adds to what a maker is owed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls._create_user("adjusting", "account.group_account_invoice")
        cls.reader = cls._create_user("reading", "account.group_account_readonly")

    @classmethod
    def _create_user(cls, login, groups, **kwargs):
        kwargs = {"company_id": cls.company.id, **kwargs}
        return new_test_user(cls.env, login, groups, **kwargs)

    def _draft(self):
        self._sell()  # 85.00 after commission
        return self._make()

    def _add(self, user=None, **vals):
        entries = self.env["artisan.payout.entry"].with_user(user or self.clerk)
        return entries.create(
            {"name": "Parcel lost", "maker_id": self.maker.id, "amount": -5, **vals}
        )

    def test_accountant_adds_to_a_draft_from_the_statement(self):
        statement = self._draft()
        arch = statement.with_user(self.clerk).get_view(view_type="form")["arch"]
        self.assertIn("action_add_adjustment", arch)
        context = statement.with_user(self.clerk).action_add_adjustment()["context"]
        entries = self.env["artisan.payout.entry"].with_user(self.clerk)
        with Form(entries.with_context(**context)) as form:
            form.name = "Parcel lost"
            form.amount = -5
        self.assertRecordValues(statement, [{"adjustment_total": -5, "payout": 80}])
        self.assertEqual(statement.entry_ids.sorted("id")[-1:].create_uid, self.clerk)

    def test_accountant_adds_for_the_next_statement_from_the_list_of_entries(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "artisan_pricing.artisan_adjustment_action"
        )
        entries = self.env["artisan.payout.entry"].with_user(self.clerk)
        arch = entries.get_view(view_type="list")["arch"]
        self.assertIn(f'name="{action["id"]}"', arch)
        with Form(entries.with_context(default_kind="adjustment")) as form:
            form.name = "Fair in August"
            form.maker_id = self.maker
            form.amount = 12
            form.date = "2026-08-20"
        statement = self._draft()
        self.assertRecordValues(statement, [{"adjustment_total": 12, "payout": 97}])

    def test_accountant_adds_nothing_else(self):
        statement = self._draft()
        entry = statement.entry_ids[:1]
        for vals in (
            {"kind": "sale"},
            {"kind": "commission"},
            {"platform_amount": 5},
            {"move_id": entry.move_id.id},
            {"move_line_id": entry.move_line_id.id},
            {"reversal_of_id": entry.id},
            {"code": "sales"},
            {"booking": 2},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                self._add(**vals)
        entries = self.env["artisan.payout.entry"].with_user(self.clerk)
        with self.assertRaises(UserError):
            entries.with_context(default_kind="sale").create(
                {"name": "x", "maker_id": self.maker.id, "amount": 5}
            )
        self.assertEqual(statement.balance, 85)

    def test_accountant_changes_and_deletes_no_entry(self):
        statement = self._draft()
        mine = self._add(statement_id=statement.id, date="2026-08-20")
        for entry in (mine, statement.entry_ids[:1].with_user(self.clerk)):
            with self.assertRaises(AccessError):
                entry.amount = 500
            with self.assertRaises(AccessError):
                entry.unlink()
        with self.assertRaises(UserError):
            statement.with_user(self.clerk).entry_ids = [Command.delete(mine.id)]
        self._add(statement_id=statement.id, amount=5, name="Found again")
        self.assertEqual(statement.adjustment_total, 0)

    def test_confirmed_statement_takes_no_adjustment(self):
        statement = self._draft()
        statement.action_confirm()
        with self.assertRaisesRegex(UserError, "is confirmed"):
            self._add(statement_id=statement.id)
        with self.assertRaisesRegex(UserError, "is not about the maker"):
            self._add(maker_id=self.other_maker.id, statement_id=statement.id)

    def test_readers_sellers_and_other_companies_add_nothing(self):
        statement = self._draft()
        other = self.env["res.company"].create({"name": "Elsewhere"})
        groups = "account.group_account_invoice"
        stranger = self._create_user(
            "elsewhere", groups, company_id=other.id, company_ids=other.ids
        )
        seller = self._create_user("sells", "artisan_pricing.group_artisan_user")
        for user in (self.reader, seller, stranger):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._add(user, company_id=self.company.id)
        with self.assertRaises(AccessError):
            statement.with_user(self.reader).action_confirm()
