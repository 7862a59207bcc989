from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..engine import keywords


class AgeProductClass(models.Model):
    """A kind of product as laws tell them apart: wine, spirits, knives.

    Classes form a tree: a rule for all alcohol holds for wine where wine has none.
    """

    _name = "age.product.class"
    _description = "Age-Restricted Product Class"
    _parent_name = "parent_id"
    _parent_store = True
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True, help="The class in rules that are imported, e.g. alcohol_wine."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    # Who deletes a class is told by _unlink_except_above; a refusal by the database as well
    # would make an uninstallation fail.
    parent_id = fields.Many2one("age.product.class", ondelete="set null", index=True)
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("age.product.class", "parent_id")
    is_restricted = fields.Boolean(
        "Age-restricted",
        default=True,
        help="Untick for products that look restricted and are not: they need no proof, "
        "and they are no longer listed as products without a class.",
    )
    uses_abv = fields.Boolean(
        "Has a strength",
        help="Ask for the alcohol by volume of these products: laws depend on it.",
    )
    policy_id = fields.Many2one(
        "age.policy",
        help="How buyers of these products prove their age. Empty: the company's policy.",
        company_dependent=True,
    )
    keywords = fields.Text(
        help="Words in a product's name, separated by commas, that make it look like one "
        "of this class."
    )
    rule_count = fields.Integer("Rules", compute="_compute_rule_count")
    product_count = fields.Integer("Products", compute="_compute_product_count")
    parcel_text = fields.Char(
        "Text on parcels",
        translate=True,
        help="Printed on delivery documents, for the carrier to check the age at the door.",
    )

    _code_uniq = models.Constraint("UNIQUE(code)", "There is a class with this code.")

    @api.depends_context("uid")
    def _compute_rule_count(self):
        groups = self.env["age.rule"]._read_group(
            [("class_id", "in", self.ids)], ["class_id"], ["__count"]
        )
        counts = {product_class.id: count for product_class, count in groups}
        for product_class in self:
            product_class.rule_count = counts.get(product_class.id, 0)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_product_count(self):
        groups = self.env["product.template"]._read_group(
            [("age_class_id", "in", self.ids)], ["age_class_id"], ["__count"]
        )
        counts = {product_class.id: count for product_class, count in groups}
        for product_class in self:
            product_class.product_count = counts.get(product_class.id, 0)

    @api.constrains("parent_id")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A class cannot be above itself."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self._is_used():
            raise UserError(
                self.env._(
                    "Products or categories are of this class. Archive it, or give them "
                    "another one first."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_above(self):
        if self.child_ids - self:
            raise UserError(
                self.env._(
                    "There are classes below it, to which its rules apply. Move them first."
                )
            )

    def write(self, vals):
        """Override: when classes mean something else for their products, it is told."""
        if not {"is_restricted", "parent_id"} & vals.keys():
            return super().write(vals)
        before = {pc: (pc.is_restricted, pc.parent_id) for pc in self}
        result = super().write(vals)
        changed = self.filtered(
            lambda pc: before[pc] != (pc.is_restricted, pc.parent_id)
        )
        changed.filtered(lambda pc: before[pc][0])._tell_declassified()
        if changed:
            self.env["age.declassification"]._wake_up()
        return result

    def _tell_declassified(self):
        """An incident for each class that has products.

        Whether another class above it asks less depends on the country: it is told anyway.
        """
        self.env["age.incident"]._record(
            [
                {
                    "kind": "declassified",
                    "company_id": company.id,
                    "document": product_class.name,
                    "note": product_class._describe_declassified(),
                }
                for product_class in self
                if product_class._is_used()
                for company in self.env.user.company_ids
            ]
        )

    def _describe_declassified(self):
        if not self.is_restricted:
            return self.env._("All products of the class are free: %s", self.name)
        above = self.parent_id.name or self.env._("no class")
        return self.env._(
            "%(name)s is now below %(above)s", name=self.name, above=above
        )

    def _is_used(self):
        """Whether products or categories are of the classes or those below."""
        below = Domain("age_class_id", "child_of", self.ids)
        return any(
            self.env[model]
            .sudo()
            .with_context(active_test=False)
            .search(below, limit=1)
            for model in ("product.template", "product.category")
        )

    def action_open_rules(self):
        """The rules of the class and those above it, which hold for it as well."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "age_verification.age_rule_action"
        )
        action["domain"] = [("class_id", "in", self._get_chain().ids)]
        return action

    def action_open_products(self):
        """The products of the class, by themselves or by their category."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sale.product_template_action"
        )
        action["domain"] = [("age_class_id", "=", self.id)]
        action["context"] = {"default_age_own_class_id": self.id}
        return action

    @api.model
    def _get_matcher(self):
        """Finds the id of the restricted class that a name looks like."""
        classes = self.sudo().search_fetch([("is_restricted", "=", True)], ["keywords"])
        return keywords.Matcher((pc.id, pc.keywords) for pc in classes)

    @api.model
    def _get_unrestricted(self):
        """The class of products that only look restricted.

        :raises UserError: somebody deleted it
        """
        free = self.search([("is_restricted", "=", False)], limit=1)
        if not free:
            raise UserError(
                self.env._("Create a product class that is not age-restricted first.")
            )
        return free

    def _get_chain(self):
        """The class, then those above it, the nearest first."""
        self.ensure_one()
        chain = self
        while chain[-1].parent_id:
            chain += chain[-1].parent_id
        return chain
