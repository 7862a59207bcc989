from lxml import html

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .ledger_common import LedgerCommon


@freeze_time("2026-06-15 12:00:00")
@tagged("post_install", "-at_install")
class TestStatement(LedgerCommon):
    """What a statement holds, asked as an accountant."""

    def _statements(self, user=None, companies=None, **kwargs):
        statement = self.env["dunning.statement"].with_user(user or self.accountant)
        return statement._get_statements(
            self.customer, companies or self.company, **kwargs
        )

    def test_totals_are_what_core_holds_open(self):
        self._create_debt(100, -5, date=0)
        late = self._create_debt(200, 40)
        self._pay(late, 10, amount=30)
        self._create_credit_note(25, 3)
        self._create_payment(7, 2)
        self._create_debt(1, 3, partner_id=self._create_customer("Somebody else"))
        [statement] = self._statements()
        self.assertEqual(
            [amount for _label, amount in statement["ageing"]], [100, 0, 170, 0, 0]
        )
        self.assertEqual(statement["amount_overdue"], 170)
        self.assertEqual(statement["amount_credits"], -32)
        self.assertEqual(statement["amount_total"], 238)
        self.assertEqual(statement["amount_total"], self.customer.credit)
        self.assertEqual(
            statement["items"].mapped("amount_residual_currency"), [170, 100, -25, -7]
        )

    def test_currencies_and_companies_are_never_added_up(self):
        euro = self.setup_other_currency("EUR")
        other = self.setup_other_company(name="Second workshop")
        self._create_debt(100, 10)
        self._create_debt(200, 10, currency_id=euro)
        self._create_debt(
            300,
            10,
            company_id=other["company"].id,
            journal_id=other["default_journal_sale"].id,
            account_id=other["default_account_revenue"].id,
        )
        self.accountant.company_ids |= other["company"]
        statements = self._statements(companies=self.company | other["company"])
        self.assertEqual(
            {
                (data["company"], data["currency"]): data["amount_total"]
                for data in statements
            },
            {
                (self.company, self.company.currency_id): 100,
                (self.company, euro): 200,
                (other["company"], other["company"].currency_id): 300,
            },
        )

    def test_long_statement_lists_the_oldest_and_sums_up_all(self):
        for due in (1, 50, 20, 30):
            self._create_debt(10, due)
        [statement] = self._statements(max_items=3)
        self.assertEqual(statement["items"].mapped("days_overdue"), [50, 30, 20])
        self.assertEqual(
            (statement["hidden_count"], statement["amount_total"]), (1, 40)
        )

    def test_customer_without_open_items_has_no_statement(self):
        self._pay(self._create_debt(10, 3), 0)
        self.assertEqual(self._statements(), [])

    def test_queries_do_not_grow_with_items(self):
        self._create_debt(10, 3)
        self._statements()
        counts = []
        for _round in range(2):
            self._create_debt(10, 3)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self._statements()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_clerk_without_accounting_gets_no_statement(self):
        clerk = new_test_user(self.env, "clerk_of_statements", "base.group_user")
        with self.assertRaises(AccessError):
            self._statements(clerk)
        report = self.env["ir.actions.report"].with_user(clerk)
        with self.assertRaises(AccessError):
            report._render_qweb_html(
                "dunning_tiers.report_statement", self.customer.ids
            )


