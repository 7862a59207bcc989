from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..refund_match import find_sum
from .marketplace_refund import OPEN_STATES

#: A refund known from a payout and one known from an order are the same within these days.
SAME_DAYS = 3
DOUBLE_CODE = "refund_double"


class MarketplaceRefund(models.Model):
    """One credit note for the same money, whoever tells of it and in how many parts.

    A payout may state one sum for what the channel tells as several refunds. Whatever comes
    first is credited, the other is closed; what may be the same and adds up to no sum waits
    for a person.
    """

    _inherit = "marketplace.refund"

    payout_ref = fields.Char(
        string="Reference in the Payout",
        readonly=True,
        copy=False,
        help="What the payout calls this money; the same for several refunds that it states "
        "as one sum.",
    )
    is_double = fields.Boolean(
        readonly=True,
        copy=False,
        help="Other refunds hold the same money; it is counted and credited there.",
    )
    is_distinct = fields.Boolean(
        readonly=True,
        copy=False,
        help="A person said that no other refund holds this money.",
    )

    may_be_double = fields.Boolean(compute="_compute_may_be_double")

    @api.depends("issue_ids.state")
    def _compute_may_be_double(self):
        doubtful = self._get_double_issues(self).refund_id
        for refund in self:
            refund.may_be_double = refund in doubtful

    # === LIKENESS ===

    def _is_near(self, moment):
        """Tell whether a refund of the same order at that moment may be this one.

        :param moment: naive, in UTC; empty: nobody knows
        """
        self.ensure_one()
        return (
            not self.created_date
            or not moment
            or abs(self.created_date - moment) <= timedelta(days=SAME_DAYS)
        )

    def _get_own_amounts(self):
        """Return the refund with and without the marketplace's tax, as Decimal.

        Some sources leave that tax out.
        """
        self.ensure_one()
        return (
            Decimal(str(round(self.amount, 6))),
            Decimal(str(round(self.amount - self.marketplace_tax, 6))),
        )

    def _get_rivals(self, others):
        """Return which of other refunds may hold the same money as this one.

        One of a payout: all that the channel told and no other payout has. One that the
        channel told: what a payout told before and is credited.

        :param others: refunds of the same order
        """
        self.ensure_one()
        if self.is_distinct:
            return self.browse()
        of_payout = self.origin == "settlement"

        def is_rival(other):
            if (
                other == self
                or other.is_double
                or other.is_distinct
                or (other.origin == "settlement") == of_payout
                or "rest" in (self.origin, other.origin)
                or other.currency_id != self.currency_id
                or not self._is_near(other.created_date)
            ):
                return False
            known, ref = (other, self) if of_payout else (self, other)
            is_free = not known.payout_ref or known.payout_ref == ref.payout_ref
            return is_free and (of_payout or other.state == "credited")

        return others.filtered(is_rival)

    def _find_of_payout(self, values):
        """Return the refund of which a payout told before, by what the payout calls it.

        Where the payout now says another amount it is somebody else's money.

        :param values: see `_prepare_from_parsed`
        """
        told = self.filtered(
            lambda refund: (
                refund.payout_ref
                and refund.payout_ref == values["payout_ref"]
                and refund.origin != "settlement"
            )
        )
        same = told.filtered(lambda refund: refund._is_amount(values))
        (told - same).payout_ref = False
        return same[:1]

    # === SUMS OF A PAYOUT ===

    def _match_payout_sums(self):
        """Find the refunds that a payout states as one sum, and keep one of the two.

        ``self``: all refunds of some orders. Sums of a payout that came to nothing and wait
        to be credited are checked again: another refund may have come.
        """
        for refunds in self.grouped(lambda r: (r.channel_id, r.order_ref)).values():
            told = refunds.filtered(lambda refund: refund.origin != "settlement")
            sums = refunds - told
            sums = sums.filtered(lambda r: not r.is_double and not r.is_distinct)
            for payout in sums.sorted(
                lambda r: (r.created_date or r.create_date, r.id)
            ):
                members = payout._find_members(told)
                if members:
                    payout._join(members)
                elif payout._get_rivals(told):
                    payout._update_state(("ready",), "waiting")

    def _find_members(self, told):
        """Return the refunds that make up this sum of a payout, the nearest ones first.

        :param told: what the channel told of the same order
        """
        self.ensure_one()
        if any(refund.payout_ref == self.payout_ref for refund in told):
            return self.browse()
        moment = self.created_date or fields.Datetime.now()
        free = told.filtered(
            lambda refund: (
                not refund.payout_ref
                and refund.currency_id == self.currency_id
                and (refund.origin == "rest" or self._is_near(refund.created_date))
            )
        ).sorted(
            lambda refund: (
                refund.origin == "rest",
                abs((refund.created_date or moment) - moment),
                refund.id,
            )
        )
        for total in dict.fromkeys(self._get_own_amounts()):
            for amounts in zip(*(r._get_own_amounts() for r in free), strict=True):
                if places := find_sum(amounts, total):
                    return self.browse([free[place].id for place in places])
        return self.browse()

    def _join(self, members):
        """Credit the same money once: as this sum where that is done, else as its parts.

        :param members: what the channel told of the money that this sum of a payout is
        """
        self.ensure_one()
        refs = ", ".join(members.mapped("external_ref"))
        if self.state != "credited":
            double, message = self, self.env._("Credited as %(refs)s", refs=refs)
        elif "credited" in members.mapped("state"):
            self._add_issue(DOUBLE_CODE, self._get_double_message(members))
            return
        else:
            double = members
            message = self.env._("Credited with %(ref)s", ref=self.external_ref)
        self._get_double_issues(self | members)._close("resolved")
        members.payout_ref = self.payout_ref
        double.is_double = True
        double._update_state((*OPEN_STATES, "cancelled"), "cancelled", message)
        (members - double)._update_state(("exception",), "waiting")

    def _leave_payout(self):
        """Take apart what was taken for one sum of a payout, as an amount is another now."""
        refs = set(self.mapped("payout_ref")) - {False, ""}
        if not refs:
            return
        group = self.search(
            Domain("channel_id", "in", self.channel_id.ids)
            & Domain("order_ref", "in", self.mapped("order_ref"))
            & Domain("payout_ref", "in", list(refs))
        )
        doubles = group.filtered("is_double")
        doubles.is_double = False
        doubles.filtered(lambda refund: not refund.is_dropped)._update_state(
            ("cancelled",), "waiting"
        )
        group.filtered(lambda refund: refund.origin != "settlement").payout_ref = False

    # === WHAT MAY BE THE SAME ===

    def _hold_doubles(self):
        """Send to review what may be the same money as another refund; return it."""
        others = self.search(Domain("order_id", "in", self.order_id.ids))
        by_order = others.grouped("order_id")
        held = self.browse()
        for refund in self:
            rivals = refund._get_rivals(by_order[refund.order_id])
            if rivals:
                refund._send_to_review(DOUBLE_CODE, refund._get_double_message(rivals))
                held |= refund
        return held

    def _get_double_message(self, rivals):
        """Return what a person has to compare: this refund and what may be the same."""
        self.ensure_one()
        payouts = (self | rivals).filtered(lambda r: r.origin == "settlement")
        told = (self | rivals) - payouts
        return self.env._(
            "A payout gave back %(payouts)s, and the channel tells of %(refunds)s: it may be "
            "the same money.",
            payouts=", ".join(refund._get_words() for refund in payouts),
            refunds=", ".join(refund._get_words() for refund in told),
        )

    def _get_words(self):
        self.ensure_one()
        day = format_date(self.env, self.created_date) if self.created_date else ""
        return f"{self.currency_id.format(self.amount)} ({self.external_ref}, {day})"

    @api.model
    def _get_double_issues(self, refunds):
        return refunds.issue_ids.filtered(
            lambda issue: issue.code == DOUBLE_CODE and issue.state == "open"
        )

    def action_credit_separately(self):
        """Credit refunds of which a person says that no other holds their money.

        :raises UserError: none of them waits for that
        """
        self.check_access("write")
        refunds = self.sudo().filtered(
            lambda refund: (
                refund.state == "exception" and self._get_double_issues(refund)
            )
        )
        if not refunds:
            raise UserError(
                self.env._("None of these refunds waits for that decision.")
            )
        refunds.is_distinct = True
        self._get_double_issues(refunds)._close("accepted")
        refunds._requeue()

    # === ORDERS BY THEIR NUMBER ===

    @api.model
    def _adopt_orders(self, channel, refs):
        """Give refunds that came before their order the order, also by its number.

        :param refs: {reference: `marketplace.order`} of orders that are there now
        """
        names = {name for order in refs.values() if (name := order.name)}
        if refs:
            self.search(
                Domain("channel_id", "=", channel.id)
                & Domain("order_id", "=", False)
                & Domain("order_ref", "in", list(names | refs.keys()))
            )._match_orders()

    def _match_orders(self):
        """Find the orders that came after their refunds, by reference, else by number."""
        loose = self.filtered(lambda refund: refund.order_ref and not refund.order_id)
        for channel, refunds in loose.grouped("channel_id").items():
            orders = self.env["marketplace.order"]._get_by_any_ref(
                channel, set(refunds.mapped("order_ref"))
            )
            renamed = self.browse()
            for refund in refunds.filtered(
                lambda r, found=orders: r.order_ref in found
            ):
                order = orders[refund.order_ref]
                if order.external_ref == refund.order_ref:
                    refund.order_id = order
                else:
                    renamed |= refund
            renamed._rename(orders)

    def _rename(self, orders):
        """Call refunds by their order's reference; what is known under that one is closed.

        :param orders: {what the refunds call it: `marketplace.order`}
        """
        if not self:
            return
        known = self.search(
            Domain("channel_id", "in", self.channel_id.ids)
            & Domain("order_ref", "in", [o.external_ref for o in orders.values()])
        )
        taken = {(refund.order_ref, refund.external_ref) for refund in known}
        for refund in self:
            order = orders[refund.order_ref]
            names = refund._prepare_names(order)
            if (order.external_ref, names["external_ref"]) in taken:
                refund.write({"order_id": order.id, "is_double": True})
                message = self.env._("Known as %(ref)s", ref=names["external_ref"])
                refund._update_state(OPEN_STATES, "cancelled", message)
                refund.issue_ids._close("resolved")
            else:
                taken.add((order.external_ref, names["external_ref"]))
                refund.write({**names, "order_id": order.id})

    def _prepare_names(self, order):
        """Return the references that name the order, as its own reference has it."""
        self.ensure_one()
        old, new = f"{self.order_ref}:", f"{order.external_ref}:"

        def rename(ref):
            return new + ref.removeprefix(old) if ref and ref.startswith(old) else ref

        return {
            "order_ref": order.external_ref,
            "external_ref": rename(self.external_ref),
            "payout_ref": rename(self.payout_ref),
        }


class MarketplaceOrder(models.Model):
    """Orders by whatever a payout calls them."""

    _inherit = "marketplace.order"

    @api.model
    def _get_by_any_ref(self, channel, refs):
        """Return {what it is called: order} of one channel, in two searches at most.

        By the channel's reference, else by the number where only one order has it.

        :param refs: set of references and numbers
        """
        # The company is compared with the line's as each is written.
        mine = Domain("channel_id", "=", channel.id)
        orders = self.search_fetch(
            mine & Domain("external_ref", "in", list(refs)),
            ["external_ref", "company_id"],
        )
        found = {order.external_ref: order for order in orders}
        left = refs - found.keys()
        if left:
            named = self.search_fetch(
                mine & Domain("name", "in", list(left)), ["name", "company_id"]
            )
            for name, group in named.grouped("name").items():
                if len(group) == 1:
                    found[name] = group
        return found
