"""``bin/odoo marketplace_import`` as a script sees it: what it prints, writes and returns."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from flow_support import (
    AMAZON_ADDRESS,
    AMAZON_HEADER,
    AMAZON_ITEMS,
    AMAZON_REF,
    drop_database,
    finish,
    run_import,
    shopify_order,
    start,
    woo_order,
    write_orders,
)

ORDER_KEYS = {
    "external_ref",
    "currency",
    "amount_total",
    "amount_tax",
    "amount_shipping",
    "amount_discount",
    "marketplace_tax",
    "lines",
    "channel_status",
    "state",
    "order",
    "invoice",
    "issues",
}
FILE_KEYS = {"file", "format", "status", "error", "orders", "settlements", "refunds"}
SUMMARY_KEYS = {
    "orders",
    "created",
    "updated",
    "unchanged",
    "exception",
    "invoiced",
    "seconds",
}


# -- what it prints ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def first(module_shop, tmp_path_factory):
    """The first import of a file of two orders, one of them with an unknown SKU."""
    path = tmp_path_factory.mktemp("first") / "orders.json"
    write_orders(
        path, [woo_order(1), woo_order(2, lines=[("CUP", 1, "10.00", "1.50")])]
    )
    return path, run_import(module_shop, path)


def test_document_has_the_keys_that_scripts_rely_on(first):
    path, outcome = first
    document = outcome.document
    assert outcome.code == 0
    assert set(document) == {"files", "summary"}
    assert set(document["summary"]) >= SUMMARY_KEYS
    (entry,) = document["files"]
    assert set(entry) == FILE_KEYS
    assert (entry["file"], entry["format"]) == (str(path), "woocommerce.orders.v3")
    assert (entry["settlements"], entry["refunds"]) == ([], [])
    assert all(set(order) == ORDER_KEYS for order in entry["orders"])


def test_amounts_are_strings_as_the_channel_wrote_them(first):
    order = first[1].orders["1"]
    assert order["amount_total"] == "115.00"
    assert order["amount_tax"] == "15.00"
    assert order["amount_shipping"] == "0.00"


def test_order_that_needs_nobody_is_invoiced_and_named(first):
    order = first[1].orders["1"]
    assert (order["state"], order["issues"]) == ("invoiced", [])
    assert order["order"].startswith("S")
    assert order["invoice"].startswith("INV/2024/")


def test_order_in_review_says_why_and_the_run_is_a_success(first):
    outcome = first[1]
    order = outcome.orders["2"]
    assert (order["state"], order["order"], order["invoice"]) == (
        "exception",
        None,
        None,
    )
    assert order["issues"] == [{"code": "unknown_sku", "message": "No product for CUP"}]
    wanted = {"orders": 2, "created": 2, "exception": 1, "invoiced": 1, "unchanged": 0}
    assert {name: outcome.summary[name] for name in wanted} == wanted
    assert outcome.code == 0


def test_summary_for_people_goes_to_stderr_beside_json(first):
    path, outcome = first
    assert "Traceback" not in outcome.stderr
    assert f"imported   woocommerce.orders.v3      {path}" in outcome.stderr
    assert "orders 2, created 2" in outcome.stderr


def test_without_json_the_summary_is_on_stdout(module_shop, first):
    process = start("marketplace_import", "-d", module_shop.name, "--dry-run", first[0])
    outcome = finish(process)
    assert outcome.code == 0
    assert "readable   woocommerce.orders.v3" in outcome.stdout


# -- what it writes ----------------------------------------------------------------------


@pytest.mark.parametrize("options", [("--json",), ()])
def test_reader_that_has_enough_ends_it_quietly(module_shop, tmp_path, options):
    """As ``| head`` does, here before the first byte; the order is invoiced all the same."""
    number = 60 + len(options)
    path = write_orders(tmp_path / "orders.json", [woo_order(number)])
    reading, writing = os.pipe()
    os.close(reading)
    process = start(
        "marketplace_import",
        *("-d", module_shop.name, *options, path),
        stdout=writing,
    )
    os.close(writing)
    outcome = finish(process)
    assert outcome.code == 1
    # The summary may be there: it depends on when Python writes what is buffered.
    assert not [word for word in ("Traceback", "BrokenPipe") if word in outcome.stderr]
    sql = "SELECT state FROM marketplace_order WHERE external_ref = %s"
    assert module_shop.value(sql, str(number)) == "invoiced"


def test_second_import_is_unchanged_with_the_same_documents(module_shop, first):
    path, before = first
    counts = module_shop.row_counts()
    again = run_import(module_shop, path)
    assert again.code == 0
    assert again.files["orders.json"]["status"] == "unchanged"
    for ref, order in again.orders.items():
        assert order["state"] == "unchanged"
        assert order["order"] == before.orders[ref]["order"]
        assert order["invoice"] == before.orders[ref]["invoice"]
        assert order["issues"] == before.orders[ref]["issues"]
    wanted = {"orders": 2, "created": 0, "updated": 0, "unchanged": 2, "invoiced": 0}
    assert {name: again.summary[name] for name in wanted} == wanted
    assert module_shop.row_counts() == counts


def test_known_order_in_another_file_is_not_made_again(module_shop, first, tmp_path):
    path = write_orders(tmp_path / "more.json", [woo_order(1), woo_order(3)])
    outcome = run_import(module_shop, path)
    assert outcome.orders["1"]["invoice"] == first[1].orders["1"]["invoice"]
    assert outcome.orders["3"]["state"] == "invoiced"
    assert outcome.orders["3"]["invoice"] != outcome.orders["1"]["invoice"]
    assert outcome.summary["created"] == 1
    sql = "SELECT count(*) FROM account_move WHERE ref = '1' AND move_type = 'out_invoice'"
    assert module_shop.value(sql) == 1


def test_dry_run_writes_nothing_and_reports_the_same_facts(module_shop, tmp_path):
    orders = [woo_order(10), woo_order(11, lines=[("NEW", 3, "30.00", "4.50")])]
    path = write_orders(tmp_path / "dry.json", orders)
    before = module_shop.row_counts()
    dry = run_import(module_shop, "--dry-run", path)
    assert dry.code == 0
    assert module_shop.row_counts() == before
    real = run_import(module_shop, path)
    facts = ORDER_KEYS - {"state", "order", "invoice", "issues"}
    for ref, order in real.orders.items():
        assert {key: dry.orders[ref][key] for key in facts} == {
            key: order[key] for key in facts
        }
        assert dry.orders[ref]["order"] is None
    assert dry.summary["created"] == 0


def test_dry_run_needs_no_channel_and_no_mapping(module_shop, tmp_path):
    """Two Shopify channels: an import would have to be told which."""
    path = tmp_path / "shopify.json"
    path.write_text(json.dumps({"orders": [shopify_order(500)]}))
    outcome = run_import(module_shop, "--dry-run", path)
    assert (outcome.code, outcome.orders["500"]["state"]) == (0, "ready")


# -- files, folders, channels ------------------------------------------------------------


def test_bad_file_is_rejected_with_place_and_the_others_go_on(module_shop, tmp_path):
    good = write_orders(tmp_path / "a.json", [woo_order(20)])
    bad = tmp_path / "b.json"
    bad.write_text(json.dumps([woo_order(21), woo_order(22)])[:-150])
    last = write_orders(tmp_path / "c.json", [woo_order(23)])
    outcome = run_import(module_shop, good, bad, last)
    assert outcome.code == 0
    assert [entry["status"] for entry in outcome.document["files"]] == [
        "imported",
        "rejected",
        "imported",
    ]
    assert "not valid JSON" in outcome.files["b.json"]["error"]
    assert "byte" in outcome.files["b.json"]["error"]
    assert {outcome.orders[ref]["state"] for ref in ("20", "23")} == {"invoiced"}
    sql = "SELECT count(*) FROM marketplace_order WHERE external_ref IN ('21', '22')"
    assert module_shop.value(sql) == 0


def test_folder_stands_for_all_its_files(module_shop, tmp_path):
    nested = tmp_path / "march" / "week 1"
    nested.mkdir(parents=True)
    write_orders(tmp_path / "march" / "x.json", [woo_order(30)])
    write_orders(nested / "y.json", [woo_order(31)])
    (nested / ".hidden.json").write_text("not for import")
    outcome = run_import(module_shop, tmp_path / "march")
    assert outcome.code == 0
    assert set(outcome.orders) == {"30", "31"}


def test_two_channels_of_a_platform_ask_for_a_name(module_shop, tmp_path):
    path = tmp_path / "shopify.json"
    path.write_text(json.dumps({"orders": [shopify_order(501)]}))
    outcome = run_import(module_shop, path)
    assert outcome.code == 2
    assert "name it" in outcome.files["shopify.json"]["error"]
    named = run_import(module_shop, "--channel", "Shop West", path)
    assert (named.code, named.orders["501"]["state"]) == (0, "invoiced")
    sql = """
        SELECT channel.name FROM marketplace_order staged
        JOIN marketplace_channel channel ON channel.id = staged.channel_id
        WHERE staged.external_ref = '501'
    """
    assert module_shop.rows(sql) == [("Shop West",)]


def test_file_of_another_platform_than_the_channel_is_rejected(module_shop, tmp_path):
    path = write_orders(tmp_path / "woo.json", [woo_order(40)])
    before = module_shop.value("SELECT count(*) FROM marketplace_order")
    outcome = run_import(module_shop, "--channel", "Shop East", path)
    assert outcome.code == 2
    assert "WooCommerce" in outcome.files["woo.json"]["error"]
    assert module_shop.value("SELECT count(*) FROM marketplace_order") == before


def test_platform_does_not_override_what_a_file_is(module_shop, tmp_path):
    path = write_orders(tmp_path / "woo.json", [woo_order(41)])
    outcome = run_import(module_shop, "--platform", "amazon", "--dry-run", path)
    assert outcome.files["woo.json"]["format"] == "woocommerce.orders.v3"


def test_pages_of_an_amazon_order_in_three_files_become_one_invoice(
    module_shop, tmp_path
):
    """The items come first, the address last; tax of 20.00 is Amazon's, 200.00 is ours."""
    pages = {"1.json": AMAZON_ITEMS, "2.json": AMAZON_HEADER, "3.json": AMAZON_ADDRESS}
    for name, page in pages.items():
        (tmp_path / name).write_text(json.dumps(page))
    outcome = run_import(module_shop, tmp_path)
    assert outcome.code == 0, outcome.stderr
    assert outcome.orders[AMAZON_REF]["state"] == "invoiced", outcome.orders
    assert outcome.summary["orders"] == 1
    sql = """
        SELECT move.amount_total, move.amount_tax, move.payment_state, partner.name
        FROM account_move move JOIN res_partner partner ON partner.id = move.partner_id
        WHERE move.ref = %s AND move.move_type = 'out_invoice' AND move.state = 'posted'
    """
    (row,) = module_shop.rows(sql, AMAZON_REF)
    assert (float(row[0]), float(row[1]), *row[2:]) == (200.0, 0.0, "paid", "Ann Buyer")


