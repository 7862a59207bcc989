from odoo import api, fields, models
from odoo.tools import format_amount, formatLang

from ..decimals import to_decimal
from ..engine import commission as engine


class ArtisanCommissionPart(models.Model):
    _name = "artisan.commission.part"
    _description = "Part of a Commission"
    _order = "scheme_id, sequence, id"

    scheme_id = fields.Many2one(
        "artisan.commission.scheme", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="scheme_id.company_id")
    currency_id = fields.Many2one(related="scheme_id.currency_id")
    sequence = fields.Integer(default=10)
    name = fields.Char(
        required=True, translate=True, help="As it stands on the maker's statement."
    )
    code = fields.Char(
        required=True, help="Short and different for each part of a scheme."
    )
    kind = fields.Selection(
        [
            (engine.PERCENT, "Percent"),
            (engine.FIXED, "Fixed amount"),
            (engine.SECTIONS, "Percent by sections"),
        ],
        default=engine.PERCENT,
        required=True,
    )
    unit = fields.Selection(
        [(engine.LINE, "Each line"), (engine.ORDER, "The maker's lines of an order")],
        "Of",
        default=engine.ORDER,
        required=True,
        help="What it is computed on. Without an order: the lines of the invoice.",
    )
    mode = fields.Selection(
        [
            (engine.WHOLE, "The section reached, on all of it"),
            (engine.MARGINAL, "Each section on what lies in it"),
        ],
        default=engine.MARGINAL,
        required=True,
    )
    value = fields.Float(digits=(16, 6), help="A percent, or a fixed amount.")
    minimum = fields.Monetary(help="The least for each unit; zero: none.")
    maximum = fields.Monetary(help="The most for each unit; zero: none.")
    section_ids = fields.One2many("artisan.commission.section", "part_id", copy=True)
    rate_text = fields.Char("Rate", compute="_compute_rate_text")

    @api.depends("kind", "value", "section_ids.start", "section_ids.rate", "mode")
    def _compute_rate_text(self):
        for part in self:
            part.rate_text = part._get_rate_text()

    @api.constrains(
        "code", "kind", "unit", "mode", "value", "minimum", "maximum", "section_ids"
    )
    def _check_scheme(self):
        self.scheme_id._check_scheme()

    def _to_engine(self, rate):
        """The engine's part.

        :param rate: Decimal that amounts of money are multiplied with
        :raise PricingError: a part that makes no commission
        """
        self.ensure_one()
        value = to_decimal(self.value)
        bound = self.scheme_id._to_bound
        is_sections = self.kind == engine.SECTIONS
        return engine.Part(
            self.code,
            self.kind,
            value * rate if self.kind == engine.FIXED else value,
            self.unit,
            self.section_ids._to_engine(rate) if is_sections else (),
            self.mode,
            bound(self.minimum, rate),
            bound(self.maximum, rate),
        )

    def _get_rate_text(self):
        """The rate in words, as statements keep it."""
        self.ensure_one()
        if self.kind == engine.FIXED:
            return format_amount(self.env, self.value, self.currency_id)
        if self.kind == engine.PERCENT:
            return f"{self.value:g} %"
        return ", ".join(
            self.env._(
                "%(rate)s %% from %(start)s",
                rate=f"{section.rate:g}",
                start=formatLang(self.env, section.start),
            )
            for section in self.section_ids.sorted("start")
        )
