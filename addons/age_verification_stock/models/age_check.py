from odoo import api, models


class AgeCheck(models.Model):
    _inherit = "age.check"

    @api.model
    def _get_document(self, record):
        """Override: transfers have a name of their own, moves have not."""
        if record._name == "stock.picking":
            return record.display_name
        if record._name == "stock.move":
            return f"{record.display_name} ({record.id})"
        return super()._get_document(record)