def test_order_without_its_items_waits_for_them(shop, tmp_path):
    header, items = tmp_path / "header.json", tmp_path / "items.json"
    header.write_text(json.dumps(AMAZON_HEADER))
    items.write_text(json.dumps(AMAZON_ITEMS))
    waiting = run_import(shop, header).orders[AMAZON_REF]
    assert (waiting["state"], waiting["order"]) == ("draft", None)
    assert waiting["lines"] is None
    complete = run_import(shop, items).orders[AMAZON_REF]
    # Without an address: all tax is the marketplace's, so the country decides nothing.
    assert complete["state"] == "invoiced", complete


# -- unusable arguments and unreadable input ---------------------------------------------


def test_missing_file_ends_with_2_before_anything_is_imported(module_shop, tmp_path):
    good = write_orders(tmp_path / "good.json", [woo_order(50)])
    outcome = run_import(module_shop, good, tmp_path / "none.json")
    assert (outcome.code, outcome.stdout) == (2, "")
    assert "no such file" in outcome.stderr and "none.json" in outcome.stderr
    sql = "SELECT count(*) FROM marketplace_order WHERE external_ref = '50'"
    assert module_shop.value(sql) == 0


def test_only_unreadable_files_end_with_2_and_a_document(module_shop, tmp_path):
    (tmp_path / "empty.json").write_bytes(b"")
    (tmp_path / "word.txt").write_text("hello")
    outcome = run_import(module_shop, tmp_path)
    assert outcome.code == 2
    assert {entry["status"] for entry in outcome.document["files"]} == {"rejected"}
    assert "empty" in outcome.files["empty.json"]["error"]
    assert "unknown format" in outcome.files["word.txt"]["error"]
    assert outcome.summary["orders"] == 0


