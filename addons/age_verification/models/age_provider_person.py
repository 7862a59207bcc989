from odoo import fields, models

from ..engine.messages import Result
from .age_provider import disable_providers


class AgeProvider(models.Model):
    _inherit = "age.provider"

    code = fields.Selection(
        selection_add=[("person", "A person checks a document")],
        ondelete={"person": disable_providers},
    )

    def _age_create_session(self, session):
        """Override: nobody is asked but the officers, who see the session waiting."""
        if self._age_get_format() != "person":
            return super()._age_create_session(session)
        return None, None

    def _age_fetch_result(self, session):
        """Override: an officer decides in Odoo."""
        if self._age_get_format() != "person":
            return super()._age_fetch_result(session)
        return Result("pending")
