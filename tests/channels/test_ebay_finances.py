"""eBay's Finances API: unsigned amounts, net sales, fees in another currency, split payouts."""

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


def money(value: str, currency: str = "USD", **values) -> dict:
    return {"value": value, "currency": currency, **values}


def transaction(kind: str, value: str, entry: str = "DEBIT", **values) -> dict:
    return {
        "transactionId": f"{kind}-1",
        "payoutId": "6556",
        "salesRecordReference": "0",
        "transactionType": kind,
        "amount": money(value),
        "bookingEntry": entry,
        "transactionDate": "2025-03-01T10:00:00.000Z",
        "transactionStatus": "PAYOUT",
        "paymentsEntity": "eBay Commerce Inc.",
        **values,
    }


def with_fees(
    kind: str, net: str, fees: dict[str, str], currency: str = "USD", **values
) -> dict:
    total = sum((D(fee) for fee in fees.values()), D(0))
    return transaction(
        kind,
        net,
        orderId="04-1",
        totalFeeAmount=money(str(total), currency),
        totalFeeBasisAmount=money(str(D(net) + total), currency),
        orderLineItems=[
            {
                "lineItemId": "100",
                "marketplaceFees": [
                    {"feeType": name, "amount": money(fee, currency)}
                    for name, fee in fees.items()
                ],
            }
        ],
        **values,
    )


FEES = {
    "FINAL_VALUE_FEE_FIXED_PER_ORDER": "0.44",
    "FINAL_VALUE_FEE": "27.53",
    "INTERNATIONAL_FEE": "3.28",
}


def sale(**values) -> dict:
    """Return a sale of 220.54: 189.29 after fees of 0.44 + 27.53 + 3.28 = 31.25."""
    return with_fees("SALE", "189.29", FEES, entry="CREDIT", **values)


# Sales and refunds


def test_sale_is_net_of_its_fees_so_gross_is_what_the_fees_are_based_on():
    """189.29 + 31.25 = 220.54, which is totalFeeBasisAmount."""
    found = read_one({"transactions": [sale()]})
    assert lines_of(found) == [
        ("sale", "SALE", D("220.54")),
        ("fee", "marketplaceFees/FINAL_VALUE_FEE_FIXED_PER_ORDER", D("-0.44")),
        ("fee", "marketplaceFees/FINAL_VALUE_FEE", D("-27.53")),
        ("fee", "marketplaceFees/INTERNATIONAL_FEE", D("-3.28")),
    ]
    assert found.amount_lines == D("189.29")
    assert found.external_ref == "6556"
    assert {line.order_ref for line in found.lines} == {"04-1"}
    assert [line.order_line_ref for line in found.lines] == ["", "100", "100", "100"]


def test_refund_takes_the_gross_and_gives_fees_back():
    """122.31 + 21.67 = 143.98: the fees that come back lower what the refund costs."""
    fees = {"INTERNATIONAL_FEE": "2.30", "FINAL_VALUE_FEE": "19.37"}
    found = read_one({"transactions": [with_fees("REFUND", "122.31", fees)]})
    assert lines_of(found) == [
        ("refund", "REFUND", D("-143.98")),
        ("fee", "marketplaceFees/INTERNATIONAL_FEE", D("2.30")),
        ("fee", "marketplaceFees/FINAL_VALUE_FEE", D("19.37")),
    ]
    assert found.amount_lines == D("-122.31")
    assert found.lines[0].refund_ref == "REFUND-1"


def test_collected_tax_is_no_money_of_the_seller_but_is_told():
    for name in ("eBayCollectedTaxAmount", "ebayCollectedTaxAmount"):
        found = read_one({"transactions": [sale(**{name: money("4.62")})]})
        assert found.amount_lines == D("189.29")
        assert found.lines[0].description == "tax collected by eBay: 4.62 USD"


