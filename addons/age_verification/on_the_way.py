"""Records that a method of ours has on their way through core's methods.

They are kept in the cursor: a context can be sent by any client, and ends up in actions that
are sent to the browser.
"""

from contextlib import contextmanager


@contextmanager
def on_the_way(records, key):
    """Know the records by a key as long as the block lasts, beside those of outer blocks."""
    cache = records.env.cr.cache
    outer = get_on_the_way(records, key)
    cache[key] = outer | records
    try:
        yield
    finally:
        cache[key] = outer


def get_on_the_way(records, key):
    """The records of the same model that are known by a key right now."""
    return records.env.cr.cache.get(key, records.browse())
