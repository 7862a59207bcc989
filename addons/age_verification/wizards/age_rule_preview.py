from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from .. import const
from ..engine import law
from ..facts import AgeFacts, read_goods


class AgeRulePreview(models.TransientModel):
    """What would be asked of who buys something at a place on a day, and by which rule.

    It asks the same function as the gate does; nothing is recorded.
    """

    _name = "age.rule.preview"
    _description = "What Would Be Asked"

    class_id = fields.Many2one(
        "age.product.class",
        "Products",
        required=True,
        domain=[("is_restricted", "=", True)],
    )
    uses_abv = fields.Boolean(related="class_id.uses_abv")
    age_abv = fields.Float(
        "Alcohol (% vol.)", digits=(5, 2), help="0: the strength is not known."
    )
    age_distilled = fields.Selection(
        [("distilled", "Distilled"), ("fermented", "Fermented")], "Made by"
    )
    country_id = fields.Many2one("res.country")
    state_id = fields.Many2one(
        "res.country.state", domain="[('country_id', '=', country_id)]"
    )
    day = fields.Date(
        required=True, default=lambda self: self.env.company._get_age_today()
    )
    answer = fields.Char(compute="_compute_answer", compute_sudo=False)
    warnings = fields.Text(compute="_compute_answer", compute_sudo=False)
    rule_id = fields.Many2one(
        "age.rule", "Decided by", compute="_compute_answer", compute_sudo=False
    )
    source = fields.Char(related="rule_id.source")
    note = fields.Text(related="rule_id.note", string="Rule's note")

    @api.onchange("country_id")
    def _onchange_country_id(self):
        if self.state_id.country_id != self.country_id:
            self.state_id = False

    @api.depends(
        "class_id", "age_abv", "age_distilled", "country_id", "state_id", "day"
    )
    def _compute_answer(self):
        for preview in self:
            preview.update(preview._prepare_answer())

    def _prepare_answer(self):
        """Values of the computed fields."""
        if not (self.class_id and self.day):
            return {"answer": False, "warnings": False, "rule_id": False}
        resolution = self._resolve()
        key = resolution.rule.key if resolution.rule else False
        words = [self.env._(const.WARNINGS[code]) for code in resolution.warnings]
        return {
            "answer": self._describe(resolution),
            "warnings": "\n".join(words),
            "rule_id": key,
        }

    def _resolve(self):
        facts = AgeFacts(self.env, [])
        rules = self.env["age.rule"].search_fetch(
            Domain("country_id", "=", self.country_id.id)
        )
        return law.resolve(
            rules._as_law(),
            read_goods(self, self.class_id, facts.narrower),
            self.country_id.code,
            self.state_id.id or None,
            self.day,
            self.env.company.sudo().age_policy_id._get_fallback(),
        )

    def _describe(self, resolution):
        """What is asked, in a sentence."""
        if resolution.is_prohibited:
            return self.env._("May not be sold there.")
        bound = format_date(self.env, resolution.bound)
        requirement = resolution.requirement
        if requirement.age is None:
            return self.env._("Born on or before %s, for ever.", bound)
        return self.env._(
            "At least %(age)s: born on or before %(date)s.",
            age=requirement.age,
            date=bound,
        )
