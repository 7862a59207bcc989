from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class AgeProductClassify(models.TransientModel):
    """Class, strength and way of making of many products at once."""

    _name = "age.product.classify"
    _description = "Set Age Class of Products"

    product_ids = fields.Many2many(
        "product.template",
        "age_product_classify_rel",
        "wizard_id",
        "product_id",
        "Products",
        default=lambda self: self._default_products(),
    )
    class_mode = fields.Selection(
        [
            ("set", "Set to"),
            ("category", "As their category says"),
            ("keep", "Leave as it is"),
        ],
        "Class",
        default="set",
        required=True,
    )
    class_id = fields.Many2one("age.product.class", "Age-restricted as")
    sets_abv = fields.Boolean("Set the strength")
    age_abv = fields.Float(
        "Alcohol (% vol.)",
        digits=(5, 2),
        help="0: the strength is not known. What has no alcohol is of the class of drinks "
        "without alcohol.",
    )
    sets_distilled = fields.Boolean("Set how they are made")
    age_distilled = fields.Selection(
        [("distilled", "Distilled"), ("fermented", "Fermented")], "Made by"
    )

    def _default_products(self):
        """The products, or those of the variants, that are ticked in a list."""
        model = self.env.context.get("active_model")
        ids = self.env.context.get("active_ids", [])
        if model == "product.product":
            ids = self.env[model].browse(ids).product_tmpl_id.ids
        elif model != "product.template":
            ids = []
        return [Command.set(ids)]

    @api.onchange("class_id")
    def _onchange_class_id(self):
        if not self.class_id.uses_abv:
            self.sets_abv = self.sets_distilled = False

    def action_apply(self):
        """Write what is to be set, and nothing else.

        :raises UserError: nothing is to be set
        """
        self.ensure_one()
        values = self._prepare_values()
        if not values or not self.product_ids:
            raise UserError(self.env._("Say what to set, for at least one product."))
        self.product_ids._age_classify(values)
        return {"type": "ir.actions.act_window_close"}

    def _prepare_values(self):
        values = {}
        if self.class_mode == "category" or (
            self.class_mode == "set" and self.class_id
        ):
            own = self.class_id.id if self.class_mode == "set" else False
            values["age_own_class_id"] = own
        if self.sets_abv:
            values["age_abv"] = self.age_abv
        if self.sets_distilled:
            values["age_distilled"] = self.age_distilled
        return values
