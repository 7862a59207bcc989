"""Amazon's financial APIs: groups, events, transactions and payouts."""

from __future__ import annotations

import json
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
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

from odoo.addons.marketplace_invoicing.channels import (
    amazon_finances_2024,
    amazon_finances_v0,
    amazon_transfers,
)
from odoo.addons.marketplace_invoicing.channels.base import (
    ChannelParseError,
    ParseFailure,
)
from odoo.addons.marketplace_invoicing.channels.settlement import ParsedSettlement

ORDER = "304-1111111-2222222"
POSTED = "2026-06-17T08:14:22Z"


def v0(amount: float | str, currency: str = "EUR") -> dict[str, Any]:
    return {"CurrencyCode": currency, "CurrencyAmount": float(amount)}


def charge(word: str, amount: str, currency: str = "EUR") -> dict[str, Any]:
    return {"ChargeType": word, "ChargeAmount": v0(amount, currency)}


def fee(word: str, amount: str) -> dict[str, Any]:
    return {"FeeType": word, "FeeAmount": v0(amount)}


def shipment(**values) -> dict[str, Any]:
    return {
        "AmazonOrderId": ORDER,
        "SellerOrderId": "S-1",
        "MarketplaceName": "Amazon.de",
        "PostedDate": POSTED,
        "ShipmentItemList": [
            {
                "SellerSKU": "MUG",
                "OrderItemId": "551",
                "QuantityShipped": 2,
                "ItemChargeList": [
                    charge("Principal", "100.00"),
                    charge("Tax", "19.00"),
                ],
                "ItemFeeList": [
                    fee("Commission", "-15.00"),
                    fee("FixedClosingFee", "0"),
                ],
                "ItemTaxWithheldList": [
                    {
                        "TaxCollectionModel": "MarketplaceFacilitator",
                        "TaxesWithheld": [
                            charge("MarketplaceFacilitatorTax-Principal", "-19.00")
                        ],
                    }
                ],
                "PromotionList": [
                    {
                        "PromotionType": "PromotionMetaDataDefinitionValue",
                        "PromotionId": "Summer 2026",
                        "PromotionAmount": v0("-5.00"),
                    }
                ],
            }
        ],
        **values,
    }


def refund(**values) -> dict[str, Any]:
    return {
        "AmazonOrderId": ORDER,
        "PostedDate": POSTED,
        "ShipmentItemAdjustmentList": [
            {
                "SellerSKU": "MUG",
                "OrderItemId": "551",
                "OrderAdjustmentItemId": "ADJ-9",
                "QuantityShipped": 1,
                "ItemChargeAdjustmentList": [charge("Principal", "-50.00")],
                "ItemFeeAdjustmentList": [fee("Commission", "7.50")],
            }
        ],
        **values,
    }


def events(**lists: Any) -> dict[str, Any]:
    return {
        "payload": {
            "FinancialEvents": {
                f"{kind}EventList": found for kind, found in lists.items()
            }
        }
    }


def group(**values) -> dict[str, Any]:
    return {
        "FinancialEventGroupId": "GROUP-1",
        "ProcessingStatus": "Closed",
        "FundTransferStatus": "Succeeded",
        "OriginalTotal": v0("76.00"),
        "BeginningBalance": v0("-10.00"),
        "FundTransferDate": "2026-07-02T00:00:00Z",
        "TraceId": "TRACE",
        "AccountTail": "123",
        "FinancialEventGroupStart": "2026-06-16T00:00:00Z",
        "FinancialEventGroupEnd": "2026-06-30T23:59:59Z",
        **values,
    }


def groups(*found: Any) -> dict[str, Any]:
    return {"payload": {"FinancialEventGroupList": list(found)}}


# -- samples -----------------------------------------------------------------------------


def test_sample_of_groups_gives_the_facts(samples):
    name = "amazon/finances_v0_listFinancialEventGroups.json"
    [fact] = facts(samples, name)
    code, [settlement] = read_bytes((samples / name).read_bytes())
    assert code == "amazon.finances.v0"
    assert (settlement.parts, settlement.currency) == (frozenset({"header"}), "USD")
    sums = fact["sum_by_path"]
    prefix = "FinancialEventGroupList"
    assert settlement.amount_total == D(sums[f"{prefix}/OriginalTotal USD"])
    assert settlement.opening_balance == D(sums[f"{prefix}/BeginningBalance USD"])
    assert settlement.stated_sums == (
        ("ConvertedTotal USD", D(sums[f"{prefix}/ConvertedTotal USD"])),
    )
    assert (settlement.bank_ref, settlement.account_tail) == (
        "34550454504545",
        "4854564857",
    )
    assert (settlement.channel_status, settlement.status) == (
        "PROCESSED/TRANSFERED",
        "paid",
    )


