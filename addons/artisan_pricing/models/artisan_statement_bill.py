import math

from odoo import Command, fields, models
from odoo.exceptions import RedirectWarning, UserError
from odoo.tools import format_date

from ..engine import statement as engine


class ArtisanStatement(models.Model):
    _inherit = "artisan.statement"

    def action_make_bills(self):
        """Make the self-billed vendor bills that pay out confirmed statements.

        Of several statements, those that cannot be billed are left out and told; a statement
        is billed once, and one that pays out nothing not at all.
        """
        self.check_access("write")
        statements = self.filtered(lambda each: each.state == "confirmed")
        # Two people at once: the second is told to try again.
        statements.lock_for_update()
        problems = []
        for statement in statements.sorted("date_to"):
            try:
                with self.env.cr.savepoint():
                    statement._make_bill()
            except UserError as error:
                if len(self) == 1:
                    raise
                problems.append(f"{statement.name}: {error}")
        if problems:
            return self._notify_not_billed(problems)
        return self.action_open_bill()

    def action_open_bill(self):
        """The bills of these statements."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_in_invoice_type"
        )
        if len(self.bill_id) == 1:
            form = self.env.ref("account.view_move_form")
            return action | {"views": [(form.id, "form")], "res_id": self.bill_id.id}
        return action | {"domain": [("id", "in", self.bill_id.ids)]}

    def _make_bill(self):
        """One draft bill, whose total without tax is the payout.

        :raise UserError: what is missing to make it
        """
        self.ensure_one()
        if self.currency_id.compare_amounts(self.payout, 0) <= 0:
            raise UserError(
                self.env._("Nothing is paid out: the balance is carried forward.")
            )
        bill = self.env["account.move"].create(self._prepare_bill())
        bill.date = self._get_bill_date(bill)
        self._settle_cents(bill)
        if self.currency_id.compare_amounts(bill.amount_untaxed, self.payout):
            raise UserError(
                self.env._(
                    "The bill would be %(bill)s without tax where %(payout)s is paid out. "
                    "Use purchase taxes that are not included in the price.",
                    bill=self.currency_id.format(bill.amount_untaxed),
                    payout=self.currency_id.format(self.payout),
                )
            )
        self.sudo().write({"bill_id": bill.id, "state": "billed"})

    def _prepare_bill(self):
        """Values of the bill.

        :raise UserError: no payout account, or no journal
        """
        self.ensure_one()
        maker, company = self.maker_id, self.company_id
        journal = self._get_payout_journal()
        self._check_payout_account()
        position = (
            self.env["account.fiscal.position"]
            .with_company(company)
            ._get_fiscal_position(maker)
        )
        return {
            "move_type": "in_invoice",
            "company_id": company.id,
            "journal_id": journal.id,
            "partner_id": maker.id,
            "partner_bank_id": maker.maker_payout_bank_id.id,
            "fiscal_position_id": position.id,
            "currency_id": self.currency_id.id,
            "invoice_date": fields.Date.context_today(self),
            "ref": self.name,
            "invoice_origin": self.name,
            "artisan_made_for_id": self.id,
            "invoice_line_ids": [
                Command.create(vals)
                for vals in self._prepare_bill_lines(journal, position)
            ],
        }

    def _settle_cents(self, bill):
        """Put on the largest line the cents that prices with tax are rounded by: at most one
        for each line."""
        lines = bill.invoice_line_ids.filtered("price_unit")
        line = max(lines, key=lambda each: abs(each.price_unit), default=lines)
        cents = self.currency_id.rounding
        for _cent in lines if any(lines.tax_ids.mapped("price_include")) else ():
            short = self.currency_id.round(self.payout - bill.amount_untaxed)
            if self.currency_id.is_zero(short):
                break
            line.price_unit += math.copysign(cents, short)

    def _get_bill_date(self, bill):
        """The accounting date: the last day of the period that the bill is about, or the end
        of the first period that is not locked."""
        date = min(self.date_to, fields.Date.context_today(self))
        has_tax = bill._affect_tax_report()
        if bill._get_violated_lock_dates(date, has_tax):
            date = bill._get_accounting_date(date, has_tax)
        return date

    def _check_payout_account(self):
        maker = self.maker_id
        if not maker.maker_payout_bank_id:
            raise UserError(
                self.env._(
                    "%(maker)s has no payout account: enter it on the maker's page.",
                    maker=maker.display_name,
                )
            )

    def _get_payout_journal(self):
        company = self.company_id
        journal = company.artisan_payout_journal_id or self.env[
            "account.journal"
        ].search(
            [
                ("company_id", "=", company.id),
                ("type", "=", "purchase"),
                ("is_self_billing", "=", True),
            ],
            limit=1,
        )
        if not journal:
            raise RedirectWarning(
                self.env._(
                    "%(company)s has no journal for the bills that makers are paid by. Add "
                    "a purchase journal and tick Self Billing in its advanced settings.",
                    company=company.display_name,
                ),
                self.env.ref("account.action_account_journal_form").id,
                self.env._("Open Journals"),
            )
        return journal

    def _prepare_bill_lines(self, journal, position):
        """Values of the bill's lines: the period, a section for each document, and what is carried.

        What lessens the payout carries the taxes of the goods that it is about, so that tax
        is on what the maker is paid.
        """
        reader = self.with_context(lang=self.maker_id.lang)
        yield {"display_type": "line_note", "name": reader._get_period_text()}
        rows = {}  # section -> (label, account, taxes) -> amount
        for statement in self._get_unbilled():
            for entry in statement.entry_ids.sorted(lambda each: each._get_rank()):
                section, label = reader._get_bill_labels(statement, entry)
                account = entry._get_bill_account(journal, position)
                key = label, account, entry._get_bill_taxes(position)
                amounts = rows.setdefault(section, {})
                amounts[key] = amounts.get(key, 0) + entry.amount
        for section, amounts in rows.items():
            yield {"display_type": "line_section", "name": section}
            for (label, account, taxes), amount in amounts.items():
                if not self.currency_id.is_zero(amount):
                    yield {
                        "name": label,
                        "quantity": 1,
                        "price_unit": self._get_bill_price(amount, taxes),
                        "account_id": account.id,
                        "tax_ids": [Command.set(taxes.ids)],
                    }

    def _get_period_text(self):
        return self.env._(
            "Period from %(first)s to %(last)s",
            first=format_date(self.env, self.date_from),
            last=format_date(self.env, self.date_to),
        )

    def _get_unbilled(self):
        """This statement, after those whose balance was carried into it."""
        self.ensure_one()
        unbilled = self
        before = self.previous_id
        while before and self.currency_id.is_zero(before.payout):
            unbilled = before | unbilled
            before = before.previous_id
        return unbilled

    def _get_bill_labels(self, statement, entry):
        """Section and text of the bill's line that an entry goes to."""
        if statement != self:
            return self.env._("Carried forward"), self.env._("From earlier statements")
        section = entry.document or self.env._("Adjustments")
        if entry.order_ref:
            section = f"{section} ({entry.order_ref})"
        if entry.kind in (engine.SALE, engine.REFUND):
            kinds = entry._fields["kind"]._description_selection(self.env)
            return section, dict(kinds)[entry.kind]
        kind, name = self._get_entry_words(entry)
        rate = f" {entry.rate}" if entry.rate else ""
        return section, f"{kind}: {name}{rate}" if kind else f"{name}{rate}"

    def _get_bill_price(self, amount, taxes):
        """The price with which a line's amount without tax is this amount."""
        if not any(taxes.mapped("price_include")):
            return amount
        return taxes.compute_all(
            amount, self.currency_id, partner=self.maker_id, handle_price_include=False
        )["total_included"]

    def _notify_not_billed(self, problems):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Not billed"),
                "message": "\n".join(problems),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
