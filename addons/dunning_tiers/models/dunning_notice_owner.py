from odoo import models


class DunningNotice(models.Model):
    """Who answers for a notice once the person chosen first has left."""

    _inherit = "dunning.notice"

    def _get_owner(self):
        """The active person who answers, empty when it is left to the company.

        The notice's own, else the policy's, else the one who made the run.
        """
        self.ensure_one()
        users = self.user_id | self.policy_id.user_id | self.run_id.user_id
        return users.filtered("active")[:1]

    def _update_owner(self):
        """Hand the notice over when its owner has left since it was proposed."""
        if not self.user_id.active:
            self.user_id = self._get_owner() or self.user_id

    def _get_activity_user(self):
        """Who gets the task of the level: its own person while active, else the owner."""
        return self.level_id.activity_user_id.filtered("active") or self._get_owner()
