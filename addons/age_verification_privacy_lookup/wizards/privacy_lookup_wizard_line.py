from odoo import models
from odoo.exceptions import UserError

#: What stays as evidence, without the person.
EVIDENCE = ("age.check", "age.incident", "age.proof.access")


class PrivacyLookupWizardLine(models.TransientModel):
    _inherit = "privacy.lookup.wizard.line"

    def action_unlink(self):
        """Override of `privacy_lookup`: evidence loses the person and stays."""
        self.ensure_one()
        if self.res_model not in EVIDENCE:
            return super().action_unlink()
        if self.is_unlinked:
            raise UserError(self.env._("The record is anonymous already."))
        self.check_access("write")
        record = self.env[self.res_model].sudo().browse(self.res_id)
        record._forget_buyers([("id", "in", record.ids)])
        self.write(
            {
                "is_unlinked": True,
                "execution_details": self.env._(
                    "Made anonymous %(model)s #%(number)s",
                    model=self.res_model_id.name,
                    number=self.res_id,
                ),
            }
        )
        return None
