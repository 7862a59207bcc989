"""The door that every file comes through: open it safely, see what it is, read it record by record.

``open_document`` refuses what no parser should see (empty, too large, binary, bombs, wrong
encoding), ``detect`` finds the format by the content, ``read`` yields what the format is of
(orders, settlements, refunds) and failures. A file that cannot be read raises
:class:`~.base.ChannelParseError`, and nothing else.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import lzma
import os
import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, BinaryIO, Literal

import ijson
import msgspec
from lxml import etree

from . import amazon, ebay, etsy, mapped, paypal, shopify, stripe, woocommerce
from .base import (
    EARLIEST,
    LATEST,
    ChannelFormat,
    ChannelParseError,
    ParsedOrder,
    ParseFailure,
    Record,
    Sample,
)
from .jsonio import iter_tokens
from .settlement import ParsedSettlement, ParsedSettlementLine
from .tables import read_text, read_xlsx
from .xmlio import SECURE, local_name, not_xml, refuse_doctype

Kind = Literal["json", "xml", "table", "xlsx"]

LARGEST_FILE = 512 * 2**20
SAMPLE_SIZE = 2**20
#: More lines than this are an export gone wrong, and more than an invoice can carry.
MOST_LINES = 50_000
#: No platform's id is longer; a database index could not hold much more.
LONGEST_CODE = 250
#: Text packs 5 to 30 times. Far beyond, past a size that anybody can hold, is a bomb.
WORST_RATIO = 200
HARMLESS_SIZE = 16 * 2**20
#: openpyxl keeps the texts of a workbook in memory.
LARGEST_WORKBOOK = 256 * 2**20
LONGEST_DIRECTORY = 2**20
CHUNK = 2**16
GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"
WORKBOOK = "xl/workbook.xml"
# The end record of a ZIP with the longest comment behind it.
_END_SEARCH = 2**16 + 22
_BROKEN_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    NotImplementedError,
    ValueError,
    struct.error,
)
_KINDS_NAMED = {
    "json": "JSON",
    "xml": "XML",
    "table": "a table",
    "xlsx": "an XLSX workbook",
}
_MOST_NAMED = 8
# UTF-32 first: its mark begins with the one of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
_DECLARED = re.compile(rb"""encoding=["']([\w.-]+)""")
_FOREIGN = (
    (b"%PDF", "a PDF"),
    (
        b"\xd0\xcf\x11\xe0",
        "an old or locked Excel file; save it as .xlsx or CSV, no password",
    ),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"7z\xbc\xaf", "a 7z archive; use ZIP"),
    (b"Rar!", "a RAR archive; use ZIP"),
)
# Control characters that no text file has; tab, line ends and page break are fine.
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\x0b\x0c\r\x1a\x1b"))
# A parser translates the errors of its own library. What it overlooks still names no bug of ours.
_LIBRARY_ERRORS = (
    ijson.JSONError,
    etree.LxmlError,
    csv.Error,
    UnicodeError,
    msgspec.MsgspecError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    ArithmeticError,
    RecursionError,
)


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was let in; ``stream`` is unpacked, and UTF-8 unless it is XML or XLSX."""

    name: str
    kind: Kind
    stream: BinaryIO


def all_formats() -> tuple[ChannelFormat, ...]:
    """Return every format that is known by its content; mapped files need a profile."""
    modules = (amazon, ebay, etsy, shopify, woocommerce, paypal, stripe)
    return tuple(fmt for module in modules for fmt in module.FORMATS)


def read(
    source: BinaryIO,
    name: str,
    platform: str | None = None,
    profile: mapped.Profile | None = None,
    *,
    fallbacks: Iterable[mapped.Profile] = (),
    limit: int = LARGEST_FILE,
) -> tuple[ChannelFormat, Iterator[Record]]:
    """Return what a file is, and its records one by one.

    The file is parsed while the records are asked for, so a file that breaks in the middle raises
    in the middle. ``source`` must stay open until then.

    :param name: the file's name, for messages
    :param platform: decides between formats that look alike
    :param profile: read the file as this profile says instead of detecting its format
    :param fallbacks: profiles to try on a file of no known format, or that ``profile`` does not
        fit; the first that fits counts
    :raises ChannelParseError: refused, of an unknown format, or with nothing to import
    """
    fallbacks = tuple(fallbacks)
    document = open_document(
        source, name, limit=limit, encoding=profile.encoding if profile else ""
    )
    if profile:
        fitting = _fitting(document, [profile, *fallbacks]) if fallbacks else None
        if fitting and fitting is not profile:
            return read(source, name, profile=fitting, limit=limit)
        fmt = mapped.channel_format(profile)
        _refuse_other_kind(document, profile)
    else:
        try:
            fmt = _detect_in(document, platform)
        except ChannelParseError:
            fitting = _fitting(document, fallbacks)
            if not fitting:
                raise
            return read(source, name, profile=fitting, limit=limit)
    if fmt.parse is None:
        raise ChannelParseError(f"{fmt.label}: holds nothing to import")
    return fmt, _checked_records(fmt, fmt.parse(document.stream))


def _fitting(
    document: Document, profiles: Iterable[mapped.Profile]
) -> mapped.Profile | None:
    found = sample(document) if profiles else None
    return next(
        (profile for profile in profiles if found and mapped.matches(profile, found)),
        None,
    )


def read_payload(
    source: BinaryIO, format_code: str, profile: mapped.Profile | None = None
) -> Iterator[Record]:
    """Yield the records of a stored ``raw``, perhaps edited since, of a format that is known.

    :param profile: reads the payloads of mapped formats
    :raises ChannelParseError: refused, not readable, or no such format
    """
    known = (*all_formats(), *([mapped.channel_format(profile)] if profile else []))
    fmt = next((fmt for fmt in known if fmt.code == format_code and fmt.parse), None)
    if fmt is None or fmt.parse is None:
        raise ChannelParseError(f"no way to read {format_code}")
    document = open_document(source, format_code)
    if document.kind == "xml":
        # Its sample refuses a document type.
        sample(document)
    return _checked_records(fmt, fmt.parse(document.stream))


def _refuse_other_kind(document: Document, profile: mapped.Profile) -> None:
    if document.kind not in mapped.DOCUMENT_KINDS[profile.kind]:
        found = _KINDS_NAMED[document.kind]
        raise ChannelParseError(
            f"{found}, but profile {profile.name!r} reads {profile.kind}"
        )


def _detect_in(document: Document, platform: str | None) -> ChannelFormat:
    try:
        return detect(sample(document), all_formats(), platform)
    except ChannelParseError:
        # A broken document is better described by where it breaks than by what it is not.
        _refuse_broken(document)
        raise


def _refuse_broken(document: Document) -> None:
    if document.kind == "json":
        for _token in iter_tokens(document.stream):
            pass


def detect(
    found: Sample, formats: Iterable[ChannelFormat], platform: str | None = None
) -> ChannelFormat:
    """Return the format of a sample; of several, one of ``platform``, then one that is read.

    :raises ChannelParseError: unknown format, with what was seen
    """
    matching = [fmt for fmt in formats if fmt.detect(found)]
    if not matching:
        raise ChannelParseError(f"unknown format: {_seen(found)}")
    return min(matching, key=lambda fmt: (fmt.platform != platform, fmt.parse is None))


def _seen(found: Sample) -> str:
    if found.kind == "json":
        top = {
            key.removeprefix("[].").split(".")[0].removesuffix("[]")
            for key in found.keys
        }
        return f"JSON with {_listed('keys', sorted(top - {''}))}"
    if found.kind == "xml":
        return f"XML with root element {found.root[:80]}"
    what = "an XLSX sheet" if found.kind == "xlsx" else "a table"
    return f"{what} with {_listed('columns', found.columns)}"


def _listed(what: str, names: Collection[str]) -> str:
    shown = [name[:40] for name in list(names)[:_MOST_NAMED]]
    more = ", ..." if len(names) > len(shown) else ""
    return f"{what} {', '.join(shown)}{more}" if shown else f"no {what}"


def _checked_records(fmt: ChannelFormat, records: Iterator[Record]) -> Iterator[Record]:
    """Pass records on; checks that hold for every format are made here once."""
    while True:
        try:
            record = next(records)
        except StopIteration:
            return
        except _LIBRARY_ERRORS as error:
            raise ChannelParseError(f"{fmt.label}: cannot be read ({error})") from error
        if isinstance(record, ParsedOrder):
            yield _checked(record)
        elif isinstance(record, ParsedSettlement):
            yield _checked_settlement(record)
        else:
            yield record


def _checked(order: ParsedOrder) -> Record:
    reason = _objection(order)
    if not reason:
        return order
    return ParseFailure(
        where=order.where, reason=reason, external_ref=order.external_ref, raw=order.raw
    )


def _objection(order: ParsedOrder) -> str:
    """Return why no shop can have such an order; empty when all is well."""
    if not order.external_ref.strip():
        return "the order has no id"
    codes = [order.external_ref, order.buyer.external_ref]
    codes += [code for line in order.lines for code in (line.sku, line.product_ref)]
    if any(len(code) > LONGEST_CODE for code in codes):
        return f"an id or SKU of more than {LONGEST_CODE} characters"
    if len(order.lines) > MOST_LINES:
        return f"more than {MOST_LINES:,} lines"
    for moment in (order.created_at, order.updated_at, order.paid_at, order.shipped_at):
        if moment is not None and not EARLIEST <= moment <= LATEST:
            return "a date before 1990 or after 2100"
    if "\0" in order.raw:
        return "a NUL character"
    return ""


def _checked_settlement(record: ParsedSettlement) -> ParsedSettlement | ParseFailure:
    """Return a settlement, or a failure that says why no channel can have such a one."""
    where, reason = record.where, ""
    if len(record.external_ref) > LONGEST_CODE:
        reason = f"an id of more than {LONGEST_CODE} characters"
    names: set[str] = set()
    for line in record.lines:
        reason = reason or _line_objection(line, names)
        if reason:
            where = line.where or where
            break
    if not reason:
        return record
    return ParseFailure(
        where=where, reason=reason, external_ref=record.external_ref[:LONGEST_CODE]
    )


def _line_objection(line: ParsedSettlementLine, names: set[str]) -> str:
    """Return what is wrong with a line.

    :param names: of the lines before it, this one is added
    """
    if line.external_ref in names:
        return "two lines with the same id"
    names.add(line.external_ref)
    codes = (line.external_ref, line.code, line.order_ref, line.sku, line.reference)
    if max(map(len, codes)) > LONGEST_CODE:
        return f"an id, word or SKU of more than {LONGEST_CODE} characters"
    if any("\0" in code for code in (*codes, line.description)):
        return "a NUL character"
    return ""


# -- opening -----------------------------------------------------------------------------


def open_document(
    source: BinaryIO, name: str, *, limit: int = LARGEST_FILE, encoding: str = ""
) -> Document:
    """Return a file unpacked, in a known encoding, with its kind; none is read into memory whole.

    A ``.gz``, or a ``.zip`` with one file, is unpacked. Text is UTF-8, or what its byte order mark
    or (tables only) ``encoding`` says; a table that is none of these is read as Windows-1252.

    :param source: a seekable binary stream
    :param limit: bytes that are accepted, packed and unpacked
    :raises ChannelParseError: empty, too large, not text, a bomb, or in a wrong encoding
    """
    size = source.seek(0, os.SEEK_END)
    if size == 0:
        raise ChannelParseError("the file is empty")
    if size > limit:
        raise ChannelParseError(f"the file is larger than {_megabytes(limit)}")
    try:
        stream, is_workbook = _unpacked(source, limit)
    except ChannelParseError:
        raise
    except _BROKEN_ARCHIVE as error:
        raise ChannelParseError("a damaged archive") from error
    if is_workbook:
        document = Document(name, "xlsx", stream)
    else:
        _refuse_foreign(stream)
        document = _open_text(stream, name, encoding)
    document.stream.seek(0)
    return document


def _megabytes(size: int) -> str:
    return f"{size / 2**20:.0f} MB" if size >= 2**20 else f"{size} bytes"


def _head(stream: BinaryIO, size: int) -> bytes:
    stream.seek(0)
    return stream.read(size)


def _refuse_foreign(stream: BinaryIO) -> None:
    head = _head(stream, CHUNK)
    if not head:
        raise ChannelParseError("the file is empty")
    for sign, what in _FOREIGN:
        if head.startswith(sign):
            raise ChannelParseError(f"not an export but {what}")
    if head.lstrip()[:20].lower().startswith((b"<!doctype html", b"<html")):
        raise ChannelParseError("not an export but a web page")


def _open_text(stream: BinaryIO, name: str, encoding: str) -> Document:
    head = _head(stream, CHUNK)
    marked = next((codec for mark, codec in _MARKS if head.startswith(mark)), "")
    start = head.decode(marked or "latin-1", "ignore").lstrip()[:1]
    kind: Kind = {"{": "json", "[": "json", "<": "xml"}.get(start, "table")  # type: ignore
    if marked not in ("utf-16", "utf-32"):
        _refuse_binary(head)
    if kind == "xml":
        declared = _DECLARED.search(head[:200])
        if not marked and (not declared or declared[1].lower() == b"utf-8"):
            _check_encoding(stream, "utf-8")
        return Document(name, kind, stream)
    codec = marked or _encoding(stream, kind, encoding)
    return Document(
        name, kind, stream if codec == "utf-8" else _transcoded(stream, codec)
    )


def _refuse_binary(head: bytes) -> None:
    found = len(head) - len(head.translate(None, _CONTROLS))
    if found:
        offset = next(i for i, byte in enumerate(head) if byte in _CONTROLS)
        raise ChannelParseError("binary data, not a text file", f"byte {offset}")


def _encoding(stream: BinaryIO, kind: Kind, wanted: str) -> str:
    if wanted and kind == "table":
        return wanted
    try:
        _check_encoding(stream, "utf-8")
    except ChannelParseError:
        if kind == "table":
            return "cp1252"
        raise
    return "utf-8"


def _check_encoding(stream: BinaryIO, codec: str) -> None:
    for _text in _decoded(stream, codec):
        pass


def _decoded(stream: BinaryIO, codec: str) -> Iterator[str]:
    """Yield a stream's text.

    :raises ChannelParseError: at the byte that is none of this encoding
    """
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(codec)()
    position = 0
    while True:
        data = stream.read(CHUNK)
        waiting = len(decoder.getstate()[0])
        try:
            yield decoder.decode(data, final=not data)
        except UnicodeError as error:
            start = error.start if isinstance(error, UnicodeDecodeError) else 0
            place = f"byte {max(position - waiting + start, 0)}"
            name = "UTF-8 or Windows-1252" if codec == "cp1252" else codec.upper()
            raise ChannelParseError(f"text that is not {name}", place) from error
        position += len(data)
        if not data:
            return


def _transcoded(stream: BinaryIO, codec: str) -> BinaryIO:
    copy = tempfile.TemporaryFile()
    for text in _decoded(stream, codec):
        copy.write(text.encode())
    copy.seek(0)
    return copy


# -- archives ----------------------------------------------------------------------------


def _unpacked(source: BinaryIO, limit: int) -> tuple[BinaryIO, bool]:
    """Return the file that an archive holds (or the file itself), and whether it is a workbook."""
    head = _head(source, 4)
    if head.startswith(GZIP):
        source.seek(0)
        with gzip.GzipFile(fileobj=source) as packed:
            return _copied(packed, source.tell, limit), False
    if not head.startswith(ZIP):
        return source, False
    _refuse_long_directory(source)
    with zipfile.ZipFile(source) as archive:
        names = archive.namelist()
        _refuse_bomb(archive, source, limit)
        if WORKBOOK in names:
            _check_workbook(archive)
            return source, True
        with archive.open(_only_member(archive)) as packed:
            return _copied(packed, source.tell, limit), False


def _refuse_long_directory(source: BinaryIO) -> None:
    """Look at the archive's end first: ``zipfile`` reads the whole directory into memory."""
    size = source.seek(0, os.SEEK_END)
    source.seek(max(size - _END_SEARCH, 0))
    tail = source.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 16:
        raise zipfile.BadZipFile
    length = int.from_bytes(tail[end + 12 : end + 16], "little")
    if length > LONGEST_DIRECTORY or tail[max(end - 20, 0) : end].startswith(
        b"PK\x06\x07"
    ):
        raise ChannelParseError("an archive with too many files")


