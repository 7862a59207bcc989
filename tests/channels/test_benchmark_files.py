"""The files that ``./bench parse`` times: one of every format, read whole and without a flaw."""

from __future__ import annotations

import pytest

from odoo.addons.marketplace_invoicing.channels import intake
from odoo.addons.marketplace_invoicing.channels.base import ParsedOrder
from odoo.addons.marketplace_invoicing.channels.settlement import (
    ParsedPayment,
    ParsedSettlement,
)

from benchmarks import parse

#: Formats that a user's profile reads; tables stand for workbooks, JSON and XML of the same.
MAPPED = {"mapped.csv", "mapped.settlement.csv"}


def test_every_format_that_is_read_has_a_file() -> None:
    known = {fmt.code for fmt in intake.all_formats() if fmt.parse}
    assert set(parse.FILES) == known | MAPPED
    assert set(parse.NAMES) == {f"parse.{code}" for code in known | MAPPED}


@pytest.mark.parametrize("code", parse.FILES)
def test_file_is_read_as_its_format_with_so_many_records_and_lines(code) -> None:
    file = parse.FILES[code]
    fmt, records = parse.opener(code)(file.build(7))
    records = list(records)
    assert fmt.code == code
    lines = sum(len(getattr(record, "lines", ())) for record in records)
    assert lines == 7 * file.lines_each
    if file.unit != "lines":
        assert len({record.external_ref for record in records}) == len(records) == 7


@pytest.mark.parametrize("code", parse.FILES)
def test_amounts_of_a_file_come_to_its_totals(code) -> None:
    """A reader may take another way where they do not, which would not be the usual one."""
    _fmt, records = parse.opener(code)(parse.FILES[code].build(7))
    for record in records:
        if isinstance(record, ParsedOrder | ParsedSettlement):
            assert not record.imbalance
        elif not isinstance(record, ParsedPayment):
            assert record.amount == record.amount_lines


@pytest.mark.parametrize("orders", [1, 100, 101])
def test_pages_hold_every_record_once(orders) -> None:
    _fmt, records = parse.opener("amazon.transfers")(
        parse.FILES["amazon.transfers"].build(orders)
    )
    assert [record.external_ref for record in records] == [
        str(7000 + number) for number in range(1, orders + 1)
    ]


def test_file_that_is_not_read_whole_gives_no_time() -> None:
    content = parse.FILES["stripe.payouts"].build(3)
    with pytest.raises(parse.contest.BenchmarkError, match="'records': 4"):
        parse._run_apart("stripe.payouts", content, 4)
    with pytest.raises(parse.contest.BenchmarkError, match="was read as"):
        parse._run_apart("stripe.balance_transactions", content, 3)
