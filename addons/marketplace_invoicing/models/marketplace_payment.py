from odoo import api, fields, models
from odoo.fields import Domain

from .marketplace_order_settlement import SETTLED_STATES

#: Payments that a message names.
MOST_NAMED = 5
#: Types whose amounts belong to an order.
LINKED_TYPES = ("sale", "refund")


class MarketplacePayment(models.Model):
    """Which order a payment of a buyer is for, as the channel says."""

    _name = "marketplace.payment"
    _description = "Marketplace Payment"
    _inherit = ["marketplace.fact.mixin"]
    _rec_name = "external_ref"

    channel_id = fields.Many2one(
        "marketplace.channel", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="channel_id.company_id", store=True, precompute=True, index=True
    )
    kind = fields.Selection(
        [("payment", "Payment"), ("adjustment", "Refund of a payment")],
        required=True,
        readonly=True,
    )
    external_ref = fields.Char(
        string="Channel Reference",
        required=True,
        readonly=True,
        help="The channel's id of the payment, or of what was given back of it.",
    )
    order_ref = fields.Char(string="Order Reference", required=True, readonly=True)

    _external_ref_uniq = models.Constraint(
        "UNIQUE(channel_id, kind, external_ref)",
        "This payment of the channel is known already.",
    )

    @api.model
    def _stage(self, channel, records, import_record=None):
        """Take over which order each payment is for; lines that waited for it find theirs.

        :param channel: `marketplace.channel` record
        :param records: list of `channels.settlement.ParsedPayment`
        :param import_record: not needed, as all that is staged
        :return: {"created" | "updated" | "unchanged": payments, "failures": []}
        """
        stated = self._get_stated_orders(records)
        known = self.search(
            [
                ("channel_id", "=", channel.id),
                ("external_ref", "in", [ref for _kind, ref in stated]),
            ]
        )
        result = {"unchanged": self.browse(), "updated": self.browse(), "failures": []}
        for payment in known:
            order_ref = stated.pop((payment.kind, payment.external_ref), None)
            if order_ref in (None, payment.order_ref):
                result["unchanged"] |= payment
                continue
            payment.order_ref = order_ref
            result["updated"] |= payment
        names = ("channel_id", "kind", "external_ref", "order_ref")
        result["created"] = self.create(
            [
                dict(zip(names, (channel.id, *key, order_ref), strict=True))
                for key, order_ref in stated.items()
            ]
        )
        (result["created"] | result["updated"])._link_lines()
        return result

    @api.model
    def _get_stated_orders(self, records):
        """Return {(kind, reference): reference of the order}."""
        stated = {}
        for record in records:
            stated["payment", record.external_ref] = record.order_ref
            for ref in record.adjustment_refs:
                stated["adjustment", ref] = record.order_ref
        return stated

    def _process(self):
        """A payment has no pipeline of its own: staging links it."""

    def _link_lines(self):
        """Give the lines that name these payments their orders, and reconcile what is booked."""
        refs = {
            kind: payments.mapped("external_ref")
            for kind, payments in self.grouped("kind").items()
        }
        lines = self.env["marketplace.settlement.line"].search(
            Domain("channel_id", "in", self.channel_id.ids)
            & Domain("order_id", "=", False)
            & Domain("ledger", "!=", False)
            & (
                Domain("payment_ref", "in", refs.get("payment", []))
                | Domain("refund_ref", "in", refs.get("adjustment", []))
            )
        )
        lines._name_orders()
        lines.settlement_id._match_orders()


class MarketplaceSettlement(models.Model):
    """Payouts whose lines name payments instead of orders."""

    _inherit = "marketplace.settlement"

    def _match_orders(self):
        """Override: what payments, or a person, have told meanwhile is no issue any more."""
        result = super()._match_orders()
        self.sudo()._close_payment_issues()
        return result

    def _check_payments(self):
        """Say which lines no file links with an order; they are booked, and stay open."""
        self.line_ids._name_orders()
        findings = []
        for settlement in self:
            lines = settlement.line_ids.filtered(
                lambda line: line.type in LINKED_TYPES and line._waits_for_payment()
            )
            if not lines:
                continue
            named = [line.payment_ref or line.refund_ref for line in lines[:MOST_NAMED]]
            message = self.env._(
                "Lines that name only a payment: %(count)s, sum %(amount)s (%(refs)s). Their "
                "orders are open until the channel's payments are imported",
                count=len(lines),
                amount=settlement._format(sum(lines.mapped("amount"))),
                refs=", ".join(named),
            )
            findings.append(
                settlement._finding(
                    "settlement_payment",
                    message,
                    key=settlement.external_ref,
                    severity="warning",
                )
            )
        return findings

    def _close_payment_issues(self):
        """Resolve what settlements in the books lacked once every line has its order."""
        issues = self.issue_ids.filtered(
            lambda i: i.state == "open" and i.code == "settlement_payment"
        )
        booked = issues.settlement_id.filtered(lambda s: s.state in SETTLED_STATES)
        lacking = {finding["record"] for finding in booked._check_payments()}
        issues.filtered(
            lambda i: i.settlement_id in booked and i.settlement_id not in lacking
        )._close("resolved")


class MarketplaceSettlementLine(models.Model):
    """Lines that name a payment."""

    _inherit = "marketplace.settlement.line"

    def _match_to_orders(self):
        """Override: payments tell the orders of lines that name none."""
        self._name_orders()
        return super()._match_to_orders()

    def _waits_for_payment(self):
        """Tell whether only a payment can say which order this amount belongs to."""
        self.ensure_one()
        return bool(
            self.ledger
            and not (self.order_ref or self.order_id)
            and (self.payment_ref or self.refund_ref)
        )

    def _name_orders(self):
        """Note on lines the order that their payment is for, one search per channel."""
        waiting = self.filtered(lambda line: line._waits_for_payment()).sudo()
        for channel, lines in waiting.grouped("channel_id").items():
            refs = {*lines.mapped("payment_ref"), *lines.mapped("refund_ref")} - {False}
            payments = self.env["marketplace.payment"].sudo()
            payments = payments.search(
                [("channel_id", "=", channel.id), ("external_ref", "in", list(refs))]
            )
            orders = {(p.kind, p.external_ref): p.order_ref for p in payments}
            found = {}
            for line in lines:
                ref = orders.get(("payment", line.payment_ref)) or orders.get(
                    ("adjustment", line.refund_ref)
                )
                if ref:
                    found.setdefault(ref, []).append(line.id)
            for ref, ids in found.items():
                lines.browse(ids).order_ref = ref
