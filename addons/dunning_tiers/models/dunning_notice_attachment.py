import logging

from psycopg2 import OperationalError

from odoo import api, models
from odoo.tools import split_every

from odoo.addons.base.models.ir_actions_report import _wkhtml

_logger = logging.getLogger(__name__)

#: More invoices than this are linked, not attached.
MAX_ATTACHED_INVOICES = 20


class DunningNotice(models.Model):
    """The invoices' PDFs that go along with a notice, printed before it goes."""

    _inherit = "dunning.notice"

    def _prepare_attachments_isolated(self):
        """Attach what is missing, unless another worker is at the same notices.

        An error is that of its notice, which is tried again later; the others go on.

        :return: the notices that may go now
        """
        try:
            ready = self._prepare_attachments()
            self.env.flush_all()
        except OperationalError:
            self.env.cr.rollback()
            return self.browse()
        except Exception as error:
            self.env.cr.rollback()
            if len(self) > 1:
                return self.browse().union(
                    *(notice._prepare_attachments_isolated() for notice in self)
                )
            _logger.exception("dunning notice %s: attachments fail", self.id)
            self._note_error(error)
            self.env["ir.cron"]._commit_progress()
            return self.browse()
        self.env["ir.cron"]._commit_progress()
        return ready

    def _prepare_attachments(self):
        """Attach the invoices' PDFs to the notices: those that exist, and those that are
        missing rendered at once, before any journal item is locked.

        :return: all notices but those that another worker holds
        """
        waiting = self.filtered(
            lambda notice: (
                not notice.attachments_ready
                and notice.kind == "notice"
                and notice.level_id.attach_invoices
            )
        )
        mine = waiting.try_lock_for_update(allow_referencing=True)
        moves = {notice: notice._get_moves_to_attach() for notice in mine}
        pdfs = self._get_invoice_pdfs(self.env["account.move"].union(*moves.values()))
        for notice in mine:
            found = self.env["ir.attachment"].union(
                *(pdfs[move] for move in moves[notice] if move in pdfs)
            )
            notice.attachment_ids += found
            notice.attachments_ready = True
            notice._note_missing_attachments(
                moves[notice].filtered(lambda move: move not in pdfs)
            )
        return self - (waiting - mine)

    def _note_missing_attachments(self, moves):
        """Say on the notice which invoices it is going without."""
        if moves:
            names = ", ".join(moves.mapped("name"))
            self._message_log(
                body=self.env._("Could not be printed and attached: %s", names)
            )

    def _leave_out_attachments(self):
        """Detach PDFs of invoices that were left out after they were attached.

        What a person attached stays.
        """
        self.ensure_one()
        gone = self.dropped_item_ids.move_id - self.item_ids.move_id
        self.attachment_ids -= self.attachment_ids.sudo().filtered(
            lambda pdf: pdf.res_model == "account.move" and pdf.res_id in gone.ids
        )

    def _get_moves_to_attach(self):
        """Invoices of the notice, or none when they are too many for a mail."""
        self.ensure_one()
        moves = self.item_ids.move_id.filtered(lambda move: move.is_invoice())
        return moves if len(moves) <= MAX_ATTACHED_INVOICES else moves.browse()

    @api.model
    def _get_invoice_pdfs(self, moves):
        """PDF of each invoice: the one that was sent when there is one.

        A report that cannot be printed is no reason not to remind: the mail links to the
        invoices as well.
        """
        pdfs = {
            move: move.invoice_pdf_report_id
            for move in moves
            if move.invoice_pdf_report_id
        }
        missing = moves.filtered(lambda move: move not in pdfs)
        # Debian's wkhtmltopdf prints one document at a time.
        size = len(missing) if _wkhtml().is_patched_qt else 1
        for ids in split_every(max(size, 1), missing.ids):
            pdfs |= self._render_invoices_isolated(moves.browse(ids))
        return pdfs

    @api.model
    def _render_invoices_isolated(self, moves):
        """Print what can be printed: one bad invoice leaves only itself out."""
        try:
            with self.env.cr.savepoint():
                return self._render_invoices(moves)
        except OperationalError:
            raise
        except Exception as error:
            # Reports are people's work and raise anything, not only for the user.
            _logger.warning(
                "dunning: invoices %s cannot be printed: %s", moves.ids, error
            )
        pdfs = {}
        for move in moves if len(moves) > 1 else ():
            pdfs |= self._render_invoices_isolated(move)
        return pdfs

    @api.model
    def _render_invoices(self, moves):
        streams = (
            self.env["ir.actions.report"]
            .sudo()
            ._render_qweb_pdf_prepare_streams(
                "account.account_invoices", {}, res_ids=moves.ids
            )
        )
        vals_list = [
            {
                "name": move._get_invoice_report_filename(),
                "raw": streams[move.id]["stream"].getvalue(),
                "mimetype": "application/pdf",
                "res_model": "account.move",
                "res_id": move.id,
            }
            for move in moves
            if streams.get(move.id, {}).get("stream")
        ]
        attachments = self.env["ir.attachment"].sudo().create(vals_list)
        return {moves.browse(pdf.res_id): pdf for pdf in attachments}
