from collections import defaultdict
from datetime import timezone
from decimal import Decimal

from odoo import api, models
from odoo.fields import Domain

from ..channels.base import ParsedRefund, ParsedRefundLine
from ..channels.fee_codes import is_fee
from .marketplace_order_settlement import SETTLED_STATES
from .marketplace_refund import OPEN_STATES
from .marketplace_settlement import OPEN_STATES as UNBOOKED_STATES


class MarketplaceSettlement(models.Model):
    """Refunds that only a settlement tells of."""

    _inherit = "marketplace.settlement"

    def _match_orders(self):
        """Override: what was given back is staged, what is disputed is noted."""
        result = super()._match_orders()
        self._stage_refunds()
        return result

    def _stage_refunds(self):
        """Stage the refunds of these settlements; known ones are found again.

        Disputed money is none as long as the claim may still be won.
        """
        Refund = self.env["marketplace.refund"].sudo()
        for channel, settlements in self.sudo().grouped("channel_id").items():
            groups, fees = settlements._get_refunded_lines(channel)
            if fees - groups.keys():
                Refund._drop_fees(channel, fees - groups.keys())
            records = defaultdict(list)
            for key, lines in groups.items():
                record = lines._get_parsed_refund(*key)
                if record.amount > 0:
                    # A person may have named an order of another channel.
                    records[lines.order_id.channel_id or channel].append(record)
            for owner, parsed in records.items():
                context = {"marketplace_refund_origin": "settlement"}
                result = Refund.with_context(**context)._stage(owner, parsed)
                found = result["created"] | result["updated"]
                # Also the difference to what is credited, a refund of its own.
                found |= found.order_id.refund_ids.filtered(
                    lambda refund: refund.state == "waiting"
                )
                found.with_context(marketplace_refund_origin=False)._process_soon()

    def _get_refunded_lines(self, channel):
        """Return what was given back to buyers, and what only looks like it.

        The channel's reference makes it one refund, in however many payouts its parts are;
        without one, all that went back for an order on one day is one.

        :return: {(order reference, reference): lines, also of other payouts}, set of such
            keys of fees
        """
        groups, fees = self.line_ids._group_refunds(channel)
        elsewhere = self.line_ids._get_told_elsewhere(channel, groups)
        more, _fees = elsewhere._group_refunds(channel)
        for key, lines in groups.items():
            groups[key] = (lines | more.get(key, lines.browse()))._count_once(lines)
        return groups, fees

    def _tells_refunds(self):
        """Tell whether the refunds of this payout's lines are staged, or about to be.

        What a check holds back may be told elsewhere, what a person dropped is.
        """
        self.ensure_one()
        return self.state in (*SETTLED_STATES, "ready") or (
            self.state == "draft" and self.is_waiting
        )


class MarketplaceRefund(models.Model):
    """Refunds that turn out to be none."""

    _inherit = "marketplace.refund"

    @api.model
    def _drop_fees(self, channel, keys):
        """Close what was staged as a refund before somebody said that it is a fee.

        :param keys: set of (order reference, reference); what is credited stays
        """
        refunds = self.search(
            Domain("channel_id", "=", channel.id)
            & Domain("origin", "=", "settlement")
            & Domain("state", "in", OPEN_STATES)
            & Domain("external_ref", "in", [ref for _order, ref in keys])
        ).filtered(lambda refund: (refund.order_ref, refund.external_ref) in keys)
        refunds.issue_ids._close("resolved")
        refunds._update_state(
            OPEN_STATES, "cancelled", self.env._("A fee of the channel, not a refund")
        )


