"""Amazon's settlement reports, V2 and V1: what they come to, and how countries write them."""

from __future__ import annotations

import io
import random
import subprocess
import sys
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from settlement_support import D, assert_refused_or_read, facts, lines_of, read_bytes

from odoo.addons.marketplace_invoicing.channels import amazon_settlement, intake
from odoo.addons.marketplace_invoicing.channels.amazon_settlement_types import (
    meaning_of,
)
from odoo.addons.marketplace_invoicing.channels.base import (
    ChannelParseError,
    ParseFailure,
)
from odoo.addons.marketplace_invoicing.channels.settlement import ParsedSettlement

HEAD = (
    "settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency "
    "transaction-type order-id merchant-order-id adjustment-id shipment-id marketplace-name"
).split()
V2 = (
    *HEAD,
    *(
        "amount-type amount-description amount fulfillment-id posted-date posted-date-time "
        "order-item-code merchant-order-item-id merchant-adjustment-item-id sku "
        "quantity-purchased promotion-id"
    ).split(),
)
V1 = (
    *HEAD,
    *(
        "shipment-fee-type shipment-fee-amount order-fee-type order-fee-amount fulfillment-id "
        "posted-date order-item-code merchant-order-item-id merchant-adjustment-item-id sku "
        "quantity-purchased price-type price-amount item-related-fee-type "
        "item-related-fee-amount misc-fee-amount other-fee-amount other-fee-reason-description "
        "promotion-id promotion-type promotion-amount direct-payment-type direct-payment-amount "
        "other-amount"
    ).split(),
)
ORDER = "304-1111111-2222222"


def head(total: str = "86.00", ref: str = "7001", **cells: str) -> dict[str, str]:
    """Return the first row of a settlement, as Amazon.de writes it."""
    return {
        "settlement_id": ref,
        "settlement_start_date": "16.06.2026 00:00:00 UTC",
        "settlement_end_date": "30.06.2026 23:59:59 UTC",
        "deposit_date": "02.07.2026 00:00:00 UTC",
        "total_amount": total,
        "currency": "EUR",
        **cells,
    }


def line(
    kind: str, word: str, amount: str, transaction: str = "Order", **cells: str
) -> dict[str, str]:
    return {
        "settlement_id": "7001",
        "currency": "EUR",
        "transaction_type": transaction,
        "order_id": ORDER if transaction != "ServiceFee" else "",
        "marketplace_name": "Amazon.de",
        "amount_type": kind,
        "amount_description": word,
        "amount": amount,
        "posted_date": "17.06.2026",
        "posted_date_time": "17.06.2026 08:14:22 UTC",
        "order_item_code": "551",
        "sku": "MUG",
        "quantity_purchased": "1",
        **cells,
    }


#: 100.00 - 15.00 + 1.00 = 86.00
ROWS = [
    head(),
    line("ItemPrice", "Principal", "100.00"),
    line("ItemFees", "Commission", "-15.00"),
    line("ItemPrice", "Shipping", "1.00"),
]


def report(
    rows: Iterable[dict[str, str]], columns: Iterable[str] = V2, delimiter: str = "\t"
) -> bytes:
    columns = tuple(columns)
    texts = [delimiter.join(columns)]
    for row in rows:
        cells = {name.replace("_", "-"): cell for name, cell in row.items()}
        known = (cells.get(name.lower().replace("_", "-"), "") for name in columns)
        texts.append(delimiter.join(known))
    return ("\r\n".join(texts) + "\r\n").encode()


def read(data: bytes) -> list[Any]:
    """Return the records as the import gets them."""
    return list(intake.read(io.BytesIO(data), "report.txt")[1])


def one(rows: Iterable[dict[str, str]], **options) -> ParsedSettlement:
    [settlement] = read(report(rows, **options))
    assert isinstance(settlement, ParsedSettlement), settlement
    return settlement


