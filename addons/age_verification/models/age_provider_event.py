import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .. import const

_logger = logging.getLogger(__name__)

#: Messages are kept for so many days: a repeated one is known for that long.
KEEP_DAYS = 90
#: Minutes until a message is looked at again whose provider was down, doubled each time.
RETRY_MINUTES, MAX_RETRY_MINUTES = 2, 360
BATCH = 200


class AgeProviderEvent(models.Model):
    """A message of a provider that was received: that it came, not what was in it.

    It only says that something has happened. What has, is asked from the provider, so
    that messages may come twice, late or in the wrong order.
    """

    _name = "age.provider.event"
    _description = "Message of an Age Provider"
    _order = "id desc"
    _rec_name = "received_at"

    provider_id = fields.Many2one(
        "age.provider", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="provider_id.company_id", store=True, index=True
    )
    session_id = fields.Many2one(
        "age.session",
        "Check",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    reference_hash = fields.Char(
        required=True, readonly=True, groups="base.group_system"
    )
    sequence = fields.Char(
        required=True,
        readonly=True,
        groups="base.group_system",
        help="Tells the messages about one check apart; hashed, as it may be a reference.",
    )
    state = fields.Selection(
        const.SESSION_STATES,
        "Claimed",
        required=True,
        readonly=True,
        help="What the message said; believed is what the provider answers.",
    )
    received_at = fields.Datetime("Received on", required=True, readonly=True)
    handled_at = fields.Datetime("Handled on", readonly=True)
    failures = fields.Integer(readonly=True)
    next_try_at = fields.Datetime(readonly=True)

    _message_uniq = models.Constraint(
        "UNIQUE(provider_id, reference_hash, sequence)", "This message is known."
    )
    _todo_idx = models.Index("(id) WHERE handled_at IS NULL")

    @api.model
    def _receive(self, provider, session, event):
        """Note that a message came, and have it handled in the background.

        :param event: :class:`engine.messages.Event`
        :return: whether it is new
        """
        now = fields.Datetime.now()
        self.env["age.session"].flush_model()
        [*new] = self.env.execute_query(
            SQL(
                """
                INSERT INTO age_provider_event (
                    provider_id, session_id, reference_hash, sequence, state,
                    company_id, received_at, failures,
                    create_uid, create_date, write_uid, write_date)
                VALUES (%(provider)s, %(session)s, %(hash)s, %(sequence)s, %(state)s,
                    %(company)s, %(now)s, 0, %(uid)s, %(now)s, %(uid)s, %(now)s)
                ON CONFLICT DO NOTHING RETURNING id
                """,
                provider=provider.id,
                session=session.id,
                hash=provider._hash_reference(event.reference),
                sequence=provider._hash_reference(event.sequence),
                state=event.state,
                company=provider.company_id.id,
                now=now,
                uid=self.env.uid,
            )
        )
        if new:
            self.env.ref(
                "age_verification.ir_cron_handle_provider_event"
            ).sudo()._trigger()
        return bool(new)

    @api.model
    def _to_handle_domain(self):
        return [
            ("handled_at", "=", False),
            "|",
            ("next_try_at", "=", False),
            ("next_try_at", "<=", fields.Datetime.now()),
        ]

    @api.model
    def _cron_handle(self):
        """Ask the providers about the sessions that messages came for."""
        domain = self._to_handle_domain()
        events = self.sudo().search(domain, limit=BATCH, order="id")
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(events))
        for event in events:
            event = event.try_lock_for_update().filtered_domain(domain)
            session = event.session_id.try_lock_for_update(allow_referencing=True)
            if session:
                event._handle_isolated(session)
            if not cron._commit_progress(1):
                break

    def _handle_isolated(self, session):
        """Handle one message; what goes wrong with it does not hold up the others."""
        try:
            with self.env.cr.savepoint():
                is_answered = session._poll()
        except Exception:
            _logger.exception("age: message %s is not handled", self.id)
            self.env.invalidate_all(flush=False)
            is_answered = False
        if is_answered:
            self._note_handled()
        else:
            self._note_failure()

    def _note_handled(self):
        """One question answers all messages about the session so far."""
        now = fields.Datetime.now()
        self.search(
            [
                ("session_id", "=", self.session_id.id),
                ("handled_at", "=", False),
                ("received_at", "<=", now),
            ]
        ).write({"handled_at": now})

    def _note_failure(self):
        minutes = min(RETRY_MINUTES * 2**self.failures, MAX_RETRY_MINUTES)
        next_try_at = fields.Datetime.now() + timedelta(minutes=minutes)
        self.write({"failures": self.failures + 1, "next_try_at": next_try_at})

    @api.autovacuum
    def _gc_events(self):
        limit = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.sudo().search([("received_at", "<", limit)], limit=10000).unlink()
