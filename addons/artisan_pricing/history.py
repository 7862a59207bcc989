"""What a customer bought in the 12 months before an order, for tiers that count it."""

from collections import defaultdict
from datetime import datetime, time
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

from .decimals import to_decimal
from .engine.money import ZERO

MONTHS = 12


#: One plain query: each order with such tiers makes more of it. What was bought by orders
#: that are priced together is told apart, so that each of them can leave out its own.
_QUERY = """
  WITH bought AS (
    SELECT line.id,
           customer.commercial_partner_id AS customer_id,
           CASE WHEN line.order_id IN %(own)s THEN line.order_id END AS own_id,
           line.product_id,
           line.product_uom_id,
           line.product_uom_qty
      FROM sale_order_line line
      JOIN sale_order sale ON sale.id = line.order_id
      JOIN res_partner customer ON customer.id = line.order_partner_id
      JOIN product_product product ON product.id = line.product_id
      JOIN product_template template ON template.id = product.product_tmpl_id
     WHERE line.state = 'sale'
       AND line.company_id = %(company)s
       AND line.combo_item_id IS NULL
       AND line.reward_id IS NULL
       AND line.is_downpayment IS NOT TRUE
       AND sale.date_order >= %(start)s
       AND sale.date_order < %(date)s
       AND customer.commercial_partner_id IN %(customers)s
       AND template.maker_id IN %(makers)s
  )
SELECT customer_id, own_id, NULL, product_id, product_uom_id, SUM(product_uom_qty)
  FROM bought
 GROUP BY customer_id, own_id, product_id, product_uom_id
 UNION ALL
SELECT DISTINCT customer_id, own_id, credited.id, credited.product_id,
       credited.product_uom_id, -credited.quantity
  FROM bought
  JOIN sale_order_line_invoice_rel linked ON linked.order_line_id = bought.id
  JOIN account_move_line credited ON credited.id = linked.invoice_line_id
  JOIN account_move move ON move.id = credited.move_id
 WHERE credited.parent_state = 'posted'
   AND credited.product_id IS NOT NULL
   AND move.move_type = 'out_refund'
"""
#: What it reads.
_READ = {
    "account.move": ["move_type"],
    "account.move.line": [
        "move_id",
        "parent_state",
        "product_id",
        "product_uom_id",
        "quantity",
        "sale_line_ids",
    ],
    "product.product": ["product_tmpl_id"],
    "product.template": ["maker_id"],
    "res.partner": ["commercial_partner_id"],
    "sale.order": ["date_order"],
    "sale.order.line": [
        "combo_item_id",
        "company_id",
        "is_downpayment",
        "order_id",
        "order_partner_id",
        "product_id",
        "product_uom_id",
        "product_uom_qty",
        "reward_id",
        "state",
    ],
}


