from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .artisan_price_log import SYNC_LIMIT

#: Until when rules that begin or end have been looked at.
UNTIL = "artisan_pricing.price_log_until"


class ArtisanPriceLogTask(models.Model):
    """A price change of more products than can be logged at once.

    The job goes through the makers' products by their numbers, and keeps where it is: what
    is interrupted goes on from there, and what is done twice adds nothing.
    """

    _name = "artisan.price.log.task"
    _description = "Prices to Log"
    _order = "id"

    pricelist_id = fields.Many2one(
        "product.pricelist", readonly=True, ondelete="cascade", index=True
    )
    moment = fields.Datetime(
        readonly=True,
        help="From when the prices count; without one, from when it is found.",
    )
    position = fields.Integer(readonly=True, help="Number of the last product done.")

    @api.model
    def _add(self, pricelist_id, moment=False):
        """Have all prices of a pricelist logged by the job; once is enough.

        :param pricelist_id: False for the list prices
        """
        waiting = Domain("pricelist_id", "=", pricelist_id) & Domain("position", "=", 0)
        if not self.sudo().search_count(
            waiting & Domain("moment", "=", moment), limit=1
        ):
            self.sudo().create({"pricelist_id": pricelist_id, "moment": moment})
        self.env.ref("artisan_pricing.ir_cron_log_prices")._trigger()

    @api.model
    def _cron_log_prices(self):
        """Log prices of rules that began or ended, and of changes that concern many."""
        self._log_dated_rules()
        # All there are: they are few, and gone when they are done.
        tasks = self.search([("id", "!=", False)])
        self.env["ir.cron"]._commit_progress(remaining=len(tasks))
        for task in tasks.sorted(lambda task: (not task.moment, task.moment, task.id)):
            while task.try_lock_for_update().exists():
                is_done = task._log_next()
                if not self.env["ir.cron"]._commit_progress(int(is_done)):
                    return
                if is_done:
                    break

    def _log_next(self):
        """Log some products more; whether those were the last."""
        self.ensure_one()
        Product = self.env["product.product"].with_context(active_test=False)
        domain = Domain("maker_id", "!=", False) & Domain("id", ">", self.position)
        products = Product.search(domain, order="id", limit=SYNC_LIMIT)
        moment = self.moment or fields.Datetime.now()
        self.env["artisan.price.log"]._log(products, self.pricelist_id.id, moment)
        if len(products) < SYNC_LIMIT:
            self.unlink()
            return True
        self.position = products.ids[-1]
        return False

    @api.model
    def _log_dated_rules(self):
        """Log the prices of rules and price models that began or ended since last time,
        from the moment on that they did."""
        parameters = self.env["ir.config_parameter"].sudo()
        now = fields.Datetime.now()
        since = fields.Datetime.to_datetime(parameters.get_param(UNTIL)) or now
        if self.env["product.pricelist"]._get_logged_ids():
            for moment, items in self._get_turns(since, now):
                for pricelist_id, products in items._get_logged_prices():
                    if products is None:
                        self._add(pricelist_id, moment)
                    else:
                        self.env["artisan.price.log"]._log(
                            products, pricelist_id, moment
                        )
        parameters.set_param(UNTIL, fields.Datetime.to_string(now))

    @api.model
    def _get_turns(self, since, until):
        """When rules begin or end between two moments, in order.

        :return: [(moment, rules)]; a rule still counts at its end
        """
        items = self.env["product.pricelist.item"]
        turns = {}
        for field, late in (("date_start", 0), ("date_end", 1)):
            shift = timedelta(seconds=late)
            for path in (field, f"price_model_id.{field}"):
                found = items.search(
                    Domain(path, ">", since - shift) & Domain(path, "<=", until - shift)
                )
                for item in found:
                    moment = item.mapped(path)[0] + shift
                    turns[moment] = turns.get(moment, items) | item
        return sorted(turns.items(), key=lambda turn: turn[0])
