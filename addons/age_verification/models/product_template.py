from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..strictness import Traits
from .age_declassification import Change

#: What decides what laws ask of a product's buyers.
TRAITS = {"age_own_class_id", "age_abv", "age_distilled", "categ_id"}


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
        help="Strength as on the label. 0: not known, the strictest rule applies. What has "
        "no alcohol is of the class of drinks without alcohol. A little counts: where the "
        "law says nothing about so weak a drink, the policy's own age is asked.",
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

    # === WHAT LAWS LOOK AT === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: only age managers say that a product is not restricted."""
        products = super().create(vals_list)
        # What is computed is not written, not by a default either: it would stay.
        self.env.add_to_compute(self._fields["age_class_id"], products)
        free = products._filter_age_free()
        if free:
            self.env["age.declassification"]._check_right(free.mapped("display_name"))
        return products

    def write(self, vals):
        """Override: only age managers ask less of a product's buyers."""
        vals = {name: vals[name] for name in vals if name != "age_class_id"}
        if not TRAITS & vals.keys():
            return super().write(vals)
        before, free = self._get_age_traits(), self._filter_age_free()
        result = super().write(vals)
        freed = self._filter_age_free() - free
        if freed:
            self.env["age.declassification"]._check_right(freed.mapped("display_name"))
        self._check_age_traits(before)
        return result

    def _check_age_traits(self, before):
        """:raises AccessError: a product asks less than before, of who is no manager"""
        after = self._get_age_traits()
        self.env["age.declassification"]._check(
            [
                Change(
                    product.display_name,
                    product.company_id,
                    before[product],
                    after[product],
                )
                for product in self.sudo()
                if before[product] != after[product]
            ]
        )

    def copy_data(self, default=None):
        """Override: a copy looks restricted again until somebody says that it is not."""
        vals_list = super().copy_data(default)
        if self.env.su or self.env["age.declassification"]._is_manager():
            return vals_list
        free = {product.age_own_class_id.id for product in self._filter_age_free()}
        return [
            {**vals, "age_own_class_id": False}
            if vals.get("age_own_class_id") in free
            else vals
            for vals in vals_list
        ]

    def _filter_age_free(self):
        """The products that somebody has said not to be restricted."""
        return self.filtered(
            lambda product: (
                product.sudo().age_own_class_id
                and not product.sudo().age_own_class_id.is_restricted
            )
        )

    def _get_age_traits(self):
        """{product: :class:`strictness.Traits`}"""
        return {
            product: Traits(
                product.age_class_id, product.age_abv, product.age_distilled
            )
            for product in self.sudo()
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
        """Say that the products only look restricted.

        :raises AccessError: the user is no age manager
        """
        free = self.env["age.product.class"]._get_unrestricted()
        self._age_classify({"age_own_class_id": free.id})
