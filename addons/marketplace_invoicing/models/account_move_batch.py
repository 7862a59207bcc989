"""What core does invoice by invoice, done once for all invoices of a batch of channel orders.

Nothing here decides an amount, an account or a tax: the values come from the same methods of core
that it would call itself, earlier and for many invoices at once. All of it is asleep but for the
pipeline, which asks for it by the context key ``marketplace_batch``.
"""

from datetime import timedelta

from markupsafe import Markup

from odoo import api, models
from odoo.fields import Command

from ..const import is_pipeline
from ..extension import is_extended

#: Keys of notes and number formats that wait in the transaction; a rollback empties them.
NOTES = "marketplace_invoicing.notes"
FORMATS = "marketplace_invoicing.formats"
#: The context in which core leaves the lines of moves as they are.
WITHOUT_SYNC = {"skip_invoice_sync": True, "skip_invoice_line_sync": True}


class AccountMove(models.Model):
    _inherit = "account.move"

    # === COMPLETE VALUES ===

    @api.model
    def _complete_invoice_values(self, vals_list):
        """Add tax lines, payment term line and balances to values of customer invoices.

        Core finds nothing left to synchronize then, instead of writing line by line. Values
        with anything that core has to work out itself (payment terms, cash rounding, sections,
        analytic distributions, accounts by fallback) are left as they are.

        :param vals_list: values as :meth:`sale.order._prepare_invoice` gives them; changed here
        :return: list that tells for each whether it is complete now
        """
        if self.env["account.analytic.distribution.model"]._has_models():
            return [False] * len(vals_list)
        line_lists = [
            [command[2] for command in vals["invoice_line_ids"]] for vals in vals_list
        ]
        lookups = {"product_ids": self._get_product_ids(line_lists)}
        complete = []
        for vals, lines in zip(vals_list, line_lists, strict=True):
            complete.append(
                self._is_completable(vals, lines)
                and self._complete_values(vals, lines, lookups)
            )
        return complete

    @api.model
    def _get_product_ids(self, line_lists):
        """Return the products of all lines; they are read together."""
        return tuple(
            {line["product_id"] for lines in line_lists for line in lines} - {False}
        )

    @api.model
    def _is_completable(self, vals, lines):
        company = self.env["res.company"].browse(vals.get("company_id"))
        return bool(
            company
            and vals.get("move_type") == "out_invoice"
            and vals.get("invoice_date")
            and vals.get("invoice_date_due")
            and not vals.get("invoice_payment_term_id")
            and not vals.get("invoice_cash_rounding_id")
            and not vals.get("invoice_currency_rate")
            and not company.account_discount_expense_allocation_id
            and not company.account_storno
            and all(
                line.get("display_type") == "product"
                and line.get("product_id")
                and [command[0] for command in line["tax_ids"]] == [Command.SET]
                and not line.get("analytic_distribution")
                and not line.get("extra_tax_data")
                for line in lines
            )
        )

    @api.model
    def _complete_values(self, vals, lines, lookups):
        AccountTax = self.env["account.tax"]
        company = self.env["res.company"].browse(vals["company_id"])
        base_lines = [
            self._prepare_base_line_of_values(vals, line, company, lookups)
            for line in lines
        ]
        if not all(base_line["account_id"] for base_line in base_lines):
            return False
        AccountTax._add_tax_details_in_base_lines(base_lines, company)
        AccountTax._round_base_lines_tax_details(base_lines, company)
        AccountTax._add_accounting_data_in_base_lines_tax_details(base_lines, company)
        results = AccountTax._prepare_tax_lines(base_lines, company)
        products = [
            {**line, "account_id": base_line["account_id"].id, **update}
            for line, (base_line, update) in zip(
                lines, results["base_lines_to_update"], strict=True
            )
        ]
        taxes = [
            {**line, "display_type": "tax"} for line in results["tax_lines_to_add"]
        ]
        term = self._prepare_term_line(vals, [*products, *taxes], company)
        partner = self.env["res.partner"].browse(vals["partner_id"])
        vals["line_ids"] = self._prepare_complete_lines(
            [*products, *taxes, term],
            company,
            date=vals["invoice_date"],
            invoice_date=vals["invoice_date"],
            ref=vals.get("ref"),
            partner_id=partner.commercial_partner_id.id,
            currency_id=vals["currency_id"],
        )
        del vals["invoice_line_ids"]
        return True

    @api.model
    def _prepare_complete_lines(self, lines, company, **of_move):
        """Return the commands that create lines with what core copies to them of their move.

        Core looks at these columns as well, and would write them again if they were others.

        :param lines: list of values
        :param of_move: values of a draft move, by the names they have on its lines
        """
        of_move.update(
            parent_state="draft",
            company_id=company.id,
            company_currency_id=company.currency_id.id,
        )
        return [Command.create({**of_move, **values}) for values in lines]

    @api.model
    def _prepare_base_line_of_values(self, vals, line, company, lookups):
        """Return core's base line for the values of an invoice line that is not there yet.

        :param lookups: dict that keeps what several invoices share
        """
        product = self._browse_product(line, lookups)
        currency = self.env["res.currency"].browse(vals["currency_id"])
        partner = self.env["res.partner"].browse(vals["partner_id"])
        taxes = [command[2] for command in line["tax_ids"]]
        rate_key = (currency, vals["invoice_date"])
        if rate_key not in lookups:
            lookups[rate_key] = self.env["res.currency"]._get_conversion_rate(
                company.currency_id, currency, company, vals["invoice_date"]
            )
        return self.env["account.tax"]._prepare_base_line_for_taxes_computation(
            {},
            product_id=product,
            product_uom_id=self.env["uom.uom"].browse(line["product_uom_id"]),
            tax_ids=self.env["account.tax"].browse(taxes[0]),
            price_unit=line["price_unit"],
            quantity=line["quantity"],
            discount=line["discount"],
            currency_id=currency,
            rate=lookups[rate_key],
            sign=-1,
            partner_id=partner.commercial_partner_id,
            account_id=self._get_income_account(vals, line, company, lookups),
            analytic_distribution=False,
            name=line["name"],
        )

    @api.model
    def _browse_product(self, line, lookups):
        product = self.env["product.product"].browse(line["product_id"])
        return product.with_prefetch(lookups["product_ids"])

    @api.model
    def _get_income_account(self, vals, line, company, lookups):
        if line.get("account_id"):
            return self.env["account.account"].browse(line["account_id"])
        key = (line["product_id"], vals.get("fiscal_position_id"), company)
        if key not in lookups:
            product = self._browse_product(line, lookups)
            position = self.env["account.fiscal.position"].browse(key[1])
            lookups[key] = product.with_company(
                company
            ).product_tmpl_id.get_product_accounts(fiscal_pos=position)["income"]
        return lookups[key]

    @api.model
    def _prepare_term_line(self, vals, lines, company):
        """Return the line of what the customer owes, due on the invoice's due date."""
        currency = self.env["res.currency"].browse(vals["currency_id"])
        return {
            "display_type": "payment_term",
            "date_maturity": vals["invoice_date_due"],
            "currency_id": currency.id,
            "amount_currency": -currency.round(
                sum(line["amount_currency"] for line in lines)
            ),
            "balance": -company.currency_id.round(
                sum(line["balance"] for line in lines)
            ),
        }

    # === BATCHES ===

    @api.model
    def _without_sync(self):
        """Return the context in which core does not synchronize lines that are complete.

        Core's point of sale creates and posts its moves the same way. Empty where another
        addon (a localization) has more to synchronize than core.
        """
        if is_extended(self, "_get_sync_stack"):
            return {}
        return dict(WITHOUT_SYNC)

    def _with_sync(self):
        """Return these moves in a context in which core synchronizes their lines again."""
        return self.with_context(**dict.fromkeys(WITHOUT_SYNC, False))

    @api.model
    def _create_complete(self, vals_list):
        """Create moves whose lines are all there, with balances: nothing to synchronize.

        A draft has no analytic items either; core would write each line again to see.
        """
        context = {"skip_analytic_sync": True, **self._without_sync()}
        return self.with_context(**context).create(vals_list).with_env(self.env)

    def _post_batch(self):
        """Post drafts; those that have their date already change no line by it."""
        dated = self.filtered(lambda move: move.invoice_date or move.is_entry())
        dated.with_context(**self._without_sync())._post(soft=False)
        (self - dated)._post(soft=False)

    # === PAYMENTS ===

    def _compute_reconciled_payment_ids(self):
        """Override of `account`: look for payments only where entries of a batch are matched.

        Core asks this of each entry that it writes, with a query over all payments. While
        PostgreSQL knows nothing yet of what this transaction filled, that takes minutes.
        """
        if not is_pipeline(self.env) or self._is_matched_with_payment():
            return super()._compute_reconciled_payment_ids()
        for move in self:
            move.reconciled_payment_ids = move.matched_payment_ids
        return None

    def _is_matched_with_payment(self):
        lines = self.line_ids
        partials = lines.matched_debit_ids | lines.matched_credit_ids
        entries = (partials.debit_move_id | partials.credit_move_id).move_id
        # As core's query does, past what the user may read.
        Payment = self.env["account.payment"].sudo()
        return bool(
            entries and Payment.search_count([("move_id", "in", entries.ids)], limit=1)
        )

    # === NUMBERS ===

    def _compute_name(self):
        """Override of `account`: number the invoices of a batch before its other entries.

        Whoever takes a journal's next number makes others wait for it. So do refunds, first for
        their credit notes: in the same order of journals no two workers wait for each other.
        """
        if not is_pipeline(self.env):
            return super()._compute_name()
        invoices = self.filtered(lambda move: move.is_invoice(include_receipts=True))
        for moves in (invoices, self - invoices):
            super(AccountMove, moves)._compute_name()
        return None

    def _get_next_sequence_format(self):
        """Override of `account`: look up the format once for a journal and period of a batch.

        Core locks the first number of a format and counts on from there in the transaction; the
        look-up, two queries and a write of the number before, would only find the same again.
        """
        if not is_pipeline(self.env):
            return super()._get_next_sequence_format()
        formats = self.env.cr.precommit.data.setdefault(FORMATS, {})
        key = (self.journal_id.id, self.move_type, self.origin_payment_id.id)
        found = formats.setdefault(key, [])
        for first_day, last_day, format_string, values in found:
            if first_day <= self.date <= last_day:
                return format_string, dict(values)
        format_string, values = super()._get_next_sequence_format()
        last_day = self._get_last_day_of_format(format_string, values)
        found.append((self.date, last_day, format_string, dict(values)))
        return format_string, values

    def _get_last_day_of_format(self, format_string, values):
        """Return until when, from this move's day on, core would find the same format.

        That is the end of the period whose numbers it counts, or the day before that of an entry
        which is numbered otherwise.
        """
        reset = self._deduce_sequence_number_reset(format_string.format(**values))
        last_day = self._get_sequence_date_range(reset)[1]
        prefix = format_string.partition("{seq")[0].format(**values)
        other = self.sudo().search(
            [
                ("journal_id", "=", self.journal_id.id),
                ("date", ">", self.date),
                ("date", "<=", last_day),
                ("name", "not in", ("/", "", False)),
                ("sequence_prefix", "!=", prefix),
            ],
            order="date",
            limit=1,
        )
        return other.date - timedelta(days=1) if other else last_day

    # === NOTES ===

    def message_post_with_source(self, source_ref, **kwargs):
        """Override of `mail`: the origins of all invoices of a batch are noted in one go."""
        is_origin = source_ref == "mail.message_origin_link"
        if not (is_pipeline(self.env) and is_origin):
            return super().message_post_with_source(source_ref, **kwargs)
        origin = kwargs["render_values"]["origin"]
        links = Markup(", ").join(
            Markup('<a href="#" data-oe-model="{}" data-oe-id="{}">{}</a>').format(
                record._name, record.id, record.display_name
            )
            for record in origin
        )
        body = self.env._("This invoice was created from %(origin)s", origin=links)
        self._note_later(self, body)
        return self.env["mail.message"]

    @api.model
    def _note_later(self, record, body):
        """Keep a note until the savepoint or the transaction ends well."""
        precommit = self.env.cr.precommit
        if NOTES not in precommit.data:
            precommit.add(self._log_notes)
        notes = precommit.data.setdefault(NOTES, {})
        notes.setdefault(record._name, {})[record.id] = body

    @api.model
    def _log_notes(self):
        """Write the notes that wait, all of a model at once."""
        for model, bodies in self.env.cr.precommit.data.pop(NOTES, {}).items():
            self.env[model].browse(bodies)._message_log_batch(bodies)
