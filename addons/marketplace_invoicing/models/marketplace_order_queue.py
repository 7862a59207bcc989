from contextlib import contextmanager

from odoo import api, models
from odoo.fields import Domain

from ..const import PIPELINE

#: Names the lock of those who number entries for channels; the second key is the company.
NUMBERING_LOCK = "marketplace_invoicing.numbering"


class MarketplaceOrder(models.Model):
    """How far an order has come, and which of its steps workers do at the same time.

    A journal numbers its entries one transaction after the other: whoever takes the next number
    makes all others wait until it has committed, and these have read the books before they
    waited. So the queue works in three steps, each a transaction: documents up to the draft
    invoice, side by side; numbers, one worker of a company at a time, while the others prepare
    more orders; reconciliation, side by side.
    """

    _inherit = "marketplace.order"

    # === STEPS ===

    def _process(self):
        """Take each order as far as it can go now. One bad order never holds another.

        Every step may run again: it takes up the orders by their state.
        """
        self._prepare_documents()
        self._book()
        self._clear()

    def _prepare_documents(self):
        """Map, check, make sale orders and, where the trigger has fired, draft invoices."""
        self._drop_cancelled()
        drafts = self.filtered(
            lambda order: order.state == "draft" and not order.is_waiting
        )
        drafts._run_isolated("_map_and_check")
        ready = self.filtered(lambda o: o.state == "ready" and o.approval != "needed")
        ready._run_isolated("_make_sale_orders")
        due = self.filtered(
            lambda o: o.state == "ordered" and o.is_due and not o.invoice_id
        )
        (due - due._send_closed_to_review())._run_isolated("_draft_invoices")

    def _book(self):
        """Post invoices and the entries of payments: all that takes the journals' numbers."""
        due = self.filtered(
            lambda o: o.state == "ordered" and o.is_due and o.invoice_id
        )
        due -= due._send_closed_to_review()
        due -= due._send_edited_to_review()
        due -= due._drop_outdated_drafts()
        due._run_isolated("_post_invoices")
        paid = self.filtered(
            lambda order: not order.clearing_move_id and order._is_clearable()
        )
        paid._run_isolated("_enter_payments")

    def _clear(self):
        """Reconcile invoices with what the marketplace has collected for them."""
        self.filtered(lambda order: order._is_clearable())._run_isolated(
            "_clear_payments"
        )

    # === DRAFTS ===

    def _send_edited_to_review(self):
        """Send to review orders whose draft invoice somebody changed before it was posted.

        :return: those orders
        """
        edited = self.filtered(lambda order: order._is_draft_edited())
        for order in edited:
            message = self.env._("The draft invoice was changed by hand.")
            order._add_issue("draft_edited", message)
        return edited._update_state(("ordered",), "exception")

    def _is_draft_edited(self):
        """Tell whether the draft was written after the transaction that made it."""
        self.ensure_one()
        invoice = self.invoice_id
        return invoice.state == "draft" and any(
            record.write_date != record.create_date
            for record in (invoice, *invoice.line_ids)
        )

    def _drop_outdated_drafts(self):
        """Delete drafts of another day than the invoice would have now; they are made anew.

        That is what a worker killed before midnight leaves where invoices carry today's date.

        :return: orders that have no invoice now
        """
        outdated = self.filtered(
            lambda order: (
                order.invoice_id.state == "draft"
                and order.invoice_id.invoice_date
                and order.invoice_id.invoice_date != order._get_invoice_date()
            )
        )
        outdated.invoice_id.with_context(marketplace_batch=PIPELINE).unlink()
        return outdated

    # === QUEUE ===

    @api.model
    def _to_process_domain(self):
        """Return the orders for which the pipeline has something to do now."""
        return Domain.OR(domain for _step, domain in self._get_steps())

    @api.model
    def _get_steps(self):
        """Override of `marketplace.queue.mixin`, see the class."""
        active = Domain("channel_id.active", "=", True)
        due = Domain("state", "=", "ordered") & Domain("is_due", "=", True)
        to_clear = self._to_clear_domain()
        new = (Domain("state", "=", "draft") & Domain("is_waiting", "=", False)) | (
            Domain("state", "=", "ready") & Domain("approval", "!=", "needed")
        )
        invoiced = Domain("invoice_id", "!=", False)
        entered = Domain("clearing_move_id", "!=", False)
        return [
            ("_book", active & ((due & invoiced) | (to_clear & ~entered))),
            ("_clear", active & to_clear & entered),
            ("_prepare_documents", active & (new | (due & ~invoiced))),
        ]

    @api.model
    @contextmanager
    def _take_turn(self, step, domain, wait):
        """Override of `marketplace.queue.mixin`: numbers are given by one worker at a time.

        The lock belongs to a transaction of its own, which ends after ours, and with the
        connection when this process is killed. It is taken before ours begins, so that
        what we read is what the worker before us has committed.
        """
        if step != "_book":
            yield domain
            return
        companies = [company for [company] in self._read_group(domain, ["company_id"])]
        self.env.cr.commit()  # pylint: disable=invalid-commit
        if not companies:
            yield Domain.FALSE
            return
        with self.env.registry.cursor() as cr:
            mine = [c.id for c in companies if self._lock_numbers(cr, c)]
            if wait and not mine:
                cr.execute(
                    "SELECT pg_advisory_xact_lock(hashtext(%s), %s)",
                    [NUMBERING_LOCK, companies[0].id],
                )
                mine = companies[0].ids
            yield domain & Domain("company_id", "in", mine)

    @api.model
    def _lock_numbers(self, cr, company):
        """Take the company's lock if it is free; return whether it is ours."""
        cr.execute(
            "SELECT pg_try_advisory_xact_lock(hashtext(%s), %s)",
            [NUMBERING_LOCK, company.id],
        )
        return cr.fetchone()[0]
