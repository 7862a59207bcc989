"""The generic format: any table, JSON or XML file, read as a :class:`.profiles.Profile` says.

The text is UTF-8 here; :mod:`.intake` has already applied the profile's encoding. ``raw`` of an
order is a small file of the same kind with only its rows or record; for a workbook it is JSON with
``columns`` and ``rows``, as a workbook is no text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from typing import BinaryIO

from . import mapped_settlement
from .base import ChannelFormat, ChannelParseError, ParseFailure, Record, Sample
from .jsonio import join
from .mapped_files import FileRecord, MappedFile, open_file
from .mapped_order import OrderReader, Words, to_text
from .profiles import TARGETS, FileKind, Profile, Proposal, Target, propose, suggest
from .tables import normalise

__all__ = [
    "DOCUMENT_KINDS",
    "TARGETS",
    "Profile",
    "Proposal",
    "Target",
    "channel_format",
    "matches",
    "parse",
    "propose",
    "suggest",
]

#: Kinds of document (as in Sample.kind) that a profile's kind reads; a workbook's ``raw`` is JSON.
DOCUMENT_KINDS: Mapping[FileKind, tuple[str, ...]] = {
    "csv": ("table",),
    "tsv": ("table",),
    "xlsx": ("xlsx", "json"),
    "json": ("json",),
    "xml": ("xml",),
}


def channel_format(profile: Profile) -> ChannelFormat:
    """Return the format that reads files as the profile says."""
    is_settlement = profile.document == "settlement"
    return ChannelFormat(
        code=profile.code,
        platform=profile.platform,
        label=f"{profile.name} (mapped {profile.kind})",
        kind="settlement" if is_settlement else "orders",
        detect=partial(matches, profile),
        parse=partial(
            mapped_settlement.parse if is_settlement else parse, profile=profile
        ),
    )


def matches(profile: Profile, sample: Sample) -> bool:
    """Tell whether a file can be meant by the profile: it shows every mapped column.

    In JSON and XML, where a field may be left out, the order's id is enough.
    """
    if sample.kind != DOCUMENT_KINDS[profile.kind][0]:
        return False
    if sample.kind == "json":
        ref = join(profile.record_path, profile.columns["external_ref"])
        return sample.has(_without_indices(ref).removeprefix("."))
    if sample.kind == "xml":
        return sample.has(profile.record_path.rpartition(".")[2])
    shown = {normalise(column) for column in sample.columns}
    return all(normalise(column) in shown for column in profile.columns.values())


def _without_indices(path: str) -> str:
    return re.sub(r"\[[0-9]+\]", "[]", path)


def parse(source: BinaryIO, profile: Profile) -> Iterator[Record]:
    """Yield the orders of a file; rows of an order need not be neighbours.

    :raises ChannelParseError: the file cannot be read, or lacks a mapped column
    """
    file = open_file(source, profile)
    words = Words(profile)
    group = None
    for group in _groups(file, profile):
        yield _read(file, words, group)
    if group is None and profile.kind in ("json", "xml"):
        # An empty table is empty; here the path may be wrong, and silence would hide it.
        raise ChannelParseError(f"nothing at {profile.record_path or 'the top'}")


def _groups(file: MappedFile, profile: Profile) -> Iterator[list[FileRecord]]:
    """Yield the records of one order after the other.

    Rows are counted first, so that an order is passed on with its last row and only orders that are
    not complete yet are in memory.
    """
    if profile.rows == "order" or profile.line_path:
        for record in file.records():
            yield [record]
        return
    left = Counter(_ref(record, profile) for record in file.records())
    waiting: dict[str, list[FileRecord]] = {}
    for record in file.records():
        ref = _ref(record, profile)
        if not ref:
            yield [record]
            continue
        waiting.setdefault(ref, []).append(record)
        left[ref] -= 1
        if not left[ref]:
            yield waiting.pop(ref)


def _ref(record: FileRecord, profile: Profile) -> str:
    try:
        return to_text(record.get(profile.columns["external_ref"]))
    except ChannelParseError:
        return ""


def _read(file: MappedFile, words: Words, group: list[FileRecord]) -> Record:
    raw = file.raw(group)
    try:
        return OrderReader(words, group).parsed(raw)
    except ChannelParseError as error:
        return ParseFailure(
            where=error.where or group[0].where,
            reason=error.reason,
            external_ref=_ref(group[0], words.profile),
            raw=raw,
        )