@tagged("post_install", "-at_install")
class TestPortalStatement(LedgerCommon, HttpCase):
    """The page of a customer who is logged in. The server's clock is not frozen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact = cls._create_customer(
            "Ada", parent_id=cls.customer.id, is_company=False, email="ada@example.com"
        )
        cls.portal_user = new_test_user(
            cls.env,
            "ada_of_walnut",
            "base.group_portal",
            partner_id=cls.contact.id,
            company_id=cls.company.id,
            company_ids=cls.company.ids,
        )
        cls.stranger = cls._create_customer("Stranger")

    def _open_page(self, **kwargs):
        self.authenticate("ada_of_walnut", "ada_of_walnut")
        response = self.url_open("/my/statement", **kwargs)
        self.assertEqual(response.status_code, 200)
        return html.fromstring(response.content)

    def _texts(self, page, path):
        return [" ".join(node.text_content().split()) for node in page.xpath(path)]

    def test_customer_sees_own_items_of_the_whole_company_only(self):
        own = self._create_debt(111, 40)
        of_contact = self._create_debt(222, 40, partner_id=self.contact)
        credit = self._create_payment(33, 40)
        hidden = self._create_debt(777, 40, partner_id=self.stranger)
        page = self._open_page()
        rows = self._texts(page, "//table[contains(@class, '_items')]/tbody/tr/td[1]")
        self.assertEqual(
            rows,
            [
                own.name,
                of_contact.name,
                f"{credit.move_id.name} (credit, not used yet)",
            ],
        )
        self.assertEqual(self._texts(page, "//span[@name='total']"), ["$ 300.00"])
        self.assertNotIn(hidden.name, page.text_content())
        links = page.xpath("//table[contains(@class, '_items')]//a/@href")
        self.assertEqual(
            links, [f"/my/invoices/{own.id}", f"/my/invoices/{of_contact.id}"]
        )
        self.assertEqual(self.url_open(links[0]).status_code, 200)

    def test_each_company_and_currency_has_a_part_of_its_own(self):
        euro = self.setup_other_currency("EUR")
        other = self.setup_other_company(name="Second workshop")
        self._create_debt(10, 40)
        self._create_debt(20, 40, currency_id=euro)
        self._create_debt(
            30,
            40,
            company_id=other["company"].id,
            journal_id=other["default_journal_sale"].id,
            account_id=other["default_account_revenue"].id,
        )
        page = self._open_page()
        parts = page.xpath("//section[contains(@class, 'o_dunning_statement')]")
        self.assertEqual(
            [(part.get("data-company"), part.get("data-currency")) for part in parts],
            [(str(self.company.id), "USD"), (str(self.company.id), "EUR")]
            if self.company.currency_id.id < euro.id
            else [(str(self.company.id), "EUR"), (str(self.company.id), "USD")],
        )
        companies = self.company | other["company"]
        statements = self.env["dunning.statement"]._get_statements(
            self.customer, companies
        )
        shown = self.env["res.company"].union(*(s["company"] for s in statements))
        self.assertEqual(shown, companies)

    def test_customer_who_owes_nothing_is_told_so(self):
        self._create_debt(777, 40, partner_id=self.stranger)
        page = self._open_page()
        self.assertEqual(
            self._texts(page, "//p[contains(@class, 'o_dunning_statement_empty')]"),
            ["Nothing is open. Thank you!"],
        )
        parts = page.xpath("//section[contains(@class, 'o_dunning_statement')]")
        self.assertFalse(parts)

    def test_home_counts_the_open_debts(self):
        self._create_debt(10, 40)
        self._create_debt(20, 40)
        self._create_payment(5, 40)
        self._create_debt(777, 40, partner_id=self.stranger)
        self.authenticate("ada_of_walnut", "ada_of_walnut")
        home = html.fromstring(self.url_open("/my/home").content)
        self.assertTrue(home.xpath("//a[@href='/my/statement']"))
        counters = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["dunning_statement_count"]}
        )
        self.assertEqual(counters, {"dunning_statement_count": 2})

    def test_download_holds_the_same_items(self):
        own = self._create_debt(111, 40)
        hidden = self._create_debt(777, 40, partner_id=self.stranger)
        self.authenticate("ada_of_walnut", "ada_of_walnut")
        response = self.url_open("/my/statement?report_type=pdf")
        self.assertEqual(response.status_code, 200)
        self.assertIn("Statement%20", response.headers["Content-Disposition"])
        # Tests render the page that becomes the PDF.
        self.assertIn(own.name, response.text)
        self.assertNotIn(hidden.name, response.text)

    def test_customer_cannot_print_the_statement_of_others(self):
        hidden = self._create_debt(777, 40, partner_id=self.stranger)
        self.authenticate("ada_of_walnut", "ada_of_walnut")
        url = f"/report/html/dunning_tiers.report_statement/{self.stranger.id}"
        with mute_logger("odoo.http"):
            response = self.url_open(url)
        self.assertNotEqual(response.status_code, 200)
        self.assertNotIn(hidden.name, response.text)

    def test_visitor_is_sent_to_log_in(self):
        self.authenticate(None, None)
        response = self.url_open("/my/statement")
        self.assertIn("/web/login", response.url)
