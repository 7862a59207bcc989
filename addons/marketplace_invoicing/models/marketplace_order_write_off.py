from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .marketplace_order_settlement import SETTLED_STATES

#: Who may decide that cents are gone for good.
ACCOUNTANTS = "account.group_account_user,account.group_account_manager"


class MarketplaceOrder(models.Model):
    """Cents that payouts and books differ by, off the clearing account by a person's word."""

    _inherit = "marketplace.order"

    write_off_move_ids = fields.One2many(
        "account.move",
        "marketplace_write_off_order_id",
        string="Write-Offs",
        readonly=True,
    )
    amount_written_off = fields.Monetary(
        compute="_compute_amount_written_off",
        help="Cents that an accountant took off the clearing account; positive: payouts "
        "brought less than was booked.",
    )
    amount_to_write_off = fields.Monetary(
        string="Difference to Write Off",
        compute="_compute_amount_to_write_off",
        help="What payouts left open of this order, up to the tolerance of the channel.",
    )

    # === COMPUTE ===

    @api.depends(
        "write_off_move_ids.state", "write_off_move_ids.reversal_move_ids.state"
    )
    def _compute_amount_written_off(self):
        for order in self:
            items = order._get_standing_write_offs().line_ids.filtered(
                "marketplace_role"
            )
            order.amount_written_off = -sum(items.mapped("amount_currency"))

    @api.depends("state", "channel_id.rounding_tolerance")
    def _compute_amount_to_write_off(self):
        residuals = self._get_write_off_residuals()
        for order in self:
            residual = residuals.get(order.id)
            order.amount_to_write_off = float(residual["amount"]) if residual else 0.0

    def _get_standing_write_offs(self):
        """Return the posted write-offs that nothing has reversed."""
        return self.sudo().write_off_move_ids.filtered(
            lambda move: (
                move.state == "posted"
                and "posted" not in move.reversal_move_ids.mapped("state")
            )
        )

    def _get_write_off_residuals(self):
        """Return {order id: residual} of what may be written off.

        Payouts have paid for the order or given back for it, and what is open on the
        clearing account is within the tolerance of the channel.

        :return: residuals as `_get_clearing_residuals` has them
        """
        paid = self.env["marketplace.settlement.line"].search_fetch(
            [
                ("order_id", "in", self.ids),
                ("settlement_id.state", "in", SETTLED_STATES),
                ("type", "in", ("sale", "refund")),
            ],
            ["order_id"],
        )
        orders = paid.order_id.filtered("channel_id.rounding_account_id")
        residuals = orders._get_clearing_residuals() if orders else {}
        return {
            order.id: residuals[order.id]
            for order in orders
            if order.id in residuals and order._is_within_tolerance(residuals[order.id])
        }

    def _is_within_tolerance(self, residual):
        self.ensure_one()
        currency, tolerance = residual["currency"], self.channel_id.rounding_tolerance
        amount = abs(float(residual["amount"]))
        return (
            currency == self.currency_id
            and not currency.is_zero(amount)
            and currency.compare_amounts(amount, tolerance) <= 0
        )

    # === ACTIONS ===

    def action_write_off_difference(self):
        """Book the cents that payouts left open to the rounding account of the channel.

        One posted entry for each order, reconciled with what was open.

        :raises AccessError: the user is no accountant
        :raises UserError: nothing is open within the tolerance, or somebody does it now
        """
        self._check_accountant()
        # A second click waits for nothing: the first one has the order.
        orders = self.sudo().try_lock_for_update()
        residuals = orders._get_write_off_residuals()
        due = orders.filtered(lambda order: order.id in residuals)
        if not due:
            raise UserError(
                self.env._(
                    "Nothing is left to write off: payouts left nothing open here, or more "
                    "than the tolerance of the channel."
                )
            )
        # As the system: only the pipeline says which order a journal item is of.
        moves = (
            self.env["account.move"]
            .sudo()
            .create([order._prepare_write_off(residuals[order.id]) for order in due])
        )
        moves._post(soft=False)
        due._reconcile_clearing()
        return True

    def action_undo_write_off(self):
        """Take the write-offs of these orders back; the difference is open again.

        An entry that is secured or of a closed period gets a reverse entry, others are
        cancelled.

        :raises AccessError: the user is no accountant
        """
        self._check_accountant()
        moves = self._get_standing_write_offs()
        kept = moves.filtered(lambda move: move._is_marketplace_kept())
        today = fields.Date.context_today(self)
        kept._reverse_moves(
            [
                {
                    "date": move.company_id._get_first_open_day(today, move.journal_id),
                    "ref": self.env._("Reversal of: %(entry)s", entry=move.name),
                }
                for move in kept
            ],
            cancel=True,
        )
        (moves - kept).button_cancel()
        return True

    def action_open_write_offs(self):
        self.ensure_one()
        return self.write_off_move_ids._open_entries(self.env._("Write-Offs"))

    def _check_accountant(self):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_groups(ACCOUNTANTS):
            raise AccessError(self.env._("An accountant decides what is written off."))

    # === ENTRIES ===

    def _prepare_write_off(self, residual):
        """Return the values of the entry that takes what is open off the clearing account.

        Its day is that of the youngest item of the order, usually the payout's, or the
        first open one after it.

        :param residual: currency, amount and balance, debit positive
        """
        self.ensure_one()
        channel = self.channel_id
        items = self.clearing_line_ids.filtered(lambda i: i.parent_state == "posted")
        lines = self._prepare_write_off_lines(residual, items.partner_id[:1])
        return {
            "move_type": "entry",
            "journal_id": channel.clearing_journal_id.id,
            "company_id": self.company_id.id,
            "date": self.company_id._get_first_open_day(
                max(items.mapped("date")), channel.clearing_journal_id
            ),
            "ref": self.env._(
                "%(channel)s: difference of %(order)s written off by %(user)s",
                channel=channel.name,
                order=self.name,
                user=self.env.user.name,
            ),
            "marketplace_write_off_order_id": self.id,
            "line_ids": [Command.create(line) for line in lines],
        }

    def _prepare_write_off_lines(self, residual, partner):
        """Return the values of both journal items, that of the clearing account first."""
        channel = self.channel_id
        amount, balance = float(residual["amount"]), float(residual["balance"])
        common = {
            "name": self.external_ref,
            "currency_id": residual["currency"].id,
            "partner_id": partner.id,
        }
        return [
            {
                **common,
                "account_id": channel.clearing_account_id.id,
                "marketplace_order_id": self.id,
                "marketplace_role": "order",
                "amount_currency": -amount,
                "balance": -balance,
            },
            {
                **common,
                "account_id": channel.rounding_account_id.id,
                "amount_currency": amount,
                "balance": balance,
            },
        ]
