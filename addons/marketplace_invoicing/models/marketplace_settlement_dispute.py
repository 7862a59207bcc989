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
#: Activities of more claims than these are told to their responsible in one message.
NOTIFIED_APART = 5
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

    def _notify_of_claims(self, activities):
        """Tell each responsible in one message how many claims there are to answer.

        :param activities: `mail.activity` records of orders, just made
        """
        self.ensure_one()
        for user, own in activities.grouped("user_id").items():
            if user == self.env.user:
                continue
            thread = self.with_context(lang=user.lang) if user.lang else self
            first = format_date(thread.env, min(own.mapped("date_deadline")))
            thread.message_notify(
                partner_ids=user.partner_id.ids,
                subject=thread.env._("%s claims of buyers to answer", len(own)),
                body=thread.env._(
                    "%(payout)s tells of new claims on %(count)s orders; the first is to be "
                    "answered by %(date)s. Each order has an activity.",
                    payout=thread.display_name,
                    count=len(own),
                    date=first,
                ),
            )


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

    # === NOTES ===

    def _note_disputes(self):
        """Tell once of each claim whose order is known, whatever files repeat it.

        All claims of a payout at once: none costs queries of its own.
        """
        claims = self.filtered(lambda line: line.is_dispute and line.order_id)
        if not claims:
            return
        known = self.search(
            Domain("order_id", "in", claims.order_id.ids)
            & Domain("is_dispute", "=", True)
        ).grouped("order_id")
        new = claims.filtered(
            lambda line: not line.is_dispute_noted and line.amount <= 0
        )
        told = new._get_untold_claims(known)
        new.is_dispute_noted = True
        if told:
            self._note_new_claims(told, known)
        answered = claims.filtered(lambda line: line.dispute_status in ANSWERED)
        if answered:
            answered._note_progress(known)

    def _get_untold_claims(self, known):
        """Return {order: lines of claims of which nobody was told}; others join theirs.

        :param known: {order: all lines of its claims}
        """
        told = defaultdict(self.browse)
        for lines in self._group_by_claim():
            order = lines.order_id
            noted = known[order]._get_same_claim(lines).filtered("is_dispute_noted")
            if not noted:
                told[order] |= lines
            else:
                lines.dispute_activity_id = noted.dispute_activity_id[:1]
        return dict(told)

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

    @api.model
    def _note_new_claims(self, told, known):
        """Give the channel's responsible an activity with the deadline of the claims.

        One for an order: further claims join the one that is open. Nobody has to answer what
        is answered or decided. Hook for addons that do more about claims.

        :param told: {`marketplace.order`: lines, maybe of several claims}
        :param known: {order: all lines of its claims}
        """
        fresh = {}
        for order, lines in told.items():
            waiting = lines._get_claims_without(ANSWERED)
            noted = known[order].filtered(lambda x: x.dispute_activity_id.active)
            activity = noted.dispute_activity_id[:1]
            if waiting and activity:
                joined = noted.filtered(
                    lambda x, a=activity: x.dispute_activity_id == a
                )
                waiting.dispute_activity_id = activity
                activity.write((joined | waiting)._prepare_claim_activity(order))
            elif waiting:
                fresh[order] = waiting
        self._schedule_answers(fresh)

    @api.model
    def _schedule_answers(self, waiting):
        """Create the activities of claims, all in one go.

        Of a few, core tells whoever has to do them one by one; of many, one message does.

        :param waiting: {`marketplace.order`: lines of claims to answer}
        """
        if not waiting:
            return
        is_bulk = len(waiting) > NOTIFIED_APART
        Activity = self.env["mail.activity"].with_context(
            mail_activity_quick_update=is_bulk
        )
        model = self.env["ir.model"]._get("marketplace.order")
        kind = self.env.ref("mail.mail_activity_data_todo")
        activities = Activity.create(
            [
                {
                    "activity_type_id": kind.id,
                    "automated": True,
                    "res_model_id": model.id,
                    "res_id": order.id,
                    "user_id": lines._get_responsible(order).id,
                    **lines._prepare_claim_activity(order),
                }
                for order, lines in waiting.items()
            ]
        )
        for activity, lines in zip(activities, waiting.values(), strict=True):
            lines.dispute_activity_id = activity
        if is_bulk:
            settlements = self.browse().union(*waiting.values()).settlement_id
            settlements[:1]._notify_of_claims(activities)

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

    def _note_progress(self, known):
        """End the activities of claims that need no answer; say once how one was decided.

        ``self``: lines that say how their claims stand.

        :param known: {order: all lines of its claims}
        """
        activities = self.browse().union(*known.values()).dispute_activity_id
        holders = dict(
            self.search([("dispute_activity_id", "in", activities.ids)])
            .grouped("dispute_activity_id")
            .items()
        )
        # All at once: one claim's own lines would read its activity alone.
        to_do = activities.filtered("active")
        ended, joined, decided = {}, {}, {}
        for lines in self._group_by_claim():
            order, status = lines.order_id, lines._get_newest_status()
            claim = known[order]._get_same_claim(lines)
            for activity in claim.dispute_activity_id & to_do:
                holders[activity] -= claim
                if holders[activity]:
                    claim.dispute_activity_id = False
                    joined[activity] = order
                else:
                    joined.pop(activity, None)
                    ended[activity] = status
            if status in DECIDED and not any(claim.mapped("is_dispute_decided")):
                decided.setdefault(status, order.browse())
                decided[status] |= order
                claim.is_dispute_decided = True
        for activity, order in joined.items():
            activity.write(holders[activity]._prepare_claim_activity(order))
        self._end_activities(ended)
        if decided:
            self._note_decisions(decided)

    def _get_newest_status(self):
        """Return how the claim stands: a decision counts before a review."""
        stated = self.mapped("dispute_status")
        return next(status for status in ("won", "lost", "review") if status in stated)

    @api.model
    def _end_activities(self, ended):
        """Close activities that nobody has to do any more, with a note on each order.

        Core's "done" posts and notifies one by one; nobody did anything here.

        :param ended: {`mail.activity`: status of the claim}
        """
        if not ended:
            return
        labels = dict(self._fields["dispute_status"]._description_selection(self.env))
        bodies = {}
        for activity, status in ended.items():
            bodies[activity.res_id] = f"{activity.summary}: {labels[status]}"
        orders = self.env["marketplace.order"].browse(bodies)
        orders._message_log_batch(bodies=bodies)
        for status in set(ended.values()):
            activities = self.env["mail.activity"].union(
                *(activity for activity, how in ended.items() if how == status)
            )
            activities.write({"feedback": labels[status], "active": False})

    @api.model
    def _note_decisions(self, decided):
        """Say on the orders how their claims ended. Hook for addons that do more about it.

        :param decided: {"won" | "lost": `marketplace.order` records}
        """
        texts = {
            "won": self.env._("The buyer's claim is decided: we keep the money."),
            "lost": self.env._(
                "The buyer's claim is decided: the buyer has the money. Credit the invoice, "
                "or ask the buyer for it."
            ),
        }
        for status, orders in decided.items():
            orders._message_log_batch(bodies=dict.fromkeys(orders.ids, texts[status]))
        self.env["marketplace.order"].union(*decided.values())._check_tie_out()
