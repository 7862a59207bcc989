"""The files that a profile can read, as records that know their place and can be written again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, BinaryIO, NamedTuple

import msgspec
from lxml import etree

from .base import ChannelParseError
from .jsonio import convert, dumps, iter_json, join
from .profiles import FileKind, Profile
from .tables import Row, Table, is_blank, normalise, read_text, read_xlsx, write_text
from .xmlio import iter_elements, local_name

_TOKEN = re.compile(r"[^.\[\]]+|\[\]")


def open_file(source: BinaryIO, profile: Profile) -> MappedFile:
    """Return the file of a profile's kind.

    :param source: a seekable stream; it is read once for every call of ``records``
    """
    return _FILES[profile.kind](source, profile)


class FileRecord:
    """A row or an object, with its place in the file."""

    where: str

    def get(self, column: str) -> Any:
        """Return the value of a column; None when it is not there.

        :raises ChannelParseError: the record is damaged, or has no single value there
        """
        raise NotImplementedError

    def place(self, column: str) -> str:
        """Return the place of a column's value, for messages."""
        raise NotImplementedError

    def children(self, path: str) -> list[FileRecord]:
        """Return the records below a path."""
        raise NotImplementedError

    def check(self) -> None:
        """Object to a record whose values cannot be trusted.

        :raises ChannelParseError: what is wrong with it
        """


class _RowRecord(FileRecord):
    """A row of a table."""

    __slots__ = ("_header", "row")

    def __init__(self, row: Row, header: _Header):
        self.row = row
        self._header = header

    @property
    def where(self) -> str:  # type: ignore[override]
        return f"line {self.row.line}"

    def check(self) -> None:
        if len(self.row.cells) > self._header.width:
            raise ChannelParseError(
                "more cells than the header has columns", self.where
            )

    def get(self, column: str) -> Any:
        return self.row.cells[self._header.index[column]]

    def place(self, column: str) -> str:
        return f"{self.where}, column {column}"


class _Header(NamedTuple):
    """How many columns a table has, and where the mapped ones are."""

    width: int
    index: Mapping[str, int]


class _Node(FileRecord):
    """An object of a JSON document, or an element of an XML document turned into one."""

    __slots__ = ("source", "value", "where")

    def __init__(self, value: Any, where: str, source: Any = None):
        self.value = value
        self.where = where
        #: What ``raw`` is made of.
        self.source = value if source is None else source

    def get(self, column: str) -> Any:
        found = self._walk(column)
        if isinstance(found, dict):
            found = found.get("#text")
        if isinstance(found, (dict, list)):
            raise ChannelParseError(
                "a list where one value is expected", self.place(column)
            )
        return found

    def place(self, column: str) -> str:
        return join(self.where, column)

    def children(self, path: str) -> list[FileRecord]:
        path = path.removesuffix("[]")
        found = self._walk(path)
        if is_blank(found):
            return []
        items = found if isinstance(found, list) else [found]
        return [
            _Node(item, f"{self.place(path)}[{index}]")
            for index, item in enumerate(items)
        ]

    def _walk(self, path: str) -> Any:
        value = self.value
        for name, indices in _segments(path):
            value = value.get(name) if isinstance(value, dict) else None
            for index in indices:
                items = value if isinstance(value, list) else [value]
                value = items[index] if index < len(items) else None
        return value


@lru_cache(maxsize=1024)
def _segments(path: str) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Split ``prices[0].value`` into names, each with the list positions behind it."""
    found = []
    for part in path.split("."):
        name, _sign, indices = part.partition("[")
        found.append((name, tuple(int(i) for i in re.findall(r"\d{1,6}", indices))))
    return tuple(found)


# -- files -----------------------------------------------------------------------------


class MappedFile:
    """A document whose records can be read more than once."""

    def __init__(self, source: BinaryIO, profile: Profile):
        self._source = source
        self._profile = profile

    def records(self) -> Iterator[FileRecord]:
        raise NotImplementedError

    def raw(self, records: list[Any]) -> str:
        """Return a document with only these records, which reads to the same values."""
        raise NotImplementedError


class _TextFile(MappedFile):
    def _table(self) -> Table:
        profile = self._profile
        return read_text(
            self._source,
            delimiter=profile.delimiter or ("\t" if profile.kind == "tsv" else ""),
            quoted=profile.quoted,
            skip_lines=profile.skip_lines,
            columns=profile.columns.values(),
        )

    def records(self) -> Iterator[FileRecord]:
        table = self._table()
        self._columns = table.columns
        self._delimiter = table.delimiter
        header = _Header(
            len(table.columns), _column_index(table.columns, self._profile)
        )
        for row in table.rows:
            yield _RowRecord(row, header)

    def raw(self, records: list[_RowRecord]) -> str:
        rows = [self._columns, *(record.row.cells for record in records)]
        text = write_text(rows, self._delimiter, self._profile.quoted)
        return "\n" * self._profile.skip_lines + text


class _Sheet(msgspec.Struct):
    """A workbook's rows as text: the ``raw`` of its orders."""

    columns: list[str]
    rows: list[list[Any]]


