"""WooCommerce v3 orders. Figures: SOURCES.md, the documentation, arithmetic by hand."""

from __future__ import annotations

import io
import json
from copy import deepcopy
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.addons.marketplace_invoicing.channels import woocommerce
from odoo.addons.marketplace_invoicing.channels.base import (
    ChannelParseError,
    ParsedOrder,
    ParseFailure,
    Sample,
)

D = Decimal
[ORDERS, REFUNDS] = woocommerce.FORMATS
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from(["", "NaN", "-Infinity", "1e999999999", "x", "9" * 50, "\x00"]),
    st.text(max_size=5),
    st.just([]),
    st.just({}),
    st.just([None]),
    st.just([{}]),
)


def read(document: object) -> list:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return list(ORDERS.parse(io.BytesIO(data)))


def read_one(document: object) -> ParsedOrder:
    [order] = read(document)
    assert isinstance(order, ParsedOrder), order
    return order


def item(**values) -> dict:
    return {
        "id": 11,
        "name": "Cup",
        "product_id": 5,
        "variation_id": 0,
        "sku": "CUP",
        "quantity": 1,
        "subtotal": "10.00",
        "subtotal_tax": "0.00",
        "total": "10.00",
        "total_tax": "0.00",
        "taxes": [],
        "price": 10,
        **values,
    }


def order(*items: dict, **values) -> dict:
    return {
        "id": 1,
        "number": "1",
        "order_key": "wc_order_x",
        "created_via": "checkout",
        "status": "processing",
        "currency": "EUR",
        "date_created": "2026-01-05T10:00:00",
        "date_created_gmt": "2026-01-05T09:00:00",
        "date_modified_gmt": "2026-01-05T09:05:00",
        "date_paid_gmt": "2026-01-05T09:01:00",
        "discount_total": "0.00",
        "shipping_total": "0.00",
        "cart_tax": "0.00",
        "total_tax": "0.00",
        "total": "10.00",
        "prices_include_tax": False,
        "customer_id": 0,
        "payment_method": "stripe",
        "payment_method_title": "Card",
        "line_items": list(items) or [item()],
        "tax_lines": [],
        "shipping_lines": [],
        "fee_lines": [],
        "coupon_lines": [],
        "refunds": [],
        "meta_data": [],
        **values,
    }


def keys_of(value: object, path: str = "") -> set[str]:
    """Every dotted path of a document, as ``Sample.keys`` has them."""
    if isinstance(value, list):
        found = [keys_of(part, f"{path}[]") for part in value]
        return {f"{path}[]"}.union(*found)
    if isinstance(value, dict):
        found = [
            keys_of(part, f"{path}.{key}".lstrip(".")) for key, part in value.items()
        ]
        return set().union({f"{path}.{key}".lstrip(".") for key in value}, *found)
    return set()


def detected(document: object) -> list[str]:
    sample = Sample(kind="json", keys=frozenset(keys_of(document)))
    return [fmt.code for fmt in woocommerce.FORMATS if fmt.detect(sample)]


# Real payloads: ref, total, tax, shipping, discount, lines, status, skus, quantity, items, refunds

FACTS = {
    "order.json": [
        "727 29.35 1.35 10.00 0.00 2 processing ,Bar3 3 18.00 -",
    ],
    "orders_list.json": [
        "727 29.35 1.35 10.00 0.00 2 processing ,Bar3 3 18.00 -",
        "723 39.00 0.00 10.00 0.00 2 completed , 2 29.00 726:10.00,724:9.00",
    ],
    "orders_batch_response.json": [
        "728 62.25 2.25 30.00 0.00 3 pending ,,Bar3 3 30.00 -",
        "729 54.40 2.40 20.00 0.00 2 processing Bar3, 2 32.00 -",
        "727 29.35 1.35 10.00 0.00 2 completed ,Bar3 3 18.00 -",
        "723 39.00 0.00 10.00 0.00 2 completed , 2 29.00 726:10.00,724:9.00",
    ],
}


