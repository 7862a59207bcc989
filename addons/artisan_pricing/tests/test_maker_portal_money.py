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
