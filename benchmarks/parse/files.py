"""A file of every format that the readers know, in its documented shape, as long as one likes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

#: What is counted: the records themselves, or, of settlements, their lines.
Unit = Literal["orders", "refunds", "payouts", "payments", "lines"]
#: Pages of APIs hold so many records at most.
PAGE = 100


@dataclass(frozen=True, slots=True)
class File:
    """How to make a file of one format.

    ``build`` gives a file of so many orders, of their refunds or payments, of payouts, or of the
    lines of a payout that they are settled by; each with ``lines_each`` lines. ``unit`` is what
    is counted of it, ``profile`` the user's mapping of formats that are read by one (arguments of
    ``mapped.Profile``).
    """

    build: Callable[[int], bytes]
    unit: Unit = "orders"
    lines_each: int = 3
    profile: Mapping[str, Any] | None = None


def dumped(document: Any) -> bytes:
    return json.dumps(document).encode()


def listed(
    make: Callable[[int], Any], *keys: str, make_all: bool = False
) -> Callable[[int], bytes]:
    """Return a builder of one JSON list of what ``make`` gives for each number from 1.

    :param keys: names that the list lies under, outermost first
    :param make_all: ``make`` gives a list of records, which are put one after the other
    """

    def build(orders: int) -> bytes:
        document: Any = [make(number) for number in range(1, orders + 1)]
        if make_all:
            document = [record for records in document for record in records]
        for key in reversed(keys):
            document = {key: document}
        return dumped(document)

    return build


def paged(make: Callable[[int], Any], *keys: str) -> Callable[[int], bytes]:
    """Return a builder of a list of pages, each with a list as :func:`listed` makes it."""

    def build(orders: int) -> bytes:
        pages = []
        for first in range(1, orders + 1, PAGE):
            last = min(first + PAGE - 1, orders)
            page: Any = [make(number) for number in range(first, last + 1)]
            for key in reversed(keys):
                page = {key: page}
            pages.append(page)
        return dumped(pages)

    return build


def table(
    columns: Iterable[str],
    rows: Iterable[Mapping[str, str]],
    delimiter: str = ",",
    mark: str = "",
) -> bytes:
    """Return rows as a table; cells that a row does not have are empty.

    :param mark: byte order mark
    """
    out = io.StringIO(newline="")
    out.write(mark)
    writer = csv.DictWriter(out, tuple(columns), restval="", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()
