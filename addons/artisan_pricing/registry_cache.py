"""What orders ask for each time and people change seldom is kept in the registry's cache.

Whoever changes it says so here. Until the end of that transaction nothing of it is kept:
what a savepoint takes back would stay in the cache.
"""

_CHANGED = "artisan_pricing_changed"


def forget(env):
    """Have everything read anew that was kept."""
    env.registry.clear_cache()
    env.cr.cache[_CHANGED] = True


def may_keep(env):
    """Whether what is read now may be kept for other transactions."""
    return _CHANGED not in env.cr.cache
