from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date, plaintext2html

#: What the seller has nothing to answer any more.
ANSWERED = ("review", "won", "lost")
DECIDED = ("won", "lost")
#: No platform waits longer for an answer: a later deadline is not believed.
LONGEST_ANSWER = timedelta(days=180)
#: What changes while a claim goes on, and moves no money.
CLAIM_FIELDS = ("dispute_status", "respond_by")


class MarketplaceSettlement(models.Model):
    """Claims of buyers that a settlement tells of."""

    _inherit = "marketplace.settlement"

    @api.model
    def _stage(self, channel, records, import_record=None):
        """Override: claims and refunds count before the payout that holds them is known.

        Claims also of payouts that wait for a person: the channel does not.
        """
        result = super()._stage(channel, records, import_record)
        touched = result["created"] | result["updated"]
        waiting = touched.filtered("is_waiting")
        waiting._match_orders()
        lines = (touched - waiting).sudo().line_ids
        lines.filtered("is_dispute")._match_to_orders()
        return result

    def _note_changes(self, facts, new_lines, changed_lines):
        """Override: how a claim stands is no part of the entry and is taken over."""
        changed, touched = [], self.env["marketplace.settlement.line"]
        for line, values in changed_lines:
            stated = {name: values[name] for name in CLAIM_FIELDS if name in values}
            if stated:
                line.write(stated)
                touched |= line
            if values.keys() - stated.keys():
                changed.append((line, values))
        result = super()._note_changes(facts, new_lines, changed)
        touched._match_to_orders()
        return result


