from odoo import models


class ProductPricelist(models.Model):
    _inherit = "product.pricelist"

    def _filter_rules_for(self, rules, customer):
        """Override: a price model may be for customers of some levels only."""
        rules = super()._filter_rules_for(rules, customer)
        # Customers in a shop may read neither price models nor levels.
        models_used = rules.sudo().price_model_id
        if not models_used.grade_ids:
            return rules
        others = models_used.filtered(
            lambda model: not model._is_for_customer(customer.sudo())
        )
        return rules.filtered(lambda rule: rule.sudo().price_model_id not in others)
