import logging

from psycopg2.errors import UniqueViolation

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.fields import Domain
from odoo.tools import mute_logger, split_every

_logger = logging.getLogger(__name__)

#: Notices whose invoices are printed together.
ATTACHMENT_BATCH = 20


class DunningNotice(models.Model):
    """Sending: gate, hand-over and delivery, one notice and one transaction at a time."""

    _inherit = "dunning.notice"

    @api.model
    def _to_send_domain(self):
        return [
            ("state", "=", "approved"),
            ("run_id.state", "=", "sending"),
            "|",
            ("send_after", "=", False),
            ("send_after", "<=", fields.Datetime.now()),
        ]

    @api.model
    def _cron_send(self):
        self._send_queue()

    @api.model
    def _send_queue(self, domain=(), on_progress=None):
        """Send what is approved and may go now.

        One commit per notice: a mail cannot be taken back, so what it did must not be
        lost with the next one's failure.

        :param domain: only these notices
        :param on_progress: called with the number of notices done
        """
        self._follow_deliveries()
        notices = self.search(
            Domain(domain) & Domain(self._to_send_domain()), order="run_id, id"
        )
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(notices))
        done = 0
        down = set()
        for ids in split_every(ATTACHMENT_BATCH, notices.ids):
            batch = self.browse(ids)
            ready = batch._prepare_attachments_isolated()
            done += len(batch) - len(ready)
            cron._commit_progress(len(batch) - len(ready))
            for notice in ready:
                server = notice._get_mail_server().id
                # Each try would wait once more for a server that does not answer.
                if server not in down and not notice._send_isolated():
                    down.add(server)
                done += 1
                if on_progress:
                    on_progress(done, len(notices))
                if not cron._commit_progress(1):
                    return
        # Two workers that finish at once each still saw the other's last notice waiting.
        runs = self.env["dunning.run"].search([("state", "=", "sending")])
        runs.try_lock_for_update()._update_state()
        cron._commit_progress()

    def _send_isolated(self):
        """Send one notice; an unforeseen error is its own and the others go on.

        :return: False when the mail server does not answer
        """
        self.ensure_one()
        try:
            answers = self._send_one() is not False
            # That it left is on record before anything that may fail.
            self.env["ir.cron"]._commit_progress()
        except Exception as error:
            self.env.cr.rollback()
            _logger.exception("dunning notice %s cannot be sent", self.id)
            self._note_error(error)
            return True
        self._follow_up_isolated()
        return answers

    def _send_one(self):
        """Send one notice if the gate lets it pass, its rows locked until the commit.

        A notice that another process holds is left to it.

        :return: False when the mail server does not answer
        """
        self.ensure_one()
        notice = self.try_lock_for_update(allow_referencing=True)
        notice = notice.filtered_domain(self._to_send_domain())
        if not notice:
            return True
        if notice._was_dispatched():
            notice._set_uncertain()
            return True
        try:
            notice._lock_what_is_written()
        except LockError:
            # Somebody matches a payment or edits an invoice right now: judge after they
            # are done.
            notice._defer(minutes=1)
            return True
        # What was read before the locks may have changed since.
        notice.invalidate_recordset()
        notice._update_owner()
        notice._refresh_one()
        if notice.state == "approved" and notice.kind == "escalation":
            notice._escalate()
        elif notice.state == "approved" and notice._is_time_to_send():
            return notice._deliver()
        return True

    def _lock_what_is_written(self):
        """Hold every row that is written once the mail has left.

        Who changes one of them meanwhile would make the commit fail after the mail.

        :raise LockError: when another process holds one of them
        """
        items = self.item_ids
        for records in (items.move_id, items.move_line_id, items):
            records.lock_for_update(allow_referencing=True)

    # === WHEN === #

    def _is_time_to_send(self):
        """Put off what is outside the customer's hours or above a server's limit."""
        self.ensure_one()
        opens = self._get_next_opening()
        if opens:
            self.send_after = opens
            self._wake_up(opens)
            return False
        return True

    # === HAND-OVER === #

    def _was_dispatched(self):
        return bool(
            self.env["dunning.dispatch"]
            .sudo()
            .search_count([("notice_ref", "=", self.id)], limit=1)
        )

    def _record_dispatch(self):
        """Write down, on a connection of its own, that the mail goes now.

        :return: False when another process has written it before
        """
        self.ensure_one()
        vals = {"notice_ref": self.id, "email": self.contact_id.email_normalized}
        try:
            with self.env.registry.cursor() as cr, mute_logger("odoo.sql_db"):
                env = api.Environment(cr, SUPERUSER_ID, {})
                env["dunning.dispatch"].create(vals)
        except UniqueViolation:
            return False
        return True

    def _forget_dispatch(self):
        """A person says that nothing has left: the notices may be handed over again."""
        domain = [("notice_ref", "in", self.ids)]
        self.env["dunning.dispatch"].sudo().search(domain).unlink()

    def _revoke_dispatch(self):
        """Nothing has left: undo what this very transaction wrote down.

        On a connection of its own: the transaction began before the row was written, and
        would look for it in vain.
        """
        with self.env.registry.cursor() as cr:
            self.with_env(api.Environment(cr, SUPERUSER_ID, {}))._forget_dispatch()

    def _deliver(self):
        """Fill in the text, look at its tone, hand it to the mail server.

        :return: False when the mail server does not answer
        """
        self.ensure_one()
        self._leave_out_attachments()
        by_mail = self._goes_by_mail()
        if (self.level_id.print_letter or not by_mail) and not self._make_letter():
            return True
        if not by_mail:
            self._plan_letter()
            self._count_as_sent()
            return True
        text = self._get_checked_text()
        if not text:
            return True
        mail = self._post_mail(*text)
        if not self._record_dispatch():
            raise UserError(self.env._("Notice %s is being sent already.", self.name))
        mail.send()
        return self._follow_delivery()

    def _get_checked_text(self):
        """Subject and body that keep the tone; None when a person has to mend them."""
        try:
            with self.env.cr.savepoint():
                subject, body = self._render_mail()
        except Exception as error:
            # A template is a person's text: whatever it raises concerns this notice only.
            _logger.info("dunning notice %s: template fails: %s", self.name, error)
            self._back_to_review("template_error", str(error))
            return None
        findings = self._lint_rendered(subject, body)
        if findings:
            self._back_to_review("tone", "; ".join(map(str, findings)))
            return None
        return subject, body

    def _render_mail(self):
        """Subject and body in the customer's language."""
        self.ensure_one()
        template = self.level_id.mail_template_id.with_context(lang=self.lang)
        rendered = template._generate_template(self.ids, ["subject", "body_html"])
        values = rendered[self.id]
        return values["subject"], values["body_html"]

    def _post_mail(self, subject, body):
        """The mail as a message on the notice, so that replies and bounces find it."""
        self.ensure_one()
        self.sudo().mail_server_id = self._get_mail_server()
        sender = (self._get_owner() or self.company_id).email_formatted
        sender = sender or self.company_id.email_formatted
        message = self.with_context(
            mail_post_autofollow=False, mail_post_autofollow_author_skip=True
        ).message_post(
            author_id=(self._get_owner() or self.company_id).partner_id.id,
            body=body,
            subject=subject,
            message_type="comment",
            subtype_xmlid="mail.mt_note",
            partner_ids=self.contact_id.ids,
            attachment_ids=self.attachment_ids.ids,
            email_from=sender,
            reply_to=sender,
            email_layout_xmlid="dunning_tiers.mail_layout_notice",
            mail_server_id=self.level_id.mail_template_id.mail_server_id.id,
            mail_auto_delete=False,
            force_send=False,
        )
        self.mail_message_id = message
        return (
            self.env["mail.mail"].sudo().search([("mail_message_id", "=", message.id)])
        )

    # === ESCALATION === #

    def _escalate(self):
        """Hand the customer to a person. Nothing is sent."""
        self.ensure_one()
        default = self.env.ref("mail.mail_activity_data_todo")
        self._schedule_level_activity(
            self.level_id.activity_type_id or default, summary=self.level_id.name
        )
        self._count_as_sent()
