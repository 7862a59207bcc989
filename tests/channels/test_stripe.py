"""Stripe's balance transactions and payouts: units, fees, conversions, whose payout a row is."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from settlement_support import (
    D,
    assert_refused_or_read,
    facts,
    lines_of,
    read,
    read_bytes,
    read_failure,
    read_one,
)

from odoo.addons.marketplace_invoicing.channels import intake
from odoo.addons.marketplace_invoicing.channels.base import (
    ChannelParseError,
    ParseFailure,
)
from odoo.addons.marketplace_invoicing.channels.settlement import ParsedSettlement
from odoo.addons.marketplace_invoicing.channels.stripe_currencies import (
    THREE_DECIMAL,
    ZERO_DECIMAL,
    from_minor,
)


def transaction(
    number: int = 1, cents: int = 10000, charged: int = 320, **values
) -> dict:
    """Return a charge of 100.00 EUR with a fee of 3.20 in the documented shape."""
    details = [
        {
            "amount": charged,
            "application": None,
            "currency": "eur",
            "description": "Stripe processing fees",
            "type": "stripe_fee",
        }
    ]
    return {
        "id": f"txn_{number}",
        "object": "balance_transaction",
        "amount": cents,
        "available_on": 1741046400,
        "created": 1740823200,
        "currency": "eur",
        "description": None,
        "exchange_rate": None,
        "fee": charged,
        "fee_details": details if charged else [],
        "net": cents - charged,
        "reporting_category": "charge",
        "source": f"ch_{number}",
        "status": "available",
        "type": "charge",
        **values,
    }


def moved(number: int, category: str, amount: int, **values) -> dict:
    return transaction(
        number,
        amount,
        0,
        **{"reporting_category": category, "type": category, **values},
    )


def paid_out(number: int, amount: int, source: object = "po_1") -> dict:
    return moved(number, "payout", -amount, source=source)


def listed(*data: dict) -> dict:
    return {
        "object": "list",
        "url": "/v1/balance_transactions",
        "has_more": False,
        "data": list(data),
    }


# The real files


def test_balance_transaction_of_the_sample_is_as_stated(samples):
    data = (samples / "stripe/balance_transaction.json").read_bytes()
    code, [found] = read_bytes(data)
    [fact] = facts(samples, "stripe/balance_transaction.json")
    assert code == "stripe.balance_transactions"
    assert found.external_ref == ""
    assert found.currency == fact["currency"].upper()
    # SOURCES.md leaves Stripe's amounts in cents.
    assert lines_of(found) == [("sale", fact["type"], D(fact["amount"]) / 100)]
    assert found.amount_lines == D(fact["net"]) / 100
    assert found.lines[0].external_ref == fact["id"]


def test_payout_of_the_sample_is_as_stated(samples):
    code, [found] = read_bytes((samples / "stripe/payout.json").read_bytes())
    [fact] = facts(samples, "stripe/payout.json")
    assert code == "stripe.payouts"
    assert found.parts == {"header"}
    assert found.external_ref == fact["id"]
    assert found.amount_total == D(fact["amount"]) / 100
    assert (found.channel_status, found.status) == (fact["status"], "closed")


@pytest.mark.parametrize("name", ["charge", "refund", "transfer"])
def test_objects_that_move_no_balance_are_recognised_and_not_read(samples, name):
    with (samples / f"stripe/{name}.json").open("rb") as source:
        document = intake.open_document(source, name)
        fmt = intake.detect(intake.sample(document), intake.all_formats())
    assert (fmt.code, fmt.kind, fmt.parse) == (f"stripe.{name}s", "other", None)


# Units


@pytest.mark.parametrize(
    "currency, minor, amount",
    [("jpy", 500, "500"), ("usd", 1000, "10.00"), ("kwd", 5120, "5.120")],
)
def test_documented_units_of_currencies(currency, minor, amount):
    """500 yen, 10 dollars and 5.12 dinars: the examples of Stripe's page on currencies."""
    found = read_one(moved(1, "charge", minor, currency=currency))
    assert found.currency == currency.upper()
    assert str(found.lines[0].amount) == amount