def failure(rows: Iterable[dict[str, str]], **options) -> ParseFailure:
    [failed] = read(report(rows, **options))
    assert isinstance(failed, ParseFailure), failed
    return failed


def with_comma(amount: str) -> str:
    return f"{D(amount):,.2f}".translate(str.maketrans(",.", ".,"))


# -- samples -----------------------------------------------------------------------------


def test_v2_sample_gives_the_facts(samples):
    [fact] = facts(samples, "amazon/settlement_v2_flat_file.txt")
    data = (samples / "amazon/settlement_v2_flat_file.txt").read_bytes()
    code, [settlement] = read_bytes(data)
    assert (code, settlement.external_ref) == (
        "amazon.settlement.v2",
        fact["settlement_id"],
    )
    assert settlement.currency == fact["currency"]
    assert settlement.amount_total == D(fact["total_amount"])
    assert settlement.rows == fact["n_detail_rows"]
    assert settlement.balances is fact["balances"]
    assert settlement.sum_by_code == {
        code.replace(" / ", "/"): D(amount)
        for code, amount in fact["sum_by_type_and_description"].items()
    }
    stated = (settlement.period_start, settlement.period_end, settlement.deposited_at)
    assert [f"{moment:%Y-%m-%d %H:%M:%S UTC}" for moment in stated] == [
        fact["start"],
        fact["end"],
        fact["deposit"],
    ]
    by_order: dict[str, Decimal] = {}
    for x in settlement.lines:
        if x.order_ref:
            key = f"{x.description.split(':')[0]} {x.order_ref}"
            by_order[key] = by_order.get(key, D(0)) + x.amount
    assert by_order == {key: D(net) for key, net in fact["net_by_order"].items()}


def test_v1_sample_gives_the_facts(samples):
    name = "amazon/settlement_v1.one_row_two_amounts.txt"
    text = (samples / "SOURCES.md").read_text(encoding="utf-8")
    assert '"sum": "16.77"' in text
    code, [settlement] = read_bytes((samples / name).read_bytes())
    assert (code, settlement.rows) == ("amazon.settlement.v1", 1)
    [fact] = facts(samples, name)
    # V1's columns get V2's words.
    words = {"price-amount|": "ItemPrice/", "item-related-fee-amount|": "ItemFees/"}
    expected = {}
    for key, amount in fact["sum_by_amount_type"].items():
        for old, new in words.items():
            key = key.replace(old, new)
        expected[key] = D(amount)
    assert settlement.sum_by_code == expected
    assert settlement.amount_lines == D(fact["sum"])
    assert settlement.amount_total == D(fact["total_amount"])
    assert settlement.balances is False is fact["balances"]
    assert settlement.imbalance == D("1217.79")  # 1234.56 - 16.77


# -- one settlement ----------------------------------------------------------------------


def test_settlement_of_three_amounts():
    settlement = one(ROWS)
    assert (settlement.external_ref, settlement.where) == ("7001", "line 2")
    assert (settlement.platform, settlement.status) == ("amazon", "closed")
    assert (settlement.amount_total, settlement.rows) == (D("86.00"), 3)
    assert settlement.balances is True
    assert settlement.deposited_at.isoformat() == "2026-07-02T00:00:00+00:00"
    assert lines_of(settlement) == [
        ("sale", "ItemPrice/Principal", D("100.00")),
        ("fee", "ItemFees/Commission", D("-15.00")),
        ("sale", "ItemPrice/Shipping", D("1.00")),
    ]
    first = settlement.lines[0]
    assert (first.order_ref, first.order_line_ref) == (ORDER, "551")
    assert (first.sku, first.quantity, first.marketplace) == ("MUG", 1, "Amazon.de")
    assert (first.posted_at.isoformat(), first.where) == (
        "2026-06-17T08:14:22+00:00",
        "line 3",
    )


