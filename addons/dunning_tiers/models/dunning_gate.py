import zlib
from collections import defaultdict
from datetime import timedelta

from odoo import api, models

from .. import const
from ..engine import ladder
from ..facts import Facts

#: A bank line that names nothing may pay an invoice that was made so many days later;
#: an older one would keep its customer from being reminded for ever.
PREPAID_DAYS = 60


class DunningGate(models.AbstractModel):
    """Decides which debts may be sent, with reasons.

    Proposal, forecast and sending ask the same checks. Another addon adds a check by
    extending :meth:`_get_checks`.
    """

    _name = "dunning.gate"
    _description = "Dunning Gate"

    # === RULES === #

    @api.model
    def _get_checks(self):
        """Names of the checks, in the order of their reasons.

        Each takes ``(debts, facts, options)`` and calls ``debt.stop(code, **detail)``
        for what speaks against sending. Codes are those of ``const.REASONS``.
        """
        return [
            "_check_entry",
            "_check_holds",
            "_check_ladder",
            "_check_payments",
            "_check_credits",
            "_check_notices",
            "_check_address",
            "_check_bank_data",
            "_check_hold_out",
            "_check_amount",
        ]

    @api.model
    def _judge(self, company, day, debts, own_notice=None, ignore_stale=False):
        """Decide about the debts: sets their level, reasons and amounts.

        :param company: the company whose debts they are
        :param date day: the day to judge
        :param debts: :class:`debts.Debt`
        :param own_notice: the notice that asks, which does not stop itself
        :param bool ignore_stale: a person said why old bank data are no reason
        :return: the :class:`facts.Facts` that were used
        """
        facts = Facts(self.env, company, day, debts)
        options = {"own_notice": own_notice, "ignore_stale": ignore_stale}
        for name in self._get_checks():
            getattr(self, name)(debts, facts, options)
        order = {code: rank for rank, code in enumerate(const.REASONS)}
        for debt in debts:
            debt.reasons.sort(key=lambda reason: order[reason["code"]])
        return facts

    @api.model
    def _check_entry(self, debts, facts, options):
        """Paid, excluded by a person, or without what a reminder needs."""
        for debt in debts:
            if debt.residual <= 0 or debt.balance <= 0:
                debt.stop("paid")
            if debt.no_followup:
                debt.stop("no_followup")
            if not debt.partner_id:
                debt.stop("no_partner")
            if debt.due is None:
                debt.stop("no_due_date")
            if debt.policy_id not in facts.policies:
                debt.stop("no_policy")

    @api.model
    def _check_holds(self, debts, facts, options):
        by_move = defaultdict(list)
        for debt in debts:
            by_move[debt.partner_id, debt.move_id].append(debt)
        for (partner_id, move_id), same in by_move.items():
            for hold in facts.holds.get(partner_id, ()):
                if hold.move_id and hold.move_id.id != move_id:
                    continue
                disputed = None
                if hold.kind == "dispute" and hold.move_id:
                    disputed = hold._get_disputed_amount()
                self._hold_debts(same, hold, disputed)

    @api.model
    def _hold_debts(self, debts, hold, disputed):
        """Hold all of the debts, or the disputed amount, from the first due on."""
        detail = {"hold": hold.id, "until": str(hold.date_end or "")}
        left = disputed
        for debt in sorted(debts, key=lambda debt: str(debt.due or "")):
            if left is not None:
                part = min(left, debt.asked)
                debt.disputed += part
                left -= part
                if debt.asked > 0:
                    continue
            debt.stop(const.HOLD_REASONS[hold.kind], **detail)

    @api.model
    def _check_ladder(self, debts, facts, options):
        for debt in debts:
            if debt.policy_id not in facts.policies:
                continue
            step = ladder.next_step(
                facts.ladders[debt.policy_id],
                debt.due,
                facts.day,
                facts.level_days.get(debt.last_level_id),
                debt.last_date,
            )
            debt.level = step.level
            debt.next_date = step.on
            if step.reason and step.reason != ladder.NO_DUE_DATE:
                debt.stop(step.reason, on=str(step.on or ""))

    @api.model
    def _check_payments(self, debts, facts, options):
        """Money that is on its way to the invoice, or may be."""
        partners, moves = facts.bank_lines
        for debt in debts:
            self._check_transaction(debt, facts)
            if debt.partner_id in facts.partners_with_payment:
                debt.stop("unmatched_credit")
            if debt.move_id in facts.moves_with_payment or debt.payment_state in (
                "in_payment",
                "paid",
            ):
                debt.stop("payment_linked")
            paid_on = partners.get(debt.partner_id)
            earliest = debt.booked - timedelta(days=PREPAID_DAYS)
            if debt.move_id in moves or (paid_on and paid_on >= earliest):
                debt.stop("bank_line")

    @api.model
    def _check_transaction(self, debt, facts):
        """An online payment under way; one that is stuck is for a person to look at."""
        policy = facts.policies.get(debt.policy_id)
        if debt.move_id not in facts.moves_with_transaction or not policy:
            return
        created, is_transfer = facts.moves_with_transaction[debt.move_id]
        if facts.day <= created + timedelta(days=policy.paid_claim_days):
            debt.stop("payment_pending")
        elif not is_transfer:
            debt.stop("payment_stuck", since=str(created))

    @api.model
    def _check_credits(self, debts, facts, options):
        """Unmatched payments and credit notes, in any currency.

        Credits worth as much as all that is overdue always stop. Smaller
        ones stop where the policy waits for matching and they are worth more than its
        minimum; elsewhere :meth:`_check_amount` deducts them.
        """
        overdue = self._group_overdue(debts)
        for partner_id, same in self._sendable_by(
            debts, lambda d: d.partner_id
        ).items():
            credits = facts.credits.get(partner_id)
            if not credits:
                continue
            total = sum(credit[3] for credit in credits)
            code = "credit_note" if all(c[4] for c in credits) else "unmatched_credit"
            asked = sum(map(self._asked_balance, overdue[partner_id]))
            for debt in same:
                policy = facts.policies[debt.policy_id]
                waits = policy.unmatched_credit == "block"
                if total >= asked or (waits and total >= policy.minimum_amount):
                    debt.stop(code, amount=total)

    @api.model
    def _group_overdue(self, debts):
        """Debts of each customer that nothing but time keeps from being asked for."""
        overdue = defaultdict(list)
        for debt in debts:
            codes = [reason["code"] for reason in debt.reasons]
            if all(const.REASONS[code][0] == const.WAIT for code in codes):
                overdue[debt.partner_id].append(debt)
        return overdue

    @api.model
    def _asked_balance(self, debt):
        """What is asked for, in the company's currency at the rate of the books."""
        return debt.balance * debt.asked / debt.residual if debt.residual else 0.0

    @api.model
    def _check_notices(self, debts, facts, options):
        """Other notices of the customer, and escalations."""
        own = options["own_notice"]
        own_id = own.id if own else None
        for debt in debts:
            policy = facts.policies.get(debt.policy_id)
            if debt.partner_id in facts.escalated_partners:
                debt.stop("escalated")
            notices = facts.open_groups.get(debt.group, set()) - {own_id}
            item = facts.open_items.get((debt.line_id, debt.cycle), own_id)
            if notices or item != own_id:
                debt.stop("open_notice")
            last = facts.last_notices.get(debt.group)
            if last and policy and debt.level:
                free_on = last + timedelta(days=policy.customer_gap_days)
                if facts.day < free_on:
                    debt.next_date = max(debt.next_date or free_on, free_on)
                    debt.stop("customer_gap", on=str(free_on))

    @api.model
    def _check_address(self, debts, facts, options):
        keys = {debt.level.key for debt in debts if debt.level is not None}
        levels = {
            level.id: (level.send_mail, level.print_letter, level.mail_template_id)
            for level in self.env["dunning.level"].sudo().browse(keys)
        }
        for debt in debts:
            if debt.level is None or debt.level.is_escalation:
                continue
            send_mail, print_letter, template = levels[debt.level.key]
            email, bounced, postal = self._get_address(debt, facts, options)
            by_letter = print_letter and postal
            if send_mail and email:
                if bounced or email in facts.undelivered:
                    debt.stop("bounced", email=email)
                if not template:
                    debt.stop("no_template")
            elif not by_letter:
                debt.stop("no_address")

    @api.model
    def _get_address(self, debt, facts, options):
        """(e-mail, has bounced, has a postal address) of who would get the notice."""
        if not options["own_notice"]:
            return facts.contacts.get(debt.partner_id, (None, None, False, False))[1:]
        # A person may have chosen another recipient.
        contact = options["own_notice"].contact_id
        return (
            contact.email_normalized,
            contact.message_bounce > 0 or contact.is_blacklisted,
            bool(contact.street and contact.city),
        )

    @api.model
    def _check_bank_data(self, debts, facts, options):
        if options["ignore_stale"] or facts.bank_age is None:
            return
        for debt in debts:
            policy = facts.policies.get(debt.policy_id)
            limit = policy.bank_max_age_days if policy else 0
            if limit and facts.bank_age > limit:
                debt.stop("stale_bank", last=str(facts.last_bank_date))

    @api.model
    def _check_hold_out(self, debts, facts, options):
        """The comparison group: always the same customers of a policy.

        What is so late that letters would have ended is no longer compared, but dunned.
        """
        for debt in debts:
            policy = facts.policies.get(debt.policy_id)
            levels = facts.ladders.get(debt.policy_id)
            if not levels or debt.due is None:
                continue
            if ladder.days_overdue(debt.due, facts.day) >= levels[-1].days:
                continue
            if self._in_share(policy.holdout_percent, f"{policy.id}:{debt.partner_id}"):
                debt.stop("hold_out")

    @api.model
    def _in_share(self, percent, key):
        """Whether the key falls in a share, the same way every time."""
        return zlib.crc32(key.encode()) % 10000 < percent * 100

    @api.model
    def _check_amount(self, debts, facts, options):
        """What the customer would be asked for, credits deducted, against the minimum."""
        currencies = self.env["res.currency"]
        minimums = {}
        for group, same in self._sendable_by(debts, lambda d: d.group).items():
            partner_id, currency_id = group
            currency = currencies.browse(currency_id)
            credits = [
                credit
                for credit in facts.credits.get(partner_id, ())
                if credit[1] == currency_id and credit[5]
            ]
            asked = sum(debt.asked for debt in same) - sum(c[2] for c in credits)
            worth = sum(map(self._asked_balance, same)) - sum(c[3] for c in credits)
            policy = self._leading_policy(same, facts)
            key = policy.id, currency_id
            if key not in minimums:
                minimums[key] = policy._get_minimum(currency)
            minimum = minimums[key]
            if minimum is None:
                # Without a minimum in this currency, the books' value is what counts:
                # no rate of today can turn it around or be missing.
                low = (
                    policy.currency_id.compare_amounts(worth, policy.minimum_amount) < 0
                )
            else:
                low = currency.compare_amounts(asked, minimum) < 0
            if low or currency.compare_amounts(asked, 0) <= 0:
                for debt in same:
                    debt.stop("below_minimum", amount=asked)

    @api.model
    def _leading_policy(self, debts, facts):
        """The policy of the debt that has climbed highest."""
        leading = max(debts, key=lambda debt: (debt.level.days, -debt.line_id))
        return facts.policies[leading.policy_id]

    @api.model
    def _sendable_by(self, debts, key):
        groups = defaultdict(list)
        for debt in debts:
            if debt.sendable and debt.partner_id:
                groups[key(debt)].append(debt)
        return groups

    # === WORDS === #

    @api.model
    def _prepare_verdict(self, reasons):
        """Values of verdict, main reason and reasons for an item or notice."""
        reasons = reasons or []
        code = reasons[0]["code"] if reasons else False
        return {
            "verdict": const.REASONS[code][0] if code else const.SEND,
            "reason": code,
            "reasons": reasons or False,
        }

    @api.model
    def _prepare_judged(self, debt, day):
        """Values of what was decided about a debt, for an item or a forecast's line."""
        return {
            "policy_id": debt.policy_id,
            "level_id": debt.level.key if debt.level else False,
            "move_id": debt.move_id,
            "partner_id": debt.partner_id,
            "currency_id": debt.currency_id,
            "date_maturity": debt.due,
            "days_overdue": ladder.days_overdue(debt.due, day),
            "amount_residual": debt.residual,
            "amount_asked": debt.asked,
            "next_date": debt.next_date,
            **self._prepare_verdict(debt.reasons),
        }

    @api.model
    def _describe(self, reasons):
        """The reasons as a sentence in the user's language."""
        labels = dict(
            self.env["dunning.item"]._fields["reason"]._description_selection(self.env)
        )
        return "; ".join(labels.get(reason["code"], "") for reason in reasons or ())