@given(
    st.sampled_from([*sorted(ZERO_DECIMAL), *sorted(THREE_DECIMAL), "EUR", "ISK"]),
    st.integers(-(10**12), 10**12),
)
def test_smallest_units_of_any_currency_round_trip(currency, minor):
    amount = from_minor(minor, currency, "")
    factor = (
        1 if currency in ZERO_DECIMAL else 1000 if currency in THREE_DECIMAL else 100
    )
    assert amount * factor == minor


def test_currency_whose_unit_is_documented_in_two_ways_is_not_guessed():
    failure = read_failure(moved(1, "charge", 500, currency="ugx"))
    assert failure.message == "amount: the smallest unit of UGX is not known"


def test_fraction_of_a_cent_is_refused():
    failure = read_failure(listed({**transaction(), "amount": 10.5}))
    assert failure.where == "data[0].amount"


# Lines


def test_fee_is_a_line_for_each_of_its_parts():
    details = [
        {"amount": 290, "currency": "eur", "type": "stripe_fee", "description": "Fees"},
        {"amount": 30, "currency": "eur", "type": "tax", "description": "VAT"},
    ]
    found = read_one(transaction(fee_details=details))
    assert lines_of(found) == [
        ("sale", "charge", D("100.00")),
        ("fee", "fee/stripe_fee", D("-2.90")),
        ("fee", "fee/tax", D("-0.30")),
    ]
    assert [line.external_ref for line in found.lines] == [
        "txn_1",
        "txn_1:fee1",
        "txn_1:fee2",
    ]
    assert found.amount_lines == D("96.80")


@pytest.mark.parametrize(
    "values, message",
    [
        ({"net": 9000}, "data[0].net: 90.00 is not 100.00 less a fee of 3.20"),
        ({"fee": 300}, "data[0].fee: fee_details do not sum to the fee"),
        ({"amount": None}, "data[0].amount: missing"),
        ({"fee": "x"}, "data[0].fee: not a decimal"),
        ({"currency": None}, "data[0].currency: not a currency code"),
    ],
)
def test_row_that_contradicts_itself_is_refused(values, message):
    failure = read_failure(listed(transaction(**values), transaction(2)))
    assert failure.message == message
    assert failure.external_ref == "txn_1"


@pytest.mark.parametrize(
    "category, kind, meant, code",
    [
        ("charge", "payment", "sale", "charge/payment"),
        ("refund", "payment_refund", "refund", "refund/payment_refund"),
        ("dispute", "adjustment", "refund", "dispute/adjustment"),
        ("fee", "stripe_fee", "fee", "fee/stripe_fee"),
        (
            "risk_reserved_funds",
            "reserved_funds",
            "reserve",
            "risk_reserved_funds/reserved_funds",
        ),
        ("other_adjustment", "adjustment", "adjustment", "other_adjustment/adjustment"),
        ("something_new", "something_new", "adjustment", "something_new"),
        (
            "payout_reversal",
            "payout_failure",
            "payout_return",
            "payout_reversal/payout_failure",
        ),
        (
            "payout_reversal",
            "payout_cancel",
            "payout_return",
            "payout_reversal/payout_cancel",
        ),
        ("topup", "topup", "payout_return", "topup"),
        ("topup_reversal", "topup_reversal", "payout_return", "topup_reversal"),
    ],
)
def test_category_decides_the_type_and_keeps_its_word(category, kind, meant, code):
    [line] = read_one(moved(1, category, -500, type=kind)).lines
    assert (line.type, line.code) == (meant, code)


def test_returned_payout_names_the_payout_that_failed():
    """97.00 come back and are part of what the next payout of 145.50 consists of."""
    rows = [
        moved(1, "payout_reversal", 9700, type="payout_failure", source="po_1"),
        moved(2, "charge", 4850, type="charge"),
        moved(3, "payout", -14550, type="payout", source="po_2"),
    ]
    found = [x for x in read({"object": "list", "data": rows}) if x.lines][0]
    assert (found.external_ref, found.amount_lines) == ("po_2", D("145.50"))
    assert (found.lines[0].type, found.lines[0].reference) == ("payout_return", "po_1")


