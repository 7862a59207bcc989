import logging

from psycopg2 import OperationalError

from odoo import fields, models

_logger = logging.getLogger(__name__)


class DunningNotice(models.Model):
    """What comes with a notice that left: notes, tasks and the invoice of its charges."""

    _inherit = "dunning.notice"

    follow_up_due = fields.Boolean(
        readonly=True,
        copy=False,
        help="It left, but notes, tasks and the invoice of its charges are to be made.",
    )

    _follow_up_idx = models.Index("(id) WHERE follow_up_due")

    def _follow_up_sent(self):
        """Make notes, tasks and the invoice of charges. Nothing here undoes the sending."""
        for notice in self:
            notice.follow_up_due = False
            notice._attempt(notice._log_on_invoices)
            notice._attempt(notice._plan_level_activity)
            notice._attempt(notice._post_charges)
        self.run_id._update_state()

    def _follow_up_isolated(self):
        """Follow up one notice that left, and commit; what fails now is tried again later.

        A notice that another process follows up is left to it.
        """
        self.ensure_one()
        try:
            notice = self.try_lock_for_update(allow_referencing=True)
            notice.invalidate_recordset(["follow_up_due"])
            notice.filtered("follow_up_due")._follow_up_sent()
            self.env["ir.cron"]._commit_progress()
        except Exception:
            self.env.cr.rollback()
            _logger.exception("dunning notice %s cannot be followed up", self.id)

    def _attempt(self, step, *args):
        """Do a step that must not undo the others; what fails is left to the owner."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                step(*args)
        except OperationalError:
            # Somebody changes the same rows: all of it again, in a new transaction.
            raise
        except Exception as error:
            _logger.warning("dunning notice %s: %s: %s", self.id, step.__name__, error)
            self._note_left_undone(str(error))

    def _note_left_undone(self, error):
        """Say on the notice what could not be done, and give its owner a task."""
        self._message_log(body=self.env._("Could not be done: %s", error))
        try:
            with self.env.cr.savepoint():
                self.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=self.env._("Left undone with this notice"),
                    note=error,
                    user_id=self._get_owner().id,
                )
        except OperationalError:
            raise
        except Exception as owner_error:
            # An owner who may not see notices: the note above is there all the same.
            _logger.warning("dunning notice %s: no task: %s", self.id, owner_error)

    def _plan_level_activity(self):
        """The call or task that a level adds to its notice."""
        level = self.level_id
        if level.activity_type_id and level.kind != "escalation":
            self._schedule_level_activity(level.activity_type_id)

    def _schedule_level_activity(self, activity_type, **values):
        """An activity of this type as the level sets it: who, until when, what."""
        level = self.level_id
        self.activity_schedule(
            activity_type_id=activity_type.id,
            date_deadline=fields.Date.add(
                self.company_id._get_dunning_today(), days=level.activity_days
            ),
            note=level.activity_note,
            user_id=self._get_activity_user().id,
            **values,
        )

    def _plan_contact_fix(self, reason):
        """Somebody has to find an address that works; asked once per customer."""
        kind = "dunning_tiers.mail_activity_type_fix_contact"
        self.partner_id.activity_unlink([kind])
        self.partner_id.activity_schedule(
            kind,
            note=self.env._(
                "Notice %(notice)s to %(email)s did not arrive: %(reason)s",
                notice=self.name,
                email=self.failed_email or "",
                reason=reason,
            ),
            user_id=self._get_owner().id,
        )

    def _log_on_invoices(self):
        """One line in each invoice's chatter, for whoever opens the invoice."""
        self.ensure_one()
        moves = self.item_ids.move_id
        if len(moves) > 1000:
            return
        body = self.env._(
            "%(level)s: notice %(notice)s of %(date)s to %(contact)s",
            level=self.level_id.name,
            notice=self.name,
            date=self.date,
            contact=self.contact_id.display_name,
        )
        moves._message_log_batch(bodies=dict.fromkeys(moves.ids, body))
