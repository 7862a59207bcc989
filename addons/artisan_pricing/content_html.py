"""HTML of makers, reduced to text with simple marks.

Stricter than the core's cleaning of HTML fields, which keeps images and styles: the server
fetches those while it prints, so that a text could make it read addresses of its own
network, and every look at the invoice would be told to the maker.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from lxml import etree, html

#: Characters of a block that the customer reads.
MAX_CHARACTERS = 2000
#: Characters of its source, and tags inside each other.
MAX_SOURCE = 20_000
MAX_DEPTH = 30

KEPT_TAGS = frozenset(
    "p br b strong i em u s ul ol li h3 h4 h5 h6 blockquote span div a hr".split()
)
#: Their content is not text for a reader; it goes with them.
DROPPED_TAGS = frozenset(
    "script style iframe frame frameset object embed applet noscript noembed noframes "
    "template svg math form button select textarea input link meta base title head xml "
    "audio video canvas plaintext xmp".split()
)


class ContentHtmlError(ValueError):
    """The text is too long or too deep to be printed.

    :param code: ``"characters"``, ``"source"`` or ``"depth"``
    :param limit: what is allowed
    :param value: what was given
    """

    def __init__(self, code, limit, value):
        super().__init__(f"text: {value} {code}, {limit} are allowed")
        self.code, self.limit, self.value = code, limit, value


def clean_html(source: str | None) -> str:
    """Return the text with simple marks and links to web pages, and nothing else.

    Scripts, forms, styles, images, comments and all attributes but a link's http(s)
    address are left out. Cleaning what is clean changes nothing.

    :raise ContentHtmlError: too long or too deep
    """
    source = str(source or "").replace("\x00", "")
    if not source.strip():
        return ""
    if len(source) > MAX_SOURCE:
        raise ContentHtmlError("source", MAX_SOURCE, len(source))
    root = html.fragment_fromstring(source, create_parent="div")
    _check_depth(root)
    for element in list(root.iterdescendants()):
        _clean_element(element)
    characters = len(" ".join(root.text_content().split()))
    if characters > MAX_CHARACTERS:
        raise ContentHtmlError("characters", MAX_CHARACTERS, characters)
    if not characters:
        return ""
    return html.tostring(root, encoding="unicode")[len("<div>") : -len("</div>")]


def _check_depth(root):
    depth = 0
    for event, _element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise ContentHtmlError("depth", MAX_DEPTH, depth)


def _clean_element(element):
    if not isinstance(element.tag, str) or element.tag.lower() in DROPPED_TAGS:
        element.drop_tree()
        return
    if element.tag not in KEPT_TAGS:
        element.drop_tag()
        return
    address = _get_web_address(element)
    element.attrib.clear()
    if element.tag == "a" and not address:
        element.drop_tag()
    elif element.tag == "a":
        element.set("href", address)
        element.set("rel", "noopener noreferrer nofollow")
        element.set("target", "_blank")


def _get_web_address(element):
    address = (element.get("href") or "").strip()
    if any(ord(character) <= 32 or ord(character) == 127 for character in address):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    is_web = parts.scheme in ("http", "https") and parts.hostname
    return address if is_web and "@" not in parts.netloc else None
