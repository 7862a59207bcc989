import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..engine import bounds, messages
from ..exceptions import AgeProviderError
from .age_session import CHANGES, FLIP_DAYS

_logger = logging.getLogger(__name__)

#: Reasons that are written down as incidents, with the type of the incident.
INCIDENTS = {"underage": "underage", "mismatch": "mismatch", "foreign": "mismatch"}
#: Sessions that a run of the job takes on.
BATCH = 200


class AgeSession(models.Model):
    """What becomes of a session: its result, and what is forgotten."""

    _inherit = "age.session"

    # === RESULT === #

    def _apply(self, result):
        """Take over how the check has ended, once.

        :param result: :class:`engine.messages.Result`
        :return: whether anything has changed
        :raises LockError: another worker is at it
        """
        self.ensure_one()
        session = self.sudo()
        session.lock_for_update(allow_referencing=True)
        session.invalidate_recordset(["state", "is_final"])
        if session.is_final or result.state not in CHANGES[session.state]:
            return False
        if session.refusal_id._stands_against(result.assurance):
            return False
        if result.state == messages.ACCEPTED:
            session._accept(result)
        else:
            session._refuse(result)
        return True

    def _accept(self, result):
        bound, day = self._read_bound(result)
        if bound is None or not (result.method and result.assurance):
            # Nothing was proved that anybody could use.
            self._refuse(messages.Result(messages.FAILED, reason="foreign"))
            return
        if self.refusal_id:
            self.refusal_id.withdrawn_on = fields.Date.today()
        proof = self.env["age.proof"]._record([self._prepare_proof(result, bound, day)])
        self._close(result, {"proof_id": proof.id, "reason": False})
        self._forget_soon()

    def _read_bound(self, result):
        """The bound that was proved or refused, and the day it is kept under.

        Over 18 by a clock that is a day ahead is reckoned from that day, but nothing is
        kept as proved tomorrow.
        """
        today = self.company_id._get_age_today()
        day = result.proved_on or today
        bound = result.bound
        if bound is None and result.age is not None:
            bound = bounds.bound_of_age(result.age, day)
        return bound, min(day, today)

    def _prepare_proof(self, result, bound, day):
        days = self.policy_id.proof_valid_days
        return {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "bound_date": bound,
            "method": result.method,
            "assurance": result.assurance,
            "provider_id": self.provider_id.id,
            "reference": self.reference or self.name,
            "proved_on": day,
            "valid_until": day + timedelta(days=days) if days else False,
            "is_test": self.is_test,
        }

    def _refuse(self, result):
        vals = {"reason": result.reason}
        refusal = self.env["age.refusal"]
        if result.state == messages.DENIED:
            vals["denied_at"] = fields.Datetime.now()
            if result.reason == "underage":
                refusal = self._create_refusal(result)
                vals["refusal_id"] = refusal.id
        was_open = self.state == messages.PENDING
        self._close(result, vals)
        if result.reason in INCIDENTS:
            self.env["age.incident"]._record([self._prepare_incident(result.reason)])
        if result.state == messages.DENIED and result.bound:
            # The provider has read the document: it will not change its mind.
            self._forget_soon()
        if refusal:
            # Whoever answers for it gets a task: nothing that the buyer does helps.
            (self.order_id or self.move_id).sudo()._age_ask_buyer()
        if refusal._is_sure():
            self._get_rivals(refusal)._end("refused_elsewhere")
        elif was_open:
            self._offer_next_step()

    def _create_refusal(self, result):
        bound, day = self._read_bound(result)
        return self.env["age.refusal"].create(
            {
                "partner_id": self.partner_id.id,
                "company_id": self.company_id.id,
                "day": day,
                "bound_date": bound or self.required_date,
                "assurance": result.assurance or self.provider_id._age_get_assurance(),
                "is_test": self.is_test,
            }
        )

    def _get_rivals(self, refusal):
        """The person's other checks that might say the opposite of a sure refusal.

        Nobody looks for a provider that is less strict once a document was looked at.
        """
        return self.search(
            Domain("partner_id", "=", refusal.partner_id.id)
            & Domain("company_id", "=", refusal.company_id.id)
            & Domain("required_date", "<=", refusal.bound_date)
            & Domain("id", "!=", self.id)
            & self._to_end_domain()
        )

    @api.model
    def _to_end_domain(self):
        """Checks whose provider may still say that the person is of age."""
        is_known = Domain("state", "!=", "accepted") & Domain("reference", "!=", False)
        return Domain("is_final", "=", False) & (
            Domain("state", "=", "pending") | is_known
        )

    def _end(self, reason):
        """End checks for good: what their providers say from now on does not count.

        :param reason: a code of ``const.REASONS``, for those that are open
        :raises LockError: another worker is at one of them
        """
        self.lock_for_update(allow_referencing=True)
        self.is_final = True
        for session in self:
            if session.state == messages.PENDING:
                session._close(messages.Result(messages.CANCELLED), {"reason": reason})
            session._forget_soon()

    def _prepare_incident(self, reason):
        return {
            "kind": INCIDENTS[reason],
            "gate": "request",
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "order_id": self.order_id.id,
            "move_id": self.move_id.id,
            "provider_id": self.provider_id.id,
        }

    def _close(self, result, vals):
        self.write(
            {
                **vals,
                "state": result.state,
                "method": result.method,
                "closed_at": fields.Datetime.now(),
                "start_url": False,
                "next_poll_at": False,
            }
        )

    def _offer_next_step(self):
        """What a person does is begun at once; the rest waits for the buyer."""
        if not self.opened_at:
            return
        age = bounds.age_to_ask(self.required_date, self.company_id._get_age_today())
        step, attempt = self._get_next_step(self.policy_id, self.partner_id, age or 0)
        if step and step.provider_id.code != "person":
            return
        if not step:
            self._give_task(
                self.policy_id,
                self._get_document(),
                self.env._(
                    "Check the age of %s: no provider is left",
                    self.partner_id.display_name,
                ),
            )
            return
        self._create_for_step(
            step,
            {
                "partner_id": self.partner_id.id,
                "company_id": self.company_id.id,
                "order_id": self.order_id.id,
                "move_id": self.move_id.id,
                "required_date": self.required_date,
                "asked_age": age or self.asked_age,
                "attempt": attempt,
            },
        )

    # === FORGETTING === #

    def _forget_soon(self):
        """Drop the reference, at once or when the provider has been told to delete.

        It is told later, after this is committed: what it has deleted cannot be asked
        for again.
        """
        if self.reference and self.provider_id._age_has_to_forget():
            self.is_forget_due = True
            self.env.ref("age_verification.ir_cron_poll_session").sudo()._trigger()
        else:
            self._drop_reference()

    def _drop_reference(self):
        self.write(
            {"reference": False, "reference_hash": False, "is_forget_due": False}
        )

    def _forget(self):
        """Have the provider delete what it knows, then drop the reference."""
        try:
            if self.provider_id._age_has_to_forget():
                self.provider_id._age_forget(self)
        except AgeProviderError:
            self._count_failure()
            self.is_forget_due = True
            return
        self._drop_reference()

    # === JOB === #

    @api.model
    def _cron_poll(self):
        """End what is too late, ask providers that say nothing, forget what is over."""
        now = fields.Datetime.now()
        due = Domain("next_poll_at", "=", False) | Domain("next_poll_at", "<=", now)
        pending = Domain("state", "=", "pending")
        has_reference = Domain("reference", "!=", False)
        tasks = [
            (pending & Domain("expires_at", "<=", now), "_expire"),
            (pending & has_reference & Domain("next_poll_at", "<=", now), "_poll"),
            (Domain("is_forget_due", "=", True) & has_reference & due, "_forget"),
            (
                ~pending
                & has_reference
                & Domain("is_forget_due", "=", False)
                & Domain("closed_at", "<=", now - timedelta(days=FLIP_DAYS)),
                "_forget",
            ),
        ]
        for domain, method in tasks:
            if not self._run_batch(domain, method):
                break

    @api.model
    def _run_batch(self, domain, method):
        """Call a method on each session of a domain, one transaction each.

        :return: whether there is time left
        """
        cron = self.env["ir.cron"]
        sessions = self.sudo().search(domain, limit=BATCH, order="id")
        cron._commit_progress(remaining=len(sessions))
        for session in sessions:
            locked = session.try_lock_for_update(allow_referencing=True)
            for locked_session in locked.filtered_domain(domain):
                locked_session._run_isolated(method)
            if not cron._commit_progress(1):
                return False
        return True

    def _run_isolated(self, method):
        """Call a method; what goes wrong with one session does not hold up the others."""
        try:
            with self.env.cr.savepoint():
                getattr(self, method)()
        except Exception:
            _logger.exception("age: %s of session %s", method, self.id)
            self.env.invalidate_all(flush=False)

    def _expire(self):
        """Too late; but what the provider has decided meanwhile counts."""
        self._poll()
        if self.state == messages.PENDING:
            self._apply(messages.Result(messages.EXPIRED, reason="too_late"))