@pytest.mark.parametrize(
    ("transaction", "kind", "word", "expected"),
    [
        ("Order", "ItemPrice", "Tax", "sale"),
        ("Order", "Promotion", "Principal", "sale"),
        ("Refund", "ItemPrice", "Principal", "refund"),
        ("Refund", "Promotion", "Shipping", "refund"),
        ("Refund", "ItemFees", "RefundCommission", "fee"),
        ("Order", "ItemFees", "MarketplaceFacilitatorVAT-Principal", "tax_withheld"),
        (
            "Order",
            "ItemWithheldTax",
            "MarketplaceFacilitatorTax-Shipping",
            "tax_withheld",
        ),
        ("Order", "ItemWithheldTax", "LowValueGoodsTax-Principal", "tax_withheld"),
        # India's tax at source is the seller's own.
        ("Order", "ItemWithheldTax", "TCS-IGST", "adjustment"),
        ("Order", "ItemWithheldTax", "TDS (Section 194-O)", "adjustment"),
        ("Order", "Shipment-Fees", "FBAPerOrderFulfillmentFee", "fee"),
        (
            "ServiceFee",
            "Cost of Advertising",
            "TransactionTotalAmount",
            "fee",
        ),
        ("CouponRedemptionFee", "CouponRedemptionFee", "10% off", "fee"),
        ("other-transaction", "other-transaction", "Storage Fee", "fee"),
        ("other-transaction", "other-transaction", "Shipping label purchase", "fee"),
        (
            "other-transaction",
            "other-transaction",
            "Current Reserve Amount",
            "reserve",
        ),
        ("Transfer", "Transfer", "Previous Reserve Amount Balance", "reserve"),
        (
            "other-transaction",
            "FBA Inventory Reimbursement",
            "WAREHOUSE_LOST",
            "adjustment",
        ),
        ("Order_Retrocharge", "ItemPrice", "Tax", "sale"),
        ("A new transaction", "A new type", "A new word", "adjustment"),
        ("", "", "", "adjustment"),
    ],
)
def test_type_of_a_line(transaction, kind, word, expected):
    assert meaning_of(transaction, kind, word).type == expected


@pytest.mark.parametrize(
    "transaction", ["Chargeback Refund", "A-to-z Guarantee Refund"]
)
def test_claim_of_the_buyer_is_a_refund_in_dispute(transaction):
    settlement = one(
        [
            head("-98.00"),
            line(
                "ItemPrice", "Principal", "-100.00", transaction, adjustment_id="ADJ-1"
            ),
            line("ItemFees", "Commission", "2.00", transaction, adjustment_id="ADJ-1"),
        ]
    )
    refund, fee = settlement.lines
    assert (refund.type, refund.is_dispute, refund.refund_ref) == (
        "refund",
        True,
        "ADJ-1",
    )
    assert (fee.type, settlement.balances) == ("fee", True)
    assert not one(ROWS).lines[0].is_dispute


def test_unknown_words_are_kept_and_count():
    settlement = one([*ROWS, line("New type", "New word", "4.00", "New transaction")])
    assert settlement.lines[-1].code == "New type/New word"
    assert settlement.imbalance == D("-4.00")  # 86.00 - 90.00


def test_reserve_is_a_part_of_what_is_paid_out():
    settlement = one(
        [
            head("56.00"),
            *ROWS[1:],
            line(
                "other-transaction",
                "Previous Reserve Amount Balance",
                "20.00",
                "Transfer",
            ),
            line("other-transaction", "Current Reserve Amount", "-50.00", "Transfer"),
        ]
    )
    assert [x.type for x in settlement.lines[3:]] == ["reserve", "reserve"]
    assert settlement.balances is True  # 86.00 + 20.00 - 50.00 = 56.00


