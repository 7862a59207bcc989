"""JSON in and out: exact numbers, errors with a place, nothing that takes the process down."""

from __future__ import annotations

import io
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.marketplace_invoicing.channels import jsonio
from odoo.addons.marketplace_invoicing.channels.base import ChannelParseError

ADDON = Path(jsonio.__file__).resolve().parents[1]


class Line(msgspec.Struct):
    sku: str = ""
    price: Decimal | None = None
    quantity: int | None = None
    codes: list[str] = []


class Order(msgspec.Struct):
    id: int | str
    lines: list[Line] = []


def read(data: bytes, prefix: str = "orders.item") -> list[tuple[int, object]]:
    return list(jsonio.iter_json(io.BytesIO(data), prefix))


def test_records_come_with_their_index():
    assert read(b'{"orders": [{"id": 1}, {"id": 2}]}') == [
        (0, {"id": 1}),
        (1, {"id": 2}),
    ]


def test_numbers_keep_the_digits_that_were_written():
    [(_index, value)] = read(b'{"a": 0.10, "b": 12345678901234567.89, "c": 1e2}', "")
    assert [str(number) for number in value.values()] == [
        "0.10",
        "12345678901234567.89",
        "1E+2",
    ]


def test_byte_order_mark_is_passed_over():
    assert read(b"\xef\xbb\xbf[5]", "item") == [(0, 5)]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"orders": [1, 2', "byte 16: not valid JSON: it ends in the middle"),
        (b"", "byte 0: not valid JSON: it ends in the middle"),
        (b'{"a": "\xff"}', "byte 7: not valid JSON: text that is not UTF-8"),
        (
            b"[1] [2]",
            "byte 4: not valid JSON: something follows the end of the document",
        ),
        (b"[1e99999999999999999999]", "byte 23: not valid JSON: a number out of range"),
        (b"[1, x]", "byte 4: not valid JSON: invalid char in json text."),
        (b'["\xed\xa0\x80"]', "byte 5: not valid JSON: text that is not UTF-8"),
    ],
)
def test_broken_document_names_the_byte(data: bytes, message: str):
    with pytest.raises(ChannelParseError) as caught:
        read(data, "")
    assert str(caught.value) == message


def test_byte_is_right_far_into_the_file():
    data = b"[" + b'{"a": 1}, ' * 50_000 + b"oops]"
    with pytest.raises(ChannelParseError) as caught:
        read(data, "item")
    assert caught.value.where == f"byte {data.index(b'oops')}"


def test_records_before_the_break_are_given():
    records = jsonio.iter_json(
        io.BytesIO(b'{"orders": [{"id": 1}, {"id": 2}, oops'), "orders.item"
    )
    assert [next(records), next(records)] == [(0, {"id": 1}), (1, {"id": 2})]
    with pytest.raises(ChannelParseError):
        next(records)


def test_deep_nesting_is_refused_before_it_fills_the_memory():
    # Without a limit ijson needs 40 GB for the paths of this file of 100 kB.
    with pytest.raises(ChannelParseError, match="nested deeper than 100 levels"):
        read(b"[" * 100_000, "item")


def test_brackets_inside_texts_do_not_count_as_nesting():
    text = "[{" * 200_000 + '\\"' + "[" * 70_000
    [(_index, value)] = read(f'["{text}"]'.encode(), "item")
    assert value == text.replace('\\"', '"')


