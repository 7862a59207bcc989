"""Words a payment reminder may use only from a tone on, and words it never may.

One table per language. A row is the rule that is broken, the tone that lifts it (None:
no tone does) and the words, one pattern a line. A pattern is a regular expression in
lower case that matches whole words, with one difference: `*` stands for letters, as on a
search page, so that inflected and compound forms need no row of their own. English,
French and Spanish are compared without accents, German with ß as ss and its umlauts as
they are; the rows follow that. A line that begins with # is a comment, a backslash at
its end goes on with the next.
"""

from __future__ import annotations

from . import de, en, es, fr

# rule, tone from which the words are allowed, words
Row = tuple[str, str | None, str]

_LANGUAGES = {"de": de, "en": en, "es": es, "fr": fr}

TONE_WORDS: dict[str, tuple[Row, ...]] = {
    code: words.TONE_WORDS for code, words in _LANGUAGES.items()
}

# A message about an account may hold no promotion. A cash discount for early payment is
# none, and neither is a credit note.
PROMOTION_WORDS: dict[str, str] = {
    code: words.PROMOTION_WORDS for code, words in _LANGUAGES.items()
}

# Names of a fee for the reminder itself, as against statutory interest.
FEE_WORDS: dict[str, str] = {
    code: words.FEE_WORDS for code, words in _LANGUAGES.items()
}

# Capital letters that are words of their own.
ACRONYMS = frozenset(
    """
    ASNEF AUD BIC BIPA CAD CCJ CHF CIF CZK DATEV DKK ELSTER ESR EUR FICP GBP GMBH HRA
    HRB HTTP HTTPS HUF IBAN ICS INR INT ISBN JPY KGAA LEI LLC LTD MWST NIF NOK NZD PAYPAL
    PDF PLC PLN RCS REGON RON SARL SAS SASU SCHUFA SEK SEPA SIREN SIRET SLU SWIFT TVA UID
    USD USTID VAT WWW
    """.split()
)
