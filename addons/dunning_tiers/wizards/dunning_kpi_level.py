from odoo import fields, models

from .dunning_kpi_figures import DAYS


class DunningKpiLevel(models.TransientModel):
    """Days to pay after a level, against customers who got no notices for comparison."""

    _name = "dunning.kpi.level"
    _description = "Days to Pay after a Dunning Level"
    _order = "id"
    _rec_name = "level_id"

    kpi_id = fields.Many2one(
        "dunning.kpi", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    level_id = fields.Many2one("dunning.level", readonly=True, ondelete="cascade")
    policy_id = fields.Many2one(related="level_id.policy_id")
    count = fields.Integer("Reminded", readonly=True, help="Invoices in notices sent.")
    paid = fields.Integer("Of These Paid", readonly=True)
    mean = fields.Float(
        "Mean Days",
        digits=DAYS,
        readonly=True,
        aggregator="avg",
        help="Days from the notice to the payment in full, mean over those that were paid.",
    )
    median = fields.Float(
        "Median Days",
        digits=DAYS,
        readonly=True,
        aggregator="avg",
        help="After so many days half of all invoices reminded of were paid; unpaid ones "
        "count as slower than any. Empty until half are paid.",
    )
    held_out_count = fields.Integer(
        "Comparison",
        readonly=True,
        help="Invoices of the share of customers that the policy leaves without notices, "
        "unpaid on the day on which the level would have been reached.",
    )
    held_out_paid = fields.Integer("Comparison Paid", readonly=True)
    held_out_mean = fields.Float(
        "Comparison Mean",
        digits=DAYS,
        readonly=True,
        aggregator="avg",
        help="Mean days to pay of the comparison group, from the day on which the level "
        "would have been reached.",
    )
    held_out_median = fields.Float(
        "Comparison Median",
        digits=DAYS,
        readonly=True,
        aggregator="avg",
        help="Median days to pay of the comparison group; empty until half are paid.",
    )
    days_gained = fields.Float(
        digits=DAYS,
        readonly=True,
        aggregator="avg",
        help="Median of the comparison group - median of those reminded: how much earlier "
        "the notice brings the money. Needs both medians.",
    )