def facts_of(parsed: ParsedOrder) -> str:
    items = [line for line in parsed.lines if line.kind == "product"]
    refunds = ",".join(f"{one.external_ref}:{one.amount}" for one in parsed.refunds)
    facts = (
        parsed.external_ref,
        parsed.amount_total,
        parsed.amount_tax,
        parsed.amount_shipping,
        parsed.amount_discount,
        len(items),
        parsed.channel_status,
        ",".join(line.sku for line in items),
        sum(line.quantity for line in items),
        sum(line.amount for line in items),
        refunds or "-",
    )
    return " ".join(str(fact) for fact in facts)


@pytest.mark.parametrize("file", FACTS)
def test_sample_orders_have_the_documented_facts(samples: Path, file: str) -> None:
    orders = read((samples / "woocommerce" / file).read_bytes())
    assert [facts_of(parsed) for parsed in orders] == FACTS[file]
    assert {parsed.currency for parsed in orders} == {"USD"}
    assert {parsed.imbalance for parsed in orders} == {0}


@pytest.mark.parametrize("file", FACTS)
def test_raw_of_a_sample_reads_to_the_same_values(samples: Path, file: str) -> None:
    for parsed in read((samples / "woocommerce" / file).read_bytes()):
        assert_raw_reads_the_same(parsed)


def test_sample_places_name_the_part_of_the_batch(samples: Path) -> None:
    data = (samples / "woocommerce" / "orders_batch_response.json").read_bytes()
    assert [parsed.where for parsed in read(data)] == [
        "create[0]",
        "create[1]",
        "update[0]",
        "delete[0]",
    ]


def test_sample_taxes_are_named_by_the_orders_tax_lines(samples: Path) -> None:
    parsed = read_one((samples / "woocommerce" / "order.json").read_bytes())
    assert [(tax.name, tax.amount) for line in parsed.lines for tax in line.taxes] == [
        ("State Tax", D("0.45")),
        ("State Tax", D("0.90")),
    ]


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("order.json", "woocommerce.orders.v3"),
        ("orders_list.json", "woocommerce.orders.v3"),
        ("orders_batch_response.json", "woocommerce.orders.v3"),
        ("refunds_list.json", "woocommerce.refunds.v3"),
        ("refund_amount_only.json", "woocommerce.refunds.v3"),
    ],
)
def test_sample_file_is_recognised_as_exactly_one_format(
    samples: Path, file: str, code: str
) -> None:
    assert detected(json.loads((samples / "woocommerce" / file).read_text())) == [code]


def test_documents_of_other_platforms_are_not_taken(samples: Path) -> None:
    others = [
        path
        for path in samples.rglob("*.json")
        if path.parent.name in ("amazon", "ebay", "etsy", "stripe", "shopify")
    ]
    assert others
    taken = {path.name: detected(json.loads(path.read_text())) for path in others}
    assert {name: codes for name, codes in taken.items() if codes} == {}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda one: one,
        lambda one: [one],
        lambda one: {"create": [one]},
        lambda one: {"create": [], "update": [one]},
        lambda one: {"delete": [one]},
    ],
)
def test_every_wrapping_is_recognised_and_read(wrap) -> None:
    assert detected(wrap(order())) == ["woocommerce.orders.v3"]
    assert read_one(wrap(order())).external_ref == "1"


# Amounts


@pytest.mark.parametrize("prices_include_tax", [False, True])
def test_line_totals_are_net_whatever_the_catalogue_prices_are(
    prices_include_tax,
) -> None:
    # 19 % on 10.00; the order's total is 11.90 with both settings.
    line = item(total_tax="1.90", taxes=[{"id": 7, "total": "1.9", "subtotal": "1.9"}])
    parsed = read_one(
        order(
            line, total="11.90", total_tax="1.90", prices_include_tax=prices_include_tax
        )
    )
    assert parsed.lines[0].tax_included is False
    assert (parsed.lines[0].amount, parsed.lines[0].tax) == (D("10.00"), D("1.90"))
    assert parsed.imbalance == 0


def test_coupons_are_in_the_line_totals_and_make_no_line() -> None:
    line = item(subtotal="10.00", total="7.50")
    coupon = {"id": 9, "code": "spring", "discount": "2.50", "discount_tax": "0.00"}
    parsed = read_one(
        order(line, coupon_lines=[coupon], discount_total="2.50", total="7.50")
    )
    assert len(parsed.lines) == 1
    assert (parsed.lines[0].amount, parsed.lines[0].discount) == (D("7.50"), D("2.50"))
    assert (parsed.amount_discount, parsed.imbalance) == (D("2.50"), 0)


