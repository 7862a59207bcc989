"""Etsy's ledger: each disbursement ends a settlement, and the running balance proves it."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from settlement_support import (
    D,
    assert_refused_or_read,
    lines_of,
    read,
    read_bytes,
    read_failure,
    read_one,
)

from odoo.addons.marketplace_invoicing.channels.base import (
    ChannelParseError,
    ParseFailure,
)
from odoo.addons.marketplace_invoicing.channels.settlement import ParsedSettlement


def entry(number: int, amount: int, balance: int | None, kind: str, **values) -> dict:
    return {
        "entry_id": 9000 + number,
        "ledger_id": 77,
        "sequence_number": number,
        "amount": amount,
        "currency": "EUR",
        "description": kind,
        "balance": balance,
        "create_date": 1740823200 + number,
        "created_timestamp": 1740823200 + number,
        "ledger_type": kind,
        "reference_type": "",
        "reference_id": "0",
        "parent_entry_id": 0,
        "payment_adjustments": [],
        **values,
    }


def ledger(*rows: tuple[int, str], opening: int = 0) -> list[dict]:
    """Return entries with a running balance, in cents."""
    found, balance = [], opening
    for number, (amount, kind) in enumerate(rows, start=1):
        balance += amount
        found.append(entry(number, amount, balance, kind))
    return found


def page(entries: list[dict]) -> dict:
    return {"count": len(entries), "results": entries}


SALE = (4000, "PAYMENT_GROSS")
FEE = (-400, "PAYMENT_PROCESSING_FEE")


def test_disbursement_ends_the_settlement_and_names_it():
    """40.00 - 4.00 - 0.20 = 35.80 goes to the bank; the next sale waits."""
    entries = ledger(SALE, FEE, (-20, "listing"), (-3580, "DISBURSE2"), SALE)
    paid, open_ = read(page(entries))
    assert paid.external_ref == "9004"
    assert paid.amount_total == D("35.80")
    assert (paid.opening_balance, paid.closing_balance) == (0, 0)
    assert paid.status == "paid"
    assert paid.balances is True
    assert paid.rows == 4
    assert paid.deposited_at == datetime(2025, 3, 1, 10, 0, 4, tzinfo=timezone.utc)
    assert (open_.external_ref, open_.parts) == ("", {"lines"})
    assert lines_of(open_) == [("sale", "PAYMENT_GROSS", D("40.00"))]


def test_what_stays_on_the_account_is_carried_to_the_next_settlement():
    entries = ledger(SALE, (-3000, "DISBURSE2"), FEE, (-600, "DISBURSE2"))
    first, second = read(page(entries))
    assert (first.opening_balance, first.closing_balance) == (0, D("10.00"))
    assert (second.opening_balance, second.closing_balance) == (D("10.00"), 0)
    assert first.balances is True and second.balances is True


def test_opening_balance_of_the_first_entry_is_found_from_its_own():
    found = read_one(page(ledger(FEE, (-600, "DISBURSE2"), opening=1000)))
    assert found.opening_balance == D("10.00")
    assert found.balances is True


def test_what_a_page_begins_with_is_assumed_and_what_follows_is_known():
    entries = ledger(SALE, (-3000, "DISBURSE2"), FEE, (-600, "DISBURSE2"))
    first, second = read(page(entries))
    assert (first.opening_assumed, second.opening_assumed) == (True, False)


def test_entry_knows_its_place_and_what_the_account_held_after_it():
    lines = read_one(page(ledger(SALE, FEE, (-3600, "DISBURSE2")))).lines
    found = [(line.ledger, line.position, line.balance_after) for line in lines]
    assert found == [("77", 1, D("40")), ("77", 2, D("36")), ("77", 3, D("0"))]


def test_entry_without_a_balance_proves_nothing():
    [line] = read_one(page([entry(1, 500, None, "PAYMENT")])).lines
    assert (line.position, line.balance_after) == (None, None)


def test_newest_entries_first_read_the_same():
    entries = ledger(SALE, FEE, (-3600, "DISBURSE2"))
    assert lines_of(read_one(page(entries[::-1]))) == lines_of(read_one(page(entries)))


def test_missing_entries_are_named_and_nothing_is_made_up():
    entries = ledger(SALE, FEE, (-20, "listing"), (-3580, "DISBURSE2"), SALE)
    del entries[1]
    failure, open_ = read(page(entries))
    assert isinstance(failure, ParseFailure)
    assert failure.external_ref == "9004"
    assert failure.reason == "entries before it are missing: the balance jumps by -4.00"
    assert failure.where == "results[1].balance"
    assert open_.external_ref == ""


def test_gap_between_two_disbursements_is_seen():
    entries = ledger((-3000, "DISBURSE2"), SALE, (-600, "DISBURSE2"), opening=9000)
    del entries[1]
    paid, failure = read(page(entries))
    assert paid.external_ref == "9001"
    assert isinstance(failure, ParseFailure)


def test_entries_that_are_listed_twice_count_once():
    entries = ledger(SALE, FEE, (-3600, "DISBURSE2"))
    assert read_one(page(entries + entries)).rows == 3


def test_two_accounts_do_not_mix():
    euros = ledger(SALE, (-4000, "DISBURSE2"))
    pounds = [
        {**row, "ledger_id": 78, "currency": "GBP", "entry_id": row["entry_id"] + 50}
        for row in euros
    ]
    found = read(page([euros[0], pounds[0], euros[1], pounds[1]]))
    assert [(x.external_ref, x.currency, x.balances) for x in found] == [
        ("9002", "EUR", True),
        ("9052", "GBP", True),
    ]


@pytest.mark.parametrize(
    "kind, meant",
    [
        ("PAYMENT_GROSS", "sale"),
        ("PAYMENT", "sale"),
        ("REFUND_GROSS", "refund"),
        ("REFUND", "refund"),
        ("PAYMENT_PROCESSING_FEE", "fee"),
        ("transaction", "fee"),
        ("transaction_refund", "fee"),
        ("shipping_transaction", "fee"),
        ("listing", "fee"),
        ("renew_sold_auto", "fee"),
        ("auto_renew_expired", "fee"),
        ("offsite_ads_fee", "fee"),
        ("prolist", "fee"),
        ("vat_seller_services", "fee"),
        ("vat_on_processing_fees", "fee"),
        ("shipping_labels", "fee"),
        ("sales_tax", "tax_withheld"),
        ("sales_tax_refund", "tax_withheld"),
        ("something_new", "adjustment"),
    ],
)
def test_ledger_type_is_the_code_and_has_a_meaning(kind, meant):
    [line] = read_one(page([entry(1, -500, -500, kind)])).lines
    assert (line.type, line.code) == (meant, kind)


def test_disbursement_that_comes_back_is_part_of_the_next_payout():
    found = read_one(page(ledger((5000, "DISBURSE2"), (-5000, "DISBURSE2"))))
    assert found.external_ref == "9002"
    assert found.amount_total == D("50.00")
    assert lines_of(found)[0] == ("payout_return", "DISBURSE2", D("50.00"))
    assert found.balances is True


@pytest.mark.parametrize(
    "kind, values, expected",
    [
        (
            "transaction",
            {"reference_type": "transaction", "reference_id": "55"},
            ("", "55", ""),
        ),
        (
            "listing",
            {"reference_type": "receipt", "reference_id": "66"},
            ("66", "", ""),
        ),
        (
            "REFUND_GROSS",
            {"reference_type": "payment_adjustment", "reference_id": 7},
            ("", "", "7"),
        ),
        (
            "listing",
            {"description": "Listing fee for order #2233445566"},
            ("2233445566", "", ""),
        ),
        ("listing", {"reference_id": 0}, ("", "", "")),
    ],
)
def test_what_an_entry_refers_to(kind, values, expected):
    [line] = read_one(page([entry(1, -500, -500, kind, **values)])).lines
    assert (line.order_ref, line.order_line_ref, line.refund_ref) == expected


@pytest.mark.parametrize(
    "values, message",
    [
        ({"amount": None}, "results[0].amount: missing"),
        ({"amount": 1.5}, "results[0].amount: not a whole number of hundredths"),
        (
            {"currency": "JPY"},
            "results[0].amount: the unit of amounts in JPY is not known",
        ),
        (
            {"sequence_number": 2**31},
            "results[0].sequence_number: no place in a ledger",
        ),
        ({"sequence_number": -1}, "results[0].sequence_number: no place in a ledger"),
        ({"currency": None}, "results[0].currency: not a currency code"),
    ],
)
def test_bad_entry_is_named(values, message):
    failure = read_failure(page([{**entry(1, 500, 500, "PAYMENT"), **values}]))
    assert failure.message == message
    assert failure.external_ref == "9001"


# Whatever comes

AMOUNTS = st.integers(-(10**9), 10**9).filter(bool)


@given(
    st.lists(
        st.tuples(AMOUNTS, st.sampled_from(["PAYMENT", "listing", "DISBURSE2"])),
        min_size=1,
        max_size=25,
    ),
    st.integers(-(10**6), 10**6),
)
def test_every_settlement_ties_out_and_no_cent_is_lost(rows, opening):
    found = read(page(ledger(*rows, opening=opening)))
    assert all(isinstance(x, ParsedSettlement) for x in found)
    assert all(x.balances is True for x in found if x.external_ref)
    total = sum((line.amount for x in found for line in x.lines), D(0))
    assert total == D(sum(amount for amount, _kind in rows)) / 100
    assert sum(x.rows for x in found) == len(rows)


@given(st.lists(AMOUNTS, min_size=3, max_size=12), st.data())
def test_any_entry_missing_from_the_middle_is_noticed(amounts, data):
    entries = ledger(*[(amount, "listing") for amount in amounts])
    missing = data.draw(st.integers(1, len(entries) - 2))
    del entries[missing]
    assert "entries before it are missing" in read_failure(page(entries)).reason


WHOLE = json.dumps(page(ledger(SALE, FEE, (-3600, "DISBURSE2")))).encode()


@pytest.mark.parametrize("end", range(1, len(WHOLE), 60))
def test_file_that_is_cut_off_gives_no_settlement(end):
    with pytest.raises(ChannelParseError):
        read_bytes(WHOLE[:end])


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=3))
def test_garbled_file_is_refused_or_read_and_nothing_else(position, garbage):
    assert_refused_or_read(
        WHOLE[:position] + garbage + WHOLE[position + len(garbage) :]
    )


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just([1])


@given(st.sampled_from(sorted(entry(1, 1, 1, "PAYMENT"))), VALUES)
def test_field_of_any_kind_is_read_or_named(name, value):
    entries = ledger(SALE, FEE, (-3600, "DISBURSE2"))
    entries[1] = {**entries[1], name: value}
    for record in read(page(entries)):
        assert isinstance(record, (ParsedSettlement, ParseFailure))