def _refuse_bomb(archive: zipfile.ZipFile, source: BinaryIO, limit: int) -> None:
    """Judge by the sizes in the directory; ``zipfile`` unpacks no more than is stated there."""
    members = archive.infolist()
    total = sum(member.file_size for member in members)
    if any(member.flag_bits & 1 for member in members):
        raise ChannelParseError("an archive with a password")
    if total > limit:
        raise ChannelParseError(
            f"an archive that unpacks to more than {_megabytes(limit)}"
        )
    packed = source.seek(0, os.SEEK_END)
    if total > HARMLESS_SIZE and total > WORST_RATIO * packed:
        raise ChannelParseError(
            "an archive that unpacks to far more than it is (zip bomb)"
        )


def _only_member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = [
        member
        for member in archive.infolist()
        # What macOS adds to every archive.
        if not member.is_dir() and not member.filename.startswith("__MACOSX/")
    ]
    if len(members) != 1:
        raise ChannelParseError(
            f"an archive with {len(members)} files; give them one by one"
        )
    return members[0]


def _check_workbook(archive: zipfile.ZipFile) -> None:
    """Refuse what would fill the memory of openpyxl; the parts of a workbook never have a DTD."""
    if sum(member.file_size for member in archive.infolist()) > LARGEST_WORKBOOK:
        raise ChannelParseError(
            f"a workbook of more than {_megabytes(LARGEST_WORKBOOK)} unpacked"
        )
    for member in archive.infolist():
        if not member.filename.endswith((".xml", ".rels")):
            continue
        with archive.open(member) as part:
            # Without zeros UTF-16 reads like ASCII.
            if b"<!DOCTYPE" in part.read(CHUNK).replace(b"\0", b"").upper():
                raise ChannelParseError(
                    "XML with a document type or entities is not accepted"
                )