def test_number_that_crashes_the_c_parser_is_refused():
    # In a process of its own: ijson 3.6 dies of this with a segmentation fault.
    code = (
        "import io; from channels import jsonio\n"
        "from channels.base import ChannelParseError\n"
        "for head in (b'[', b'[' + b' ' * 65530):\n"
        "    try: list(jsonio.iter_json(io.BytesIO(head + b'9' * 5000 + b']'), 'item'))\n"
        "    except ChannelParseError as error: print(error.reason)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ADDON,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "a number of 400 digits or more\n" * 2


def test_long_digits_inside_a_text_are_fine():
    assert read(b'["' + b"9" * 5000 + b'"]', "item") == [(0, "9" * 5000)]


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (
            {"id": 1, "lines": [{"price": "abc"}]},
            "orders[3].lines[0].price: not a decimal",
        ),
        (
            {"id": 1, "lines": [{"price": []}]},
            "orders[3].lines[0].price: not a decimal",
        ),
        (
            {"id": 1, "lines": [{"price": True}]},
            "orders[3].lines[0].price: not a decimal",
        ),
        (
            {"id": 1, "lines": [{"quantity": "x"}]},
            "orders[3].lines[0].quantity: not a whole number",
        ),
        ({"id": 1, "lines": [{"sku": 5}]}, "orders[3].lines[0].sku: not a text"),
        ({"id": 1, "lines": [{"codes": {}}]}, "orders[3].lines[0].codes: not a list"),
        ({"id": 1, "lines": "x"}, "orders[3].lines: not a list"),
        ({"id": 1, "lines": [5]}, "orders[3].lines[0]: not an object"),
        ({"id": []}, "orders[3].id: not a whole number or a text"),
        ({"lines": []}, "orders[3].id: missing"),
        ([], "orders[3]: not an object"),
    ],
)
def test_wrong_field_is_named_in_plain_words(record: object, message: str):
    with pytest.raises(ChannelParseError) as caught:
        jsonio.convert(record, Order, "orders[3]")
    assert str(caught.value) == message


def test_amounts_are_decimals_whether_numbers_or_texts():
    record = {
        "id": "a",
        "lines": [{"price": Decimal("1.50")}, {"price": "1.50"}, {"price": 2}],
    }
    order = jsonio.convert(record, Order, "")
    assert [str(line.price) for line in order.lines] == ["1.50", "1.50", "2"]


def test_dumps_writes_numbers_as_they_came():
    text = '{"a":0.10,"b":"0.10","c":0,"d":0E-7,"e":123456789012345678901234567890,"f":"Zoë ぴ"}'
    [(_index, value)] = read(text.encode(), "")
    assert jsonio.dumps(value) == text


def test_dumps_refuses_what_no_file_can_hold():
    with pytest.raises(ChannelParseError, match="surrogate"):
        jsonio.dumps({"name": "\ud800"})
    deep: list = []
    for _level in range(100_000):
        deep = [deep]
    with pytest.raises(ChannelParseError, match="nested too deeply"):
        jsonio.dumps(deep)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b" \r\n{}", "object"),
        (b"\xef\xbb\xbf[", "array"),
        (b" " * 70000 + b"[", "array"),
    ],
)
def test_top_level_is_told_and_stream_rewound(data: bytes, kind: str):
    source = io.BytesIO(data)
    assert jsonio.top_level(source) == kind
    assert source.tell() == 0


@pytest.mark.parametrize(("data", "place"), [(b"", 0), (b"  5", 2), (b'"x"', 0)])
def test_top_level_refuses_other_documents(data: bytes, place: int):
    with pytest.raises(ChannelParseError) as caught:
        jsonio.top_level(io.BytesIO(data))
    assert caught.value.where == f"byte {place}"


numbers = st.integers() | st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4
)
documents = st.recursive(
    st.none()
    | st.booleans()
    | numbers
    | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text(st.characters(exclude_categories=("Cs",))), inner)
    ),
    max_leaves=20,
)


@given(documents)
def test_what_dumps_writes_is_read_to_the_same(document: object):
    text = jsonio.dumps(document)
    [(_index, value)] = read(text.encode(), "")
    assert value == document
    assert jsonio.dumps(value) == text


@given(st.binary() | st.text('[]{}",:\\u0123e.-+ tn', max_size=60).map(str.encode))
def test_any_bytes_raise_nothing_else(data: bytes):
    for prefix in ("", "item", "orders.item"):
        try:
            read(data, prefix)
        except ChannelParseError as error:
            assert error.where.startswith(("byte ", "after byte "))