def test_dispute_is_marked_with_its_deadline():
    source = {
        "id": "dp_1",
        "object": "dispute",
        "charge": "ch_9",
        "payment_intent": "pi_9",
        "evidence_details": {"due_by": 1741046400},
    }
    [line] = read_one(
        moved(1, "dispute", -10000, type="adjustment", source=source)
    ).lines
    assert line.is_dispute
    assert (line.refund_ref, line.reference) == ("dp_1", "pi_9")
    assert line.respond_by == datetime(2025, 3, 4, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "values, order",
    [
        ({"source": {"id": "ch_1", "metadata": {"order_id": "1001"}}}, "1001"),
        ({"source": {"id": "ch_1", "description": "Order #1002"}}, "1002"),
        ({"source": {"id": "re_1", "charge": {"metadata": {"order": "A-7"}}}}, "A-7"),
        ({"description": "Handmade - Order 1003"}, "1003"),
        ({"description": "Bestellung Nr. 2024-17"}, "2024-17"),
        ({"description": "STRIPE PAYOUT"}, ""),
        ({"description": "In order to pay"}, ""),
        ({"source": "ch_1"}, ""),
    ],
)
def test_order_is_found_where_shops_write_it(values, order):
    found = read_one(transaction(**values))
    assert {line.order_ref for line in found.lines} == {order}


def test_converted_charge_tells_what_the_buyer_paid():
    source = {"id": "ch_1", "object": "charge", "amount": 15000, "currency": "jpy"}
    found = read_one(transaction(exchange_rate=0.0066, source=source))
    charge, fee = found.lines
    assert (charge.original_amount, charge.original_currency) == (D(15000), "JPY")
    assert fee.original_amount is None


def test_what_was_converted_is_unknown_where_the_source_is_only_an_id():
    assert read_one(transaction(exchange_rate=0.0066)).lines[0].original_amount is None


# Payouts


def test_rows_that_sum_to_the_only_payout_belong_to_it():
    head, found = read(
        listed(paid_out(9, 6680), transaction(1), moved(2, "refund", -3000))
    )
    assert head.parts == {"header"}
    assert (head.external_ref, head.amount_total) == ("po_1", D("66.80"))
    assert (found.external_ref, found.rows) == ("po_1", 3)
    assert found.balances is True
    assert found.amount_transferred == D("66.80")


def test_rows_that_do_not_sum_to_the_payout_belong_to_none():
    head, found = read(listed(paid_out(9, 6600), transaction(1)))
    assert (head.external_ref, head.amount_total) == ("po_1", D("66.00"))
    assert (found.external_ref, found.rows) == ("", 1)
    assert found.balances is None


def test_fee_of_an_instant_payout_is_not_lost():
    instant = transaction(
        9, -9500, 100, reporting_category="payout", type="payout", source="po_1"
    )
    head, found = read(listed(instant, transaction()))
    assert head.amount_total == D("95.00")
    assert found.amount_lines == D("95.80")
    assert [line.external_ref for line in found.lines] == [
        "txn_9:fee1",
        "txn_1",
        "txn_1:fee1",
    ]


def test_two_payouts_in_a_file_claim_no_rows():
    found = read(
        listed(
            paid_out(8, 9680), paid_out(9, 9680, "po_2"), transaction(), transaction(2)
        )
    )
    assert [(x.external_ref, len(x.lines)) for x in found] == [
        ("po_1", 0),
        ("po_2", 0),
        ("", 4),
    ]


def test_every_currency_is_paid_out_by_itself():
    dollars = transaction(2, currency="usd")
    found = read(listed(paid_out(9, 9680), transaction(1), dollars))
    assert [(x.external_ref, x.currency) for x in found] == [
        ("po_1", "EUR"),
        ("po_1", "EUR"),
        ("", "USD"),
    ]


