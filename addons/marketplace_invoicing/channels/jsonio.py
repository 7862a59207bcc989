"""Read and write JSON: streamed, exact, with errors that name a place.

``ijson`` gives the records one by one, so that a file may be larger than memory; ``msgspec`` turns
each into a typed struct. Numbers stay what the channel wrote: int or :class:`~decimal.Decimal`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from decimal import InvalidOperation
from io import SEEK_END
from itertools import accumulate
from typing import Any, BinaryIO, Literal, TypeVar

import ijson
import msgspec

from .base import ChannelParseError

T = TypeVar("T")

UTF8_BOM = b"\xef\xbb\xbf"
CHUNK = 65536
# ijson's C parser crashes the process on an integer longer than Python converts from text (4300
# digits by default, 640 at least), so such a document is refused before the parser sees it.
MOST_DIGITS = 400
_LONG_NUMBER = b"0" * MOST_DIGITS
_DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"000000000")
MOST_NESTED = 100
# A text, and how it ends: with its quote, or with the data (perhaps inside an escape).
_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*("|\\?\Z)', re.DOTALL)
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKETS = bytes(set(range(256)) - set(_STEPS))
_JSON_SPACE = b" \t\r\n"
# What ijson lets through on a broken document: its own error, bad UTF-8, an absurd exponent.
_BROKEN = (ijson.JSONError, UnicodeDecodeError, InvalidOperation, OverflowError)
_ENDS_EARLY = "premature EOF"
_REASONS = (
    (_ENDS_EARLY, "it ends in the middle"),
    ("invalid bytes in UTF8", "text that is not UTF-8"),
    ("trailing garbage", "something follows the end of the document"),
)
_PLACE = re.compile(r"^(?P<text>.*?)(?: - at `(?P<path>.*)`)?$", re.DOTALL)
_EXPECTED = re.compile(r"^Expected `(?P<wanted>[^`]*)`")
_MISSING = re.compile(r"^Object missing required field `(?P<field>[^`]*)`")
_PLAIN = {
    "array": "a list",
    "bool": "true or false",
    "decimal": "a decimal",
    "int": "a whole number",
    "object": "an object",
    "str": "a text",
}
_encoder = msgspec.json.Encoder(decimal_format="number")


class _Guard:
    """Refuses JSON that would take the process down before it gives a value.

    Two dangers, both outside texts: a number that crashes the C parser, and nesting, since ijson
    keeps a path per level and so needs memory that grows with the square of the depth.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._tail = b""
        self._open_text = b""

    def check(self, data: bytes, position: int) -> None:
        """Look at the bytes that come next, which start at ``position``.

        :raises ChannelParseError: a number too long, or nested too deeply
        """
        outside = self._outside_texts(data)
        seen = self._tail + outside.translate(_DIGITS_TO_ZERO)
        if _LONG_NUMBER in seen:
            raise ChannelParseError(
                f"a number of {MOST_DIGITS} digits or more", f"after byte {position}"
            )
        self._tail = seen[-MOST_DIGITS:]
        if self._deepest(outside) > MOST_NESTED:
            raise ChannelParseError(
                f"nested deeper than {MOST_NESTED} levels", f"after byte {position}"
            )

    def _outside_texts(self, data: bytes) -> bytes:
        pieces = _TEXT.split(self._open_text + data)
        end = pieces[-2] if len(pieces) > 1 else b'"'
        self._open_text = b"" if end == b'"' else b'"' + end
        return b"".join(pieces[::2])

    def _deepest(self, outside: bytes) -> int:
        brackets = outside.translate(None, _NO_BRACKETS)
        levels = list(
            accumulate(map(_STEPS.__getitem__, brackets), initial=self._depth)
        )
        self._depth = levels[-1]
        return max(levels)


class _Reader:
    """Hands a stream to ijson through the guard and knows how far it is.

    From ``slow_from`` on it gives single bytes, so that an error is raised exactly at its byte.
    """

    def __init__(self, source: BinaryIO, slow_from: int | None = None):
        self._source = source
        self._guard = _Guard()
        self._slow_from = slow_from
        self.position = self.chunk_start = rewind(source)

    def read(self, size: int = CHUNK) -> bytes:
        if size and self._slow_from is not None:
            size = min(size, max(self._slow_from - self.position, 1))
        data = self._source.read(size)
        if data:
            self._guard.check(data, self.position)
            self.chunk_start = self.position
            self.position += len(data)
        return data


def rewind(source: BinaryIO) -> int:
    """Go to the first byte after a UTF-8 byte order mark, if any, and return its position."""
    source.seek(0)
    start = len(UTF8_BOM) if source.read(len(UTF8_BOM)) == UTF8_BOM else 0
    source.seek(start)
    return start


def iter_json(source: BinaryIO, prefix: str) -> Iterator[tuple[int, Any]]:
    """Yield the objects at an ijson prefix (``orders.item``, ``""``) with their index from 0.

    :param source: a seekable binary stream, read from its start
    :raises ChannelParseError: not valid JSON, at ``byte N``; what came before was yielded
    """
    reader = _Reader(source)
    records = ijson.items(reader, prefix, use_float=False, buf_size=CHUNK)
    return enumerate(_translated(records, source, reader))