def test_fees_of_a_converted_sale_are_converted_with_it():
    """(128.25 - 21.78) GBP = 106.47 GBP = 140.40 USD at 1.31869.

    The fees are 21.78 x 1.31869 = 28.72 USD, so the gross is 140.40 + 28.72 = 169.12 USD.
    """
    amount = money(
        "140.40",
        exchangeRate="1.31869",
        convertedFromValue="106.47",
        convertedFromCurrency="GBP",
    )
    row = with_fees(
        "SALE", "140.40", {"FINAL_VALUE_FEE": "21.78"}, "GBP", entry="CREDIT"
    )
    found = read_one({"transactions": [{**row, "amount": amount}]})
    gross, fee = found.lines
    assert (gross.amount, fee.amount) == (D("169.12"), D("-28.72"))
    assert (gross.original_amount, gross.original_currency) == (D("128.25"), "GBP")
    assert fee.original_amount is None
    assert found.currency == "USD"


def test_rate_is_found_from_both_amounts_where_it_is_not_stated():
    amount = money("200.00", convertedFromValue="100.00", convertedFromCurrency="GBP")
    row = with_fees(
        "SALE", "200.00", {"FINAL_VALUE_FEE": "10.00"}, "GBP", entry="CREDIT"
    )
    found = read_one({"transactions": [{**row, "amount": amount}]})
    assert [line.amount for line in found.lines] == [D("220.00"), D("-20.00")]


def test_fee_in_another_currency_without_a_rate_is_refused():
    row = with_fees(
        "SALE", "140.40", {"FINAL_VALUE_FEE": "21.78"}, "GBP", entry="CREDIT"
    )
    failure = read_failure({"transactions": [row]})
    assert failure.reason == "a fee in GBP, and no rate to USD"
    assert failure.external_ref == "SALE-1"


def test_parts_that_do_not_sum_to_the_stated_fee_are_one_fee():
    row = sale()
    row["totalFeeAmount"] = money("31.20")
    found = read_one({"transactions": [row]})
    assert lines_of(found) == [
        ("sale", "SALE", D("220.49")),
        ("fee", "marketplaceFees/FEE", D("-31.20")),
    ]


# Everything else


@pytest.mark.parametrize(
    "kind, entry, values, expected",
    [
        (
            "NON_SALE_CHARGE",
            "DEBIT",
            {"feeType": "AD_FEE"},
            ("fee", "NON_SALE_CHARGE/AD_FEE", D("-5.00")),
        ),
        (
            "NON_SALE_CHARGE",
            "CREDIT",
            {"feeType": "AD_FEE"},
            ("fee", "NON_SALE_CHARGE/AD_FEE", D("5.00")),
        ),
        ("SHIPPING_LABEL", "DEBIT", {}, ("fee", "SHIPPING_LABEL", D("-5.00"))),
        ("DISPUTE", "DEBIT", {}, ("refund", "DISPUTE", D("-5.00"))),
        ("CREDIT", "CREDIT", {}, ("adjustment", "CREDIT", D("5.00"))),
        ("TRANSFER", "CREDIT", {}, ("adjustment", "TRANSFER", D("5.00"))),
        ("WITHDRAWAL", "DEBIT", {}, ("transfer", "WITHDRAWAL", D("-5.00"))),
        ("LOAN_REPAYMENT", "DEBIT", {}, ("adjustment", "LOAN_REPAYMENT", D("-5.00"))),
        ("HOLD", "DEBIT", {}, ("reserve", "HOLD", D("-5.00"))),
        ("SOMETHING_NEW", "DEBIT", {}, ("adjustment", "SOMETHING_NEW", D("-5.00"))),
    ],
)
def test_booking_entry_gives_the_sign_and_the_type_its_meaning(
    kind, entry, values, expected
):
    found = read_one({"transactions": [transaction(kind, "5.00", entry, **values)]})
    assert lines_of(found) == [expected]


