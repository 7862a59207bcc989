from odoo.tests import HttpCase, tagged

from .portal_common import MakerPortalCommon


@tagged("post_install", "-at_install")
class TestTours(MakerPortalCommon, HttpCase):
    """A maker's visit, in a real browser."""

    def test_maker_sees_prices_asks_writes_and_reads_the_statement(self):
        note = self._create_note()
        vals = {
            "maker_id": self.maker.id,
            "company_id": self.env.company.id,
            "currency_id": self.env.company.currency_id.id,
        }
        period = {"date_from": "2026-08-01", "date_to": "2026-08-31"}
        statement = self.env["artisan.statement"].create(vals | period)
        self.env["artisan.payout.entry"].create(
            {
                **vals,
                "name": "Fair",
                "amount": 68,
                "date": "2026-08-02",
                "statement_id": statement.id,
            }
        )
        statement.action_confirm()
        self.start_tour("/my", "artisan_pricing_maker_portal", login="ana")
        self.assertRecordValues(
            self._get_requests(maker_id=self.maker.id).sorted("id"),
            [
                {"kind": "list_price", "state": "asked", "new_amount": 44.5},
                {"kind": "story", "state": "asked", "new_amount": 0},
            ],
        )
        self.assertEqual(note.text, "<p>I pour candles.</p>")
        self.assertEqual(self.candle.list_price, 40)