def iter_events(source: BinaryIO) -> Iterator[tuple[str, str, Any]]:
    """Yield ijson's ``(prefix, event, value)`` triples of the whole document.

    :raises ChannelParseError: not valid JSON, at ``byte N``
    """
    reader = _Reader(source)
    events = ijson.parse(reader, use_float=False, buf_size=CHUNK)
    return _translated(events, source, reader)


def iter_tokens(source: BinaryIO) -> Iterator[tuple[str, Any]]:
    """Yield ijson's ``(event, value)`` pairs: the events without the path to them.

    :raises ChannelParseError: not valid JSON, at ``byte N``
    """
    reader = _Reader(source)
    tokens = ijson.basic_parse(reader, use_float=False, buf_size=CHUNK)
    return _translated(tokens, source, reader)


def _translated(things: Iterator[T], source: BinaryIO, reader: _Reader) -> Iterator[T]:
    while True:
        try:
            thing = next(things)
        except StopIteration:
            return
        except _BROKEN as error:
            raise _not_json(error, source, reader) from error
        yield thing


def _not_json(error: Exception, source: BinaryIO, reader: _Reader) -> ChannelParseError:
    offset = _error_offset(error, source, reader.chunk_start)
    return ChannelParseError(f"not valid JSON: {_reason(error)}", f"byte {offset}")


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "text that is not UTF-8"
    if not isinstance(error, ijson.JSONError):
        return "a number out of range"
    text = str(error)
    for sign, reason in _REASONS:
        if sign in text:
            return reason
    # First line only: the rest quotes the document, which may hold a buyer's data.
    first = text.removeprefix("b'").split("\n", 1)[0]
    return first.removeprefix("lexical error: ").removeprefix("parse error: ")


def _error_offset(error: Exception, source: BinaryIO, chunk_start: int) -> int:
    """Return the offset of the byte at which the document is broken; its length when it just ends.

    ijson does not tell, so the chunk with the error is read again byte by byte.
    """
    if _ENDS_EARLY in str(error):
        return source.seek(0, SEEK_END)
    reader = _Reader(source, slow_from=chunk_start)
    with suppress(*_BROKEN):
        for _event in ijson.basic_parse(reader, use_float=False, buf_size=CHUNK):
            pass
    return max(reader.position - 1, 0)


def convert(obj: object, struct_type: type[T], where: str) -> T:
    """Return ``obj`` as a ``msgspec`` struct; numbers in text are accepted as numbers.

    :param where: the record's place, ``orders[3]``
    :raises ChannelParseError: with the field's place, ``orders[3].total: not a decimal``
    """
    try:
        return msgspec.convert(obj, struct_type, strict=False)
    except msgspec.ValidationError as error:
        raise _not_valid(str(error), where) from error


def _not_valid(message: str, where: str) -> ChannelParseError:
    """Translate msgspec's message, Expected `int`, got `str` - at `$.a[0].b`."""
    parts = _PLACE.match(message)
    text = parts["text"] if parts else message
    place = join(
        where, ((parts and parts["path"]) or "$").removeprefix("$").removeprefix(".")
    )
    missing = _MISSING.match(text)
    if missing:
        return ChannelParseError("missing", join(place, missing["field"]))
    if text.startswith("Invalid decimal"):
        return ChannelParseError("not a decimal", place)
    expected = _EXPECTED.match(text)
    if expected:
        kinds = [kind for kind in expected["wanted"].split(" | ") if kind != "null"]
        return ChannelParseError(
            "not " + " or ".join(_PLAIN.get(kind, kind) for kind in kinds), place
        )
    return ChannelParseError(text[:1].lower() + text[1:], place)


def join(where: str, field: str) -> str:
    """Return the place of a field: ``orders[3]`` and ``total`` make ``orders[3].total``."""
    if not where or not field:
        return where or field
    return f"{where}{field}" if field.startswith("[") else f"{where}.{field}"


def dumps(obj: object) -> str:
    """Return compact JSON; a Decimal is written as the number it was read from, text stays text.

    :raises ChannelParseError: nested too deeply, or text that no file can hold
    """
    try:
        return _encoder.encode(obj).decode()
    except RecursionError as error:
        raise ChannelParseError("nested too deeply") from error
    except UnicodeEncodeError as error:
        raise ChannelParseError("text with half a surrogate pair") from error


def top_level(source: BinaryIO) -> Literal["object", "array"]:
    """Tell what the document is, from its first token; the stream is at its start afterwards.

    :raises ChannelParseError: neither an object nor a list
    """
    position = rewind(source)
    first = b""
    while chunk := source.read(CHUNK):
        first = chunk.lstrip(_JSON_SPACE)[:1]
        if first:
            position += len(chunk) - len(chunk.lstrip(_JSON_SPACE))
            break
        position += len(chunk)
    source.seek(0)
    if first == b"{":
        return "object"
    if first == b"[":
        return "array"
    raise ChannelParseError(
        "not valid JSON: neither an object nor a list", f"byte {position}"
    )
