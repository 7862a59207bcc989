from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import ArtisanCommon


@tagged("post_install", "-at_install")
class TestStatementSecurity(ArtisanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_maker = cls._create_maker("Soap Maker")
        cls.statement = cls._create_statement(cls.maker)
        cls.others = cls._create_statement(cls.other_maker)

    @classmethod
    def _create_statement(cls, maker, **kwargs):
        """A confirmed statement of August with an adjustment of 10.00."""
        vals = {
            "maker_id": maker.id,
            "company_id": cls.env.company.id,
            "currency_id": cls.env.company.currency_id.id,
            **kwargs,
        }
        period = {"date_from": "2026-08-01", "date_to": "2026-08-31"}
        statement = cls.env["artisan.statement"].create(vals | period)
        cls.env["artisan.payout.entry"].create(
            vals
            | {
                "name": "Lost parcel",
                "amount": 10,
                "date": "2026-08-02",
                "statement_id": statement.id,
            }
        )
        statement.action_confirm()
        return statement

    def _as(self, records, *groups, **kwargs):
        user = new_test_user(self.env, f"user{len(groups)}", ",".join(groups), **kwargs)
        return records.with_user(user)

    def test_maker_reads_own_confirmed_statements_only(self):
        draft = self.statement.create(
            {
                "maker_id": self.maker.id,
                "company_id": self.env.company.id,
                "currency_id": self.env.company.currency_id.id,
                "date_from": "2026-09-01",
                "date_to": "2026-09-30",
            }
        )
        user = new_test_user(self.env, "maker", "base.group_portal")
        user.partner_id.parent_id = self.maker
        statements = draft.with_user(user)
        # Below the maker, but nobody said that this contact acts for the maker.
        self.assertFalse(statements.search([]))
        with self.assertRaises(AccessError):
            self.statement.with_user(user).read(["payout"])
        self.maker.maker_agent_ids = user.partner_id
        self.assertEqual(statements.search([]), self.statement)
        # They lead to the invoices of customers: the pages show what makers may know.
        with self.assertRaises(AccessError):
            statements.env["artisan.payout.entry"].search_read([], ["move_id"])
        with self.assertRaises(AccessError):
            self.others.with_user(user).read(["payout"])
        with self.assertRaises(AccessError):
            draft.with_user(user).read(["payout"])
        with self.assertRaises(AccessError):
            self.statement.with_user(user).write({"user_id": user.id})

    def test_statements_are_not_created_by_hand(self):
        vals = {
            "maker_id": self.maker.id,
            "company_id": self.env.company.id,
            "currency_id": self.env.company.currency_id.id,
            "date_from": "2026-09-01",
            "date_to": "2026-09-30",
            "state": "confirmed",
        }
        for group in (
            "account.group_account_invoice",
            "artisan_pricing.group_artisan_manager",
        ):
            with self.subTest(group=group), self.assertRaises(UserError):
                self._as(self.statement, group).create(vals)

    def test_what_is_left_over_is_carried_to_the_same_maker(self):
        others = self.statement.create(
            {
                "maker_id": self.others.maker_id.id,
                "company_id": self.env.company.id,
                "currency_id": self.env.company.currency_id.id,
                "date_from": "2026-09-01",
                "date_to": "2026-09-30",
            }
        )
        with self.assertRaisesRegex(UserError, "another maker"):
            others.previous_id = self.statement

    def test_ordinary_seller_sees_no_statements(self):
        statement = self._as(self.statement, "sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            statement.read(["payout"])
        with self.assertRaises(AccessError):
            statement.env["artisan.payout.entry"].search([])

    def test_user_of_pricing_sees_and_changes_nothing(self):
        statement = self._as(self.statement, "artisan_pricing.group_artisan_user")
        self.assertEqual(statement.payout, 10)
        with self.assertRaises(AccessError):
            statement.action_draft()
        with self.assertRaises(AccessError):
            statement.entry_ids.write({"amount": 1})

    def test_statements_of_other_companies_are_not_seen(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        statement = self._as(
            self.statement,
            "artisan_pricing.group_artisan_manager",
            company_id=company.id,
            company_ids=[company.id],
        )
        self.assertFalse(statement.search([]))
        self.assertFalse(statement.env["artisan.payout.entry"].search([]))

    def test_entries_of_a_confirmed_statement_stay(self):
        entry = self.statement.entry_ids
        for change in (
            lambda: entry.write({"amount": 11}),
            entry.unlink,
            lambda: entry.copy(),
        ):
            with self.assertRaisesRegex(UserError, "is confirmed"):
                change()

    def test_only_adjustments_are_made_by_hand(self):
        entries = self._as(self.statement, "artisan_pricing.group_artisan_manager").env[
            "artisan.payout.entry"
        ]
        vals = {"name": "Gift", "maker_id": self.maker.id, "amount": 1}
        self.assertEqual(entries.create(vals).kind, "adjustment")
        with self.assertRaisesRegex(UserError, "By hand"):
            entries.create(vals | {"kind": "sale"})
        for name, value in (("kind", "sale"), ("platform_amount", 4), ("booking", 9)):
            forged = entries.with_context(**{f"default_{name}": value})
            with self.assertRaisesRegex(UserError, "By hand"):
                forged.create(vals)
        with self.assertRaisesRegex(UserError, "By hand"):
            entries.create(vals | {"platform_amount": 4})