def _copied(packed: IO[bytes], consumed: Callable[[], int], limit: int) -> BinaryIO:
    """Unpack into a stream of its own; stops as soon as it is too much.

    :param consumed: how many packed bytes were read so far
    """
    copy = tempfile.TemporaryFile()
    size = 0
    while data := packed.read(CHUNK):
        size += len(data)
        if size > limit:
            raise ChannelParseError(
                f"an archive that unpacks to more than {_megabytes(limit)}"
            )
        if size > HARMLESS_SIZE and size > WORST_RATIO * consumed():
            raise ChannelParseError(
                "an archive that unpacks to far more than it is (zip bomb)"
            )
        copy.write(data)
    if _head(copy, 4).startswith((GZIP, ZIP)):
        raise ChannelParseError("an archive inside an archive")
    copy.seek(0)
    return copy


# -- sampling ----------------------------------------------------------------------------


def sample(document: Document) -> Sample:
    """Return what the first MiB of a document shows.

    :raises ChannelParseError: not even the beginning can be read
    """
    if document.kind == "json":
        return _json_sample(document.stream)
    if document.kind == "xml":
        return _xml_sample(document.stream)
    if document.kind == "xlsx":
        return Sample(kind="xlsx", columns=read_xlsx(document.stream).columns)
    head = _head(document.stream, SAMPLE_SIZE)
    # A character may have been cut in two.
    text = head.decode("utf-8", "ignore").encode()
    return Sample(kind="table", columns=read_text(io.BytesIO(text)).columns)


