from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..strictness import Traits
from .age_declassification import Change


class ProductCategory(models.Model):
    _inherit = "product.category"

    age_class_id = fields.Many2one(
        "age.product.class",
        "Age-restricted as",
        help="For all products of this category and those below it that have no class of "
        "their own.",
    )
    age_inherited_class_id = fields.Many2one(
        "age.product.class",
        "Age class with categories above",
        compute="_compute_age_inherited_class_id",
        store=True,
        recursive=True,
    )

    @api.depends("age_class_id", "parent_id.age_inherited_class_id")
    def _compute_age_inherited_class_id(self):
        for category in self:
            category.age_inherited_class_id = (
                category.age_class_id or category.parent_id.age_inherited_class_id
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Override: what is computed is not written, as it would stay."""
        categories = super().create(vals_list)
        self.env.add_to_compute(self._fields["age_inherited_class_id"], categories)
        return categories

    def write(self, vals):
        """Override: only age managers ask less of the buyers of a category's products."""
        vals = {name: vals[name] for name in vals if name != "age_inherited_class_id"}
        if not {"age_class_id", "parent_id"} & vals.keys():
            return super().write(vals)
        before, free = self._get_age_traits(), self._filter_age_free()
        result = super().write(vals)
        freed = self._filter_age_free() - free
        if freed:
            self.env["age.declassification"]._check_right(freed.mapped("display_name"))
        self._check_age_traits(before)
        return result

    def _filter_age_free(self):
        """The categories whose products somebody has said not to be restricted."""
        return self.filtered(
            lambda category: (
                category.sudo().age_class_id
                and not category.sudo().age_class_id.is_restricted
            )
        )

    def _check_age_traits(self, before):
        """:raises AccessError: products ask less than before, of who is no manager"""
        self.env["age.declassification"]._check(
            [
                Change(
                    category.display_name,
                    self.env["res.company"],
                    traits,
                    Traits(
                        category.age_inherited_class_id,
                        traits.age_abv,
                        traits.age_distilled,
                    ),
                )
                for category, traits in before
            ]
        )

    def _get_age_traits(self):
        """(category, :class:`strictness.Traits`) of the products without a class of their
        own, of these categories and those below."""
        groups = (
            self.env["product.template"]
            .sudo()
            .with_context(active_test=False)
            ._read_group(
                Domain("categ_id", "child_of", self.ids)
                & Domain("age_own_class_id", "=", False),
                ["categ_id", "age_abv", "age_distilled"],
            )
        )
        return [
            (category, Traits(category.age_inherited_class_id, abv or 0.0, distilled))
            for category, abv, distilled in groups
        ]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_age_class(self):
        """Those below go as well, and their products would be without a class."""
        if any(traits.is_restricted for _category, traits in self._get_age_traits()):
            raise UserError(
                self.env._(
                    "Products have their age class from this category. Move them first."
                )
            )