def test_fee_lines_count_and_a_negative_one_is_a_discount() -> None:
    fees = [
        {
            "id": 21,
            "name": "Gift box",
            "total": "3.00",
            "total_tax": "0.57",
            "taxes": [],
        },
        {
            "id": 22,
            "name": "Loyalty",
            "total": "-2.00",
            "total_tax": "-0.38",
            "taxes": [],
        },
    ]
    # 10.00 + 3.57 - 2.38
    parsed = read_one(order(fee_lines=fees, total="11.19", total_tax="0.19"))
    assert [(line.kind, line.title, line.amount) for line in parsed.lines[1:]] == [
        ("fee", "Gift box", D("3.00")),
        ("discount", "Loyalty", D("-2.00")),
    ]
    assert parsed.imbalance == 0


def test_fractional_quantities_stay_fractional() -> None:
    line = item(quantity=2.5, subtotal="31.25", total="31.25", price=12.5)
    parsed = read_one(order(line, total="31.25"))
    assert parsed.lines[0].quantity == D("2.5")
    assert parsed.lines[0].amount == D("31.25")


def test_six_decimals_stay_exact() -> None:
    line = item(
        subtotal="18.000000",
        total="18.000000",
        total_tax="1.350000",
        taxes=[{"id": 75, "total": "1.350000", "subtotal": "1.350000"}],
    )
    parsed = read_one(order(line, total="19.35", total_tax="1.350000"))
    assert (str(parsed.amount_tax), str(parsed.lines[0].tax)) == (
        "1.350000",
        "1.350000",
    )
    assert parsed.imbalance == 0


def test_rounded_order_totals_leave_an_imbalance_under_half_a_cent() -> None:
    # 3 x 8.333333 net is 24.999999; with 19 % (1.583333 each) 29.749998; the order says 29.75.
    lines = [
        item(
            id=index,
            total="8.333333",
            subtotal="8.333333",
            total_tax="1.583333",
            taxes=[{"id": 7, "total": "1.583333"}],
        )
        for index in (1, 2, 3)
    ]
    parsed = read_one(order(*lines, total="29.75", total_tax="4.75"))
    assert parsed.amount_lines == D("29.749998")
    assert parsed.imbalance == D("0.000002")


def test_exact_taxes_count_where_the_lines_total_tax_is_rounded() -> None:
    # 7.5 % of 15.00, 3.00 and 12.00: 1.125 + 0.225 + 0.9 = 2.25, rounded per line 2.26.
    lines = [
        item(
            id=1, total="15.00", total_tax="1.13", taxes=[{"id": 75, "total": "1.125"}]
        ),
        item(
            id=2, total="3.00", total_tax="0.23", taxes=[{"id": 75, "total": "0.225"}]
        ),
        item(id=3, total="12.00", total_tax="0.90", taxes=[{"id": 75, "total": "0.9"}]),
    ]
    parsed = read_one(order(*lines, total="32.25", total_tax="2.25"))
    assert [str(line.tax) for line in parsed.lines] == ["1.125", "0.225", "0.90"]
    assert parsed.imbalance == 0


def test_compound_tax_is_named_with_rate_and_flag() -> None:
    # GST 5 % of 100.00 = 5.00; compound QST 9.975 % of 105.00 = 10.47375
    tax_lines = [
        {"id": 1, "rate_id": 4, "label": "GST", "compound": False, "rate_percent": 5},
        {
            "id": 2,
            "rate_id": 5,
            "rate_code": "CA-QC-QST-1",
            "label": "QST",
            "compound": True,
            "rate_percent": 9.975,
        },
    ]
    line = item(
        subtotal="100.00",
        total="100.00",
        total_tax="15.47375",
        taxes=[
            {"id": 4, "total": "5", "subtotal": "5"},
            {"id": 5, "total": "10.47375", "subtotal": "10.47375"},
        ],
    )
    parsed = read_one(
        order(line, tax_lines=tax_lines, total="115.47", total_tax="15.47")
    )
    gst, qst = parsed.lines[0].taxes
    assert (gst.name, gst.rate, gst.evidence) == (
        "GST",
        D("0.05"),
        "woocommerce: own shop",
    )
    assert (qst.name, qst.rate, qst.amount) == ("QST", D("0.09975"), D("10.47375"))
    assert qst.evidence == "woocommerce: own shop; tax_lines[1].compound=true"
    assert parsed.imbalance == D("-0.00375")


