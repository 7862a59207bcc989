from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError
from odoo.tools import clean_context

#: What is agreed with makers, and what they may do: managers and, where money goes,
#: accountants set it. No `groups` on these fields: a contact or user that anybody creates
#: comes with their defaults.
_AGREED = frozenset(
    (
        "is_maker",
        "maker_payout_bank_id",
        "commission_scheme_id",
        "maker_payout_minimum",
        "maker_payout_when",
        "maker_max_net_days",
        "has_max_net_days",
        "keeps_own_terms",
        "opening_minimum",
        "reorder_minimum",
        "maker_story_permission",
        "maker_price_permission",
        "maker_max_increase",
        "maker_max_decrease",
        "maker_agent_ids",
    )
)
#: A maker that is archived or becomes another's contact is locked out of the own pages.
_KEEPS_MAKERS = frozenset(("active", "parent_id"))


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: not everybody who may create contacts makes makers."""
        if not self._may_agree_with_makers():
            usual = self._get_usual_agreed()
            # A context may bring defaults of its own, and so may the user.
            given = self.default_get(list(_AGREED))
            for vals in vals_list:
                values = given | {name: vals[name] for name in _AGREED & set(vals)}
                self._check_agreed(
                    name
                    for name, value in values.items()
                    if (value or False) != (usual.get(name) or False)
                )
        return super().create(vals_list)

    def write(self, vals):
        """Override: not everybody who may edit contacts agrees prices with makers."""
        names = (_AGREED | _KEEPS_MAKERS) & set(vals)
        if names and not self._may_agree_with_makers():
            partners = self.sudo()
            makers = partners.filtered("is_maker")
            # What stays as it is, merged contacts write as well.
            self._check_agreed(
                name
                for name in names
                if (partners if name in _AGREED else makers)._is_other(name, vals[name])
            )
        return super().write(vals)

    @api.model
    def _get_usual_agreed(self):
        """Defaults that are no choice of who creates a contact: those of all users."""
        everybody = self.with_context(clean_context(self.env.context))
        everybody = everybody.with_user(SUPERUSER_ID).with_company(self.env.company)
        return everybody.default_get(list(_AGREED))

    def _is_other(self, name, value):
        """Whether a value to write differs from that of any of these."""
        field = self._fields[name]
        return any(
            (field.convert_to_write(partner[name], partner) or False)
            != (value or False)
            for partner in self
        )

    @api.model
    def _may_agree_with_makers(self):
        return (
            self.env.su
            or self.env.user.has_group("artisan_pricing.group_artisan_manager")
            or self.env.user.has_group("account.group_account_manager")
        )

    @api.model
    def _check_agreed(self, names):
        labels = sorted(
            self._fields[name]._description_string(self.env) for name in names
        )
        if labels:
            raise AccessError(
                self.env._(
                    "Only managers of makers' prices change what is agreed with makers: "
                    "%s.",
                    ", ".join(labels),
                )
            )
