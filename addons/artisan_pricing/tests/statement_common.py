from datetime import date

from odoo import Command

from .payout_common import PayoutCommon

AUGUST = date(2026, 8, 1), date(2026, 8, 31)
SEPTEMBER = date(2026, 9, 1), date(2026, 9, 30)
OCTOBER = date(2026, 10, 1), date(2026, 10, 31)


class StatementCommon(PayoutCommon):
    """A maker with a payout account, in a company with a journal for self-billing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journal = cls.env["account.journal"].create(
            {
                "name": "Makers",
                "code": "MAK",
                "type": "purchase",
                "is_self_billing": True,
            }
        )
        cls.company.artisan_payout_journal_id = cls.journal
        cls.account = cls._create_account(cls.maker, "FR7630006000011234567890189")
        (cls.candle | cls.d).supplier_taxes_id = [Command.clear()]

    @classmethod
    def _create_account(cls, maker, number):
        maker.maker_payout_bank_id = cls.env["res.partner.bank"].create(
            {"partner_id": maker.id, "acc_number": number}
        )
        return maker.maker_payout_bank_id

    def _make(self, period=AUGUST, maker=None):
        made = self.env["artisan.statement"]._make_statements(
            self.company, *period, maker or self.maker
        )
        return made

    def _sell(self, price=100, date="2026-08-10", **kwargs):
        return self._create_direct_invoice(
            (self.candle, 1, price), invoice_date=date, **kwargs
        )
