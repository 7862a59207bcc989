"""Read orders from a JSON document that lists them under a key, is one order, or a list of orders.

Shared by eBay (``orders``, ``orderId``) and Etsy (``results``, ``receipt_id``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from .base import ChannelParseError, ParsedOrder, ParseFailure, Record
from .jsonio import dumps, iter_events, iter_json, top_level

#: Takes the decoded record, its place and its text.
ReadOrder = Callable[[Any, str, str], ParsedOrder]


def read_orders(
    source: BinaryIO, *, list_key: str, id_key: str, read: ReadOrder
) -> Iterator[Record]:
    """Yield what ``read`` makes of each record; a record that it refuses becomes a failure.

    :param list_key: key of the list of records in an answer of the API
    :param id_key: key by which a document that is a single record is known
    :raises ChannelParseError: not JSON, or nothing in it is such a record
    """
    prefix, path = _locate(source, list_key, id_key)
    for index, record in iter_json(source, prefix):
        yield _read_one(record, path.format(index), id_key, read)


def _locate(source: BinaryIO, list_key: str, id_key: str) -> tuple[str, str]:
    """Return ijson's prefix of the records and the pattern of their places."""
    if top_level(source) == "array":
        return "item", "[{}]"
    for prefix, event, value in iter_events(source):
        if not prefix and event == "map_key" and value == id_key:
            return "", ""
        if prefix == list_key and event != "map_key":
            if event != "start_array":
                raise ChannelParseError("not a list", list_key)
            return f"{list_key}.item", f"{list_key}[{{}}]"
    raise ChannelParseError(f'neither "{list_key}" nor "{id_key}" in this document')


def _read_one(record: Any, where: str, id_key: str, read: ReadOrder) -> Record:
    raw = ""
    try:
        raw = dumps(record)
        # No database column holds a NUL; the payload keeps it as an escape.
        clean = _without_nul(record) if r"\u0000" in raw else record
        return read(clean, where, raw)
    except ChannelParseError as error:
        return ParseFailure(
            where=error.where or where,
            reason=error.reason,
            external_ref=_reference(record, id_key),
            raw=raw,
        )


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    if isinstance(value, dict):
        return {key: _without_nul(item) for key, item in value.items()}
    return value


def _reference(record: Any, id_key: str) -> str:
    """Return the id of a record that could not be read, as far as it is one."""
    value = record.get(id_key) if isinstance(record, dict) else None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    return str(value).replace("\0", "").strip()