class MarketplaceSettlementLine(models.Model):
    """Lines that were given back to a buyer."""

    _inherit = "marketplace.settlement.line"

    def _get_restated_refunds(self, paid_out):
        """Return which of these lines a payout states with another amount: it counts.

        :param paid_out: lines of payouts with these lines' references
        """

        def get_key(line):
            return line.channel_id, line.external_ref, line.refund_ref, line.type

        known = {get_key(line) for line in paid_out}
        return self.filtered(
            lambda line: (
                line.type == "refund"
                and line.refund_ref
                and not line.is_dispute
                and get_key(line) in known
            )
        )

    def _group_refunds(self, channel):
        """Return these lines by the refund that they are of, and what is none.

        :return: {(order reference, reference): lines}, set of such keys of fees
        """
        groups, fees = defaultdict(self.browse), set()
        lines = self.filtered(lambda line: line.order_ref or line.order_id)
        lines = lines.filtered(lambda line: line._is_final()).sorted("id")
        mappings = self.env["marketplace.fee.mapping"]._get_index(
            channel, {line.code for line in lines if line.stated_type != "sale"}
        )
        for line in lines:
            mapping = mappings.get(line.code)
            if line._is_given_back(mapping):
                groups[line._get_refund_key()] |= line
            elif line.stated_type == "refund":
                fees.add(line._get_refund_key())
        return groups, fees

    def _get_told_elsewhere(self, channel, groups):
        """Return lines of the same orders in other payouts whose refunds are told already.

        :param groups: what these lines gave back, see :meth:`_group_refunds`
        """
        lines = self.browse().union(*groups.values())
        if not lines:
            return lines
        types = ("refund", "tax_withheld")
        found = self.search(
            Domain("channel_id", "=", channel.id)
            & Domain("settlement_id", "not in", self.settlement_id.ids)
            & (Domain("type", "in", types) | Domain("stated_type", "in", types))
            & (
                Domain("order_id", "in", lines.order_id.ids)
                | Domain("order_ref", "in", list({ref for ref, _name in groups} - {""}))
            )
        )
        told = found.settlement_id.filtered(lambda s: s._tells_refunds())
        return found.filtered(lambda line: line.settlement_id in told)

    def _count_once(self, mine):
        """Return these lines of one refund without what is told twice.

        In files of one format a line is the same line by its reference, code, amount and
        moment; in another format of the same source by its reference. Lines of another
        source may be these very lines in other words: they add nothing.

        :param mine: those of the settlements at hand
        """
        by_source = mine.grouped(lambda line: line._get_refund_source())
        most = min(by_source, key=lambda name: sum(by_source[name].mapped("amount")))
        currencies = mine.currency_id
        lines, formats = {}, {}
        for line in self.sorted("id"):
            if line._get_refund_source() != most or line.currency_id not in currencies:
                continue
            file_format = line.settlement_id.format
            if formats.setdefault(line.external_ref, file_format) == file_format:
                lines.setdefault(self._get_content_key(line), line.id)
        return self.browse(lines.values())

    def _get_refund_source(self):
        """Return what files have in common whose lines have the same references.

        Without the channel's id of the refund only those of one format: some formats have
        no references of their own.
        """
        self.ensure_one()
        settlement = self.settlement_id
        if not self.refund_ref:
            return settlement.format
        return settlement.lines_source or settlement._get_source(settlement.format)

    def _is_given_back(self, mapping):
        """Tell whether a buyer got this money, or the marketplace's tax came with it.

        A fee that the channel gives back or calls a refund is none, nor is what a person
        mapped to an account: the order's credit note has nothing to do with it.

        :param mapping: the code's `marketplace.fee.mapping`, maybe None
        """
        self.ensure_one()
        kind = self.type
        if mapping and self.settlement_id.state in UNBOOKED_STATES:
            kind = mapping.type or self.stated_type
        if mapping and mapping.account_id:
            return False
        if kind == "refund":
            said = mapping and mapping.type == "refund"
            return bool(said) or not is_fee(self.code or "")
        return kind == "tax_withheld" and self.amount > 0

    def _get_refund_key(self):
        """Return (order reference, reference of the refund), the same in every file."""
        self.ensure_one()
        order_ref = self.order_id.external_ref or self.order_ref
        day = str(self.posted_date.date()) if self.posted_date else ""
        return order_ref, self.refund_ref or f"{order_ref}:{day}"

    def _get_parsed_refund(self, order_ref, external_ref):
        """Return these lines as one refund, in the order's currency where it is stated."""
        refunds = self.filtered(lambda line: line.type == "refund")
        currency = self._get_refund_currency()
        amounts = {line: line._get_refund_amount(currency) for line in self}
        moments = [line.posted_date for line in refunds if line.posted_date]
        return ParsedRefund(
            external_ref=external_ref,
            order_ref=order_ref,
            amount=-sum((amounts[line] for line in refunds), Decimal(0)),
            marketplace_tax=sum((amounts[line] for line in self - refunds), Decimal(0)),
            currency=currency,
            created_at=min(moments).replace(tzinfo=timezone.utc) if moments else None,
            lines=refunds._get_parsed_refund_lines(amounts, self - refunds),
        )

    def _get_parsed_refund_lines(self, amounts, withheld):
        """Return what was given back per line of the order, as `ParsedRefundLine`.

        :param amounts: {settlement line: what it comes to in the refund's currency}
        :param withheld: lines of tax that the marketplace gave back besides
        """
        groups, taxes = defaultdict(Decimal), defaultdict(Decimal)
        for line in self:
            groups[line._get_refund_part()] -= amounts[line]
        for line in withheld:
            taxes[line._get_refund_part()] += amounts[line]
        return tuple(
            ParsedRefundLine(
                kind=kind,
                line_ref=line_ref,
                sku=sku,
                amount=amount,
                tax_included=True,
                marketplace_tax=taxes[kind, line_ref, sku],
            )
            for (kind, line_ref, sku), amount in groups.items()
            if line_ref or sku or kind == "shipping"
        )

    def _get_refund_part(self):
        """Return (kind, reference of the order's line, SKU) of what a line gave back."""
        self.ensure_one()
        kind = "shipping" if "ship" in (self.code or "").lower() else "product"
        return kind, self.order_line_ref or "", self.sku or ""

    def _get_refund_currency(self):
        """Return the order's currency where every line names it, else the settlement's."""
        order_currency = self.order_id[:1].currency_name
        if order_currency and set(self.mapped("original_currency")) == {order_currency}:
            return order_currency
        return self[:1].currency_id.name or ""

    def _get_refund_amount(self, currency):
        self.ensure_one()
        if self.original_currency == currency and self.original_amount:
            return Decimal(str(round(self.original_amount, 6)))
        return Decimal(str(round(self.amount, 6)))
