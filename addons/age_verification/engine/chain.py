"""A ledger whose rows hold on to each other. Pure.

Each row is hashed together with its number and the hash of the row before it. Who changes,
removes, inserts or swaps a row breaks the chain at that place. The end is held by a head,
which is kept apart: without it the last rows could be cut off unseen.

The hash has no secret: it shows that somebody tampered who could not write to the whole
table, or who wrote after a hash had left the house, e.g. in a report.
"""

import hashlib
import json
from dataclasses import dataclass, field

#: What the first row holds on to.
GENESIS = "0" * 64

# Why a chain is broken.
CHANGED = "changed"
MISSING = "missing"
UNLINKED = "unlinked"
CUT = "cut"


@dataclass(frozen=True, slots=True)
class Link:
    """One row of the ledger.

    :param number: 1 for the first row, without gaps
    :param previous: hash of the row before, :data:`GENESIS` for the first
    :param digest: hash of this row
    :param content: what the row says: names to strings, integers, booleans or None
    """

    number: int
    previous: str
    digest: str
    content: dict = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Head:
    """Number and hash of the last row."""

    number: int = 0
    digest: str = GENESIS


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where a chain does not hold, and why."""

    number: int
    reason: str


def canonical(content: dict) -> bytes:
    """The one way to write the content down: different contents give different bytes.

    :raises TypeError: a value is neither a string, an integer, a boolean nor None
    """
    for name, value in content.items():
        if value is not None and not isinstance(value, str | int):
            raise TypeError(f"{name} has no canonical form: {value!r}")
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def digest(number: int, previous: str, content: dict) -> str:
    """Hash of a row: 64 hexadecimal digits."""
    row = b"%d\n%s\n%s" % (number, previous.encode(), canonical(content))
    return hashlib.sha256(row).hexdigest()


def extend(head: Head, contents) -> list[Link]:
    """The rows that follow the head, in order."""
    links = []
    for content in contents:
        number = head.number + 1
        link = Link(
            number, head.digest, digest(number, head.digest, content), dict(content)
        )
        links.append(link)
        head = Head(number, link.digest)
    return links


def verify(links, head: Head | None = None) -> Break | None:
    """The first break of a chain, None when it holds.

    :param links: all :class:`Link` by number; any iterable, read once
    :param head: the last row as it was kept apart; None does not look at the end
    """
    last = Head()
    for link in links:
        if link.number != last.number + 1:
            return Break(last.number + 1, MISSING)
        if link.previous != last.digest:
            return Break(link.number, UNLINKED)
        if link.digest != digest(link.number, link.previous, link.content):
            return Break(link.number, CHANGED)
        last = Head(link.number, link.digest)
    if head is not None and head != last:
        return Break(last.number + (last.number < head.number), CUT)
    return None


def seal(subject, salt: str) -> str:
    """A name for somebody that holds when the salt is forgotten, and tells nothing then."""
    return hashlib.sha256(f"{salt}:{subject}".encode()).hexdigest()