class MarketplaceSettlementLine(models.Model):
    """Money that a buyer's claim took, and how the claim goes on.

    A claim is told by several lines, of several files: the announcement with its deadline,
    the money that is taken, and the money that comes back. They have its reference, or the
    payment's, in common.
    """

    _inherit = "marketplace.settlement.line"

    is_dispute_noted = fields.Boolean(
        readonly=True, copy=False, help="Somebody was told of this claim."
    )
    is_dispute_decided = fields.Boolean(
        readonly=True, copy=False, help="Somebody was told how this claim ended."
    )
    dispute_activity_id = fields.Many2one(
        "mail.activity",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="What the responsible of the channel has to do about the claim.",
    )

    # === MATCHING ===

    def _match_to_orders(self):
        """Override: the responsible of the channel learns of every new claim."""
        self.sudo()._find_disputed_orders()
        result = super()._match_to_orders()
        self.sudo()._note_disputes()
        return result

    def _find_disputed_orders(self):
        """Name the order of claims that only name the payment, as its other lines do."""
        nameless = self.filtered(
            lambda line: line.is_dispute and not line.order_ref and line.reference
        )
        if not nameless:
            return
        known = self.search(
            Domain("channel_id", "in", nameless.channel_id.ids)
            & Domain("reference", "in", nameless.mapped("reference"))
            & Domain("order_ref", "not in", (False, ""))
        )
        refs = {(line.channel_id, line.reference): line.order_ref for line in known}
        for line in nameless:
            if ref := refs.get((line.channel_id, line.reference)):
                line.order_ref = ref

    def _take_over_dispute(self, announcement):
        """Learn of a claim what the channel announced; its status is the newest one.

        :param announcement: line of no payout that tells of the claim
        """
        self.filtered(lambda line: not line.respond_by).write(
            {"respond_by": announcement.respond_by, "is_dispute": True}
        )
        loose = self.filtered(lambda line: not line.order_ref)
        loose.order_ref = announcement.order_ref
        if announcement.is_dispute_noted:
            self.write(
                {
                    "is_dispute_noted": True,
                    "dispute_activity_id": announcement.dispute_activity_id.id,
                }
            )
        # What came back says itself that the claim is won.
        taken = self.filtered(lambda line: line.amount < 0)
        taken.dispute_status = announcement.dispute_status or taken[:1].dispute_status
        self._match_to_orders()

    # === NOTES ===

    def _note_disputes(self):
        """Tell once of each claim whose order is known, whatever files repeat it."""
        claims = self.filtered(lambda line: line.is_dispute and line.order_id)
        if not claims:
            return
        known = self.search(
            Domain("order_id", "in", claims.order_id.ids)
            & Domain("is_dispute", "=", True)
        )
        new = claims.filtered(
            lambda line: not line.is_dispute_noted and line.amount <= 0
        )
        told = defaultdict(self.browse)
        for lines in new._group_by_claim():
            noted = known._get_same_claim(lines).filtered("is_dispute_noted")
            if not noted:
                told[lines.order_id] |= lines
            else:
                lines.dispute_activity_id = noted.dispute_activity_id[:1]
        for order, lines in told.items():
            lines._note_dispute(order)
        new.is_dispute_noted = True
        for lines in claims.filtered(
            lambda line: line.dispute_status in ANSWERED
        )._group_by_claim():
            known._get_same_claim(lines)._note_progress(lines)

    def _group_by_claim(self):
        """Return the lines of each claim, as a list of recordsets."""
        return list(
            self.grouped(lambda line: (line.order_id, line.refund_ref or "")).values()
        )

    def _get_same_claim(self, lines):
        """Return which of these lines tell of the same claim: by its id, or the payment's."""
        refs = set(lines.mapped("refund_ref")) - {False, ""}
        payments = set(lines.mapped("reference")) - {False, ""}
        return self.filtered(
            lambda line: (
                line.order_id == lines.order_id
                and (
                    (line.refund_ref or "") in (refs or {""})
                    or line.reference in payments
                )
            )
        )

    def _get_responsible(self, order):
        """Return the user who answers: the channel's, else who imported the payout."""
        imported_by = self.settlement_id.import_ids.user_id[-1:]
        return order.channel_id.user_id or imported_by or self.env.user

    def _get_claims_without(self, statuses):
        """Return the lines of claims that stand in none of these ways, nor were decided."""
        return self.browse().union(
            *(
                lines
                for lines in self._group_by_claim()
                if not set(lines.mapped("dispute_status")) & set(statuses)
                and not any(lines.mapped("is_dispute_decided"))
            )
        )

    def _get_other_claims(self, order):
        """Return the lines of the order's other claims that are not decided."""
        lines = self.search(
            Domain("order_id", "=", order.id) & Domain("is_dispute", "=", True)
        )
        return (lines - self)._get_claims_without(DECIDED)

    def _note_dispute(self, order):
        """Give the channel's responsible an activity with the deadline of the claims.

        One for an order: further claims join the one that is open. Nobody has to answer what
        is answered or decided.

        :param order: the `marketplace.order` that these lines, maybe of several claims, are of
        """
        waiting = self._get_claims_without(ANSWERED)
        if not waiting:
            return
        noted = self.search(
            Domain("order_id", "=", order.id)
            & Domain("dispute_activity_id", "!=", False)
        )
        activity = noted.dispute_activity_id.filtered("active")[:1]
        if activity:
            waiting.dispute_activity_id = activity
            joined = noted.filtered(lambda line: line.dispute_activity_id == activity)
            activity.write((joined | waiting)._prepare_claim_activity(order))
        else:
            waiting.dispute_activity_id = order.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=self._get_responsible(order).id,
                **waiting._prepare_claim_activity(order),
            )

    def _prepare_claim_activity(self, order):
        """Return the deadline and the text of the activity for the claims of these lines."""
        amounts = ", ".join(
            currency.format(-sum(lines.mapped("amount")))
            for currency, lines in self.grouped("currency_id").items()
        )
        count, newest = len(self._group_by_claim()), self.sorted("id")[-1:]
        text = newest.description or newest.code or ""
        if count == 1:
            note = self.env._(
                "%(amount)s is disputed: %(text)s", amount=amounts, text=text
            )
        else:
            note = self.env._(
                "%(count)s claims are open, %(amount)s is disputed, the newest: %(text)s",
                count=count,
                amount=amounts,
                text=text,
            )
        day, stated = self._get_answer_day(order), self._get_stated_day(order)
        if stated and stated != day:
            doubt = self.env._(
                "The channel states %(day)s as the deadline; that is not believed.",
                day=format_date(self.env, stated),
            )
            note = f"{note}\n{doubt}"
        return {
            "date_deadline": day,
            "summary": self.env._("Answer the buyer's claim"),
            "note": plaintext2html(note),
        }

    def _get_stated_day(self, order):
        """Return the first day until which one of these claims is to be answered; or None."""
        moments = [line.respond_by for line in self if line.respond_by]
        return order._to_local_date(min(moments)) if moments else None

    def _get_answer_day(self, order):
        """Return until when to answer: today where nobody says it, in half a year at most."""
        today = fields.Date.context_today(self)
        return min(self._get_stated_day(order) or today, today + LONGEST_ANSWER)

    def _note_progress(self, lines):
        """End the activity of claims that need no answer; say once how one was decided.

        :param lines: those of these lines that say how the claim stands
        """
        status = lines._get_newest_status()
        label = dict(self._fields["dispute_status"]._description_selection(self.env))
        for activity in self.dispute_activity_id.filtered("active"):
            others = self.search([("dispute_activity_id", "=", activity.id)]) - self
            if others:
                self.dispute_activity_id = False
                activity.write(others._prepare_claim_activity(lines.order_id))
            else:
                activity.action_feedback(feedback=label[status])
        if status in DECIDED and not any(self.mapped("is_dispute_decided")):
            self._note_decision(lines.order_id, status)
            self.is_dispute_decided = True

    def _get_newest_status(self):
        """Return how the claim stands: a decision counts before a review."""
        stated = self.mapped("dispute_status")
        return next(status for status in ("won", "lost", "review") if status in stated)

    def _note_decision(self, order, status):
        """Say on the order how the claim ended.

        :param order: the `marketplace.order` that these lines are of
        :param status: won, lost
        """
        texts = {
            "won": self.env._("The buyer's claim is decided: we keep the money."),
            "lost": self.env._(
                "The buyer's claim is decided: the buyer has the money. Credit the invoice, "
                "or ask the buyer for it."
            ),
        }
        order._message_log(body=texts[status])
        order._check_tie_out()
