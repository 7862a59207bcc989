from odoo import api, fields, models


class AgeProvider(models.Model):
    """A way to have a buyer's age checked.

    A provider adds its code to the selection and overrides the methods of the session.
    """

    _name = "age.provider"
    _description = "Age Provider"
    _order = "company_id, sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    code = fields.Selection([("person", "A person checks a document")], required=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    state = fields.Selection(
        [("disabled", "Disabled"), ("test", "Test mode"), ("enabled", "Enabled")],
        required=True,
        default="disabled",
        help="In test mode the provider's test system is used and proofs are marked so.",
    )
    active = fields.Boolean(default=True)

    @api.model
    def _get_usable(self, company):
        """Providers that may be offered to the company's buyers, in their order."""
        return self.sudo().search(
            [("company_id", "=", company.id), ("state", "!=", "disabled")]
        )
