"""The simple marks that makers type for a text, and HTML made of them and back. Pure.

A blank line begins a paragraph. ``**bold**``, ``*emphasis*``, ``[words](https://address)``;
lines that begin with ``- `` are a list, with ``1. `` a numbered one, with ``## `` a heading.
Everything else is text as it stands: HTML that is typed is shown, never obeyed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from itertools import groupby

from lxml import html

from .content_html import clean_html

BULLET, NUMBER, HEADING, TEXT = "ul", "ol", "h4", "p"
_MARKS = (
    (BULLET, re.compile(r"[-•]\s+(.+)")),
    (NUMBER, re.compile(r"[0-9]{1,3}[.)]\s+(.+)")),
    (HEADING, re.compile(r"#{1,6}\s+(.+)")),
)
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
#: Not within a word: 2*3*4 is a sum.
_EMPHASIS = re.compile(r"(?<![*\w])\*(?=[^\s*])(.+?)(?<=[^\s*])\*(?![*\w])")
#: The words of a link hold no mark, its address no bracket, quote or blank.
_LINK = re.compile(r"\[([^][*\n]+)\]\((https?://[^\s()<>\"']+)\)")


def to_html(source: str | None) -> str:
    """Return the clean HTML of a text with marks; empty for a text without letters.

    :raise ContentHtmlError: too long to be printed
    """
    lines = [line.strip() for line in str(source or "").splitlines()]
    return clean_html("".join(_blocks(lines)))


def to_text(source: str | None) -> str:
    """Return the text with marks that clean HTML is made of.

    What has no mark, as a quotation, comes back as plain paragraphs.
    """
    if not source or not str(source).strip():
        return ""
    root = html.fragment_fromstring(clean_html(source), create_parent="div")
    return "\n\n".join(_paragraphs(root))


def to_words(source: str | None) -> str:
    """Return the words of HTML on one line, without any mark."""
    if not source or not str(source).strip():
        return ""
    root = html.fragment_fromstring(str(source), create_parent="div")
    return " ".join(" ".join(root.itertext()).split())


def _blocks(lines: list[str]) -> Iterator[str]:
    marked = [_mark(line) for line in lines]
    # Neighbours only: odoo.tools.groupby puts together what lies apart.
    # pylint: disable-next=bad-builtin-groupby
    for kind, group in groupby(marked, key=lambda item: item[0]):
        texts = [_inline(text) for _kind, text in group]
        if kind in (BULLET, NUMBER):
            items = "".join(f"<li>{text}</li>" for text in texts)
            yield f"<{kind}>{items}</{kind}>"
        elif kind == HEADING:
            yield from (f"<{kind}>{text}</{kind}>" for text in texts)
        elif kind == TEXT:
            yield f"<p>{'<br>'.join(texts)}</p>"


def _mark(line: str) -> tuple[str | None, str]:
    """The kind of a line and its text; no kind for a blank line."""
    for kind, pattern in _MARKS:
        match = pattern.fullmatch(line)
        if match:
            return kind, match[1]
    return (TEXT if line else None), line


def _inline(text: str) -> str:
    """HTML of one line. Addresses are taken out first, so that no mark is read in them."""
    addresses: list[str] = []

    def keep(match):
        addresses.append(match[2])
        return f"\x01{match[1]}\x02{len(addresses) - 1}\x03"

    text = re.sub("[\x00-\x08]", "", text)
    text = escape(_LINK.sub(keep, text), quote=True)
    text = _BOLD.sub(r"<b>\1</b>", text)
    text = _EMPHASIS.sub(r"<i>\1</i>", text)
    return re.sub(
        "\x01(.*?)\x02([0-9]+)\x03",
        lambda m: f'<a href="{escape(addresses[int(m[2])])}">{m[1]}</a>',
        text,
    )


def _paragraphs(element) -> Iterator[str]:
    """The blocks below an element; loose text between them is a paragraph, too."""
    loose = [element.text or ""]
    for child in element:
        if child.tag in ("p", "div", "blockquote", "ul", "ol", "h3", "h4", "h5", "h6"):
            yield from _filled("".join(loose))
            loose = []
            yield from _paragraph(child)
        else:
            loose.append(_words(child))
        loose.append(child.tail or "")
    yield from _filled("".join(loose))


def _paragraph(element) -> Iterator[str]:
    if element.tag in (BULLET, NUMBER):
        items = [_one_line(_children(item)) for item in element if item.tag == "li"]
        mark = "- {}" if element.tag == BULLET else "{}. {}"
        numbered = enumerate(items, start=1)
        lines = [
            mark.format(item) if element.tag == BULLET else mark.format(number, item)
            for number, item in numbered
            if item
        ]
        yield from _filled("\n".join(lines))
    elif element.tag.startswith("h"):
        yield from _filled(f"## {_one_line(_children(element))}")
    else:
        yield from _paragraphs(element)


def _children(element) -> str:
    parts = [element.text or ""]
    for child in element:
        parts += [_words(child), child.tail or ""]
    return "".join(parts)


def _words(element) -> str:
    """The text of an element inside a paragraph, with its marks."""
    if element.tag == "br":
        return "\n"
    text = _children(element)
    words = text.strip()
    if not words:
        return text
    if element.tag == "a":
        # A mark inside of a link would break it.
        return f"[{_one_line(element.text_content())}]({element.get('href')})"
    mark = {"b": "**", "strong": "**", "i": "*", "em": "*"}.get(element.tag)
    return text.replace(words, f"{mark}{words}{mark}") if mark else text


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _filled(text: str) -> Iterator[str]:
    lines = [_one_line(line) for line in text.strip().split("\n")]
    if any(lines):
        yield "\n".join(line for line in lines if line)
