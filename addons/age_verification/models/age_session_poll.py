from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ..engine import messages
from ..exceptions import AgeProviderError
from .age_session import POLL_MINUTES

#: The time to the next question is doubled, up to so many minutes.
MAX_POLL_MINUTES = 720
#: The person in charge is told after so many failures of a provider in a row.
MAX_FAILURES = 3


class AgeSession(models.Model):
    """Asking the provider how a check has ended, also when it does not answer."""

    _inherit = "age.session"

    # === ASKING THE PROVIDER === #

    def _poll(self):
        """Ask the provider how the check has ended.

        :return: whether it answered; if not, the session stays as it is
        """
        self.ensure_one()
        session = self.sudo()
        if not session.reference:
            return True
        try:
            result = session.provider_id._age_ask(session)
        except AgeProviderError:
            session._count_failure()
            return False
        session.write({"failures": 0, "next_poll_at": session._get_next_poll()})
        session._apply(result)
        return True

    def _get_next_poll(self):
        """Later each time: a check that takes long is rarely done the next minute."""
        now = fields.Datetime.now()
        waited = (now - (self.opened_at or now)).total_seconds() // 60
        minutes = min(max(waited, POLL_MINUTES * 2**self.failures), MAX_POLL_MINUTES)
        return now + timedelta(minutes=minutes)

    def _count_failure(self):
        """The provider is down: the sale stays held, and somebody hears of it."""
        self.failures += 1
        self.next_poll_at = self._get_next_poll()
        if self.failures == MAX_FAILURES:
            self._give_task(
                self.policy_id,
                self._get_document(),
                self.env._(
                    "%(provider)s does not answer: check the age of %(buyer)s",
                    provider=self.provider_id.name,
                    buyer=self.partner_id.display_name,
                ),
            )

    # === ACTIONS === #

    def action_poll(self):
        """Ask the providers now."""
        self.check_access("read")
        for session in self.filtered(lambda session: session.state != "accepted"):
            if not session._poll():
                raise UserError(
                    self.env._("%s does not answer.", session.provider_id.name)
                )

    def action_cancel(self):
        """End checks that nobody waits for any more."""
        self.check_access("read")
        for session in self.filtered(lambda session: session.state == "pending"):
            session._apply(messages.Result("cancelled", reason="abandoned"))
