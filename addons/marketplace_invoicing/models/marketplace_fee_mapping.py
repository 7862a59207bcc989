from odoo import fields, models

from ..const import SETTLEMENT_LINE_TYPES


class MarketplaceFeeMapping(models.Model):
    """Where amounts of one code are booked, because a person said so."""

    _name = "marketplace.fee.mapping"
    _description = "Marketplace Fee Mapping"
    _inherit = ["marketplace.channel.mixin", "analytic.mixin"]
    _order = "channel_id, code"
    _rec_name = "code"
    _check_company_auto = True

    code = fields.Char(
        required=True,
        help="The channel's own words, as on the settlement's lines: ItemFees/Commission.",
    )
    type = fields.Selection(
        SETTLEMENT_LINE_TYPES,
        string="Read As",
        help="Empty: as what the file says it is.",
    )
    account_id = fields.Many2one(
        "account.account",
        check_company=True,
        index=True,
        help="Fees and adjustments of this code are booked here. Waiting settlements are "
        "processed again as soon as you save.",
    )
    tax_ids = fields.Many2many(
        "account.tax",
        string="Taxes",
        check_company=True,
        help="The fee as charged by the channel contains them. Reverse charge: the tax for "
        "services of the channel's country.",
    )
    note = fields.Char()

    _code_uniq = models.Constraint(
        "UNIQUE(channel_id, code)", "This code of the channel is already mapped."
    )
