"""What a customer bought in the 12 months before an order, for tiers that count it."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from odoo.fields import Domain

from .decimals import to_decimal
from .engine.money import ZERO

MONTHS = 12


class PurchaseHistory:
    """What the customer of one order bought before it, looked up once for all its lines.

    Ordered quantities of confirmed orders of the same company, whoever of the customer's
    company placed them, less what posted credit notes took back. They are as old as the
    order: from the start of its day a year before, in the time zone of the company, up to
    the order itself. Bundles, rewards and gifts are left out, as in the order.

    :param lines: of the order
    :param date: of the order
    """

    def __init__(self, lines, date):
        self._lines = lines
        self._date = date
        self._bought = None  # product -> quantity in its unit of measure

    def get_before(self, rule, line):
        """The quantity (Decimal) that counts for the tiers of a line beside the order's.

        :param rule: with a price model, that prices the line
        """
        model = rule.sudo().price_model_id
        if not model.counts_history:
            return ZERO
        if self._bought is None:
            self._bought = self._get_bought()
        rules = model.item_ids.filtered(
            lambda each: (
                each.pricelist_id == rule.pricelist_id
                and (model.scope != "category" or each.categ_id == rule.categ_id)
            )
        )
        quantity = sum(
            (
                quantity
                for product, quantity in self._bought.items()
                if _counts_with(product, line.product_id.sudo(), model, rule)
                and any(each._is_applicable_for(product, 0) for each in rules)
            ),
            ZERO,
        )
        return max(quantity, ZERO)

    def _get_bought(self):
        # Prices do not depend on whose orders the seller may see.
        lines = self._lines.sudo()
        domain = self._get_domain(lines)
        groups = ["product_id", "product_uom_id"]
        bought = {}
        sold = lines._read_group(domain, groups, ["product_uom_qty:sum"])
        returned = lines.env["account.move.line"]._read_group(
            Domain("move_id.move_type", "=", "out_refund")
            & Domain("parent_state", "=", "posted")
            & Domain("sale_line_ids", "any", domain),
            groups,
            ["quantity:sum"],
        )
        for sign, found in ((1, sold), (-1, returned)):
            for product, uom, quantity in found:
                if uom and uom != product.uom_id:
                    quantity = uom._compute_quantity(
                        quantity, product.uom_id, round=False, raise_if_failure=False
                    )
                before = bought.get(product, ZERO)
                bought[product] = before + sign * to_decimal(quantity)
        return bought

    def _get_domain(self, lines):
        order = lines.order_id[:1]
        domain = Domain("state", "=", "sale") & Domain(
            "order_id", "!=", order._origin.id
        )
        domain &= Domain("company_id", "=", order.company_id.id)
        domain &= Domain("order_id.date_order", ">=", self._get_start(order))
        domain &= Domain("order_id.date_order", "<", self._date)
        domain &= Domain(
            "order_partner_id.commercial_partner_id",
            "=",
            order.partner_id.commercial_partner_id._origin.id,
        )
        makers = lines.product_id.maker_id
        domain &= Domain("product_id.product_tmpl_id.maker_id", "in", makers.ids)
        domain &= Domain("combo_item_id", "=", False) & Domain("reward_id", "=", False)
        return domain & Domain("is_downpayment", "=", False)

    def _get_start(self, order):
        """Start of the day a year before, as the company's clocks show it (UTC)."""
        utc = ZoneInfo("UTC")
        zone = ZoneInfo(order.company_id.partner_id.tz or "UTC")
        day = self._date.replace(tzinfo=utc).astimezone(zone).date()
        start = datetime.combine(
            day - relativedelta(months=MONTHS), time(), tzinfo=zone
        )
        return start.astimezone(utc).replace(tzinfo=None)


def _counts_with(product, ordered, model, rule):
    """Whether a product bought before counts with one of the order."""
    if product.uom_id != ordered.uom_id:
        return False
    if model.scope == "line":
        return product == ordered
    if model.scope == "template":
        return product.product_tmpl_id == ordered.product_tmpl_id
    if model.scope == "category" and not rule.categ_id:
        return product.categ_id == ordered.categ_id
    return product.maker_id == model.maker_id
