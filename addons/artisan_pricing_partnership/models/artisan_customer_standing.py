from odoo import models


class ArtisanCustomerStanding(models.Model):
    _inherit = "artisan.customer.standing"

    def _on_grade_changed(self):
        """Override: the partner level follows, where the policy says so."""
        res = super()._on_grade_changed()
        self.filtered("policy_id.sets_partner_grade")._set_partner_grades()
        return res

    def _set_partner_grades(self):
        """Give customers the level of their grade.

        A level that no policy gives was given by hand or bought by a person's decision: it
        stays. So does a bought one that is higher; the level listed first is the highest.
        """
        # Judging needs no right on contacts.
        standings = self.sudo()
        linked = standings.policy_id.grade_ids.partner_grade_id
        bought = standings._get_bought_grades()
        for standing in standings:
            partner, level = standing.partner_id, standing.grade_id.partner_grade_id
            if partner.grade_id and partner.grade_id not in linked:
                continue
            levels = bought.get(partner, level.browse()) | level
            highest = levels.sorted("sequence")[:1]
            if partner.grade_id != highest:
                partner.write(self._prepare_level(partner, highest))

    def _prepare_level(self, partner, level):
        """Values of a customer. `partnership` sets the pricelist of a level, and leaves it
        when the next has none."""
        vals = {"grade_id": level.id}
        old = partner.grade_id.default_pricelist_id
        if (
            old
            and not level.default_pricelist_id
            and partner.specific_property_product_pricelist == old
        ):
            vals["specific_property_product_pricelist"] = False
        return vals

    def _get_bought_grades(self):
        """Levels that came with a product that was bought.

        :return: dict {customer: res.partner.grade}
        """
        lines = self.env["sale.order.line"].search(
            [
                ("state", "=", "sale"),
                ("product_id.service_tracking", "=", "partnership"),
                ("product_id.grade_id", "!=", False),
                (
                    "order_id.partner_id.commercial_partner_id",
                    "in",
                    self.partner_id.ids,
                ),
            ]
        )
        by_customer = lines.grouped("order_partner_id")
        bought = {}
        for partner, same in by_customer.items():
            customer = partner.commercial_partner_id
            levels = same.product_id.grade_id
            bought[customer] = bought.get(customer, levels.browse()) | levels
        return bought
