import io
from collections import Counter
from itertools import islice

from odoo import api, fields, models

from ..channels.base import ARTICLE_KINDS, ChannelParseError, ParsedOrder
from ..channels.merge import merge

#: A preview reads no more records than this; the import reads all.
PREVIEW_LIMIT = 5000


class MarketplaceImportWizardLine(models.TransientModel):
    """What one file holds. Reading it writes nothing."""

    _name = "marketplace.import.wizard.line"
    _description = "Marketplace File Preview"

    wizard_id = fields.Many2one(
        "marketplace.import.wizard", required=True, index=True, ondelete="cascade"
    )
    attachment_id = fields.Many2one("ir.attachment", required=True, ondelete="cascade")
    name = fields.Char(string="File", required=True)
    format_label = fields.Char(string="Format")
    channel_id = fields.Many2one("marketplace.channel")
    order_count = fields.Integer(string="Orders")
    new_count = fields.Integer(string="New")
    known_count = fields.Integer(
        string="Known", help="Already imported: unchanged, or brought up to date."
    )
    failure_count = fields.Integer(string="Unreadable")
    unknown_sku_count = fields.Integer(
        string="Unknown Products", help="Codes that no product is assigned to yet."
    )
    amount_text = fields.Char(string="Total")
    error = fields.Char(help="Why the file cannot be imported, and where.")

    @api.onchange("channel_id")
    def _onchange_channel_id(self):
        """Read the file again as one of the chosen channel."""
        if self.channel_id:
            self.channel_id.check_access("read")
            self.attachment_id.check_access("read")
            self.error = False
            self.update(self._prepare_preview(self.attachment_id, self.channel_id))

    def _is_importable(self):
        self.ensure_one()
        return bool(self.channel_id) and not self.error

    @api.model
    def _prepare_preview(self, attachment, channel):
        """Return the values of a preview line.

        :param attachment: `ir.attachment` with the file
        :param channel: `marketplace.channel`, or empty to choose by platform
        """
        values = {"attachment_id": attachment.id, "name": attachment.name}
        try:
            found, file_format, records = channel._read_file(
                io.BytesIO(attachment.raw or b""), attachment.name
            )
            values.update(
                self._summarise(found, list(islice(records, PREVIEW_LIMIT))),
                format_label=file_format.label,
                channel_id=found.id,
            )
        except ChannelParseError as error:
            values["error"] = str(error)
        else:
            if not found:
                values["error"] = self.env._(
                    "Choose a channel: there is not just one for it."
                )
            elif found.platform != file_format.platform:
                values["error"] = self.env._(
                    "This is a file of another platform: %(label)s",
                    label=file_format.label,
                )
        return values

    @api.model
    def _summarise(self, channel, records):
        """Return counts and totals of parsed records.

        :raises ChannelParseError: not one record can be read
        """
        orders = [record for record in records if isinstance(record, ParsedOrder)]
        failures = [record for record in records if not isinstance(record, ParsedOrder)]
        if failures and not orders:
            raise ChannelParseError(failures[0].reason, failures[0].where)
        # Pages of one order count once, with its total.
        orders = [record for record in merge(orders) if isinstance(record, ParsedOrder)]
        refs = [order.external_ref for order in orders]
        known = self.env["marketplace.order"]._get_by_external_ref(channel, refs)
        totals = Counter()
        for order in orders:
            if order.amount_total is not None:
                totals[order.currency or ""] += order.amount_total
        return {
            "order_count": len(refs),
            "known_count": len(known),
            "new_count": len(refs) - len(known),
            "failure_count": len(failures),
            "unknown_sku_count": self._count_unknown_skus(channel, orders),
            "amount_text": ", ".join(
                f"{amount:,f} {currency}".strip()
                for currency, amount in sorted(totals.items())
            ),
        }

    @api.model
    def _count_unknown_skus(self, channel, orders):
        codes = {
            line.sku or line.product_ref or line.title
            for order in orders
            for line in order.lines
            if line.kind in ARTICLE_KINDS
        }
        index = self.env["marketplace.product.mapping"]._get_index(channel, codes)
        return len(codes - index.keys())
