from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Command

from ..fee_drift import USUAL_AT_MOST, find_drifts
from ..models.marketplace_order_settlement import SETTLED_STATES

REASONS = [
    ("late", "Paid, in no payout for too long"),
    ("waiting", "Paid, not yet in a payout"),
    ("untold", "Paid, no payout of the channel was imported"),
    ("unmatched", "Paid out, but not matched"),
    ("part", "Paid out in another amount"),
    ("no_order", "Payout line without order"),
    ("credit_note", "Credit note not yet in a payout"),
    ("no_bank", "Payout without bank transaction"),
    ("carried", "Carried forward"),
    ("other", "Other, booked by hand"),
]


class MarketplaceClearingReport(models.TransientModel):
    """What the clearing accounts consist of at the end of a day, item by item."""

    _name = "marketplace.clearing.report"
    _description = "Marketplace Clearing Control"

    date = fields.Date(
        required=True,
        default=fields.Date.context_today,
        help="Everything posted up to the end of this day counts, and what was matched "
        "by then.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    channel_ids = fields.Many2many(
        "marketplace.channel",
        string="Channels",
        domain="[('company_id', '=', company_id)]",
        help="Empty: all channels of the company.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    line_ids = fields.One2many(
        "marketplace.clearing.report.line", "report_id", readonly=True
    )
    drift_ids = fields.One2many(
        "marketplace.clearing.report.drift", "report_id", readonly=True
    )
    amount_ledger = fields.Monetary(
        string="General Ledger", readonly=True, help="Balance of the clearing accounts."
    )
    amount_explained = fields.Monetary(
        string="Explained", readonly=True, help="Sum of the list."
    )

    currency_name = fields.Char(related="currency_id.name", string="Currency Code")
    summary = fields.Json(
        compute="_compute_summary",
        help="The list by reason, each with its channels; it ends with the balance.",
    )

    # === SUMMARY ===

    @api.depends("line_ids.amount", "line_ids.reason", "line_ids.channel_id")
    def _compute_summary(self):
        for report in self:
            report.summary = report._prepare_summary()

    def _prepare_summary(self):
        """Return the rows of a waterfall, as `marketplace.settlement.waterfall` has them."""
        self.ensure_one()
        rows, total = [], 0.0
        by_reason = self.line_ids.grouped("reason")
        for reason, label in self.line_ids._fields["reason"]._description_selection(
            self.env
        ):
            lines = by_reason.get(reason, self.line_ids.browse())
            if not lines:
                continue
            amount = self.currency_id.round(sum(lines.mapped("amount")))
            total = self.currency_id.round(total + amount)
            rows.append(
                {
                    "kind": reason,
                    "label": label,
                    "amount": amount,
                    "total": total,
                    "codes": self._prepare_channels(lines),
                }
            )
        if rows:
            label = self.env._("Balance")
            balance = {"kind": "payout", "label": label, "amount": total}
            rows.append({**balance, "total": total, "codes": []})
        return rows

    def _prepare_channels(self, lines):
        """Return what each channel has of these lines, as the codes of a waterfall's row."""
        return [
            {
                "code": channel.name or "",
                "count": len(group),
                "amount": self.currency_id.round(sum(group.mapped("amount"))),
            }
            for channel, group in lines.grouped("channel_id").items()
        ]

    # === BUSINESS ===

    def _get_channels(self):
        self.ensure_one()
        domain = [("company_id", "=", self.company_id.id)]
        # A channel that is archived may still have money on its account.
        channels = self.env["marketplace.channel"].with_context(active_test=False)
        return self.channel_ids or channels.search(domain)

    def _fill(self):
        """Make the lists anew for the date."""
        self.ensure_one()
        accounts = self._get_channels().clearing_account_id
        values = self._prepare_lines(accounts)
        places = {reason: place for place, (reason, _label) in enumerate(REASONS)}
        for line in values:
            line["sequence"] = places[line["reason"]]
        # Nobody writes the lists: an item that a user may not see could be named there.
        self.sudo().write(
            {
                "line_ids": [Command.clear(), *map(Command.create, values)],
                "drift_ids": [
                    Command.clear(),
                    *map(Command.create, self._prepare_drifts()),
                ],
                "amount_ledger": self._get_ledger_balance(accounts),
                "amount_explained": sum(line["amount"] for line in values),
            }
        )

    def _get_ledger_balance(self, accounts):
        [[balance]] = self.env["account.move.line"]._read_group(
            self._get_ledger_domain(accounts), aggregates=["balance:sum"]
        )
        return balance or 0.0

    def _get_ledger_domain(self, accounts):
        return [
            ("account_id", "in", accounts.ids),
            ("company_id", "child_of", self.company_id.id),
            ("parent_state", "=", "posted"),
            ("date", "<=", self.date),
        ]

    def _prepare_lines(self, accounts):
        """Return values of one line per journal item that was open at the end of the day.

        What was matched later was open then: each item less what was matched by the day.
        """
        items = self.env["account.move.line"].search(
            [
                *self._get_ledger_domain(accounts),
                "|",
                ("reconciled", "=", False),
                "|",
                ("matched_debit_ids.max_date", ">", self.date),
                ("matched_credit_ids.max_date", ">", self.date),
            ],
            order="date, id",
        )
        taken = self._get_matched(items)
        channels = self._get_channels().grouped("clearing_account_id")
        paying = self._get_paying_channels(self._get_channels())
        amounts = {item: item.balance - taken.get(item, 0.0) for item in items}
        items = items.filtered(lambda i: not self.currency_id.is_zero(amounts[i]))
        result = [
            self._prepare_line(item, amounts[item], channels, paying) for item in items
        ]
        self._note_unmatched(items, amounts, result)
        return result

    @api.model
    def _note_unmatched(self, items, amounts, lines):
        """Tell apart what nobody has to wait for: an order and its payout, both open.

        Somebody took them apart, or they came at the same moment.

        :param amounts: {item: what is open of it}
        :param lines: values of the items' lines, in the same order; the reason is changed
        """
        sides = {}
        for item in items:
            is_paid_out = bool(item.move_id.marketplace_settlement_id)
            key = (item.marketplace_order_id, item.account_id)
            sides.setdefault(key, set()).add((is_paid_out, amounts[item] > 0))
        for item, line in zip(items, lines, strict=True):
            key = (item.marketplace_order_id, item.account_id)
            is_paid_out = bool(item.move_id.marketplace_settlement_id)
            other = (not is_paid_out, amounts[item] < 0)
            if item.marketplace_order_id and other in sides[key]:
                line["reason"] = "unmatched"

    def _get_matched(self, items):
        """Return {item: what was matched by the day}, in company currency, signed."""
        Partial = self.env["account.partial.reconcile"]
        taken = {}
        for side, sign in (("debit_move_id", 1), ("credit_move_id", -1)):
            groups = Partial._read_group(
                [(side, "in", items.ids), ("max_date", "<=", self.date)],
                [side],
                ["amount:sum"],
            )
            for item, amount in groups:
                taken[item] = taken.get(item, 0.0) + sign * amount
        return taken

    def _prepare_line(self, item, amount, channels, paying):
        move = item.move_id
        settlement = (
            move.marketplace_settlement_id
            or move.reversed_entry_id.marketplace_settlement_id
        )
        order = item.marketplace_order_id
        channel = settlement.channel_id or order.channel_id
        if not channel:
            # On an account of several channels nothing says whose it is.
            users = channels.get(item.account_id, channel)
            channel = users if len(users) == 1 else channel
        days = (self.date - item.date).days
        return {
            "move_line_id": item.id,
            "account_id": item.account_id.id,
            "channel_id": channel.id,
            "order_id": order.id,
            "settlement_id": settlement.id,
            "reason": self._get_reason(item, channel, days, paying),
            "days": days,
            "amount": amount,
        }

    def _get_reason(self, item, channel, days, paying):
        """Return the key of `REASONS` that says why this item is open.

        :param paying: the channels of which a payout was imported
        """
        role, order = item.marketplace_role, item.marketplace_order_id
        if role == "payout":
            return "no_bank"
        if role in ("carry", "opening", "closing"):
            return "carried"
        if role != "order":
            return "other"
        if item.move_id.marketplace_settlement_id:
            return "part" if order else "no_order"
        if item.balance < 0:
            return "credit_note"
        if item.matched_debit_ids or item.matched_credit_ids:
            paid = order.settlement_line_ids.settlement_id.move_ids
            if any(move.state == "posted" and move.date <= self.date for move in paid):
                return "part"
        if days <= channel.unsettled_after_days:
            return "waiting"
        # Without payouts nothing tells a late order from one that was paid out long ago.
        return "late" if channel in paying else "untold"

    @api.model
    def _get_paying_channels(self, channels):
        """Return those channels of which a payout was imported."""
        groups = self.env["marketplace.settlement"]._read_group(
            [("channel_id", "in", channels.ids), ("state", "!=", "cancelled")],
            ["channel_id"],
        )
        return channels.browse().union(*(channel for [channel] in groups))

    # === FEES ===

    def _prepare_drifts(self):
        """Return values of the fees of each channel's last payout that are not as usual."""
        result = []
        for channel in self._get_channels():
            settlements = self.env["marketplace.settlement"].search(
                [
                    ("channel_id", "=", channel.id),
                    ("state", "in", SETTLED_STATES),
                    ("move_ids.date", "<=", self.date),
                ],
                order="deposited_date desc, id desc",
                limit=USUAL_AT_MOST + 1,
            )
            if not settlements:
                continue
            limit = Decimal(str(channel.fee_drift_percent)) / 100
            for fee in find_drifts(self._get_payouts(settlements), limit):
                result.append(
                    {
                        "channel_id": channel.id,
                        "settlement_id": settlements[0].id,
                        "code": fee.code,
                        "share": float(fee.share * 100),
                        "usual": float(fee.usual * 100),
                        "drift": float(fee.drift * 100),
                    }
                )
        return result

    @api.model
    def _get_payouts(self, settlements):
        """Return sales and fees by code per settlement, oldest first."""
        groups = self.env["marketplace.settlement.line"]._read_group(
            [
                ("settlement_id", "in", settlements.ids),
                ("type", "in", ("sale", "fee")),
            ],
            ["settlement_id", "type", "code"],
            ["amount:sum"],
        )
        sales, fees = {}, {}
        for settlement, kind, code, amount in groups:
            value = Decimal(str(amount))
            if kind == "sale":
                sales[settlement] = sales.get(settlement, Decimal()) + value
            else:
                fees.setdefault(settlement, {})[code or ""] = -value
        return [
            (sales.get(settlement, Decimal()), fees.get(settlement, {}))
            for settlement in reversed(settlements)
        ]

    # === ACTIONS ===

    def _compute_display_name(self):
        """Override: what the breadcrumb shows."""
        self.display_name = self.env._("Clearing Control")

    @api.model
    def action_open(self):
        """Open the report of today."""
        report = self.create({})
        report._fill()
        return report._open()

    def action_refresh(self):
        """Make the lists for the date and the channels that were chosen."""
        self._fill()
        return self._open()

    def _open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Clearing Control"),
            "res_model": self._name,
            "view_mode": "form",
            "res_id": self.id,
            "target": "current",
        }

    def action_open_lines(self):
        """Open the list by itself, to search and group it."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "marketplace_invoicing.marketplace_clearing_report_line_action"
        )
        action["domain"] = [("report_id", "=", self.id)]
        return action
