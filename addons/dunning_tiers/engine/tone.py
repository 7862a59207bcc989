"""The tone contract: what a payment reminder must say, and what it may not say yet.

Pure text work: a rendered message, or the text of a template, goes in and findings come
out; what the user reads about a finding is worded by the caller. Rules that come from
law are named where they are applied; sources in the documentation of the addon.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from functools import lru_cache

from .tone_words import ACRONYMS, FEE_WORDS, PROMOTION_WORDS, TONE_WORDS

TONES = ("courtesy", "friendly", "firm", "final")
LANGUAGES = frozenset(TONE_WORDS)

_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u2060-\u2064\ufeff]")
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n[ \n]*")
_SPACES = re.compile(r"\s+")
_CONTINUED = re.compile(r"\\\n\s*")
_ADDRESS = re.compile(r"\S+@\S+|\b(?:https?://|www\.)\S+", re.IGNORECASE)
_BANK_CODE = re.compile(r"\b(BIC|SWIFT)([\s:/]+)[A-Z0-9]{8,11}\b")
# The word None also begins English sentences.
_UNRESOLVED = re.compile(
    r"\bFalse\b|\bNone\b(?! (?:of|the|is|are)\b)|\bundefined\b|\bnan\b|\{\{|\}\}|\$\{"
    r"|%\(\w+\)s|\[object |<t[ >/-]|\bt-(?:out|esc|if|foreach|call|set)="
    r"|(?i:\b(?:dear|hello|hi|hallo|bonjour|hola|estimad[oa]s?)) +,|\( *\)"
)
_UNRESOLVED_SOURCE = re.compile(r"\$\{|%\(\w+\)s|\[object ")
_WORD = re.compile(r"[\w/.-]*\w")
_MARKS = re.compile(r"[!?]{2,}")
_PROMOTION_LINK = re.compile(
    r"[?&]utm_|/(?:shop|promo|promotions?|offers?|deals?|newsletter|unsubscribe)"
    r"(?:[/?#]|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a reminder must name, written as it is shown to the customer.

    `invoices`, `amounts` and `due_dates` must all appear and so must the `payee`; of
    `payment` (account number, payment page) and of `dispute` (reply address, customer
    page) one is enough. `names` are proper names and addresses that may hold any word.
    """

    invoices: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()
    due_dates: tuple[str, ...] = ()
    payee: str = ""
    payment: tuple[str, ...] = ()
    dispute: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach of the contract.

    `code`: `word`, `never`, `promotion`, `promotion_link`, `first_fee`, `third_party`,
    `missing`, `unresolved` or `shouting`. `words`: what was found, or what is missing.
    `rule`: for words the rule of the table, for `missing` the kind of fact.
    `allowed_from`: the tone that allows the word.
    """

    code: str
    words: tuple[str, ...] = ()
    rule: str = ""
    allowed_from: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: plain text with its subject, targets of links, who gets a copy."""

    text: str
    links: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """Where the message stands.

    :ivar tone: one of `TONES`
    :ivar lang: language code such as `de` or `de_AT`; a language without a table of
        words is checked by the other rules only
    :ivar level_index: 0 for the first notice after the due date, below 0 before it
    :ivar is_consumer: the debtor is a private person
    :ivar country: two letters, the law that governs the debt
    :ivar has_fee: the message asks for a fee for itself
    :ivar own_addresses: addresses that may get the message; None: do not check
    """

    tone: str
    lang: str = "en"
    level_index: int = 0
    is_consumer: bool = False
    country: str = ""
    has_fee: bool = False
    own_addresses: frozenset[str] | None = None

    @property
    def language(self) -> str:
        return re.split(r"[_\-@.]", (self.lang or "").lower())[0]

    @property
    def rank(self) -> int:
        return TONES.index(self.tone) if self.tone in TONES else 0


def lint(message: Message, setting: Setting, facts: Facts) -> list[Finding]:
    """Return what a rendered message breaks of the tone contract, most severe first."""
    masked = _mask(message.text or "", facts)
    return [
        *_lint_words(masked, setting),
        *_lint_promotion(masked, message.links, setting),
        *_lint_first_fee(masked, setting),
        *_lint_copies(message.copies, setting),
        *_lint_facts(message, facts),
        *_unresolved(_UNRESOLVED, masked),
        *_lint_shouting(masked),
    ]


def lint_source(
    text: str, links: Iterable[str], setting: Setting, names: tuple[str, ...] = ()
) -> list[Finding]:
    """Return what the text of a template breaks, whatever it will be filled with."""
    masked = _mask(text or "", Facts(names=names))
    return [
        *_lint_words(masked, setting),
        *_lint_promotion(masked, tuple(links), setting),
        *_unresolved(_UNRESOLVED_SOURCE, masked),
        *_lint_shouting(masked),
    ]


# --- text --------------------------------------------------------------------------------


