from dataclasses import dataclass

from odoo import api, models
from odoo.exceptions import AccessError

from ..strictness import Laws, Traits

#: So many products are named in a message.
NAMED = 5


@dataclass(frozen=True, slots=True)
class Change:
    """What a product, or all those of a category, were and are.

    :param name: of the product or category
    :param company: whose product it is; empty for all
    """

    name: str
    company: object
    before: Traits
    after: Traits


class AgeDeclassification(models.AbstractModel):
    """Nobody gets an order through by editing the product.

    Anybody who edits products may make them stricter. To ask less of buyers than before is
    the age managers' decision, and an incident tells who made it. Either way what is
    confirmed is judged again.
    """

    _name = "age.declassification"
    _description = "Declassification of Age-Restricted Products"

    @api.model
    def _check(self, changes):
        """Look at changes that were just made.

        :param changes: :class:`Change`
        :raises AccessError: one asks less than before, and the user is no age manager
        """
        changes = [change for change in changes if change.before != change.after]
        if not changes:
            return
        companies = self.env.user.company_ids.union(*(c.company for c in changes))
        laws = Laws(self.env, companies)
        looser = [ch for ch in changes if laws.is_looser(ch.before, ch.after)]
        if looser:
            self._check_right([change.name for change in looser])
            self._record(looser)
        if any(ch.before.is_restricted or ch.after.is_restricted for ch in changes):
            self._wake_up()

    @api.model
    def _check_right(self, names):
        """:raises AccessError: the user may not ask less of buyers"""
        if self.env.su or self._is_manager():
            return
        raise AccessError(
            self.env._(
                "Only managers of age verification may ask less of buyers than before: %s",
                ", ".join([*names[:NAMED], *(["…"] if names[NAMED:] else [])]),
            )
        )

    @api.model
    def _is_manager(self):
        return self.env.user.has_group("age_verification.group_age_manager")

    @api.model
    def _record(self, changes):
        """An incident for each change, in each company that it is about."""
        self.env["age.incident"]._record(
            [
                {
                    "kind": "declassified",
                    "company_id": company.id,
                    "document": change.name,
                    "note": self._describe(change),
                }
                for change in changes
                for company in change.company or self.env.user.company_ids
            ]
        )

    @api.model
    def _describe(self, change):
        return self.env._(
            "%(name)s: %(before)s → %(after)s",
            name=change.name,
            before=self._describe_traits(change.before),
            after=self._describe_traits(change.after),
        )

    @api.model
    def _describe_traits(self, traits):
        labels = dict(
            self.env["product.template"]
            ._fields["age_distilled"]
            ._description_selection(self.env)
        )
        words = [
            traits.product_class.name or self.env._("no class"),
            f"{traits.age_abv:g} %" if traits.age_abv else "",
            labels.get(traits.age_distilled, ""),
        ]
        return ", ".join(filter(None, words))

    @api.model
    def _wake_up(self):
        """Judge what is confirmed again soon, as every night."""
        cron = self.env.ref(
            "age_verification.ir_cron_judge_again", raise_if_not_found=False
        )
        if cron:
            cron.sudo()._trigger()
