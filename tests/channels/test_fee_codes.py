"""What a fee is for, by the channel's own words; which account fits."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.marketplace_invoicing.channels.fee_codes import (
    ACCOUNT_WORDS,
    best_account,
    fee_kind,
    is_fee,
    words_of,
)

#: Parts of Amazon's list that are no fee: prices, taxes, reserves, loans, sums, goodwill.
NO_FEE = {
    "Additional Other Expenses",
    "Adjustment",
    "Amazon Capital Services",
    "Balance Adjustment",
    "BalanceAdjustment",
    "Current Reserve Amount",
    "Failed Disbursement",
    "Goodwill",
    "Merchant Bad Debt",
    "Previous Reserve Amount Balance",
    "RestockingFee",
    "TransactionTotalAmount",
}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (
            "ItemFees/FBAPerUnitFulfillmentFee",
            "item fees / fba per unit fulfillment fee",
        ),
        ("SALE/FINAL_VALUE_FEE", "sale / final value fee"),
        ("other-transaction/Storage Fee", "other transaction / storage fee"),
        ("", ""),
    ],
)
def test_codes_read_as_words(code, words):
    assert words_of(code) == words


@pytest.mark.parametrize(
    ("platform", "code", "kind"),
    [
        ("amazon", "ItemFees/Commission", "commission"),
        ("amazon", "ItemFees/RefundCommission", "commission"),
        ("amazon", "ItemFees/FBAPerUnitFulfillmentFee", "fulfilment"),
        ("amazon", "other-transaction/Storage Fee", "storage"),
        ("amazon", "other-transaction/Subscription Fee", "subscription"),
        ("amazon", "other-transaction/WAREHOUSE_DAMAGE", "compensation"),
        ("amazon", "other-transaction/Shipping label purchase", "shipping"),
        ("ebay", "SALE/FINAL_VALUE_FEE", "commission"),
        ("ebay", "NON_SALE_CHARGE/AD_FEE", "advertising"),
        ("ebay", "SHIPPING_LABEL", "shipping"),
        ("ebay", "NON_SALE_CHARGE/INSERTION_FEE", "subscription"),
        ("etsy", "transaction", "commission"),
        ("etsy", "shipping_transaction", "commission"),
        ("etsy", "listing", "subscription"),
        ("etsy", "renew_sold_auto", "subscription"),
        ("etsy", "offsite_ads_fee", "advertising"),
        ("etsy", "shipping_labels", "shipping"),
        ("shopify", "charge/fee", "payment"),
        ("shopify", "refund/fee", "payment"),
        ("stripe", "fee/stripe_fee", "payment"),
        ("paypal", "Express Checkout Payment/Fee", "payment"),
        ("paypal", "Shopping Cart Payment", None),
        ("paypal", "Mobile Payment", None),
        ("etsy", "Payment/Card Payment", None),
        ("etsy", "Payment/Charge for refund", None),
        ("etsy", "Fee/Payment processing", "payment"),
        ("mapped", "Payment method fee", "payment"),
        ("amazon", "other-transaction/Amazon Capital Services", None),
        ("mapped", "", None),
    ],
)
def test_kind_of_known_fees(platform, code, kind):
    assert fee_kind(platform, code) == kind


def test_every_fee_that_amazon_is_known_to_charge_has_a_kind(samples):
    path = samples / "amazon" / "reference" / "settlement_v2_fee_codes.json"
    entries = json.loads(path.read_text(encoding="utf-8"))["entries"]
    unknown = [
        entry["description"]
        for entry in entries
        if "ItemPrice" not in entry["amount_types"]
        and "FacilitatorVAT" not in entry["description"]
        and entry["description"] not in NO_FEE
        and fee_kind(
            "amazon", "/".join([*entry["amount_types"][:1], entry["description"]])
        )
        is None
    ]
    assert not unknown


def test_account_named_like_the_code_wins_over_the_kind():
    names = {1: "Commissions", 2: "Final Value Fee", 3: "Rent"}
    assert best_account("SALE/FINAL_VALUE_FEE", "commission", names) == 2


@pytest.mark.parametrize(
    ("kind", "names", "found"),
    [
        ("commission", {1: "Rent", 2: "Provisionen"}, 2),
        ("payment", {1: "Salaries", 2: "Bank Fees"}, 2),
        ("shipping", {1: "Ports et transports", 2: "Loyer"}, 1),
        ("storage", {1: "Rent", 2: "Sales Expenses"}, 2),
        ("storage", {1: "Rent"}, None),
        (None, {1: "Sales Expenses"}, None),
    ],
)
def test_account_is_found_by_what_its_name_tells(kind, names, found):
    assert best_account("x/y", kind, names) == found


def test_most_telling_word_decides_and_then_the_order_of_the_accounts():
    names = {5: "Selling costs", 7: "Commission", 9: "Commission abroad"}
    assert best_account("x/y", "commission", names) == 7


@given(st.sampled_from(["amazon", "ebay", "etsy", "stripe", ""]), st.text(max_size=60))
def test_any_code_has_a_kind_with_words_or_none(platform, code):
    kind = fee_kind(platform, code)
    assert kind is None or ACCOUNT_WORDS[kind]


@given(st.text(max_size=40), st.dictionaries(st.integers(), st.text(max_size=20)))
def test_suggested_account_is_one_of_those_given(code, names):
    assert best_account(code, fee_kind("amazon", code), names) in {None, *names}


@pytest.mark.parametrize(
    "code",
    [
        "Refund/Commission",
        "ItemFees/RefundCommission",
        "refund/fee",
        "Refund/Final value fee",
        "Rückerstattung/Verkaufsprovision",
        "Rückerstattung/Verkaufsgebühr",
        "Remboursement/Frais de vente",
        "Remboursement/Commission",
    ],
)
def test_what_the_channel_charges_is_a_fee(code):
    assert is_fee(code)


@pytest.mark.parametrize(
    "code",
    [
        "ItemPrice/Principal",
        "ItemPrice/RestockingFee",
        "ItemPrice/PaymentMethodFee",
        "Refund/Shipping fee",
        "Refund/Coffee",
        "Rückerstattung/Versandgebühr",
        "Remboursement/Frais de port",
        "refund",
        "",
    ],
)
def test_what_the_buyer_paid_is_no_fee(code):
    assert not is_fee(code)
