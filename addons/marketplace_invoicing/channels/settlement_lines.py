"""Names for lines of settlements that have no id of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b

#: What a line is named by: texts, amounts and moments.
Fact = str | Decimal | datetime | None


@dataclass(slots=True)
class LineNames:
    """Gives each line of a settlement a name that does not depend on its place.

    The same line has the same name in another download of the settlement, whatever the order of
    the rows there and however numbers and dates are written. Of lines that are alike in all
    facts, the second is ``...#2``.
    """

    _seen: Counter[str] = field(default_factory=Counter)

    def of_content(self, *facts: Fact) -> str:
        """Return the name of a line that is known by nothing but its facts."""
        text = "\x1f".join(map(_spelled, facts))
        return self.of_id(blake2b(text.encode(), digest_size=10).hexdigest())

    def of_id(self, ref: str) -> str:
        """Return the name of a line that has an id, which may occur again."""
        self._seen[ref] += 1
        count = self._seen[ref]
        return ref if count == 1 else f"{ref}#{count}"


def _spelled(fact: Fact) -> str:
    if isinstance(fact, Decimal):
        # 5.0 and 5.00 are the same amount.
        return f"{fact.normalize():f}"
    if isinstance(fact, datetime):
        return str(int(fact.timestamp()))
    return fact or ""


def only_one(values: Iterable[str]) -> str:
    """Return the only value that is stated; empty where there is none or more than one."""
    stated = {value for value in values if value}
    return stated.pop() if len(stated) == 1 else ""