def test_sample_of_events_gives_the_facts(samples):
    name = "amazon/finances_v0_listFinancialEvents.json"
    [fact] = facts(samples, name)
    _code, [settlement] = read_bytes((samples / name).read_bytes())
    assert (settlement.external_ref, settlement.rows) == (
        "",
        sum(fact["event_lists"].values()),
    )
    found = {}
    for x in settlement.lines:
        keys = x.where.removeprefix("payload.").replace("[0]", "")
        found[f"{keys.replace('.', '/')} {settlement.currency}"] = x.amount
    # What a buyer rents is worth is no money of the account. A base of 25.37 and a tax of 25.37
    # are no total of 25.37: there the total counts.
    left_out = {
        "FinancialEvents/RentalTransactionEventList/RentalInitialValue USD",
        "FinancialEvents/ProductAdsPaymentEventList/baseValue USD",
        "FinancialEvents/ProductAdsPaymentEventList/taxValue USD",
    }
    assert found == {
        path: D(amount)
        for path, amount in fact["sum_by_path"].items()
        if path not in left_out
    }
    assert len(fact["sum_by_path"]) == len(found) + len(left_out) == fact["n_amounts"]


def test_sample_of_transactions_gives_the_facts(samples):
    name = "amazon/finances_2024-06-19_listTransactions.json"
    [fact] = facts(samples, name)
    code, [settlement] = read_bytes((samples / name).read_bytes())
    assert code == "amazon.finances.2024-06-19"
    assert settlement.amount_lines == D(
        fact["sum_by_path"]["transactions/totalAmount USD"]
    )
    assert settlement.external_ref == "4MVaHcsAfaYAlwlaPWrXJxrfUiKfYZ2ooWtY7528FUA"
    [only] = settlement.lines
    assert (only.order_ref, only.code, only.type) == (
        "8129762527551",
        "Shipment",
        "sale",
    )


def test_sample_of_payouts_gives_the_facts(samples):
    name = "amazon/transfers_2024-06-01_listPayouts.json"
    [fact] = facts(samples, name)
    code, [settlement] = read_bytes((samples / name).read_bytes())
    assert (code, settlement.external_ref) == ("amazon.transfers", "11888387941")
    assert settlement.amount_total == D(fact["sum_by_path"]["payouts/amount USD"])
    assert (settlement.status, settlement.account_tail) == ("paid", "1234")
    assert settlement.bank_ref == "4B03616UONXSAWP"
    assert settlement.deposited_at.isoformat() == "2024-06-02T12:00:00+00:00"
    assert settlement.parts == {"header"}


# -- v0: groups --------------------------------------------------------------------------


def test_group_is_the_head_of_a_settlement():
    settlement = read_one(groups(group()))
    assert (settlement.external_ref, settlement.amount_total) == ("GROUP-1", 76)
    assert (settlement.opening_balance, settlement.currency) == (-10, "EUR")
    assert settlement.period_end.isoformat() == "2026-06-30T23:59:59+00:00"
    assert (settlement.balances, settlement.lines) == (None, ())


@pytest.mark.parametrize(
    ("processing", "transfer", "status"),
    [
        ("Open", None, "open"),
        ("Open", "Succeeded", "open"),
        ("Closed", "Succeeded", "paid"),
        ("Closed", "Failed", "failed"),
        ("Closed", "Initiated", "closed"),
        (None, None, "unknown"),
    ],
)
def test_status_of_a_group(processing, transfer, status):
    settlement = read_one(
        groups(group(ProcessingStatus=processing, FundTransferStatus=transfer))
    )
    assert settlement.status == status


