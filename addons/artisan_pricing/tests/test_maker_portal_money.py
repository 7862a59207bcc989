import csv
import io
from datetime import datetime

from openpyxl import load_workbook

from odoo import Command
from odoo.tests import tagged

from .portal_common import MakerPageCase


@tagged("post_install", "-at_install")
class TestMakerPortalMoney(MakerPageCase):
    """What a maker reads about what was booked and paid."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.maker.commission_scheme_id = cls.env["artisan.commission.scheme"].create(
            {
                "name": "Market",
                "part_ids": [
                    Command.create(
                        {
                            "name": "Sales commission",
                            "code": "sales",
                            "kind": "percent",
                            "value": 15,
                        }
                    )
                ],
            }
        )

    def _invoice(self, order):
        for line in order.order_line:
            line.qty_delivered = line.product_uom_qty
        invoice = order._create_invoices()
        invoice.action_post()
        return invoice

    def _create_statement(self, maker=None, entries=None, month=8, **kwargs):
        maker = maker or self.maker
        vals = {
            "maker_id": maker.id,
            "company_id": self.env.company.id,
            "currency_id": self.env.company.currency_id.id,
        }
        statement = self.env["artisan.statement"].create(
            {
                **vals,
                "date_from": f"2026-{month:02}-01",
                "date_to": f"2026-{month:02}-28",
                **kwargs,
            }
        )
        for name, amount in (entries or {"Lost parcel": 10}).items():
            self.env["artisan.payout.entry"].create(
                {
                    **vals,
                    "name": name,
                    "amount": amount,
                    "date": f"2026-{month:02}-02",
                    "statement_id": statement.id,
                }
            )
        return statement

    def test_invoiced_line_shows_commission_and_what_is_left(self):
        order = self._sell((self.candle, 2), (self.soap, 1))
        self._invoice(order)
        [row] = self._read("/orders").xpath("//table//tbody/tr")
        text = " ".join(row.text_content().split())
        for words in ("80.00", "12.00", "68.00"):
            self.assertIn(words, text)
        self.assertNotIn("before commission", text)
        content = self._get("/orders.csv").content.decode("utf-8-sig")
        self.assertIn(",80.00,0.00,80.00,-12.00,68.00", content)

    def test_what_was_sold_by_another_maker_stays_theirs(self):
        order = self._sell((self.candle, 2))
        self._invoice(order)
        self.model.item_ids.unlink()
        self.template.maker_id = self.other_maker
        self.authenticate("ben", "ben")
        self.assertNotIn(order.name, self._text("/orders"))

    def test_statements_are_own_ones_and_no_drafts(self):
        mine, draft = self._create_statement(), self._create_statement(month=9)
        theirs = self._create_statement(self.other_maker, {"Prize": 777})
        (mine | theirs).action_confirm()
        text = self._text("/statements")
        self.assertIn(mine.name, text)
        self.assertNotIn("777", text)
        self.assertEqual(
            self._read("/statements").xpath(
                "count(//*[contains(@class, 'o_maker_statements')]/a)"
            ),
            1,
        )
        for statement in draft | theirs:
            for suffix in ("", "?report_type=pdf", "?access_token=x"):
                self._get(f"/statements/{statement.id}{suffix}", 404)

    def test_token_of_a_statement_opens_it_for_nobody_else(self):
        mine = self._create_statement()
        mine.action_confirm()
        token = mine._portal_ensure_token()
        path = f"/statements/{mine.id}?access_token={token}"
        self._get(path)
        self.authenticate("ben", "ben")
        self._get(path, 404)
        self.authenticate(None, None)
        self._get(path, 303)

    def test_statement_of_another_company_does_not_exist(self):
        mine = self._create_statement()
        mine.action_confirm()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE artisan_statement SET company_id = %s WHERE id = %s",
            [self._create_other_company().id, mine.id],
        )
        self.env.invalidate_all()
        self._get(f"/statements/{mine.id}", 404)
        self.assertNotIn(mine.name, self._text("/statements"))

    def test_statement_page_lists_entries_and_totals(self):
        mine = self._create_statement(entries={"Lost <parcel>": 10, "Fair": -4})
        mine.action_confirm()
        text = self._text(f"/statements/{mine.id}")
        for words in ("Lost <parcel>", "Fair", "To be paid", "6.00", "Bill follows"):
            self.assertIn(words, text)
        self.assertEqual(mine.access_url, f"/my/maker/statements/{mine.id}")

    def test_negative_statement_is_carried_forward(self):
        mine = self._create_statement(entries={"Fair": -4})
        mine.action_confirm()
        text = self._text(f"/statements/{mine.id}")
        self.assertIn("Carried forward", text)
        self.assertNotIn("Bill follows", text)

    def test_statement_is_downloaded(self):
        mine = self._create_statement()
        mine.action_confirm()
        response = self._get(f"/statements/{mine.id}?report_type=pdf")
        self.assertIn("attachment", response.headers["Content-Disposition"])

    def _load(self, path):
        response = self._get(path)
        self.assertIn("spreadsheetml", response.headers["Content-Type"])
        self.assertIn(".xlsx", response.headers["Content-Disposition"])
        sheet = load_workbook(io.BytesIO(response.content)).active
        return [[cell.value for cell in row] for row in sheet.iter_rows()]

    def test_workbook_of_what_was_sold_has_the_rows_of_the_csv(self):
        self.candle.name = "=1+1"
        order = self._sell((self.candle, 2), (self.soap, 1))
        self._invoice(order)
        header, row = self._load("/orders.xlsx?filterby=year")
        self.assertEqual(row[header.index("Order")], order.name)
        # Text, and no formula.
        self.assertEqual(row[header.index("Product")], "=1+1")
        self.assertIsInstance(row[header.index("Date")], datetime)
        # 2 x 40.00, 15 % of it, and what is left.
        self.assertEqual(
            [row[header.index(each)] for each in ("Price", "Commission")], [80, -12]
        )
        self.assertEqual(row[header.index("Booked for you")], 68)
        content = self._get("/orders.csv?filterby=year").content.decode("utf-8-sig")
        self.assertEqual(next(csv.reader(io.StringIO(content))), header)
        hrefs = self._read("/orders").xpath(
            "//a[contains(@class, 'o_maker_download')]/@href"
        )
        self.assertEqual(
            hrefs,
            [f"/my/maker/orders.{kind}?filterby=all" for kind in ("xlsx", "csv")],
        )

    def test_amounts_of_a_statements_file_sum_to_its_balance(self):
        before = self._create_statement(entries={"Fair": -4}, month=7)
        before.action_confirm()
        mine = self._create_statement(
            entries={"Lost parcel": 10, "Found": 0.5}, previous_id=before.id
        )
        mine.action_confirm()
        header, *rows = self._load(f"/statements/{mine.id}.xlsx")
        amounts = [row[header.index("Amount")] for row in rows]
        self.assertEqual(amounts, [-4, 10, 0.5])
        self.assertEqual(sum(amounts), mine.balance)
        self.assertEqual(rows[0][header.index("Kind")], "Carried forward")
        response = self._get(f"/statements/{mine.id}.csv")
        self.assertIn("text/csv", response.headers["Content-Type"])
        [path, _csv] = self._read(f"/statements/{mine.id}").xpath(
            "//a[contains(@class, 'o_maker_download')]/@href"
        )
        self.assertEqual(path, f"/my/maker/statements/{mine.id}.xlsx")

    def test_files_of_drafts_and_of_others_do_not_exist(self):
        draft = self._create_statement(month=9)
        theirs = self._create_statement(self.other_maker)
        theirs.action_confirm()
        for path in (
            f"/statements/{draft.id}.xlsx",
            f"/statements/{theirs.id}.xlsx",
            f"/statements/{theirs.id}.csv",
            f"/statements/{theirs.id}.zip",
            "/orders.zip",
        ):
            with self.subTest(path=path):
                self._get(path, 404)

    def test_no_word_stands_twice_before_an_entry(self):
        self.maker.maker_payout_when = "invoiced"
        self.maker.commission_scheme_id.part_ids.name = "Commission"
        self._invoice(self._sell((self.candle, 2)))
        [mine] = self.env["artisan.statement"]._make_statements(
            self.env.company, "2020-01-01", "2099-12-31", self.maker
        )
        mine.action_confirm()
        text = self._text(f"/statements/{mine.id}")
        self.assertIn("Commission (15 %)", text)
        self.assertNotIn("Commission Commission", text)
        self.assertIn("Sale Candle", text)

    def test_overview_shows_the_story_that_customers_read(self):
        self._create_note("<p>I pour candles.</p>")
        self.assertIn("I pour candles.", self._text(""))