def test_unknown_channel_platform_and_option_end_with_2(module_shop, tmp_path):
    path = write_orders(tmp_path / "woo.json", [woo_order(51)])
    channel = run_import(module_shop, "--channel", "Nowhere", path)
    assert (channel.code, channel.summary["orders"]) == (2, 0)
    assert "Nowhere" in channel.files["woo.json"]["error"]
    platform = run_import(module_shop, "--platform", "nile", path)
    assert (platform.code, platform.stdout) == (2, "")
    assert "nile" in platform.stderr


def test_no_database_and_no_file_end_with_2(tmp_path):
    path = write_orders(tmp_path / "woo.json", [woo_order(52)])
    nameless = finish(start("marketplace_import", "--json", path))
    assert (nameless.code, nameless.stdout) == (2, "")
    assert "-d" in nameless.stderr
    empty_handed = finish(start("marketplace_import", "-d", "whatever"))
    assert (empty_handed.code, empty_handed.stdout) == (2, "")


def test_database_that_is_not_there_or_not_ours_ends_with_2(shop_template, tmp_path):
    path = write_orders(tmp_path / "woo.json", [woo_order(53)])
    name = f"{shop_template}_bare"
    absent = finish(start("marketplace_import", "-d", name, "--json", path))
    assert (absent.code, absent.stdout) == (2, ""), absent.stderr
    assert name in absent.stderr and "Traceback" not in absent.stderr
    subprocess.run(["createdb", name], check=True)
    try:
        bare = finish(start("marketplace_import", "-d", name, "--json", path))
        assert (bare.code, bare.stdout) == (2, ""), bare.stderr
        assert "not installed" in bare.stderr
    finally:
        drop_database(name)