def test_previous_balance_opens_the_account_and_is_no_line():
    settlement = one(
        [
            head("76.00"),
            line(
                "other-transaction", "Previous balance", "-10.00", "other-transaction"
            ),
            *ROWS[1:],
        ]
    )
    assert (settlement.opening_balance, settlement.closing_balance) == (-10, None)
    assert (len(settlement.lines), settlement.rows) == (3, 4)
    assert settlement.balances is True  # -10.00 + 86.00 = 76.00


def test_balance_that_stays_closes_the_account():
    settlement = one(
        [
            head("0.00"),
            *ROWS[1:],
            line("other-transaction", "Closing balance", "-86.00", "other-transaction"),
        ]
    )
    assert (settlement.closing_balance, settlement.balances) == (D("86.00"), True)


def test_row_that_pays_the_settlement_is_a_transfer():
    payout = line("other-transaction", "Bank transfer", "-86.00", "Transfer")
    settlement = one([*ROWS, payout])
    assert settlement.lines[-1].type == "transfer"
    assert (settlement.balances, settlement.amount_transferred) == (True, D("86.00"))


def test_transfer_that_came_back_is_a_part_of_the_next_payout():
    failed = line("other-transaction", "Failed disbursement", "14.00", "Transfer")
    settlement = one([head("100.00"), *ROWS[1:], failed])
    assert (settlement.lines[-1].type, settlement.balances) == ("adjustment", True)


def test_line_of_zero_is_left_out_but_its_row_counts():
    settlement = one([*ROWS, line("ItemPrice", "Tax", "0.00")])
    assert (len(settlement.lines), settlement.rows) == (3, 4)


def test_settlement_without_a_head_has_lines_only():
    settlement = one(ROWS[1:])
    assert (settlement.parts, settlement.amount_total) == (frozenset({"lines"}), None)
    assert (settlement.currency, settlement.balances) == ("EUR", None)


def test_head_without_lines_does_not_balance():
    settlement = one(ROWS[:1])
    assert (settlement.lines, settlement.balances) == ((), False)


def test_facts_of_the_head_may_stand_on_every_row():
    everywhere = head()
    settlement = one({**everywhere, **row} for row in ROWS[1:])
    assert (settlement.rows, settlement.balances) == (3, True)
    assert settlement.amount_total == D("86.00")


# -- how it is written -------------------------------------------------------------------


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_encodings(codec):
    rows = [*ROWS[:-1], line("ItemPrice", "Überlänge", "1.00")]
    [settlement] = read(report(rows).decode().encode(codec))
    assert settlement.lines[-1].code == "ItemPrice/Überlänge"
    assert (settlement.external_ref, settlement.balances) == ("7001", True)


def test_decimal_comma_and_thousands():
    rows = [
        head("1.086,00"),
        line("ItemPrice", "Principal", "1.100,00"),
        line("ItemFees", "Commission", "-15,00"),
        line("ItemPrice", "Shipping", "1,00"),
    ]
    settlement = one(rows)
    assert (settlement.amount_total, settlement.balances) == (1086, True)


def test_file_that_can_be_read_in_two_ways_is_refused():
    rows = [
        head("1.234", marketplace_name="Elsewhere.com"),
        line("ItemPrice", "Principal", "1.234", marketplace_name="Elsewhere.com"),
    ]
    without_currency = [{**row, "currency": ""} for row in rows]
    with pytest.raises(ChannelParseError) as caught:
        read(report(without_currency))
    assert "two ways" in caught.value.reason
    assert caught.value.where == "line 2, column total-amount"


def test_marketplace_decides_what_the_amounts_leave_open():
    rows = [head("1.234"), line("ItemPrice", "Principal", "1.234")]
    assert one(rows).amount_total == 1234


def test_point_and_comma_in_one_file_are_refused():
    with pytest.raises(ChannelParseError, match="decimal comma"):
        read(report([*ROWS, line("ItemPrice", "Tax", "5,10")]))


