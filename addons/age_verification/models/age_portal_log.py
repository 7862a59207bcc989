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
    def _suppress(self, action, key):
        """Count what is refused on the last entry of its kind.

        On a connection of its own: those that come at once wait for each other there, and
        none of their requests has to be tried again.
        """
        with self.env["age.incident"]._own_cursor() as cr:
            cr.execute(
                SQL(
                    """
                    UPDATE age_portal_log SET suppressed = COALESCE(suppressed, 0) + 1
                     WHERE id = (SELECT max(id) FROM age_portal_log
                                  WHERE key = %s AND action = %s)
                    """,
                    key,
                    action,
                )
            )
        self.invalidate_model(["suppressed"])

    @api.model
    def _take_suppressed(self, action, key):
        """How much was refused since this was last asked."""
        with self.env["age.incident"]._own_cursor() as cr:
            cr.execute(
                SQL(
                    """
                    WITH counted AS (
                        SELECT id, suppressed FROM age_portal_log
                         WHERE key = %s AND action = %s AND suppressed > 0 FOR UPDATE)
                    UPDATE age_portal_log AS log SET suppressed = 0
                      FROM counted WHERE log.id = counted.id
                    RETURNING counted.suppressed
                    """,
                    key,
                    action,
                )
            )
            taken = sum(count for (count,) in cr.fetchall())
        self.invalidate_model(["suppressed"])
        return taken

    @api.autovacuum
    def _gc_portal_log(self):
        limit = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.sudo().search([("create_date", "<", limit)], limit=10000).unlink()
