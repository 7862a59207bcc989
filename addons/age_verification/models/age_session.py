import secrets
from datetime import timedelta

from werkzeug.urls import url_join

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .. import const
from ..engine import bounds, judging, messages
from ..exceptions import AgeProviderError

#: An invitation that is not taken up ends after so many days.
INVITATION_DAYS = 14
#: A check that was opened at the provider has to be done within so many hours.
OPEN_HOURS = 24
#: Providers may change their mind; for so long their reference is kept.
FLIP_DAYS = 30
#: Minutes until a provider that says nothing is asked.
POLL_MINUTES = 10

#: State -> states it may still change into. Denied may become accepted, never the reverse.
CHANGES = {
    messages.PENDING: set(messages.STATES) - {messages.PENDING},
    messages.FAILED: {messages.ACCEPTED, messages.DENIED},
    messages.DENIED: {messages.ACCEPTED},
    messages.EXPIRED: {messages.ACCEPTED, messages.DENIED},
    messages.CANCELLED: {messages.ACCEPTED, messages.DENIED},
    messages.ACCEPTED: set(),
}


class AgeSession(models.Model):
    """One attempt of one person to prove an age with one provider.

    It knows what was asked and how that ended: no answer of a provider, no date of birth.
    The provider's reference is kept only while the provider may be asked about it.
    """

    _name = "age.session"
    _description = "Age Check Session"
    _inherit = ["age.uncopied"]
    _order = "id desc"

    name = fields.Char(
        "Our reference",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: f"AV{secrets.token_hex(8)}",
        help="What the provider knows of the buyer.",
    )
    access_token = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        groups="base.group_system",
        default=lambda self: secrets.token_urlsafe(24),
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Buyer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    order_id = fields.Many2one(
        "sale.order", readonly=True, index="btree_not_null", ondelete="set null"
    )
    move_id = fields.Many2one(
        "account.move",
        "Invoice",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    provider_id = fields.Many2one(
        "age.provider", required=True, readonly=True, index=True, ondelete="restrict"
    )
    provider_code = fields.Selection(
        related="provider_id.code", string="Kind of provider"
    )
    policy_id = fields.Many2one("age.policy", readonly=True, index="btree_not_null")
    step_id = fields.Many2one(
        "age.policy.step", readonly=True, index="btree_not_null", ondelete="set null"
    )
    asked_age = fields.Integer(
        "Age asked", readonly=True, help="In full years, as the law has it."
    )
    buffer_years = fields.Integer(
        "Years on top", readonly=True, help="Added to the age where it is estimated."
    )
    required_date = fields.Date(
        "To be born on or before",
        required=True,
        readonly=True,
        groups="age_verification.group_age_officer",
    )
    state = fields.Selection(
        const.SESSION_STATES,
        required=True,
        readonly=True,
        default="pending",
        index=True,
        group_expand=True,
    )
    reason = fields.Selection(const.REASONS, readonly=True)
    method = fields.Selection(const.METHODS, readonly=True)
    is_test = fields.Boolean("Test mode", readonly=True)
    attempt = fields.Integer(readonly=True, default=1)
    opened_at = fields.Datetime(
        "Opened on", readonly=True, help="When the buyer went to the provider."
    )
    closed_at = fields.Datetime("Ended on", readonly=True)
    denied_at = fields.Datetime(
        "Denied on", readonly=True, help="Kept when the provider changes its mind."
    )
    expires_at = fields.Datetime("Ends on", required=True, readonly=True, index=True)
    proof_id = fields.Many2one(
        "age.proof", readonly=True, index="btree_not_null", ondelete="set null"
    )
    refusal_id = fields.Many2one("age.refusal", readonly=True, ondelete="set null")
    reference = fields.Char(copy=False, groups="base.group_system")
    reference_hash = fields.Char(
        copy=False, index="btree_not_null", groups="base.group_system"
    )
    start_url = fields.Char(copy=False, groups="base.group_system")
    failures = fields.Integer(
        "Unanswered",
        readonly=True,
        help="So often in a row the provider could not be asked.",
    )
    next_poll_at = fields.Datetime("Asked again on", readonly=True)
    is_final = fields.Boolean(
        readonly=True, help="What the provider says from now on does not count."
    )
    is_forget_due = fields.Boolean(
        readonly=True, help="The provider still has to be told to delete what it knows."
    )

    _token_uniq = models.Constraint(
        "UNIQUE(access_token)", "Two checks cannot share a link."
    )
    _name_uniq = models.Constraint("UNIQUE(name)", "This reference is taken.")
    _person_idx = models.Index("(partner_id, company_id, state)")
    _open_idx = models.Index("(next_poll_at) WHERE state = 'pending'")

    @api.depends("partner_id.name", "provider_id.name")
    def _compute_display_name(self):
        for session in self:
            session.display_name = self.env._(
                "%(buyer)s, %(provider)s",
                buyer=session.partner_id.name or "",
                provider=session.provider_id.name or "",
            )

    # === START === #

    @api.model
    def _start(self, partner, company, required_date, order=None, move=None, step=None):
        """Have a person asked by the next provider of the policy.

        A check that is still open and asks for enough is used again.

        :param date required_date: the bound that has to be met
        :param order: the ``sale.order`` it is for, which also gives the policy
        :param move: or the ``account.move``
        :param step: the step that the person has chosen; the next one by default
        :return: the session; none when no provider is left, and then the policy's person
            has a task
        """
        sessions = self.sudo()
        age = bounds.age_to_ask(required_date, company._get_age_today())
        if age is None:
            return self.browse()
        record = order or move
        policy = sessions._get_policy(company, record)
        open_session = sessions._find_open(
            partner, company, required_date, policy, step
        )
        if open_session:
            return open_session.with_env(self.env)
        step, attempt = sessions._get_next_step(policy, partner, age, step)
        if not step:
            sessions._give_task(
                policy,
                record or partner,
                self.env._(
                    "Check the age of %s: no provider is left", partner.display_name
                ),
            )
            return self.browse()
        sessions._wait_for_person(partner)
        return sessions._create_for_step(
            step,
            {
                "partner_id": partner.id,
                "company_id": company.id,
                "order_id": order and order.id,
                "move_id": move and move.id,
                "required_date": required_date,
                "asked_age": age,
                "attempt": attempt,
            },
        ).with_env(self.env)

    @api.model
    def _get_policy(self, company, record=None):
        """The policy of what the document holds, else the company's."""
        if record:
            baskets = record.sudo()._get_age_baskets()
            verdict = self.env["age.gate"].sudo()._judge(baskets)[0]
            if verdict.strictest:
                return verdict.strictest.policy.sudo()
        return company.sudo().age_policy_id

    @api.model
    def _find_open(self, partner, company, required_date, policy, step=None):
        sessions = self.search(
            (Domain("step_id", "=", step.id) if step else Domain.TRUE)
            & Domain("partner_id", "=", partner.id)
            & Domain("company_id", "=", company.id)
            & Domain("state", "=", "pending")
            & Domain("required_date", "<=", required_date)
            & Domain("expires_at", ">", fields.Datetime.now()),
            order="required_date desc, id",
        )
        return sessions.filtered(
            lambda session: session.provider_id._is_usable_for(
                policy, session.asked_age
            )
        )[:1]

    @api.model
    def _create_for_step(self, step, vals):
        now = fields.Datetime.now()
        provider = step.provider_id
        session = self.create(
            {
                **vals,
                "step_id": step.id,
                "policy_id": step.policy_id.id,
                "provider_id": provider.id,
                "buffer_years": step.buffer_years,
                "is_test": provider.state == "test",
                "expires_at": now + timedelta(days=INVITATION_DAYS),
            }
        )
        if provider.code == "person":
            session.opened_at = now
            session._give_task(
                step.policy_id,
                session._get_document(),
                self.env._("Check a document of %s", session.partner_id.display_name),
            )
        return session

    def _get_document(self):
        """Where tasks about the session go."""
        self.ensure_one()
        return self.order_id or self.move_id or self.partner_id

    @api.model
    def _give_task(self, policy, record, summary):
        """A task for the policy's person, once."""
        user = policy.user_id or self.env["res.users"]
        if not user and record._name == "sale.order":
            user = record.user_id
        record = record.sudo()
        known = record.activity_ids.filtered(
            lambda activity: activity.summary == summary
        )
        if user and not known:
            record.activity_schedule(
                "mail.mail_activity_data_todo", summary=summary, user_id=user.id
            )

    # === WHAT PROVIDERS NEED === #

    def _get_asked(self):
        """:class:`engine.messages.Asked`"""
        self.ensure_one()
        return messages.Asked(
            name=self.name,
            age=self.asked_age,
            estimate_age=min(self.asked_age + self.buffer_years, bounds.MAX_AGE),
            required=self.required_date,
        )

    def _is_estimate_enough(self):
        """Whether the policy takes estimates."""
        minimum = self.policy_id.min_assurance or "estimated"
        return judging.assurance_rank(minimum) <= judging.assurance_rank("estimated")

    def _get_open_seconds(self):
        """How long the provider should keep the check open."""
        return OPEN_HOURS * 3600

    def _get_url(self, path):
        return url_join(self.provider_id.get_base_url(), path)

    def _get_start_url(self):
        """The page that takes the buyer to the provider; False when there is none."""
        self.ensure_one()
        if self.provider_id.code == "person":
            return False
        return self._get_url(f"/age/start/{self.sudo().access_token}")

    def _get_return_url(self):
        """Where the provider sends the buyer back to."""
        self.ensure_one()
        return self._get_url(f"/age/return/{self.sudo().access_token}")

    def _get_webhook_url(self):
        """Where the provider sends its messages about this session."""
        self.ensure_one()
        return self._get_url(self.provider_id._get_webhook_path(self))

    def _open(self):
        """Open the check at the provider, once.

        :return: where to send the buyer; None when the provider is down or it is over
        """
        self.ensure_one()
        session = self.sudo()
        if not session._has_begun():
            session._wait_for_lock()
        if session._has_begun():
            return session.state == "pending" and session.start_url or None
        provider = session.provider_id
        try:
            if not provider._is_in_use():
                raise AgeProviderError("not in use")
            reference, url = provider._age_create_session(session)
        except AgeProviderError:
            session._count_failure()
            return None
        now = fields.Datetime.now()
        session.write(
            {
                "reference": reference,
                "reference_hash": reference and provider._hash_reference(reference),
                "start_url": url,
                "opened_at": now,
                "expires_at": now + timedelta(hours=OPEN_HOURS),
                "next_poll_at": now + timedelta(minutes=POLL_MINUTES),
                "failures": 0,
            }
        )
        return url

    def _has_begun(self):
        """Whether there is nothing to open: the provider has been asked, or it is over."""
        return bool(self.state != "pending" or self.start_url or self.reference)

    def _wait_for_lock(self):
        """Wait for whoever opens the same check, as a second click does for the first.

        It then begins again by itself, as with any other conflict of transactions, and
        finds what the first one was given.
        """
        self.flush_recordset()
        self.env.execute_query(
            SQL("SELECT id FROM age_session WHERE id = %s FOR NO KEY UPDATE", self.id)
        )
        self.invalidate_recordset(["state", "start_url", "reference"])

    @api.model
    def _find_for_event(self, provider, reference, name=None):
        """The session a message is about, by its reference or the address it came to."""
        sessions = self.sudo()
        mine = Domain("provider_id", "=", provider.id)
        digest = provider._hash_reference(reference)
        found = sessions.search(mine & Domain("reference_hash", "=", digest), limit=1)
        if found or not messages.is_name(name):
            return found
        known = Domain("name", "=", name) & Domain("reference_hash", "!=", False)
        return sessions.search(mine & known, limit=1)
