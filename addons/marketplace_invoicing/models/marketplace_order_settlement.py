from decimal import Decimal

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import float_repr

from ..const import PIPELINE, REVERSAL, SETTLED_STATES

#: States in which an invoice is in the books, or about to be in this transaction.
BOOKED_STATES = ("ordered", "invoiced")


class MarketplaceOrder(models.Model):
    """What payouts say about an order."""

    _inherit = "marketplace.order"

    settled_date = fields.Datetime(
        readonly=True,
        copy=False,
        help="When a payout had paid the whole order, refunds included.",
    )
    is_clearing_undone = fields.Boolean(
        readonly=True,
        copy=False,
        help="Somebody took the order and its payout apart: the scheduler does not match them "
        "again, but the next payout or a person does.",
    )
    is_invoice_undone = fields.Boolean(
        readonly=True,
        copy=False,
        help="Somebody took the invoice and its payment apart: the scheduler does not match "
        "them again, but a person does.",
    )
    settlement_line_ids = fields.One2many(
        "marketplace.settlement.line", "order_id", readonly=True
    )
    clearing_line_ids = fields.One2many(
        "account.move.line", "marketplace_order_id", readonly=True
    )

    _channel_name_idx = models.Index("(channel_id, name)")

    def _get_open_clearing_items(self):
        """Return the open posted items of these orders on the clearing accounts."""
        return (
            self.env["account.move.line"]
            .sudo()
            .search(
                [
                    ("marketplace_order_id", "in", self.ids),
                    ("account_id", "in", self.channel_id.clearing_account_id.ids),
                    ("parent_state", "=", "posted"),
                    ("reconciled", "=", False),
                ]
            )
        )

    def _get_clearing_residuals(self):
        """Return {order id: {"currency", "amount", "balance"}} of what is open.

        Amounts are Decimal, debit positive, in the currency of the order and in the
        company's. Orders with items in several currencies are left out.
        """
        result = {}
        for order, items in (
            self._get_open_clearing_items().grouped("marketplace_order_id").items()
        ):
            if len(items.currency_id) != 1:
                continue
            currency, company_currency = items.currency_id, items.company_currency_id
            result[order.id] = {
                "currency": currency,
                "amount": Decimal(
                    float_repr(
                        sum(items.mapped("amount_residual_currency")),
                        currency.decimal_places,
                    )
                ),
                "balance": Decimal(
                    float_repr(
                        sum(items.mapped("amount_residual")),
                        company_currency.decimal_places,
                    )
                ),
            }
        return result

    def _reconcile_clearing(self):
        """Reconcile what payouts paid with what orders and credit notes left open.

        In one batch, each order for itself; then the orders that are paid are settled.
        """
        plan = []
        items = self._get_open_clearing_items()
        for (_order, _account), group in items.grouped(
            lambda item: (item.marketplace_order_id, item.account_id)
        ).items():
            signs = {item.amount_residual > 0 for item in group}
            if len(signs) == 2:
                plan.append(group)
        if plan:
            items = self.env["account.move.line"].sudo()
            items.with_context(marketplace_matching=PIPELINE)._reconcile_plan(plan)
        self.filtered("is_clearing_undone").is_clearing_undone = False
        self._update_settled()
        self._check_tie_out()

    def _update_settled(self):
        """Settle orders that payouts have paid whole; take back those they no longer have.

        An order whose invoice is open is not settled, whatever payouts have paid.
        """
        candidates = self.filtered(
            lambda order: order.state in (*BOOKED_STATES, "settled")
        )
        open_orders = candidates._get_open_clearing_items().marketplace_order_id
        paid = self.env["marketplace.settlement.line"]._read_group(
            [
                ("order_id", "in", candidates.ids),
                ("settlement_id.state", "in", SETTLED_STATES),
                ("type", "in", ("sale", "refund")),
            ],
            ["order_id"],
        )
        paid = self.browse([order.id for (order,) in paid])
        settled = paid.filtered(
            lambda order: order.clearing_move_id and not order._is_invoice_open()
        )
        settled -= open_orders
        gone = (candidates - settled).filtered(lambda order: order.state == "settled")
        gone._update_state(("settled",), "invoiced")
        gone.settled_date = False
        moved = settled.filtered(lambda order: order.state != "settled")
        moved._update_state(BOOKED_STATES, "settled")
        moved.settled_date = fields.Datetime.now()

    def _note_undone(self):
        """Remember that these orders were taken apart from payouts, unless these are undone."""
        if self.env.context.get("marketplace_reverse_settlement") is not REVERSAL:
            self._get_open_clearing_items().marketplace_order_id.is_clearing_undone = (
                True
            )

    # === INVOICES ===

    def _is_invoice_open(self):
        """Tell whether something is open of the invoice, also of one that is a draft again."""
        self.ensure_one()
        invoice = self.invoice_id
        return bool(
            invoice
            and invoice.currency_id.compare_amounts(invoice.amount_residual, 0.0) > 0
        )

    def _note_invoice_undone(self):
        """Remember that the posted invoices of these orders were taken apart from payments.

        A draft is left out: a person corrects it, and it is matched once it is posted.
        """
        self.filtered(
            lambda order: (
                order.invoice_id.state == "posted" and order._is_invoice_open()
            )
        ).is_invoice_undone = True

    def _note_invoice_paid(self):
        """Forget that invoices were taken apart which are paid again."""
        self.filtered(
            lambda order: order.is_invoice_undone and not order._is_invoice_open()
        ).is_invoice_undone = False

    # === LINES OF PAYOUTS ===

    def _get_named_by_domain(self):
        """Return the settlement lines that may name these orders."""
        refs = {*self.mapped("external_ref"), *self.mapped("name")}
        return Domain("order_ref", "in", list(refs))

    def _match_settlement_lines(self):
        """Give orders the settlement lines that came before them, and reconcile these.

        One search for all; nothing to do is the usual case.
        """
        lines = (
            self.env["marketplace.settlement.line"]
            .sudo()
            .search(
                Domain("channel_id", "in", self.channel_id.ids)
                & Domain("order_id", "=", False)
                & self._get_named_by_domain()
            )
        )
        lines._match_to_orders()
        known = self.env["marketplace.settlement.line"].search_fetch(
            [
                ("order_id", "in", self.ids),
                ("settlement_id.state", "in", SETTLED_STATES),
            ],
            ["order_id"],
        )
        if known:
            known.order_id._reconcile_clearing()
