from odoo import api, fields, models

from ..groups import MONEY_GROUPS
from ..invoice_content import InvoiceContent


class AccountMove(models.Model):
    _inherit = "account.move"

    artisan_snapshot_ids = fields.One2many(
        "artisan.content.snapshot",
        "move_id",
        string="Content for the customer",
        groups=MONEY_GROUPS,
        readonly=True,
        copy=False,
    )
    artisan_content_preview = fields.Html(
        "What the customer reads",
        compute="_compute_artisan_content_preview",
        # Who sees the invoice sees what is printed on it.
        compute_sudo=True,
        sanitize=False,
    )

    @api.depends(
        "state",
        "move_type",
        "partner_id",
        "invoice_date",
        "invoice_line_ids.product_id",
        "invoice_line_ids.quantity",
        "artisan_snapshot_ids",
    )
    def _compute_artisan_content_preview(self):
        drafts = self.filtered(lambda move: move._shows_artisan_content(state="draft"))
        vals_by_move = InvoiceContent(drafts).prepare_vals()
        for move in self:
            blocks = move._get_artisan_blocks(vals_by_move.get(move))
            move.artisan_content_preview = blocks and self.env["ir.qweb"]._render(
                "artisan_pricing.content_blocks", {"blocks": blocks}
            )

    def _post(self, soft=True):
        """Override of `account` to keep what the invoice tells the customer as it is today."""
        posted = super()._post(soft)
        posted._snapshot_artisan_content()
        return posted

    def _shows_artisan_content(self, state="posted"):
        """Whether this is a customer's invoice in that state: never a credit note or bill."""
        self.ensure_one()
        return self.state == state and self.move_type in ("out_invoice", "out_receipt")

    def _snapshot_artisan_content(self):
        """Choose the blocks of posted invoices anew; earlier snapshots of them go."""
        moves = self.filtered(lambda move: move._shows_artisan_content())
        snapshots = self.env["artisan.content.snapshot"].sudo()
        if not moves:
            return snapshots
        snapshots.search([("move_id", "in", moves.ids)]).unlink()
        vals_by_move = InvoiceContent(moves.sudo()).prepare_vals()
        return snapshots.create(
            [vals for move in moves for vals in vals_by_move.get(move, ())]
        )

    def _get_artisan_blocks(self, vals_list=None):
        """What PDF, portal and preview print, for whoever may read the invoice.

        :param vals_list: values of snapshots not made yet; without them the posted
            invoice's own
        :return: [{"title", "maker", "applies_to", "text"}], the text clean HTML
        """
        self.ensure_one()
        contents = self.env["artisan.content"]
        if vals_list is None:
            shows = self._shows_artisan_content()
            vals_list = self.sudo().artisan_snapshot_ids if shows else ()
        return [
            {
                "title": contents._get_titles(vals["lang"])[vals["kind"]],
                "maker": vals["maker_name"],
                "applies_to": vals["applies_to"],
                "text": vals["text"],
            }
            for vals in vals_list
            if vals["text"] and not vals["kept_back"]
        ]
