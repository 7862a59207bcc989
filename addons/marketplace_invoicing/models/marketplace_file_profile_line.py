from odoo import api, fields, models

from ..channels.profiles import TARGETS


class MarketplaceFileProfileLine(models.Model):
    """Which column of a file holds what."""

    _name = "marketplace.file.profile.line"
    _description = "Marketplace File Profile Column"
    _order = "profile_id, id"

    profile_id = fields.Many2one(
        "marketplace.file.profile", required=True, index=True, ondelete="cascade"
    )
    target = fields.Selection(
        [(name, name.replace("_", " ").capitalize()) for name in TARGETS],
        string="Meaning",
        required=True,
    )
    target_help = fields.Char(string="Explanation", compute="_compute_target_help")
    column = fields.Char(
        string="Column or Path",
        help="Header of the column; in JSON and XML the path, such as buyer.name",
    )
    constant = fields.Char(help="Used for every order when there is no column.")

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
            line.target_help = TARGETS[line.target].help if line.target else False
