from datetime import timedelta
from ipaddress import ip_address, ip_network

from odoo import api, fields, models
from odoo.tools import SQL, hmac

#: Action -> how many of them in how many seconds; more are refused.
LIMITS = {
    "bad_token": (20, 3600),
    "start": (20, 3600),
    # By one sender to one provider, and by all senders to one provider.
    "forged": (5, 3600),
    "forged_any": (1, 60),
    # By all buyers of a company for one country.
    "unknown_rule": (5, 3600),
}
#: Days after which entries are deleted.
KEEP_DAYS = 7


def _get_network(address):
    """What one person can choose addresses from: all of a /64 network in IPv6."""
    try:
        ip = ip_address(address or "")
    except ValueError:
        return address or ""
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if ip.version == 4:
        return str(ip)
    return str(ip_network((int(ip), 64), strict=False))


class AgePortalLog(models.Model):
    """Counts requests to the buyer's page and forged messages, for their rate limits.

    It lives in the database since the workers of a server share nothing else.
    """

    _name = "age.portal.log"
    _description = "Age Portal Log"
    _order = "id desc"

    key = fields.Char(
        required=True,
        readonly=True,
        help="Whose it was: a fingerprint of the network address, or the request.",
    )
    action = fields.Selection(
        [
            ("bad_token", "Unknown link"),
            ("start", "Check started"),
            ("forged", "Forged message of a sender"),
            ("forged_any", "Forged message"),
            ("unknown_rule", "Payment where no rule is known"),
        ],
        required=True,
        readonly=True,
    )
    suppressed = fields.Integer(
        readonly=True, help="So many more came that were only counted."
    )

    _count_idx = models.Index("(key, action, create_date)")

    @api.model
    def _is_limited(self, action, key):
        """Whether so many actions were counted lately that no more are taken."""
        limit, seconds = LIMITS[action]
        since = fields.Datetime.now() - timedelta(seconds=seconds)
        domain = [
            ("key", "=", key),
            ("action", "=", action),
            ("create_date", ">", since),
        ]
        return self.search_count(domain, limit=limit) >= limit

    @api.model
    def _get_retry_seconds(self, action):
        """Seconds after which a refused action may be tried again."""
        return LIMITS[action][1]

    @api.model
    def _get_address_key(self, address):
        """Key of a network address, which itself is personal data and not kept."""
        return hmac(self.env(su=True), "age_verification.portal", _get_network(address))

    @api.model
    def _admit(self, keys):
        """Count something that happened, unless there is too much of it lately.

        On a connection of its own, where those that come at once wait for each other: so
        each is counted, and none of their requests has to be tried again.

        :param keys: {action: key}, each with its limit; the last one counts the refused
        :return: how many were refused since the last that was not; None if this one is
        """
        with self.env["age.incident"]._own_cursor() as cr:
            log = self.with_env(api.Environment(cr, self.env.uid, {}, su=True))
            return log._admit_next(keys)

    @api.model
    def _admit_next(self, keys):
        *_others, (action, key) = keys.items()
        self.env.cr.execute(
            SQL("SELECT pg_advisory_xact_lock(hashtext(%s))", f"age_portal_log:{key}")
        )
        domain = [("action", "=", action), ("key", "=", key)]
        last = self.search(domain, order="id desc", limit=1)
        if any(self._is_limited(name, value) for name, value in keys.items()):
            last.suppressed += 1
            return None
        self.create([{"action": name, "key": value} for name, value in keys.items()])
        return last.suppressed

    @api.autovacuum
    def _gc_portal_log(self):
        limit = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.sudo().search([("create_date", "<", limit)], limit=10000).unlink()
