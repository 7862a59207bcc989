from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import plaintext2html

#: What the seller has nothing to answer any more.
ANSWERED = ("review", "won", "lost")
DECIDED = ("won", "lost")
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
        for lines in new._group_by_claim():
            noted = known._get_same_claim(lines).filtered("is_dispute_noted")
            if not noted:
                lines._note_dispute(lines.order_id)
            else:
                lines.dispute_activity_id = noted.dispute_activity_id[:1]
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

    def _note_dispute(self, order):
        """Give the channel's responsible an activity with the deadline of the claim.

        Nobody has to answer what is answered or decided.

        :param order: the `marketplace.order` that these lines are of
        """
        if set(self.mapped("dispute_status")) & set(ANSWERED):
            return
        deadlines = [line.respond_by for line in self if line.respond_by]
        self.dispute_activity_id = order.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=order._to_local_date(min(deadlines))
            if deadlines
            else fields.Date.context_today(self),
            summary=self.env._("Answer the buyer's claim"),
            note=plaintext2html(
                self.env._(
                    "%(amount)s is disputed: %(text)s",
                    amount=self.currency_id[:1].format(-sum(self.mapped("amount"))),
                    text=self[:1].description or self[:1].code or "",
                )
            ),
            user_id=self._get_responsible(order).id,
        )

    def _note_progress(self, lines):
        """End the activity of a claim that needs no answer; say once how it was decided.

        :param lines: those of these lines that say how the claim stands
        """
        status = lines._get_newest_status()
        label = dict(self._fields["dispute_status"]._description_selection(self.env))
        activities = self.dispute_activity_id.filtered("active")
        if activities:
            activities.action_feedback(feedback=label[status])
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
