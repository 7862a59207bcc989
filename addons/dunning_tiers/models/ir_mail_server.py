from datetime import timedelta

from odoo import api, fields, models


class IrMailServer(models.Model):
    _inherit = "ir.mail_server"

    dunning_hourly_limit = fields.Integer(
        "Reminders per hour",
        help="At most so many dunning notices leave by this server within an hour, those "
        "of all companies counted; the others wait. 0: the limit of the company holds.",
    )

    _dunning_hourly_limit_positive = models.Constraint(
        "CHECK(dunning_hourly_limit >= 0)",
        "The reminders per hour cannot be negative.",
    )

    @api.model
    def _get_dunning_sent_domain(self, server, company, since):
        """Notices that count against the limit of a server (or of none) and company."""
        domain = fields.Domain("sent_at", ">", since) & fields.Domain(
            "mail_server_id", "=", server.id
        )
        if server.dunning_hourly_limit:
            return domain
        return domain & fields.Domain("company_id", "=", company.id)

    def _get_dunning_limit(self, company):
        """Notices per hour by this server, or by no certain one; 0 is no limit."""
        return self.dunning_hourly_limit or company.dunning_hourly_limit

    def _get_dunning_capacity(self, company, now=None):
        """Number of notices that may leave by this server now; None: any number.

        :param company: whose notices go; its limit holds where the server has none
        :param datetime now: UTC, the present moment when left out
        """
        limit = self._get_dunning_limit(company)
        if not limit:
            return None
        since = (now or fields.Datetime.now()) - timedelta(hours=1)
        domain = self._get_dunning_sent_domain(self, company, since)
        return max(limit - self.env["dunning.notice"].sudo().search_count(domain), 0)

    def _get_dunning_free_at(self, company, now=None):
        """Moment (UTC) at which the next notice may leave; `now` while there is room."""
        now = now or fields.Datetime.now()
        if self._get_dunning_capacity(company, now) != 0:
            return now
        limit = self._get_dunning_limit(company)
        domain = self._get_dunning_sent_domain(self, company, now - timedelta(hours=1))
        newest = (
            self.env["dunning.notice"]
            .sudo()
            .search(domain, order="sent_at desc, id desc", limit=limit)
        )
        return newest[-1:].sent_at + timedelta(hours=1)
