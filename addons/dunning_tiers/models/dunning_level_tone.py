from odoo import api, models
from odoo.exceptions import ValidationError


class DunningLevel(models.Model):
    """The tone contract of a level and its template."""

    _inherit = "dunning.level"

    @api.constrains("kind", "tone", "days", "mail_template_id", "active", "policy_id")
    def _check_template_tone(self):
        for level in self.filtered(
            lambda level: level.active and level.mail_template_id
        ):
            sentences = level._lint_template()
            if sentences:
                raise ValidationError(
                    self.env._(
                        "Level “%(level)s” cannot use the template “%(template)s”:\n"
                        "%(findings)s",
                        level=level.name,
                        template=level.mail_template_id.name,
                        findings="\n".join(sentences),
                    )
                )

    def _lint_template(self):
        """What the level's template breaks in any of its languages, as sentences."""
        self.ensure_one()
        if self.kind != "notice":
            return []
        return self.mail_template_id._lint_dunning_tone(
            self.tone, self._get_tone_index()
        )

    def _get_tone_index(self):
        """0 for the policy's first notice after the due date, below 0 for one before."""
        self.ensure_one()
        if self.days <= 0:
            return -1
        notices = self.policy_id.level_ids.filtered(
            lambda level: level.kind == "notice" and 0 < level.days < self.days
        )
        return len(notices)
