from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .statement_common import AUGUST, StatementCommon


@tagged("post_install", "-at_install")
class TestPayoutRights(StatementCommon):
    def _create_user(self, login, groups, company=None):
        company = company or self.company
        return new_test_user(
            self.env,
            login,
            groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def _create_unbooked(self):
        """An invoice posted before its product was a maker's."""
        product = self.candle.product_tmpl_id
        product.maker_id = False
        invoice = self._sell(500)
        product.maker_id = self.maker
        return invoice

    def test_portal_makers_book_no_invoices(self):
        invoice = self._create_unbooked()
        ana = self._create_user("rights_ana", "base.group_portal")
        ana.partner_id.parent_id = self.maker
        self.maker.maker_agent_ids = ana.partner_id
        for name in ("action_book_payouts", "action_ignore_payouts"):
            with self.subTest(method=name), self.assertRaises(AccessError):
                getattr(invoice.with_user(ana), name)()
        self.assertFalse(self._get_entries(invoice))

    def test_accountants_book_what_was_not_booked(self):
        invoice = self._create_unbooked()
        clerk = self._create_user("rights_clerk", "account.group_account_invoice")
        invoice.with_user(clerk).action_book_payouts()
        self.assertEqual(
            self._get_entries(invoice).filtered(lambda e: e.kind == "sale").amount, 500
        )

    def test_figures_of_other_companies_are_not_told(self):
        self._sell(4321)
        other = self.env["res.company"].create({"name": "Other"})
        groups = "artisan_pricing.group_artisan_user"
        seller = self._create_user("rights_seller", groups, other)
        reconciliation = (
            self.env["artisan.reconciliation"]
            .with_user(seller)
            .with_context(allowed_company_ids=other.ids)
            .create(
                {
                    "company_id": self.company.id,
                    "currency_id": self.company.currency_id.id,
                    "date_from": AUGUST[0],
                    "date_to": AUGUST[1],
                }
            )
        )
        for name in ("net", "commission", "not_booked_count"):
            with self.subTest(figure=name), self.assertRaises(AccessError):
                reconciliation.read([name])

    def test_who_only_reads_refreshes_no_statement(self):
        self._sell()
        statement = self._make()
        self._sell(50)
        reader = self._create_user(
            "rights_reader", "artisan_pricing.group_artisan_user"
        )
        before = statement.payout
        with self.assertRaises(AccessError):
            statement.with_user(reader).action_refresh()
        self.assertEqual(statement.payout, before)

    def test_statements_by_the_job_are_a_manager_s(self):
        self._sell()
        statements = self.env["artisan.statement"].with_user(
            self.env.ref("base.user_root")
        )
        statement = statements._make_statements(self.company, *AUGUST)
        self.assertTrue(statement.user_id.active)
        self.assertTrue(
            statement.user_id.has_group("artisan_pricing.group_artisan_manager")
        )
