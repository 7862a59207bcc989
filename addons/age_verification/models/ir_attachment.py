from odoo import api, models
from odoo.exceptions import AccessError

#: What makes an attachment the paper that somebody has looked at.
CONTENT = {
    "datas",
    "raw",
    "db_datas",
    "name",
    "mimetype",
    "type",
    "url",
    "res_model",
    "res_id",
}


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def write(self, vals):
        """Override: papers of an exemption that was decided are not swapped."""
        if not self.env.su and CONTENT & vals.keys():
            self._check_age_evidence()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_age_evidence(self):
        # In superuser mode as well: that is how messages lose their attachments.
        self._check_age_evidence()

    def _check_age_evidence(self):
        ids = {
            attachment.res_id
            for attachment in self.sudo()
            if attachment.res_model == "age.exemption" and attachment.res_id
        }
        if not ids:
            return
        exemptions = self.env["age.exemption"].sudo().browse(ids).exists()
        if any(exemption.state != "draft" for exemption in exemptions):
            raise AccessError(
                self.env._("These papers are evidence of an exemption: they stay.")
            )