def payout(**values) -> dict:
    return {
        "id": "po_1",
        "object": "payout",
        "amount": 6680,
        "arrival_date": 1741046400,
        "automatic": True,
        "created": 1740823200,
        "currency": "eur",
        "destination": "ba_1",
        "statement_descriptor": None,
        "status": "paid",
        "trace_id": {"status": "supported", "value": "TR-1"},
        "type": "bank_account",
        **values,
    }


def test_payout_names_amount_day_and_what_the_bank_will_say():
    bank = {"id": "ba_1", "object": "bank_account", "last4": "6789"}
    found = read_one(listed(payout(destination=bank)))
    assert found.amount_total == D("66.80")
    assert found.deposited_at == datetime(2025, 3, 4, tzinfo=timezone.utc)
    assert (found.bank_ref, found.account_tail, found.status) == (
        "TR-1",
        "6789",
        "paid",
    )


@pytest.mark.parametrize(
    "word, status",
    [
        ("pending", "closed"),
        ("failed", "failed"),
        ("canceled", "cancelled"),
        ("x", "unknown"),
    ],
)
def test_status_of_a_payout(word, status):
    assert read_one(payout(status=word)).status == status


# Whatever comes

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["charge", "refund", "fee", "dispute", "payout", "new"]),
        st.integers(-(10**9), 10**9),
        st.integers(0, 10**6),
        st.sampled_from(["eur", "jpy", "kwd"]),
    ),
    min_size=1,
    max_size=20,
)


@given(ROWS)
def test_lines_and_heads_sum_to_the_net_of_the_rows(rows):
    document = [
        {
            **transaction(number, amount, fee, currency=currency),
            "reporting_category": category,
            "type": category,
        }
        for number, (category, amount, fee, currency) in enumerate(rows)
    ]
    found = read(listed(*document))
    assert all(isinstance(x, ParsedSettlement) for x in found)
    for currency, digits in (("eur", 2), ("jpy", 0), ("kwd", 3)):
        mine = [x for x in found if x.currency == currency.upper()]
        told = {x.external_ref for x in mine if "lines" in x.parts and x.external_ref}
        lines = sum((line.amount for x in mine for line in x.lines), D(0))
        heads = [x for x in mine if x.parts == {"header"}]
        alone = sum((x.amount_total for x in heads if x.external_ref not in told), D(0))
        net = sum(
            (
                D(a - fee).scaleb(-digits)
                for _c, a, fee, code in rows
                if code == currency
            ),
            D(0),
        )
        assert lines - alone == net


WHOLE = json.dumps(listed(transaction(1), paid_out(2, 9680))).encode()


@pytest.mark.parametrize("end", range(1, len(WHOLE), 60))
def test_file_that_is_cut_off_gives_no_settlement(end):
    with pytest.raises(ChannelParseError):
        read_bytes(WHOLE[:end])


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=3))
def test_garbled_file_is_refused_or_read_and_nothing_else(position, garbage):
    assert_refused_or_read(
        WHOLE[:position] + garbage + WHOLE[position + len(garbage) :]
    )


VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.just([1])
    | st.dictionaries(st.sampled_from(["id", "metadata", "amount"]), st.integers())
)


@given(st.sampled_from(sorted(transaction())), VALUES)
def test_field_of_any_kind_is_read_or_named(name, value):
    for record in read(listed(transaction(), {**transaction(2), name: value})):
        assert isinstance(record, (ParsedSettlement, ParseFailure))


@given(st.sampled_from(sorted(payout())), VALUES)
def test_payout_field_of_any_kind_is_read_or_named(name, value):
    for record in read(listed(payout(), {**payout(), name: value})):
        assert isinstance(record, (ParsedSettlement, ParseFailure))


def test_error_message_in_place_of_rows_is_passed_on():
    answer = {"error": {"message": "Invalid API Key"}, **dict.fromkeys(["data"], None)}
    with pytest.raises(ChannelParseError):
        read(answer)


def test_exactness_survives_large_amounts():
    found = read_one(moved(1, "charge", 999999999999))
    assert found.lines[0].amount == Decimal("9999999999.99")
