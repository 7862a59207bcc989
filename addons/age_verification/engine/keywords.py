"""Which class of products a name looks like. Pure.

Words are compared whole, without case, accents and a plural's s: "CRÉMANT" is found by
"crémant" and "Beers" by "beer", while "ginger" is not "gin".
"""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_GENITIVE = re.compile(r"['’]s\b")
#: Shorter words keep their s: "gas" is no plural.
_MIN_PLURAL = 4


def words_of(text: str) -> list[str]:
    """The words of a text, folded for comparison."""
    folded = _GENITIVE.sub("", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    return [_singular(word) for word in _WORD.findall(bare)]


def _singular(word):
    return word[:-1] if len(word) >= _MIN_PLURAL and word.endswith("s") else word


class Matcher:
    """Finds the class whose keyword a text has; the longest keyword wins.

    :param keywords: pairs of a class, any hashable value, and its keywords, separated by
        commas
    """

    def __init__(self, keywords):
        self.phrases = {}
        for found, text in keywords:
            for keyword in (text or "").split(","):
                phrase = tuple(words_of(keyword))
                if phrase:
                    # A class named first, as those of more common goods are, goes first.
                    self.phrases.setdefault(phrase, found)
        self.lengths = sorted({len(phrase) for phrase in self.phrases}, reverse=True)

    def find(self, *texts: str):
        """The class that the texts look like, None for none; earlier texts go first."""
        for text in texts:
            found = self._find_in(words_of(text))
            if found is not None:
                return found
        return None

    def _find_in(self, words):
        for length in self.lengths:
            for start in range(len(words) - length + 1):
                found = self.phrases.get(tuple(words[start : start + length]))
                if found is not None:
                    return found
        return None