class HistoryBook:
    """What customers bought, looked up once for all orders of a date.

    Ordered quantities of confirmed orders of the same company, whoever of the customer's
    company placed them, less what posted credit notes took back. They are as old as the
    order: from the start of its day a year before, in the time zone of the company, up to
    the order itself. Bundles, rewards and gifts are left out, as in the order.

    :param lines: of all orders that are priced together
    """

    def __init__(self, lines):
        # Prices do not depend on whose orders the seller may see.
        self._lines = lines.sudo()
        self._env = self._lines.env
        self._orders = None  # company, date -> orders
        self._rows = {}

    def get_bought(self, order, date):
        """{product: quantity (Decimal) in its unit of measure} that counts for an order."""
        if self._orders is None:
            self._orders = self._lines.order_id.grouped(self._get_key)
        order = order.sudo()
        key = self._get_key(order)
        orders = self._orders[key]
        if date != order.date_order:
            key, orders = (order, date), order
        if key not in self._rows:
            self._rows[key] = self._search(orders, date)
        bought, credited = {}, set()
        found = self._rows[key].get(_get_customer(order).id, ())
        ids = [product_id for _own, _credit, product_id, _uom, _quantity in found]
        for own, move_line, product_id, uom_id, quantity in found:
            if own == (order._origin.id or 0) or move_line in credited:
                continue
            product = self._env["product.product"].browse(product_id).with_prefetch(ids)
            quantity = self._convert(quantity or 0, uom_id, product.uom_id)
            bought[product] = bought.get(product, ZERO) + quantity
            # What credits two lines is there twice.
            credited |= {move_line} - {None}
        return bought

    # Helpers

    def _get_key(self, order):
        return order.company_id, order.date_order

    def _search(self, orders, date):
        """:return: {id of a customer: rows of the query}"""
        for model, names in _READ.items():
            self._env[model].flush_model(names)
        company = orders.company_id
        customers = {_get_customer(order).id for order in orders}
        rows = self._env.execute_query(
            SQL(
                _QUERY,
                company=company.id or None,
                customers=tuple(filter(None, customers)) or (0,),
                date=date,
                makers=self._lines.product_id.maker_id._ids or (0,),
                own=tuple(filter(None, orders._origin._ids)) or (0,),
                start=_get_start(company, date),
            )
        )
        found = defaultdict(list)
        for customer, *row in rows:
            found[customer].append(row)
        return found

    def _convert(self, quantity, uom_id, uom):
        if uom_id and uom_id != uom.id:
            quantity = (
                self._env["uom.uom"]
                .browse(uom_id)
                ._compute_quantity(quantity, uom, round=False, raise_if_failure=False)
            )
        return to_decimal(quantity)


class PurchaseHistory:
    """What the customer of one order bought before it, looked up once for all its lines.

    :param lines: of the order
    :param date: of the order
    :param book: a :class:`HistoryBook` that orders share; none: one of its own
    """

    def __init__(self, lines, date, book=None):
        self._lines = lines
        self._date = date
        self._book = book
        self._bought = None  # product -> quantity in its unit of measure

    def get_before(self, rule, line):
        """The quantity (Decimal) that counts for the tiers of a line beside the order's.

        :param rule: with a price model, that prices the line
        """
        model = rule.sudo().price_model_id
        if not model._get_facts().counts_history:
            return ZERO
        if self._bought is None:
            book = self._book or HistoryBook(self._lines)
            self._bought = book.get_bought(self._lines.order_id[:1], self._date)
        ordered = line.product_id.sudo()
        bought = {
            product: quantity
            for product, quantity in self._bought.items()
            if _counts_with(product, ordered, model, rule)
        }
        return max(self._sum_priced(bought, model, rule), ZERO) if bought else ZERO

    def _sum_priced(self, bought, model, rule):
        """The quantities of products that rules of the price model apply to as well."""
        rules = model.item_ids.filtered(
            lambda each: (
                each.pricelist_id == rule.pricelist_id
                and (model.scope != "category" or each.categ_id == rule.categ_id)
            )
        )
        return sum(
            (
                quantity
                for product, quantity in bought.items()
                if any(each._is_applicable_for(product, 0) for each in rules)
            ),
            ZERO,
        )


def _get_customer(order):
    return order.partner_id.commercial_partner_id._origin


def _get_start(company, date):
    """Start of the day a year before, as the company's clocks show it (UTC)."""
    utc = ZoneInfo("UTC")
    zone = ZoneInfo(company.partner_id.tz or "UTC")
    day = date.replace(tzinfo=utc).astimezone(zone).date()
    start = datetime.combine(day - relativedelta(months=MONTHS), time(), tzinfo=zone)
    return start.astimezone(utc).replace(tzinfo=None)


def _counts_with(product, ordered, model, rule):
    """Whether a product bought before counts with one of the order."""
    if product.uom_id != ordered.uom_id:
        return False
    facts = model._get_facts()
    if facts.scope == "line":
        return product == ordered
    if facts.scope == "template":
        return product.product_tmpl_id == ordered.product_tmpl_id
    if facts.scope == "category" and not rule.categ_id:
        return product.categ_id == ordered.categ_id
    return product.maker_id.id == facts.maker_id
