import json
import re

from odoo import api, models
from odoo.fields import Command, Domain

from ..channels.base import ParseFailure

#: What makes a refund another one; lines may be told later.
MONEY_FIELDS = ("amount", "marketplace_amount", "marketplace_tax", "currency_name")


class MarketplaceRefund(models.Model):
    """What files, orders and settlements tell of a refund, put together once."""

    _inherit = "marketplace.refund"

    # === STAGING ===

    @api.model
    def _stage(self, channel, records, import_record=None):
        """Write parsed refunds to the staging table; books nothing.

        Known refunds go by order and reference; a reference that is new may still be of a
        known refund, see :meth:`_find_same`. What is credited never changes: a larger amount
        of the same reference becomes a refund of its own for the difference.

        :param channel: `marketplace.channel` record
        :param records: list of `channels.base.ParsedRefund`, each with its ``order_ref``
            where the channel says so
        :param import_record: `marketplace.import` they come from
        :return: {"created" | "updated" | "unchanged": refunds, "failures": list of
            `channels.base.ParseFailure`}
        """
        result = {
            "created": self.browse(),
            "updated": self.browse(),
            "unchanged": self.browse(),
            "failures": [],
        }
        records = [
            self._complete(channel, record, import_record)
            for record in records
            if not isinstance(record, ParseFailure)
        ]
        orders = self.env["marketplace.order"]._get_by_external_ref(
            channel, list({record.order_ref for record in records} - {""})
        )
        self._adopt_orders(channel, orders)
        known = self._get_known(channel, records)
        new = known._take_over(channel, records, orders, import_record, result)
        result["created"] = self.with_context(
            tracking_disable=True, mail_create_nolog=True
        ).create(new)
        (result["created"] | result["updated"]).order_id._outdate_other_workers()
        (known | result["created"]).filtered("order_ref")._match_payout_sums()
        self._link_import(result, import_record)
        return result

    def _take_over(self, channel, records, orders, import_record, result):
        """Bring known refunds up to date; return the values of those that are new.

        ``self``: what is known of the orders at hand, and refunds of no order.

        :param orders: {reference: `marketplace.order`}
        :param result: gets the refunds that are updated and unchanged
        """
        own_of = self.grouped(lambda refund: refund.order_ref or "")
        none = self.browse()
        stated = {(record.order_ref, record.external_ref): record for record in records}
        new, taken = [], self.browse()
        for record in stated.values():
            order = orders.get(record.order_ref, self.env["marketplace.order"])
            values = self._prepare_from_parsed(channel, record, order, import_record)
            own = own_of.get(record.order_ref, none) | own_of.get("", none)
            refund = (
                own._find(record.external_ref)
                or own._find_of_payout(values)
                or (own - taken)._find_same(values, stated)
            )
            if refund:
                taken |= refund
                result[refund._update_from(values)] |= refund
                refund._note_payout(values)
            else:
                new.append(values)
        return new

    def _link_import(self, result, import_record):
        if import_record:
            touched = result["created"] | result["updated"] | result["unchanged"]
            touched.import_ids = [Command.link(import_record.id)]

    @api.model
    def _complete(self, channel, record, import_record):
        """Name the order by the file's name where the record does not.

        A number in the name counts when it is the number of exactly one order.
        """
        if record.order_ref or not import_record:
            return record
        numbers = re.findall(r"\d+", import_record.name or "")
        orders = self.env["marketplace.order"]._get_by_external_ref(channel, numbers)
        return (
            record.replace(order_ref=next(iter(orders))) if len(orders) == 1 else record
        )

    @api.model
    def _get_known(self, channel, records):
        """Return the refunds of the orders at hand, and those of no order so far."""
        refs = {record.order_ref for record in records}
        domain = Domain("channel_id", "=", channel.id) & (
            Domain("order_ref", "in", list(refs - {""}))
            | (
                Domain("order_ref", "in", (False, ""))
                & Domain("external_ref", "in", [r.external_ref for r in records])
            )
        )
        return self.search(domain)

    def _find(self, external_ref):
        """Return the refund of this reference, one that already has an order first."""
        return self.filtered(lambda refund: refund.external_ref == external_ref).sorted(
            lambda refund: not refund.order_ref
        )[:1]

    def _update_from(self, values):
        """Take over what is stated now; return "updated" or "unchanged"."""
        self.ensure_one()
        is_from_payout = values["origin"] == "settlement"
        if self.origin == "rest" or (
            self.origin == "settlement" and not is_from_payout
        ):
            self._take_place(values)
        if self.state == "credited":
            return self._update_credited(values)
        names = (*MONEY_FIELDS, "lines", "reason", "created_date", "is_done", "payload")
        keep = not values["lines"] and self.lines
        facts = {
            name: values[name]
            for name in names
            if values[name] != self[name] and not (keep and name == "lines")
        }
        if values["order_id"] and not self.order_id:
            facts.update(order_id=values["order_id"], order_ref=values["order_ref"])
        if is_from_payout and self.origin != "settlement":
            return "unchanged"
        if not facts:
            return "unchanged"
        if any(name in facts for name in (*MONEY_FIELDS, "lines")):
            facts.update(approval="none", approved_by_id=False)
        if any(name in facts for name in MONEY_FIELDS):
            self._leave_payout()
        self.write(facts)
        self._update_state(("ready", "exception"), "waiting")
        return "updated"

    def _take_place(self, values):
        """Let what the channel tells of the refund itself stand for what hinted at it."""
        names = (
            "external_ref",
            "origin",
            "format",
            "payload",
            "reason",
            "created_date",
            "excludes_marketplace_tax",
        )
        self.write({name: values[name] for name in names})

    def _update_credited(self, values):
        """Keep what is in the books; more money of the same reference is a further refund."""
        family = self.search(self._family_domain())
        more = values["amount"] - sum(family.mapped("amount"))
        is_from_payout = values["origin"] == "settlement"
        if self.currency_id.is_zero(more) or (
            is_from_payout and self.origin != "settlement"
        ):
            return "unchanged"
        if more < 0:
            message = self.env._(
                "The channel now says %(new)s was refunded; %(old)s is credited. Correct the "
                "credit note, or, where %(new)s is a further part of the refund that another "
                "report tells, credit the invoice by hand for it.",
                new=self.currency_id.format(values["amount"]),
                old=self.currency_id.format(self.amount),
            )
            self._add_issue("refund_changed", message, severity="warning")
            return "updated"
        self.create(
            {
                **values,
                "external_ref": f"{self.external_ref}/{len(family) + 1}",
                "amount": more,
                **family._get_rest_of_marketplace(values, more),
                "lines": [],
            }
        )
        return "updated"

    def _get_rest_of_marketplace(self, values, more):
        """Return what the marketplace bears and had collected of a further refund.

        :param values: what is stated now of all these refunds together
        :param more: amount of the further refund, no part of it is larger
        """
        rest = {}
        for name in ("marketplace_amount", "marketplace_tax"):
            rest[name] = min(more, max(0.0, values[name] - sum(self.mapped(name))))
            more -= rest[name]
        return rest

    def _family_domain(self):
        """Return what is known of this reference, further refunds of it included."""
        return (
            Domain("channel_id", "=", self.channel_id.id)
            & Domain("order_ref", "=", self.order_ref)
            & (
                Domain("external_ref", "=", self.external_ref)
                | Domain("external_ref", "=like", f"{self.external_ref}/%")
            )
        )

    @api.model
    def _prepare_from_parsed(self, channel, record, order, import_record=None):
        """Return the values of a staged refund.

        :param record: `channels.base.ParsedRefund`
        :param order: its `marketplace.order`, maybe empty
        """
        external_ref = record.external_ref[:250]
        origin = self.env.context.get("marketplace_refund_origin") or (
            "file" if record.format else "order"
        )
        return {
            "channel_id": channel.id,
            "order_ref": record.order_ref,
            "order_id": order.id,
            "external_ref": external_ref,
            "origin": origin,
            "payout_ref": external_ref if origin == "settlement" else False,
            "format": record.format,
            "payload": record.raw,
            "created_date": self.env["marketplace.order"]._naive(record.created_at),
            "reason": record.reason[:250],
            "is_done": record.is_done,
            "currency_name": record.currency or False,
            "amount": float(record.amount),
            "marketplace_amount": float(record.marketplace_amount),
            "marketplace_tax": float(record.marketplace_tax),
            "excludes_marketplace_tax": record.excludes_marketplace_tax,
            "lines": [self._prepare_line(line) for line in record.lines],
            "import_ids": [Command.link(import_record.id)] if import_record else [],
        }

    @api.model
    def _prepare_line(self, line):
        """Return a `channels.base.ParsedRefundLine` as it is stored, amounts as text."""
        values = {name: getattr(line, name) for name in line.__slots__}
        for name in ("quantity", "amount", "marketplace_tax"):
            values[name] = str(values[name])
        values["tax"] = None if line.tax is None else str(line.tax)
        return json.loads(json.dumps(values))
