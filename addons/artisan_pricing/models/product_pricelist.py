from odoo import api, fields, models

#: Products of a pricelist for all, or for a category, that are looked at for cliffs.
LINT_LIMIT = 1000


class ProductPricelist(models.Model):
    _inherit = "product.pricelist"

    has_price_models = fields.Boolean(
        compute="_compute_has_price_models",
        store=True,
        recursive=True,
        help="A rule of it, or of a pricelist it is based on, uses a maker's tiers.",
    )

    @api.depends(
        "item_ids.compute_price",
        "item_ids.base",
        "item_ids.base_pricelist_id.has_price_models",
    )
    def _compute_has_price_models(self):
        for pricelist in self:
            pricelist.has_price_models = any(
                item.compute_price == "tiers"
                or (
                    item.base == "pricelist" and item.base_pricelist_id.has_price_models
                )
                for item in pricelist.item_ids
            )

    def _get_applicable_rules(self, products, date, **kwargs):
        """Override of `product` to leave out price models that are not in force, and to
        look the rules of a basket up once for all its lines."""
        basket = kwargs.get("basket")
        if self and basket:
            return basket.get_rules(self, products)
        rules = super()._get_applicable_rules(products, date, **kwargs)
        if self.has_price_models:
            rules = rules.filtered(lambda rule: rule._is_in_force(date))
        if kwargs.get("rule_book"):
            # Shared by the orders of several customers.
            return rules
        return self._filter_rules_for(rules, self.env["res.partner"])

    def _filter_rules_for(self, rules, customer):
        """Hook: those of the rules that apply to a customer, in the same order.

        :param customer: ``res.partner`` of the order; empty outside an order
        """
        return rules

    def action_find_cliffs(self):
        """List where buying more of a product costs less."""
        self.ensure_one()
        Finding = self.env["artisan.price.finding"]
        found = Finding.create(
            Finding._prepare_findings(
                self, self._get_products_to_lint(), fields.Datetime.now()
            )
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "artisan_pricing.artisan_price_finding_action"
        )
        return action | {"domain": [("id", "in", found.ids)]}

    def _get_products_to_lint(self):
        """The products that rules name; with rules for all or a category any, up to a
        limit."""
        self.ensure_one()
        rules = self.item_ids
        if all(rule.applied_on in ("0_product_variant", "1_product") for rule in rules):
            return rules.product_id | rules.product_tmpl_id.product_variant_ids
        return self.env["product.product"].search(
            [("sale_ok", "=", True), ("type", "!=", "combo")], limit=LINT_LIMIT
        )
