from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import plaintext2html

#: Credit notes that the posting of a settlement may wait for.
AT_ONCE = 20
#: Orders whose invoice is in the books.
BOOKED_STATES = ("invoiced", "settled")


class MarketplaceRefund(models.Model):
    """From a staged refund to a posted credit note and its money."""

    _inherit = "marketplace.refund"

    # === PIPELINE ===

    def _process(self):
        """Take each refund as far as it can go now. One bad refund never holds another.

        Refunds of one order are credited one after the other, as each leaves less.
        """
        waiting = self.filtered(lambda refund: refund.state == "waiting")
        waiting._match_orders()
        waiting._match_again()
        waiting._run_isolated("_check")
        ready = self.filtered(
            lambda refund: refund.state == "ready" and refund.approval != "needed"
        ).sorted(lambda refund: (refund.created_date or refund.create_date, refund.id))
        # What became ready earlier: another refund may have been credited meanwhile.
        ready -= (ready - waiting)._hold_doubles()
        while ready:
            wave = self.browse(
                refunds[0].id for refunds in ready.grouped("order_id").values()
            )
            wave._run_isolated("_credit")
            ready -= wave

    def _process_soon(self):
        """Process a handful at once; more are left to the scheduler."""
        if len(self) <= AT_ONCE:
            self._process()
        elif self:
            self._enqueue()

    def _fail(self, message):
        """Send one refund to review with what went wrong."""
        self.ensure_one()
        self._add_issue("processing_error", message, key=message[:120])
        self._update_state(("waiting", "ready"), "exception", message[:200])

    # === CHECKS ===

    def _check(self):
        """Sort waiting refunds into ready, exception and what has nothing to credit."""
        due = self.filtered("is_done")
        named = due.filtered("order_id")
        nameless = due.filtered(lambda refund: not refund.order_ref)
        nameless._send_to_review(
            "refund_without_order",
            self.env._("The channel does not say of which order"),
        )
        dropped = named.filtered(lambda refund: refund.order_id.state == "cancelled")
        dropped._update_state(
            ("waiting",), "cancelled", self.env._("The order was never invoiced")
        )
        booked = named.filtered(
            lambda refund: (
                refund.order_id.state in BOOKED_STATES
                and refund.invoice_id.state == "posted"
            )
        )
        booked._check_booked()

    def _check_booked(self):
        """Check refunds whose order is invoiced."""
        foreign = self.filtered(
            lambda refund: refund.currency_id != refund.order_id.currency_id
        )
        foreign._send_to_review(
            "refund_currency",
            self.env._("The refund is in another currency than its order"),
        )
        own = self - foreign
        for refund in own:
            refund.amount_to_credit = refund._get_amount_to_credit()
        nothing = own.filtered(lambda refund: refund.amount_to_credit <= 0)
        nothing._update_state(
            ("waiting",), "cancelled", self.env._("The marketplace bears all of it")
        )
        own -= nothing
        own -= own._hold_doubles()
        own -= own._take_notes()
        own._check_left()

    def _check_left(self):
        """Send to review what is more than is left of the invoices; the rest is ready."""
        left = self._get_left_amounts()
        over = self.browse()
        for refund in self.sorted("id"):
            order = refund.order_id
            rest = left[order] - refund.amount_to_credit
            if order.currency_id.compare_amounts(rest, 0.0) < 0:
                over |= refund
                refund._send_to_review(
                    "over_refund", refund._get_over_message(left[order])
                )
            else:
                left[order] = rest
        ready = self - over
        ready -= ready._hold_by_hand()
        ready.issue_ids.filtered(lambda issue: issue.code != "refund_changed")._close(
            "resolved"
        )
        for refund in ready.filtered(lambda refund: refund.approval == "none"):
            if refund._needs_approval():
                refund.approval = "needed"
        ready._update_state(("waiting",), "ready")

    def _needs_approval(self):
        """A person approves as the channel says, and always what nobody gave back yet."""
        self.ensure_one()
        if self.origin == "rest" and self.order_id.status == "cancelled":
            return True
        return self.channel_id._needs_approval(f"{self.order_ref}/{self.external_ref}")

    def _get_over_message(self, left):
        self.ensure_one()
        return self.env._(
            "%(amount)s was given back, and only %(left)s is left of the invoice.",
            amount=self.currency_id.format(self.amount_to_credit),
            left=self.currency_id.format(max(left, 0.0)),
        )

    def _send_to_review(self, code, message):
        if not self:
            return
        self._add_issue(code, message)
        self._update_state(("waiting", "ready"), "exception", message)

    def _add_issue(self, code, message, key="", severity="blocking"):
        """Raise one issue for each refund that has none of this cause yet."""
        self.env["marketplace.issue"].sudo()._raise(
            self, code, message, key[:250], severity
        )

    def _get_amount_company(self):
        """Return the refund in company currency at today's rate."""
        self.ensure_one()
        if not self.currency_id:
            return 0.0
        company = self.company_id
        return self.currency_id._convert(
            self.amount, company.currency_id, company, fields.Date.context_today(self)
        )

    # === CREDIT NOTES ===

    def _credit(self):
        """Make and post the credit notes of refunds of different orders, then the money.

        :raises UserError: more than is left, or a note that comes to another amount
        """
        notes = self._get_credit_notes().grouped("reversed_entry_id")
        none = self.env["account.move"]
        for company, refunds in self.grouped("company_id").items():
            refunds = refunds.with_company(company)
            invoices = refunds.invoice_id
            by_invoice = {refund.invoice_id: refund for refund in refunds}
            plans = {
                refund: refund._get_plan(notes.get(refund.invoice_id, none))
                for refund in refunds
            }
            moves = invoices._reverse_moves(
                [
                    by_invoice[invoice]._prepare_credit_note(plans[by_invoice[invoice]])
                    for invoice in invoices
                ]
            )
            for move in moves:
                move.marketplace_refund_id.credit_move_id = move
            refunds._round_credit_notes()
            moves._post(soft=False)
            refunds._log_differences(plans)
            refunds._clear()
        for refund in self:
            # Also what makes a second worker on this order start over.
            refund.order_id.amount_credited += refund.amount_to_credit
        self._update_state(("ready",), "credited")

    def _prepare_credit_note(self, plan):
        """Return what the credit note has on top of core's reversal.

        :param plan: `refund_plan.RefundPlan`
        """
        self.ensure_one()
        date = self._get_date(self.invoice_id.journal_id, has_tax=True)
        values = {
            "marketplace_order_id": self.order_id.id,
            "marketplace_refund_id": self.id,
            "ref": self.env._(
                "%(order)s, refund %(refund)s",
                order=self.order_ref,
                refund=self.external_ref,
            ),
            "payment_reference": self.order_ref,
            "invoice_date": date,
            "date": date,
            "invoice_date_due": date,
            "invoice_payment_term_id": False,
            "auto_post": "no",
            "narration": plaintext2html(self.reason) if self.reason else False,
        }
        if not plan.is_whole:
            values["line_ids"] = [
                Command.create(self._prepare_credit_line(part)) for part in plan.parts
            ]
        return values

    def _prepare_credit_line(self, part):
        """Return the values of a line of the credit note.

        Money without pieces leaves the sale order invoiced as it is.

        :param part: `refund_plan.Part`
        """
        source = self.env["account.move.line"].browse(part.key)
        quantity = float(part.quantity) or 1.0
        product = source.product_id
        name = source.name
        if part.is_spread:
            product = self.channel_id.charge_product_id or product
            name = self.reason or self.env._("Refund")
        elif not part.quantity:
            name = self.env._("%(name)s: price reduced", name=source.name)
        return {
            "display_type": "product",
            "product_id": product.id,
            "product_uom_id": product.uom_id.id
            if part.is_spread
            else source.product_uom_id.id,
            "name": name,
            "quantity": quantity,
            "price_unit": self.order_id.line_ids[:1]._get_price_unit(
                float(part.gross), True, quantity, source.tax_ids, product
            ),
            "discount": 0.0,
            "tax_ids": [Command.set(source.tax_ids.ids)],
            "account_id": source.account_id.id,
            "analytic_distribution": source.analytic_distribution,
            "sale_line_ids": [Command.set(source.sale_line_ids.ids)]
            if part.quantity
            else False,
        }

    def _round_credit_notes(self):
        """Book the cent that rounding leaves, as the invoice does.

        :raises UserError: a note comes to something else
        """
        for refund in self:
            currency, channel = refund.currency_id, refund.channel_id
            missing = refund.amount_to_credit - refund.credit_move_id.amount_total
            if currency.is_zero(missing):
                continue
            if (
                channel.rounding_account_id
                and currency.compare_amounts(abs(missing), channel.rounding_tolerance)
                <= 0
            ):
                refund._add_rounding_line(currency.round(missing))
            refund._assert_amount()

    def _add_rounding_line(self, amount):
        product = self.env.ref("marketplace_invoicing.product_rounding")
        self.credit_move_id.invoice_line_ids = [
            Command.create(
                {
                    "product_id": product.id,
                    "name": self.env._("Rounding difference"),
                    "quantity": 1.0,
                    "price_unit": amount,
                    "tax_ids": [Command.clear()],
                    "account_id": self.channel_id.rounding_account_id.id,
                }
            )
        ]

    def _assert_amount(self):
        self.ensure_one()
        note = self.credit_move_id
        if self.currency_id.compare_amounts(note.amount_total, self.amount_to_credit):
            raise UserError(
                self.env._(
                    "The credit note comes to %(note)s instead of %(refund)s.",
                    note=self.currency_id.format(note.amount_total),
                    refund=self.currency_id.format(self.amount_to_credit),
                )
            )

    def _log_differences(self, plans):
        """Say where the money was not what the lines come to."""
        messages = {}
        for refund, plan in plans.items():
            if not plan.difference or abs(plan.difference) < Decimal("0.005"):
                continue
            lines = refund.amount_to_credit - float(plan.difference)
            messages[refund.id] = self.env._(
                "The lines of the refund come to %(lines)s, and %(money)s was given back; "
                "the money counts.",
                lines=refund.currency_id.format(lines),
                money=refund.currency_id.format(refund.amount_to_credit),
            )
        self.browse(messages)._message_log_batch(messages)

    def _note_credit_cancelled(self):
        """Send to review refunds whose credit note was cancelled; their money stays."""
        message = self.env._("The credit note was cancelled")
        for refund in self._update_state(("credited",), "exception", message):
            refund.order_id.amount_credited -= refund.amount_to_credit
            refund.credit_move_id = False
            refund._add_issue("credit_note_cancelled", message)
