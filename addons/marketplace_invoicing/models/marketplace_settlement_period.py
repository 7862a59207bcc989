from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .marketplace_order_settlement import SETTLED_STATES
from .marketplace_settlement import OPEN_STATES


class MarketplaceSettlement(models.Model):
    """Periods of an account whose report states no balances: a person confirms what is left.

    Etsy's monthly statement has deposits and no balance. Sales of the last days are paid out in
    the next month, so what is not paid out yet is the account's balance at the month's end. It is
    a figure that the channel shows elsewhere: never taken over unseen.
    """

    _inherit = "marketplace.settlement"

    is_period = fields.Boolean(
        readonly=True,
        help="A period of the account without stated balances, not one payout: what is not "
        "paid out stays on the account and opens the next period.",
    )
    closing_confirmed_id = fields.Many2one(
        "res.users",
        string="Balance Confirmed by",
        readonly=True,
        copy=False,
        help="Compared the balance at the end with the channel's account.",
    )

    # === PIPELINE ===

    def _map_and_check(self):
        """Override: a period begins with what the one before it left."""
        for settlement in self.filtered(lambda s: s.state == "draft" and s.is_period):
            if not settlement.opening_stated:
                previous = settlement._get_previous_period()
                is_next = settlement._follows(previous)
                settlement.opening_balance = previous.closing_balance if is_next else 0
        return super()._map_and_check()

    def _get_period_domain(self):
        """Return the domain of the other periods of this account's reports."""
        self.ensure_one()
        return (
            self._others_domain()
            & Domain("is_period", "=", True)
            & Domain("format", "=", self.format)
        )

    def _get_previous_period(self):
        """Return the period before this one, whether or not there is one in between."""
        self.ensure_one()
        if not self.period_start:
            return self.browse()
        return self.search(
            self._get_period_domain() & Domain("period_start", "<", self.period_start),
            order="period_start desc",
            limit=1,
        )

    def _get_next_periods(self):
        self.ensure_one()
        return self.search(
            self._get_period_domain() & Domain("period_start", ">", self.period_start),
            order="period_start",
        )

    def _follows(self, previous):
        """Tell whether this is the month after another one."""
        self.ensure_one()
        mine, theirs = self.period_start, previous.period_start
        return bool(
            theirs and (mine.year - theirs.year) * 12 + mine.month - theirs.month == 1
        )

    # === CHECKS ===

    def _filter_unconfirmed(self):
        """Return the periods of which something is left that nobody has confirmed."""
        return self.filtered(
            lambda s: (
                s.is_period
                and not s.total_stated
                and (s.closing_confirmed_id or not s.closing_stated)
                and not (s.currency_id or s.company_currency_id).is_zero(s.imbalance)
            )
        )

    def _check_period_balance(self):
        """Ask for the balance at the end of a period, oldest period first."""
        findings = []
        unconfirmed = self._filter_unconfirmed()
        for settlement in self.filtered("is_period"):
            previous = settlement._get_previous_period()
            if previous.state in OPEN_STATES and previous._filter_unconfirmed():
                message = self.env._(
                    "Begins with what %(name)s left: confirm its balance first",
                    name=previous.name,
                )
            elif settlement in unconfirmed:
                message = self.env._(
                    "%(payout)s of %(lines)s were paid out: %(rest)s stay on the account. Is "
                    "this what the channel's account shows at the end of the period?",
                    payout=settlement._format(settlement.amount_payout),
                    lines=settlement._format(
                        settlement.lines_amount + settlement.opening_balance
                    ),
                    rest=settlement._format(
                        settlement._get_rest(settlement.opening_balance)
                    ),
                )
            else:
                continue
            findings.append(
                settlement._finding(
                    "settlement_balance", message, key=settlement.external_ref
                )
            )
        return findings

    def _get_rest(self, opening):
        """Return what the account holds at the end, by what it held before."""
        self.ensure_one()
        currency = self.currency_id or self.company_currency_id
        return currency.round(opening + self.lines_amount - self.amount_payout)

    # === ACTIONS ===

    def action_open_balance(self):
        """Ask whether the channel's account shows what is left."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Confirm Balance"),
            "res_model": "marketplace.settlement.balance",
            "view_mode": "form",
            "target": "new",
            "context": {"default_settlement_id": self.id},
        }

    def _confirm_balance(self, opening):
        """Take over what a person has compared with the channel's account.

        :param opening: what it held before, in the settlement's currency
        :raises UserError: not a period that waits for it
        """
        self.ensure_one()
        self.check_access("write")
        settlement = self.sudo()
        if not settlement.is_period or settlement.state not in OPEN_STATES:
            raise UserError(
                self.env._("Only a period that is not booked waits for its balance.")
            )
        settlement.write(
            {
                "opening_balance": opening,
                "opening_stated": True,
                "closing_balance": settlement._get_rest(opening),
                "closing_stated": True,
                "closing_confirmed_id": self.env.uid,
                "approval": "none",
                "approved_by_id": False,
            }
        )
        settlement._log_balance()
        settlement._requeue()
        settlement._tell_next_period()

    def _log_balance(self):
        self.ensure_one()
        self._message_log(
            body=self.env._(
                "Balance before: %(opening)s, balance after: %(closing)s, as the channel's "
                "account shows.",
                opening=self._format(self.opening_balance),
                closing=self._format(self.closing_balance),
            )
        )

    def _tell_next_period(self):
        """Let the next periods begin with what is left now, or say that one began otherwise."""
        self.ensure_one()
        following = self._get_next_periods()
        booked = following[:1].filtered(lambda s: s.state in SETTLED_STATES)
        if booked and self.currency_id.compare_amounts(
            booked.opening_balance, self.closing_balance
        ):
            booked._add_issue(
                "settlement_gap",
                self.env._(
                    "Begins with %(opening)s, but %(previous)s ended with %(closing)s",
                    opening=booked._format(booked.opening_balance),
                    previous=self.name,
                    closing=self._format(self.closing_balance),
                ),
                key=booked.external_ref,
                severity="warning",
            )
        following.filtered(lambda s: s.state in OPEN_STATES)._requeue()
