"""Etsy's payments: which receipt a payment is of, and what the ledger calls it."""

from __future__ import annotations

import pytest
from settlement_support import read, read_bytes, read_failure
from test_etsy_ledger import entry, page

from odoo.addons.marketplace_invoicing.channels.base import ChannelParseError
from odoo.addons.marketplace_invoicing.channels.settlement import ParsedPayment


def payment(**values) -> dict:
    money = {"amount": 10400, "divisor": 100, "currency_code": "EUR"}
    return {
        "payment_id": 101096642631,
        "buyer_user_id": 5,
        "shop_id": 6,
        "receipt_id": 2233445566,
        "amount_gross": money,
        "amount_fees": money,
        "status": "settled",
        "payment_adjustments": [],
        **values,
    }


def test_payment_names_its_receipt_and_what_was_given_back():
    parts = [{"payment_adjustment_id": 7, "payment_id": 101096642631}]
    for document in (
        page([payment(payment_adjustments=parts)]),
        payment(payment_adjustments=parts),
    ):
        [found] = read(document)
        assert isinstance(found, ParsedPayment)
        assert (found.external_ref, found.order_ref) == ("101096642631", "2233445566")
        assert found.adjustment_refs == ("7",)


def test_payment_without_a_receipt_is_named():
    failure = read_failure(page([payment(receipt_id=None)]))
    assert failure.external_ref == "101096642631"
    assert "receipt_id" in failure.where


def test_ledger_names_the_payment_and_not_the_receipt():
    values = {"reference_type": "shop_payment", "reference_id": 101096642631}
    [found] = read(page([entry(1, 10400, 10400, "PAYMENT_GROSS", **values)]))
    assert (found.lines[0].payment_ref, found.lines[0].order_ref) == (
        "101096642631",
        "",
    )


def test_refund_in_the_ledger_names_adjustment_and_payment():
    values = {
        "reference_type": "payment_adjustment",
        "reference_id": 7,
        "payment_adjustments": [{"payment_adjustment_id": 7, "payment_id": 42}],
    }
    [found] = read(page([entry(1, -10400, -10400, "REFUND_GROSS", **values)]))
    assert (found.lines[0].refund_ref, found.lines[0].payment_ref) == ("7", "42")


def test_number_of_a_listing_is_no_payment():
    values = {"reference_type": "listing", "reference_id": 42}
    [found] = read(page([entry(1, -20, -20, "listing", **values)]))
    assert (found.lines[0].payment_ref, found.lines[0].reference) == ("", "42")


def test_file_that_is_cut_off_is_refused():
    with pytest.raises(ChannelParseError):
        read_bytes(b'{"count": 1, "results": [{"payment_id": 1, "receipt_id": 2, ')
