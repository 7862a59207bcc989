"""Joins what several files and pages state about the same order.

Some formats deliver an order in pieces; they have a ``merge_raw`` that joins raw
payloads into one which the format's parser reads again. For all others an order is
whole, and its later state replaces the earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timezone
from io import BytesIO
from typing import BinaryIO, NamedTuple

from . import amazon_v0, etsy_csv
from .base import ChannelParseError, ParsedOrder, ParseFailure, Record

MergeRaw = Callable[[Sequence[str]], str]

_NEVER = datetime.min.replace(tzinfo=timezone.utc)
# A page of one format without these must not replace the whole order of another.
_ESSENTIAL = frozenset({"header", "items"})


class _Paged(NamedTuple):
    merge_raw: MergeRaw
    parse: Callable[[BinaryIO], Iterator[Record]]


_PAGED = {
    amazon_v0.FORMAT: _Paged(amazon_v0.merge_raw, amazon_v0.parse),
    etsy_csv.CODE: _Paged(etsy_csv.merge_raw, etsy_csv.parse_sold_orders),
}


def get_merger(format_code: str) -> MergeRaw | None:
    """Return the function that joins raw payloads of one order; None if they come whole."""
    paged = _PAGED.get(format_code)
    return paged.merge_raw if paged else None


def merge(records: Iterable[ParsedOrder]) -> list[Record]:
    """Return one record per order, in the order of first appearance.

    :param records: orders of any platform, in the order received
    :return: orders, and a failure for pages that contradict each other (two currencies)
    """
    groups: dict[tuple[str, str], list[ParsedOrder]] = {}
    for record in records:
        groups.setdefault((record.platform, record.external_ref), []).append(record)
    return [_merge_one(group) for group in groups.values()]


def _merge_one(group: list[ParsedOrder]) -> Record:
    """Return the one state of an order that a group of its states amounts to."""
    by_format: dict[str, list[ParsedOrder]] = {}
    for record in group:
        records = by_format.pop(record.format, [])
        by_format[record.format] = [*records, record]
    states = [_state(records) for records in by_format.values()]
    for state in states:
        if isinstance(state, ParseFailure):
            return state
    usable = [state for state in states if _is_usable(state)]
    return _latest(usable or states)


def _state(records: list[ParsedOrder]) -> Record:
    """Return what records of one format amount to."""
    if len(records) > 1 and records[0].format in _PAGED:
        return _join(records)
    return _latest(records)


def _is_usable(order: ParsedOrder) -> bool:
    """Whether an order can be acted on; that it is cancelled needs no lines to be true."""
    return order.status == "cancelled" or order.parts >= _ESSENTIAL


def _latest(records: list[ParsedOrder]) -> ParsedOrder:
    """Return the record updated last; the one received last among equals."""
    latest = records[0]
    for record in records[1:]:
        if (record.updated_at or _NEVER) >= (latest.updated_at or _NEVER):
            latest = record
    return latest


def _join(records: list[ParsedOrder]) -> Record:
    """Join pages of one order through their raw payloads."""
    paged, first = _PAGED[records[0].format], records[0]
    raws = [record.raw for record in records]
    try:
        raw = paged.merge_raw(raws)
        record = next(iter(paged.parse(BytesIO(raw.encode()))))
    except ChannelParseError as error:
        return ParseFailure(
            where=error.where,
            reason=error.reason,
            external_ref=first.external_ref,
            raw="\n".join(raws),
        )
    return (
        record.replace(where=first.where) if isinstance(record, ParsedOrder) else record
    )
