from datetime import timedelta

from odoo import models
from odoo.fields import Domain

#: A day has another date in another time zone.
NEXT_DAY = timedelta(days=1)


class MarketplaceRefund(models.Model):
    """Which refund another source told of before, under another name."""

    _inherit = "marketplace.refund"

    def _find_same(self, values, stated):
        """Return the refund that was told of under another reference, the nearest one first.

        :param values: see `_prepare_from_parsed`
        :param stated: pairs (order reference, reference) of this statement: refunds that it
            tells apart itself are never the same
        """
        moment = values["created_date"]
        same = self.filtered(
            lambda refund: (
                (refund.order_ref or "", refund.external_ref) not in stated
                and refund._is_same_money(values)
            )
        )

        def get_distance(refund):
            known = moment and refund.created_date
            days = abs(refund.created_date - moment) if known else timedelta.max
            return refund.origin == "rest", days, refund.id

        return same.sorted(get_distance)[:1]

    def _is_same_money(self, values):
        """Tell whether a stated refund is this one under another name.

        The same amount, near in time. What payouts call two refunds, or what the channel's
        own data call two, are two: only a name of our own making may hide a known one. What
        was only known from the order's status has no moment of its own.

        :param values: see `_prepare_from_parsed`
        """
        self.ensure_one()
        moment = values["created_date"]
        if self.is_double or not self._is_amount(values):
            return False
        if self.origin == "rest":
            return True
        of_payout = values["origin"] == "settlement"
        known, name = self._get_name(of_payout), values["external_ref"]
        if not known:
            return self._is_near(moment)
        if known == name or self._is_made_up(known) == self._is_made_up(name):
            return known == name
        if not of_payout:
            return not self.created_date or self.created_date == moment
        return (
            not self.created_date
            or not moment
            or abs(self.created_date - moment) <= NEXT_DAY
        )

    def _get_name(self, of_payout):
        """Return what payouts, or else the channel's own data, call this refund; maybe empty."""
        self.ensure_one()
        is_from_payout = self.origin == "settlement"
        if of_payout:
            return self.payout_ref or (self.external_ref if is_from_payout else "")
        return "" if is_from_payout else self.external_ref

    def _is_made_up(self, name):
        """Tell whether a reference is of our own making: the order's, and what tells more."""
        self.ensure_one()
        return name.startswith(f"{self.order_ref}:")

    def _is_amount(self, values):
        """Tell whether it is the same money; some leave out the marketplace's tax."""
        self.ensure_one()
        stated = values["amount"]
        amounts = {stated, stated - values["marketplace_tax"]}
        own = {self.amount, self.amount - self.marketplace_tax}
        return any(
            not self.currency_id.compare_amounts(one, other)
            for one in own
            for other in amounts
        )

    def _note_payout(self, values):
        """Remember that a payout has this money, and what it calls it; its id counts more."""
        self.ensure_one()
        name, known = values["payout_ref"], self.payout_ref
        if name and (
            not known or (self._is_made_up(known) and not self._is_made_up(name))
        ):
            self.payout_ref = name

    def _match_again(self):
        """Look once more for sums of payouts among all refunds of these refunds' orders.

        Two workers may have staged the same money before its order was there.
        """
        others = self.search(
            Domain("order_id", "in", self.order_id.ids)
            & Domain("id", "not in", self.ids)
        )
        if others:
            orders = others.order_id
            (
                others | self.filtered(lambda r: r.order_id in orders)
            )._match_payout_sums()


class MarketplaceOrder(models.Model):
    """Workers that know an order by what was true before its refunds changed."""

    _inherit = "marketplace.order"

    def _outdate_other_workers(self):
        """Make workers that do not see this change of an order's refunds start over.

        Two may learn of the same money at once, from the order and from a payout. Both write
        the order's row, so PostgreSQL lets only the first commit; the other is tried again,
        and then finds the refund.
        """
        if self:
            self.env.cr.execute(
                """
                WITH taken AS (
                    SELECT id FROM marketplace_order WHERE id = ANY(%s)
                    ORDER BY id FOR NO KEY UPDATE
                )
                UPDATE marketplace_order SET write_date = write_date
                WHERE id IN (SELECT id FROM taken)
                """,
                [sorted(self.ids)],
            )
