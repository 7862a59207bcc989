from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError


class MarketplaceFactMixin(models.AbstractModel):
    """Records whose read-only fields are facts: people correct copies, never these."""

    _name = "marketplace.fact.mixin"
    _description = "Marketplace Fact"

    @api.model
    def default_get(self, fields):
        """Override: a fact begins as its field says, whatever a user's defaults or context say."""
        names = super().default_get(fields)
        return self._convert_to_write(
            {
                name: self._fields[name].default(self)
                for name in names
                if self._fields[name].default
            }
        )

    def _as_system(self):
        """Return the records as the scheduler has them, in the language and company chosen.

        What comes of them is the same whoever imports or approves: no defaults of a user's
        own, and no context but what our own code adds from here on.
        """
        if self.env.uid == SUPERUSER_ID:
            return self
        company = self.env.company
        kept = ("lang", "tz", "allowed_company_ids")
        context = {key: value for key, value in self.env.context.items() if key in kept}
        system = self.with_env(self.env(user=SUPERUSER_ID, context=context, su=True))
        return system.with_company(company)

    def write(self, vals):
        """Refuse people what only the channel or the pipeline may say.

        :raises AccessError: a field that is read-only on the form
        """
        if not self.env.su:
            facts = sorted(name for name in vals if self._fields[name].readonly)
            if facts:
                raise AccessError(
                    self.env._(
                        "These fields are not for editing: %(names)s",
                        names=", ".join(facts),
                    )
                )
        return super().write(vals)
