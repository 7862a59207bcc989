from dataclasses import dataclass
from datetime import datetime

from odoo import api, models

from ..engine.tiers import Ladder
from ..registry_cache import kept


@dataclass(frozen=True, slots=True)
class PriceModelFacts:
    """What prices are made of: each order that is made asks for it.

    :ivar ladder: the engine's, in the currency of the price model
    """

    active: bool
    maker_id: int
    company_id: int
    currency_id: int
    mode: str
    scope: str
    counts_history: bool
    date_start: datetime
    date_end: datetime


class ArtisanPriceModel(models.Model):
    _inherit = "artisan.price.model"

    def _get_facts(self):
        """What is known of a price model without reading it: :class:`PriceModelFacts`.

        Of none, as long as a rule has none in a form, nothing.
        """
        if isinstance(self.id, int):
            return self._find_facts(self.id)
        return self.sudo()._make_facts()

    def _get_own_ladder(self) -> Ladder:
        """The engine's ladder in the currency of the price model, without reading it."""
        self.ensure_one()
        if isinstance(self.id, int):
            return self._find_ladder(self.id)
        return self.sudo()._make_ladder()

    @api.model
    @kept("model_id")
    def _find_facts(self, model_id):
        return self.sudo().browse(model_id)._make_facts()

    @api.model
    @kept("model_id")
    def _find_ladder(self, model_id):
        return self.sudo().browse(model_id)._make_ladder()

    def _make_facts(self):
        return PriceModelFacts(
            self.active,
            self.maker_id.id,
            self.company_id.id,
            self.currency_id.id,
            self.mode,
            self.scope,
            self.counts_history,
            self.date_start,
            self.date_end,
        )
