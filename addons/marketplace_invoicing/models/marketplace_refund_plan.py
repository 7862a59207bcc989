from collections import defaultdict
from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..refund_plan import OverRefund, Position, Wanted, find_position, plan_refund


class MarketplaceRefund(models.Model):
    """What a refund takes back of its invoice."""

    _inherit = "marketplace.refund"

    # === AMOUNTS ===

    def _get_amount_to_credit(self):
        """Return what our invoice loses: without the marketplace's money and tax."""
        self.ensure_one()
        own = self.amount - self.marketplace_amount - self._get_marketplace_tax()
        return self.currency_id.round(own)

    def _get_marketplace_tax(self):
        """Return the part of the refund that is tax the marketplace had collected.

        As stated; else of the lines, as far as money went back for them; else the same
        part as of the order.
        """
        self.ensure_one()
        if self.excludes_marketplace_tax or self.marketplace_tax:
            return self.marketplace_tax
        order = self.order_id
        lines = [(line, self._get_line_amounts(line)) for line in self.lines or []]
        stated = sum(gross or 0 for _line, (gross, _tax) in lines)
        if stated > 0:
            tax = sum(tax for _line, (_gross, tax) in lines)
            return float(tax * min(Decimal(1), self._to_decimal(self.amount) / stated))
        collected = order._get_collected_tax()
        if not order.total_includes_marketplace_tax or not collected:
            return 0.0
        return self.amount * collected / (order.invoice_id.amount_total + collected)

    def _get_line_amounts(self, line):
        """Return (with tax, tax of the marketplace in it) of one stated line.

        (None, 0) where only the pieces are stated.
        """
        amount, quantity = Decimal(line["amount"]), Decimal(line["quantity"])
        if not amount and quantity:
            return None, Decimal(0)
        staged = self._find_order_line(line)
        included = line["tax_included"]
        if included is None:
            included = staged._is_tax_included() if staged else True
        tax = None if line["tax"] is None else Decimal(line["tax"])
        if tax is None and not included and staged.amount:
            # Net, and nobody says the tax: it is the same part as of the order's line.
            tax = amount * Decimal(str(staged.tax)) / Decimal(str(staged.amount))
        gross = amount if included else amount + (tax or 0)
        collected = Decimal(line["marketplace_tax"])
        if not collected and staged.tax and tax:
            owed = Decimal(str(staged._get_marketplace_tax() / staged.tax))
            collected = tax * owed
        return gross, collected

    def _find_order_line(self, line):
        """Return the order's line that a stated line takes back, maybe none."""
        self.ensure_one()
        lines = self.order_id.line_ids
        found = find_position(
            [
                Position(
                    key=staged.id,
                    group="",
                    gross=Decimal(0),
                    line_ref=staged.external_ref or "",
                    sku=staged.sku or "",
                    kind=staged.kind,
                )
                for staged in lines
            ],
            line["line_ref"],
            line["sku"],
            line["kind"],
        )
        return lines.browse(found.key if found else [])

    def _to_decimal(self, amount):
        """Return an amount of the order's currency without what a float adds."""
        unit = Decimal(str(self.order_id.currency_id.rounding))
        return Decimal(str(amount)).quantize(unit)

    def _get_left_amounts(self):
        """Return {order: what is left of its invoice}, in the order's currency."""
        credited = defaultdict(float)
        notes = self._get_credit_notes()
        for note in notes:
            credited[note.reversed_entry_id] += note.amount_total
        return {
            order: order.invoice_id.amount_total - credited[order.invoice_id]
            for order in self.order_id
        }

    def _get_credit_notes(self):
        """Return the credit notes of these refunds' invoices, by hand or by us."""
        return self.env["account.move"].search(
            Domain("reversed_entry_id", "in", self.invoice_id.ids)
            & Domain("move_type", "=", "out_refund")
            & Domain("state", "!=", "cancel")
        )

    # === PLAN ===

    def _get_plan(self, notes):
        """Return what this refund takes back of its invoice.

        :param notes: credit notes of the invoice so far
        :return: `refund_plan.RefundPlan`
        :raises UserError: more than is left
        """
        self.ensure_one()
        positions = self._get_positions(notes)
        try:
            return plan_refund(
                positions,
                self._get_left_by_group(positions, notes),
                [self._get_wanted(line) for line in self.lines or []],
                self._to_decimal(self.amount_to_credit),
                Decimal(str(self.order_id.currency_id.rounding)),
            )
        except OverRefund as error:
            raise UserError(self._get_over_message(float(error.left))) from error

    def _get_positions(self, notes):
        came_back = defaultdict(float)
        for line in notes.invoice_line_ids:
            for sale_line in line.sale_line_ids:
                came_back[sale_line] += line.quantity
        positions = []
        for line in self._get_invoice_lines():
            staged = line.sale_line_ids.marketplace_line_id[:1]
            back = sum(came_back[sale_line] for sale_line in line.sale_line_ids)
            positions.append(
                Position(
                    key=line.id,
                    group=tuple(sorted(line.tax_ids.ids)),
                    gross=self._to_decimal(line.price_total),
                    quantity=Decimal(str(max(line.quantity - back, 0.0))),
                    line_ref=staged.external_ref or "",
                    sku=staged.sku or "",
                    kind=staged.kind or "fee",
                )
            )
        return positions

    def _get_invoice_lines(self):
        return self.invoice_id.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )

    def _get_left_by_group(self, positions, notes):
        """Return {taxes: amount with tax that is not credited yet}.

        Lines are rounded one by one, totals as the company rounds: the cent between them
        goes to the largest group.
        """
        left = defaultdict(Decimal)
        for position in positions:
            left[position.group] += position.gross
        for line in notes.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        ):
            left[tuple(sorted(line.tax_ids.ids))] -= self._to_decimal(line.price_total)
        total = self.invoice_id.amount_total - sum(notes.mapped("amount_total"))
        if left:
            largest = max(left, key=left.get)
            left[largest] += self._to_decimal(total) - sum(left.values())
        return left

    def _get_wanted(self, line):
        gross, collected = self._get_line_amounts(line)
        return Wanted(
            gross=None if gross is None else gross - collected,
            quantity=Decimal(line["quantity"]),
            line_ref=line["line_ref"],
            sku=line["sku"],
            kind=line["kind"],
        )
