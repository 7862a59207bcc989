from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

#: Columns of the preview that most files have nothing for.
OPTIONAL_COLUMNS = (
    "order_count",
    "settlement_count",
    "known_count",
    "unknown_sku_count",
    "failure_count",
    "error",
)


class MarketplaceImportWizard(models.TransientModel):
    """Files to import, with what they hold, before anything is written."""

    _name = "marketplace.import.wizard"
    _description = "Import Marketplace Files"

    channel_id = fields.Many2one(
        "marketplace.channel",
        help="Empty: each file goes to the channel of its platform, if there is just one.",
    )
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "marketplace_import_wizard_attachment_rel",
        "wizard_id",
        "attachment_id",
        string="Files",
        help="Drop files of any channel here.",
    )
    line_ids = fields.One2many(
        "marketplace.import.wizard.line",
        "wizard_id",
        compute="_compute_line_ids",
        # The user's own rights decide which files and channels may be looked into.
        compute_sudo=False,
        store=True,
        readonly=False,
        string="Preview",
    )
    can_import = fields.Boolean(compute="_compute_can_import")
    shown_columns = fields.Char(
        compute="_compute_shown_columns",
        help="Figures that some file has, by their field: the preview shows no others.",
    )

    @api.depends("attachment_ids", "channel_id")
    def _compute_line_ids(self):
        Line = self.env["marketplace.import.wizard.line"]
        for wizard in self:
            wizard.channel_id.check_access("read")
            wizard.attachment_ids._origin.check_access("read")
            wizard.line_ids = [Command.clear()] + [
                Command.create(Line._prepare_preview(attachment, wizard.channel_id))
                for attachment in wizard.attachment_ids._origin
            ]

    @api.depends("line_ids.channel_id", "line_ids.error")
    def _compute_can_import(self):
        for wizard in self:
            wizard.can_import = any(line._is_importable() for line in wizard.line_ids)

    @api.depends(*(f"line_ids.{name}" for name in OPTIONAL_COLUMNS))
    def _compute_shown_columns(self):
        for wizard in self:
            lines = wizard.line_ids
            shown = [name for name in OPTIONAL_COLUMNS if any(lines.mapped(name))]
            if not {"order_count", "settlement_count"} & set(shown):
                shown.append("order_count")
            wizard.shown_columns = ",".join(shown)

    def action_import(self):
        """Import the readable files: small ones at once, long ones in the background.

        :raises UserError: no file can be imported
        """
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line._is_importable())
        if not lines:
            raise UserError(self.env._("None of these files can be imported."))
        imports = self.env["marketplace.import"]
        waiting = imports
        news = False
        for line in lines:
            record, _is_new = imports._receive(
                line.channel_id, line.name, line.attachment_id.raw
            )
            imports |= record
            if record.state == "done":
                continue
            news = True
            if line._is_quick():
                record._run()
            else:
                record.sudo().state = "pending"
                waiting |= record
        if waiting:
            waiting._enqueue()
        # The import keeps the file as received; the upload has served its purpose.
        self.attachment_ids.unlink()
        result = self._open_result(imports)
        if news:
            return result
        message = self.env._("Imported before; nothing has changed.")
        notice = self.env["marketplace.order"]._notify(message, "info")
        notice["params"]["next"] = result
        return notice

    def _open_result(self, imports):
        action = self.env["ir.actions.actions"]._for_xml_id(
            "marketplace_invoicing.marketplace_import_action"
        )
        if len(imports) == 1:
            action.update(res_id=imports.id, view_mode="form", views=[(False, "form")])
        action["domain"] = [("id", "in", imports.ids)]
        return action
