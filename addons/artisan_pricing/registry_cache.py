"""What orders ask for each time and people change seldom is kept in the registry's cache.

Whoever changes it says so here. Until the end of that transaction nothing of it is kept:
what a savepoint takes back would stay in the cache.
"""

from odoo import tools

_CHANGED = "artisan_pricing_changed"


def forget(env):
    """Have everything read anew that was kept."""
    env.registry.clear_cache()
    env.cr.cache[_CHANGED] = True


class kept(tools.ormcache):
    """An `ormcache` of what other transactions may see as well."""

    def lookup(self, *args, **kwargs):
        """Override of `odoo.tools` to read what this transaction changed."""
        if args[0].env.cr.cache.get(_CHANGED):
            return self.method(*args, **kwargs)
        return super().lookup(*args, **kwargs)