@pytest.mark.parametrize(
    "written",
    ["2026-06-17 08:14:22 UTC", "17.06.2026 08:14:22 UTC", "2026/06/17 08:14:22 UTC"]
    + ["17/06/2026 08:14:22 UTC", "06/17/2026 08:14:22 UTC", "2026-06-17T08:14:22Z"],
)
def test_dates_of_the_marketplaces(written):
    rows = [*ROWS[:3], line("ItemPrice", "Shipping", "1.00", posted_date_time=written)]
    assert one(rows).lines[-1].posted_at.isoformat() == "2026-06-17T08:14:22+00:00"


def test_date_without_time_is_used_where_there_is_no_other():
    rows = [{**row, "posted_date_time": ""} for row in ROWS]
    assert one(rows).lines[0].posted_at.isoformat() == "2026-06-17T12:00:00+00:00"


def test_names_of_columns_are_compared_without_case_and_signs():
    columns = [name.upper().replace("-", "_") for name in V2 if name != "promotion-id"]
    assert one(ROWS, columns=columns).balances is True


def test_columns_may_be_missing():
    needed = {"settlement-id", "total-amount", "currency", "transaction-type", "amount"}
    columns = [name for name in V2 if name in needed or name.startswith("amount-")]
    settlement = one(ROWS, columns=columns)
    assert (settlement.balances, settlement.period_start) == (True, None)
    assert settlement.lines[0].posted_at is None


def test_report_saved_as_csv_is_read_too():
    assert one(ROWS, delimiter=";").balances is True


# -- V1 ----------------------------------------------------------------------------------


def v1(transaction: str = "Order", **cells: str) -> dict[str, str]:
    return {
        "settlement_id": "7001",
        "transaction_type": transaction,
        "order_id": ORDER,
        "posted_date": "2026-06-17T08:14:22+00:00",
        **cells,
    }


def test_v1_row_of_several_amounts_is_several_lines():
    settlement = one(
        [
            head("71.00"),
            v1(
                price_type="Principal",
                price_amount="100.00",
                item_related_fee_type="Commission",
                item_related_fee_amount="-15.00",
                promotion_type="Principal",
                promotion_amount="-5.00",
                shipment_fee_type="FBA transportation fee",
                shipment_fee_amount="-4.00",
                order_fee_type="FBAPerOrderFulfillmentFee",
                order_fee_amount="-2.00",
                misc_fee_amount="-1.00",
                other_fee_amount="-0.50",
                other_fee_reason_description="Labelling",
                direct_payment_type="COD",
                direct_payment_amount="-1.50",
            ),
        ],
        columns=V1,
    )
    assert lines_of(settlement) == [
        ("sale", "ItemPrice/Principal", D("100.00")),
        ("fee", "ItemFees/Commission", D("-15.00")),
        ("fee", "Shipment-Fees/FBA transportation fee", D("-4.00")),
        ("fee", "Order-Fees/FBAPerOrderFulfillmentFee", D("-2.00")),
        ("sale", "Promotion/Principal", D("-5.00")),
        ("fee", "Misc-Fees", D("-1.00")),
        ("fee", "Other-Fees/Labelling", D("-0.50")),
        ("adjustment", "Direct-Payment/COD", D("-1.50")),
    ]
    assert (settlement.rows, settlement.balances) == (1, True)
    assert len({x.external_ref for x in settlement.lines}) == 8


def test_v1_other_amount_is_named_by_its_transaction():
    settlement = one(
        [
            head("-30.00"),
            v1("Storage Fee", other_amount="-10.00", order_id=""),
            v1("Current Reserve Amount", other_amount="-50.00", order_id=""),
            v1("Previous Reserve Amount Balance", other_amount="30.00", order_id=""),
        ],
        columns=V1,
    )
    assert lines_of(settlement) == [
        ("fee", "other-transaction/Storage Fee", -10),
        ("reserve", "other-transaction/Current Reserve Amount", -50),
        ("reserve", "other-transaction/Previous Reserve Amount Balance", 30),
    ]