def test_order_of_a_charge_is_among_its_references():
    refs = [
        {"referenceId": "355789037190", "referenceType": "ITEM_ID"},
        {"referenceId": "04-1", "referenceType": "ORDER_ID"},
    ]
    row = transaction("NON_SALE_CHARGE", "4.85", feeType="AD_FEE", references=refs)
    [line] = read_one({"transactions": [row]}).lines
    assert (line.order_ref, line.reference) == ("04-1", "355789037190")


def test_money_that_comes_back_after_a_dispute_ends_the_dispute():
    case = {
        "references": [{"referenceId": "53", "referenceType": "CASE_ID"}],
        "orderId": "12-1",
    }
    hold = transaction(
        "DISPUTE", "143.98", "DEBIT", **case, transactionId="DISPUTE_HOLD-6"
    )
    back = transaction(
        "CREDIT", "143.98", "CREDIT", **case, transactionId="DISPUTE_HOLD_REVERSE-6-7"
    )
    found = read_one({"transactions": [hold, back]})
    assert all(line.is_dispute and line.type == "refund" for line in found.lines)
    assert [line.dispute_status for line in found.lines] == ["open", "won"]
    assert {line.reference for line in found.lines} == {"53"}
    assert found.amount_lines == 0


def test_a_sale_and_a_refund_with_the_same_number_are_two_lines():
    rows = [
        transaction("SALE", "10.00", "CREDIT", transactionId="04-1"),
        transaction("REFUND", "10.00", "DEBIT", transactionId="04-1"),
    ]
    found = read_one({"transactions": rows})
    assert [line.external_ref for line in found.lines] == [
        "SALE:04-1:in",
        "REFUND:04-1:out",
    ]


def test_payout_is_the_sum_of_its_transactions():
    """An ad fee, a sale, a charge that was paid apart, and its payment: 184.44 is paid out.

    - 4.85 + 189.29 + 56.33 - 56.33 = 184.44
    """
    found = read_one(
        {
            "transactions": [
                transaction("NON_SALE_CHARGE", "4.85", feeType="AD_FEE"),
                sale(),
                transaction(
                    "TRANSFER", "56.33", "CREDIT", transactionMemo="TRANSFER_FROM"
                ),
                transaction(
                    "NON_SALE_CHARGE", "56.33", feeType="OTHER_FEES", transactionId="F"
                ),
            ]
        }
    )
    assert found.amount_lines == D("184.44")
    assert found.rows == 4


def test_transaction_without_payout_belongs_to_none():
    row = sale()
    del row["payoutId"]
    assert read_one({"transactions": [row]}).external_ref == ""


@pytest.mark.parametrize(
    "values, message",
    [
        (
            {"bookingEntry": None},
            "transactions[0].bookingEntry: neither CREDIT nor DEBIT",
        ),
        ({"amount": None}, "transactions[0].amount.value: missing"),
        ({"amount": money("1,00")}, "transactions[0].amount.value: not a decimal"),
        ({"transactionDate": "soon"}, "transactions[0].transactionDate: not a date"),
    ],
)
def test_bad_transaction_is_named_and_its_neighbours_are_read(values, message):
    document = {
        "transactions": [{**transaction("CREDIT", "1.00", "CREDIT"), **values}, sale()]
    }
    failure, found = read(document)
    assert failure.message == message
    assert found.rows == 1


# Payouts


def payout(number: str = "6556", **values) -> dict:
    return {
        "payoutId": number,
        "payoutStatus": "SUCCEEDED",
        "payoutDate": "2025-03-04T06:00:00.000Z",
        "amount": money("184.44"),
        "totalAmount": money("184.44"),
        "transactionCount": 4,
        "bankReference": "P*1",
        "payoutInstrument": {"instrumentType": "BANK", "accountLastFourDigits": "6789"},
        **values,
    }