def test_a_rate_that_does_not_apply_to_a_line_is_no_tax() -> None:
    taxes = [{"id": 4, "total": "", "subtotal": ""}, {"id": 5, "total": "1.00"}]
    line = item(total_tax="1.00", taxes=taxes)
    parsed = read_one(order(line, total="11.00", total_tax="1.00"))
    assert [(tax.name, tax.amount) for tax in parsed.lines[0].taxes] == [
        ("rate 5", D("1.00"))
    ]


def test_shipping_lines_carry_their_tax() -> None:
    shipping = {
        "id": 31,
        "method_title": "DHL &amp; Co",
        "method_id": "flat_rate",
        "total": "5.00",
        "total_tax": "0.95",
        "taxes": [{"id": 7, "total": "0.95"}],
    }
    parsed = read_one(
        order(
            shipping_lines=[shipping],
            shipping_total="5.00",
            total="15.95",
            total_tax="0.95",
        )
    )
    line = parsed.lines[1]
    assert (line.kind, line.amount, line.tax) == ("shipping", D("5.00"), D("0.95"))
    assert parsed.shipping_option == "DHL & Co"
    assert (parsed.amount_shipping, parsed.imbalance) == (D("5.00"), 0)


def test_the_shop_owes_every_tax() -> None:
    line = item(total_tax="1.00", taxes=[{"id": 5, "total": "1.00"}])
    parsed = read_one(order(line, total="11.00"))
    assert (parsed.lines[0].liability, parsed.lines[0].evidence) == (
        "seller",
        "woocommerce: own shop",
    )
    assert parsed.amount_invoice == D("11.00")


def test_yen_amounts_keep_no_decimals() -> None:
    line = item(subtotal="1200", total="1200", total_tax="0")
    parsed = read_one(order(line, currency="JPY", total="1200"))
    assert (str(parsed.amount_total), str(parsed.lines[0].amount)) == ("1200", "1200")


def test_zero_quantity_free_and_deleted_products_are_kept() -> None:
    lines = [
        item(),
        item(id=12, quantity=0, total="0.00", subtotal="0.00"),
        item(
            id=13,
            sku=None,
            product_id=0,
            name="陶器 &ndash; 青",
            total="0",
            subtotal="0",
        ),
    ]
    parsed = read_one(order(*lines))
    assert [(line.sku, line.product_ref, line.title) for line in parsed.lines] == [
        ("CUP", "5", "Cup"),
        ("CUP", "5", "Cup"),
        ("", "", "陶器 – 青"),
    ]
    assert parsed.imbalance == 0


# Status, payment, refunds


@pytest.mark.parametrize(
    ("status", "paid", "expected"),
    [
        ("pending", None, ("pending", "unpaid")),
        ("on-hold", None, ("pending", "unpaid")),
        ("checkout-draft", None, ("pending", "unpaid")),
        ("processing", "2026-01-05T09:01:00", ("open", "paid")),
        ("processing", None, ("open", "unpaid")),
        ("completed", "2026-01-05T09:01:00", ("done", "paid")),
        ("cancelled", None, ("cancelled", "voided")),
        ("cancelled", "2026-01-05T09:01:00", ("cancelled", "paid")),
        ("failed", None, ("pending", "unpaid")),
        ("trash", None, ("cancelled", "unpaid")),
        ("refunded", "2026-01-05T09:01:00", ("done", "refunded")),
        ("wc-awaiting-pickup", "2026-01-05T09:01:00", ("open", "paid")),
    ],
)
def test_status_and_payment_are_normalised(status, paid, expected) -> None:
    parsed = read_one(order(status=status, date_paid_gmt=paid))
    assert (parsed.status, parsed.payment_status) == expected
    assert parsed.channel_status == status


