from odoo import fields, models
from odoo.fields import Command
from odoo.tools import format_date


class MarketplaceRefund(models.Model):
    """The money of a refund: off the clearing account, as the payment was put on it."""

    _inherit = "marketplace.refund"

    # === MONEY ===

    def _get_date(self, journal, has_tax=False):
        """Return the day of the refund, not before the invoice; the first open one."""
        self.ensure_one()
        now = fields.Datetime.now()
        moment = min(self.created_date or now, now)
        date = max(self.order_id._to_local_date(moment), self.invoice_id.date)
        return self.company_id._get_first_open_day(date, journal, has_tax)

    def _is_clearable(self):
        """Tell whether the marketplace gave the money back on our account."""
        self.ensure_one()
        order, channel = self.order_id, self.channel_id
        return (
            order.paid_through_channel == "yes"
            and order._is_paid()
            and bool(channel.clearing_account_id)
            and bool(channel.clearing_journal_id)
            and self.credit_move_id.state == "posted"
            and self.credit_move_id.amount_residual > 0
        )

    def _clear(self):
        """Take what was given back off the clearing account: an entry per day and currency.

        Its line on the clearing account is named by the order, as the one of the payment,
        so that the refund's line of a settlement is matched with it.
        """
        clearable = self.filtered(lambda refund: refund._is_clearable())
        again = clearable.filtered(lambda refund: refund._get_open_clearing_line())
        groups = {}
        for refund in clearable - again:
            channel = refund.channel_id
            date = refund._get_date(channel.clearing_journal_id)
            key = (channel, date, refund.currency_id)
            groups[key] = groups.get(key, self.browse()) | refund
        moves = self.env["account.move"].create(
            [
                refunds._prepare_clearing_move(channel, date)
                for (channel, date, _currency), refunds in groups.items()
            ]
        )
        moves._post(soft=False)
        for move, refunds in zip(moves, groups.values(), strict=True):
            refunds.clearing_move_id = move
        plan = [
            refund._get_receivable_line() | refund._get_open_clearing_line()
            for refund in clearable
        ]
        if plan:
            self.env["account.move.line"]._reconcile_plan(plan)
            clearable.order_id._match_settlement_lines()

    def _prepare_clearing_move(self, channel, date):
        """Return the values of one clearing entry for refunds of one currency."""
        lines = []
        for refund in self:
            lines += refund._prepare_clearing_lines(channel, date)
        return {
            "move_type": "entry",
            "journal_id": channel.clearing_journal_id.id,
            # A branch may use the journal of its parent.
            "company_id": channel.company_id.id,
            "date": date,
            "ref": self.env._(
                "%(channel)s: refunded on %(date)s",
                channel=channel.name,
                date=format_date(self.env, date),
            ),
            "line_ids": [Command.create(line) for line in lines],
        }

    def _prepare_clearing_lines(self, channel, date):
        self.ensure_one()
        note, company = self.credit_move_id, self.company_id
        amount = note.amount_residual
        balance = self.currency_id._convert(amount, company.currency_id, company, date)
        common = {
            "partner_id": note.commercial_partner_id.id,
            "currency_id": self.currency_id.id,
            "name": self.order_ref,
        }
        return [
            {
                **common,
                "account_id": self._get_receivable_line().account_id.id,
                "amount_currency": amount,
                "balance": balance,
            },
            {
                **common,
                "account_id": channel.clearing_account_id.id,
                "marketplace_order_id": self.order_id.id,
                "marketplace_role": "order",
                "amount_currency": -amount,
                "balance": -balance,
            },
        ]

    def _get_receivable_line(self):
        self.ensure_one()
        return self.credit_move_id.line_ids.filtered(
            lambda line: line.display_type == "payment_term" and not line.reconciled
        )[:1]

    def _get_open_clearing_line(self):
        """Return this refund's receivable of its clearing entry while it is not matched."""
        self.ensure_one()
        return self.clearing_move_id.line_ids.filtered(
            lambda line: (
                line.name == self.order_ref
                and line.amount_currency > 0
                and line.account_id.account_type == "asset_receivable"
                and not line.reconciled
            )
        )[:1]
