from odoo import models
from odoo.tools import SQL

#: What core does not find: it goes with the person, or has no foreign key.
FOUND_BY = {
    "age.proof": "partner_id",
    "age.refusal": "partner_id",
    "age.incident": "partner_ref",
    "age.session": "partner_id",
}


class PrivacyLookupWizard(models.TransientModel):
    _inherit = "privacy.lookup.wizard"

    def _get_query(self):
        """Override of `privacy_lookup`: what is kept of the age of persons, too."""
        query = super()._get_query()
        for name, column in FOUND_BY.items():
            model = self.env[name]
            query = SQL(
                """
                %s
                UNION ALL
                SELECT %s AS res_model_id, id AS res_id, True AS is_active
                  FROM %s
                 WHERE %s IN (SELECT id FROM indirect_references)
                """,
                query,
                self.env["ir.model"]._get_id(name),
                SQL.identifier(model._table),
                SQL.identifier(column),
            )
        return query
