import base64
import io

import xlsxwriter

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

#: What a spreadsheet's name of a sheet may not have, and how long it may be.
NOT_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
SHEET_NAME_LENGTH = 31
COLUMN_WIDTH = 24


class AgeEvidencePack(models.TransientModel):
    """What shows that a company was diligent, for an authority that asks."""

    _name = "age.evidence.pack"
    _description = "Due-Diligence Pack"
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        "From",
        required=True,
        default=lambda self: fields.Date.start_of(
            self.env.company._get_age_today(), "year"
        ),
    )
    date_to = fields.Date(
        "To", required=True, default=lambda self: self.env.company._get_age_today()
    )
    file = fields.Binary(readonly=True, attachment=False)
    filename = fields.Char(readonly=True)

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for pack in self:
            if pack.date_from > pack.date_to:
                raise ValidationError(self.env._("The period ends before it begins."))

    @api.depends("company_id", "date_from", "date_to")
    def _compute_display_name(self):
        for pack in self:
            pack.display_name = self.env._(
                "Age verification of %(company)s from %(start)s to %(end)s",
                company=pack.company_id.name,
                start=pack.date_from,
                end=pack.date_to,
            )

    def _get_sections(self):
        """The pack's tables, see :meth:`age.evidence._collect`."""
        self.ensure_one()
        if self.company_id not in self.env.user.company_ids:
            raise UserError(self.env._("You do not belong to this company."))
        evidence = self.env["age.evidence"].with_company(self.company_id)
        return evidence.with_context(allowed_company_ids=self.company_id.ids)._collect(
            self.company_id, self.date_from, self.date_to
        )

    def action_print(self):
        """The pack on paper."""
        self.ensure_one()
        self.check_access("read")
        report = self.env.ref("age_verification.age_evidence_pack_report")
        return report.report_action(self, config=False)

    def action_export(self):
        """The pack as a spreadsheet, which the browser fetches."""
        self.ensure_one()
        self.filename = f"age_verification_{self.date_from}_{self.date_to}.xlsx"
        self.file = base64.b64encode(self._write_xlsx())
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file/{self.filename}"
            "?download=true",
            "target": "download",
        }

    def _write_xlsx(self):
        """A sheet for each section; cells are text, so that none is a formula."""
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
            bold = book.add_format({"bold": True})
            head = book.add_format({"bold": True, "bottom": 1})
            for section in self._get_sections():
                name = section.title.translate(NOT_IN_SHEET_NAMES)
                sheet = book.add_worksheet(name[:SHEET_NAME_LENGTH])
                sheet.write_string(0, 0, self.display_name, bold)
                sheet.write_string(1, 0, section.note)
                for column, text in enumerate(section.header):
                    sheet.write_string(3, column, text, head)
                for number, row in enumerate(section.rows, start=4):
                    for column, text in enumerate(row):
                        sheet.write_string(number, column, text)
                sheet.set_column(0, max(len(section.header) - 1, 0), COLUMN_WIDTH)
                sheet.freeze_panes(4, 0)
        return stream.getvalue()
