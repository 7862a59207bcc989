"""Shopify Payments: what is paid out, of what it consists, what buyers claim back."""

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
    by_first_word,
    facts,
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


def transaction(number: int = 1, **values) -> dict:
    """Return a charge of 100.00 with a fee of 3.20 in the documented shape."""
    return {
        "id": number,
        "type": "charge",
        "test": False,
        "payout_id": 77,
        "payout_status": "paid",
        "currency": "EUR",
        "amount": "100.00",
        "fee": "3.20",
        "net": "96.80",
        "source_id": 900 + number,
        "source_type": "charge",
        "source_order_id": 5001,
        "source_order_transaction_id": 6001,
        "processed_at": "2025-03-01T10:00:00+01:00",
        "adjustment_order_transactions": None,
        "adjustment_reason": None,
        **values,
    }


def moved(number: int, kind: str, amount: str, **values) -> dict:
    return transaction(
        number, type=kind, amount=amount, fee="0.00", net=amount, **values
    )


def payout(**values) -> dict:
    return {
        "id": 77,
        "status": "paid",
        "date": "2025-03-04",
        "currency": "EUR",
        "amount": "96.80",
        "summary": {
            "charges_fee_amount": "3.20",
            "charges_gross_amount": "100.00",
            "refunds_fee_amount": "0.00",
            "refunds_gross_amount": "0.00",
        },
        **values,
    }


def dispute(**values) -> dict:
    return {
        "id": 1052608616,
        "order_id": 5001,
        "type": "chargeback",
        "amount": "11.50",
        "currency": "EUR",
        "reason": "fraudulent",
        "network_reason_code": "4827",
        "status": "needs_response",
        "evidence_due_by": "2025-03-30T19:00:00-05:00",
        "initiated_at": "2025-03-13T20:00:00-04:00",
        **values,
    }


# The real files


@pytest.mark.parametrize("name", ["payout", "payouts_list"])
def test_payouts_of_the_sample_are_as_stated(samples, name):
    code, found = read_bytes((samples / f"shopify/{name}.json").read_bytes())
    [fact] = facts(samples, f"shopify/{name}.json")
    assert code == "shopify.payouts.rest"
    assert len(found) == fact["n"]
    for settlement, stated in zip(found, fact["payouts"], strict=True):
        assert settlement.parts == {"header"}
        assert settlement.external_ref == stated["settlement_id"]
        assert settlement.currency == stated["currency"]
        assert settlement.amount_total == D(stated["total_amount"])
        assert settlement.channel_status == stated["status"]
        assert settlement.deposited_at.date().isoformat() == stated["date"]
        summed = sum(amount for _name, amount in settlement.stated_sums)
        assert summed == D(stated["summary_net"])


def test_balance_transactions_of_the_sample_add_up_as_stated(samples):
    data = (samples / "shopify/payout_balance_transactions.json").read_bytes()
    code, [found] = read_bytes(data)
    [fact] = facts(samples, "shopify/payout_balance_transactions.json")
    assert code == "shopify.balance_transactions.rest"
    assert found.parts == {"lines"}
    assert found.external_ref == fact["settlement_id"]
    assert found.currency == fact["currency"]
    assert found.rows == fact["n_rows"]
    assert found.amount_lines == D(fact["sum_of_rows"])
    stated = {name: D(net) for name, net in fact["sum_by_amount_type"].items()}
    assert {name: D(0) for name in stated} | by_first_word(found) == stated
    assert found.balances is None


def test_second_sample_of_balance_transactions_adds_up_as_stated(samples):
    data = (samples / "shopify/go_payments_transactions.json").read_bytes()
    _code, [found] = read_bytes(data)
    [fact] = facts(samples, "shopify/go_payments_transactions.json")
    assert [found.external_ref] == fact["payout_ids"]
    assert found.rows == fact["n"]
    assert found.amount_lines == D(fact["net"])
    stated = {name: D(sums["net"]) for name, sums in fact["by_type"].items()}
    assert by_first_word(found) == stated
    # A date without a time is that day all over the world.
    assert found.lines[0].posted_at == datetime(2013, 11, 1, 12, tzinfo=timezone.utc)


# Lines


