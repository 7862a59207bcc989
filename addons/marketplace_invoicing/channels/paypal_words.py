"""What the words of PayPal's activity download mean, in English and German."""

from __future__ import annotations

from collections.abc import Iterable

from .settlement import SettlementLineType
from .tables import normalise

# Words inside of a row's type, the first that occurs counts. "Rückbuchung allgemeiner
# Einbehaltung" releases a hold, so holds come first; "Gebühr für Rückbuchung" is a fee.
_TYPES: tuple[tuple[SettlementLineType, tuple[str, ...]], ...] = (
    ("adjustment", ("currency conversion", "wahrungsumrechnung")),
    ("reserve", ("hold", "reserve", "release", "einbehalt", "freigabe")),
    ("fee", (" fee", "fee ", "gebuhr", "entgelt")),
    (
        "refund",
        ("refund", "ruckzahlung", "ruckerstattung", "chargeback", "dispute")
        + ("reversal", "ruckbuchung", "kauferbeschwerde"),
    ),
    (
        "transfer",
        ("withdrawal", "bank deposit", "card deposit", "transfer to bank")
        + ("abbuchung", "bankgutschrift", "kreditkartengutschrift", "auszahlung"),
    ),
)
_CONVERSIONS = _TYPES[0][1]
_DISPUTES = ("chargeback", "dispute", "ruckbuchung", "kauferbeschwerde")


def is_conversion(kind: str) -> bool:
    """Whether a row is one half of a currency conversion."""
    return _has(kind, _CONVERSIONS)


def is_dispute(kind: str) -> bool:
    """Whether a claim of the buyer is behind a row."""
    return _has(kind, _DISPUTES) and type_of(kind, is_positive=False) == "refund"


def _has(kind: str, words: Iterable[str]) -> bool:
    # Spaces around, so that " fee" is found at the end as well.
    text = f" {normalise(kind)} "
    return any(word in text for word in words)


def type_of(kind: str, is_positive: bool) -> SettlementLineType:
    """Return what a row is; what has no known word is a sale where it brings money."""
    for line_type, words in _TYPES:
        if _has(kind, words):
            return line_type
    return "sale" if is_positive else "adjustment"
