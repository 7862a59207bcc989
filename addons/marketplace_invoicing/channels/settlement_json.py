"""Find payouts and account entries in JSON, and sort lines into settlements."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any, BinaryIO

from .base import (
    ZERO,
    ChannelParseError,
    ParseFailure,
    only_currency,
    to_currency,
    to_datetime,
    to_decimal,
)
from .jsonio import dumps, iter_events, iter_json, join, top_level
from .jsonrecords import TOP_LIST, Place, text
from .settlement import ParsedSettlement, ParsedSettlementLine, SettlementLineType

#: Reads a record, whose place is the third argument, into the ledger.
Add = Callable[["Ledger", Any, str], None]
#: Noon UTC is the same day for nearly every clock on earth.
NOON = 12
_SHORT_DATE = 10
_ERROR_TEXTS = (
    *("message", "errors", "errors.item.message", "error.message", "error"),
    *("error_description", "errors.item.longMessage"),
)


def find_places(
    source: BinaryIO,
    lists: Mapping[str, Place],
    singles: Mapping[str, Place] | None = None,
) -> Iterator[tuple[str, Place]]:
    """Yield where the records of a document are, with the path that told it.

    Who takes only the first place reads no further.

    :param lists: places by the dotted path of the list (``data.payouts.nodes``)
    :param singles: places of a document that is one record, by a key at its top
    :raises ChannelParseError: not JSON, an answer that is an error message, or neither
    """
    if top_level(source) == "array":
        yield "", TOP_LIST
        return
    answer, found = "", False
    for prefix, event, value in iter_events(source):
        if prefix in lists and event != "map_key" and not event.startswith("end_"):
            if event != "start_array":
                raise ChannelParseError("not a list", prefix)
            found = True
            yield prefix, lists[prefix]
        elif (
            event == "map_key" and not prefix and value in (singles or {}) and not found
        ):
            yield value, (singles or {})[value]
            return
        elif event == "string" and prefix in _ERROR_TEXTS:
            answer = answer or text(value)
    if not found and answer:
        raise ChannelParseError(f"an error message instead of payments: {answer}")
    if not found:
        raise ChannelParseError("no payouts and no entries in this document")


def first_place(
    source: BinaryIO,
    lists: Mapping[str, Place],
    singles: Mapping[str, Place] | None = None,
) -> Place:
    """Return the first of :func:`find_places`."""
    return next(find_places(source, lists, singles))[1]


def listed(*paths: str) -> dict[str, Place]:
    """Return the places of lists, by their paths."""
    return {path: Place(f"{path}.item", f"{path}[{{}}]") for path in paths}


def connections(*paths: str) -> dict[str, Place]:
    """Return the places of GraphQL connections, asked for as ``nodes`` or as ``edges``."""
    places = {}
    for path in paths:
        places[f"{path}.nodes"] = Place(f"{path}.nodes.item", f"{path}.nodes[{{}}]")
        places[f"{path}.edges"] = Place(
            f"{path}.edges.item.node", f"{path}.edges[{{}}].node"
        )
    return places


def records_at(source: BinaryIO, place: Place) -> Iterator[tuple[Any, str]]:
    """Yield each record with its place.

    :raises ChannelParseError: not JSON
    """
    for index, record in iter_json(source, place.prefix):
        yield record, place.where.format(index)


def collect(
    ledger: Ledger, record: Any, where: str, add: Add, id_key: str = "id"
) -> Iterator[ParseFailure]:
    """Let ``add`` put a record into the ledger; yield the failure of one that it refuses."""
    try:
        add(ledger, record, where)
    except ChannelParseError as error:
        yield refused(record, error, where, id_key)


def refused(
    record: object, error: ChannelParseError, where: str, id_key: str = "id"
) -> ParseFailure:
    """Return the failure of a record that could not be read."""
    ref = record.get(id_key) if isinstance(record, dict) else None
    known = isinstance(ref, (int, str)) and not isinstance(ref, bool)
    try:
        raw = dumps(record)
    except ChannelParseError:
        raw = ""
    return ParseFailure(
        where=error.where or where,
        reason=error.reason,
        external_ref=text(str(ref)).rsplit("/", 1)[-1] if known else "",
        raw=raw,
    )


def moment(value: object, where: str) -> datetime | None:
    """Return a moment; a date without time is noon UTC of that day.

    :raises ChannelParseError: not a date
    """
    found = to_datetime(value, where)
    if found and isinstance(value, str) and len(value.strip()) == _SHORT_DATE:
        return found.replace(hour=NOON, tzinfo=timezone.utc)
    return found


def required(value: Decimal | None, where: str) -> Decimal:
    """Return an amount that must be stated.

    :raises ChannelParseError: missing, not finite, or beyond any believable amount
    """
    if value is None:
        raise ChannelParseError("missing", where)
    return to_decimal(value, where)


def fee_between(
    amount: Decimal, fee: Decimal | None, net: Decimal | None, where: str
) -> Decimal:
    """Return what a fee adds to the seller's money: negative for a charge.

    The three figures are stated apart; what moves is ``net``. Some adjustments state the fee
    with the sign of the net, so that only its size is compared.

    :raises ChannelParseError: the figures contradict each other
    """
    fee = ZERO if fee is None else to_decimal(fee, where)
    if net is None:
        return -fee
    moved = to_decimal(net, where) - amount
    if abs(moved) != abs(fee):
        raise ChannelParseError(
            f"{net} is not {amount} less a fee of {fee}", join(where, "net")
        )
    return moved


@dataclass(slots=True)
class _Group:
    currency: str
    where: str
    rows: int = 0
    lines: dict[str, ParsedSettlementLine] = field(default_factory=dict)


class Ledger:
    """Sorts lines into settlements by the payout they belong to, in the order of the file.

    Lines of no payout yet share the empty reference; there, and only there, each currency is a
    settlement of its own. A line that a file holds twice counts once.
    """

    def __init__(self, format_code: str, platform: str):
        self._format = format_code
        self._platform = platform
        self._groups: dict[tuple[str, str], _Group] = {}

    def add(
        self,
        payout_ref: str,
        currency: str | None,
        lines: Iterable[ParsedSettlementLine],
        where: str,
    ) -> None:
        """Take the lines of one row.

        :raises ChannelParseError: another currency than the payout's other rows
        """
        code = to_currency(currency, join(where, "currency"))
        group = self._groups.setdefault(
            (payout_ref, "" if payout_ref else code), _Group(code, where)
        )
        only_currency([(join(where, "currency"), code)], group.currency)
        fresh = [line for line in lines if line.external_ref not in group.lines]
        group.rows += 1
        group.lines.update({line.external_ref: line for line in fresh})

    def settlements(self) -> Iterator[ParsedSettlement]:
        """Yield what has been collected, lines only: totals and dates come with the payout."""
        for (ref, _currency), group in self._groups.items():
            lines = tuple(group.lines.values())
            moments = [line.posted_at for line in lines if line.posted_at]
            yield ParsedSettlement(
                external_ref=ref,
                format=self._format,
                platform=self._platform,
                where=group.where,
                parts=frozenset({"lines"}),
                currency=group.currency,
                period_start=min(moments, default=None),
                period_end=max(moments, default=None),
                rows=group.rows,
                lines=lines,
            )


def content_key(cells: Iterable[str], number: int) -> str:
    """Return the key of a row that has no id, by its content.

    :param number: which of several alike rows it is
    """
    content = "|".join(" ".join(cell.split()) for cell in cells)
    return hashlib.sha256(f"{content}|{number}".encode()).hexdigest()[:24]


def some_lines(
    ref: str,
    amounts: Sequence[tuple[str, SettlementLineType, str, Decimal]],
    **common: Any,
) -> list[ParsedSettlementLine]:
    """Return the lines of a row that are not zero.

    :param amounts: for each the end of its reference (":fee"), type, code and amount
    :param common: the other fields of the lines
    """
    return [
        ParsedSettlementLine(
            external_ref=f"{ref}{suffix}", type=kind, code=code, amount=amount, **common
        )
        for suffix, kind, code, amount in amounts
        if amount
    ]