def test_amount_and_fee_are_lines_of_their_own():
    found = read_one({"transactions": [transaction()]})
    assert lines_of(found) == [
        ("sale", "charge", D("100.00")),
        ("fee", "charge/fee", D("-3.20")),
    ]
    charge, fee = found.lines
    assert (charge.external_ref, fee.external_ref) == ("1", "1:fee")
    assert {charge.order_ref, fee.order_ref} == {"5001"}
    assert charge.reference == "6001"
    assert charge.where == "transactions[0]"


def test_payout_among_the_transactions_is_the_transfer_that_closes_the_sum():
    found = read_one(
        {
            "transactions": [
                moved(9, "payout", "-66.80", source_order_id=None),
                transaction(),
                moved(2, "refund", "-30.00", source_type="Payments::Refund"),
            ]
        }
    )
    assert found.amount_transferred == D("66.80")
    assert found.amount_lines == D("66.80")
    assert found.balances is True
    assert [line.refund_ref for line in found.lines] == ["", "", "", "902"]


def test_returned_payout_is_part_of_the_next_and_names_the_one_that_failed():
    """97.00 that did not arrive + 48.50 = 145.50 paid out."""
    found = read_one(
        {
            "transactions": [
                moved(1, "payout_failure", "97.00", source_id=76, source_type="payout"),
                moved(2, "charge", "48.50"),
                moved(3, "payout", "-145.50"),
            ]
        }
    )
    assert found.balances is True
    assert (found.amount_lines, found.amount_transferred) == (D("145.50"), D("145.50"))
    assert (found.lines[0].type, found.lines[0].reference) == ("payout_return", "76")


@pytest.mark.parametrize(
    "kind, meant, is_dispute",
    [
        ("dispute", "refund", True),
        ("chargeback_fee", "fee", True),
        ("reserve", "reserve", False),
        ("adjustment", "adjustment", False),
        ("credit", "adjustment", False),
        ("debit", "adjustment", False),
        ("payout_failure", "payout_return", False),
        ("payout_cancellation", "payout_return", False),
        ("something_new", "adjustment", False),
    ],
)
def test_every_type_keeps_its_word_and_has_a_meaning(kind, meant, is_dispute):
    [line] = read_one({"transactions": [moved(1, kind, "-5.00")]}).lines
    assert (line.type, line.code, line.is_dispute) == (meant, kind, is_dispute)


def test_adjustment_is_coded_by_its_reason_and_finds_its_only_order():
    reason = {
        "adjustment_reason": "tax_adjustment",
        "source_order_id": None,
        "adjustment_order_transactions": [{"id": 1, "order": {"id": 5002}}],
    }
    [line] = read_one({"transactions": [moved(1, "debit", "-0.75", **reason)]}).lines
    assert (line.code, line.order_ref) == ("debit/tax_adjustment", "5002")


def test_transactions_are_sorted_by_payout_and_the_rest_belongs_to_none():
    found = read(
        {
            "transactions": [
                transaction(1),
                transaction(2, payout_id=None, payout_status="pending"),
                transaction(3, payout_id=78, currency="USD"),
                transaction(4),
            ]
        }
    )
    assert [(x.external_ref, x.currency, x.rows) for x in found] == [
        ("77", "EUR", 2),
        ("", "EUR", 1),
        ("78", "USD", 1),
    ]


def test_row_that_is_listed_twice_counts_once():
    found = read_one({"transactions": [transaction(), transaction()]})
    assert found.amount_lines == D("96.80")


def test_bad_row_is_named_and_its_neighbours_are_read():
    bad = transaction(2, amount="1,00")
    failure, found = read({"transactions": [transaction(1), bad, transaction(3)]})
    assert isinstance(failure, ParseFailure)
    assert failure.message == "transactions[1].amount: not a decimal"
    assert failure.external_ref == "2"
    assert found.rows == 2


@pytest.mark.parametrize(
    "values, message",
    [
        ({"net": "90.00"}, "transactions[0].net: 90.00 is not 100.00 less a fee"),
        ({"amount": None}, "transactions[0].amount: missing"),
        ({"currency": "EURO"}, "transactions[0].currency: not a currency code"),
        ({"test": True}, "transactions[0].test: a payment made for a test"),
    ],
)
def test_row_that_cannot_be_booked_is_refused_with_its_place(values, message):
    failure = read_failure({"transactions": [transaction(**values)]})
    assert failure.message.startswith(message)


