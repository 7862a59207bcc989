from odoo import fields, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    maker_percent = fields.Float(
        string="Borne by Maker (%)",
        digits=(6, 3),
        readonly=True,
        copy=False,
        aggregator=None,
        groups="sales_team.group_sale_salesman",
        help="On the line of a reward: how much of it lowers what makers are paid, as it "
        "was when the order got the reward.",
    )

    reward_scope = fields.Json(
        readonly=True,
        copy=False,
        help="On the line of a reward of a confirmed order: the lines that it is for and its "
        "place among the rewards, as it was then. Reward and program may be edited later.",
    )

    def _is_sold(self):
        """Whether it is something that the customer gets for the price: no section, bundle
        (its parts are), down payment or discount of a reward. A free product is."""
        self.ensure_one()
        if self.display_type or self.is_downpayment:
            return False
        if self.product_id.type == "combo" and not self.price_subtotal:
            return False
        return not self.reward_id or self.reward_id.reward_type == "product"

    def _get_discounted_amounts(self):
        """Amounts that discounts are computed from; fixed taxes are never discounted.

        :return: [(line, its other taxes, amount with these, amount with those of them that
            are in the price)], not rounded
        """
        AccountTax = self.env["account.tax"]
        result = []
        for order, lines in self.grouped("order_id").items():
            base_lines = [
                line._prepare_base_line_for_taxes_computation() for line in lines
            ]
            AccountTax._add_tax_details_in_base_lines(base_lines, order.company_id)
            for line, base_line in zip(lines, base_lines, strict=True):
                taxes = base_line["tax_ids"].flatten_taxes_hierarchy()
                taxes = taxes.filtered(lambda tax: tax.amount_type != "fixed")
                details = base_line["tax_details"]
                base = details["raw_total_excluded_currency"]
                amounts = [
                    (data["tax"].price_include, data["raw_tax_amount_currency"])
                    for data in details["taxes_data"]
                    if data["tax"] in taxes
                ]
                with_tax = base + sum(amount for _included, amount in amounts)
                at_price = base + sum(
                    amount for included, amount in amounts if included
                )
                result.append((line, taxes, with_tax, at_price))
        return result