def test_bad_group_does_not_stop_the_others():
    bad = group(OriginalTotal={"CurrencyCode": "EUR", "CurrencyAmount": "much"})
    failed, good = read(groups(bad, group(FinancialEventGroupId="GROUP-2")))
    assert (failed.external_ref, failed.where) == (
        "GROUP-1",
        "payload.FinancialEventGroupList[0].OriginalTotal.CurrencyAmount",
    )
    assert good.external_ref == "GROUP-2"
    [corrected] = read(json.loads(failed.raw.replace('"much"', "76.00")))
    assert corrected.amount_total == 76


# -- v0: events --------------------------------------------------------------------------


def test_shipment_has_the_words_of_the_settlement_report():
    settlement = read_one(events(Shipment=[shipment()]))
    assert lines_of(settlement) == [
        ("sale", "ItemPrice/Principal", 100),
        ("sale", "ItemPrice/Tax", 19),
        ("fee", "ItemFees/Commission", -15),
        ("tax_withheld", "ItemWithheldTax/MarketplaceFacilitatorTax-Principal", -19),
        ("sale", "Promotion/PromotionMetaDataDefinitionValue", -5),
    ]
    assert (settlement.external_ref, settlement.parts) == ("", {"lines"})
    assert settlement.rows == 1
    first = settlement.lines[0]
    assert (first.order_ref, first.order_line_ref, first.sku) == (ORDER, "551", "MUG")
    assert (first.quantity, first.marketplace) == (2, "Amazon.de")
    assert first.posted_at.isoformat() == "2026-06-17T08:14:22+00:00"


@pytest.mark.parametrize(
    ("kind", "disputed"),
    [("Refund", False), ("Chargeback", True), ("GuaranteeClaim", True)],
)
def test_refund_and_claims(kind, disputed):
    settlement = read_one(events(**{kind: [refund()]}))
    back, commission = settlement.lines
    assert (back.type, back.code, back.amount) == ("refund", "ItemPrice/Principal", -50)
    assert (back.is_dispute, back.refund_ref) == (disputed, "ADJ-9")
    assert (commission.type, commission.amount) == ("fee", D("7.5"))


@pytest.mark.parametrize(
    ("kind", "event", "expected"),
    [
        (
            "ServiceFee",
            {"FeeReason": "x", "FeeList": [fee("FBAStorageFee", "-8")]},
            [("fee", "ServiceFee/Fee/FBAStorageFee", -8)],
        ),
        (
            "Adjustment",
            {
                "AdjustmentType": "WAREHOUSE_LOST",
                "AdjustmentAmount": v0(12),
                "AdjustmentItemList": [
                    {"PerUnitAmount": v0(6), "TotalAmount": v0(12), "Quantity": "2"}
                ],
            },
            [("adjustment", "Adjustment/WAREHOUSE_LOST", 12)],
        ),
        (
            "Adjustment",
            {"AdjustmentType": "ReserveDebit", "AdjustmentAmount": v0(-50)},
            [("reserve", "Adjustment/ReserveDebit", -50)],
        ),
        (
            "ProductAdsPayment",
            {"baseValue": v0(-10), "taxValue": v0(-2), "transactionValue": v0(-12)},
            [
                ("fee", "ProductAdsPayment/baseValue", -10),
                ("fee", "ProductAdsPayment/taxValue", -2),
            ],
        ),
        (
            "SellerDealPayment",
            {"feeAmount": v0(-100), "taxAmount": v0(0), "totalAmount": v0(-100)},
            [("fee", "SellerDealPayment/feeAmount", -100)],
        ),
        (
            "CouponPayment",
            {
                "FeeComponent": fee("CouponRedemptionFee", "-3"),
                "TotalAmount": v0(-3),
            },
            [("fee", "CouponPayment/FeeComponent/CouponRedemptionFee", -3)],
        ),
        (
            "DebtRecovery",
            {
                "DebtRecoveryType": "DebtPayment",
                "RecoveryAmount": v0(40),
                "DebtRecoveryItemList": [
                    {"RecoveryAmount": v0(40), "OriginalAmount": v0(40)}
                ],
                "ChargeInstrumentList": [{"Tail": "9", "Amount": v0(40)}],
            },
            [("adjustment", "DebtRecovery/RecoveryAmount/DebtPayment", 40)],
        ),
        (
            "SAFETReimbursement",
            {
                "SAFETClaimId": "C1",
                "ReimbursedAmount": v0(9),
                "SAFETReimbursementItemList": [{"itemChargeList": [charge("x", "9")]}],
            },
            [("adjustment", "SAFETReimbursement/ReimbursedAmount", 9)],
        ),
        (
            "FBALiquidation",
            {"LiquidationProceedsAmount": v0(20), "LiquidationFeeAmount": v0(-4)},
            [
                ("adjustment", "FBALiquidation/LiquidationProceedsAmount", 20),
                ("fee", "FBALiquidation/LiquidationFeeAmount", -4),
            ],
        ),
        (
            "TaxWithholding",
            {"BaseAmount": v0(1000), "WithheldAmount": v0(-10)},
            [("adjustment", "TaxWithholding/WithheldAmount", -10)],
        ),
        (
            "AdhocDisbursement",
            {"TransactionAmount": v0(-70), "TransactionId": "T1"},
            [("transfer", "AdhocDisbursement/TransactionAmount", -70)],
        ),
        (
            "AffordabilityExpense",
            {"BaseExpense": v0(-5), "TaxTypeCGST": v0(-1), "TotalExpense": v0(-6)},
            [
                ("adjustment", "AffordabilityExpense/BaseExpense", -5),
                ("adjustment", "AffordabilityExpense/TaxTypeCGST", -1),
            ],
        ),
        (
            "SomethingNew",
            {"NewAmount": v0(3), "NewFeeList": [fee("NewFee", "-1")]},
            [
                ("adjustment", "SomethingNew/NewAmount", 3),
                ("fee", "SomethingNew/NewFee/NewFee", -1),
            ],
        ),
    ],
)
def test_kinds_of_events(kind, event, expected):
    settlement = read_one(events(**{kind: [{"PostedDate": POSTED, **event}]}))
    assert lines_of(settlement) == expected


