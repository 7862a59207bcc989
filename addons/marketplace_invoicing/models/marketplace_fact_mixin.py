from odoo import models
from odoo.exceptions import AccessError


class MarketplaceFactMixin(models.AbstractModel):
    """Records whose read-only fields are facts: people correct copies, never these."""

    _name = "marketplace.fact.mixin"
    _description = "Marketplace Fact"

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
