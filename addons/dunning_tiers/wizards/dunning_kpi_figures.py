from odoo import fields, models

DAYS = (16, 1)
PERCENT = (16, 1)


class DunningKpiFigures(models.AbstractModel):
    """Key figures of one company and span of days, as ``engine/kpi.py`` defines them."""

    _name = "dunning.kpi.figures"
    _description = "Receivables Key Figures of a Span of Days"
    _order = "company_id, date_from, id"

    kpi_id = fields.Many2one(
        "dunning.kpi", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date("From", readonly=True)
    date_to = fields.Date("To", readonly=True)
    days = fields.Integer(readonly=True, help="Length of the span, both ends included.")
    sales = fields.Monetary(
        "Credit Sales",
        readonly=True,
        help="Customer invoices less credit notes by accounting date, tax included, as the "
        "receivable they are compared with includes it.",
    )
    amount_due = fields.Monetary(
        "Fell Due",
        readonly=True,
        help="Invoiced amounts whose due date lies in the span.",
    )
    receivable_opening = fields.Monetary(
        "Opening Receivable", readonly=True, help="Open before the first day."
    )
    receivable = fields.Monetary(
        readonly=True,
        help="Open at the end of the last day: the balance of the receivable accounts, "
        "unmatched payments and credit notes deducted.",
    )
    receivable_not_due = fields.Monetary(
        "Not Due",
        readonly=True,
        help="The part of the receivable that is not yet overdue.",
    )
    receivable_over_90 = fields.Monetary(
        "Over 90 Days",
        readonly=True,
        help="The part of the receivable that is more than 90 days past due.",
    )
    dso = fields.Float(
        "DSO",
        digits=DAYS,
        readonly=True,
        aggregator="avg",
        help="Days sales outstanding: receivable / credit sales x days of the span. "
        "(Standard formula; Oracle JD Edwards, Equisettle.)",
    )
    dso_count_back = fields.Float(
        "Count-back DSO",
        digits=DAYS,
        readonly=True,
        aggregator="avg",
        help="How many days of the latest sales are still open: months from the newest "
        "back, whole while the receivable covers their sales, the last in proportion. Not "
        "distorted by a strong or weak month. (Exhaustion method; Upflow, Benji Pays.)",
    )
    dso_best_possible = fields.Float(
        "Best Possible DSO",
        digits=DAYS,
        readonly=True,
        aggregator="avg",
        help="The DSO if nobody paid late: receivable not yet due / credit sales x days. "
        "(Gaviti, Apruve.)",
    )
    days_delinquent = fields.Float(
        "Average Days Delinquent",
        digits=DAYS,
        readonly=True,
        aggregator="avg",
        help="Days of the DSO that are lateness: DSO - best possible DSO. (Gaviti, Apruve.)",
    )
    collection_effectiveness = fields.Float(
        "CEI %",
        digits=PERCENT,
        readonly=True,
        aggregator="avg",
        help="Collection effectiveness index: (opening receivable + sales - receivable) / "
        "(opening receivable + sales - not due) x 100, with the total sales of the span. "
        "100 means that all that was due came in. (Gaviti.)",
    )
    weighted_delay = fields.Float(
        digits=DAYS,
        readonly=True,
        aggregator="avg",
        help="Days from due date to payment, weighted by amount, of what fell due in the "
        "span; what is unpaid counts to the end of the period. Negative is early. "
        "(Upflow, who grade A to 30 days, B to 60, C to 90, D above.)",
    )
    at_risk = fields.Float(
        "At Risk %",
        digits=PERCENT,
        readonly=True,
        aggregator="avg",
        help="Share of the receivable that is more than 90 days past due. (Credit Research "
        "Foundation.)",
    )


class DunningKpiMonth(models.TransientModel):
    """Key figures of a company in a calendar month, cut off at the ends of the period."""

    _name = "dunning.kpi.month"
    _description = "Receivables Key Figures of a Month"
    _inherit = ["dunning.kpi.figures"]
    _order = "company_id, date_from, id"
    _rec_name = "date_from"


class DunningKpiPeriod(models.TransientModel):
    """Key figures of a company over the whole period, with promises and reminders."""

    _name = "dunning.kpi.period"
    _description = "Receivables Key Figures of a Period"
    _inherit = ["dunning.kpi.figures"]
    _order = "company_id, id"
    _rec_name = "company_id"

    promises_kept = fields.Integer(
        readonly=True, help="Promises to pay for a day in the period that were kept."
    )
    promises_broken = fields.Integer(
        readonly=True, help="Promises to pay for a day in the period that were broken."
    )
    promise_kept_rate = fields.Float(
        "Promises Kept %",
        digits=PERCENT,
        readonly=True,
        aggregator="avg",
        help="Kept promises / kept and broken ones x 100. (Standard collection figure.)",
    )
    reminders_sent = fields.Integer(
        readonly=True,
        help="Invoices in notices that went out in the period and did not come back.",
    )
    reminders_wrong = fields.Integer(
        "Wrong Reminders",
        readonly=True,
        help="Those where a payment of the day of sending or before, or a credit note "
        "dated so, was matched only after it, and those in notices that somebody marked "
        "as wrong.",
    )
    wrong_reminder_rate = fields.Float(
        "Wrong Reminders %",
        digits=(16, 2),
        readonly=True,
        aggregator="avg",
        help="Wrong reminders / reminders sent x 100. (Our own measure.)",
    )