def test_events_in_two_currencies_are_two_settlements():
    other = shipment()
    other["ShipmentItemList"] = [
        {"SellerSKU": "CUP", "ItemChargeList": [charge("Principal", "9.00", "SEK")]}
    ]
    euros, crowns = read(events(Shipment=[shipment(), other]))
    assert (euros.currency, euros.rows) == ("EUR", 1)
    assert (crowns.currency, crowns.amount_lines, crowns.rows) == ("SEK", 9, 1)


def test_bad_event_does_not_stop_the_others():
    bad = shipment(PostedDate="soon")
    document = events(Shipment=[bad, shipment()])
    failed = read_failure(document)
    assert failed.where == ("payload.FinancialEvents.ShipmentEventList[0].PostedDate")
    [good] = [x for x in read(document) if isinstance(x, ParsedSettlement)]
    assert (good.rows, good.amount_lines) == (1, 80)  # 100 + 19 - 15 - 19 - 5
    [corrected] = read(json.loads(failed.raw.replace("soon", POSTED)))
    assert corrected.lines == tuple(
        type(line)(**{**_fields(line), "where": found.where})
        for line, found in zip(good.lines, corrected.lines, strict=True)
    )


def _fields(line: Any) -> dict[str, Any]:
    return {name: getattr(line, name) for name in type(line).__slots__}


def test_pages_may_come_as_a_list_without_their_wrapper():
    pages = [
        events(Shipment=[shipment()])["payload"],
        groups(group())["payload"],
    ]
    lines, head = read(pages)
    assert (lines.parts, head.external_ref) == (frozenset({"lines"}), "GROUP-1")


def test_equal_events_on_two_pages_are_two_lines():
    page = events(ServiceFee=[{"FeeList": [fee("FBAStorageFee", "-8")]}])
    first, second = read([page, page])
    assert first.lines[0].external_ref != second.lines[0].external_ref


# -- 2024-06-19 --------------------------------------------------------------------------


def amount(value: str, currency: str = "EUR") -> dict[str, Any]:
    return {"currencyAmount": float(value), "currencyCode": currency}


