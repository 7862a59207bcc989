from odoo import api, fields, models

from ..channels.profile_settlement import SETTLEMENT_TARGETS
from ..channels.profiles import TARGETS

HELP = {name: target.help for name, target in TARGETS.items()} | SETTLEMENT_TARGETS


def _label(name):
    """Return what a person chooses: "Payout: id", "Payout row: amount"."""
    if name in SETTLEMENT_TARGETS:
        scope, _sign, rest = name.partition("_")
        whose = "Payout" if scope == "settlement" else "Payout row"
        rest = "id" if rest == "ref" else rest.removesuffix("_ref")
        return f"{whose}: {rest.replace('_', ' ')}"
    return name.replace("_", " ").capitalize()


class MarketplaceFileProfileLine(models.Model):
    """Which column of a file holds what."""

    _name = "marketplace.file.profile.line"
    _description = "Marketplace File Profile Column"
    _order = "profile_id, id"

    profile_id = fields.Many2one(
        "marketplace.file.profile", required=True, index=True, ondelete="cascade"
    )
    target = fields.Selection(
        [(name, _label(name)) for name in HELP],
        string="Meaning",
        required=True,
    )
    target_help = fields.Char(string="Explanation", compute="_compute_target_help")
    column = fields.Char(
        string="Column or Path",
        help="Header of the column; in JSON and XML the path, such as buyer.name",
    )
    constant = fields.Char(help="Used for every order or row when there is no column.")

    _target_uniq = models.Constraint(
        "UNIQUE(profile_id, target)", "Each meaning can be mapped once."
    )
    _column_or_constant = models.Constraint(
        'CHECK("column" IS NOT NULL OR constant IS NOT NULL)',
        "Give a column or a constant.",
    )

    @api.depends("target")
    def _compute_target_help(self):
        for line in self:
            line.target_help = HELP.get(line.target, False)
