"""Helps tests of settlement formats: read a document, hold it against SOURCES.md."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

from odoo.addons.marketplace_invoicing.channels import intake
from odoo.addons.marketplace_invoicing.channels.base import (
    ChannelParseError,
    ParsedOrder,
    ParsedRefund,
    ParseFailure,
)
from odoo.addons.marketplace_invoicing.channels.settlement import ParsedSettlement

D = Decimal


def read_bytes(data: bytes) -> tuple[str, list[Any]]:
    """Return the code of a file's format, found by its content, and its records."""
    document = intake.open_document(io.BytesIO(data), "file")
    fmt = intake.detect(intake.sample(document), intake.all_formats())
    if fmt.parse is None:
        raise ChannelParseError(f"{fmt.label}: nothing to read")
    return fmt.code, list(fmt.parse(document.stream))


def read(document: Any) -> list[Any]:
    return read_bytes(json.dumps(document).encode())[1]


def read_one(document: Any) -> ParsedSettlement:
    [settlement] = read(document)
    assert isinstance(settlement, ParsedSettlement), settlement
    return settlement


def read_failure(document: Any) -> ParseFailure:
    [failure] = [x for x in read(document) if isinstance(x, ParseFailure)]
    return failure


def facts(samples: Path, name: str) -> list[dict[str, Any]]:
    """Return the facts that SOURCES.md states about a file."""
    text = (samples / "SOURCES.md").read_text(encoding="utf-8")
    [section] = [
        part
        for part in re.split(r"^## ", text, flags=re.MULTILINE)
        if part.split("\n", 1)[0].strip() == name
    ]
    return [json.loads(x) for x in section.splitlines() if x.startswith("{")]


def by_first_word(settlement: ParsedSettlement) -> dict[str, Decimal]:
    """Return the sums of lines by the first word of their code."""
    sums: Counter[str] = Counter()
    for code, amount in settlement.sum_by_code.items():
        sums[code.split("/")[0]] += amount  # type: ignore[assignment]
    return dict(sums)  # type: ignore[arg-type]


def lines_of(settlement: ParsedSettlement) -> list[tuple[str, str, Decimal]]:
    return [(line.type, line.code, line.amount) for line in settlement.lines]


def assert_refused_or_read(data: bytes) -> None:
    """Read a damaged file: records, failures or one kind of error, and nothing else."""
    try:
        _code, records = read_bytes(data)
    except ChannelParseError as error:
        assert error.reason
        return
    for record in records:
        assert isinstance(
            record, (ParsedSettlement, ParseFailure, ParsedOrder, ParsedRefund)
        )
        if isinstance(record, ParsedSettlement):
            assert all(line.amount for line in record.lines)