def test_payout_in_two_currencies_is_refused():
    rows = [transaction(1), transaction(2, currency="USD")]
    assert "currency USD" in read_failure({"transactions": rows}).reason


# Heads


def test_payout_states_its_sums_with_fees_negative():
    found = read_one({"payouts": [payout()]})
    assert found.amount_total == D("96.80")
    assert found.status == "paid"
    assert found.stated_sums == (
        ("charges/fee", D("-3.20")),
        ("charges", D("100.00")),
    )
    assert found.deposited_at == datetime(2025, 3, 4, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "word, status",
    [
        ("scheduled", "closed"),
        ("in_transit", "closed"),
        ("paid", "paid"),
        ("failed", "failed"),
        ("canceled", "cancelled"),
        ("lost", "unknown"),
    ],
)
def test_status_of_a_payout(word, status):
    assert read_one({"payout": payout(status=word)}).status == status


# Disputes


def test_dispute_says_what_is_claimed_and_until_when_to_answer():
    found = read_one({"disputes": [dispute()]})
    assert found.external_ref == ""
    [line] = found.lines
    assert line.is_dispute
    assert (line.type, line.code, line.amount) == (
        "refund",
        "dispute/chargeback",
        D("-11.50"),
    )
    assert (line.external_ref, line.refund_ref) == (
        "dispute:1052608616",
        "1052608616",
    )
    assert line.order_ref == "5001"
    assert line.respond_by == datetime(2025, 3, 31, 0, tzinfo=timezone.utc)
    assert line.description == "fraudulent, 4827, needs_response"


@pytest.mark.parametrize(
    ("status", "meant"),
    [
        ("needs_response", "open"),
        ("under_review", "review"),
        ("won", "won"),
        ("lost", "lost"),
        ("accepted", "lost"),
        ("charge_refunded", "lost"),
        ("something_new", "open"),
    ],
)
def test_every_status_of_a_dispute_has_a_meaning(status, meant):
    [line] = read_one({"disputes": [dispute(status=status)]}).lines
    assert line.dispute_status == meant


def test_single_dispute_reads_like_one_of_a_list():
    assert read_one({"dispute": dispute()}).lines[0].order_ref == "5001"


# GraphQL


def money(amount: str) -> dict:
    return {"amount": amount, "currencyCode": "EUR"}


def node(number: int, kind: str, amount: str, fee: str, net: str, **values) -> dict:
    return {
        "id": f"gid://shopify/ShopifyPaymentsBalanceTransaction/{number}",
        "type": kind,
        "test": False,
        "amount": money(amount),
        "fee": money(fee),
        "net": money(net),
        "sourceId": str(900 + number),
        "sourceType": "CHARGE",
        "sourceOrderTransactionId": "6001",
        "transactionDate": "2025-03-01T09:00:00Z",
        "associatedOrder": {"id": "gid://shopify/Order/5001", "name": "#1001"},
        "associatedPayout": {
            "id": "gid://shopify/ShopifyPaymentsPayout/77",
            "status": "PAID",
        },
        **values,
    }


def account(**connections) -> dict:
    return {"data": {"shopifyPaymentsAccount": connections}}


def test_graphql_charge_reads_like_the_rest_one():
    found = read_one(
        account(
            balanceTransactions={"nodes": [node(1, "CHARGE", "100.0", "3.2", "96.8")]}
        )
    )
    same = read_one({"transactions": [transaction()]})
    assert found.external_ref == same.external_ref == "77"
    assert lines_of(found) == lines_of(same)
    for line, other in zip(found.lines, same.lines, strict=True):
        assert line.external_ref == other.external_ref
        assert line.order_ref == other.order_ref
        assert line.posted_at == other.posted_at


