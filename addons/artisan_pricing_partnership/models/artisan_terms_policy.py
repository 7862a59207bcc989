from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ArtisanTermsPolicy(models.Model):
    _inherit = "artisan.terms.policy"

    sets_partner_grade = fields.Boolean(
        "Set Partner Levels",
        tracking=True,
        help="Whoever earns a grade gets its partner level, with the level's pricelist. A "
        "higher level that was bought stays.",
    )

    @api.constrains("sets_partner_grade", "maker_id")
    def _check_sets_partner_grade(self):
        for policy in self:
            if policy.sets_partner_grade and policy.maker_id:
                raise ValidationError(
                    self.env._(
                        "%(policy)s is for the products of %(maker)s only: it cannot set "
                        "the partner level, which counts for all.",
                        policy=policy.name,
                        maker=policy.maker_id.display_name,
                    )
                )
