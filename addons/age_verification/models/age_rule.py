from datetime import date

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .. import const
from ..engine import bounds, law, regions


class AgeRule(models.Model):
    """What a law asks of the buyers of a class of products at a place, with its dates.

    Rules are data with a source, not advice: one that nobody has verified never asks less
    than the policy's own age.
    """

    _name = "age.rule"
    _description = "Age Rule"
    _inherit = ["mail.thread"]
    _order = "country_id, class_id, date_from desc nulls last, id"

    active = fields.Boolean(default=True, tracking=True)
    class_id = fields.Many2one(
        "age.product.class",
        "Products",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
    )
    country_id = fields.Many2one(
        "res.country", required=True, index=True, ondelete="restrict", tracking=True
    )
    # Several, as countries list provinces twice (Tessin and Ticino) or only their counties.
    state_ids = fields.Many2many(
        "res.country.state",
        "age_rule_state_rel",
        "rule_id",
        "state_id",
        "States",
        domain="[('country_id', '=', country_id)]",
        ondelete="restrict",
        tracking=True,
        help="Only these parts of the country. Rules of a part go before those of the whole.",
    )
    part = fields.Char("Part of the country", compute="_compute_place")
    place = fields.Char(compute="_compute_place")
    kind = fields.Selection(
        const.KINDS, required=True, default=bounds.AGE, tracking=True
    )
    min_age = fields.Integer("Minimum age", tracking=True)
    born_before = fields.Date(
        tracking=True, help="Only who was born before this day may ever buy."
    )
    uses_abv = fields.Boolean(related="class_id.uses_abv")
    abv_gt = fields.Float(
        "Above % vol.",
        digits=(5, 2),
        tracking=True,
        help="Only drinks stronger than this. 0: no lower limit.",
    )
    abv_lte = fields.Float(
        "Up to % vol.",
        digits=(5, 2),
        tracking=True,
        help="Only drinks of at most this strength. 0: no upper limit.",
    )
    distilled = fields.Selection(
        [("distilled", "Distilled only"), ("fermented", "Fermented only")],
        tracking=True,
        help="Empty: both.",
    )
    date_from = fields.Date(
        "In force from", tracking=True, help="Empty: in force, its start was not read."
    )
    date_to = fields.Date("In force until", tracking=True)
    confidence = fields.Selection(
        const.CONFIDENCES,
        required=True,
        default="secondary",
        tracking=True,
        help="How the rule is known. Where sources disagree or nobody looked, the policy's "
        "own age counts beside it and the stricter of both is asked.",
    )
    asks = fields.Char(compute="_compute_asks", help="What buyers must prove.")
    band = fields.Char("Strength", compute="_compute_band")
    is_doubtful = fields.Boolean(compute="_compute_is_doubtful", store=True)
    source = fields.Char(required=True, tracking=True)
    seen_on = fields.Date("Source seen on", tracking=True)
    note = fields.Text()
    needs_delivery_check = fields.Boolean(
        "Check at the door",
        help="The carrier must check the age when handing over: no lockers, no safe place.",
    )
    policy_id = fields.Many2one(
        "age.policy",
        help="How it is proved. Empty: by the policy of the class or the company.",
        company_dependent=True,
    )

    _age_positive = models.Constraint(
        "CHECK(min_age >= 0 AND min_age <= 99)", "An age is between 0 and 99."
    )
    _abv_order = models.Constraint(
        "CHECK(abv_gt >= 0 AND (COALESCE(abv_lte, 0) = 0 OR abv_lte > abv_gt))",
        "The upper strength must be above the lower one.",
    )
    _date_order = models.Constraint(
        "CHECK(date_from IS NULL OR date_to IS NULL OR date_from <= date_to)",
        "A rule ends after it began.",
    )

    @api.depends("confidence", "kind")
    def _compute_is_doubtful(self):
        for rule in self:
            rule.is_doubtful = (
                rule.confidence in law.DOUBTFUL or rule.kind == const.UNKNOWN
            )

    @api.constrains("kind", "min_age", "born_before")
    def _check_kind(self):
        for rule in self:
            if rule.kind in (bounds.AGE, bounds.CALENDAR_YEAR) and not rule.min_age:
                raise ValidationError(self.env._("Give the minimum age of the rule."))
            if rule.kind == bounds.COHORT and not rule.born_before:
                raise ValidationError(
                    self.env._("Give the day before which to be born.")
                )

    @api.constrains("state_ids", "country_id")
    def _check_states(self):
        for rule in self:
            if rule.state_ids.country_id - rule.country_id:
                raise ValidationError(self.env._("A state is of another country."))

    @api.depends("country_id", "state_ids")
    @api.depends_context("lang")
    def _compute_place(self):
        for rule in self:
            codes = rule.state_ids.mapped("code")
            region = regions.name_of(rule.country_id.code, codes)
            rule.part = region or ", ".join(rule.state_ids.mapped("name"))
            rule.place = rule.part or rule.country_id.name

    @api.depends("kind", "min_age", "born_before")
    def _compute_asks(self):
        for rule in self:
            rule.asks = rule._describe()

    @api.depends("abv_gt", "abv_lte", "distilled")
    def _compute_band(self):
        kinds = dict(self._fields["distilled"]._description_selection(self.env))
        for rule in self:
            limits = [f"> {rule.abv_gt:g} %"] if rule.abv_gt else []
            limits += [f"≤ {rule.abv_lte:g} %"] if rule.abv_lte else []
            kind = [kinds[rule.distilled]] if rule.distilled else []
            rule.band = ", ".join([*limits, *kind])

    @api.depends("class_id", "place", "asks")
    def _compute_display_name(self):
        for rule in self:
            rule.display_name = f"{rule.class_id.name or ''}, {rule.place}: {rule.asks}"

    def _describe(self):
        """What the rule asks, in a few words."""
        self.ensure_one()
        if self.kind == bounds.COHORT:
            return self.env._("born before %s", self.born_before or "")
        if self.kind == bounds.PROHIBITED:
            return self.env._("prohibited")
        if self.kind == const.UNKNOWN:
            return self.env._("not known")
        if self.kind == bounds.CALENDAR_YEAR:
            return self.env._("from the year of %s", self.min_age)
        return self.env._("from %s", self.min_age)

    def action_preview(self):
        """Ask what the law would be for what this rule is about."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "age_verification.age_rule_preview_action"
        )
        day = max(self.date_from or date.min, self.env.company._get_age_today())
        action["context"] = {
            "default_class_id": self.class_id.id,
            "default_country_id": self.country_id.id,
            "default_state_id": self.state_ids[:1].id,
            "default_age_abv": self.abv_lte or self.abv_gt and self.abv_gt + 0.1,
            "default_age_distilled": self.distilled,
            "default_day": fields.Date.to_string(min(day, self.date_to or day)),
        }
        return action

    def _get_requirement(self):
        """The rule's :class:`engine.bounds.Requirement`; None when nobody knows it."""
        self.ensure_one()
        if self.kind == const.UNKNOWN:
            return None
        cohort = self.kind == bounds.COHORT
        return bounds.Requirement(
            self.kind,
            self.min_age if self._needs_age() else None,
            self.born_before if cohort else None,
        )

    def _needs_age(self):
        return self.kind in (bounds.AGE, bounds.CALENDAR_YEAR)

    def _as_law(self):
        """The rules as :class:`engine.law.Rule`, one for each state, by its database id."""
        return [
            law.Rule(
                key=rule.id,
                product_class=rule.class_id.code,
                country=rule.country_id.code,
                state=state,
                requirement=rule._get_requirement(),
                abv_gt=law.as_strength(rule.abv_gt),
                abv_lte=law.as_strength(rule.abv_lte),
                distilled=law.DISTILLED.get(rule.distilled),
                date_from=rule.date_from or None,
                date_to=rule.date_to or None,
                confidence=rule.confidence,
            )
            for rule in self
            for state in rule.state_ids.ids or [None]
        ]
