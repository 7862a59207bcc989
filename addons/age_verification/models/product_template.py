from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class ProductTemplate(models.Model):
    _inherit = "product.template"

    age_own_class_id = fields.Many2one(
        "age.product.class",
        "Age-restricted as",
        tracking=True,
        help="Which laws on age apply. Empty: as the category says.",
    )
    age_class_id = fields.Many2one(
        "age.product.class",
        "Age class",
        compute="_compute_age_class_id",
        store=True,
        index="btree_not_null",
    )
    age_suggested_class_id = fields.Many2one(
        "age.product.class",
        "Looks like",
        compute="_compute_age_suggested_class_id",
        help="The class whose keywords the product's name or category has, while the "
        "product has no class.",
    )
    age_looks_restricted = fields.Boolean(
        compute="_compute_age_suggested_class_id",
        search="_search_age_looks_restricted",
    )
    age_uses_abv = fields.Boolean(related="age_class_id.uses_abv")
    age_abv = fields.Float(
        "Alcohol (% vol.)",
        digits=(5, 2),
        tracking=True,
        help="Strength as on the label. 0: not known, the strictest rule applies.",
    )
    age_distilled = fields.Selection(
        [("distilled", "Distilled"), ("fermented", "Fermented")],
        "Made by",
        tracking=True,
        help="Some laws tell distilled drinks from fermented ones. Empty: not known.",
    )

    _age_abv_range = models.Constraint(
        "CHECK(age_abv >= 0 AND age_abv <= 100)",
        "Alcohol is between 0 and 100 % by volume.",
    )

    @api.depends("age_own_class_id", "categ_id.age_inherited_class_id")
    def _compute_age_class_id(self):
        for product in self:
            product.age_class_id = (
                product.age_own_class_id or product.categ_id.age_inherited_class_id
            )

    @api.depends("name", "categ_id", "age_class_id", "sale_ok")
    def _compute_age_suggested_class_id(self):
        found = self._get_age_suggestions(Domain("id", "in", self.ids))
        for product in self:
            product.age_suggested_class_id = found.get(product._origin.id, False)
            product.age_looks_restricted = bool(product.age_suggested_class_id)

    def _search_age_looks_restricted(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = Domain("id", "in", list(self._get_age_suggestions(Domain.TRUE)))
        return Domain.OR([found if wanted else ~found for wanted in value])

    @api.model
    def _get_age_suggestions(self, domain):
        """What products without a class look like, by their names in all languages.

        :param Domain domain: the products to look at
        :return: {product id: class id} of those that look like something
        """
        matcher = self.env["age.product.class"]._get_matcher()
        unclassified = Domain("age_class_id", "=", False) & Domain("sale_ok", "=", True)
        query = self._search(domain & unclassified)
        # As the column holds it: all languages at once, which the ORM would read one by one.
        self.flush_model(["name"])
        name = SQL.identifier(self._table, "name")
        category = SQL.identifier(self._table, "categ_id")
        rows = self.env.execute_query(
            query.select(SQL.identifier(self._table, "id"), name, category)
        )
        ids = {category_id for _id, _names, category_id in rows if category_id}
        categories = self.env["product.category"].browse(ids)
        paths = {c.id: c.complete_name for c in categories}
        found = {
            product_id: matcher.find(
                *(names or {}).values(), paths.get(category_id, "")
            )
            for product_id, names, category_id in rows
        }
        return {
            product_id: found[product_id] for product_id in found if found[product_id]
        }

    def _age_classify(self, vals):
        """Write class, strength or way of making.

        Who runs age verification may do so without any other right on products.

        :raises AccessError: the user may neither edit products nor run age verification
        """
        if self.env.user.has_group("age_verification.group_age_manager"):
            self.check_access("read")
            return self.sudo().write(vals)
        return self.write(vals)

    def action_age_take_suggestion(self):
        """Give each product the class that it looks like."""
        grouped = self.grouped("age_suggested_class_id")
        for product_class, products in grouped.items():
            if product_class:
                products._age_classify({"age_own_class_id": product_class.id})

    def action_age_not_restricted(self):
        """Say that the products only look restricted."""
        free = self.env["age.product.class"]._get_unrestricted()
        self._age_classify({"age_own_class_id": free.id})
