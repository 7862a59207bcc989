from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.fields import Domain
from odoo.tools import SQL

#: Earlier attempts are counted for so long.
ATTEMPT_DAYS = 30
#: The link of a check that has ended leads on for so many hours.
LINK_HOURS = 4
#: A provider is asked on behalf of a waiting buyer at most once in so many seconds.
WAIT_SECONDS = 5


class AgeSession(models.Model):
    """What a buyer may still try, and the one who waits for a result."""

    _inherit = "age.session"

    @api.model
    def _get_next_step(self, policy, partner, age, chosen=None):
        """The first step that may still be tried, and the number of the attempt.

        :param chosen: take this step instead, if it may still be tried
        """
        left = self._get_steps_left(policy, partner, age)
        wanted = [(step, attempt) for step, attempt in left if step == chosen]
        return next(iter(wanted or left), (policy.step_ids.browse(), 0))

    @api.model
    def _get_steps_left(self, policy, partner, age):
        """The steps that may still be tried, each with the number of the attempt."""
        since = fields.Datetime.now() - timedelta(days=ATTEMPT_DAYS)
        made = dict(
            self._read_group(
                Domain("partner_id", "=", partner.id)
                & Domain("step_id", "in", policy.step_ids.ids)
                & Domain("state", "not in", ("pending", "accepted"))
                & Domain("opened_at", ">=", since),
                ["step_id"],
                ["__count"],
            )
        )
        return [
            (step, made.get(step, 0) + 1)
            for step in policy.step_ids
            if made.get(step, 0) < step.max_attempts
            and step.provider_id._is_usable_for(policy, age)
        ]

    @api.model
    def _wait_for_person(self, partner):
        """Wait for whoever begins a check of the same person, and begin again after it.

        There is no row yet that both would want, and the person's own is not ours to
        keep while a provider takes its time: others write to it. A transaction that was
        waiting, or has begun earlier, does not see the other's check.

        :raises ConcurrencyError: somebody else has begun one; the request is tried again
        """
        self.flush_model()
        last = SQL("SELECT max(id) FROM age_session WHERE partner_id = %s", partner.id)
        self.env.cr.execute(
            SQL(
                "SELECT pg_advisory_xact_lock(hashtext(%s))",
                f"age_session:{partner.id}",
            )
        )
        self.env.cr.execute(last)
        seen = self.env.cr.fetchone()[0] or 0
        with self.env["age.incident"]._own_cursor() as cr:
            cr.execute(last)
            newest = cr.fetchone()[0] or 0
        if newest > seen:
            raise ConcurrencyError(f"age check of {partner} has begun elsewhere")

    def _poll_gently(self):
        """Ask on behalf of a buyer who waits: not each second, and not two at a time."""
        self.ensure_one()
        limit = fields.Datetime.now() - timedelta(seconds=WAIT_SECONDS)
        session = self.sudo()
        if session.state != "pending" or session.write_date > limit:
            return
        if session.try_lock_for_update(allow_referencing=True):
            session._poll()

    # === LINK === #

    def _is_link_live(self):
        """Whether who has the link is still to see anything by it.

        That is while the check is open and some hours after, and only as long as the
        person of the check is the one who is asked.
        """
        self.ensure_one()
        session = self.sudo()
        now = fields.Datetime.now()
        if session.state == "pending":
            is_recent = session.expires_at > now
        else:
            is_recent = (session.closed_at or now) > now - timedelta(hours=LINK_HOURS)
        if not is_recent:
            return False
        asked = session._get_request()
        return not asked or asked.partner_id == session.partner_id

    def _get_request(self):
        """The request for proof about the order or invoice; none without one."""
        document = self.order_id or self.move_id
        requests = self.env["age.request"].sudo()
        return requests._get_for(document) if document else requests
