"""Read XML record by record, with entities, document types and the network shut out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from .base import ChannelParseError

#: Parser options of every XML reader here. libxml2's own limits on depth and text stay on.
SECURE = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
}
_PLACE_IN_MESSAGE = re.compile(r",? line \d+, column \d+.*$", re.DOTALL)


def local_name(element: etree._Element) -> str:
    """Return the tag without its namespace; empty for comments and processing instructions."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def iter_elements(source: BinaryIO, path: str) -> Iterator[tuple[int, etree._Element]]:
    """Yield the elements at ``path`` with their index from 0.

    An element is emptied once the next is asked for.

    :param path: local names: one (``Order``, at any depth but not inside another), or from the
        root (``GetOrdersResponse.OrderArray.Order``)
    :raises ChannelParseError: not valid XML, at ``line N, column M``, or with a document type
    """
    source.seek(0)
    wanted = path.split(".")
    names: list[str] = []
    record_depth = 0
    index = 0
    for event, element in _events(source):
        if event == "start":
            names.append(local_name(element))
            if not record_depth and _is_wanted(names, wanted):
                record_depth = len(names)
            continue
        if record_depth == len(names):
            yield index, element
            index += 1
            record_depth = 0
        names.pop()
        if not record_depth:
            _forget(element)


def _is_wanted(names: list[str], wanted: list[str]) -> bool:
    return names == wanted or (len(wanted) == 1 and names[-1] == wanted[0])


def _events(source: BinaryIO) -> Iterator[tuple[str, etree._Element]]:
    """Yield start and end events of elements, with errors in plain words."""
    # tag="*" leaves out comments and processing instructions.
    parser = etree.iterparse(source, events=("start", "end"), tag="*", **SECURE)
    first = True
    while True:
        try:
            event, element = next(parser)
        except StopIteration:
            return
        except etree.XMLSyntaxError as error:
            raise not_xml(error) from error
        if first:
            refuse_doctype(element)
            first = False
        yield event, element


def _forget(element: etree._Element) -> None:
    """Free an element that was handled, and what came before it in its parent."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def refuse_doctype(element: etree._Element) -> None:
    """Refuse a document type: no export needs one, and entities are declared there.

    :raises ChannelParseError: the document of ``element`` has one
    """
    info = element.getroottree().docinfo
    if info.internalDTD is not None or info.doctype:
        raise ChannelParseError(
            "XML with a document type or entities is not accepted", "line 1"
        )


def not_xml(error: etree.XMLSyntaxError) -> ChannelParseError:
    """Translate lxml's error; only its message, which does not quote the document's text."""
    line, column = error.position
    reason = _PLACE_IN_MESSAGE.sub("", error.msg or "it is empty").strip()
    return ChannelParseError(
        f"not valid XML: {reason}", f"line {line}, column {column}"
    )