def _clean(text: str) -> str:
    """One kind of space and of line end, letters composed, nothing invisible."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return _LINES.sub("\n", _BLANKS.sub(" ", text))


def _fold(text: str, language: str) -> str:
    """Text in the form of the tables of words."""
    folded = _SPACES.sub(" ", _clean(text)).casefold().replace("’", "'")
    if language == "de":
        return unicodedata.normalize("NFC", folded)
    plain = unicodedata.normalize("NFKD", folded)
    return "".join(char for char in plain if not unicodedata.combining(char))


def _mask(text: str, facts: Facts) -> str:
    """Text without names, numbers of invoices and addresses: they may hold any word."""
    cleaned = _clean(text)
    names = {
        _clean(name).strip()
        for name in (*facts.names, *facts.invoices, facts.payee)
        if name and len(name.strip()) > 2
    }
    for name in sorted(names, key=len, reverse=True):
        pattern = rf"(?<!\w){re.escape(name)}(?!\w)"
        cleaned = re.sub(pattern, "·", cleaned, flags=re.IGNORECASE)
    return _BANK_CODE.sub(r"\1\2·", _ADDRESS.sub("·", cleaned))


# --- words -------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _pattern(words: str) -> re.Pattern:
    rows = (row.strip() for row in _CONTINUED.sub("", words).split("\n"))
    parts = (
        row.replace("*", r"\w*") for row in rows if row and not row.startswith("#")
    )
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)")


def _hits(pattern: re.Pattern, text: str) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(match.group().strip() for match in pattern.finditer(text))
    )


def _lint_words(masked: str, setting: Setting) -> Iterator[Finding]:
    text = _fold(masked, setting.language)
    for rule, tone, words in TONE_WORDS.get(setting.language, ()):
        if tone and setting.rank >= TONES.index(tone):
            continue
        if hits := _hits(_pattern(words), text):
            yield Finding("word" if tone else "never", hits, rule, tone)


def _lint_promotion(masked, links, setting: Setting) -> Iterator[Finding]:
    """CAN-SPAM: promotion can make a message about an account an advertisement."""
    words = PROMOTION_WORDS.get(setting.language, "")
    hits = words and _hits(_pattern(words), _fold(masked, setting.language))
    if hits:
        yield Finding("promotion", hits)
    found = tuple(link for link in links if link and _PROMOTION_LINK.search(link))
    if found:
        yield Finding("promotion_link", found)


def _lint_first_fee(masked: str, setting: Setting) -> Iterator[Finding]:
    """A reminder that puts a consumer in default carries no fee (BGB section 286)."""
    if not setting.is_consumer or setting.country.upper() != "DE":
        return
    if setting.level_index > 0:
        return
    words = FEE_WORDS.get(setting.language, "")
    hits = _hits(_pattern(words), _fold(masked, setting.language)) if words else ()
    if setting.has_fee or hits:
        yield Finding("first_fee", hits)


def _lint_copies(copies, setting: Setting) -> Iterator[Finding]:
    if setting.own_addresses is None:
        return
    own = {_address(text) for text in setting.own_addresses}
    strangers = tuple(copy for copy in copies if copy and _address(copy) not in own)
    if strangers:
        yield Finding("third_party", strangers)


def _address(text: str) -> str:
    """The bare address of "Name <address>", to compare."""
    return (parseaddr(text)[1] or text).strip().casefold()


# --- facts -------------------------------------------------------------------------------


def _lint_facts(message: Message, facts: Facts) -> Iterator[Finding]:
    text = _clean(message.text or "")
    for kind in ("invoices", "amounts", "due_dates"):
        values = getattr(facts, kind)
        missing = tuple(value for value in values if not _says(text, value))
        if missing or not values:
            yield Finding("missing", missing, kind)
    if not _says(text, facts.payee):
        yield Finding("missing", (facts.payee,) if facts.payee else (), "payee")
    for kind in ("payment", "dispute"):
        values = getattr(facts, kind)
        if not any(_reaches(text, message.links, value) for value in values):
            yield Finding("missing", values, kind)


def _says(text: str, value: str) -> bool:
    """Tell whether a value stands in the text on its own: 100.00 is not in 1,100.00."""
    value = _clean(value or "").strip()
    if not value:
        return False
    # A space may group the digits of an amount; cells of a table stand on lines.
    before = r"(?<!\w)(?<!\d[.,'/ -])" if value[0].isalnum() else ""
    after = r"(?!\w)(?![.,'/-]\d)" if value[-1].isalnum() else ""
    return bool(re.search(before + re.escape(value) + after, text, re.IGNORECASE))


def _reaches(text: str, links, value: str) -> bool:
    """Tell whether an account, address or page is in the text or behind a link."""
    wanted = _SPACES.sub("", _clean(value or "")).casefold()
    if not wanted:
        return False
    return wanted in _SPACES.sub("", text).casefold() or any(
        wanted in (link or "").casefold() for link in links
    )


# --- form --------------------------------------------------------------------------------


def _unresolved(pattern: re.Pattern, masked: str) -> Iterator[Finding]:
    if hits := _hits(pattern, masked):
        yield Finding("unresolved", hits)


def _lint_shouting(masked: str) -> Iterator[Finding]:
    words = [match.group() for match in _WORD.finditer(masked)]
    loud = [_is_loud(word) for word in words]
    near = zip(words, loud, [False, *loud], [*loud[1:], False], strict=False)
    found = [
        word
        for word, is_loud, before, after in near
        if is_loud and (len(word) >= 5 or before or after)
    ]
    if found := (*dict.fromkeys(found), *_hits(_MARKS, masked)):
        yield Finding("shouting", found)


def _is_loud(word: str) -> bool:
    """Three capital letters or more that are no acronym; a code has digits."""
    return len(word) >= 3 and word.isalpha() and word.isupper() and word not in ACRONYMS
