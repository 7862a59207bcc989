"""Bad files through the import, the wizard and the command line.

Each is answered with its place and reason, writes nothing, and holds no other file.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile

import pytest
from flow_support import run_import, woo_order, write_orders

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.marketplace_invoicing.channels.intake import LARGEST_FILE
from odoo.addons.marketplace_invoicing.tests.common import MarketplaceCommon

BOMB_SIZE = 64 * 2**20


def zip_bomb():
    """64 MiB of zeros in some 64 KiB."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("orders.json", b"\0" * BOMB_SIZE)
    return packed.getvalue()


def document(*orders):
    return json.dumps(orders).encode()


def without(order, key):
    return {name: value for name, value in order.items() if name != key}


def dated(order, moment):
    return {**order, "date_created_gmt": moment}


UMLAUT = woo_order(1, payment_method_title="Überweisung")
ENTITIES = b"""<?xml version="1.0"?>
<!DOCTYPE orders [
  <!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY secret SYSTEM "file:///etc/passwd">
]>
<GetOrdersResponse xmlns="urn:ebay:apis:eBLBaseComponents"><Ack>&b;&secret;</Ack>
</GetOrdersResponse>
"""

#: File name -> (content, what a user must read: reason and, where there is one, the place).
REFUSED = {
    "empty.json": (b"", r"^the file is empty$"),
    "truncated.json": (
        document(woo_order(1), woo_order(2))[:-300],
        r"^byte \d+: not valid JSON",
    ),
    "encoding.json": (
        json.dumps([UMLAUT], ensure_ascii=False).encode("cp1252"),
        r"^byte \d+: text that is not UTF-8$",
    ),
    "binary.json": (b'[{"id": 1}]\x00\x01\x02' * 40, r"^byte 11: binary data"),
    "bomb.zip": (zip_bomb(), r"zip bomb"),
    "bomb.json.gz": (gzip.compress(b" " * BOMB_SIZE), r"zip bomb"),
    "damaged.zip": (zip_bomb()[:-1000], r"^a damaged archive$"),
    "entities.xml": (ENTITIES, r"document type or entities"),
    "recipe.json": (
        b'{"flour": 500, "eggs": 3}',
        r"^unknown format: JSON with keys eggs",
    ),
    "page.html": (b"<!DOCTYPE html><html>Log in</html>", r"but a web page"),
    "no_id.json": (document({**woo_order(1), "id": ""}), r"^\[0\]\.id: missing$"),
    # Nothing in the file has an id: then it is no export of orders at all.
    "no_ids.json": (document(without(woo_order(1), "id")), r"^unknown format: JSON"),
    "year_1.json": (
        document(dated(woo_order(1), "0001-01-01T00:00:00")),
        r"^\[0\]\.date_created_gmt: a date before 1990",
    ),
    "year_9999.json": (
        document(dated(woo_order(1), "9999-12-31T23:59:59")),
        r"^\[0\]\.date_created_gmt: a date before 1990 or after 2100",
    ),
}

AMAZON_REF = "114-1111111-3333333"


def amazon_pages(items_currency):
    """Return the header of an Amazon order in USD, and its items in a currency."""
    money = {"CurrencyCode": items_currency, "Amount": "10.00"}
    header = {
        "AmazonOrderId": AMAZON_REF,
        "PurchaseDate": "2024-03-05T10:00:00Z",
        "LastUpdateDate": "2024-03-06T10:00:00Z",
        "OrderStatus": "Shipped",
        "OrderTotal": {"CurrencyCode": "USD", "Amount": "10.00"},
    }
    item = {
        "SellerSKU": "BOWL",
        "OrderItemId": "1",
        "QuantityOrdered": 1,
        "ItemPrice": money,
    }
    return (
        json.dumps({"payload": {"Orders": [header]}}).encode(),
        json.dumps(
            {"payload": {"AmazonOrderId": AMAZON_REF, "OrderItems": [item]}}
        ).encode(),
    )


