from pytz import timezone, utc

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ..const import PAID_STATUSES, PIPELINE


class MarketplaceOrder(models.Model):
    """From a ready order to a sale order, a posted invoice and a cleared payment."""

    _inherit = "marketplace.order"

    # === PIPELINE ===

    def _drop_cancelled(self):
        """Close what never becomes a document: cancelled, voided and test orders."""
        drafts = self.filtered(lambda order: order.state == "draft")
        tests = drafts.filtered("is_test")
        cancelled = (drafts - tests).filtered(
            lambda order: order._was_cancelled_by_channel()
        )
        (tests | cancelled).sale_order_id._action_cancel()
        (tests | cancelled).issue_ids._close("resolved")
        tests._update_state(
            ("draft",), "cancelled", self.env._("Test order of the shop")
        )
        cancelled._update_state(
            ("draft",), "cancelled", self.env._("Cancelled on the channel")
        )

    def _map_and_check(self):
        self._map()
        self._check()

    def _in_batch(self):
        """Override of `marketplace.queue.mixin`: core works on all orders at once."""
        return super()._in_batch().with_context(marketplace_batch=PIPELINE)

    def _fail(self, message):
        """Send one order to review with what went wrong."""
        self.ensure_one()
        self._add_issue("processing_error", message, key=message[:120])
        # An invoiced order whose payment cannot be cleared stays invoiced: it is in the books.
        self._update_state(("draft", "ready", "ordered"), "exception", message[:200])

    # === SALE ORDERS ===

    def _make_sale_orders(self):
        """Create and confirm one sale order per ready order."""
        self._map_partners()
        adopted = self._withdraw_sale_orders()
        for channel, orders in (self - adopted).grouped("channel_id").items():
            orders = orders.with_company(channel.company_id)
            sales = orders.env["sale.order"].create(
                [order._prepare_sale_order() for order in orders]
            )
            sales.action_confirm()
            sales._compute_lines()
            for order, sale in zip(orders, sales, strict=True):
                # Confirmation dates the order today; the buyer ordered earlier.
                sale.date_order = order.ordered_date or sale.date_order
            orders._log_corrections()
        self._update_state(("ready",), "ordered")

    def _withdraw_sale_orders(self):
        """Cancel sale orders of an earlier attempt, which the new ones replace.

        :return: orders that keep theirs, as somebody has invoiced it by hand
        """
        adopted = self.filtered(lambda order: order.invoice_id.state == "posted")
        sales = (self - adopted).sale_order_id
        sales._action_cancel()
        # The unique index must see them cancelled before their successors come.
        sales.flush_recordset(["state"])
        return adopted

    def _prepare_sale_order(self):
        """Return the values of the sale order."""
        self.ensure_one()
        channel = self.channel_id
        return {
            "marketplace_order_id": self.id,
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "partner_invoice_id": self.partner_invoice_id.id,
            "partner_shipping_id": self.partner_shipping_id.id,
            "fiscal_position_id": self.fiscal_position_id.id,
            # Prices are the channel's; a price list would only bring another currency.
            "pricelist_id": False,
            "date_order": self.ordered_date or fields.Datetime.now(),
            "client_order_ref": self.external_ref,
            "origin": self.display_name,
            "team_id": channel.team_id.id,
            "user_id": channel.user_id.id,
            "journal_id": channel.journal_id.id,
            "payment_term_id": False,
            "require_signature": False,
            "require_payment": False,
            "note": False,
            "order_line": [
                Command.create(values) for values in self._prepare_sale_lines()
            ],
        }

    def _log_corrections(self):
        """Put on record what the machine corrected by itself."""
        messages = {}
        for order in self.filtered("rounding_amount"):
            messages[order.id] = self.env._(
                "Rounding difference of %(amount)s booked to %(account)s.",
                amount=order.currency_id.format(order.rounding_amount),
                account=order.channel_id.rounding_account_id.display_name,
            )
        for order in self.filtered(lambda order: order._is_sold_abroad()):
            text = self.env._(
                "Fiscal position %(name)s by destination %(country)s.",
                name=order.fiscal_position_id.name,
                country=order.country_id.name or "-",
            )
            messages[order.id] = " ".join(filter(None, (messages.get(order.id), text)))
        self.browse(messages)._message_log_batch(messages)

    def _is_sold_abroad(self):
        """Tell whether the destination decided on the taxes, and is not our own country."""
        self.ensure_one()
        own = self.company_id.account_fiscal_country_id
        return bool(self.fiscal_position_id) and self.country_id != own

    # === INVOICES ===

    def _get_invoice_date(self):
        """Return the invoice date by the channel's policy, in the channel's time zone."""
        self.ensure_one()
        if self.invoice_date_forced:
            return self.invoice_date_forced
        policy = self.channel_id.invoice_date_policy
        moment = self.shipped_date if policy == "shipped" else False
        if policy != "today":
            moment = moment or self.ordered_date
        now = fields.Datetime.now()
        # A channel's clock may be ahead; an invoice is never dated in the future.
        return self._to_local_date(min(moment or now, now))

    def _to_local_date(self, moment):
        """Return the day of a stored moment in the channel's time zone."""
        self.ensure_one()
        zone = timezone(self.channel_id.timezone or "UTC")
        return utc.localize(moment).astimezone(zone).date()

    def _prepare_invoice_values(self):
        """Return what the invoice gets on top of core's values."""
        self.ensure_one()
        return {
            "marketplace_order_id": self.id,
            "invoice_date": self._get_invoice_date(),
            "invoice_date_due": self._get_invoice_date(),
            "ref": self.external_ref,
            "payment_reference": self.external_ref,
            # Also when there is none: core would look for one by the invoice address.
            "fiscal_position_id": self.fiscal_position_id.id,
            "narration": self._get_invoice_note(),
        }

    def _get_invoice_note(self):
        """Return the mention that explains a marketplace-collected tax, or nothing."""
        self.ensure_one()
        collected = self._get_collected_tax()
        if not self.currency_id or self.currency_id.is_zero(collected):
            return False
        return self.env._(
            "Tax of %(amount)s was collected and is remitted by the marketplace; it is not "
            "part of this invoice.",
            amount=self.currency_id.format(collected),
        )

    def _draft_invoices(self):
        """Create the invoices of ordered orders, without numbers.

        :raises UserError: an invoice does not come to the amount that was checked
        """
        for channel, orders in self.grouped("channel_id").items():
            orders = orders.with_company(channel.company_id)
            sales = orders.filtered(lambda order: not order.invoice_id).sale_order_id
            for sale in sales.filtered(lambda sale: sale._is_invoiced_by_delivery()):
                sale._force_lines_to_invoice_policy_order()
            if sales:
                sales._create_invoices(grouped=True)
                sales._compute_lines()
            orders._assert_amounts()

    def _post_invoices(self):
        """Post the invoices of ordered orders, together with the entries of what is paid.

        :raises UserError: an invoice does not come to the amount that was checked, or is not
            posted by core
        """
        for channel, orders in self.grouped("channel_id").items():
            orders = orders.with_company(channel.company_id)
            orders._assert_amounts()
            # Invoices that somebody made by hand meanwhile may be posted already.
            drafts = orders.invoice_id.filtered(lambda move: move.state == "draft")
            (drafts | orders._draft_payments())._post_batch()
            orders._assert_posted()
            # The others come to it when their payment is cleared.
            orders.filtered(lambda o: not o._is_clearable())._match_settlement_lines()
        self._update_state(("ordered",), "invoiced")
        self.invoiced_date = fields.Datetime.now()

    def _send_closed_to_review(self):
        """Send to review what would be invoiced in a period that was closed since the check.

        :return: those orders
        """
        closed = self.browse()
        for order in self.filtered(lambda order: order.invoice_id.state != "posted"):
            for finding in order._check_closed_period():
                order._add_issue("closed_period", finding["message"], finding["key"])
                closed |= order
        return closed._update_state(("ordered",), "exception")

    def _note_invoice_cancelled(self):
        """Send orders whose invoice was cancelled or, as a draft, deleted to review.

        Their money stays cleared.
        """
        states = ("ordered", "invoiced", "settled")
        for order in self._update_state(states, "exception"):
            entry = order.clearing_move_id
            message = (
                self.env._(
                    "The invoice was cancelled; its payment stays in %(entry)s",
                    entry=entry.name,
                )
                if entry
                else self.env._("The invoice was cancelled")
            )
            order._add_issue("invoice_cancelled", message)

    def _assert_amounts(self):
        for order in self:
            invoice = order.invoice_id
            if order.currency_id.compare_amounts(
                invoice.amount_total, order.amount_computed
            ):
                raise UserError(
                    self.env._(
                        "The invoice of %(order)s comes to %(invoice)s instead of %(checked)s.",
                        order=order.name,
                        invoice=order.currency_id.format(invoice.amount_total),
                        checked=order.currency_id.format(order.amount_computed),
                    )
                )

    def _assert_posted(self):
        """Refuse a batch of which another addon left an invoice in draft.

        Its payment would be in the books without it; alone, the order goes to review.
        """
        for order in self:
            if order.invoice_id.state != "posted":
                raise UserError(
                    self.env._(
                        "The invoice of %s was not posted: another module keeps it as a "
                        "draft. Post it, then check again.",
                        order.name,
                    )
                )

    # === PAYMENTS ===

    @api.model
    def _to_clear_domain(self):
        """Return invoiced orders whose money the marketplace holds, by now."""
        return (
            fields.Domain("state", "=", "invoiced")
            & fields.Domain("paid_through_channel", "=", "yes")
            & fields.Domain("payment_status", "in", PAID_STATUSES)
            & fields.Domain("channel_id.clearing_account_id", "!=", False)
            & fields.Domain("channel_id.clearing_journal_id", "!=", False)
            & fields.Domain("invoice_id.state", "=", "posted")
            & fields.Domain("invoice_id.payment_state", "in", ("not_paid", "partial"))
            & fields.Domain("is_invoice_undone", "=", False)
        )

    def _is_clearable(self):
        """Tell whether the marketplace holds the buyer's money for this invoice.

        Not where a person took the invoice and that money apart.
        """
        self.ensure_one()
        return (
            self.invoice_id.state == "posted"
            and not self.is_invoice_undone
            and self._is_collected()
        )

    def _is_collected(self):
        """Tell whether the marketplace holds what is open of the invoice, or of its draft."""
        self.ensure_one()
        return (
            self.paid_through_channel == "yes"
            and self._is_paid()
            and bool(self.channel_id.clearing_account_id)
            and bool(self.channel_id.clearing_journal_id)
            and self.invoice_id.state in ("draft", "posted")
            and self._is_invoice_open()
        )

    def _enter_payments(self):
        """Move paid receivables to the clearing account."""
        self._draft_payments()._post_batch()

    def _draft_payments(self):
        """Create the entries that move paid receivables: one per day and currency.

        An order that was cleared before, whose invoice was made anew, has its line already.

        :return: entries to be posted together with the invoices, where these are drafts
        """
        groups = {}
        for order in self:
            if not order._is_collected() or order._get_open_clearing_line():
                continue
            key = (order.channel_id, order._get_clearing_date(), order.currency_id)
            groups[key] = groups.get(key, self.browse()) | order
        moves = self.env["account.move"]._create_complete(
            [
                orders._prepare_clearing_move(channel, date)
                for (channel, date, _currency), orders in groups.items()
            ]
        )
        for move, orders in zip(moves, groups.values(), strict=True):
            orders.clearing_move_id = move
        return moves

    def _clear_payments(self):
        """Reconcile paid invoices with their lines of the clearing entries."""
        self._enter_payments()
        plan = [
            order._get_receivable_line() | order._get_open_clearing_line()
            for order in self
            if order._is_clearable()
        ]
        if plan:
            self.env["account.move.line"]._reconcile_batch(plan)
        self._match_settlement_lines()

    def _get_open_clearing_line(self):
        """Return this order's line of its clearing entry while it is not matched."""
        self.ensure_one()
        return self.clearing_move_id.line_ids.filtered(
            lambda line: (
                line.name == self.external_ref
                and line.amount_currency < 0
                and not line.reconciled
            )
        )

    def _get_clearing_date(self):
        """Return the day the buyer paid; the first open day where that one is closed."""
        self.ensure_one()
        now = fields.Datetime.now()
        date = self._to_local_date(min(self.paid_date or self.ordered_date or now, now))
        return self.company_id._get_first_open_day(
            date, self.channel_id.clearing_journal_id
        )

    def _prepare_clearing_move(self, channel, date):
        """Return the values of one clearing entry for orders of one currency."""
        lines = []
        for order in self:
            lines += order._prepare_clearing_lines(channel, date)
        ref = self.env._(
            "%(channel)s: paid on %(date)s",
            channel=channel.name,
            date=format_date(self.env, date),
        )
        return {
            "move_type": "entry",
            "journal_id": channel.clearing_journal_id.id,
            # A branch may use the journal of its parent.
            "company_id": channel.company_id.id,
            "date": date,
            "ref": ref,
            "line_ids": self.env["account.move"]._prepare_complete_lines(
                lines, channel.company_id, date=date, ref=ref
            ),
        }

    def _prepare_clearing_lines(self, channel, date):
        self.ensure_one()
        invoice = self.invoice_id
        amount = invoice.amount_residual
        company = self.company_id
        balance = self.currency_id._convert(amount, company.currency_id, company, date)
        common = {
            "partner_id": invoice.commercial_partner_id.id,
            "currency_id": self.currency_id.id,
        }
        return [
            {
                **common,
                "name": self.external_ref,
                "account_id": channel.clearing_account_id.id,
                "marketplace_order_id": self.id,
                "marketplace_role": "order",
                "amount_currency": amount,
                "balance": balance,
            },
            {
                **common,
                "name": self.external_ref,
                "account_id": self._get_receivable_line().account_id.id,
                "amount_currency": -amount,
                "balance": -balance,
            },
        ]

    def _get_receivable_line(self):
        self.ensure_one()
        return self.invoice_id.line_ids.filtered(
            lambda line: line.display_type == "payment_term" and not line.reconciled
        )[:1]
