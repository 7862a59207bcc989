import io
from datetime import timezone

from odoo import api, models
from odoo.fields import Command

from ..channels import intake
from ..channels.base import ARTICLE_KINDS, ChannelParseError, ParsedOrder, ParseFailure
from ..channels.merge import merge

#: What tells two statements of a line apart, whatever the format.
ARTICLE_FIELDS = ("sku", "product_ref", "title", "quantity", "amount")
#: The same within one format.
LINE_FIELDS = (
    *ARTICLE_FIELDS,
    "kind",
    "tax",
    "tax_included",
    "marketplace_tax",
    "liability",
)
#: Facts that go on changing after the invoice without touching it.
STATUS_FIELDS = (
    "payload",
    "status",
    "channel_status",
    "payment_status",
    "payment_method",
    "paid_through_channel",
    "refund_amount",
    "channel_update_date",
    "paid_date",
    "shipped_date",
    "shipping_option",
    "fulfilled_by",
)


class MarketplaceOrder(models.Model):
    """Staging: what files say of orders, put together and kept as it was said."""

    _inherit = "marketplace.order"

    @api.model
    def _stage(self, channel, records, import_record=None):
        """Write parsed orders to the staging tables.

        :param channel: `marketplace.channel` record
        :param records: list of `channels.base.ParsedOrder`
        :param import_record: `marketplace.import` they come from
        :return: {"created" | "updated" | "unchanged": orders, "failures": list of
            `channels.base.ParseFailure`}
        """
        result = {
            "created": self.browse(),
            "updated": self.browse(),
            "unchanged": self.browse(),
            "failures": [],
        }
        new = []
        lookups = self._get_lookups()
        existing = self._get_by_external_ref(
            channel, [record.external_ref for record in records]
        )
        for record in merge(records):
            order = existing.get(record.external_ref)
            if order and isinstance(record, ParsedOrder):
                record = order._join(record)
            if isinstance(record, ParseFailure):
                result["failures"].append(record)
            elif order:
                result[order._update_from_parsed(record, lookups)] |= order
            else:
                new.append(self._prepare_from_parsed(channel, record, lookups))
        result["created"] = self.with_context(tracking_disable=True).create(new)
        if import_record:
            touched = result["created"] | result["updated"] | result["unchanged"]
            import_record.order_ids = [Command.link(order.id) for order in touched]
        return result

    @api.model
    def _get_by_external_ref(self, channel, refs):
        orders = self.search(
            [("channel_id", "=", channel.id), ("external_ref", "in", refs)]
        )
        return {order.external_ref: order for order in orders}

    def _join(self, record):
        """Return what a new statement and the known one come to, together.

        :param record: `channels.base.ParsedOrder`
        :return: `channels.base.ParsedOrder`, or `ParseFailure` where they contradict
        """
        self.ensure_one()
        if record.raw == self.payload:
            return record
        known = self._parse_payload(
            self.payload, self.format, self.channel_id._get_profile()
        )
        return merge([known, record])[0]

    @api.model
    def _parse_payload(self, text, format_code, profile=None):
        """Read the payload of one order.

        :return: `channels.base.ParsedOrder`
        :raises ChannelParseError: not readable, or not exactly one order
        """
        records = list(
            intake.read_payload(io.BytesIO(text.encode()), format_code, profile)
        )
        if len(records) != 1:
            raise ChannelParseError("not exactly one order")
        if not isinstance(records[0], ParsedOrder):
            raise ChannelParseError(records[0].reason, records[0].where)
        return records[0]

    def _update_from_parsed(self, record, lookups):
        """Take over what the channel states now; return what it was.

        :return: "updated" or "unchanged"
        """
        self.ensure_one()
        if record.raw == self.payload:
            return "unchanged"
        self._apply_update(self._prepare_from_parsed(self.channel_id, record, lookups))
        return "updated"

    def _apply_update(self, values):
        """Write a changed statement where the order still can change; else raise issues."""
        self.ensure_one()
        changed = self._is_content_changed(values)
        if self.state in ("invoiced", "settled"):
            self._update_invoiced(values, changed)
            return
        if self.state == "cancelled" and not self._was_cancelled_by_channel():
            return
        facts = {
            name: value
            for name, value in values.items()
            if name not in ("line_ids", "channel_id", "external_ref")
        }
        facts["country_id"] = values["country_id"] or self.country_id.id
        # A correction was made to other data; somebody has to look at it again.
        facts["is_correction_overtaken"] = bool(self.payload_edited)
        if changed or self.payload_edited:
            facts.update(approval="none", approved_by_id=False)
            self._withdraw_sale_order()
        if self.state != "ordered":
            facts["line_ids"] = [Command.clear(), *values["line_ids"]]
        self.write(facts)
        # A payment that failed and was made later revives an order.
        self._update_state(("exception", "ready", "cancelled"), "draft")

    def _was_cancelled_by_channel(self):
        self.ensure_one()
        return self.status == "cancelled" or self.payment_status == "voided"

    def _withdraw_sale_order(self):
        """Cancel a confirmed order that the channel changed before it was invoiced."""
        self.ensure_one()
        self._update_state(("ordered",), "draft")
        if self.sale_order_id:
            self.sale_order_id._action_cancel()

    def _is_content_changed(self, values):
        """Tell whether what an invoice depends on is another now.

        A new status is none, nor the same order in a format that states less: across formats
        only what was sold is compared.

        :param values: see :meth:`_prepare_from_parsed`
        """
        self.ensure_one()
        both_stated = self.total_stated and values["total_stated"]
        same_format = self.format == values["format"]
        lines = [command[2] for command in values["line_ids"]]
        return bool(
            (self.currency_name or values["currency_name"]) != values["currency_name"]
            or (both_stated and self.amount_total != values["amount_total"])
            or (self.status == "cancelled") != (values["status"] == "cancelled")
            or self._get_line_facts(self.line_ids, same_format)
            != self._get_line_facts(lines, same_format)
            or (same_format and self._is_destination_changed(values))
        )

    @api.model
    def _get_line_facts(self, lines, same_format):
        """Return what the lines say, for comparison.

        :param lines: `marketplace.order.line` records or values of them
        """
        names = LINE_FIELDS if same_format else ARTICLE_FIELDS
        return sorted(
            tuple(
                round(line[name], 6)
                if isinstance(line[name], float)
                else line[name] or ""
                for name in names
            )
            for line in lines
            if same_format or line["kind"] in ARTICLE_KINDS
        )

    def _is_destination_changed(self, values):
        """Tell whether the taxes may be others: delivery address or VAT number."""
        self.ensure_one()

        def destination(buyer, vat):
            address = (buyer or {}).get("shipping") or {}
            return [address.get(name) or "" for name in ("country", "state", "zip")] + [
                vat or ""
            ]

        return destination(self.buyer, self.buyer_vat) != destination(
            values["buyer"], values["buyer_vat"]
        )

    def _update_invoiced(self, values, changed):
        """Keep status and payload of an invoiced order; say what the invoice lacks.

        The invoice stands for what was agreed then, so lines and amounts stay.
        """
        self.ensure_one()
        # Of what was cancelled, a refund of all that is left waits for a person.
        changed = changed and values["status"] != "cancelled"
        if changed and self.amount_total == values["amount_total"]:
            message = self.env._(
                "Articles, taxes or the delivery address changed on the channel after "
                "invoicing; the total is the same."
            )
            self._add_issue("changed_after_invoice", message, severity="warning")
        elif changed:
            message = self.env._(
                "The channel now says %(new)s, the invoice was made for %(old)s.",
                new=self.currency_id.format(values["amount_total"]),
                old=self.currency_id.format(self.amount_total),
            )
            self._add_issue("changed_after_invoice", message, severity="warning")
        self.write({name: values[name] for name in STATUS_FIELDS})

    @api.model
    def _naive(self, moment):
        """Return an aware moment as Odoo stores it: UTC without time zone."""
        return moment and moment.astimezone(timezone.utc).replace(
            tzinfo=None, microsecond=0
        )

    @api.model
    def _prepare_from_parsed(self, channel, record, lookups):
        """Return the values of a staged order.

        :param record: `channels.base.ParsedOrder`
        :param lookups: see :meth:`_get_lookups`
        """
        Line = self.env["marketplace.order.line"]
        shipping = record.shipping_address or record.billing_address
        lines = [
            Line._prepare_from_parsed(sequence, line)
            for sequence, line in enumerate(record.lines, start=1)
        ]
        return {
            **self._prepare_amounts(record),
            "currency_id": lookups["currency"].get(record.currency or ""),
            **self._prepare_buyer(record),
            "channel_id": channel.id,
            "external_ref": record.external_ref,
            "name": record.display_name or record.external_ref,
            "format": record.format,
            "parts": ",".join(sorted(record.parts)),
            "payload": record.raw,
            "status": record.status,
            "channel_status": record.channel_status,
            "payment_status": record.payment_status,
            "payment_method": record.payment_method,
            "paid_through_channel": {True: "yes", False: "no", None: "unknown"}[
                record.paid_through_channel
            ],
            "marketplace": record.marketplace,
            "shipping_option": record.shipping_option,
            "fulfilled_by": record.fulfilled_by,
            "note": record.note,
            "is_test": record.is_test,
            "ordered_date": self._naive(record.created_at),
            "channel_update_date": self._naive(record.updated_at),
            "paid_date": self._naive(record.paid_at),
            "shipped_date": self._naive(record.shipped_at),
            "country_id": lookups["country"].get(shipping.country if shipping else ""),
            "line_ids": [Command.create(line) for line in lines],
        }

    @api.model
    def _prepare_amounts(self, record):
        return {
            "currency_name": record.currency,
            "tax_stated": record.amount_tax is not None,
            "total_stated": record.amount_total is not None,
            "amount_total": float(record.amount_total or 0),
            "amount_tax": float(record.amount_tax or 0),
            "amount_shipping": float(record.amount_shipping or 0),
            "amount_discount": float(record.amount_discount or 0),
            "marketplace_tax": float(record.marketplace_tax),
            "order_marketplace_tax": float(record.order_marketplace_tax),
            "total_includes_marketplace_tax": record.total_includes_marketplace_tax,
            "refund_amount": float(
                sum(refund.amount for refund in record.refunds if refund.is_done)
            ),
        }

    @api.model
    def _prepare_buyer(self, record):
        def as_dict(value):
            return (
                {name: getattr(value, name) for name in value.__slots__}
                if value
                else {}
            )

        buyer = record.buyer
        return {
            "buyer": {
                "buyer": as_dict(buyer),
                "billing": as_dict(record.billing_address),
                "shipping": as_dict(record.shipping_address),
            },
            "buyer_ref": buyer.external_ref,
            "buyer_name": buyer.name or buyer.company,
            "buyer_vat": buyer.vat,
            "is_business": buyer.is_business or bool(buyer.vat),
        }

    @api.model
    def _get_lookups(self):
        """Return ids by ISO code, {"currency": {...}, "country": {...}}, once per batch."""
        Currency = self.env["res.currency"].with_context(active_test=False)
        return {
            "currency": {c.name: c.id for c in Currency.search_fetch([], ["name"])},
            "country": {
                c.code: c.id for c in self.env["res.country"].search_fetch([], ["code"])
            },
        }
