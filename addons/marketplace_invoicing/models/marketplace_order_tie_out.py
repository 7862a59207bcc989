from odoo import fields, models

from ..channels.fee_codes import is_fee
from .marketplace_order_settlement import SETTLED_STATES

#: Types that move what an order is open by; a fee is charged apart from it.
TIED_TYPES = ("sale", "refund", "tax_withheld")
#: Causes of a difference, as issue codes.
TIE_OUT_CODES = ("underpaid", "overpaid", "refund_missing", "fee_as_refund")


class MarketplaceOrder(models.Model):
    """From what the channel charged the buyer to what it paid out, to the cent."""

    _inherit = "marketplace.order"

    tie_out = fields.Json(
        compute="_compute_tie_out",
        help="Channel total, less what is not ours, less what was given back, less what "
        "was paid out: nothing is left when the order ties out.",
    )

    def _compute_tie_out(self):
        sums = self._get_settled_sums()
        for order in self:
            order.tie_out = order._prepare_tie_out(sums.get(order, {}))

    # === FIGURES ===

    def _get_settled_sums(self):
        """Return {order: {type: {code: amount}}} of the payouts in the books.

        Amounts are in the order's currency; an order whose payout was converted and whose
        lines do not all say from what is left out.
        """
        lines = self.env["marketplace.settlement.line"].search(
            [
                ("order_id", "in", self.ids),
                ("settlement_id.state", "in", SETTLED_STATES),
            ]
        )
        result, unknown = {}, self.browse()
        for line in lines:
            order, amount = line.order_id, line.amount
            if line.currency_id != order.currency_id:
                amount = line._get_amount_of_order()
                if amount is None:
                    unknown |= order if line.type in TIED_TYPES else self.browse()
                    continue
            codes = result.setdefault(order, {}).setdefault(line.type, {})
            codes[line.code or ""] = codes.get(line.code or "", 0.0) + amount
        for order in unknown:
            result.pop(order, None)
        return result

    def _get_booked_amounts(self):
        """Return what was invoiced and what was credited, both positive."""
        self.ensure_one()
        moves = (self.invoice_ids | self.invoice_ids.reversal_move_ids).filtered(
            lambda move: move.state == "posted"
        )
        return tuple(
            sum(
                moves.filtered(lambda m, t=kind: m.move_type == t).mapped(
                    "amount_total"
                )
            )
            for kind in ("out_invoice", "out_refund")
        )

    def _get_charged_amount(self):
        """Return what the buyer paid the channel, the tax it keeps included."""
        self.ensure_one()
        if not self.total_stated:
            return self.amount_to_invoice + self._get_collected_tax()
        extra = (
            0.0 if self.total_includes_marketplace_tax else self._get_collected_tax()
        )
        return self.amount_total + extra

    def _get_tie_out_difference(self, sums):
        """Return what is booked for the order less what payouts brought for it."""
        self.ensure_one()
        invoiced, credited = self._get_booked_amounts()
        paid = sum(sum(sums.get(kind, {}).values()) for kind in TIED_TYPES)
        return self.currency_id.round(invoiced - credited - paid)

    # === WATERFALL ===

    def _prepare_tie_out(self, sums):
        """Return the rows of the waterfall, as `marketplace.settlement.waterfall` has them.

        :param sums: {type: {code: amount}}, see :meth:`_get_settled_sums`
        """
        self.ensure_one()
        env = self.env
        invoiced, credited = self._get_booked_amounts()
        charged, collected = self._get_charged_amount(), self._get_collected_tax()
        rows, total = [], 0.0

        def add(kind, label, amount, codes=None):
            nonlocal total
            total = self.currency_id.round(total + amount)
            details = [
                {"code": code, "count": 1, "amount": -value}
                for code, value in (codes or {}).items()
            ]
            rows.append(
                {
                    "kind": kind,
                    "label": label,
                    "amount": amount,
                    "total": total,
                    "codes": details,
                }
            )

        add("charged", env._("Channel total"), charged)
        if collected:
            add("tax", env._("Tax the marketplace keeps"), -collected)
        if self.currency_id.round(invoiced - total):
            add("uninvoiced", env._("Not on the invoice"), invoiced - total)
        add("payout", env._("Invoiced"), 0.0)
        rows[-1]["amount"] = total
        if credited:
            add("credited", env._("Credit notes"), -credited)
        labels = dict(
            self.settlement_line_ids._fields["type"]._description_selection(self.env)
        )
        for kind in TIED_TYPES:
            codes = sums.get(kind)
            if codes:
                label = env._("Payouts: %(type)s", type=labels[kind])
                add(kind, label, -sum(codes.values()), codes)
        if written_off := self.amount_written_off:
            add("written_off", env._("Written off"), -written_off)
        if sums:
            add("difference" if total else "tied", env._("Difference"), 0.0)
            rows[-1]["amount"] = total
        return rows

    # === ISSUES ===

    def _check_tie_out(self):
        """Raise an issue by cause where a payout and the books differ; close what is gone.

        Differences within the channel's rounding tolerance are none.
        """
        sums = self._get_settled_sums()
        causes = {}
        for order in self:
            cause = order._get_tie_out_cause(sums.get(order, {}))
            if cause:
                causes.setdefault(cause, []).append((order, sums[order]))
        Issue = self.env["marketplace.issue"].sudo()
        issues = Issue.search(
            [("order_id", "in", self.ids), ("code", "in", TIE_OUT_CODES)]
        )
        still_open, accepted = {}, set()
        for issue in issues:
            if issue.state == "open":
                still_open[issue.order_id, issue.code] = issue
            elif issue.state == "accepted":
                accepted.add((issue.order_id, issue.code, issue.message))
        new = []
        for code, found in causes.items():
            for order, order_sums in found:
                message = order._get_tie_out_message(code, order_sums)
                issue = still_open.pop((order, code), Issue)
                if issue:
                    issue.message = message
                elif (order, code, message) not in accepted:
                    new.append((order, code, message))
        self._raise_tie_out_issues(new)
        Issue.union(*still_open.values())._close("resolved")

    def _raise_tie_out_issues(self, findings):
        """Create issues, all in one go: a wrong mapping makes thousands.

        :param findings: list of (order, code, message)
        """
        Issue = self.env["marketplace.issue"].sudo()
        none = self.env["product.product"]
        causes = {}
        for channel in {order.channel_id for order, _code, _message in findings}:
            wanted = {
                (code, ""): none
                for order, code, _message in findings
                if order.channel_id == channel
            }
            found = Issue.env["marketplace.issue.cause"]._get_or_create(channel, wanted)
            causes.update({(channel, code): c for (code, _key), c in found.items()})
        Issue.create(
            [
                Issue._prepare_issue(
                    order.channel_id,
                    causes[order.channel_id, code],
                    {
                        "record": order,
                        "code": code,
                        "message": message,
                        "severity": "warning",
                    },
                )
                for order, code, message in findings
            ]
        )

    def _get_tie_out_cause(self, sums):
        """Return the code of what does not tie, or nothing.

        A credit note whose money has not been given back yet is no difference: the next
        payout brings it.
        """
        self.ensure_one()
        difference = self._get_tie_out_difference(sums)
        tolerance = self.channel_id.rounding_tolerance
        if not sums.get("sale") and not sums.get("refund"):
            return ""
        refunds = sums.get("refund", {})
        if any(is_fee(code) for code in refunds):
            # Also where a credit note was made of it: the buyer got nothing back.
            return "fee_as_refund"
        if abs(difference) <= tolerance + 1e-9:
            return ""
        unbacked = -sum(refunds.values()) - self._get_booked_amounts()[1]
        if abs(difference - self._get_disputed_amount()) <= tolerance + 1e-9:
            # The claim may still be won: nobody credits anything before it is lost.
            return ""
        if abs(difference - unbacked) <= tolerance + 1e-9:
            return "refund_missing" if unbacked > 0 else ""
        return "underpaid" if difference > 0 else "overpaid"

    def _get_disputed_amount(self):
        """Return what payouts took for claims that nobody has decided yet, positive."""
        self.ensure_one()
        lines = self.settlement_line_ids.filtered(
            lambda line: (
                line.dispute_status in ("open", "review")
                and line.type == "refund"
                and line.currency_id == self.currency_id
                and line.settlement_id.state in SETTLED_STATES
            )
        )
        return -sum(lines.mapped("amount"))

    def _get_tie_out_message(self, code, sums):
        self.ensure_one()
        difference = self._get_tie_out_difference(sums)
        if code == "fee_as_refund":
            refunds = sums.get("refund", {}).items()
            difference = sum(value for key, value in refunds if is_fee(key))
        amount = self.currency_id.format(abs(difference))
        return {
            "underpaid": self.env._(
                "Payouts brought %(amount)s less than is booked.", amount=amount
            ),
            "overpaid": self.env._(
                "Payouts brought %(amount)s more than is booked.", amount=amount
            ),
            "refund_missing": self.env._(
                "Payouts gave back %(amount)s that no credit note has.", amount=amount
            ),
            "fee_as_refund": self.env._(
                "Payouts call %(amount)s a refund that looks like a fee.", amount=amount
            ),
        }[code]


class MarketplaceSettlementLine(models.Model):
    """Converted amounts in the currency of their order."""

    _inherit = "marketplace.settlement.line"

    def _get_amount_of_order(self):
        """Return what the line was before it was converted; None where nobody says so."""
        self.ensure_one()
        if self.original_currency == self.order_id.currency_id.name:
            return self.original_amount
        return None
