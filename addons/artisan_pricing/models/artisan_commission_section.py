import itertools

from odoo import api, fields, models

from ..decimals import to_decimal
from ..engine import commission as engine


class ArtisanCommissionSection(models.Model):
    _name = "artisan.commission.section"
    _description = "Section of a Commission"
    _order = "part_id, start"

    part_id = fields.Many2one(
        "artisan.commission.part", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="part_id.company_id")
    currency_id = fields.Many2one(related="part_id.currency_id")
    start = fields.Monetary(
        "From", help="It ends, not included, where the next one begins."
    )
    rate = fields.Float("Percent", digits=(16, 6), required=True)

    _start_uniq = models.Constraint(
        "UNIQUE(part_id, start)", "Two sections begin with the same amount."
    )

    @api.constrains("start", "rate")
    def _check_scheme(self):
        self.part_id.scheme_id._check_scheme()

    def _to_engine(self, rate):
        """The engine's sections: each ends where the next begins, the last has no end.

        :param rate: Decimal that amounts of money are multiplied with
        :raise PricingError: sections with a gap
        """
        sections = self.sorted("start")
        starts = [to_decimal(section.start) * rate for section in sections]
        return tuple(
            engine.Section(start, end, to_decimal(section.rate))
            for section, (start, end) in zip(
                sections, itertools.pairwise([*starts, None]), strict=True
            )
        )
