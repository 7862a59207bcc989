from datetime import timedelta
from unittest.mock import patch

from lxml import html

from odoo import Command
from odoo.tests import freeze_time, tagged

from ..models import dunning_portal_log
from .ledger_common import TODAY
from .portal_common import CustomerPageCase

FOREIGN = "A line that is none of the customer's business"


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestCustomerPage(CustomerPageCase):
    """Who sees what, and for how long."""

    def _get_amounts(self, response):
        """Rows of the total: what is said -> amount without its currency."""
        page = html.fromstring(response.content)
        names = [" ".join(name.text_content().split()) for name in page.xpath("//dt")]
        amounts = [amount.text_content().strip() for amount in page.xpath("//dd")]
        return {
            name: amount.replace("\ufeff", "").strip("$ \xa0")
            for name, amount in zip(names, amounts, strict=True)
        }

    # === WHAT IS SHOWN === #

    def test_page_shows_open_items_and_total_without_a_login(self):
        self._create_debt(50, due=3)
        self._create_debt(30, due=-5)
        response = self._get()
        text = self._text(response)
        for part in (self.company.name, "Walnut & Sons", "8 days overdue", "3 days"):
            self.assertIn(part, text)
        self.assertEqual(
            self._get_amounts(response),
            {
                "Overdue": "150.00",
                "To pay now": "150.00",
                "Due today or later": "30.00",
            },
        )

    def test_invoice_due_today_is_not_overdue(self):
        self._create_debt(50, due=0)
        amounts = self._get_amounts(self._get())
        self.assertEqual(amounts["Overdue"], "100.00")
        self.assertEqual(amounts["Due today or later"], "50.00")

    def test_page_shows_the_ledger_of_now(self):
        other = self._create_debt(50, due=20)
        self._pay(self.invoice, date=0)
        response = self._get()
        self.assertIn("Paid since our notice", self._text(response))
        self.assertEqual(self._get_amounts(response)["To pay now"], "50.00")
        self._pay(other, date=0)
        self.assertIn("Nothing is open. Thank you!", self._text(self._get()))

    def test_partial_payment_leaves_the_rest(self):
        self._pay(self.invoice, date=0, amount=40)
        text = self._text(self._get())
        self.assertIn("60.00", text)
        self.assertEqual(self._get_amounts(self._get())["To pay now"], "60.00")

    def test_credits_are_shown_and_deducted(self):
        self._create_payment(30, date=1)
        credit_note = self._create_credit_note(5, date=2)
        response = self._get()
        self.assertIn(credit_note.name, self._text(response))
        amounts = self._get_amounts(response)
        self.assertEqual(amounts["Your payments and credits"], "-35.00")
        self.assertEqual(amounts["To pay now"], "65.00")

    def test_more_credit_than_debt_is_in_the_customer_s_favour(self):
        self._create_payment(130, date=1)
        self.assertEqual(self._get_amounts(self._get())["In your favour"], "30.00")

    def test_each_currency_has_its_own_total(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        self._create_debt(70, due=8, currency_id=euro)
        text = self._text(self._get())
        self.assertEqual(text.count("To pay now"), 2)
        self.assertIn("70.00", text)

    def test_charges_of_the_notice_are_part_of_the_total_until_it_is_paid(self):
        self.notice.amount_fee = 12
        amounts = self._get_amounts(self._get())
        self.assertEqual(amounts["Fees and interest of the notice"], "12.00")
        self.assertEqual(amounts["To pay now"], "112.00")
        self._pay(self.invoice, date=0)
        self._create_debt(50, due=3)
        self.assertEqual(self._get_amounts(self._get())["To pay now"], "50.00")

    def test_debts_of_contacts_belong_to_the_customer(self):
        contact = self.env["res.partner"].create(
            {"name": "Branch", "parent_id": self.customer.id, "type": "invoice"}
        )
        self._create_debt(25, due=4, partner_id=contact)
        self.assertEqual(self._get_amounts(self._get())["Overdue"], "125.00")

    def test_debts_of_others_are_not_shown(self):
        other = self._create_customer(FOREIGN)
        own_child = self._create_customer("Subsidiary", parent_id=self.customer.id)
        company_2 = self.setup_other_company()["company"]
        foreign = [
            self._create_debt(11, due=9, partner_id=other),
            self._create_debt(12, due=9, partner_id=own_child),
            self._create_debt(13, due=9, company_id=company_2),
        ]
        self.assertEqual(own_child.commercial_partner_id, own_child)
        response = self._get()
        self.assertNotIn(FOREIGN, response.text)
        self.assertEqual(self._get_amounts(response)["Overdue"], "100.00")
        for move in foreign:
            self.assertNotIn(f"invoice={move.id}", response.text)

    def test_draft_and_cancelled_invoices_are_not_shown(self):
        self._create_debt(50, due=3).button_draft()
        self._create_debt(50, due=3).button_cancel()
        self.assertEqual(self._get_amounts(self._get())["Overdue"], "100.00")

    def test_many_debts_are_spread_over_pages_and_summed_once(self):
        for _number in range(4):
            self._create_debt(10, due=2)
        module = "odoo.addons.dunning_tiers"
        with (
            patch(f"{module}.models.dunning_notice_page.PAGE_SIZE", 3),
            patch(f"{module}.controllers.dunning_portal.PAGE_SIZE", 3),
        ):
            first, second = self._get(), self._get("?page=2")
            beyond = self._get("?page=99999999999999")
        counts = [page.text.count("o_dunning_paid") for page in (first, second)]
        self.assertEqual(counts, [3, 2])
        self.assertEqual(self._get_amounts(first)["Overdue"], "140.00")
        self.assertEqual(self._get_amounts(second)["Overdue"], "140.00")
        self.assertEqual(beyond.status_code, 200)

    def test_number_of_queries_does_not_grow_with_the_debts(self):
        self._enable_online_payment()

        def count_queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(self.notice._get_page_values()["debts"]), debts)
            return self.env.cr.sql_log_count - before

        for _number in range(4):
            self._create_debt(10, due=2)
        debts = 5
        few = count_queries()
        for _number in range(20):
            self._create_debt(10, due=2)
        debts = 25
        self.assertLessEqual(count_queries(), few)

    def test_page_speaks_the_customer_s_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.notice.lang = "de_DE"
        page = self._get()
        self.assertIn('lang="de-DE"', page.text)
        self.assertIn("07.06.2026", page.text)
        self.notice.lang = "xx_XX"
        self.assertIn("06/07/2026", self._get().text)

    def test_hold_of_the_company_s_own_is_not_shown(self):
        self.env["dunning.hold"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "kind": "legal",
                "reason": FOREIGN,
            }
        )
        page = self._get().text
        self.assertNotIn(FOREIGN, page)
        self.assertNotIn("alert-info", page)

    # === PAYING === #

    def test_pay_button_leads_to_core_s_page_of_the_invoice(self):
        self.assertNotIn("Pay online", self._get().text)
        self._enable_online_payment()
        self.assertIn("Pay online", self._get().text)
        response = self._get(f"/invoice/{self.invoice.id}?pay=1", status=303)
        target = self.url_open(response.headers["Location"])
        self.assertEqual(target.status_code, 200)
        self.assertIn("portal_pay", target.text)
        self.assertIn(self.invoice.name, target.text)

    def _get_transfer(self):
        """Rows of the block for a bank transfer, as pairs of texts."""
        page = html.fromstring(self._get().content)
        rows = page.xpath("//table[contains(@class, 'o_dunning_transfer')]//tr")
        texts = [[" ".join(c.text_content().split()) for c in row] for row in rows]
        return [(name, text.replace("\ufeff", "")) for name, text in texts]

    def test_transfer_says_to_whom_how_much_and_with_which_reference(self):
        bank = self.env["res.bank"].create({"name": "Old Oak Bank", "bic": "COBADEFF"})
        self.bank_account.write({"bank_id": bank.id, "acc_holder_name": "Oak Ltd"})
        other = self._create_debt(50, due=3)
        self._create_debt(30, due=-5)
        self.assertEqual(
            self._get_transfer(),
            [
                ("Payee", "Oak Ltd"),
                ("Account", "DE89 3704 0044 0532 0130 00"),
                ("Bank", "Old Oak Bank, BIC COBADEFF"),
                ("Amount", "$ 150.00"),
                (
                    "Payment reference",
                    f"{self.invoice.payment_reference}, {other.payment_reference}",
                ),
            ],
        )

    def test_reference_of_a_transfer_leaves_out_what_is_paid(self):
        other = self._create_debt(50, due=3)
        self._pay(self.invoice, date=0)
        rows = dict(self._get_transfer())
        self.assertEqual(rows["Payment reference"], other.payment_reference)
        self.assertEqual(rows["Payee"], self.company.name)

    def test_transfer_for_many_invoices_names_the_notice(self):
        for days in range(2, 5):
            self._create_debt(10, due=days)
        rows = dict(self._get_transfer())
        self.assertEqual(rows["Payment reference"], self.notice.name)

    def test_nothing_overdue_asks_for_no_transfer_and_still_says_where_to_pay(self):
        self._create_debt(30, due=-5)
        self._pay(self.invoice, date=0)
        names = [name for name, _text in self._get_transfer()]
        self.assertEqual(names, ["Payee", "Account"])

    def test_transfer_in_euro_has_the_qr_code_that_core_makes(self):
        if "account_qr_code_sepa" not in self.env.registry._init_modules:
            self.skipTest("account_qr_code_sepa makes the codes")
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        debt = self._create_debt(70.5, due=9, currency_id=euro)
        transfers = self.notice._get_page_values()["transfers"]
        self.assertEqual(
            [transfer["qr"] for transfer in transfers if not transfer["qr"]], [None]
        )
        reference = debt.payment_reference
        expected = self.bank_account.build_qr_code_base64(
            70.5, reference, None, euro, self.customer, "sct_qr"
        )
        self.assertTrue(expected.startswith("data:image/png"))
        [picture] = html.fromstring(self._get().content).xpath(
            "//table[contains(@class, 'o_dunning_transfer')]//img/@src"
        )
        self.assertEqual(picture, expected)

    # === LINKS THAT DO NOT OPEN === #

    def test_expired_link_says_whom_to_ask_and_shows_no_data(self):
        with freeze_time(TODAY + timedelta(days=self.policy.link_valid_days + 1)):
            for path in ("", f"/paid?invoice={self.invoice.id}"):
                response = self._get(path, status=410)
                text = self._text(response)
                self.assertIn("This link has expired", text)
                self.assertIn(self.accountant.name, text)
                self.assertNotIn("Walnut", response.text)
                self.assertNotIn("100.00", response.text)
                self.assertNotIn(self.invoice.name, response.text)

    def test_expired_link_takes_no_answer(self):
        expired = self.path
        with freeze_time(TODAY + timedelta(days=self.policy.link_valid_days + 1)):
            self.path = self._get_path(self.notice)
            data = self._prepare_claim()
            self.path = expired
            self._send_form("paid", data, status=410)
        self.assertFalse(self._get_holds())

    def test_tampered_link_is_not_found(self):
        path = self.path
        for bad in (path[:-1], path + "A", path + "=", path.swapcase()):
            self.path = bad
            response = self._get(status=404)
            self.assertNotIn("Walnut", response.text)
            self.assertNotIn("xpired", response.text)

    def test_garbage_never_breaks_the_server(self):
        garbage = (
            "x",
            "%00",
            "%ff%fe",
            "%F0%9F%A6%8A",
            "..%5c..%5cetc%5cpasswd",
            "AQ" * 1000,
            "%7B%7B7*7%7D%7D",
            "'%20OR%201=1--",
            "%0d%0aSet-Cookie:x=1",
            "-",
            "=" * 30,
            "AQAAAAAAAAAA",
            "null",
            "1",
        )
        for bad in garbage:
            with self.subTest(token=bad[:40]):
                response = self.url_open(f"/dunning/{bad}", allow_redirects=False)
                self.assertEqual(response.status_code, 404)

    def test_unknown_paths_and_numbers_are_not_found(self):
        for path in (
            "/other",
            "/paid/1",
            "/invoice/0",
            f"/invoice/{10**30}",
            f"/paid?invoice={10**30}",
            "/paid?invoice=-1",
            "/paid?invoice=1%27",
            "/paid?invoice=%00",
            "/dispute",
        ):
            with self.subTest(path=path):
                self._get(path, status=404)

    def test_other_invoices_are_not_found(self):
        other = self._create_debt(11, due=9, partner_id=self._create_customer("Other"))
        bill = self.init_invoice("in_invoice", self.customer, amounts=[9], post=True)
        draft = self._create_debt(12, due=9)
        draft.button_draft()
        for move in other, bill, draft:
            self._get(f"/invoice/{move.id}", status=404)
            for form in ("paid", "promise", "dispute"):
                self._get(f"/{form}?invoice={move.id}", status=404)

    # === RATE LIMIT AND HEADERS === #

    def test_guessing_is_stopped_for_all_pages_of_the_address(self):
        path = self.path
        limits = {"bad_token": (3, 3600), "submission": (20, 3600)}
        with patch.dict(dunning_portal_log.LIMITS, limits):
            self.path = path + "A"
            for _guess in range(3):
                self._get(status=404)
            response = self._get(status=429)
            self.assertEqual(response.headers["Retry-After"], "3600")
            self.path = path
            self._get(status=429)
            self.assertEqual(self.env["dunning.portal.log"].sudo().search_count([]), 3)
            with freeze_time("2026-06-15 13:00:01"):
                self._get()

    def test_answers_are_limited_for_each_notice(self):
        limits = {"bad_token": (20, 3600), "submission": (2, 3600)}
        with patch.dict(dunning_portal_log.LIMITS, limits):
            self._post("paid", date="no date", status=422)
            self._post("paid", date="2026-06-12")
            self._post("dispute", reason="Broken", status=429)
        self.assertEqual(self._get_holds().kind, "paid_claim")

    def test_log_is_emptied_and_holds_no_address(self):
        log = self.env["dunning.portal.log"].sudo()
        keys = {
            log._get_address_key(ip) for ip in ("203.0.113.9", "::ffff:203.0.113.9")
        }
        self.assertEqual(len(keys), 1)
        self.assertNotIn("203.0.113.9", keys)
        same, neighbour, other = map(
            log._get_address_key, ("2001:db8::1", "2001:db8::ffff", "2001:db8:0:1::1")
        )
        self.assertEqual(same, neighbour)
        self.assertNotEqual(same, other)
        old, new = log.create([{"key": same, "action": "bad_token"}] * 2)
        self.env.cr.execute(
            "UPDATE dunning_portal_log SET create_date = %s WHERE id = %s",
            (self._day(8), old.id),
        )
        log._gc_portal_log()
        self.assertEqual(old.exists() | new.exists(), new)

    def test_address_stays_between_customer_and_company(self):
        good = [self._get(), self._get(f"/paid?invoice={self.invoice.id}")]
        good.append(self._get(f"/invoice/{self.invoice.id}", status=303))
        good.append(self._post("paid", date="2026-06-12"))
        self.path += "A"
        for response in [*good, self._get(status=404)]:
            with self.subTest(url=response.url, status=response.status_code):
                headers = response.headers
                self.assertEqual(headers["Referrer-Policy"], "no-referrer")
                self.assertEqual(headers["Cache-Control"], "no-store")
                self.assertEqual(headers["X-Robots-Tag"], "noindex, nofollow")
                self.assertEqual(headers["X-Frame-Options"], "DENY")

    def test_opening_every_link_changes_nothing(self):
        """Mail scanners do that."""
        page = self._get(f"?said=paid&invoice={self.invoice.id}")
        links = html.fromstring(page.content).xpath("//a/@href")
        links = [link for link in links if link.startswith(self.path)]
        self.assertGreaterEqual(len(links), 4)
        before = self.notice.message_ids, self.notice.state
        for link in links:
            self.url_open(link, allow_redirects=False)
        self.env.invalidate_all()
        self.assertFalse(self._get_holds())
        self.assertEqual((self.notice.message_ids, self.notice.state), before)
        self.assertFalse(self.notice.activity_ids)

    def test_disputable_lines_are_those_of_the_invoice(self):
        self.invoice.button_draft()
        self.invoice.invoice_line_ids = [
            Command.create({"name": "A note", "display_type": "line_note"}),
            Command.create({"name": "Second", "price_unit": 5, "tax_ids": []}),
        ]
        self.invoice.action_post()
        page = self._get(f"/dispute?invoice={self.invoice.id}")
        boxes = html.fromstring(page.content).xpath("//input[@type='checkbox']/@value")
        products = self.invoice.invoice_line_ids.filtered("price_unit")
        self.assertEqual({int(box) for box in boxes}, set(products.ids))

    # === IN A BROWSER === #

    def test_customer_says_in_a_browser_that_it_is_paid(self):
        self.start_tour(self.path, "dunning_customer_page")
        self.assertRecordValues(
            self._get_holds(),
            [{"kind": "paid_claim", "origin": "customer", "move_id": self.invoice.id}],
        )
        self._assert_reason(self.invoice, "paid_claim")
