import logging

from psycopg2 import OperationalError

from odoo import api, fields, models

from .. import const

_logger = logging.getLogger(__name__)

#: A mail server that does not answer is asked again after so many minutes.
RETRY_MINUTES = 15
#: Tries after which a person has to look; each waits twice as long as the one before,
#: so that the last is a day and a half after the first.
MAX_ATTEMPTS = 8


class DunningNotice(models.Model):
    """Trying again later what could not be sent, until a person has to look."""

    _inherit = "dunning.notice"

    send_attempts = fields.Integer(
        readonly=True,
        copy=False,
        help="Tries that failed since it was approved, for the recipient's server or an "
        "error.",
    )
    outage_attempts = fields.Integer(
        readonly=True,
        copy=False,
        help="Tries that found no mail server since it was approved.",
    )

    def _note_error(self, error):
        """Try the notice again later, and say what happened; in the end a person looks."""
        text = str(error)[:500] or type(error).__name__
        try:
            with self.env.cr.savepoint():
                if self.state != "approved":
                    return
                # What may have left is found out by the next try.
                if self._may_try_again() or self._was_dispatched():
                    self._try_later(text)
                else:
                    self._back_to_review("send_error", text)
                    self._note_left_undone(text)
        except OperationalError:
            # Changed by somebody else at this moment: it stays in the queue as it is.
            _logger.info("dunning notice %s is being changed", self.id)

    def _may_try_again(self):
        return self.send_attempts + 1 < MAX_ATTEMPTS

    def _try_later(self, error):
        """Try again, each time after twice as long."""
        self._defer(RETRY_MINUTES * 2**self.send_attempts, error)
        self.send_attempts += 1

    def _wait_for_server(self, error):
        """Try again when the mail server may be back; the owner hears of long outages."""
        error = error or self.env._("The mail server is down.")
        self._defer(RETRY_MINUTES, error)
        self.outage_attempts += 1
        if self.outage_attempts == MAX_ATTEMPTS:
            self._note_left_undone(error)

    def _defer(self, minutes, error=False):
        """Try again later."""
        self.send_after = fields.Datetime.add(fields.Datetime.now(), minutes=minutes)
        self.error_text = error
        self._wake_up(self.send_after)

    @api.model
    def _wake_up(self, at):
        """Have the queue looked at then; once is enough for many notices."""
        cron = self.env.ref("dunning_tiers.ir_cron_send_dunning_notice").sudo()
        planned = self.env["ir.cron.trigger"].sudo()
        if not planned.search_count(
            [("cron_id", "=", cron.id), ("call_at", "=", at)], limit=1
        ):
            cron._trigger(at)

    def _back_to_review(self, code, error):
        """A person has to mend it; the other notices go on."""
        self.write(
            {
                "state": "review",
                "reason": code,
                "reasons": [{"code": code, "detail": error}],
                "error_text": error[:500],
                **const.NO_ATTEMPTS,
            }
        )
        self._attempt(self.run_id._ask_for_review)
