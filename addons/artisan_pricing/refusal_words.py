"""Why something cannot be priced with, in sentences of the reader's language."""

import re
from decimal import Decimal

from odoo.tools import LazyTranslate, formatLang

_lt = LazyTranslate(__name__)

#: What the engine calls a figure -> its name on the forms.
_FIELDS = {
    "value": _lt("The value"),
    "minimum": _lt("The minimum"),
    "maximum": _lt("The maximum"),
    "payout minimum": _lt("The payout minimum"),
    "min_quantity": _lt("The first quantity"),
    "quantity_step": _lt("The quantity step"),
    "section start": _lt("The begin of a section"),
    "section rate": _lt("The rate of a section"),
    "min score": _lt("The number of points"),
    "days": _lt("The number of days to pay"),
    "credit limit": _lt("The credit limit"),
    "full turnover": _lt("The turnover for 100 points"),
    "points per day": _lt("The number of points per day"),
    "points per dispute": _lt("The number of points per dispute"),
    "late after days": _lt("The number of days"),
    "clean days": _lt("The number of days"),
}

#: (field, reason) of an engine's PricingError as patterns -> the sentence. The groups of both
#: patterns are figures of the sentence, beside ``field`` and ``value``; the first that fits.
_SENTENCES = tuple(
    (re.compile(field), re.compile(reason), sentence)
    for field, reason, sentence in (
        (".*", "must not be negative", _lt("%(field)s must not be negative.")),
        (".*", "must be above zero", _lt("%(field)s must be above zero.")),
        (
            ".*",
            "must not be over 100 percent",
            _lt("A percentage is 100 at most, not %(value)s."),
        ),
        (
            ".*",
            "not a decimal number|has more digits than money has",
            _lt("%(field)s is no number that can be computed with: %(value)s."),
        ),
        (
            "value",
            "a percent off is under 100",
            _lt("A discount of %(value)s %% leaves nothing: it must be under 100 %%."),
        ),
        (
            "tiers",
            r"(?P<code>overlap) from (?P<limit>\S+) .*",
            _lt("Two tiers count for the quantity %(limit)s."),
        ),
        (
            "tiers",
            r"(?P<code>gap) from (?P<limit>\S+) .*",
            _lt("No tier counts for quantities from %(limit)s on."),
        ),
        (
            "minimum",
            r"is above the maximum (?P<limit>\S+)",
            _lt("The minimum %(value)s is above the maximum %(limit)s."),
        ),
        (
            "part",
            "is taken",
            _lt(
                "The code “%(value)s” is used already: give each part a code of its own."
            ),
        ),
        (
            "sections",
            "a percent by sections has sections.*",
            _lt(
                "A percent by sections needs a section at least, and other commissions "
                "have none."
            ),
        ),
        (
            "section start",
            "leaves a gap from 0",
            _lt("The first section begins at %(value)s: let it begin at 0."),
        ),
        (
            "section start",
            r"leaves a gap from (?P<limit>\S+)",
            _lt("No section counts from %(limit)s to %(value)s."),
        ),
        (
            "section end",
            "must be above its start .*",
            _lt("A section ends above its begin, not at %(value)s."),
        ),
        (
            "min score",
            "is out of reach above 100",
            _lt("%(value)s points are out of reach: customers have 100 at most."),
        ),
        (
            "grades",
            "needs no points, .*",
            _lt("The first grade must need no points, so that each customer has one."),
        ),
        (
            "min score of (?P<grade>.+)",
            r"must be above the (?P<limit>\S+) of (?P<lower>.+)",
            _lt(
                "%(grade)s needs %(value)s points: it must need more than %(lower)s, which "
                "needs %(limit)s."
            ),
        ),
        (
            "days of (?P<grade>.+)",
            r"must not be below the (?P<limit>\S+) of (?P<lower>.+)",
            _lt(
                "%(grade)s has %(value)s days to pay: it must not have fewer than "
                "%(lower)s, which has %(limit)s."
            ),
        ),
        (
            "grades",
            "one key occurs twice",
            _lt("Each grade has a name of its own, but there are %(value)s."),
        ),
        (
            ".*",
            r"(?P<limit>\S+) can come back",
            _lt("%(field)s: %(limit)s can come back, not %(value)s."),
        ),
    )
)


def say_refusal(env, error):
    """A sentence for a person who typed something that cannot be priced with.

    :param env: of the reader
    :param error: :class:`.engine.money.PricingError`
    :return: text that ends with a full stop; the engine's own words for what no form brings
        about
    """
    for field, reason, sentence in _SENTENCES:
        about = field.fullmatch(error.field)
        why = about and reason.fullmatch(error.reason)
        if why:
            figures = {**about.groupdict(), **why.groupdict()}
            label = _FIELDS.get(error.field)
            return str(env._(sentence)) % {
                **{name: _to_text(env, value) for name, value in figures.items()},
                "field": env._(label) if label else error.field,
                "value": _to_text(env, error.value),
            }
    return f"{error}."


def _to_text(env, value):
    """A number as the reader writes it, without zeros behind it; or the text."""
    if isinstance(value, str):
        try:
            value = Decimal(value)
        except ArithmeticError:
            return value
    if not isinstance(value, Decimal | int) or not Decimal(value).is_finite():
        return str(value)
    digits = max(0, -Decimal(value).normalize().as_tuple().exponent)
    return formatLang(env, float(value), digits=min(6, digits))
