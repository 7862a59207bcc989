"""Find the orders in a shop's JSON and read them one by one; for Shopify and WooCommerce."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Context, Decimal
from functools import cache
from typing import Any, BinaryIO, NamedTuple

import msgspec

from .base import (
    ChannelParseError,
    ParsedOrder,
    ParseFailure,
    Record,
    to_decimal,
)
from .jsonio import dumps, iter_events, iter_json, join, top_level

# Wide enough for a product of any two amounts that ``to_decimal`` lets through.
_EXACT = Context(prec=64)
_FINEST_RATE = Decimal("1E-12")
# Written as floats, 0.07250000000000001, and read by ``rate``.
_RATES = ("rate", "rate_percent")
_ERROR_TEXTS = ("message", "errors", "errors.item.message")

Reader = Callable[[Any, str], ParsedOrder]
Visit = Callable[[object], None]


class Place(NamedTuple):
    """Where records lie: an ijson prefix, and how a person is told about the record at an index."""

    prefix: str
    where: str


class Layout(NamedTuple):
    """A wrapper of records: the JSON type expected (``array``, ``map``), their place."""

    kind: str
    place: Place


TOP_LIST = Place("item", "[{}]")
TOP_OBJECT = Place("", "")


def locate(source: BinaryIO, layouts: Mapping[str, Layout]) -> Iterator[Place]:
    """Yield where the records of a document are, as its beginning tells.

    A list at the top is a list of records, an object with an ``id`` is a record. Who takes only the
    first place reads no further.

    :param layouts: by dotted path from the top
    :raises ChannelParseError: not JSON, an error message of the shop instead of orders, or neither
    """
    if top_level(source) == "array":
        yield TOP_LIST
        return
    answer, found = "", False
    for prefix, event, value in iter_events(source):
        if prefix in layouts and not event.startswith("end_") and event != "map_key":
            found = True
            yield _expect(layouts[prefix], prefix, event)
        elif not prefix and event == "map_key" and value == "id" and not found:
            yield TOP_OBJECT
            return
        elif event == "string" and prefix in _ERROR_TEXTS:
            answer = answer or value
    if not found and answer:
        raise ChannelParseError(f"an error message instead of orders: {answer}")
    if not found:
        raise ChannelParseError("no orders in this document")


def _expect(layout: Layout, path: str, event: str) -> Place:
    if event == f"start_{layout.kind}":
        return layout.place
    wanted = "a list" if layout.kind == "array" else "an object"
    raise ChannelParseError(f"not {wanted}", path)


def read_records(source: BinaryIO, place: Place, read: Reader) -> Iterator[Record]:
    """Yield what ``read`` makes of each record; a record that it refuses becomes a failure.

    :param read: takes the decoded record and its place
    """
    for index, record in iter_json(source, place.prefix):
        where = place.where.format(index)
        try:
            parsed: Record = read(record, where)
        except ChannelParseError as error:
            parsed = _failure(record, error)
        yield parsed


def _failure(record: object, error: ChannelParseError) -> ParseFailure:
    ref = record.get("id") if isinstance(record, dict) else None
    try:
        raw = dumps(record)
    except ChannelParseError:
        raw = ""
    known = isinstance(ref, (int, str)) and not isinstance(ref, bool)
    return ParseFailure(
        where=error.where,
        reason=error.reason,
        external_ref=text(str(ref)).rsplit("/", 1)[-1] if known else "",
        raw=raw,
    )


def check_values(value: object, visit: Visit) -> None:
    """Call ``visit`` on every amount and struct inside ``value``.

    :raises ChannelParseError: what ``visit`` raises, with the place inside ``value``
    """
    visit(value)
    if isinstance(value, list):
        for index, item in enumerate(value):
            _check_part(item, f"[{index}]", visit)
    elif isinstance(value, msgspec.Struct):
        for name, written in _fields(type(value)):
            part = getattr(value, name)
            if isinstance(part, (Decimal, list, msgspec.Struct)):
                _check_part(part, written, visit)


def _check_part(part: object, name: str, visit: Visit) -> None:
    try:
        check_values(part, visit)
    except ChannelParseError as error:
        raise ChannelParseError(error.reason, join(name, error.where)) from error


@contextmanager
def inside(where: str, spell: Callable[[str], str] = str) -> Iterator[None]:
    """Complete the place of an error: what it names lies inside ``where``.

    :param spell: turns a field's place into the platform's spelling
    """
    try:
        yield
    except ChannelParseError as error:
        raise ChannelParseError(
            error.reason, join(where, spell(error.where))
        ) from error


@cache
def _fields(struct: type[msgspec.Struct]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (field.name, field.encode_name)
        for field in msgspec.structs.fields(struct)
        if field.name not in _RATES
    )


def check_amount(value: object) -> None:
    """Visit of :func:`check_values`: refuse amounts that are not finite or not believable."""
    if isinstance(value, Decimal):
        to_decimal(value)


def times(price: Decimal, quantity: Decimal, where: str) -> Decimal:
    """Return the exact product of two stated numbers.

    :raises ChannelParseError: beyond any believable amount
    """
    return to_decimal(_EXACT.multiply(price, quantity), where)


def rate(value: Decimal | None, where: str, *, percent: bool = False) -> Decimal | None:
    """Return a tax rate as a fraction, without the tail that a float leaves behind.

    :param percent: the value is in percent
    :raises ChannelParseError: beyond any believable rate
    """
    if value is None:
        return None
    if not value.is_finite() or value.adjusted() > 3 or value < 0:
        raise ChannelParseError("not a tax rate", where)
    fraction = value.scaleb(-2) if percent else value
    short = fraction.quantize(_FINEST_RATE, context=_EXACT)
    return fraction if fraction == short else short.normalize()


def identifier(value: int | str | None, where: str) -> str:
    """Return a channel's id as text.

    :raises ChannelParseError: missing
    """
    ref = text(str(value)) if value is not None else ""
    if ref in ("", "0"):
        raise ChannelParseError("missing", where)
    return ref


def text(value: str | None) -> str:
    """Return stated text without surrounding space and without NUL, which no database holds."""
    return (value or "").replace("\x00", "").strip()


def country_code(value: str | None) -> str:
    code = text(value).upper()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else ""


def full_name(first: str | None, last: str | None) -> str:
    return f"{text(first)} {text(last)}".strip()
