import io
from collections import Counter
from itertools import islice

from odoo import api, fields, models

from ..channels.base import (
    ARTICLE_KINDS,
    GATEWAYS,
    ChannelParseError,
    ParsedOrder,
    ParseFailure,
)
from ..channels.merge import merge
from ..channels.settlement import ParsedSettlement
from ..models.marketplace_queue_mixin import SYNCHRONOUS_LIMIT

#: A payout of more lines than this is booked in the background.
SYNCHRONOUS_LINES = 2000
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
    settlement_count = fields.Integer(string="Settlements")
    settlement_line_count = fields.Integer(string="Settlement Lines")
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

    def _is_quick(self):
        """Tell whether the file is small enough to be processed while the user waits."""
        self.ensure_one()
        return (
            max(self.order_count, self.settlement_count) <= SYNCHRONOUS_LIMIT
            and self.settlement_line_count <= SYNCHRONOUS_LINES
        )

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
            elif file_format.platform not in (found.platform, *GATEWAYS):
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
        failures = [record for record in records if isinstance(record, ParseFailure)]
        if failures and len(failures) == len(records):
            raise ChannelParseError(failures[0].reason, failures[0].where)
        totals = Counter()
        orders = self._summarise_orders(channel, records, totals)
        settlements = self._summarise_settlements(channel, records, totals)
        return {
            **orders,
            **settlements,
            "known_count": orders["known_count"] + settlements["known_count"],
            "new_count": orders["order_count"]
            + settlements["settlement_count"]
            - orders["known_count"]
            - settlements["known_count"],
            "failure_count": len(failures),
            "amount_text": ", ".join(
                f"{amount:,f} {currency}".strip()
                for currency, amount in sorted(totals.items())
            ),
        }

    @api.model
    def _summarise_orders(self, channel, records, totals):
        """Return the counts of the orders among parsed records.

        :param totals: Counter {currency: amount}, added to
        """
        orders = [record for record in records if isinstance(record, ParsedOrder)]
        # Pages of one order count once, with its total.
        orders = [record for record in merge(orders) if isinstance(record, ParsedOrder)]
        for order in orders:
            if order.amount_total is not None:
                totals[order.currency or ""] += order.amount_total
        known = self.env["marketplace.order"]._get_by_external_ref(
            channel, [order.external_ref for order in orders]
        )
        return {
            "order_count": len(orders),
            "known_count": len(known),
            "unknown_sku_count": self._count_unknown_skus(channel, orders),
        }

    @api.model
    def _summarise_settlements(self, channel, records, totals):
        """Return the counts of the settlements among parsed records, with their payouts.

        :param totals: Counter {currency: amount}, added to
        """
        Settlement = self.env["marketplace.settlement"]
        found = {}
        for record in records:
            if isinstance(record, ParsedSettlement):
                ref = Settlement._get_staging_ref(record)
                found.setdefault(ref, []).append(record)
        for statements in found.values():
            stated = [x.amount_total for x in statements if x.amount_total is not None]
            # Head and transfer tell of the same money.
            paid = (
                stated[-1] if stated else sum(x.amount_transferred for x in statements)
            )
            if paid:
                totals[statements[0].currency or ""] += paid
        return {
            "settlement_count": len(found),
            "settlement_line_count": sum(
                len(record.lines)
                for statements in found.values()
                for record in statements
            ),
            "known_count": len(Settlement._get_by_external_ref(channel, found)),
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