@tagged("post_install", "-at_install")
class TestBadInput(MarketplaceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env,
            login="marketplace_bad_input",
            groups="marketplace_invoicing.group_marketplace_user",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _orders(self):
        return self.env["marketplace.order"].search(
            [("company_id", "=", self.company.id)]
        )

    def _wizard(self, **contents):
        attachments = self.env["ir.attachment"].with_user(self.user)
        for name, content in contents.items():
            attachments |= attachments.create({"name": name, "raw": content})
        return (
            self.env["marketplace.import.wizard"]
            .with_user(self.user)
            .create({"attachment_ids": [Command.set(attachments.ids)]})
        )

    def test_import_is_rejected_with_place_and_reason_and_stages_nothing(self):
        for name, (content, reason) in REFUSED.items():
            with self.subTest(name=name):
                record = self._import(content, name=name)
                self.assertEqual(record.state, "rejected")
                self.assertRegex(record.error, reason)
                self.assertFalse(record.order_ids)
        self.assertFalse(self._orders())

    def test_preview_says_why_a_file_cannot_be_imported(self):
        for name, (content, reason) in REFUSED.items():
            with self.subTest(name=name):
                wizard = self._wizard(**{name: content})
                self.assertRegex(wizard.line_ids.error, reason)
                self.assertFalse(wizard.can_import)
                with self.assertRaises(UserError):
                    wizard.action_import()
        self.assertFalse(
            self.env["marketplace.import"].search([("user_id", "=", self.user.id)])
        )

    def test_good_file_among_bad_ones_is_imported(self):
        wizard = self._wizard(
            **{name: content for name, (content, _reason) in REFUSED.items()},
            **{"good.json": document(woo_order(77))},
        )
        self.assertTrue(wizard.can_import)
        self.assertEqual(len(wizard.line_ids.filtered("error")), len(REFUSED))
        wizard.action_import()
        self.assertRecordValues(
            self._orders(), [{"external_ref": "77", "state": "invoiced"}]
        )

    def test_bad_records_are_issues_with_their_place_and_the_others_are_invoiced(self):
        record = self._import(
            [
                woo_order(1),
                without(woo_order(2), "id"),
                dated(woo_order(3), "0001-01-01T00:00:00"),
                {**woo_order(4), "currency": "dollars"},
                {**woo_order(5), "total": "1e99"},
                woo_order(6),
            ]
        )
        self.assertEqual(set(record.order_ids.mapped("external_ref")), {"1", "6"})
        self.assertEqual(set(record.order_ids.mapped("state")), {"invoiced"})
        self.assertEqual(record.failure_count, 4)
        self.assertEqual(
            sorted(record.issue_ids.mapped("message")),
            [
                "[1].id: missing",
                "[2].date_created_gmt: a date before 1990 or after 2100",
                "[3].currency: not a currency code",
                "[4].total: larger than any order",
            ],
        )

    def test_two_currencies_in_one_order_are_refused(self):
        """Whichever page comes first, the other one contradicts it."""
        amazon = self._create_channel("Amazon.com", "amazon")
        header, items = amazon_pages("EUR")
        self._import(header, amazon, "header.json")
        record = self._import(items, amazon, "items.json")
        self.assertEqual(record.issue_ids.mapped("code"), ["unreadable"])
        self.assertIn("currency EUR in an order in USD", record.issue_ids.message)
        order = self._orders()
        self.assertRecordValues(order, [{"state": "draft", "currency_name": "USD"}])
        self.assertFalse(order.line_ids)

    def test_ten_thousand_lines_wait_for_a_person_as_one_order(self):
        self.channel.review_mode = "review"
        order = self._import(
            [woo_order(1, lines=[("SPOON", 1, "0.01", "0.00")] * 10_000)]
        ).order_ids
        self.assertEqual(len(order.line_ids), 10_000)
        self.assertEqual(order.line_ids.mapped("sequence"), list(range(1, 10_001)))
        self.assertAlmostEqual(order.amount_total, 100.0)
        # 15 % on 100.00 in total, where the shop rounded each cent's tax to nothing.
        self.assertEqual(order.state, "exception")
        self.assertEqual(
            self._open_codes(order), ["tax_difference", "total_difference"]
        )
        self.assertFalse(order.sale_order_id)


# -- the command line --------------------------------------------------------------------


@pytest.fixture(scope="module")
def report(module_shop, tmp_path_factory):
    """One run over a folder with every bad file, one that is too large, and good ones."""
    folder = tmp_path_factory.mktemp("mixed")
    for name, (content, _reason) in REFUSED.items():
        (folder / name).write_bytes(content)
    with (folder / "huge.json").open("wb") as huge:
        huge.truncate(LARGEST_FILE + 1)
    write_orders(folder / "a_good.json", [woo_order(1)])
    partly = [woo_order(2), without(woo_order(3), "id"), woo_order(4)]
    write_orders(folder / "m_partly.json", partly)
    header, items = amazon_pages("EUR")
    (folder / "n_header.json").write_bytes(header)
    (folder / "o_items.json").write_bytes(items)
    write_orders(
        folder / "z_long.json",
        [woo_order(5, lines=[("BOWL", 1, "1.00", "0.15")] * 10_000)],
    )
    module_shop.rows(
        "UPDATE marketplace_channel SET review_mode = 'review' RETURNING id"
    )
    return module_shop, run_import(module_shop, folder)


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_command_rejects_the_file_and_says_why(report, name):
    _shop, outcome = report
    entry = outcome.files[name]
    assert (entry["status"], entry["orders"]) == ("rejected", [])
    assert outcome.code == 0
    assert re.search(REFUSED[name][1], entry["error"])


def test_command_refuses_a_file_that_is_too_large_without_reading_it(report):
    entry = report[1].files["huge.json"]
    assert entry["status"] == "rejected"
    assert entry["error"] == "the file is larger than 512 MB"


def test_command_imports_the_good_files_beside_them(report):
    shop, outcome = report
    assert "Traceback" not in outcome.stderr
    assert outcome.files["a_good.json"]["status"] == "imported"
    assert outcome.orders["1"]["state"] == "ready"
    partly = outcome.files["m_partly.json"]
    assert partly["status"] == "imported"
    assert partly["error"] == "[1].id: missing"
    assert [order["external_ref"] for order in partly["orders"]] == ["2", "4"]


def test_command_reports_an_order_of_two_currencies_where_it_found_it(report):
    shop, outcome = report
    sql = "SELECT message FROM marketplace_issue WHERE message LIKE '%currency EUR%'"
    assert len(shop.rows(sql)) == 1
    assert outcome.orders[AMAZON_REF]["invoice"] is None


def test_command_stages_an_order_of_10_000_lines_for_review(report):
    shop, outcome = report
    order = outcome.orders["5"]
    assert (order["lines"], order["state"], order["issues"]) == (10_000, "ready", [])
    sql = """
        SELECT count(*), sum(line.amount) FROM marketplace_order_line line
        JOIN marketplace_order staged ON staged.id = line.order_id
        WHERE staged.external_ref = '5'
    """
    assert [(count, float(amount)) for count, amount in shop.rows(sql)] == [
        (10_000, 10_000.0)
    ]


def test_command_leaves_nothing_half_written(report):
    shop, _outcome = report
    refs = {ref for (ref,) in shop.rows("SELECT external_ref FROM marketplace_order")}
    assert refs == {"1", "2", "4", "5", AMAZON_REF}
    states = "SELECT state, count(*) FROM marketplace_import GROUP BY state"
    assert shop.pairs(states) == {"done": 5}
    assert shop.value("SELECT count(*) FROM sale_order") == 0
