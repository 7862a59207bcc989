from odoo import fields, models

from ..engine import send_window


class DunningNotice(models.Model):
    """When a notice may go: the customer's business hours and the server's limit."""

    _inherit = "dunning.notice"

    def _get_next_opening(self):
        """First moment at which the notice may go (UTC), or None when that is now."""
        self.ensure_one()
        now = fields.Datetime.now()
        policy = self.policy_id
        window = send_window.SendWindow(
            policy.send_from,
            policy.send_to,
            policy.send_weekends,
            policy.respect_holidays,
        )
        address = self.contact_id if self.contact_id.country_id else self.partner_id
        place = address if address.country_id else self.company_id.partner_id
        country, state = place.country_id.code, place.state_id.code
        zone = send_window.zone_name(address.tz, country, state)
        opens = window.next_open(now, zone, country, state)
        return opens if opens > now else self._get_server_opening(now)
