from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

from .payout_common import PayoutCommon


@tagged("post_install", "-at_install")
class TestTours(PayoutCommon, HttpCase):
    def test_manager_makes_a_statement_and_its_bill(self):
        new_test_user(
            self.env,
            "tour_payer",
            "artisan_pricing.group_artisan_manager,account.group_account_invoice",
            company_id=self.company.id,
        )
        self.env["account.journal"].create(
            {
                "name": "Makers",
                "code": "MAK",
                "type": "purchase",
                "is_self_billing": True,
            }
        )
        self.maker.maker_payout_bank_id = self.env["res.partner.bank"].create(
            {"partner_id": self.maker.id, "acc_number": "FR7630006000011234567890189"}
        )
        self._create_direct_invoice(
            (self.candle, 1, 100),
            invoice_date=fields.Date.today() - relativedelta(months=1, day=15),
        )
        # Without the app of Sales there is no menu, but the page.
        self.start_tour(
            "/odoo/maker-statements", "artisan_pricing_statement", login="tour_payer"
        )
        statement = self.env["artisan.statement"].search([])
        self.assertRecordValues(statement, [{"state": "billed", "payout": 85}])
        self.assertEqual(statement.bill_id.amount_untaxed, 85)
