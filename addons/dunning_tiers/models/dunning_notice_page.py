from collections import defaultdict

from odoo import models
from odoo.fields import Domain

from ..engine import ladder
from .dunning_notice_text import MAX_NAMED_INVOICES

#: Debts on one page; a customer with thousands gets a pager.
PAGE_SIZE = 40
#: Holds that the customer knows of: the others are the company's own business.
SHOWN_HOLDS = ("dispute", "promise", "paid_claim")


class DunningNotice(models.Model):
    """What the customer's page shows: the account as it is now, not as it was sent.

    Methods run in superuser mode for a reader without a login, so each of them keeps to
    the notice's customer and company.
    """

    _inherit = "dunning.notice"

    # === WHAT BELONGS TO THE CUSTOMER === #

    def _get_account_domain(self):
        """Posted receivable lines of the customer in the company, paid ones included."""
        self.ensure_one()
        return Domain(
            [
                ("company_id", "=", self.company_id.id),
                ("partner_id.commercial_partner_id", "=", self.partner_id.id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )

    def _get_debt_domain(self):
        return self._get_account_domain() & Domain(
            [("reconciled", "=", False), ("amount_residual", ">", 0)]
        )

    def _get_credit_domain(self):
        return self._get_account_domain() & Domain(
            [("reconciled", "=", False), ("amount_residual", "<", 0)]
        )

    def _get_overdue_domain(self):
        """Debts that are overdue; what has no due date counts as overdue."""
        today = self.company_id._get_dunning_today()
        return self._get_debt_domain() & (
            Domain("date_maturity", "<", today) | Domain("date_maturity", "=", False)
        )

    def _get_account_lines(self, move_id):
        """The customer's receivable lines of an entry, none when it is not theirs."""
        return self.env["account.move.line"].search(
            self._get_account_domain() & Domain("move_id", "=", move_id),
            order="date_maturity, id",
        )

    # === VALUES === #

    def _get_page_values(self, offset=0):
        """Values to show the customer's account from the debt at this offset on."""
        self.ensure_one()
        lines = self.env["account.move.line"]
        debts = lines.search(
            self._get_debt_domain(),
            order="date_maturity, id",
            offset=offset,
            limit=PAGE_SIZE,
        )
        credit_lines = lines.search(
            self._get_credit_domain(), order="date, id", limit=PAGE_SIZE
        )
        totals = self._get_page_totals()
        return {
            **self._get_sender_values(),
            "notice": self,
            "totals": totals,
            "transfers": self._prepare_transfers(totals),
            "debts": self._prepare_page_debts(debts),
            "credits": credit_lines,
            "paid": self._get_paid_lines(),
            "can_promise": self._can_promise(),
            "has_overdue": bool(
                lines.search_count(self._get_overdue_domain(), limit=1)
            ),
            "general_notes": self._get_page_holds().get(False, []),
        }

    def _get_sender_values(self):
        """Who asks and who answers: the only values on the page of an expired link."""
        self.ensure_one()
        return {"company": self.company_id, "owner": self._get_page_owner()}

    def _get_page_owner(self):
        """The person who answers; the policy's when all who could have left."""
        return self._get_owner() or self.policy_id.user_id

    def _count_page_debts(self):
        return self.env["account.move.line"].search_count(self._get_debt_domain())

    def _prepare_page_debts(self, lines):
        """Values of the open lines, in their order."""
        today = self.company_id._get_dunning_today()
        has_provider = self._has_payment_provider()
        notes = self._get_page_holds()
        return [
            {
                "line": line,
                "move": line.move_id,
                "currency": line.currency_id,
                "due": line.date_maturity,
                "days": ladder.days_overdue(line.date_maturity, today),
                "amount": line.amount_residual_currency,
                "amount_full": line.amount_currency,
                "can_open": self._is_page_invoice(line.move_id),
                "can_pay": has_provider
                and self._is_page_invoice(line.move_id)
                and line.move_id._has_to_be_paid(),
                "notes": notes.get(line.move_id.id, []),
            }
            for line in lines
        ]

    def _is_page_invoice(self, move):
        """Whether core has a page of the invoice, and it is this customer's."""
        return (
            move.is_sale_document(include_receipts=True)
            and move.commercial_partner_id == self.partner_id
        )

    def _get_paid_lines(self):
        """What the notice asked for and is paid by now."""
        return self.env["account.move.line"].search(
            Domain("id", "in", self.item_ids.move_line_id.ids)
            & self._get_account_domain()
            & Domain("reconciled", "=", True),
            order="date_maturity, id",
            limit=PAGE_SIZE,
        )

    def _get_page_holds(self):
        """Holds the customer knows of, by invoice id; False for the whole account."""
        today = self.company_id._get_dunning_today()
        holds = self.env["dunning.hold"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("partner_id", "=", self.partner_id.id),
                ("kind", "in", SHOWN_HOLDS),
                ("state", "=", "active"),
                ("date_end", ">=", today),
            ],
            order="id",
        )
        return holds.grouped(lambda hold: hold.move_id.id)

    # === TOTALS === #

    def _get_page_totals(self):
        """Sums by currency, that of the notice first.

        :return: dicts with ``currency``, ``overdue``, ``later``, ``credits``,
            ``charges`` and ``total`` (overdue less credits, plus charges)
        """
        overdue = self._sum_by_currency(self._get_overdue_domain())
        open_debts = self._sum_by_currency(self._get_debt_domain())
        credits = self._sum_by_currency(self._get_credit_domain())
        charges = self._get_page_charges() if overdue[self.currency_id] else 0.0
        currencies = self.currency_id | self.env["res.currency"].union(
            *open_debts, *credits
        )
        return [
            {
                "currency": currency,
                "overdue": overdue[currency],
                "later": open_debts[currency] - overdue[currency],
                "credits": -credits[currency],
                "charges": charges if currency == self.currency_id else 0.0,
                "total": overdue[currency]
                + credits[currency]
                + (charges if currency == self.currency_id else 0.0),
            }
            for currency in currencies
        ]

    def _sum_by_currency(self, domain):
        groups = self.env["account.move.line"]._read_group(
            domain, ["currency_id"], ["amount_residual_currency:sum"]
        )
        return defaultdict(float, groups)

    def _get_page_charges(self):
        """Fee, interest and compensation of the notice while it is not settled.

        Charges that were invoiced are an open item of their own.
        """
        if self.charge_move_id or all(
            line.reconciled for line in self.item_ids.move_line_id
        ):
            return 0.0
        return self.amount_fee + self.amount_interest + self.amount_compensation

    # === BANK TRANSFER === #

    def _prepare_transfers(self, totals):
        """One transfer for each currency in which something is to be paid now.

        :param list totals: what :meth:`_get_page_totals` returns
        :return: dicts with ``currency``, ``amount``, ``reference`` and ``qr``: a picture
            that banks' apps read, as a ``data:`` address, or None
        """
        transfers = []
        for sums in totals:
            currency, amount = sums["currency"], sums["total"]
            if currency.compare_amounts(amount, 0) <= 0:
                continue
            reference = self._join_payment_references(self._get_overdue_moves(currency))
            transfers.append(
                {
                    "currency": currency,
                    "amount": amount,
                    "reference": reference,
                    "qr": self._get_transfer_qr(amount, currency, reference),
                }
            )
        return transfers

    def _get_overdue_moves(self, currency):
        """Overdue entries of a currency, longest first: as many as a reference needs."""
        groups = self.env["account.move.line"]._read_group(
            self._get_overdue_domain() & Domain("currency_id", "=", currency.id),
            ["move_id"],
            order="date_maturity:min, id:min",
            limit=MAX_NAMED_INVOICES + 1,
        )
        return self.env["account.move"].union(*(move for (move,) in groups))

    def _get_transfer_qr(self, amount, currency, reference):
        """Core's QR code of a transfer to the company's account.

        :return: the picture as a ``data:`` address, or None where the account, the
            currency or the addons installed allow none
        """
        bank = self._get_bank_account()
        if not bank:
            return None
        return bank.build_qr_code_base64(
            currency.round(amount), reference, None, currency, self.partner_id
        )
