from odoo import api, fields, models

#: Sums of these types, in the order in which a payout comes about.
STEPS = (
    "sale",
    "refund",
    "tax_withheld",
    "fee",
    "adjustment",
    "reserve",
    "payout_return",
)


class MarketplaceSettlement(models.Model):
    """From what the buyers paid down to the payout, step by step."""

    _inherit = "marketplace.settlement"

    waterfall = fields.Json(
        compute="_compute_waterfall",
        help="From the opening balance over the sums by type and code to the payout.",
    )

    @api.depends("line_ids.amount", "line_ids.type", "imbalance")
    def _compute_waterfall(self):
        sums = {}
        for settlement, kind, code, count, amount in self.env[
            "marketplace.settlement.line"
        ]._read_group(
            [("settlement_id", "in", self.ids)],
            ["settlement_id", "type", "code"],
            ["__count", "amount:sum"],
        ):
            sums.setdefault((settlement.id, kind), []).append(
                {"code": code or "", "count": count, "amount": amount}
            )
        for settlement in self:
            settlement.waterfall = settlement._prepare_waterfall(
                {kind: sums.get((settlement.id, kind), []) for kind in STEPS}
            )

    def _prepare_waterfall(self, codes):
        """Return the rows of the waterfall.

        :param codes: {type: list of {"code", "count", "amount"}}
        :return: list of {"kind", "label", "amount", "total" (running), "codes"}; kinds are
            the types, "opening", "closing", "lines" (their sum, where balances follow),
            "payout" and "difference"
        """
        self.ensure_one()
        labels = dict(
            self.line_ids._fields["type"]._description_selection(self.env),
        )
        rows, total = [], 0.0

        def add(kind, label, amount, details=()):
            nonlocal total
            total += amount
            rows.append(
                {
                    "kind": kind,
                    "label": label,
                    "amount": amount,
                    "total": total,
                    "codes": sorted(details, key=lambda code: -abs(code["amount"])),
                }
            )

        if self.opening_balance:
            add("opening", self.env._("Opening balance"), self.opening_balance)
        for kind in STEPS:
            if codes[kind]:
                amount = sum(code["amount"] for code in codes[kind])
                add(kind, labels[kind], amount, codes[kind])
        if self.closing_balance:
            add("closing", self.env._("Left on the account"), -self.closing_balance)
        if self.imbalance:
            add("difference", self.env._("Not explained"), self.imbalance)
        label = (
            self.env._("Waits for a payout")
            if self.is_open_account
            else self.env._("Payout")
        )
        paid = total if self.is_open_account else self.amount_payout
        rows.append(
            {
                "kind": "payout",
                "label": label,
                "amount": paid,
                "total": paid,
                "codes": [],
            }
        )
        return rows
