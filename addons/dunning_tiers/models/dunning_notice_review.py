from odoo import api, fields, models


class DunningNotice(models.Model):
    """What a person sees of a notice before and after it goes."""

    _inherit = "dunning.notice"

    run_state = fields.Selection(related="run_id.state", string="State of the proposal")
    invoice_count = fields.Integer(compute="_compute_invoice_count")
    has_message = fields.Boolean(compute="_compute_has_message")
    preview_subject = fields.Char("Subject", compute="_compute_preview")
    preview_body = fields.Html("Message", compute="_compute_preview", sanitize=False)
    preview_error = fields.Char(compute="_compute_preview")

    def _compute_invoice_count(self):
        counts = dict(
            self.env["dunning.item"]._read_group(
                [("notice_id", "in", self.ids), ("state", "!=", "dropped")],
                ["notice_id"],
                ["move_id:count_distinct"],
            )
        )
        for notice in self:
            notice.invoice_count = counts.get(notice, 0)

    @api.depends("level_id.kind", "level_id.send_mail", "level_id.mail_template_id")
    def _compute_has_message(self):
        for notice in self:
            level = notice.level_id
            notice.has_message = bool(
                level.kind == "notice" and level.send_mail and level.mail_template_id
            )

    @api.depends("mail_message_id", "contact_id", "item_ids", "amount_total", "user_id")
    def _compute_preview(self):
        """The mail as it was sent, or as it would go now.

        Not while somebody edits the form: a template that fails would roll back to
        before the edit.
        """
        for notice in self:
            subject = body = error = False
            if notice.mail_message_id:
                message = notice.mail_message_id.sudo()
                subject, body = message.subject, message.body
            elif notice.has_message and isinstance(notice.id, int):
                subject, body, error = notice._preview_mail()
            notice.preview_subject = subject
            notice.preview_body = body
            notice.preview_error = error

    def _preview_mail(self):
        """Subject, body and what is wrong with the template, if anything."""
        try:
            with self.env.cr.savepoint():
                return *self._render_mail(), False
        except Exception as error:
            # As when sending: a template is a person's text and may raise anything.
            return False, False, str(error)

    # === ACTIONS === #

    def action_open(self):
        """Open the notice with its preview."""
        self.ensure_one()
        return self._get_records_action()

    def action_open_run(self):
        self.ensure_one()
        return self.run_id._get_records_action()

    def action_open_invoices(self):
        self.ensure_one()
        return (self.item_ids | self.dropped_item_ids).move_id._get_records_action(
            name=self.env._("Invoices of %s", self.name)
        )

    def action_hand_to_collection(self):
        self.ensure_one()
        action = self.partner_id.action_hand_to_collection()
        context = {**action["context"], "default_company_id": self.company_id.id}
        return {**action, "context": context}