def test_columns_of_both_versions_are_read_together():
    both = [*V2, *(name for name in V1 if name not in V2)]
    settlement = one(
        [
            head("85.00"),
            line("ItemPrice", "Principal", "100.00"),
            v1(misc_fee_amount="-15.00"),
        ],
        columns=both,
    )
    assert settlement.balances is True


# -- several settlements -----------------------------------------------------------------


def of(ref: str, row: dict[str, str]) -> dict[str, str]:
    return {**row, "settlement_id": ref}


def test_settlements_of_a_file_are_told_apart_even_when_mixed():
    rows = [of("7001", ROWS[0]), of("7002", ROWS[0])]
    for row in ROWS[1:]:
        rows += [of("7001", row), of("7002", row)]
    first, second = read(report(rows))
    assert (first.external_ref, second.external_ref) == ("7001", "7002")
    assert first.balances is second.balances is True


def test_bad_settlement_does_not_stop_the_others_and_can_be_corrected():
    bad = of("7002", line("ItemPrice", "Principal", "1OO.00"))
    rows = [of("7002", ROWS[0]), bad, *ROWS]
    failed, good = read(report(rows))
    assert isinstance(failed, ParseFailure)
    assert (failed.external_ref, failed.reason) == ("7002", "not a decimal")
    assert failed.where == "line 3, column amount"
    assert good.balances is True
    [corrected] = read(failed.raw.replace("1OO.00", "86.00").encode())
    assert (corrected.external_ref, corrected.balances) == ("7002", True)


def test_header_rows_of_joined_files_are_passed_over():
    joined = report(ROWS) + report([of("7002", row) for row in ROWS])
    assert [x.balances for x in read(joined)] == [True, True]


def test_row_without_a_settlement_goes_with_the_only_one():
    rows = [*ROWS[:3], {**ROWS[3], "settlement_id": ""}]
    assert one(rows).balances is True


def test_row_without_a_settlement_is_a_failure_among_several():
    rows = [*ROWS, of("7002", ROWS[0]), of("", ROWS[1])]
    failures = [x for x in read(report(rows)) if isinstance(x, ParseFailure)]
    assert [(x.where, x.reason) for x in failures] == [
        ("line 7, column settlement-id", "missing")
    ]


# -- what cannot be -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"currency": "USD"}, "line 5, column currency"),
        ({"currency": "Euro"}, "line 5, column currency"),
        ({"total_amount": "87.00"}, "line 5, column total-amount"),
        ({"amount": ""}, "line 5, column amount"),
        ({"amount": "abc"}, "line 5, column amount"),
        ({"posted_date_time": "soon"}, "line 5, column posted-date-time"),
        ({"quantity_purchased": "many"}, "line 5, column quantity-purchased"),
    ],
)
def test_row_that_cannot_be_read_fails_its_settlement(changes, where):
    failed = failure([*ROWS[:3], {**ROWS[3], **changes}])
    assert (failed.where, failed.external_ref) == (where, "7001")


def test_more_cells_than_columns_fail_the_settlement():
    data = report(ROWS).replace(
        b"Shipping\t1.00", b"Shipping\tx\t1.00\tx\tx\tx\tx\tx\tx"
    )
    [failed] = read(data + b"")
    assert failed.reason in ("more cells than columns", "not a decimal")


@pytest.mark.parametrize("missing", ["settlement-id", "amount"])
def test_file_without_a_needed_column_is_refused(missing):
    columns = [name for name in V2 if name != missing]
    with pytest.raises(ChannelParseError, match=f"no column {missing}"):
        list(amazon_settlement.parse(io.BytesIO(report(ROWS, columns=columns))))


# -- names of lines ----------------------------------------------------------------------


def refs(settlement: ParsedSettlement) -> set[str]:
    return {x.external_ref for x in settlement.lines}


