import logging
import re

from odoo import api, fields, models

from .. import const

_logger = logging.getLogger(__name__)

#: The code a server answers with (RFC 5321, 4.2): before its text, or as smtplib writes
#: it, ``(451, b'...')``. Numbers within the text are no codes.
REPLY_CODE = re.compile(r"^\s*([2-5]\d\d)(?=[ -]|$)|\(([2-5]\d\d), b?['\"]", re.M)
#: Kinds of failure that no other address of the customer would mend.
SENDER_FAILURES = ("mail_from_invalid", "mail_from_missing", "mail_spam")


class DunningNotice(models.Model):
    """What became of a mail: it left, it waits, it came back, or nobody knows."""

    _inherit = "dunning.notice"

    @api.model
    def _follow_deliveries(self):
        """Notices whose mail is on its way or came back, or left without the rest."""
        for notice in self.search([("state", "=", "sending")]):
            notice._follow_delivery_isolated()
        for notice in self.search([("follow_up_due", "=", True)]):
            notice._follow_up_isolated()

    def _follow_delivery_isolated(self):
        """Read what became of one mail; an error is its own and the others go on."""
        self.ensure_one()
        try:
            self._follow_delivery()
            self.env["ir.cron"]._commit_progress()
        except Exception:
            self.env.cr.rollback()
            _logger.exception("dunning notice %s cannot be followed", self.id)

    def _follow_delivery(self):
        """Read from the mail what became of the notice.

        :return: False when the mail server does not answer
        """
        self.ensure_one()
        mail = self._get_mail()
        notification = self.mail_message_id.sudo().notification_ids[:1]
        error = mail.failure_reason or notification.failure_reason or ""
        failure = notification.failure_type or mail.failure_type
        if mail.state == "outgoing":
            self.state = "sending"
        elif mail.state == "sent" or (
            not mail and notification.notification_status == "sent"
        ):
            self._count_as_sent()
        elif failure == "mail_smtp":
            self._take_back()
            self._wait_for_server(error)
        elif self._is_temporary(error) and self._may_try_again():
            self._take_back()
            self._try_later(error)
        elif failure in SENDER_FAILURES:
            self._take_back()
            self._back_to_review("mail_refused", error or failure)
        else:
            self._fail(error)
        return failure != "mail_smtp"

    @api.model
    def _is_temporary(self, error):
        """A server that is busy, full or greylisting answers with a code of 400.

        :param error: the reply as core keeps it, an exception's text
        """
        code = REPLY_CODE.search(error)
        return bool(code) and (code[1] or code[2]).startswith("4")

    def _get_mail(self):
        return (
            self.env["mail.mail"]
            .sudo()
            .search([("mail_message_id", "=", self.mail_message_id.id)], limit=1)
        )

    def _take_back(self):
        """Nothing has left, for no fault of the recipient's address."""
        message = self.mail_message_id
        self._get_mail().unlink()
        message.sudo().unlink()
        self._revoke_dispatch()
        self.state = "approved"

    def _count_as_sent(self):
        """The notice left: its levels count from now on.

        Only what must be on record with it. The rest is `_follow_up_sent`: run by the
        queue once this is committed, and by buttons at once.
        """
        for notice in self:
            notice.write(
                {
                    "state": "sent",
                    "sent_at": fields.Datetime.now(),
                    "error_text": False,
                    "follow_up_due": True,
                    **const.NO_ATTEMPTS,
                }
            )
            notice.item_ids.write({"state": "sent"})
            notice.item_ids.move_line_id._update_dunning_level()

    def _fail(self, reason):
        """The mail did not arrive: the level does not count and the address needs care."""
        self.ensure_one()
        self.write(
            {
                "state": "failed",
                "failed_email": self.contact_id.email_normalized,
                "error_text": reason[:500],
                "follow_up_due": False,
                **const.NO_ATTEMPTS,
            }
        )
        self.item_ids._fail()
        self._attempt(self._reverse_charges)
        self._attempt(self._plan_contact_fix, reason)
        self.run_id._update_state()

    def _message_receive_bounce(self, email, partner):
        """Override of `mail`: a notice that came back does not count.

        Other mails of the conversation may bounce too: only the recipient's matters.
        """
        result = super()._message_receive_bounce(email, partner)
        for notice in self:
            contact = notice.contact_id
            is_recipient = (
                contact in (partner or ()) or contact.email_normalized == email
            )
            if is_recipient and notice.state in ("sent", "sending"):
                notice._fail(notice.env._("The mail to %s came back.", email))
        return result

    def _set_uncertain(self):
        """The process died while sending: nobody knows, so a person looks."""
        self.ensure_one()
        self.state = "uncertain"
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("Did this notice leave?"),
            note=self.env._(
                "Sending was interrupted. Look in the mail server's log for the "
                "recipient, then press 'It arrived' or 'Send again'."
            ),
            user_id=self._get_owner().id,
        )
        self.run_id._update_state()
