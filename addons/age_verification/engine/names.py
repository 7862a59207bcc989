"""When two names are the same person's, as far as writing goes. Pure."""

import unicodedata

#: Letters, digits, and the marks that many scripts write vowels with.
MEANINGFUL = ("L", "N", "M")


def normalise(name: str | None) -> str:
    """A name without what does not matter: case, spaces, punctuation, width of letters."""
    folded = unicodedata.normalize("NFKD", name or "").casefold()
    kept = "".join(
        character
        for character in unicodedata.normalize("NFKD", folded)
        if unicodedata.category(character).startswith(MEANINGFUL)
    )
    return unicodedata.normalize("NFC", kept)


def is_same(one: str | None, other: str | None) -> bool:
    """Whether two names differ in writing only."""
    return normalise(one) == normalise(other)
