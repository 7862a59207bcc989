import logging

from odoo import api, fields, models
from odoo.fields import Domain

from ..channels.base import ChannelParseError

_logger = logging.getLogger(__name__)

#: Shorter references may be anything: a number that a gateway counts up.
SHORTEST_REF = 8
#: Formats whose orders tell how payment providers know their payment.
TELLING_FORMATS = ("woocommerce.", "shopify.")
#: Stored payloads that are read before they are forgotten again.
PAYLOADS_AT_ONCE = 1000


class MarketplaceOrder(models.Model):
    """Orders by their payment, and by the number that a payment provider prints.

    Stripe and PayPal tell of payments; which order one is of the order itself says.
    """

    _inherit = "marketplace.order"

    payment_refs = fields.Char(
        string="Payment References",
        readonly=True,
        copy=False,
        help="What payment providers know the payment by: a charge, a transaction. "
        "Payouts of Stripe and PayPal find the order by it.",
    )

    _payment_refs_idx = models.Index(
        "USING gin (string_to_array(payment_refs, ' ')) WHERE payment_refs IS NOT NULL"
    )

    # === STAGING ===

    @api.model
    def _prepare_from_parsed(self, channel, record, lookups):
        """Override: with the payment's references."""
        return {
            **super()._prepare_from_parsed(channel, record, lookups),
            "payment_refs": self._join_payment_refs(record.payment_refs),
        }

    @api.model
    def _join_payment_refs(self, refs):
        """Return references as they are stored; what may be no reference is left out."""
        good = [
            ref for ref in refs if len(ref) >= SHORTEST_REF and ref.split() == [ref]
        ]
        return " ".join(good) or False

    def _update_invoiced(self, values, changed):
        """Override: a payment that is told later is found from then on."""
        result = super()._update_invoiced(values, changed)
        if values["payment_refs"]:
            self.payment_refs = values["payment_refs"]
        return result

    @api.model
    def _fill_payment_refs(self):
        """Read the references of payments from the payloads of orders that have none yet.

        For orders that came before references were kept: the same file again changes
        nothing, as its payload is known. What cannot be read any more is left alone.

        :return: number of orders that have references now
        """
        last = filled = 0
        domain = (
            Domain("payment_refs", "=", False)
            & Domain("payload", "!=", False)
            & Domain.OR(Domain("format", "=like", f"{f}%") for f in TELLING_FORMATS)
        )
        while orders := self.search_fetch(
            domain & Domain("id", ">", last),
            ["payload", "format"],
            order="id",
            limit=PAYLOADS_AT_ONCE,
        ):
            found = {
                order: refs for order in orders if (refs := order._read_payment_refs())
            }
            for order, refs in found.items():
                order.payment_refs = refs
            orders.flush_recordset(["payment_refs"])
            last, filled = orders[-1].id, filled + len(found)
            orders.invalidate_recordset(["payload"], flush=False)
        _logger.info("%s orders know their payments now", filled)
        return filled

    def _read_payment_refs(self):
        """Return the references that the stored payload tells, as they are stored."""
        self.ensure_one()
        try:
            record = self._parse_payload(self.payload, self.format)
        except ChannelParseError:
            return False
        return self._join_payment_refs(record.payment_refs)

    # === SEARCH ===

    @api.model
    def _get_by_payment(self, channel, refs):
        """Return {reference: order} of the payments that are of one order only.

        :param refs: set of references, whatever they are of
        """
        if not refs:
            return {}
        self.flush_model(["payment_refs", "channel_id"])
        self.env.cr.execute(
            """
            SELECT MIN(id), ref
              FROM marketplace_order,
                   LATERAL UNNEST(string_to_array(payment_refs, ' ')) ref
             WHERE channel_id = %(channel)s
               AND payment_refs IS NOT NULL
               AND string_to_array(payment_refs, ' ') && %(refs)s::text[]
               AND ref = ANY(%(refs)s)
             GROUP BY ref
            HAVING COUNT(*) = 1
            """,
            {"channel": channel.id, "refs": list(refs)},
        )
        return {ref: self.browse(order_id) for order_id, ref in self.env.cr.fetchall()}

    @api.model
    def _get_by_any_ref(self, channel, refs):
        """Override: also by the number behind the prefix of the payment provider."""
        found = super()._get_by_any_ref(channel, refs)
        prefix = channel.payment_prefix
        if not prefix:
            return found
        numbers = {
            ref.removeprefix(prefix): ref
            for ref in refs - found.keys()
            if ref.startswith(prefix) and ref != prefix
        }
        if numbers:
            orders = super()._get_by_any_ref(channel, set(numbers))
            found.update({numbers[number]: order for number, order in orders.items()})
        return found

    def _get_named_by_domain(self):
        """Override: lines that name the payment, or the number with a prefix."""
        domain = super()._get_named_by_domain()
        named = [
            order.channel_id.payment_prefix + ref
            for order in self
            if order.channel_id.payment_prefix
            for ref in (order.external_ref, order.name)
        ]
        if named:
            domain |= Domain("order_ref", "in", named)
        payments = [ref for order in self for ref in (order.payment_refs or "").split()]
        if payments:
            domain |= Domain("reference", "in", payments)
        return domain


class MarketplaceChannel(models.Model):
    """How payment providers print the order numbers of a shop."""

    _inherit = "marketplace.channel"

    payment_prefix = fields.Char(
        string="Prefix of Order Numbers",
        default="WC-",
        help="What the shop puts before the order number when it names the order to a "
        "payment provider: with WC-, the invoice number WC-1001 in a file of PayPal is the "
        "order 1001. Empty: numbers are compared as they are.",
    )


class MarketplaceRefund(models.Model):
    """Refunds that came before their order, named with the provider's prefix."""

    _inherit = "marketplace.refund"

    @api.model
    def _adopt_orders(self, channel, refs):
        """Override: also by the number behind the prefix."""
        prefix = channel.payment_prefix
        if prefix:
            refs = {**refs, **{prefix + ref: order for ref, order in refs.items()}}
        return super()._adopt_orders(channel, refs)
