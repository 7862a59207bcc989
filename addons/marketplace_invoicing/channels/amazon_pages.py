"""Pages of Amazon's financial APIs: their wrapper, and values of which nobody knows the shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, BinaryIO

from .amazon_common import text, to_moment
from .base import ChannelParseError, ParseFailure, to_currency, to_decimal
from .jsonio import dumps, iter_json, join, top_level


def iter_pages(source: BinaryIO, *keys: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each page of a file, without its ``payload`` wrapper, with its place.

    :param keys: a page has at least one of them
    :raises ChannelParseError: not valid JSON, or a page without any of the keys
    """
    is_list = top_level(source) == "array"
    for index, page in iter_json(source, "item" if is_list else ""):
        where = f"[{index}]" if is_list else ""
        if isinstance(page, dict) and isinstance(page.get("payload"), dict):
            page, where = page["payload"], join(where, "payload")
        if not isinstance(page, dict) or not any(key in page for key in keys):
            named = " nor ".join(f'"{key}"' for key in keys)
            raise ChannelParseError(f"no {named} in this document", where)
        yield page, where


def as_list(value: object, where: str) -> list[Any]:
    """Return a list, empty for nothing.

    :raises ChannelParseError: anything else
    """
    if value is None:
        return []
    if not isinstance(value, list):
        raise ChannelParseError("not a list", where)
    return value


def as_dict(value: object, where: str) -> dict[str, Any]:
    """Return an object.

    :raises ChannelParseError: anything else
    """
    if not isinstance(value, dict):
        raise ChannelParseError("not an object", where)
    return value


def records(data: Mapping[str, Any], key: str, where: str) -> Iterator[tuple[Any, str]]:
    """Yield the items of a list in an object, with their places."""
    place = join(where, key)
    for index, item in enumerate(as_list(data.get(key), place)):
        yield item, f"{place}[{index}]"


def word(data: object, *keys: str) -> str:
    """Return the first of some texts that an object states; numbers count as text."""
    if not isinstance(data, dict):
        return ""
    for key in keys:
        value = data.get(key)
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            if found := text(str(value)):
                return found
    return ""


def moment(data: Mapping[str, Any], where: str, *keys: str) -> datetime | None:
    """Return the first of some dates that an object states."""
    for key in keys:
        value = data.get(key)
        if value is None:
            continue
        if not isinstance(value, str):
            raise ChannelParseError("not a date", join(where, key))
        return to_moment(value, join(where, key))
    return None


def money(value: object, where: str) -> tuple[str, Decimal] | None:
    """Return (currency, amount) of v0's ``CurrencyAmount`` or 2024's ``currencyAmount``.

    None where nothing is stated.

    :raises ChannelParseError: not an amount with a currency
    """
    if value is None:
        return None
    data = as_dict(value, where)
    for code, amount in (
        ("CurrencyCode", "CurrencyAmount"),
        ("currencyCode", "currencyAmount"),
    ):
        if data.get(amount) is not None:
            found = to_decimal(data[amount], join(where, amount))
            return to_currency(data.get(code), join(where, code)), found
    return None


def failure(
    error: ChannelParseError, where: str, record: dict[str, Any], ref: str = ""
) -> ParseFailure:
    """Return a record that cannot be read, as a page of its own."""
    try:
        raw = dumps(record)
    except ChannelParseError:
        raw = ""
    return ParseFailure(
        where=error.where or where, reason=error.reason, external_ref=ref, raw=raw
    )
