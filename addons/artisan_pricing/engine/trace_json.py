"""A trace as text, and back. Pure.

Numbers are written as text, so that no reader makes a float of them. What is read is taken
for what it says; whether it holds says :func:`.trace.replay`.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal, InvalidOperation

from .money import PricingError
from .trace import CODES, NAMES, PARTS, Step, Trace

FORMAT = 1

#: No amount needs more digits; a longer number is no amount but an attack.
_MOST_DIGITS = 120


class TraceError(PricingError):
    """What was read is no trace.

    :ivar field: where, as a path: ``steps.0.figures``
    """


def to_json(trace: Trace) -> str:
    """The trace as text; one trace has one text."""
    values = {
        "format": FORMAT,
        "currency": trace.currency,
        "step": str(trace.step),
        "quantity": str(trace.quantity),
        "total": str(trace.total),
        "steps": [_from_step(step) for step in trace.steps],
    }
    return json.dumps(values, sort_keys=True, separators=(",", ":"))


def from_json(text: str) -> Trace:
    """The trace that a text is.

    :raise TraceError: text that is no trace, or one of another format
    """
    try:
        read = json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise TraceError("trace", _shortened(text), "is no JSON") from error
    values = _Values("", read)
    if values.get("format") != FORMAT:
        raise TraceError("format", values.get("format"), f"only {FORMAT} is known")
    steps = values.of_type("steps", list)
    try:
        return Trace(
            values.of_type("currency", str),
            values.number("step"),
            values.number("quantity"),
            tuple(
                _to_step(_Values(f"steps.{place}.", step))
                for place, step in enumerate(steps)
            ),
            values.number("total"),
        )
    except TraceError:
        raise
    except PricingError as error:
        raise TraceError(error.field, error.value, error.reason) from error


# Helpers


def _from_step(step: Step) -> dict:
    return {
        "code": step.code,
        "kind": step.kind,
        "figures": [[name, str(number)] for name, number in step.figures],
        "before": str(step.before),
        "after": str(step.after),
        "rule": step.rule,
        "version": step.version and step.version.isoformat(),
        "rounded": step.is_rounded,
    }


def _to_step(values: _Values) -> Step:
    code, kind = values.one_of("code", CODES), values.one_of("kind", tuple(NAMES))
    return Step(
        code,
        kind,
        _figures(values, kind),
        values.number("before"),
        values.number("after"),
        values.of_type("rule", int | str | None),
        values.day("version"),
        values.of_type("rounded", bool),
    )


def _figures(values: _Values, kind: str) -> tuple[tuple[str, Decimal], ...]:
    rows = values.of_type("figures", list)
    figures = []
    for place, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != 2:
            values.refuse("figures", row, "is no pair of name and number")
        figure = _Values(f"{values.path}figures.", {str(place): row[1]})
        figures.append((row[0], figure.number(str(place))))
    names = [name for name, _number in figures]
    times = len(names) // len(NAMES[kind]) if kind == PARTS else 1
    if names != list(NAMES[kind]) * times:
        values.refuse("figures", names, f"are not the figures of {kind}")
    return tuple(figures)


class _Values:
    """A JSON object that says where in the text a value is wrong."""

    def __init__(self, path: str, values: object):
        self.path = path
        if not isinstance(values, dict):
            raise TraceError(
                path.rstrip(".") or "trace", _shortened(values), "no object"
            )
        self._values = values

    def get(self, name: str) -> object:
        if name not in self._values:
            self.refuse(name, None, "is missing")
        return self._values[name]

    def of_type(self, name: str, expected) -> object:
        value = self.get(name)
        is_bool = isinstance(value, bool) and expected is not bool
        if is_bool or not isinstance(value, expected):
            self.refuse(name, value, "is of another type")
        return value

    def one_of(self, name: str, known: tuple[str, ...]) -> str:
        value = self.get(name)
        if value not in known:
            self.refuse(name, value, f"is none of {', '.join(known)}")
        return value

    def number(self, name: str) -> Decimal:
        text = self.of_type(name, str)
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        is_number = number.is_finite() and text.isascii()
        if not is_number or len(number.as_tuple().digits) > _MOST_DIGITS:
            self.refuse(name, text, "is no amount")
        if abs(number.adjusted()) > _MOST_DIGITS:
            self.refuse(name, text, "is no amount")
        return number

    def day(self, name: str) -> date | None:
        text = self.of_type(name, str | None)
        try:
            return None if text is None else date.fromisoformat(text)
        except ValueError:
            self.refuse(name, text, "is no day")

    def refuse(self, name: str, value: object, reason: str):
        raise TraceError(f"{self.path}{name}", _shortened(value), reason)


def _shortened(value: object) -> str:
    text = str(value)
    return text if len(text) <= 80 else f"{text[:80]}..."
