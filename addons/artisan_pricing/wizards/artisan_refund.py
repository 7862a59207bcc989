from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..decimals import to_decimal
from ..engine.money import HUNDRED, PricingError, round_to
from ..goods_refund import GoingBack, GoodsRefund
from ..refusal_words import say_refusal


class ArtisanRefund(models.TransientModel):
    _name = "artisan.refund"
    _description = "Refund of Goods"
    _check_company_auto = True

    move_id = fields.Many2one(
        "account.move",
        "Invoice",
        required=True,
        readonly=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(related="move_id.company_id")
    currency_id = fields.Many2one(related="move_id.currency_id")
    date = fields.Date(required=True, default=fields.Date.context_today)
    reason = fields.Char(help="The customer reads it on the credit note.")
    line_ids = fields.One2many(
        "artisan.refund.line",
        "refund_id",
        "Goods",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    amount = fields.Monetary(
        "Refund",
        compute="_compute_amounts",
        help="What the goods were sold for after discounts; taxes that are not in the "
        "prices come on top.",
    )
    amount_kept = fields.Monetary(
        "Charged for What Is Kept",
        compute="_compute_amounts",
        help="Of bundles whose parts are charged at their own price once the bundle is "
        "broken.",
    )

    @api.depends("move_id")
    def _compute_line_ids(self):
        for wizard in self:
            goods = GoodsRefund(wizard.move_id)
            wizard.line_ids = [Command.clear()] + [
                Command.create({"move_line_id": line.id}) for line in goods.goods
            ]

    @api.depends("line_ids.quantity")
    def _compute_amounts(self):
        for wizard in self:
            goods = GoodsRefund(wizard.move_id)
            try:
                back = goods.compute(wizard._get_quantities())
            except PricingError:  # said where the quantity is typed
                back = GoingBack({})
            by_line = back.get_by_line(goods.bundles)
            for line in wizard.line_ids:
                line.amount = float(by_line.get(line.move_line_id, 0))
            wizard.amount = float(back.get_total())
            wizard.amount_kept = float(sum(back.kept.values()))

    def action_fill_all(self):
        """All that is left comes back."""
        self.ensure_one()
        for line in self.line_ids:
            line.quantity = line.quantity_left
        return self._get_action()

    def action_refund(self):
        """Make a draft credit note of the goods, and open it."""
        self.ensure_one()
        credit = self._make_credit_note()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": credit.id,
            "view_mode": "form",
            "context": {"default_move_type": credit.move_type},
        }

    def _get_action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Refund Goods"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _get_quantities(self):
        """{invoice line: quantity that comes back (Decimal)}"""
        return {line.move_line_id: to_decimal(line.quantity) for line in self.line_ids}

    # The credit note

    def _make_credit_note(self):
        """The draft credit note of what came back.

        :raise UserError: nothing comes back, or more than is left; also when somebody else
            refunded it meanwhile
        """
        move = self.move_id
        # Two refunds at once would both see the same quantities left: the second one fails
        # here, is tried again, and sees the first.
        self.env.cr.execute(
            "UPDATE account_move SET write_date = write_date WHERE id = %s", [move.id]
        )
        goods, quantities = GoodsRefund(move), self._get_quantities()
        back = self._compute_going_back(goods, quantities)
        others = move.reversal_move_ids.filtered(
            lambda other: other.move_type == "out_refund" and other.state != "cancel"
        )
        credit = move._reverse_moves([self._prepare_reversal()])
        credit.write({"invoice_line_ids": self._prepare_commands(credit, back)})
        if others:
            self._settle(credit, others, goods, quantities)
        move._message_log(
            body=self.env._("Goods refunded: %s", credit._get_html_link())
        )
        return credit

    def _compute_going_back(self, goods, quantities):
        if not any(quantities.values()):
            raise UserError(self.env._("Please enter what comes back."))
        try:
            return goods.compute(quantities)
        except PricingError as error:
            raise UserError(
                self.env._(
                    "%(error)s Somebody may have refunded it.",
                    error=say_refusal(self.env, error),
                )
            ) from error

    def _prepare_reversal(self):
        """Values of the credit note as core's own wizard gives them."""
        move = self.move_id
        core = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        core = core.create(
            {"date": self.date, "reason": self.reason, "journal_id": move.journal_id.id}
        )
        return core._prepare_default_reversal(move)

    def _prepare_commands(self, credit, back):
        """Make the copy of an invoice a credit note of what goes back."""
        commands = []
        for line in credit.invoice_line_ids:
            origin = line.refunded_line_id
            if origin in back.goods:
                vals = self._prepare_goods(origin, *back.goods[origin])
                commands.append(Command.update(line.id, vals))
            elif origin in back.discounts:
                amount = -sum(back.discounts[origin].values())
                commands.append(
                    Command.update(line.id, self._prepare_amount(1, amount))
                )
            else:
                commands.append(Command.delete(line.id))
        return commands + [
            Command.create(self._prepare_correction(origin, charge))
            for origin, charge in back.kept.items()
        ]

    def _prepare_goods(self, origin, quantity, amount):
        """The line's own price where it makes the amount, else one that does."""
        rate = (HUNDRED - to_decimal(origin.discount)) / HUNDRED
        step = to_decimal(self.currency_id.rounding)
        exact = quantity * to_decimal(origin.price_unit) * rate
        if round_to(exact, step) == amount:
            return {"quantity": float(quantity)}
        return self._prepare_amount(quantity, amount)

    def _prepare_amount(self, quantity, amount):
        return {
            "quantity": float(quantity),
            "price_unit": float(amount / quantity),
            "discount": 0,
            "extra_tax_data": False,
        }

    def _prepare_correction(self, origin, charge):
        """A part of a bundle that is kept: not sold again, so without its order line."""
        product = origin.product_id.with_context(lang=self.move_id.partner_id.lang)
        name = product.env._("%s: kept of a bundle, at its own price", product.name)
        if charge < 0:
            name = product.env._("%s: charged before, comes back", product.name)
        return {
            "name": name,
            "product_id": origin.product_id.id,
            "account_id": origin.account_id.id,
            "analytic_distribution": origin.analytic_distribution,
            "quantity": 1,
            "price_unit": float(-charge),
            "tax_ids": [Command.set(origin.tax_ids.ids)],
            "refunded_line_id": origin.id,
            "is_bundle_correction": True,
        }

    # What is left: rounded by themselves, refunds in parts may miss a cent

    def _settle(self, credit, others, goods, quantities):
        """Have the last refund give back what is left of the invoice, and the last one of
        goods with the same taxes what is left of these: amounts without tax and each tax
        come back to the cent, so their total does, whether or not taxes are in prices.

        :param others: earlier credit notes, drafts as well
        """
        for taxes in goods.get_settled_groups(quantities):
            self._settle_amount(credit, others, taxes)
        if goods.is_all_back(quantities):
            self._settle_amount(credit, others)
        self._settle_taxes(credit, others, goods.get_settled_taxes(quantities))

    def _settle_amount(self, credit, others, taxes=None):
        """Put what is missing without tax on the largest line.

        :param taxes: only of lines with these; None: of all lines
        """

        def get_lines(moves):
            return moves.invoice_line_ids.filtered(
                lambda line: (
                    line.display_type == "product"
                    and (taxes is None or line.tax_ids == taxes)
                )
            )

        lines = get_lines(credit)
        moves = self.move_id | others | credit
        off = -self.currency_id.round(sum(get_lines(moves).mapped("amount_currency")))
        if not lines or not self._is_cents(off, others):
            return
        line = max(lines, key=lambda line: line.price_subtotal)
        amount = line.quantity * line.price_unit * (1 - line.discount / 100)
        # A price with tax changes by more than what is in it without.
        amount += off * (amount / line.price_subtotal if line.price_subtotal else 1)
        vals = self._prepare_amount(to_decimal(line.quantity), to_decimal(amount))
        credit.write({"invoice_line_ids": [Command.update(line.id, vals)]})

    def _is_cents(self, off, others):
        """Whether it comes from rounding: more was credited by hand."""
        return off and abs(off) <= self.currency_id.rounding * (len(others) + 1)

    def _settle_taxes(self, credit, others, taxes):
        """
        :param taxes: those of which no goods are left
        """

        def by_tax(moves):
            lines = moves.line_ids.filtered("tax_repartition_line_id")
            # A credit note's taxes name the other repartition line of the same tax.
            return {
                tax: sum(each.mapped("amount_currency"))
                for tax, each in lines.grouped("tax_line_id").items()
            }

        sold, before = by_tax(self.move_id), by_tax(others)
        commands = []
        for line in credit.line_ids.filtered("tax_repartition_line_id"):
            tax = line.tax_line_id
            if tax not in taxes:
                continue
            wanted = -(sold.get(tax, 0) + before.get(tax, 0))
            off = self.currency_id.round(wanted - line.amount_currency)
            if self._is_cents(off, others):
                amount = line.amount_currency + off
                commands.append(Command.update(line.id, {"amount_currency": amount}))
        if commands:
            credit.write({"line_ids": commands})


class ArtisanRefundLine(models.TransientModel):
    _name = "artisan.refund.line"
    _description = "Goods That May Be Refunded"

    refund_id = fields.Many2one(
        "artisan.refund", required=True, index=True, ondelete="cascade"
    )
    move_line_id = fields.Many2one(
        "account.move.line", "Sold", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="move_line_id.currency_id")
    product_uom_id = fields.Many2one(related="move_line_id.product_uom_id")
    name = fields.Char(related="move_line_id.name")
    quantity_sold = fields.Float(related="move_line_id.quantity")
    quantity_left = fields.Float(
        "Can Come Back", digits="Product Unit", compute="_compute_quantities"
    )
    quantity_refunded = fields.Float(
        "Refunded Before", digits="Product Unit", compute="_compute_quantities"
    )
    quantity = fields.Float("Comes Back", digits="Product Unit")
    amount = fields.Monetary(
        compute="_compute_amount",
        help="What goes back for it, less its part of discounts and, of a bundle, what is "
        "charged for the parts that are kept.",
    )
    bundle_name = fields.Char(
        "Bundle",
        compute="_compute_bundle_name",
        # Who credits an invoice need not see its order.
        compute_sudo=True,
    )

    @api.depends("move_line_id")
    def _compute_quantities(self):
        for move, lines in self.grouped(lambda line: line.move_line_id.move_id).items():
            goods = GoodsRefund(move)
            for line in lines:
                line.quantity_left = float(goods.get_left(line.move_line_id))
                line.quantity_refunded = float(goods.before[line.move_line_id])

    @api.depends("move_line_id")
    def _compute_bundle_name(self):
        for line in self:
            parts = line.move_line_id.sale_line_ids.filtered("combo_item_id")
            line.bundle_name = parts[:1].linked_line_id.product_id.name

    @api.depends("quantity", "refund_id.line_ids.quantity")
    def _compute_amount(self):
        self.amount = 0
        self.refund_id._compute_amounts()

    @api.constrains("quantity")
    def _check_quantity(self):
        for line in self:
            if not 0 <= line.quantity <= line.quantity_left:
                raise ValidationError(
                    self.env._(
                        "%(product)s: %(quantity)s cannot come back, %(left)s of it can.",
                        product=line.name,
                        quantity=line.quantity,
                        left=line.quantity_left,
                    )
                )