def test_payout_names_amount_day_and_account():
    found = read_one({"payouts": [payout()]})
    assert found.parts == {"header"}
    assert (found.external_ref, found.amount_total) == ("6556", D("184.44"))
    assert (found.status, found.channel_status) == ("paid", "SUCCEEDED")
    assert found.deposited_at == datetime(2025, 3, 4, 6, tzinfo=timezone.utc)
    assert (found.bank_ref, found.account_tail) == ("P*1", "6789")


def test_fee_of_a_payout_is_a_line_of_it():
    fee = {
        "feeType": "INSTANT_PAYOUT_FEE",
        "amount": money("1.00"),
        "feeMemo": "Express",
    }
    head, lines = read(
        {"payouts": [payout(amount=money("183.44"), totalFeeDetails=[fee])]}
    )
    assert head.amount_total == D("183.44")
    assert lines.external_ref == head.external_ref
    assert lines_of(lines) == [("fee", "payout/INSTANT_PAYOUT_FEE", D("-1.00"))]


def test_parts_of_a_split_payout_are_one_settlement():
    rows = [
        payout("1", payoutReference="S-1", amount=money("100.00")),
        payout("2", payoutReference="S-1", amount=money("84.44"), bankReference="P*2"),
    ]
    found = read_one({"payouts": rows})
    assert (found.external_ref, found.amount_total) == ("S-1", D("184.44"))
    assert found.bank_ref == "P*1 P*2"
    details = {"payoutId": "1", "payoutReference": "S-1"}
    assert (
        read_one({"transactions": [sale(payoutDetails=details)]}).external_ref == "S-1"
    )


@pytest.mark.parametrize(
    "word, status",
    [
        ("INITIATED", "closed"),
        ("RETRYABLE_FAILED", "failed"),
        ("REVERSED", "failed"),
        ("?", "unknown"),
    ],
)
def test_status_of_a_payout(word, status):
    assert read_one(payout(payoutStatus=word)).status == status


# Whatever comes

CENTS = st.integers(0, 10**9).map(lambda cents: Decimal(cents) / 100)
KINDS = st.sampled_from(["SALE", "REFUND", "CREDIT", "DISPUTE", "TRANSFER", "NEW"])


@given(
    st.lists(
        st.tuples(
            KINDS,
            st.sampled_from(["CREDIT", "DEBIT"]),
            CENTS,
            st.lists(CENTS, max_size=3),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_lines_sum_to_the_signed_amounts(rows):
    document = [
        with_fees(
            kind,
            str(amount),
            {f"FEE_{index}": str(fee) for index, fee in enumerate(fees)},
            entry=entry,
            transactionId=f"T{number}",
        )
        for number, (kind, entry, amount, fees) in enumerate(rows)
    ]
    total = sum(
        (amount if entry == "CREDIT" else -amount for _k, entry, amount, _f in rows),
        D(0),
    )
    [found] = read({"transactions": document})
    assert found.amount_lines == total
    assert sum(found.sum_by_code.values(), D(0)) == total


WHOLE = json.dumps({"transactions": [sale(), transaction("DISPUTE", "1.00")]}).encode()


@pytest.mark.parametrize("end", range(1, len(WHOLE), 90))
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
    | st.just({"value": "sNaN", "currency": "USD"})
    | st.fixed_dictionaries(
        {"value": st.text(max_size=3), "currency": st.text(max_size=3)}
    )
)
NAMES = sorted(
    {*sale(), "references", "payoutDetails", "eBayCollectedTaxAmount", "feeType"}
)


@given(st.sampled_from(NAMES), VALUES)
def test_field_of_any_kind_is_read_or_named(name, value):
    for record in read({"transactions": [sale(), {**sale(), name: value}]}):
        assert isinstance(record, (ParsedSettlement, ParseFailure))


@given(
    st.sampled_from([*sorted(payout()), "totalFeeDetails", "payoutReference"]), VALUES
)
def test_payout_field_of_any_kind_is_read_or_named(name, value):
    for record in read({"payouts": [payout(), {**payout("2"), name: value}]}):
        assert isinstance(record, (ParsedSettlement, ParseFailure))
