"""Text and link targets of an HTML message, as a reader of it sees them."""

from __future__ import annotations

from html.parser import HTMLParser

_HIDDEN = {"head", "script", "style", "template", "title"}
_INLINE = {
    "a", "abbr", "b", "bdi", "big", "cite", "code", "em", "font", "i", "ins", "label",
    "mark", "s", "small", "span", "strong", "sub", "sup", "t", "u", "wbr",
}  # fmt: skip


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.links: list[str] = []
        self.hidden: list[str] = []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag in _HIDDEN:
            self.hidden.append(tag)
        elif tag not in _INLINE:
            self.parts.append("\n")
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        if tag == "img" and values.get("alt"):
            self.parts.append(values["alt"])

    def handle_startendtag(self, tag, attrs):
        # A hidden element that closes itself hides nothing.
        if tag not in _HIDDEN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        if self.hidden and tag == self.hidden[-1]:
            self.hidden.pop()
        elif tag not in _INLINE:
            self.parts.append("\n")

    def handle_data(self, data):
        if not self.hidden:
            self.parts.append(" ".join(data.split("\n")))


def plain_text(html: str | None) -> tuple[str, tuple[str, ...]]:
    """Return the text of an HTML fragment and the targets of its links.

    Each block and each cell of a table begins a line. Markup that is broken is read as
    far as it goes; nothing is raised.
    """
    reader = _Reader()
    try:
        reader.feed(html or "")
        reader.close()
    except (AssertionError, ValueError):
        # The parser gives up on some broken declarations: what it read so far counts,
        # and the rest is shown as it is.
        reader.parts.append(reader.rawdata)
    return "".join(reader.parts), tuple(reader.links)
