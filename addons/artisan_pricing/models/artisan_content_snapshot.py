from odoo import fields, models


class ArtisanContentSnapshot(models.Model):
    _name = "artisan.content.snapshot"
    _description = "Content of a Posted Invoice"
    _order = "move_id, sequence, id"

    move_id = fields.Many2one(
        "account.move", "Invoice", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="move_id.company_id", store=True, index=True)
    content_id = fields.Many2one(
        "artisan.content", "Block", index="btree_not_null", ondelete="set null"
    )
    version = fields.Integer(help="The block's version at posting.")
    kind = fields.Selection(
        selection=lambda self: self.env["artisan.content"]._fields["kind"].selection,
        required=True,
    )
    text = fields.Html(help="As printed, in the customer's language.")
    lang = fields.Char("Language")
    product_ids = fields.Many2many(
        "product.product",
        string="Products",
        help="Of the lines that it was chosen for.",
    )
    applies_to = fields.Char(
        help="The products by name, when the invoice has others, too."
    )
    maker_name = fields.Char(help="Whose note it is, as they were called at posting.")
    kept_back = fields.Boolean(
        help="Not shown: the customer is outside the block's share, and counts for "
        "comparison only."
    )
    sequence = fields.Integer()

    _content_once_per_move = models.Constraint(
        "UNIQUE(move_id, content_id)", "An invoice shows a block once."
    )
