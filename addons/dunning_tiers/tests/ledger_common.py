from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

#: The day the tests play on; classes freeze the clock at its noon, UTC.
TODAY = fields.Date.to_date("2026-06-15")


class LedgerCommon(AccountTestInvoicingCommon):
    """A company with customers, invoices and payments at chosen dates."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.company = cls.company_data["company"]
        cls.customer = cls._create_customer("Walnut & Sons")
        cls.accountant = new_test_user(
            cls.env,
            "accountant_of_dunning",
            "dunning_tiers.group_dunning_user",
            company_id=cls.company.id,
            tz="UTC",
        )

    @classmethod
    def _create_customer(cls, name, **kwargs):
        return cls.env["res.partner"].create(
            {"name": name, "is_company": True, **kwargs}
        )

    @classmethod
    def _day(cls, days):
        """The day so many days before today."""
        return TODAY - timedelta(days=days)

    @classmethod
    def _create_debt(cls, amount, due, date=None, **kwargs):
        """Post an invoice without tax.

        :param due: days past due today; negative is not due yet
        :param date: days ago of the invoice; by default the due date, at most today
        """
        date = max(due, 0) if date is None else date
        values = {
            "move_type": "out_invoice",
            "partner_id": cls.customer,
            "invoice_payment_term_id": None,
            "tax_ids": [],
            **kwargs,
        }
        return cls._create_invoice_one_line(
            price_unit=amount,
            invoice_date=cls._day(date),
            invoice_date_due=cls._day(due),
            post=True,
            **values,
        )

    @classmethod
    def _create_halves_term(cls, days):
        """Terms of payment: half at once, half so many days later."""
        command = fields.Command
        return cls.env["account.payment.term"].create(
            {
                "name": "Two halves",
                "line_ids": [
                    command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": nb_days}
                    )
                    for nb_days in (0, days)
                ],
            }
        )

    @classmethod
    def _create_credit_note(cls, amount, date, **kwargs):
        return cls._create_debt(amount, date, move_type="out_refund", **kwargs)

    @classmethod
    def _pay(cls, move, date, **kwargs):
        """Register a payment of the invoice, so many days ago."""
        return cls._register_payment(move, payment_date=cls._day(date), **kwargs)

    @classmethod
    def _create_payment(cls, amount, date, partner=None, **kwargs):
        """Post a payment that is matched with nothing, so many days ago."""
        return cls.init_payment(
            amount, post=True, date=cls._day(date), partner=partner or cls.customer
        )

    @classmethod
    def _receivable(cls, move):
        return move.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    @classmethod
    def _match(cls, *moves):
        """Reconcile the receivable lines of the moves with each other."""
        lines = cls.env["account.move.line"]
        for move in moves:
            lines |= cls._receivable(move)
        lines.reconcile()

    @classmethod
    def _ledger_balance(cls, company, date):
        """Core's balance of the company's receivable accounts at the end of a day."""
        [(balance,)] = cls.env["account.move.line"]._read_group(
            [
                ("company_id", "=", company.id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("date", "<=", date),
            ],
            [],
            ["balance:sum"],
        )
        return balance
