from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from .marketplace_refund import OPEN_STATES

#: Lines that move money between accounts and belong to no order.
NEVER_OF_ORDERS = ("transfer", "reserve", "payout_return")


class MarketplaceSettlementLine(models.Model):
    """Orders that a person names where the channel's words lead to none.

    What the file says stays; the choice stands beside it, and serves every other line of the
    channel that names the order by the same words.
    """

    _inherit = "marketplace.settlement.line"

    chosen_order_id = fields.Many2one(
        "marketplace.order",
        string="Order Chosen",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The order that a person named. Lines with the same reference follow it, also "
        "those of later files.",
    )
    may_choose_order = fields.Boolean(compute="_compute_may_choose_order")

    @api.depends("type", "order_id", "chosen_order_id")
    def _compute_may_choose_order(self):
        for line in self:
            line.may_choose_order = line.type not in NEVER_OF_ORDERS and bool(
                line.chosen_order_id or not line.order_id
            )

    # === CHOICE ===

    def _choose_order(self, order):
        """Say which order these lines, and all others with their references, belong to.

        Where they are in the books, what they paid is matched with the order's open items.

        :param order: `marketplace.order` of the company; empty takes the choice back
        :raises UserError: the channel names the order itself, or it is of another company
        """
        self.check_access("write")
        order.check_access("read")
        lines = self.sudo()._get_of_same_reference()
        lines._check_choice(order)
        former = lines.order_id
        lines.chosen_order_id = order
        moved = lines.filtered(lambda line: line.order_id != order)
        moved._release_items()
        moved.order_id = order
        moved._tie_items()
        moved._check_tied()
        moved.settlement_id._log_choice(moved, order)
        moved._move_refunds(order.sudo())
        # Claims are told to somebody as soon as their order is known.
        moved._match_to_orders()
        if moved.filtered(lambda line: line.type in ("refund", "tax_withheld")):
            moved.settlement_id._stage_refunds()
        (former | order.sudo())._reconcile_clearing()

    def _get_of_same_reference(self):
        """Return these lines and those of the channel that a choice for them is for."""
        lines = self
        for channel, group in self.grouped("channel_id").items():
            keys = {line._get_choice_key() for line in group}
            named = self.search(
                Domain("channel_id", "=", channel.id)
                & (
                    Domain("order_ref", "in", [ref for ref, _other in keys if ref])
                    | Domain("order_ref", "in", (False, ""))
                    & Domain("reference", "in", [ref for _order, ref in keys if ref])
                )
            )
            lines |= named.filtered("may_choose_order")
        return lines

    def _check_choice(self, order):
        """Refuse a choice that nobody may make.

        :raises UserError: see :meth:`_choose_order`
        """
        if any(not line.may_choose_order for line in self):
            raise UserError(
                self.env._("The channel names the order of these amounts itself.")
            )
        if order and self.company_id != order.sudo().company_id:
            raise UserError(self.env._("The order belongs to another company."))

    # === JOURNAL ITEMS ===

    def _get_order_items(self):
        """Return the posted journal items of these lines that stand for orders."""
        return self.entry_line_id.filtered(
            lambda item: (
                item.marketplace_role == "order" and item.parent_state == "posted"
            )
        )

    def _release_items(self):
        """Take back the match of what these lines had paid of another order."""
        items = self._get_order_items()
        items.filtered("marketplace_order_id").remove_move_reconcile()
        items.marketplace_order_id = False

    def _tie_items(self):
        """Have the journal items of these lines stand for their orders.

        An item of several orders, or on the account of another channel, stays as it is
        booked: a transfer takes each order's part of it away.
        """
        items = self._get_order_items()
        if not items:
            return
        whole = self.search([("entry_line_id", "in", items.ids)])
        for item, lines in whole.grouped("entry_line_id").items():
            orders = lines.grouped("order_id")
            [order, *others] = orders
            account = order.channel_id.clearing_account_id
            if not others and (not order or account == item.account_id):
                if item.marketplace_order_id != order:
                    item.marketplace_order_id = order
                continue
            for order, group in orders.items():
                if order and group <= self:
                    group._transfer(item, order, lines)

    def _check_tied(self):
        """Refuse a choice that the books could not follow.

        :raises UserError: an item that comes to nothing is of several orders, or the order's
            channel has no clearing account
        """
        for line in self:
            for item in line._get_order_items():
                if item.marketplace_order_id != line.order_id:
                    raise UserError(
                        self.env._(
                            "%(name)s cannot be divided. Reverse the settlement, choose "
                            "the order, and post it again.",
                            name=item.name,
                        )
                    )

    def _transfer(self, item, order, lines):
        """Take these lines' part of a journal item to the order, by an entry of its own.

        It is one of the settlement's entries and is taken back with them.

        :param lines: all that the item consists of
        """
        settlement = item.move_id.marketplace_settlement_id
        whole = sum(lines.mapped("amount"))
        account = order.channel_id.clearing_account_id
        if not account or settlement.currency_id.is_zero(whole):
            return
        share = sum(self.mapped("amount")) / whole
        move = (
            self.env["account.move"]
            .sudo()
            .create(self._prepare_transfer_entry(item, order, share))
        )
        move._post(soft=False)
        back, paid = move.line_ids.sorted("id")
        self.entry_line_id = paid
        (item | back)._reconcile_plan([item | back])

    def _prepare_transfer_entry(self, item, order, share):
        """Return the values of the entry that takes a part of an item to an order.

        :param share: which part, 1.0 is all of it
        """
        settlement = item.move_id.marketplace_settlement_id
        return {
            "move_type": "entry",
            "journal_id": settlement.channel_id.clearing_journal_id.id,
            "company_id": settlement.company_id.id,
            "date": settlement._get_entry_date(item.date, False),
            "ref": self.env._(
                "%(name)s belongs to %(order)s",
                name=item.name,
                order=order.display_name,
            ),
            "marketplace_settlement_id": settlement.id,
            "line_ids": [
                Command.create(line)
                for line in self._prepare_transfer(item, order, share)
            ],
        }

    def _prepare_transfer(self, item, order, share):
        """Return the values of both items of a transfer of a part of an item."""
        amount = item.currency_id.round(item.amount_currency * share)
        balance = item.company_currency_id.round(item.balance * share)
        common = {"currency_id": item.currency_id.id, "marketplace_role": "order"}
        return [
            {
                **common,
                "name": item.name,
                "account_id": item.account_id.id,
                "amount_currency": -amount,
                "balance": -balance,
            },
            {
                **common,
                "name": order.external_ref,
                "account_id": order.channel_id.clearing_account_id.id,
                "partner_id": order.partner_id.commercial_partner_id.id,
                "marketplace_order_id": order.id,
                "amount_currency": amount,
                "balance": balance,
            },
        ]

    # === REFUNDS ===

    def _move_refunds(self, order):
        """Give the refunds that only these lines told of to the order."""
        refunds = (
            self.env["marketplace.refund"]
            .sudo()
            .search(
                Domain("channel_id", "in", self.channel_id.ids)
                & Domain("origin", "=", "settlement")
                & Domain("state", "in", OPEN_STATES)
                & Domain("order_id", "=", False)
                & Domain(
                    "order_ref", "in", self.filtered("order_ref").mapped("order_ref")
                )
            )
        )
        if not order or not refunds:
            return
        mine = refunds.filtered(lambda r: r.channel_id == order.channel_id)
        mine._rename(dict.fromkeys(refunds.mapped("order_ref"), order))
        theirs = refunds - mine
        theirs.is_double = True
        theirs._update_state(
            OPEN_STATES,
            "cancelled",
            self.env._("It is of %(order)s", order=order.display_name),
        )

    # === ACTIONS ===

    def action_choose_order(self):
        """Ask which order these lines belong to."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Choose Order"),
            "res_model": "marketplace.order.choice",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_ids": [Command.set(self.ids)]},
        }