@pytest.mark.parametrize(
    ("method", "paid", "through"),
    [
        ("bacs", "2026-01-05T09:01:00", False),
        ("cheque", None, False),
        ("cod", None, False),
        ("stripe", "2026-01-05T09:01:00", True),
        ("stripe", None, None),
        ("", "2026-01-05T09:01:00", None),
    ],
)
def test_bank_transfer_cheque_and_cash_are_paid_to_the_seller(
    method, paid, through
) -> None:
    parsed = read_one(order(payment_method=method, date_paid_gmt=paid))
    assert parsed.paid_through_channel is through
    assert parsed.payment_method == method


def test_moments_are_the_gmt_ones() -> None:
    parsed = read_one(order())
    assert (
        parsed.created_at
        and parsed.created_at.isoformat() == "2026-01-05T09:00:00+00:00"
    )
    assert parsed.paid_at and parsed.paid_at.isoformat() == "2026-01-05T09:01:00+00:00"


@pytest.mark.parametrize(
    ("totals", "payment"),
    [(["-4.00"], "partially_refunded"), (["-4.00", "-6.00"], "refunded")],
)
def test_negative_refund_totals_are_positive_refunds(totals, payment) -> None:
    refunds = [
        {"id": 50 + i, "reason": "late", "total": t} for i, t in enumerate(totals)
    ]
    parsed = read_one(order(status="completed", refunds=refunds))
    assert [one.amount for one in parsed.refunds] == [abs(D(total)) for total in totals]
    assert {(one.currency, one.reason) for one in parsed.refunds} == {("EUR", "late")}
    assert parsed.payment_status == payment


# Buyer


def test_a_guest_has_no_buyer_id_and_the_email_is_none() -> None:
    billing = {"first_name": "Ana", "last_name": "Exemplo", "email": "ana@example.com"}
    buyer = read_one(order(billing=billing)).buyer
    assert (buyer.external_ref, buyer.name, buyer.email) == (
        "",
        "Ana Exemplo",
        "ana@example.com",
    )
    assert buyer.is_business is False


@pytest.mark.parametrize(
    "key",
    ["_vat_number", "_billing_vat_number", "vat_number", "_billing_eu_vat_number"],
)
def test_vat_number_of_the_common_plugins_makes_a_business(key) -> None:
    meta = [
        {"id": 1, "key": "x", "value": {"a": 1}},
        {"id": 2, "key": key, "value": "PT501964843"},
    ]
    buyer = read_one(order(meta_data=meta, customer_id=26)).buyer
    assert (buyer.external_ref, buyer.vat, buyer.is_business) == (
        "26",
        "PT501964843",
        True,
    )


def test_billing_company_is_kept_and_an_empty_delivery_address_is_none() -> None:
    billing = {"company": "Exemplo Lda", "country": "pt", "postcode": "1000-001"}
    empty = {"first_name": "", "last_name": "", "country": "", "city": ""}
    parsed = read_one(order(billing=billing, shipping=empty))
    assert parsed.buyer.company == "Exemplo Lda"
    assert parsed.billing_address and parsed.billing_address.country == "PT"
    assert parsed.shipping_address is None


def test_order_number_of_a_numbering_plugin_is_the_display_name() -> None:
    assert read_one(order(number="2026-0007")).display_name == "2026-0007"
    assert read_one(order()).display_name == ""