class _WorkbookFile(_TextFile):
    def _table(self) -> Table:
        self._source.seek(0)
        if self._source.read(1) == b"{":
            return self._table_from_json()
        profile = self._profile
        return read_xlsx(
            self._source, sheet=profile.sheet, skip_lines=profile.skip_lines
        )

    def _table_from_json(self) -> Table:
        for _index, document in iter_json(self._source, ""):
            sheet = convert(document, _Sheet, "")
            width = len(sheet.columns)
            rows = (
                Row(line, (*cells, *[None] * (width - len(cells))))
                for line, cells in enumerate(sheet.rows, start=2)
            )
            return Table(tuple(sheet.columns), rows)
        raise ChannelParseError("no rows")

    def raw(self, records: list[_RowRecord]) -> str:
        rows = [[_plain(cell) for cell in record.row.cells] for record in records]
        return dumps({"columns": self._columns, "rows": rows})


def _plain(cell: Any) -> Any:
    return cell.isoformat() if isinstance(cell, datetime) else cell


def _column_index(columns: Sequence[str], profile: Profile) -> dict[str, int]:
    """Return the position of every mapped column; names may differ in case, accents and spaces.

    :raises ChannelParseError: a column is not there
    """
    exact = {column: index for index, column in enumerate(columns)}
    similar = {
        normalise(column): index for index, column in reversed([*enumerate(columns)])
    }
    found = {}
    missing = []
    for column in profile.columns.values():
        index = exact.get(column, similar.get(normalise(column)))
        if index is None:
            missing.append(column)
        else:
            found[column] = index
    if missing:
        raise ChannelParseError(
            f"no column named {', '.join(missing)}", f"line {profile.skip_lines + 1}"
        )
    return found


class _JsonFile(MappedFile):
    def records(self) -> Iterator[FileRecord]:
        path = self._profile.record_path
        prefix = path.replace("[]", ".item").lstrip(".")
        for index, value in iter_json(self._source, prefix):
            yield _Node(value, f"{path[:-2]}[{index}]" if path.endswith("[]") else path)

    def raw(self, records: list[_Node]) -> str:
        values: list[Any] = [record.source for record in records]
        for token in reversed(_TOKEN.findall(self._profile.record_path)):
            values = [values] if token == "[]" else [{token: value} for value in values]
        return dumps(values[0])


class _XmlFile(MappedFile):
    def records(self) -> Iterator[FileRecord]:
        path = self._profile.record_path
        for index, element in iter_elements(self._source, path):
            text = etree.tostring(element, encoding="unicode", with_tail=False)
            yield _Node(_value(element), f"{path}[{index}]", text)

    def raw(self, records: list[_Node]) -> str:
        text = "".join(record.source for record in records)
        *outer, name = self._profile.record_path.split(".")
        for parent in reversed(outer or [f"{name}-list"]):
            text = f"<{parent}>{text}</{parent}>"
        return text


def _value(element: etree._Element) -> Any:
    """Turn an element into a text or, with attributes or children, into a dict of local names.

    An element that is repeated becomes a list; text beside attributes is ``#text``.
    """
    text = (element.text or "").strip()
    fields: dict[str, Any] = {
        f"@{etree.QName(name).localname}": value
        for name, value in element.attrib.items()
    }
    for child in element:
        name = local_name(child)
        if not name:
            continue
        value = _value(child)
        if name not in fields:
            fields[name] = value
        elif isinstance(fields[name], list):
            fields[name].append(value)
        else:
            fields[name] = [fields[name], value]
    if not fields:
        return text
    return {**fields, "#text": text} if text else fields


_FILES: Mapping[FileKind, Callable[[BinaryIO, Profile], MappedFile]] = {
    "csv": _TextFile,
    "tsv": _TextFile,
    "xlsx": _WorkbookFile,
    "json": _JsonFile,
    "xml": _XmlFile,
}