def _json_sample(stream: BinaryIO) -> Sample:
    keys: set[str] = set()
    path: list[str] = [""]
    try:
        for event, value in iter_tokens(io.BytesIO(_head(stream, SAMPLE_SIZE))):
            if event == "map_key":
                path[-1] = f"{path[-2]}.{value}" if path[-2] else value
                keys.add(path[-1])
            elif event == "start_map":
                path.append("")
            elif event == "start_array":
                path.append(f"{path[-1]}[]")
                keys.add(path[-1])
            elif event in ("end_map", "end_array"):
                path.pop()
    except ChannelParseError:
        # Cut off by the sample's end, or broken: the parser will say where.
        return Sample(kind="json", keys=frozenset(keys))
    return Sample(kind="json", keys=frozenset(keys))


def _xml_sample(stream: BinaryIO) -> Sample:
    parser = etree.XMLPullParser(events=("start",), tag="*", **SECURE)
    try:
        parser.feed(_head(stream, SAMPLE_SIZE))
        elements = [element for _event, element in parser.read_events()]
    except etree.XMLSyntaxError as error:
        elements = [element for _event, element in parser.read_events()]
        if not elements:
            raise not_xml(error) from error
    if not elements:
        raise ChannelParseError("not valid XML: no element at its beginning", "byte 0")
    refuse_doctype(elements[0])
    names = frozenset(local_name(element) for element in elements)
    return Sample(kind="xml", root=local_name(elements[0]), keys=names)
