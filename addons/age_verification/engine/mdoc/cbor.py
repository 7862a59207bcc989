"""CBOR of strangers: measured before it is decoded.

``cbor2`` decodes whatever is well formed: regular expressions, decimals with a billion
digits, arrays in arrays until the stack ends. Documents of a wallet need none of it, so
that size, depth, number of items and tags are looked at first, without making an object.
"""

import cbor2

from .errors import MALFORMED, NESTED, TRUNCATED, UNSUPPORTED, MdocError

MAX_DEPTH = 12
MAX_ITEMS = 2000
TEXT_DATE, EMBEDDED, FULL_DATE = 0, 24, 1004
COSE_SIGN1 = 18
TAGS = frozenset({TEXT_DATE, 1, COSE_SIGN1, EMBEDDED, FULL_DATE})

_BYTES, _TEXT, _ARRAY, _MAP, _TAG = 2, 3, 4, 5, 6
_BREAK = 0xFF


def loads(data: bytes):
    """Decode one CBOR item.

    :raises MdocError: it is not one, or has what a document of a wallet has not
    """
    _measure(data)
    try:
        return cbor2.loads(data)
    except (cbor2.CBORDecodeError, ArithmeticError, LookupError, TypeError) as error:
        raise MdocError(MALFORMED, "not CBOR") from error
    except ValueError as error:
        raise MdocError(MALFORMED, "not a value of CBOR") from error


def dumps(value) -> bytes:
    """Encode in the shortest form, keys in the order given."""
    return cbor2.dumps(value)


def embed(data: bytes) -> bytes:
    """The encoding of encoded CBOR (tag 24), over which digests are made."""
    return cbor2.dumps(cbor2.CBORTag(EMBEDDED, data))


def embedded(value) -> bytes:
    """The bytes within tag 24.

    :raises MdocError: it is something else
    """
    if isinstance(value, cbor2.CBORTag) and value.tag == EMBEDDED:
        if isinstance(value.value, bytes):
            return value.value
    raise MdocError(MALFORMED, "encoded CBOR expected")


def untagged(value, tag):
    """What the tag holds, or the value itself when it has no such tag."""
    if isinstance(value, cbor2.CBORTag) and value.tag == tag:
        return value.value
    return value


def _measure(data):
    """Walk over the heads of all items; the depth lives in a list, not on the stack."""
    position, items, open_items = 0, 0, [1]
    while open_items:
        if open_items[-1] == 0:
            open_items.pop()
            continue
        if position >= len(data):
            raise MdocError(TRUNCATED, f"ends after {len(data)} bytes")
        if open_items[-1] is None and data[position] == _BREAK:
            open_items.pop()
            position += 1
            continue
        if open_items[-1] is not None:
            open_items[-1] -= 1
        position, inner = _head(data, position)
        items += 1
        if items > MAX_ITEMS:
            raise MdocError(NESTED, f"more than {MAX_ITEMS} items")
        if inner != 0:
            open_items.append(inner)
        if len(open_items) > MAX_DEPTH:
            raise MdocError(NESTED, f"deeper than {MAX_DEPTH} levels")
    if position != len(data):
        raise MdocError(MALFORMED, "bytes after the end")


def _head(data, position):
    """Read one head: (position after it, items within; None up to a break)."""
    major, info = data[position] >> 5, data[position] & 31
    position += 1
    if info == 31 and major in (_BYTES, _TEXT, _ARRAY, _MAP):
        return position, None
    if info > 27:
        raise MdocError(MALFORMED, "a length that CBOR does not know")
    value, width = info, 0
    if info >= 24:
        width = 1 << (info - 24)
        value = int.from_bytes(data[position : position + width], "big")
    position += width
    if major in (_BYTES, _TEXT):
        position += value
    if position > len(data):
        raise MdocError(TRUNCATED, f"ends after {len(data)} bytes")
    if major == _TAG and value not in TAGS:
        raise MdocError(UNSUPPORTED, f"tag {value}")
    return position, {_ARRAY: value, _MAP: 2 * value, _TAG: 1}.get(major, 0)
