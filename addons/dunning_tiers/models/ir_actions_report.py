from odoo import models

from .dunning_notice_letter import LETTER_REPORT


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """Override of `base`: each letter is printed alone, so that its pages are
        numbered for its own reader; core puts them together in one file. A printing
        program without running headers takes no more than one at a time anyway.
        """
        prepare = super()._render_qweb_pdf_prepare_streams
        letter = self.env.ref(LETTER_REPORT, raise_if_not_found=False)
        if not letter or self._get_report(report_ref) != letter:
            return prepare(report_ref, data, res_ids=res_ids)
        streams = {}
        for res_id in res_ids or ():
            streams |= prepare(report_ref, data, res_ids=[res_id])
        return streams
