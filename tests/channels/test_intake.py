"""The door: archives, encodings, samples, detection, and the check of every order."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from odoo.addons.marketplace_invoicing.channels import intake, mapped
from odoo.addons.marketplace_invoicing.channels.base import (
    GATEWAYS,
    ChannelFormat,
    ChannelParseError,
    ParsedOrder,
    ParseFailure,
    Sample,
)

ADDON = Path(intake.__file__).resolve().parents[1]
ORDERS = [
    {
        "id": 727,
        "order_key": "wc_order_1",
        "number": "727",
        "status": "completed",
        "currency": "EUR",
        "date_created_gmt": "2025-03-01T10:00:00",
        "total": "10.00",
        "total_tax": "0.00",
        "prices_include_tax": False,
        "billing": {},
        "line_items": [
            {
                "id": 1,
                "sku": "MUG",
                "name": "Tasse für Zoë",
                "quantity": 1,
                "total": "10.00",
                "total_tax": "0.00",
            }
        ],
    }
]
JSON = json.dumps(ORDERS, ensure_ascii=False)


def document(data: bytes, **options) -> intake.Document:
    return intake.open_document(io.BytesIO(data), "file", **options)


def zipped(**members: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_SLASH_", "/"), content)
    return data.getvalue()


def fake(
    code: str, platform: str = "p", *, found: bool = True, records=()
) -> ChannelFormat:
    return ChannelFormat(
        code=code,
        platform=platform,
        label=code,
        detect=lambda sample: found,
        parse=None if records is None else lambda source: iter(records),
    )


# -- opening ---------------------------------------------------------------------------


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_json_is_utf_8_whatever_its_byte_order_mark_says(codec: str):
    opened = document(JSON.encode(codec))
    assert opened.kind == "json"
    assert opened.stream.read().decode() == JSON


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_table_is_utf_8_too_and_may_come_in_windows_1252(codec: str):
    text = "id;name\n1;Zoë – 5 €\n"
    opened = document(text.encode(codec))
    assert opened.kind == "table"
    assert opened.stream.read().decode() == text


def test_stated_encoding_of_a_table_wins_over_the_guess():
    text = "注文番号,商品名\n1,湯呑み\n"
    assert (
        document(text.encode("cp932"), encoding="cp932").stream.read().decode() == text
    )


def test_xml_keeps_its_declared_encoding():
    data = '<?xml version="1.0" encoding="ISO-8859-1"?><Order><Name>Zoë</Name></Order>'
    opened = document(data.encode("latin-1"))
    assert opened.kind == "xml"
    assert opened.stream.read() == data.encode("latin-1")


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(JSON.encode()),
        zipped(orders=JSON.encode()),
        zipped(
            folder_SLASH_=b"", __MACOSX_SLASH_x=b"x", folder_SLASH_orders=JSON.encode()
        ),
        gzip.compress(JSON.encode("utf-16")),
    ],
    ids=["gzip", "zip", "zip of macOS", "gzip of UTF-16"],
)
def test_archive_with_one_file_is_unpacked(packed: bytes):
    opened = document(packed)
    assert (opened.kind, opened.stream.read().decode()) == ("json", JSON)


def test_workbook_is_told_from_other_archives():
    data = io.BytesIO()
    openpyxl.Workbook().save(data)
    assert document(data.getvalue()).kind == "xlsx"


# -- samples ---------------------------------------------------------------------------


def test_json_keys_are_dotted_paths_with_list_items():
    data = {
        "orders": [{"id": 1, "lines": [{"sku": "a"}, {"price": 2}], "codes": [[5]]}],
        "item": {},
    }
    found = intake.sample(document(json.dumps(data).encode()))
    assert found.kind == "json"
    assert found.keys == {
        "orders",
        "orders[]",
        "orders[].id",
        "orders[].lines",
        "orders[].lines[]",
        "orders[].lines[].sku",
        "orders[].lines[].price",
        "orders[].codes",
        "orders[].codes[]",
        "orders[].codes[][]",
        "item",
    }


def test_list_at_the_top_starts_with_brackets():
    found = intake.sample(document(b'[{"a": {"b": 1}}, {"c.d": 2}]'))
    assert found.keys == {"[]", "[].a", "[].a.b", "[].c.d"}


def test_json_cut_off_by_the_sample_still_shows_its_keys():
    data = (
        b'{"orders": ['
        + b",".join([b'{"id": "%s"}' % (b"x" * 1000)] * 3000)
        + b'], "end": 1}'
    )
    found = intake.sample(document(data))
    assert found.keys == {"orders", "orders[]", "orders[].id"}


def test_xml_shows_root_and_local_names():
    data = b'<e:Export xmlns:e="urn:x"><!-- c --><Order id="1"><e:Total/></Order></e:Export>'
    found = intake.sample(document(data))
    assert (found.kind, found.root) == ("xml", "Export")
    assert found.keys == {"Export", "Order", "Total"}


def test_large_xml_is_sampled_from_its_beginning():
    data = b"<Export>" + b"<Order><Id>1</Id></Order>" * 100_000 + b"<Late/></Export>"
    assert intake.sample(document(data)).keys == {"Export", "Order", "Id"}


def test_table_shows_its_header():
    found = intake.sample(document(b'"Order ID";"Total, gross"\n1;2\n'))
    assert found == Sample(kind="table", columns=("Order ID", "Total, gross"))


def test_workbook_shows_its_header():
    book = openpyxl.Workbook()
    book.active.append([])
    book.active.append(["Order ID", 2026])
    data = io.BytesIO()
    book.save(data)
    found = intake.sample(document(data.getvalue()))
    assert found == Sample(kind="xlsx", columns=("Order ID", "2026"))


# -- detection -------------------------------------------------------------------------


def test_platform_decides_between_formats_that_look_alike():
    formats = (
        fake("a.report", "a", records=None),
        fake("b.orders", "b"),
        fake("c.orders", "c"),
    )
    found = Sample(kind="json")
    assert intake.detect(found, formats, "c").code == "c.orders"
    assert intake.detect(found, formats, "a").code == "a.report"
    assert intake.detect(found, formats).code == "b.orders"


def test_platform_does_not_hide_what_a_file_is():
    formats = (fake("a.orders", "a", found=False), fake("b.orders", "b"))
    assert intake.detect(Sample(kind="json"), formats, "a").code == "b.orders"


def test_every_format_has_a_code_of_its_own():
    formats = intake.all_formats()
    codes = [fmt.code for fmt in formats]
    assert len(codes) == len(set(codes))
    assert {fmt.platform for fmt in formats} - set(GATEWAYS) == {
        "amazon",
        "ebay",
        "etsy",
        "shopify",
        "woocommerce",
    }
    assert all(fmt.parse for fmt in formats if fmt.kind == "orders")
    assert not any(fmt.parse for fmt in formats if fmt.kind == "other")


def test_no_format_claims_an_empty_sample():
    for kind in ("json", "xml", "table", "xlsx"):
        assert not [
            fmt.code for fmt in intake.all_formats() if fmt.detect(Sample(kind=kind))
        ]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("amazon/orders_v0_getOrders.json", "amazon.orders.v0"),
        ("amazon/orders_2026-01-01_getOrder_uk.json", "amazon.orders.2026-01-01"),
        ("shopify/orders_list_paid_one_line.json", "shopify.orders.rest"),
        ("woocommerce/orders_batch_response.json", "woocommerce.orders.v3"),
        ("ebay/getOrder.minimal.json", "ebay.orders.fulfillment"),
        ("ebay/trading_GetOrders_three_variations.xml", "ebay.orders.trading"),
        ("etsy/receipts_scrubbed.json", "etsy.receipts.v3"),
    ],
)
def test_real_files_are_recognised_by_their_content(
    samples: Path, path: str, code: str
):
    with (samples / path).open("rb") as source:
        fmt, records = intake.read(source, "no-telling-name")
        assert fmt.code == code
        assert all(isinstance(record, ParsedOrder) for record in records)


def test_exactly_one_format_claims_each_real_file(samples: Path):
    claims = {}
    for path in sorted(samples.rglob("*")):
        if path.suffix not in (".json", ".xml", ".csv", ".txt"):
            continue
        with path.open("rb") as source:
            found = intake.sample(intake.open_document(source, path.name))
        claims[path.name] = [
            fmt.code for fmt in intake.all_formats() if fmt.detect(found)
        ]
    assert {name: codes for name, codes in claims.items() if len(codes) > 1} == {}


# -- checks ----------------------------------------------------------------------------


def order(**values) -> ParsedOrder:
    return ParsedOrder(
        **{
            "external_ref": "1",
            "format": "f",
            "platform": "p",
            "where": "orders[0]",
            "raw": "{}",
            **values,
        }
    )


def read_records(monkeypatch, records) -> list:
    monkeypatch.setattr(intake, "all_formats", lambda: (fake("f", records=records),))
    _fmt, found = intake.read(io.BytesIO(b"{}"), "x")
    return list(found)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"external_ref": " "}, "the order has no id"),
        (
            {"created_at": datetime(1, 1, 2, tzinfo=timezone.utc)},
            "a date before 1990 or after 2100",
        ),
        (
            {"paid_at": datetime(2100, 1, 2, tzinfo=timezone.utc)},
            "a date before 1990 or after 2100",
        ),
        ({"raw": "a\0b"}, "a NUL character"),
    ],
)
def test_order_that_no_shop_has_becomes_a_failure(
    monkeypatch, values: dict, reason: str
):
    good = order()
    failure, last = read_records(monkeypatch, [order(**values), good])
    assert isinstance(failure, ParseFailure)
    assert (failure.where, failure.reason) == ("orders[0]", reason)
    assert last is good


def test_failures_pass_unchanged(monkeypatch):
    failure = ParseFailure(where="line 7", reason="not a decimal")
    assert read_records(monkeypatch, [failure]) == [failure]


@pytest.mark.parametrize(
    "slip", [UnicodeDecodeError("utf-8", b"x", 0, 1, "bad"), EOFError("end")]
)
def test_library_error_that_a_parser_overlooks_is_still_a_parse_error(
    monkeypatch, slip: Exception
):
    def records() -> Iterator[ParsedOrder]:
        yield order()
        raise slip

    with pytest.raises(ChannelParseError, match="f: cannot be read"):
        read_records(monkeypatch, records())


def test_bug_of_ours_is_not_dressed_up_as_a_bad_file(monkeypatch):
    def records() -> Iterator[ParsedOrder]:
        yield {}["bug"]

    with pytest.raises(KeyError):
        read_records(monkeypatch, records())


def test_records_are_read_while_they_are_asked_for():
    data = json.dumps(
        [{**ORDERS[0], "id": number} for number in range(1, 2001)]
    ).encode()
    source = io.BytesIO(data)
    _fmt, records = intake.read(source, "orders.json")
    assert next(records).external_ref == "1"
    assert source.tell() < len(data) / 2
    assert sum(order.amount_total for order in records) == Decimal("19990.00")


# -- stored payloads


def test_payload_is_read_by_its_format():
    _fmt, [order] = intake.read(io.BytesIO(JSON.encode()), "orders.json")
    [again] = intake.read_payload(io.BytesIO(order.raw.encode()), order.format)
    assert again.replace(where=order.where, raw=order.raw) == order


def test_payload_of_a_mapped_format_needs_its_profile():
    profile = mapped.Profile(name="x", kind="csv", columns={"external_ref": "id"})
    [order] = intake.read_payload(io.BytesIO(b"id\n7\n"), "mapped.csv", profile)
    assert order.external_ref == "7"
    with pytest.raises(ChannelParseError, match="no way to read mapped.csv"):
        intake.read_payload(io.BytesIO(b"id\n7\n"), "mapped.csv")


def test_edited_payload_is_refused_like_a_file():
    with pytest.raises(ChannelParseError, match="document type"):
        intake.read_payload(io.BytesIO(b"<!DOCTYPE x><Order/>"), "ebay.orders.trading")
    with pytest.raises(ChannelParseError, match="the file is empty"):
        intake.read_payload(io.BytesIO(b""), "woocommerce.orders.v3")
    with pytest.raises(ChannelParseError, match="no way to read amazon.settlement"):
        intake.read_payload(io.BytesIO(b"{}"), "amazon.settlement")


# -- purity ----------------------------------------------------------------------------


def test_parsers_need_no_odoo():
    code = (
        "import sys; import channels.intake as intake; "
        "assert len(intake.all_formats()) > 5; "
        "print(sorted(name for name in sys.modules if name.split('.')[0] == 'odoo'))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, '.'); {code}"],
        cwd=ADDON,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
