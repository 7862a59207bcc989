from odoo import fields, models


class ArtisanStackGroup(models.Model):
    _name = "artisan.stack.group"
    _description = "Promotions That Exclude Each Other"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        help="Empty: for all companies.",
    )
    program_ids = fields.One2many("loyalty.program", "stack_group_id")
    active = fields.Boolean(
        default=True, help="Promotions of an archived group stay in it."
    )
