import secrets

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import simulator
from .age_provider import disable_providers

FORMATS = [
    ("yoti", "Yoti"),
    ("agechecker", "AgeChecker.Net"),
    ("veriff", "Veriff"),
    ("stripe", "Stripe Identity"),
]


class AgeProvider(models.Model):
    """A provider inside Odoo that speaks like a real one, so that all runs without
    an account: same requests, same messages, same signatures, no network."""

    _inherit = "age.provider"

    code = fields.Selection(
        selection_add=[("simulator", "Simulator")],
        ondelete={"simulator": disable_providers},
    )
    simulator_format = fields.Selection(
        FORMATS, "Behaves like", default="yoti", help="Whose messages it speaks."
    )
    simulator_private_key = fields.Text(copy=False, groups="base.group_system")

    @api.constrains("code", "state", "simulator_format")
    def _check_simulator(self):
        for provider in self.filtered(lambda provider: provider.code == "simulator"):
            if provider.state == "enabled":
                raise ValidationError(
                    self.env._("The simulator lets everybody pass: test mode only.")
                )
            if not provider.simulator_format:
                raise ValidationError(
                    self.env._("Say whom the simulator behaves like.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Override: the simulator signs with secrets of its own."""
        providers = super().create(vals_list)
        providers._make_secrets()
        return providers

    def write(self, vals):
        """Override: also when it becomes the simulator later."""
        result = super().write(vals)
        if "code" in vals:
            self._make_secrets()
        return result

    def _make_secrets(self):
        new = self.sudo().filtered(
            lambda provider: (
                provider.code == "simulator" and not provider.simulator_private_key
            )
        )
        for provider in new:
            private, public = simulator.make_key()
            provider.write(
                {
                    "api_key": secrets.token_hex(16),
                    "api_secret": secrets.token_hex(16),
                    "webhook_secret": secrets.token_hex(16),
                    "yoti_sdk": "simulator",
                    "yoti_public_key": public,
                    "simulator_private_key": private,
                }
            )

    def _age_get_format(self):
        """Override: the simulator speaks as the chosen provider."""
        if self.code != "simulator":
            return super()._age_get_format()
        return self.simulator_format

    def _is_simulating(self):
        """Whether the simulator may be used: in test mode only."""
        is_testing = self.state == "test" and self._is_in_use()
        return self.code == "simulator" and is_testing and self.active

    def _is_usable_for(self, policy, age):
        """Override: the simulator is of use in test mode only."""
        if self.code == "simulator" and not self._is_simulating():
            return False
        return super()._is_usable_for(policy, age)

    def _age_get_yoti_url(self, answer):
        """Override: the page is in Odoo."""
        if self.code != "simulator":
            return super()._age_get_yoti_url(answer)
        return answer["url"]

    def _age_send_request(self, method, path, **options):
        """Override: the simulator answers itself."""
        if self.code != "simulator":
            return super()._age_send_request(method, path, **options)
        return self.env["age.simulation"].sudo()._serve(self, method, path, options)
