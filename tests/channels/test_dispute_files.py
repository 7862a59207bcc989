"""Disputes as Stripe, PayPal, eBay and Shopify tell of them: what, until when, how it stands."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest
from settlement_support import D, read, read_bytes

from odoo.addons.marketplace_invoicing.channels.base import ParseFailure

DISPUTE = {
    "id": "dp_1",
    "object": "dispute",
    "amount": 11500,
    "balance_transactions": [],
    "charge": "ch_9",
    "created": 1709900000,
    "currency": "eur",
    "evidence_details": {
        "due_by": 1741046400,
        "has_evidence": False,
        "past_due": False,
        "submission_count": 0,
    },
    "is_charge_refundable": False,
    "livemode": True,
    "metadata": {"order_id": "1001"},
    "payment_intent": "pi_9",
    "reason": "fraudulent",
    "status": "needs_response",
}


def read_one(**values):
    document = {"object": "list", "data": [{**DISPUTE, **values}], "has_more": False}
    code, [found] = read_bytes(json.dumps(document).encode())
    assert code == "stripe.disputes"
    [line] = found.lines
    return found, line


def test_stripes_dispute_says_what_is_claimed_and_until_when_to_answer():
    found, line = read_one()
    assert (found.external_ref, found.currency) == ("", "EUR")
    assert (line.external_ref, line.type, line.amount) == (
        "dispute:dp_1",
        "refund",
        D("-115.00"),
    )
    assert (line.order_ref, line.refund_ref, line.reference) == ("1001", "dp_1", "pi_9")
    assert line.respond_by == datetime(2025, 3, 4, tzinfo=timezone.utc)
    assert line.is_dispute and line.dispute_status == "open"
    assert line.description == "fraudulent, needs_response"


@pytest.mark.parametrize(
    ("status", "meant"),
    [
        ("warning_needs_response", "open"),
        ("needs_response", "open"),
        ("warning_under_review", "review"),
        ("under_review", "review"),
        ("warning_closed", "won"),
        ("prevented", "won"),
        ("won", "won"),
        ("lost", "lost"),
        ("something_new", "open"),
    ],
)
def test_every_status_of_stripe_has_a_meaning(status, meant):
    assert read_one(status=status)[1].dispute_status == meant


def test_stripes_dispute_finds_the_order_in_the_charge_that_was_asked_for():
    charge = {"id": "ch_9", "metadata": {"order_id": "1002"}}
    assert read_one(metadata={}, charge=charge)[1].order_ref == "1002"


def test_stripes_dispute_without_its_amount_is_refused_and_the_next_is_read():
    refused, found = read([{**DISPUTE, "amount": None}, {**DISPUTE, "id": "dp_2"}])
    assert isinstance(refused, ParseFailure)
    assert [line.refund_ref for line in found.lines] == ["dp_2"]


@pytest.mark.parametrize(("gross", "status"), [("-115.00", "open"), ("115.00", "won")])
def test_paypal_takes_the_money_of_a_claim_and_gives_it_back(gross, status):
    text = (
        "Date,Time,TimeZone,Name,Type,Status,Currency,Gross,Fee,Net,Transaction ID,"
        "Item Title,Reference Txn ID,Invoice Number,Balance\n"
        f"09/16/2025,10:00:00,PDT,Ann Buyer,Chargeback,Completed,USD,{gross},0.00,{gross},"
        "TX16,,TX9,1001,0.00\n"
    )
    _code, [found] = read_bytes(text.encode())
    [line] = [line for line in found.lines if line.type == "refund"]
    assert (line.order_ref, line.reference) == ("1001", "TX9")
    assert line.is_dispute and line.dispute_status == status
