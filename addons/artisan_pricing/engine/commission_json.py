"""A scheme of commission as JSON, to be kept with a sale: what goes back or is charged later
goes by the scheme of the sale. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from .commission import Part, Scheme, Section


def to_json(scheme: Scheme) -> dict:
    """What ``json`` can write; amounts are strings, in the currency of the scheme."""
    return {
        "parts": [
            {
                "code": part.code,
                "kind": part.kind,
                "value": str(part.value),
                "unit": part.unit,
                "mode": part.mode,
                "sections": [
                    [str(each.start), _to_text(each.end), str(each.rate)]
                    for each in part.sections
                ],
            }
            | _bounds_to_json(part)
            for part in scheme.parts
        ]
    } | _bounds_to_json(scheme)


def from_json(values: Mapping) -> Scheme:
    """The scheme that :func:`to_json` wrote.

    :raises PricingError: it makes no commission
    :raises KeyError: something is missing
    """
    parts = tuple(
        Part(
            each["code"],
            each["kind"],
            Decimal(each["value"]),
            each["unit"],
            tuple(
                Section(Decimal(start), _to_decimal(end), Decimal(rate))
                for start, end, rate in each["sections"]
            ),
            each["mode"],
            **_bounds_from_json(each),
        )
        for each in values["parts"]
    )
    return Scheme(parts, **_bounds_from_json(values))


def _bounds_to_json(bounded: Part | Scheme) -> dict:
    return {
        "minimum": _to_text(bounded.minimum),
        "maximum": _to_text(bounded.maximum),
    }


def _bounds_from_json(values: Mapping) -> dict:
    return {name: _to_decimal(values[name]) for name in ("minimum", "maximum")}


def _to_text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def _to_decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
