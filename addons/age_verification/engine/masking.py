"""Counts that tell of many and not of one. Pure."""

#: Counts from 1 to below this are not told: they might point at somebody.
FLOOR = 5


def mask(count: int, floor: int = FLOOR) -> str:
    """The count as text, or that it is small.

    :raises ValueError: the count is negative
    """
    if count < 0:
        raise ValueError(f"no count: {count}")
    return f"<{floor}" if 0 < count < floor else str(count)