def part(word: str, value: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return {
        "breakdownType": word,
        "breakdownAmount": amount(value),
        "breakdowns": list(parts),
    }


def transaction(total: str = "70.00", **values) -> dict[str, Any]:
    return {
        "transactionId": "TX-1",
        "transactionType": "Shipment",
        "transactionStatus": "RELEASED",
        "postedDate": POSTED,
        "totalAmount": amount(total),
        "relatedIdentifiers": identifiers(ORDER_ID=ORDER, SETTLEMENT_ID="7001"),
        "marketplaceDetails": {"marketplaceId": "A1", "marketplaceName": "Amazon.de"},
        "breakdowns": [
            part("Sales", "100.00", part("ProductCharges", "100.00")),
            part(
                "Expenses",
                "-30.00",
                part("AmazonFees", "-30.00", part("Commission", "-30.00")),
            ),
        ],
        **values,
    }


def identifiers(**found: str) -> list[dict[str, str]]:
    return [
        {"relatedIdentifierName": name, "relatedIdentifierValue": value}
        for name, value in found.items()
    ]


def transactions(*found: Any) -> dict[str, Any]:
    return {"payload": {"transactions": list(found)}}


def test_only_leaves_of_a_breakdown_are_lines():
    settlement = read_one(transactions(transaction()))
    assert (settlement.external_ref, settlement.rows) == ("7001", 1)
    assert lines_of(settlement) == [
        ("sale", "Sales/ProductCharges", 100),
        ("fee", "Expenses/AmazonFees/Commission", -30),
    ]
    first = settlement.lines[0]
    assert (first.order_ref, first.marketplace) == (ORDER, "Amazon.de")
    assert first.external_ref == "TX-1/Sales/ProductCharges"


def test_items_are_taken_where_they_come_to_the_total():
    items = [
        {
            "description": f"Mug {n}",
            "relatedIdentifiers": [
                {
                    "itemRelatedIdentifierName": "ORDER_ITEM_ID",
                    "itemRelatedIdentifierValue": f"55{n}",
                }
            ],
            "contexts": [
                {
                    "contextType": "ProductContext",
                    "sku": f"MUG{n}",
                    "quantityShipped": 1,
                }
            ],
            "breakdowns": [
                part("ProductCharges", "50.00"),
                part("AmazonFees", "-15.00"),
            ],
        }
        for n in (1, 2)
    ]
    settlement = read_one(transactions(transaction(items=items)))
    assert settlement.amount_lines == 70
    assert [(x.sku, x.order_line_ref, x.amount) for x in settlement.lines] == [
        ("MUG1", "551", 50),
        ("MUG1", "551", -15),
        ("MUG2", "552", 50),
        ("MUG2", "552", -15),
    ]


def test_items_that_are_only_a_part_leave_it_to_the_transaction():
    items = [{"breakdowns": [part("ProductCharges", "100.00")]}]
    settlement = read_one(transactions(transaction(items=items)))
    assert [x.amount for x in settlement.lines] == [100, -30]


def test_breakdowns_that_do_not_come_to_the_total_are_a_failure():
    failed = read_failure(transactions(transaction("71.00")))
    assert (failed.external_ref, failed.where) == (
        "TX-1",
        "payload.transactions[0].totalAmount",
    )
    assert failed.reason == "breakdowns come to 70.0, not 71.0"


def test_deferred_transaction_is_in_no_payout_until_it_is_released():
    deferred = read_one(transactions(transaction(transactionStatus="DEFERRED")))
    released = read_one(
        transactions(transaction(transactionStatus="DEFERRED_RELEASED"))
    )
    assert (deferred.external_ref, released.external_ref) == ("", "7001")
    assert [x.external_ref for x in deferred.lines] == [
        x.external_ref for x in released.lines
    ]


@pytest.mark.parametrize(
    ("kind", "words", "expected"),
    [
        ("Shipment", ["Tax"], "sale"),
        ("Shipment", ["Promotions"], "sale"),
        ("Shipment", ["Tax", "MarketplaceFacilitatorTax-Principal"], "tax_withheld"),
        ("Refund", ["ProductCharges"], "refund"),
        ("Refund", ["AmazonFees", "RefundCommission"], "fee"),
        ("ServiceFee", ["Storage"], "fee"),
        ("Reserve", ["CurrentReserveAmount"], "reserve"),
        ("Transfer", ["Disbursement"], "transfer"),
        ("SomethingNew", ["New"], "adjustment"),
    ],
)
def test_type_of_a_leaf(kind, words, expected):
    tree = part(words[-1], "10.00")
    for word in reversed(words[:-1]):
        tree = part(word, "10.00", tree)
    record = transaction("10.00", transactionType=kind, breakdowns=[tree])
    [only] = read_one(transactions(record)).lines
    assert (only.type, only.code) == (expected, "/".join(words))


def test_chargeback_is_in_dispute():
    record = transaction(transactionType="Chargeback")
    first = read_one(transactions(record)).lines[0]
    assert (first.type, first.is_dispute) == ("refund", True)


def test_transactions_of_several_settlements_are_told_apart():
    other = transaction(
        transactionId="TX-2", relatedIdentifiers=identifiers(SETTLEMENT_ID="7002")
    )
    found = read(transactions(transaction(), other))
    assert [(x.external_ref, x.rows) for x in found] == [("7001", 1), ("7002", 1)]


# -- transfers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("STARTED", "closed"),
        ("IN_TRANSIT", "closed"),
        ("PAID", "paid"),
        ("FAILED", "failed"),
        ("CANCELLED", "cancelled"),
        ("NO_PAYOUT", "closed"),
        ("NEW", "unknown"),
    ],
)
def test_status_of_a_payout(word, status):
    payout = {
        "id": "P1",
        "currentStatus": word,
        "amount": amount("5"),
        "relatedIdentifiers": [],
        "statusHistory": [],
    }
    settlement = read_one({"payouts": [payout]})
    assert (settlement.status, settlement.channel_status) == (status, word)
    assert (settlement.external_ref, settlement.deposited_at) == ("P1", None)