def test_graphql_answer_holds_payouts_lines_and_disputes_at_once():
    head = {
        "id": "gid://shopify/ShopifyPaymentsPayout/77",
        "legacyResourceId": "77",
        "issuedAt": "2025-03-04T06:00:00Z",
        "status": "PAID",
        "transactionType": "DEPOSIT",
        "externalTraceId": "TRACE-1",
        "net": money("96.8"),
        "summary": {
            "chargesGross": money("100.0"),
            "chargesFee": money("3.2"),
            "refundsFeeGross": money("0.0"),
            "refundsFee": money("0.0"),
        },
    }
    claim = {
        "id": "gid://shopify/ShopifyPaymentsDispute/8",
        "amount": money("11.50"),
        "order": {"id": "gid://shopify/Order/5001"},
        "type": "INQUIRY",
        "status": "NEEDS_RESPONSE",
        "reasonDetails": {"reason": "FRAUDULENT", "networkReasonCode": "4827"},
        "evidenceDueBy": "2025-03-30",
        "initiatedAt": "2025-03-13T00:00:00Z",
    }
    found = read(
        account(
            payouts={"edges": [{"node": head}]},
            balanceTransactions={
                "edges": [
                    {"node": node(9, "TRANSFER", "-96.8", "0", "-96.8")},
                    {"node": node(1, "CHARGE", "100.0", "3.2", "96.8")},
                ]
            },
            disputes={"nodes": [claim]},
        )
    )
    payout_head, lines, claims = found
    assert payout_head.parts == {"header"}
    assert (payout_head.external_ref, payout_head.bank_ref) == ("77", "TRACE-1")
    assert payout_head.amount_total == D("96.8")
    assert payout_head.status == "paid"
    assert dict(payout_head.stated_sums) == {
        "charges": D("100.0"),
        "charges/fee": D("-3.2"),
    }
    assert lines.balances is True
    [line] = claims.lines
    assert (line.code, line.refund_ref) == ("dispute/inquiry", "8")
    assert line.respond_by == datetime(2025, 3, 30, 12, tzinfo=timezone.utc)


def test_money_taken_from_the_bank_is_a_negative_payout():
    head = {
        "id": "gid://shopify/ShopifyPaymentsPayout/78",
        "net": money("15.00"),
        "status": "PAID",
        "transactionType": "WITHDRAWAL",
    }
    assert read_one(account(payouts={"nodes": [head]})).amount_total == D("-15.00")


# Whatever comes

CENTS = st.integers(-(10**9), 10**9).map(lambda cents: Decimal(cents) / 100)
KINDS = st.sampled_from(
    ["charge", "refund", "dispute", "reserve", "adjustment", "credit", "debit", "new"]
)


@given(st.lists(st.tuples(KINDS, CENTS, CENTS), max_size=30))
def test_lines_sum_to_the_net_of_the_rows(rows):
    document = [
        transaction(
            index, type=kind, amount=str(amount), fee=str(fee), net=str(amount - fee)
        )
        for index, (kind, amount, fee) in enumerate(rows, start=1)
    ]
    found = read({"transactions": document}) if rows else []
    total = sum((amount - fee for _kind, amount, fee in rows), D(0))
    assert sum((x.amount_lines for x in found), D(0)) == total
    by_code = [sum(x.sum_by_code.values(), D(0)) for x in found]
    assert sum(by_code, D(0)) == total
    assert all(isinstance(x, ParsedSettlement) for x in found)


WHOLE = json.dumps(
    {"transactions": [transaction(1), moved(2, "payout", "-96.80")]}
).encode()


@pytest.mark.parametrize("end", range(1, len(WHOLE), 40))
def test_file_that_is_cut_off_gives_no_settlement(end):
    with pytest.raises(ChannelParseError):
        read_bytes(WHOLE[:end])


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=3))
def test_garbled_file_is_refused_or_read_and_nothing_else(position, garbage):
    data = WHOLE[:position] + garbage + WHOLE[position + len(garbage) :]
    assert_refused_or_read(data)


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just([1])


@given(st.sampled_from(sorted(transaction())), VALUES)
def test_field_of_any_kind_is_read_or_named(name, value):
    for record in read(
        {"transactions": [transaction(), {**transaction(2), name: value}]}
    ):
        assert isinstance(record, (ParsedSettlement, ParseFailure))


GRAPHQL_NODE = node(1, "CHARGE", "1", "0", "1")


@given(st.sampled_from([*sorted(GRAPHQL_NODE), "adjustmentsOrders"]), VALUES)
def test_graphql_field_of_any_kind_is_read_or_named(name, value):
    bad = {**GRAPHQL_NODE, name: value}
    for record in read(account(balanceTransactions={"nodes": [GRAPHQL_NODE, bad]})):
        assert isinstance(record, (ParsedSettlement, ParseFailure))
