from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from .. import const
from ..engine import bounds, judging

#: Kinds of rules that somebody can meet.
ASKING = (bounds.AGE, bounds.CALENDAR_YEAR, bounds.COHORT)
#: A refusal is kept for so many days, and on as long as it can matter.
KEEP_DAYS = 365


class AgeRefusal(models.Model):
    """A provider or a person found a buyer too young for an age on a day.

    A later proof that is as sure outweighs it, as a first look may be mistaken.
    """

    _name = "age.refusal"
    _description = "Refusal for Age"
    _inherit = ["age.uncopied"]
    _order = "day desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Person", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    day = fields.Date(required=True)
    bound_date = fields.Date(
        "Not born on or before",
        required=True,
        groups="age_verification.group_age_officer",
        help="The bound that was asked for and not met.",
    )
    assurance = fields.Selection(
        const.ASSURANCES,
        "How sure",
        required=True,
        default="document",
        help="Only a later proof that is as sure outweighs it.",
    )
    recorded_at = fields.Datetime(
        "Recorded on",
        required=True,
        default=fields.Datetime.now,
        help="Tells what came first on one day.",
    )
    is_test = fields.Boolean("Made in test mode", readonly=True)
    withdrawn_on = fields.Date(help="The provider has taken it back since.")

    @api.model_create_multi
    def create(self, vals_list):
        """Override: refusals come from providers and checks."""
        if not self.env.su:
            raise AccessError(self.env._("Refusals are not written by hand."))
        return super().create(vals_list)

    @api.model
    def _get_for(self, people, companies):
        """(person, company) -> list of :class:`engine.judging.Refusal`."""
        refusals = self.sudo().search_fetch(
            Domain("partner_id", "in", people.ids)
            & Domain("company_id", "in", companies.ids)
            & Domain("withdrawn_on", "=", False)
            & (
                Domain("is_test", "=", False)
                | Domain("company_id.age_test_mode", "=", True)
            )
        )
        found = defaultdict(list)
        for refusal in refusals:
            found[refusal.partner_id, refusal.company_id].append(
                judging.Refusal(
                    refusal.bound_date,
                    refusal.day,
                    refusal.assurance,
                    refusal.recorded_at,
                )
            )
        return found

    def _stands_against(self, assurance):
        """Whether a second look within the same check is less sure than the first.

        A provider may change its mind, but it may also offer several ways: an estimate
        after a document was read takes nothing back.

        :param assurance: how sure the second look is; None for not at all
        """
        rank = judging.assurance_rank
        return bool(self) and rank(assurance or "declared") < rank(self.assurance)

    def _is_sure(self):
        """Whether somebody has looked at a document, or an authority vouches for it."""
        return bool(self) and judging.assurance_rank(
            self.assurance
        ) >= judging.assurance_rank("document")

    @api.autovacuum
    def _gc_refusals(self):
        """Forget refusals that speak against nothing that is asked any more."""
        limit = fields.Date.subtract(fields.Date.today(), days=KEEP_DAYS)
        domain = Domain("day", "<", limit) & Domain(
            "bound_date", "<", self._get_earliest_required()
        )
        self.sudo().search(domain, limit=10000).unlink()

    @api.model
    def _get_earliest_required(self):
        """The earliest bound that any rule or policy asks for today.

        Who is too young for a bound is too young for every earlier one: a refusal matters
        until time has taken all that is asked past it. What is asked of a cohort stays.
        """
        rules = self.env["age.rule"].sudo().search_fetch([("kind", "in", ASKING)])
        policies = self.env["age.policy"].sudo().search_fetch([], limit=None)
        required = [rule._get_requirement() for rule in rules]
        fallbacks = [policy._get_fallback() for policy in policies]
        required += fallbacks or [policies._get_fallback()]
        today = fields.Date.today()
        return min(requirement.bound_on(today) for requirement in required)
