import base64

from odoo import api, fields, models
from odoo.fields import Domain

from ..engine import rule_file

WRITERS = {"xlsx": rule_file.write_xlsx, "csv": rule_file.write_csv}


class AgeRuleExport(models.TransientModel):
    """The rules as a file that can be edited and imported again."""

    _name = "age.rule.export"
    _description = "Export Rules"

    file_format = fields.Selection(
        [("xlsx", "Excel (XLSX)"), ("csv", "CSV")], default="xlsx", required=True
    )
    rule_ids = fields.Many2many(
        "age.rule",
        "age_rule_export_rel",
        "export_id",
        "rule_id",
        "Rules",
        default=lambda self: self._default_rules(),
    )
    rule_count = fields.Integer(compute="_compute_rule_count")
    file = fields.Binary(readonly=True, attachment=False)
    filename = fields.Char(readonly=True)

    def _default_rules(self):
        """The rules that are ticked in a list; none stands for all."""
        if self.env.context.get("active_model") == "age.rule":
            return self.env.context.get("active_ids")
        return False

    @api.depends("rule_ids")
    def _compute_rule_count(self):
        for export in self:
            export.rule_count = len(export.rule_ids)

    def action_export(self):
        """Write the file, and have the browser fetch it."""
        self.ensure_one()
        rules = self.rule_ids or self.env["age.rule"].search(Domain.TRUE)
        content = WRITERS[self.file_format](rules._as_rows())
        day = fields.Date.to_string(self.env.company._get_age_today())
        self.filename = f"age_rules_{day}.{self.file_format}"
        self.file = base64.b64encode(content)
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file/{self.filename}"
            "?download=true",
            "target": "download",
        }
