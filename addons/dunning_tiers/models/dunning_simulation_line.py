from odoo import fields, models


class DunningSimulationLine(models.Model):
    """Figures of one policy and level in a simulation: of the period, or of one month."""

    _name = "dunning.simulation.line"
    _description = "Dunning Simulation Figures"
    _order = "simulation_id desc, policy_id, month, days, id"
    _rec_name = "level_name"

    simulation_id = fields.Many2one(
        "dunning.simulation", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="simulation_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    policy_id = fields.Many2one("dunning.policy", required=True, ondelete="cascade")
    level_id = fields.Many2one(
        "dunning.level",
        "Level of the policy",
        ondelete="set null",
        index="btree_not_null",
    )
    # Levels change after a replay; its figures stay those of the level as it was.
    level_name = fields.Char("Level", required=True)
    days = fields.Integer("Days past due", aggregator=None)
    kind = fields.Selection(
        [("notice", "Notice to the customer"), ("escalation", "Hand to a person")],
        required=True,
    )
    month = fields.Date(help="First day of the month; empty for the whole period.")
    notice_count = fields.Integer("Notices")
    item_count = fields.Integer(
        "Invoices", help="Invoices and instalments in these notices."
    )
    wrong_count = fields.Integer(
        "Wrong",
        help="Notices for something that had been paid or credited by that day, at least "
        "in part, though the ledger showed it only later.",
    )
    wrong_share = fields.Float(
        aggregator=None, help="Percent of the notices that were wrong."
    )
    amount_asked = fields.Monetary("Asked for", help="In the company's currency.")
    amount_wrong = fields.Monetary("Asked for wrongly")
