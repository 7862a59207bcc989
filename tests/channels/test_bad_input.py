"""Files that no channel wrote like this: each is refused with a reason and a place."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.addons.marketplace_invoicing.channels import intake, mapped
from odoo.addons.marketplace_invoicing.channels.base import (
    ChannelParseError,
    ParsedOrder,
    ParseFailure,
    Record,
)

FILES = sorted(
    path for path in (Path(__file__).parent / "files").rglob("*") if path.is_file()
)
EBAY_XML = """<?xml version="1.0" encoding="UTF-8"?>
<GetOrdersResponse xmlns="urn:ebay:apis:eBLBaseComponents"><OrderArray><Order>
<OrderID>1101-1</OrderID><OrderStatus>Completed</OrderStatus>
<CreatedTime>2025-03-01T10:00:00.000Z</CreatedTime><Total currencyID="USD">5.00</Total>
<TransactionArray><Transaction><TransactionID>1</TransactionID>
<OrderLineItemID>1101-1-1</OrderLineItemID><QuantityPurchased>1</QuantityPurchased>
<TransactionPrice currencyID="USD">5.00</TransactionPrice>
<Item><ItemID>1101</ItemID><Title>Mug</Title></Item></Transaction></TransactionArray>
</Order></OrderArray></GetOrdersResponse>"""


def woo(number: object = 1, **values) -> dict:
    """Return a WooCommerce order over 12.00 in the documented shape."""
    return {
        "id": number,
        "number": str(number),
        "order_key": "wc_order_1",
        "status": "processing",
        "currency": "EUR",
        "date_created_gmt": "2025-03-01T10:00:00",
        "date_modified_gmt": "2025-03-01T10:00:00",
        "prices_include_tax": False,
        "discount_total": "0.00",
        "shipping_total": "0.00",
        "cart_tax": "2.00",
        "total": "12.00",
        "total_tax": "2.00",
        "line_items": [
            {
                "id": 5,
                "sku": "MUG",
                "name": "Mug",
                "quantity": 1,
                "product_id": 1,
                "subtotal": "10.00",
                "subtotal_tax": "2.00",
                "total": "10.00",
                "total_tax": "2.00",
                "taxes": [{"id": 1, "total": "2.00", "subtotal": "2.00"}],
            }
        ],
        "shipping_lines": [],
        "fee_lines": [],
        "coupon_lines": [],
        "tax_lines": [
            {
                "id": 9,
                "rate_id": 1,
                "label": "VAT",
                "compound": False,
                "tax_total": "2.00",
                "shipping_tax_total": "0.00",
            }
        ],
        "refunds": [],
        **values,
    }


def shopify(number: int = 1, **values) -> dict:
    """Return a Shopify REST order in EUR in the documented shape."""
    return {
        "id": number,
        "name": f"#{number}",
        "created_at": "2025-03-01T10:00:00+01:00",
        "currency": "EUR",
        "total_price": "10.00",
        "subtotal_price": "10.00",
        "total_tax": "0.00",
        "financial_status": "paid",
        "line_items": [
            {
                "id": 7,
                "sku": "MUG",
                "title": "Mug",
                "quantity": 1,
                "price": "10.00",
                "tax_lines": [],
            }
        ],
        **values,
    }


def read(data: bytes, **options) -> list[Record]:
    _fmt, records = intake.read(io.BytesIO(data), "orders", **options)
    return list(records)


def reads_to(data: bytes, **options) -> str:
    """Return the message of the error that a file raises."""
    with pytest.raises(ChannelParseError) as caught:
        read(data, **options)
    return str(caught.value)


def zipped(members: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["id", "price"])
    book.active.append(["A1", 10])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


# -- nothing to read -------------------------------------------------------------------


def test_empty_file_is_refused():
    assert reads_to(b"") == "the file is empty"
    assert reads_to(gzip.compress(b"")) == "the file is empty"


def test_white_space_is_no_table():
    assert reads_to(b" \n \n") == "line 1: no header row"


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"%PDF-1.7\n", "not an export but a PDF"),
        (b"\x89PNG\r\n\x1a\n", "not an export but a picture"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1",
            "old or locked Excel file; save it as .xlsx or CSV",
        ),
        (b"<!DOCTYPE html><html><body>Please log in", "not an export but a web page"),
        (b"\n<HTML lang='en'>", "not an export but a web page"),
        (bytes(range(256)), "byte 0: binary data, not a text file"),
        (b"order\tid\n\x00\x00", "byte 9: binary data, not a text file"),
        (b'{"orders": [\x00]}', "byte 12: binary data, not a text file"),
    ],
)
def test_file_of_another_kind_is_named(head: bytes, reason: str):
    assert reason in reads_to(head)


class Sparse(io.RawIOBase):
    """A file that claims 1 GB and must not be read."""

    def seek(self, offset: int, whence: int = 0) -> int:
        return 2**30 if whence == 2 else offset

    def read(self, size: int = -1) -> bytes:
        raise AssertionError("read although it is too large")


def test_upload_of_1_gb_is_refused_before_it_is_read():
    with pytest.raises(ChannelParseError) as caught:
        intake.read(Sparse(), "huge.json")
    assert str(caught.value) == "the file is larger than 512 MB"


def test_limit_is_the_caller_s():
    assert reads_to(b"x" * 101, limit=100) == "the file is larger than 100 bytes"


# -- broken text -----------------------------------------------------------------------


def test_truncated_json_gives_the_orders_before_and_the_byte():
    data = json.dumps({"orders": [shopify(1), shopify(2), shopify(3)]}).encode()[:-120]
    _fmt, records = intake.read(io.BytesIO(data), "orders.json")
    assert [next(records).external_ref, next(records).external_ref] == ["1", "2"]
    with pytest.raises(ChannelParseError) as caught:
        next(records)
    assert (
        str(caught.value) == f"byte {len(data)}: not valid JSON: it ends in the middle"
    )


def test_json_truncated_before_anything_is_known_names_the_byte():
    assert reads_to(b'{"or') == "byte 4: not valid JSON: it ends in the middle"


def test_truncated_xml_names_line_and_column():
    data = EBAY_XML[: EBAY_XML.index("</Transaction>")].encode()
    assert reads_to(data).startswith("line 8, column ")
    assert "not valid XML" in reads_to(data)


@pytest.mark.parametrize(
    "document", ['{"orders": [{"name": "%s"}]}', "<Orders><Name>%s</Name></Orders>"]
)
def test_json_and_xml_in_another_encoding_name_the_byte(document: str):
    data = (document % "Zoë").encode("latin-1")
    offset = data.index(b"\xeb")
    assert reads_to(data) == f"byte {offset}: text that is not UTF-8"


def test_character_at_the_border_of_two_chunks_is_no_error():
    data = b'{"x": "' + b"a" * (intake.CHUNK - 8) + "ë".encode() + b'"}'
    assert data[intake.CHUNK - 1 : intake.CHUNK + 1] == "ë".encode()
    assert reads_to(data) == "unknown format: JSON with keys x"


def test_wrong_byte_is_found_far_into_the_file():
    data = b'{"x": "' + b"a" * 200_000 + b"\xff" + b'"}'
    assert reads_to(data) == "byte 200007: text that is not UTF-8"


def test_table_that_no_encoding_fits_is_refused():
    # 0x81 is no character of Windows-1252.
    assert (
        reads_to(b"id,name\n1,\x81\n")
        == "byte 10: text that is not UTF-8 or Windows-1252"
    )


# -- archives --------------------------------------------------------------------------


def test_zip_bomb_is_refused_by_its_directory(monkeypatch):
    bomb = zipped({"orders.json": b" " * 100 * 2**20})

    def opened(*_args: object) -> None:
        raise AssertionError("a bomb was unpacked")

    monkeypatch.setattr(zipfile.ZipFile, "open", opened)
    assert "zip bomb" in reads_to(bomb)


def test_zip_that_lies_about_its_size_is_refused():
    data = zipped({"orders.json": b" " * 30 * 2**20})
    # Both the local header and the directory state 100 bytes instead of 30 MB.
    lying = data.replace(struct.pack("<I", 30 * 2**20), struct.pack("<I", 100))
    assert lying != data
    assert reads_to(lying) == "a damaged archive"


def test_zip_beyond_the_limit_is_refused():
    data = zipped({"orders.csv": bytes(range(32, 127)) * 20})
    assert (
        reads_to(data, limit=1000) == "an archive that unpacks to more than 1000 bytes"
    )


def test_gzip_bomb_is_refused_while_unpacking(monkeypatch):
    class Counting(gzip.GzipFile):
        given = 0

        def read(self, size: int = -1) -> bytes:
            data = super().read(size)
            Counting.given += len(data)
            return data

    monkeypatch.setattr(gzip, "GzipFile", Counting)
    bomb = gzip.compress(b" " * 100 * 2**20)
    assert "zip bomb" in reads_to(bomb)
    # Far from the 100 MB it would become; Python 3.13 reads some megabytes ahead.
    assert Counting.given <= 2 * intake.HARMLESS_SIZE


def test_workbook_bomb_is_refused():
    members = {
        "xl/workbook.xml": b"<workbook/>",
        "xl/sharedStrings.xml": b" " * 100 * 2**20,
    }
    assert "zip bomb" in reads_to(zipped(members))


def test_workbook_with_entities_is_refused():
    members = {
        name: content
        for name, content in _members(workbook())
        if name != "xl/workbook.xml"
    }
    for text in (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><workbook/>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x><workbook/>'.encode(
            "utf-16"
        ),
    ):
        data = zipped({**members, "xl/workbook.xml": text})
        assert "entities is not accepted" in reads_to(data)


def _members(data: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            yield name, archive.read(name)


def test_archive_in_an_archive_is_refused():
    orders = json.dumps([woo()]).encode()
    assert (
        reads_to(gzip.compress(gzip.compress(orders))) == "an archive inside an archive"
    )
    assert (
        reads_to(zipped({"a.zip": zipped({"b.json": orders})}))
        == "an archive inside an archive"
    )


def test_archive_with_several_files_is_refused():
    data = zipped({"a.json": b"[]", "b.json": b"[]"})
    assert reads_to(data) == "an archive with 2 files; give them one by one"


def test_directory_longer_than_any_archive_needs_is_refused():
    data = zipped({"a.json": b"[]"})
    end = data.rfind(b"PK\x05\x06")
    lying = data[: end + 12] + struct.pack("<I", 2**30) + data[end + 16 :]
    assert reads_to(lying) == "an archive with too many files"


@pytest.mark.parametrize("damage", [slice(0, 60), slice(0, -30)])
def test_damaged_archive_is_refused(damage: slice):
    orders = json.dumps([woo()]).encode()
    assert reads_to(zipped({"a.json": orders})[damage]) == "a damaged archive"
    assert reads_to(gzip.compress(orders)[damage]) == "a damaged archive"


def test_locked_archive_is_refused():
    data = bytearray(zipped({"a.json": b"[]"}))
    # Bit 0 of the flags says "encrypted", in the local header and in the directory.
    data[6] |= 1
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    assert reads_to(bytes(data)) == "an archive with a password"


# -- XML that attacks ------------------------------------------------------------------

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
PROFILE = mapped.Profile(
    name="XML", kind="xml", record_path="Order", columns={"external_ref": "OrderID"}
)


@pytest.mark.parametrize(
    "doctype",
    [
        f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>',
        '<!DOCTYPE x [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://example.com/p.dtd"> %p;]>',
        '<!DOCTYPE x SYSTEM "http://example.com/x.dtd">',
        "<!DOCTYPE x>",
    ],
    ids=[
        "billion laughs",
        "external entity",
        "parameter entity",
        "external DTD",
        "bare",
    ],
)
@pytest.mark.parametrize("profile", [None, PROFILE], ids=["detected", "mapped"])
def test_xml_with_a_document_type_is_refused(
    doctype: str, profile: mapped.Profile | None
):
    data = EBAY_XML.replace("<GetOrders", f"{doctype}<GetOrders").replace(
        "1101-1<", "&l9;<", 1
    )
    message = reads_to(data.encode(), profile=profile)
    assert message.endswith("XML with a document type or entities is not accepted")


def test_deep_xml_is_refused():
    data = b"<a>" * 100_000
    with pytest.raises(ChannelParseError):
        read(data)
    with pytest.raises(ChannelParseError):
        read(data, profile=PROFILE)


# -- unknown ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (b'{"widgets": [{"id": 1}], "next": null}', "JSON with keys next, widgets"),
        (b"{}", "JSON with no keys"),
        (b"[]", "JSON with no keys"),
        (b"<Catalog><Book/></Catalog>", "XML with root element Catalog"),
        (b"planet,moons\nEarth,1\n", "a table with columns planet, moons"),
        (b"Dear customer\n", "a table with columns Dear customer"),
        (workbook(), "an XLSX sheet with columns id, price"),
        (
            ",".join("abcdefghij").encode(),
            "a table with columns a, b, c, d, e, f, g, h, ...",
        ),
    ],
)
def test_unknown_format_says_what_was_seen(data: bytes, seen: str):
    assert reads_to(data) == f"unknown format: {seen}"


def test_notification_is_recognised_and_holds_nothing_to_import(samples: Path):
    data = (samples / "amazon" / "notification_ORDER_CHANGE.json").read_bytes()
    assert reads_to(data) == "Amazon notification: holds nothing to import"


# -- bad orders among good ones --------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "where"),
    [
        (woo(number=None), "[1].id"),
        ({key: value for key, value in woo().items() if key != "id"}, "[1].id"),
        (woo(total="12,00"), "[1].total"),
        (woo(total="1e999"), "[1].total"),
        (woo(total="NaN"), "[1].total"),
        (woo(date_created_gmt="0001-01-01T00:00:00"), "[1].date_created_gmt"),
        (woo(date_created_gmt="2999-01-01T00:00:00"), "[1].date_created_gmt"),
        (woo(date_created_gmt="2025-02-30T00:00:00"), "[1].date_created_gmt"),
        ("not an order", "[1]"),
    ],
)
def test_bad_order_does_not_hide_its_neighbours(bad: object, where: str):
    first, failure, last = read(json.dumps([woo(1), bad, woo(3)]).encode())
    assert isinstance(failure, ParseFailure)
    assert failure.where == where
    assert failure.reason
    assert [first.external_ref, last.external_ref] == ["1", "3"]


def test_two_currencies_in_one_order_are_refused():
    dollars = {"shop_money": {"amount": "10.00", "currency_code": "USD"}}
    item = {**shopify()["line_items"][0], "price_set": dollars}
    [failure] = read(json.dumps({"orders": [shopify(line_items=[item])]}).encode())
    assert isinstance(failure, ParseFailure)
    assert "currency USD in an order in EUR" in failure.reason
    assert failure.where.startswith("orders[0].line_items[0].price_set")


def test_order_with_10_000_lines_is_read_whole():
    item = shopify()["line_items"][0]
    items = [{**item, "id": number, "price": "0.01"} for number in range(1, 10_001)]
    [order] = read(
        json.dumps(
            {"orders": [shopify(line_items=items, total_price="100.00")]}
        ).encode()
    )
    assert isinstance(order, ParsedOrder)
    # 10,000 lines of one cent.
    assert len(order.lines) == 10_000
    assert order.amount_lines == Decimal("100.00")
    assert order.imbalance == 0


def test_order_with_more_lines_than_an_invoice_carries_fails_alone():
    item = shopify()["line_items"][0]
    items = [{**item, "id": number} for number in range(1, intake.MOST_LINES + 2)]
    failure, order = read(
        json.dumps({"orders": [shopify(1, line_items=items), shopify(2)]}).encode()
    )
    assert (failure.where, failure.reason) == ("orders[0]", "more than 50,000 lines")
    assert order.external_ref == "2"


# -- anything --------------------------------------------------------------------------

DOCUMENTS = {
    "woo": json.dumps([woo(1), woo(2)]).encode(),
    "shopify": json.dumps({"orders": [shopify(1), shopify(2)]}).encode(),
    "ebay": EBAY_XML.encode(),
    "zip": zipped({"orders.json": json.dumps([woo(1)]).encode()}),
    "gzip": gzip.compress(json.dumps([woo(1)]).encode(), mtime=0),
    "xlsx": workbook(),
    **{path.name: path.read_bytes() for path in FILES},
}
PROFILES = [
    None,
    mapped.Profile(
        name="t", kind="csv", columns={"external_ref": "id", "line_amount": "price"}
    ),
    mapped.Profile(
        name="s", kind="xlsx", columns={"external_ref": "id", "line_amount": "price"}
    ),
    mapped.Profile(
        name="j",
        kind="json",
        record_path="[]",
        line_path="line_items[]",
        columns={
            "external_ref": "id",
            "created_at": "date_created_gmt",
            "line_amount": "total",
        },
    ),
    PROFILE,
]


def survives(data: bytes, profile: mapped.Profile | None = None) -> None:
    try:
        records = read(data, profile=profile)
    except ChannelParseError as error:
        assert error.reason
        return
    for record in records:
        if isinstance(record, ParsedOrder):
            assert record.external_ref.strip()
        else:
            assert record.reason


@given(st.binary(max_size=200), st.sampled_from(PROFILES))
def test_random_bytes_raise_nothing_else(data: bytes, profile: mapped.Profile | None):
    survives(data, profile)


@given(
    st.sampled_from(
        [b"PK\x03\x04", b"\x1f\x8b", b"<", b"{", b"[", b"\xff\xfe", b"\xfe\xff"]
    ),
    st.binary(max_size=100),
)
def test_random_bytes_behind_a_known_beginning_raise_nothing_else(
    head: bytes, data: bytes
):
    survives(head + data)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(sorted(DOCUMENTS)), st.sampled_from(PROFILES), st.data())
def test_mutated_documents_raise_nothing_else(name: str, profile, data: st.DataObject):
    content = bytearray(DOCUMENTS[name])
    for _number in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 8))
        content[position : position + length] = data.draw(st.binary(max_size=8))
    survives(bytes(content), data.draw(st.sampled_from([profile, None])))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(DOCUMENTS)), st.data())
def test_truncated_documents_raise_nothing_else(name: str, data: st.DataObject):
    content = DOCUMENTS[name]
    survives(content[: data.draw(st.integers(0, len(content)))])