# Broken input


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"total": "ten"}, "[1].total: not a decimal"),
        ({"total": "Infinity"}, "[1].total: not a finite number"),
        ({"id": 0}, "[1].id: missing"),
        ({"currency": "EU"}, "[1].currency: not a currency code"),
        (
            {"date_created_gmt": "9999-01-01T00:00:00"},
            "[1].date_created_gmt: a date before 1990 or after 2100",
        ),
        ({"line_items": [{"id": 4}]}, "[1].line_items[0].total: missing"),
        (
            {"line_items": [item(taxes=[{"id": 1, "total": "x"}])]},
            "[1].line_items[0].taxes[0].total: not a decimal",
        ),
        (
            {
                "error": {
                    "code": "woocommerce_rest_invalid_id",
                    "message": "Invalid ID.",
                }
            },
            "[1].error: the shop refused this order: Invalid ID.",
        ),
    ],
)
def test_a_bad_order_is_named_and_its_neighbours_are_read(change, message) -> None:
    first, bad, last = read([order(), order(**change), order(id=3)])
    assert (first.external_ref, last.external_ref) == ("1", "3")
    assert isinstance(bad, ParseFailure)
    assert bad.message == message
    assert json.loads(bad.raw)["order_key"] == "wc_order_x"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "not valid JSON: neither an object nor a list"),
        (b"{}", "no orders in this document"),
        (b'{"create": {"id": 1}}', "not a list"),
        (
            b'{"code": "rest_forbidden", "message": "Sorry.", "data": {"status": 401}}',
            "an error message instead of orders: Sorry.",
        ),
    ],
)
def test_a_document_without_orders_is_refused_with_a_reason(document, reason) -> None:
    with pytest.raises(ChannelParseError) as caught:
        read(document)
    assert caught.value.reason == reason


def test_a_truncated_list_gives_its_whole_orders_before_it_fails() -> None:
    records = ORDERS.parse(
        io.BytesIO(json.dumps([order(), order(id=2)]).encode()[:-40])
    )
    assert next(records).external_ref == "1"
    with pytest.raises(ChannelParseError, match="byte"):
        next(records)


# Properties


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing_but_parse_errors(data: bytes) -> None:
    try:
        records = read(data)
    except ChannelParseError as error:
        assert error.reason
        return
    assert all(isinstance(record, (ParsedOrder, ParseFailure)) for record in records)


FULL = order(
    item(total_tax="1.90", taxes=[{"id": 7, "total": "1.9"}]),
    tax_lines=[
        {"id": 2, "rate_id": 7, "label": "VAT", "compound": False, "rate_percent": 19}
    ],
    shipping_lines=[
        {"id": 31, "method_title": "Post", "total": "5.00", "total_tax": "0"}
    ],
    fee_lines=[{"id": 21, "name": "Box", "total": "3.00", "total_tax": "0"}],
    refunds=[{"id": 51, "reason": "", "total": "-1.00"}],
    meta_data=[{"id": 3, "key": "_vat_number", "value": "PT501964843"}],
    billing={"first_name": "Ana", "country": "PT"},
    total="19.90",
)


def paths(value: object, path: tuple = ()) -> list[tuple]:
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, part in parts:
        found.append((*path, key))
        if isinstance(part, (dict, list)):
            found += paths(part, (*path, key))
    return found


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(paths(FULL)), JUNK)
def test_mutated_orders_raise_nothing_but_parse_errors(
    path: tuple, junk: object
) -> None:
    document = deepcopy(FULL)
    target = document
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = junk
    for record in read([document]):
        if isinstance(record, ParseFailure):
            assert record.reason
        else:
            assert_raw_reads_the_same(record)


def assert_raw_reads_the_same(parsed: ParsedOrder) -> None:
    again = read_one(parsed.raw.encode())
    assert again.replace(where=parsed.where) == parsed


MICROS = st.integers(-(10**10), 10**10).map(lambda micros: f"{D(micros).scaleb(-6):f}")


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(MICROS, MICROS), min_size=1, max_size=8))
def test_sums_of_lines_are_exact(amounts: list[tuple[str, str]]) -> None:
    lines = [
        item(id=index, total=net, taxes=[{"id": 7, "total": taxed}])
        for index, (net, taxed) in enumerate(amounts, start=1)
    ]
    expected = sum(D(net) + D(taxed) for net, taxed in amounts)
    parsed = read_one(order(*lines, total=f"{expected:f}"))
    assert parsed.amount_lines == expected
    assert parsed.imbalance == 0


def test_payment_is_known_by_what_the_provider_calls_it() -> None:
    meta = [{"id": 1, "key": "_stripe_intent_id", "value": "pi_3Nxyz"}]
    parsed = read_one(order(item(), transaction_id="ch_3Nxyz", meta_data=meta))
    assert parsed.payment_refs == ("ch_3Nxyz", "pi_3Nxyz")
    assert read_one(order(item(), transaction_id="")).payment_refs == ()
