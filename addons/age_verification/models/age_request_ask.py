import logging
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import split_every

from ..engine import judging
from .age_request import WAITING

_logger = logging.getLogger(__name__)

#: The same buyer is not written to again about the same document for so many hours.
SILENT_HOURS = 24
#: Requests that are judged at once.
BATCH = 100


class AgeRequest(models.Model):
    """Asking: a job writes the mails, as what holds a sale must not wait for them."""

    _inherit = "age.request"

    def _ask(self):
        """Have the buyers written to in a moment, and persons told of the others."""
        due = self.filtered(
            lambda record: not (record.is_ask_due or record.disowned_on)
        )
        if due:
            due.is_ask_due = True
            self.env.ref("age_verification.ir_cron_ask").sudo()._trigger()

    @api.model
    def _ask_next(self, documents, verdicts):
        """Ask who is to be asked now and was not before, about what still waits.

        That is another buyer of the same invoice, or one who could not be asked as long as
        something else was missing, such as the state of the destination.

        :param verdicts: {document: :class:`facts.Verdict`}
        """
        known = self.sudo()._find_for(documents)
        due = [
            record
            for document, record in known.items()
            if record._is_next(verdicts[document])
        ]
        self.sudo().union(*due)._ask()

    def _is_next(self, verdict):
        refused = verdict.refused_codes
        if not refused or refused - WAITING:
            return False
        is_new = not self.asked_on and self.partner_id.email
        return bool(is_new) or not self._get_own(verdict)

    # === ACTIONS === #

    def action_ask_again(self):
        """Write to the buyers once more, however lately they were written to.

        :raises UserError: nothing waits for any of them
        """
        self._check_documents()
        waiting = self.filtered(lambda record: record.state in ("asked", "open"))
        if not waiting:
            raise UserError(self.env._("Nothing here waits for a proof of age."))
        requests = waiting.sudo()
        requests.asked_on = False
        requests._ask()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The mails are written in a moment."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_owned(self):
        """It was ordered after all, as a person has found out."""
        self._check_documents()
        for documents in filter(None, (self.order_id, self.move_id)):
            documents.action_age_owned()

    def _check_documents(self):
        """Who asks has the rights on what is asked for."""
        self.check_access("read")
        for documents in filter(None, (self.order_id, self.move_id)):
            documents.check_access("write")

    # === JOB === #

    @api.model
    def _to_ask_domain(self):
        return Domain("is_ask_due", "=", True)

    @api.model
    def _cron_ask(self):
        """Ask who is to be asked, each in a transaction of its own."""
        due = self.sudo().search(self._to_ask_domain(), order="id")
        self.env["ir.cron"]._commit_progress(remaining=len(due))
        for ids in split_every(BATCH, due.ids):
            if not due.browse(ids)._ask_batch():
                break

    def _ask_batch(self):
        """Ask, but those whom another worker is asking.

        :return: whether there is time left
        """
        cron = self.env["ir.cron"]
        verdicts = self._get_verdicts()
        # What is locked next is seen as it is then, not as it was before the judging.
        cron._commit_progress()
        for record in self:
            locked = record.try_lock_for_update(allow_referencing=True)
            for mine in locked.filtered_domain(self._to_ask_domain()):
                mine._ask_isolated(verdicts[record])
            if not cron._commit_progress(1):
                return False
        return True

    def _ask_isolated(self, verdict):
        """Ask one buyer; what goes wrong is told on the document, and is its own."""
        try:
            with self.env.cr.savepoint():
                self._ask_now(verdict)
                self.is_ask_due = False
        except psycopg2.OperationalError:
            # Somebody writes to the document right now: the next run asks.
            _logger.info("age request %s is asked later", self.id)
            self.env.invalidate_all(flush=False)
        except Exception as error:
            self.env.invalidate_all(flush=False)
            self.is_ask_due = False
            self._note_failure(verdict, error)

    def _ask_now(self, verdict):
        """Write to a buyer who can do something, else tell a person."""
        refused = verdict.refused_codes
        is_over = self.disowned_on or self._get_document()._is_age_over()
        if is_over or not refused:
            return
        if not self._get_own(verdict):
            self._turn_to(verdict.person)
        task = self._get_task(refused)
        if task:
            self._give_task(verdict, task)
        elif not self._is_asked_lately():
            self._send(verdict)

    def _get_task(self, refused):
        """What a person has to do as the buyer cannot, or None."""
        buyer = self.partner_id.display_name
        if refused - WAITING - {judging.INCOMPLETE}:
            return self.env._("Cannot be sold to %s: see why", buyer)
        if judging.INCOMPLETE in refused:
            return self.env._("Give the state of the destination")
        if not self.partner_id.email:
            return self.env._("%s has no e-mail address: ask for proof of age", buyer)
        return None

    def _is_asked_lately(self):
        limit = fields.Datetime.now() - timedelta(hours=SILENT_HOURS)
        return bool(self.asked_on) and self.asked_on > limit

    # === MAIL === #

    def _send(self, verdict):
        """Queue the mail, and note on the document that the buyer was asked."""
        self.ensure_one()
        document = self._get_document()
        template = self.env.ref(
            "age_verification.mail_template_request", raise_if_not_found=False
        )
        if not template:  # deleted by a user: no mail is wanted
            return
        with document._age_remember({document: verdict}):
            template.sudo().send_mail(
                self.id, email_layout_xmlid="age_verification.request_mail_layout"
            )
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
        self.write({"asked_on": fields.Datetime.now(), "followed_up_on": False})
        document._message_log(
            body=self.env._(
                "%s is asked for proof of age by e-mail.",
                self.partner_id.display_name,
            )
        )

    def _note_failure(self, verdict, error):
        """Tell why a buyer was not asked, such as a template that somebody has broken."""
        _logger.info("age request %s: %s", self.id, error)
        is_new = self._give_task(
            verdict,
            self.env._(
                "The mail to %s cannot be written: ask for proof of age",
                self.partner_id.display_name,
            ),
        )
        if is_new:
            self._get_document()._message_log(
                body=self.env._("The buyer is not asked: %s", error)
            )
