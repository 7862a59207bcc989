from odoo import fields, models


class DunningNotice(models.Model):
    """Which mail server a notice leaves by, and how many may."""

    _inherit = "dunning.notice"

    mail_server_id = fields.Many2one(
        "ir.mail_server",
        readonly=True,
        groups="base.group_system",
        index="btree_not_null",
        help="The server that the notice was handed to; its hourly limit counts it.",
    )

    def _get_mail_server(self):
        """Server of the template, else the one that core takes for the sender."""
        self.ensure_one()
        template = self.level_id.mail_template_id.sudo()
        if template.mail_server_id:
            return template.mail_server_id
        sender = self._get_owner().email_formatted or self.company_id.email_formatted
        servers = self.env["ir.mail_server"].sudo()
        return servers._find_mail_server(sender)[0] or servers

    def _get_server_opening(self, now):
        """Moment (UTC) when the mail server has room again, None when it has now."""
        if not self._goes_by_mail():
            return None
        free_at = self._get_mail_server()._get_dunning_free_at(self.company_id, now)
        return free_at if free_at > now else None

    def _goes_by_mail(self):
        return bool(self.level_id.send_mail and self.contact_id.email_normalized)