def test_lines_have_the_same_names_however_the_file_is_written():
    comma = [
        {
            name: with_comma(cell) if cell and "amount" == name[-6:] else cell
            for name, cell in row.items()
        }
        for row in ROWS
    ]
    iso = [
        {**row, "posted_date_time": "2026-06-17T08:14:22Z"} if "amount" in row else row
        for row in ROWS
    ]
    assert refs(one(ROWS)) == refs(one(comma)) == refs(one(iso))


def test_equal_rows_are_two_lines():
    settlement = one([head("186.00"), *ROWS[1:], ROWS[1]])
    assert (len(refs(settlement)), settlement.balances) == (4, True)


# -- properties --------------------------------------------------------------------------

WORDS = st.sampled_from(
    [
        ("Order", "ItemPrice", "Principal"),
        ("Order", "ItemFees", "Commission"),
        ("Refund", "ItemPrice", "Principal"),
        ("Order", "ItemWithheldTax", "MarketplaceFacilitatorTax-Principal"),
        ("ServiceFee", "other-transaction", "Storage Fee"),
        ("Transfer", "other-transaction", "Current Reserve Amount"),
        ("Something", "new", "here"),
    ]
)
AMOUNTS = st.integers(min_value=-(10**8), max_value=10**8).map(
    lambda n: D(n).scaleb(-2)
)


@settings(max_examples=50)
@given(
    st.lists(st.tuples(WORDS, AMOUNTS), min_size=1, max_size=12),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_shuffled_rows_in_any_style_tie_out_with_the_same_sums(
    entries, has_comma, rng: random.Random
):
    def style(amount: Decimal) -> str:
        return with_comma(str(amount)) if has_comma else f"{amount:.2f}"

    total = sum((amount for _words, amount in entries), D(0))
    rows = [head(style(total))]
    rows += [line(k, w, style(amount), t) for (t, k, w), amount in entries]
    settlement = one(rows)
    expected: dict[str, Decimal] = {}
    for (_t, kind, word), amount in entries:
        if amount:
            key = f"{kind}/{word}"
            expected[key] = expected.get(key, D(0)) + amount
    assert settlement.sum_by_code == expected
    assert settlement.balances is True
    rng.shuffle(rows)
    shuffled = one(rows)
    assert shuffled.sum_by_code == expected
    assert refs(shuffled) == refs(settlement)


@settings(max_examples=100)
@given(st.data())
def test_damaged_file_is_refused_or_read_and_nothing_else(data):
    whole = bytearray(report([*ROWS, of("7002", ROWS[0]), of("7002", ROWS[1])]))
    start = data.draw(st.integers(0, len(whole)))
    whole[start : start + data.draw(st.integers(0, 40))] = data.draw(
        st.binary(max_size=20)
    )
    assert_refused_or_read(bytes(whole[: data.draw(st.integers(0, len(whole)))]))


# -- size --------------------------------------------------------------------------------

READ = """
import re, sys
sys.path.insert(0, ".")
from channels import intake
with open(sys.argv[1], "rb") as source:
    [settlement] = intake.read(source, "report.txt")[1]
status = open("/proc/self/status").read()
peak = int(re.search(r"VmHWM:\\s*(\\d+) kB", status)[1]) // 1024
print(settlement.rows, settlement.balances, peak)
"""


def test_100_000_rows_take_little_more_memory_than_their_lines(tmp_path):
    """The lines of one settlement are held, 100 MB with Python itself, but not the file."""
    count = 100_000
    rows = [head(f"{count}.00")]
    rows += [
        line("ItemPrice", "Principal", "1.00", order_id=f"304-{n:07d}-0000000")
        for n in range(count)
    ]
    path = tmp_path / "report.txt"
    path.write_bytes(report(rows))
    # A process of its own, with the kernel's count: that of getrusage begins with the parent's.
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)],
        cwd=Path(intake.__file__).resolve().parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found, balances, peak_mb = done.stdout.split()
    assert (found, balances) == ("100000", "True")
    assert int(peak_mb) < 200
