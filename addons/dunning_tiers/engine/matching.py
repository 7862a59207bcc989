"""Does the text of a bank line name an invoice? Pure.

Banks drop or add separators and change case (``INV/2026/00007``, ``Inv 2026-00007``), so
a reference is looked for with anything but letters and digits allowed between its own. An
index over the last number of each reference keeps the work linear in the number of lines.
"""

import re

_SEPARATORS = re.compile(r"[^0-9A-Z]+")
_LAST_DIGITS = re.compile(r"([0-9]+)[^0-9]*$")
_DIGITS = re.compile(r"[0-9]+")
_NUMBER_CHAIN = re.compile(r"[0-9]+(?:[^0-9A-Za-z]+[0-9]+)*")

#: References with fewer characters would be found in unrelated texts.
MIN_LENGTH = 4
#: Structured references are printed in groups of digits; more groups than this are a table.
MAX_GROUPS = 8


def normalise(text):
    """Capitals and digits of a text."""
    return _SEPARATORS.sub("", (text or "").upper())


def _last_number(text):
    found = _LAST_DIGITS.search(text or "")
    return found and found[1].lstrip("0")


def _joined_numbers(text):
    """Each number of the text, and what neighbouring ones make together."""
    found = set()
    for chain in _NUMBER_CHAIN.findall(text or ""):
        groups = _DIGITS.findall(chain)
        for start in range(len(groups)):
            for end in range(start + 1, min(start + MAX_GROUPS, len(groups)) + 1):
                found.add("".join(groups[start:end]).lstrip("0"))
    return found


def _pattern(word):
    """The reference with its characters apart, no digit going on at either end."""
    pattern = r"[^0-9A-Z]*".join(map(re.escape, word))
    before = r"(?<![0-9])" if word[0].isdigit() else ""
    after = r"(?![0-9])" if word[-1].isdigit() else ""
    return re.compile(before + pattern + after)


class ReferenceIndex:
    """Finds which of many references a text names.

    :param references: pairs of (key, reference); references without a digit or shorter
        than :data:`MIN_LENGTH` are left out, as they would be found everywhere
    """

    def __init__(self, references):
        self._by_number = {}
        for key, reference in references:
            word = normalise(reference)
            last = _last_number(word)
            if len(word) < MIN_LENGTH or last is None:
                continue
            # With the separators as written, and as a bank that drops them prints it.
            for number in {_last_number(reference), last}:
                self._by_number.setdefault(number, set()).add((word, key))

    def find(self, text):
        """Keys of the references that the text names.

        :param text: free text, or None
        :rtype: set
        """
        upper = (text or "").upper()
        return {
            key
            for number in _joined_numbers(text)
            for word, key in self._by_number.get(number, ())
            if _pattern(word).search(upper)
        }
