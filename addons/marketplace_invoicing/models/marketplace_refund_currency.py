from odoo import api, fields, models
from odoo.exceptions import UserError

#: What a refund is given in; a person's amount takes the place of these.
STATED_FIELDS = ("amount", "currency_name", "marketplace_amount", "marketplace_tax")


class MarketplaceRefund(models.Model):
    """Refunds told in the currency of the payout, of orders in another one.

    The credit note is made in the order's currency, and nobody but the channel knows how it
    converted: a person reads the original amount there and enters it.
    """

    _inherit = "marketplace.refund"

    order_currency_id = fields.Many2one(
        related="order_id.currency_id", string="Order Currency"
    )
    original_amount = fields.Monetary(
        string="Amount in the Order's Currency",
        currency_field="order_currency_id",
        copy=False,
        tracking=True,
        help="What the buyer got back in the currency of the order, as the channel shows it. "
        "Enter it where the payout only says what was converted: the credit note is made of "
        "this amount, and the payout's is booked on the clearing account.",
    )
    stated_amount = fields.Float(
        readonly=True,
        copy=False,
        help="What the payout says, before a person's amount.",
    )
    stated_currency = fields.Char(readonly=True, copy=False)
    needs_original = fields.Boolean(compute="_compute_needs_original")

    @api.depends("state", "stated_currency", "currency_id", "order_id.currency_id")
    def _compute_needs_original(self):
        for refund in self:
            refund.needs_original = refund.state != "credited" and bool(
                refund.stated_currency
                or (
                    refund.order_id
                    and refund.currency_id != refund.order_id.currency_id
                )
            )

    def write(self, vals):
        """Override: a person's amount is the refund's from now on.

        :raises UserError: the refund is credited, or is in its order's currency anyway; the
            amount is not positive
        """
        is_person = "original_amount" in vals and not self.env.su
        if is_person:
            self.check_access("write")
        if is_person and vals["original_amount"] <= 0:
            raise UserError(
                self.env._("Enter what the buyer got back, more than zero.")
            )
        if is_person and not all(self.mapped("needs_original")):
            raise UserError(
                self.env._("This refund is credited, or in the currency of its order.")
            )
        result = super().write(vals)
        if is_person:
            for refund in self.sudo():
                refund._take_original()
            self._requeue()
        return result

    def _take_original(self):
        self.ensure_one()
        if not self.stated_currency:
            self.write(
                {
                    "stated_amount": self.amount,
                    "stated_currency": self.currency_name or self.currency_id.name,
                }
            )
        self.write(
            {
                "amount": self.original_amount,
                "currency_name": self.order_currency_id.name,
                "marketplace_amount": 0.0,
                "marketplace_tax": 0.0,
                # They are in the payout's currency.
                "lines": [],
                "approval": "none",
                "approved_by_id": False,
            }
        )

    def _update_from(self, values):
        """Override: the payout told again is what the person converted; another sum is not."""
        self.ensure_one()
        if self.stated_currency and values["currency_name"] == self.stated_currency:
            same = self.env["res.currency"].search(
                [("name", "=", self.stated_currency)], limit=1
            )
            if not same.compare_amounts(values["amount"], self.stated_amount):
                own = {name: self[name] for name in STATED_FIELDS}
                return super()._update_from({**values, **own, "lines": self.lines})
            if self.state != "credited":
                self.write(
                    {
                        "original_amount": 0.0,
                        "stated_amount": 0.0,
                        "stated_currency": False,
                    }
                )
        return super()._update_from(values)

    def _prepare_clearing_lines(self, channel, date):
        """Override: in company currency the channel took what its payout says."""
        lines = super()._prepare_clearing_lines(channel, date)
        company_currency = self.company_id.currency_id
        if self.stated_currency != company_currency.name or not self.original_amount:
            return lines
        for line in lines:
            part = line["amount_currency"] / self.original_amount
            line["balance"] = company_currency.round(self.stated_amount * part)
        return lines


class MarketplaceSettlementLine(models.Model):
    """Lines whose original amount a person entered on the refund."""

    _inherit = "marketplace.settlement.line"

    def _get_amount_of_order(self):
        """Override: this line's part of what the person entered."""
        amount = super()._get_amount_of_order()
        if amount is not None or self.type != "refund":
            return amount
        _order_ref, name = self._get_refund_key()
        refund = self.order_id.refund_ids.filtered(
            lambda r: (
                r.original_amount
                and r.stated_amount
                and r.stated_currency == self.currency_id.name
                and name in (r.payout_ref, r.external_ref)
            )
        )[:1]
        if not refund:
            return None
        part = self.amount / refund.stated_amount
        return refund.order_currency_id.round(refund.original_amount * part)
