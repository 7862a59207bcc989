from odoo import models


class LoyaltyReward(models.Model):
    _inherit = "loyalty.reward"

    def _get_trace_name(self):
        """What a price trace calls it, in the language of the environment."""
        self.ensure_one()
        names = [self.program_id.name, self.description]
        return ": ".join(name for name in names if name)
