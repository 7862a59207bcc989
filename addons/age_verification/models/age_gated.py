from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

#: What only the gate writes.
HELD_FIELDS = {"age_held_since", "age_held_by"}
#: What the program writes alone.
OWN_FIELDS = HELD_FIELDS | {"age_unreleased_told_on"}
#: Where the verdicts of documents that are on their way are kept, in the cursor: a context
#: can be sent by any client, and ends up in actions that are sent to the browser.
REMEMBERED = "age_verification.verdicts"


class AgeGated(models.AbstractModel):
    """An order or invoice that goes on only when its buyer is of age.

    What is refused is held: it stays where it is, its buyer is asked, and a job lets it go
    on. A model says what is sold to whom (:meth:`_get_age_baskets`), when it may go on
    (:meth:`_is_age_settled`) and how (:meth:`_age_release`).
    """

    _name = "age.gated"
    _description = "Document with a Gate for Age"

    age_held_since = fields.Datetime(
        "Held for age since",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="It goes on by itself when the buyer has proved to be of age.",
    )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: nothing begins as held."""
        for vals in vals_list:
            self._check_age_hold(vals)
        if not self.env.su:
            # Said, not left out: what is left out comes from the caller's context.
            empty = dict.fromkeys(OWN_FIELDS & self._fields.keys(), False)
            vals_list = [vals | empty for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        """Override: what is held is let go by the gate."""
        self._check_age_hold(vals)
        return super().write(vals)

    def _check_age_hold(self, vals):
        if not self.env.su and OWN_FIELDS & vals.keys():
            raise AccessError(
                self.env._("What is held for age goes on by a proof or an override.")
            )

    # === JUDGING === #

    def _get_age_baskets(self):
        """The documents as :class:`facts.Basket`, one or more for each."""
        raise NotImplementedError

    def _get_age_verdicts(self):
        """{document: :class:`facts.Verdict`}, judged at once.

        Documents that are on their way keep the verdict with which they set out.
        """
        known = self.env.cr.cache.get(REMEMBERED, {})
        unknown = self.filtered(lambda document: document not in known)
        baskets = unknown.sudo()._get_age_baskets()
        verdicts = self.env["age.gate"].sudo()._judge(baskets)
        judged = {verdict.record: verdict for verdict in verdicts}
        return {document: judged.get(document) or known[document] for document in self}

    def _get_age_verdict(self):
        """The verdict of one document, which may have been judged with others just now."""
        self.ensure_one()
        return self._get_age_verdicts()[self]

    @contextmanager
    def _age_remember(self, verdicts):
        """Judge the documents once while they are on their way through core's methods.

        :param verdicts: {document: :class:`facts.Verdict`}
        """
        cache = self.env.cr.cache
        outer = cache.get(REMEMBERED, {})
        cache[REMEMBERED] = {**outer, **verdicts}
        try:
            yield
        finally:
            cache[REMEMBERED] = outer

    def _age_judge(self, gate):
        """Judge the documents, keep the decisions and count incidents.

        :return: {document: :class:`facts.Verdict`}
        """
        verdicts = self.env["age.gate"].sudo()._judge_and_record(self.sudo(), gate)
        known = self.env.cr.cache.get(REMEMBERED, {})
        known.update(
            (document, verdicts[document]) for document in verdicts if document in known
        )
        return {document: verdicts[document] for document in self}

    def _is_age_settled(self, verdict):
        """Whether a document with this verdict may go on."""
        return verdict.is_allowed

    # === HOLD === #

    def action_age_request(self):
        """Hold the documents and ask their buyers for proof of age."""
        self.check_access("write")
        verdicts = self._age_judge("request")
        asked = self.filtered(
            lambda document: (
                not document._is_age_over() and not verdicts[document].is_allowed
            )
        )
        if not asked:
            raise UserError(self.env._("Nothing here needs a proof of age."))
        known = asked.filtered("age_held_since")
        asked._age_hold("request")
        return self._age_notify_asked(asked == known)

    def _age_notify_asked(self, is_known):
        """Action that tells the user what becomes of the request.

        :param is_known: all that it was about had been held before
        """
        message = (
            self.env._("It is held already. Who was asked is under Requests.")
            if is_known
            else self.env._("It is held. The buyer is asked in a moment.")
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info" if is_known else "success",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _age_hold(self, held_by):
        """Keep the documents until their buyers have proved their age, and ask for it.

        :param held_by: what has held them, a code of ``sale.order.age_held_by``
        """
        new = self.filtered(lambda document: not document.age_held_since)
        new.sudo().write(self._prepare_age_hold(held_by))
        note = self.env._("Held until the buyer's age is proved.")
        new._message_log_batch(bodies=dict.fromkeys(new.ids, note))
        self._age_ask_buyer()

    def _prepare_age_hold(self, held_by):
        return {"age_held_since": fields.Datetime.now()}

    def _age_unhold(self):
        """The documents are held no longer; what becomes of them is not decided here."""
        if self:
            held = HELD_FIELDS & self._fields.keys()
            self.sudo().write(dict.fromkeys(held, False))

    def _age_ask_buyer(self):
        """Ask for proof of age, in the way of the policy. Hook."""

    def _age_ask_next_buyer(self, verdicts):
        """Ask whose proof is still missing, when it is not who was asked before. Hook.

        :param verdicts: {document: :class:`facts.Verdict`}
        """

    def _age_tell_held(self, held):
        """Tell who wanted many documents to go on which of them wait.

        :param held: some of the documents
        """
        if not held or self.env.su:
            return
        self.env.user._bus_send(
            "simple_notification",
            {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Held until the buyer's age is proved"),
                "message": ", ".join(held.mapped("display_name")),
            },
        )

    def action_open_age_checks(self):
        """What was decided about the documents."""
        return self.age_check_ids._get_records_action(name=self.env._("Age Checks"))

    # === RELEASE === #

    def _is_age_over(self):
        """Whether nothing waits for a proof any more, as when it was cancelled."""
        raise NotImplementedError

    def _is_age_due(self, verdict):
        """Whether a held document goes on with this verdict."""
        return self._is_age_settled(verdict)

    def _age_release(self):
        """Go on with a held document when its buyer may have what is in it."""
        raise NotImplementedError

    def _age_give_task(self, summary, note):
        """A task for the seller of the document, once.

        :param summary: what is to be done, also what it is known by
        """
        self.ensure_one()
        known = self.activity_ids.filtered(lambda task: task.summary == summary)
        if not known:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=summary,
                note=note,
                user_id=self._get_age_user().id or self.env.uid,
            )

    def _get_age_user(self):
        """The user who sells it; may be none."""
        return self.env["res.users"]