def test_payout_without_any_id_is_a_failure():
    failed = read_failure({"payouts": [{"relatedIdentifiers": []}]})
    assert (failed.where, failed.reason) == ("payouts[0].id", "missing")


# -- properties --------------------------------------------------------------------------

CENTS = st.integers(-(10**7), 10**7).filter(bool).map(lambda n: D(n).scaleb(-2))


@settings(max_examples=60)
@given(st.lists(CENTS, min_size=1, max_size=8), st.lists(CENTS, max_size=4))
def test_leaves_of_any_tree_come_to_the_total(first, second):
    def tree(word: str, values: list[Decimal]) -> dict[str, Any]:
        parts = [part(f"{word}{n}", str(value)) for n, value in enumerate(values)]
        return part(word, str(sum(values, D(0))), *parts)

    total = sum([*first, *second], D(0))
    trees = [tree("A", first)] + ([tree("B", second)] if second else [])
    document = json.dumps(
        transactions(transaction(str(total), breakdowns=trees)), default=str
    )
    found = read_bytes(document.encode())[1]
    assert sum((x.amount_lines for x in found), D(0)) == total
    assert sum(len(x.lines) for x in found) == len(first) + len(second)


DOCUMENTS = [
    json.dumps(document).encode()
    for document in (
        events(Shipment=[shipment()], Refund=[refund()]),
        groups(group()),
        transactions(transaction()),
        {"payouts": [{"id": "1", "relatedIdentifiers": [], "amount": amount("1")}]},
    )
]


@settings(max_examples=150)
@given(st.sampled_from(DOCUMENTS), st.data())
def test_damaged_file_is_refused_or_read_and_nothing_else(document, data):
    whole = bytearray(document)
    start = data.draw(st.integers(0, len(whole)))
    whole[start : start + data.draw(st.integers(0, 20))] = data.draw(
        st.binary(max_size=10)
    )
    assert_refused_or_read(bytes(whole))


@settings(max_examples=100)
@given(
    st.sampled_from(
        ["FinancialEvents", "FinancialEventGroupList", "transactions", "payouts"]
    ),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "CurrencyAmount",
                        "CurrencyCode",
                        "ShipmentEventList",
                        "PostedDate",
                    ]
                    + [
                        "breakdowns",
                        "totalAmount",
                        "amount",
                        "relatedIdentifiers",
                        "id",
                    ]
                    + ["FinancialEventGroupId", "ItemFeeList", "FeeType", "period"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    ),
)
def test_any_shape_is_refused_or_read_and_nothing_else(key, value):
    module = {
        "transactions": amazon_finances_2024,
        "payouts": amazon_transfers,
    }.get(key, amazon_finances_v0)
    try:
        found = list(module.parse(BytesIO(json.dumps({key: value}).encode())))
    except ChannelParseError as error:
        assert error.reason
    else:
        assert all(isinstance(x, (ParsedSettlement, ParseFailure)) for x in found)
