from odoo import api, fields, models

from ..engine import prior_price
from ..engine.prior_price import DAYS
from ..registry_cache import forget, kept


class ResCompany(models.Model):
    _inherit = "res.company"

    logs_list_prices = fields.Boolean(
        help="List prices of makers' products are logged, for orders without a pricelist.",
    )
    prior_price_shortest_days = fields.Integer(
        default=DAYS,
        help="What has been on the market for less than 30 days may be announced as cheaper "
        "after this many. 30 where the law has no shorter time.",
    )
    prior_price_growing = fields.Boolean(
        help="Cuts that grow without a rise in between name the price before the first one."
    )
    prior_price_growing_days = fields.Integer(
        help="Days after the first cut for which that holds; 0 for any time."
    )

    _prior_price_days = models.Constraint(
        f"CHECK (prior_price_shortest_days BETWEEN 0 AND {DAYS} "
        "AND COALESCE(prior_price_growing_days, 0) >= 0)",
        "Days on the market are from 0 to 30, days of growing cuts are not below 0.",
    )

    def write(self, vals):
        """Override of `base` to begin the log of list prices."""
        if vals.get("logs_list_prices") and not self._logs_list_prices():
            self.env["artisan.price.log"].sudo()._log_all(False)
        res = super().write(vals)
        if "logs_list_prices" in vals:
            forget(self.env)
            if vals["logs_list_prices"]:
                self.env["artisan.price.log.task"]._add(False)
        return res

    @api.model
    @kept()
    def _logs_list_prices(self):
        """Whether any company keeps a log of list prices; products may be common."""
        return bool(
            self.sudo().search_count([("logs_list_prices", "=", True)], limit=1)
        )

    def _get_prior_price(self, log, cut_began):
        """What may be printed as "was" of a cut, by the law of the company's place.

        :param log: entries of one product and pricelist, oldest first
        :param cut_began: datetime
        :return: :class:`.engine.prior_price.PriorPrice`
        """
        self.ensure_one()
        first = self.prior_price_growing and self._get_first_cut(log, cut_began)
        return prior_price.prior_price(
            log,
            cut_began,
            first_cut_began=first or None,
            shortest_days=self.prior_price_shortest_days,
            longest_progress_days=self.prior_price_growing_days or None,
        )

    @api.model
    def _get_first_cut(self, log, cut_began):
        """The moment from which on prices only fell, up to a cut."""
        first, last = cut_began, None
        for entry in reversed([each for each in log if each.moment <= cut_began]):
            if entry.price is None or (last and entry.price < last.price):
                break
            if last and entry.price > last.price:
                first = last.moment
            last = entry
        return first
