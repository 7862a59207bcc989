from collections import defaultdict
from dataclasses import replace

from odoo import fields, models
from odoo.exceptions import UserError

from ..facts import Basket
from ..on_the_way import get_on_the_way, on_the_way

#: Invoices that are posted now by the method that judges them, in the cursor.
POSTING = "age_verification.posting"
SALES = ("out_invoice", "out_receipt", "out_refund")


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "age.gated"]

    age_check_ids = fields.One2many("age.check", "move_id")

    # === JUDGING === #

    def _get_age_baskets(self):
        """The invoices as :class:`facts.Basket`, by the law of the day they are issued.

        That is the day of posting, whatever date they bear: a date in the past would bring
        back a former law and not know of the proof the invoice has waited for, one in the
        future would let somebody pass who is not of age yet.

        There is a basket for each order that is invoiced, with its buyer and destination,
        one more where the invoice names another person or destination, and one for what
        was not ordered.
        """
        # At once: each invoice looks only at its own lines later.
        self.invoice_line_ids.sale_line_ids.mapped("order_id.partner_id")
        return [basket for move in self for basket in move._prepare_age_baskets()]

    def _prepare_age_baskets(self):
        parts = self._get_age_parts()
        orders = [order for order in parts if order]
        baskets = [self._prepare_age_basket(order, parts[order]) for order in orders]
        free = parts.get(self.env["sale.order"], ())
        if free or not baskets:
            first = self.invoice_line_ids.sale_line_ids.order_id[:1]
            person = self.partner_id if free else first.partner_id or self.partner_id
            baskets.append(self._prepare_age_basket(None, free, person=person))
        baskets += [
            replace(basket, person=self.partner_id, order=None)
            for basket in baskets
            if basket.order and not self._is_age_payer_of(basket.order)
        ]
        place = self.partner_shipping_id
        return baskets + [
            replace(basket, place=place)
            for basket in baskets
            if place and basket.goods and basket.place != place
        ]

    def _is_age_payer_of(self, order):
        """Whether the invoice goes to who was to pay the order, and not to who has it."""
        buyer = order.partner_id
        payers = buyer | order.partner_invoice_id | buyer.commercial_partner_id
        return self.partner_id in payers

    def _prepare_age_basket(self, order, goods, person=None):
        source = order or self
        person = person or source.partner_id
        return Basket(
            record=self,
            company=self.company_id,
            person=person,
            place=source.partner_shipping_id or person,
            day=self.company_id._get_age_today(),
            goods=tuple(goods),
            order=order,
        )

    def _get_age_parts(self):
        """{order, or none: (line, product) pairs of what is sold}

        A down payment has no product: the order's lines are what it is for.
        """
        parts = defaultdict(list)
        for line in self._get_age_sold_lines():
            own = [(line, product) for product in line._get_age_products()]
            sold = line.sale_line_ids
            for order in sold.order_id or [sold.order_id]:
                parts[order] += own
                if any(sold.mapped("is_downpayment")):
                    parts[order] += order._get_age_goods()
        return parts

    def _get_age_sold_lines(self):
        """Lines that sell something: what comes back is not sold.

        That is what has a negative quantity on an invoice, or a positive one on a credit
        note, unless its price is negative, too. A credit note that reverses an invoice
        takes back what had been returned on it.
        """
        sign = -1 if self.move_type == "out_refund" else 1
        undone = self._get_age_undone() if sign < 0 else {}
        sold = []
        for line in self.invoice_line_ids:
            quantity = sign * line.quantity
            if (
                line.display_type != "product"
                or max(quantity, quantity * line.price_unit) <= 0
            ):
                continue
            if 0 < quantity <= undone.get(line.product_id, 0):
                undone[line.product_id] -= quantity
                continue
            sold.append(line)
        return sold

    def _get_age_undone(self):
        """{product: quantity} that had come back on the invoice which this reverses"""
        undone = defaultdict(float)
        for line in self.reversed_entry_id.invoice_line_ids:
            if line.quantity < 0:
                undone[line.product_id] -= line.quantity
        return undone

    # === GATE === #

    def _post(self, soft=True):
        """Override: no sale is invoiced whose buyer may not have what was sold.

        The one place that the button, the scheduled posting, automatic invoices and down
        payments have in common. Of many, those that have to wait are held and the others
        are posted.

        :raises UserError: a person posts a single invoice that has to wait
        """
        held = self._age_find_held()
        silently = soft or len(self) > 1 or self.env.context.get("age_hold_silently")
        if held and not silently:
            raise UserError("\n\n".join(held.values()))
        waiting = self.browse([move.id for move in held])
        waiting._age_hold("invoice")
        if not soft:
            self._age_tell_held(waiting)
        going = self - waiting
        with on_the_way(going, POSTING):
            return super(AccountMove, going)._post(soft)

    def write(self, vals):
        """Override: what is written to be posted, past the button, is judged as well.

        :raises UserError: an invoice has to wait
        """
        if vals.get("state") == "posted":
            unjudged = self - get_on_the_way(self, POSTING)
            held = unjudged._age_find_held()
            if held:
                raise UserError("\n\n".join(held.values()))
        return super().write(vals)

    def _check_age_after_posting(self):
        sales = self.filtered(lambda move: move.move_type in SALES)
        held = sales._age_describe_held() if sales else {}
        if held:
            raise UserError("\n\n".join(held.values()))

    def _is_age_gated(self):
        """Whether the invoice may sell something, and is not posted yet."""
        return self.state in ("draft", "cancel") and self.move_type in SALES

    def _age_find_held(self):
        """{invoice: why it has to wait}, decisions recorded."""
        sales = self.filtered(lambda move: move._is_age_gated())
        return sales._age_describe_held() if sales else {}

    def _age_describe_held(self):
        gate = self.env["age.gate"].sudo()
        return {
            move: self.env._(
                "%(invoice)s is not posted.\n%(why)s",
                invoice=move.display_name,
                why=gate._describe(verdict),
            )
            for move, verdict in self._age_judge("invoice").items()
            if not verdict.is_allowed
        }

    # === RELEASE === #

    def _is_age_over(self):
        """Override: it was posted, cancelled, or made another kind of entry."""
        return self.state != "draft" or not self._is_age_gated()

    def _get_age_user(self):
        """Override: the salesperson."""
        return self.invoice_user_id

    def _age_release(self):
        """Override: post the invoice."""
        self.ensure_one()
        verdict = self._get_age_verdict()
        if not self._is_age_due(verdict):
            return
        self._age_unhold()
        self._message_log(body=self.env["age.gate"]._describe_release(verdict))
        self._post(soft=True)

    def _get_alerts(self):
        """Override: say why the invoice waits."""
        alerts = super()._get_alerts()
        if self.state == "draft" and self._is_age_gated():
            gate = self.env["age.gate"].sudo()
            verdict = self._get_age_verdict()
            if not verdict.is_allowed:
                alerts["age_verification"] = {
                    "level": "warning",
                    "message": gate._describe(verdict),
                    "action_text": self.env._("Ask for proof of age"),
                    "action_call": ("account.move", "action_age_request", self.ids),
                }
        return alerts
