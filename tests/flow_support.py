"""What the flow tests share: databases of their own, the command line, generated orders.

The tests that use this run ``bin/odoo`` as a customer's script would, in processes of its own,
and look at what is committed through a connection of their own.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg2

ROOT = Path(__file__).resolve().parents[1]
ODOO = ROOT / "bin" / "odoo"
SAMPLES = ROOT.parent / "shared" / "samples"
#: Seconds after which a process that should have ended is a failure, on the slowest machine.
PATIENCE = 300

#: A shop whose sales carry the chart's 15 % tax, on four channels; two of one platform.
SHOP = """
company = env.company
tax = company.account_sale_tax_id
assert company.currency_id.name == "USD" and tax.amount == 15.0 and not tax.price_include
company.country_id = env.ref("base.us")
products = env["product.product"].create(
    [
        {
            "name": name,
            "default_code": sku,
            "taxes_id": [(6, 0, tax.ids)],
            "invoice_policy": "order",
        }
        for sku, name in (("BOWL", "Walnut bowl"), ("SPOON", "Cherry spoon"))
    ]
)
for name, platform in (
    ("Web shop", "woocommerce"),
    ("Amazon.com", "amazon"),
    ("Shop East", "shopify"),
    ("Shop West", "shopify"),
):
    channel = env["marketplace.channel"].create(
        {
            "name": name,
            "platform": platform,
            "review_mode": "automatic",
            "sample_percent": 0,
            "timezone": "UTC",
        }
    )
    channel.action_set_up_accounts()
    env["marketplace.product.mapping"].create(
        [
            {"channel_id": channel.id, "code": product.default_code, "product_id": product.id}
            for product in products
        ]
    )
env.cr.commit()
"""


# -- databases ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Database:
    """A database of this test; what it answers is what other processes have committed."""

    name: str

    def rows(self, sql: str, *params: Any) -> list[tuple]:
        connection = psycopg2.connect(dbname=self.name)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql, params or None)
                return cursor.fetchall()
        finally:
            connection.close()

    def execute(self, sql: str, *params: Any) -> None:
        connection = psycopg2.connect(dbname=self.name)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql, params or None)
        finally:
            connection.close()

    def value(self, sql: str, *params: Any) -> Any:
        return self.rows(sql, *params)[0][0]

    def pairs(self, sql: str, *params: Any) -> dict:
        return dict(self.rows(sql, *params))

    def order_states(self) -> dict[str, int]:
        return self.pairs(
            "SELECT state, count(*) FROM marketplace_order GROUP BY state"
        )

    def row_counts(self) -> dict[str, int]:
        """Return the number of rows of every table, transient ones and logs included."""
        tables = self.rows(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        )
        sql = " UNION ALL ".join(
            f"SELECT '{table}', count(*) FROM \"{table}\"" for (table,) in tables
        )
        return self.pairs(sql)

    def drop(self) -> None:
        drop_database(self.name)


def _postgres(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)


def _filestore(name: str) -> Path:
    from odoo.tools import config

    return Path(config.filestore(name))


def copy_database(template: str, name: str) -> Database:
    """Copy a database and, by hard links, its files: Odoo never rewrites one."""
    drop_database(name)
    _postgres("createdb", "-T", template, name)
    if _filestore(template).is_dir():
        shutil.copytree(_filestore(template), _filestore(name), copy_function=os.link)
    return Database(name)


def drop_database(name: str) -> None:
    _postgres("dropdb", "--if-exists", "--force", name)
    shutil.rmtree(_filestore(name), ignore_errors=True)


# -- processes ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What a finished command said."""

    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> dict:
        """The one JSON document on stdout; anything beside it is an error."""
        return json.loads(self.stdout)

    @property
    def orders(self) -> dict[str, dict]:
        return {
            order["external_ref"]: order
            for entry in self.document["files"]
            for order in entry["orders"]
        }

    @property
    def files(self) -> dict[str, dict]:
        return {Path(entry["file"]).name: entry for entry in self.document["files"]}

    @property
    def summary(self) -> dict:
        return self.document["summary"]


def start(
    *args: object,
    stdin: int | None = None,
    stdout: int = subprocess.PIPE,
    env: dict[str, str] | None = None,
) -> subprocess.Popen:
    """Start ``bin/odoo`` in a process group of its own, so that a test may kill it whole."""
    return subprocess.Popen(
        [str(ODOO), *map(str, args)],
        stdin=stdin or subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
        start_new_session=True,
    )


def finish(process: subprocess.Popen, text: str | None = None) -> Outcome:
    try:
        stdout, stderr = process.communicate(text, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        kill(process)
        raise
    return Outcome(process.returncode, stdout, stderr)


def kill(process: subprocess.Popen) -> None:
    """End a process and its children as a power cut would."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def start_import(database: Database, *args: object) -> subprocess.Popen:
    return start("marketplace_import", "-d", database.name, "--json", *args)


def run_import(database: Database, *args: object) -> Outcome:
    return finish(start_import(database, *args))


def start_shell(database_name: str) -> subprocess.Popen:
    """Start Odoo's shell; it runs what is written to its standard input."""
    return start(
        "shell",
        "-d",
        database_name,
        "--no-http",
        "--log-level=error",
        stdin=subprocess.PIPE,
    )


def start_script(database: Database, script: str) -> subprocess.Popen:
    """Start Python in Odoo's shell, without waiting for it."""
    process = start_shell(database.name)
    process.stdin.write(script)
    process.stdin.close()
    process.stdin = None
    return process


def run_script(database_name: str, script: str) -> Outcome:
    """Run Python in Odoo's shell."""
    outcome = finish(start_shell(database_name), script)
    assert outcome.code == 0 and "Traceback" not in outcome.stderr, outcome.stderr
    return outcome


def wait_until(condition, process: subprocess.Popen) -> None:
    """Wait for a condition while a process runs.

    :raises AssertionError: the process ended before, or it takes too long
    """
    end = time.monotonic() + PATIENCE
    while not condition():
        assert process.poll() is None, f"ended before: {process.communicate()}"
        assert time.monotonic() < end, "nothing happens"
        time.sleep(0.02)


# -- orders ------------------------------------------------------------------------------


def woo_order(
    number: int,
    lines: Iterable[tuple[str, object, str, str]] = (("BOWL", 1, "100.00", "15.00"),),
    buyer: int | None = None,
    **fields: Any,
) -> dict:
    """Return a paid WooCommerce REST v3 order in the documented shape.

    :param lines: (SKU, quantity, net total, tax) of each line, amounts as text
    :param buyer: the shop's customer id; by default each order has a buyer of its own
    """
    lines = list(lines)
    buyer = buyer or number
    net = sum((Decimal(line[2]) for line in lines), Decimal("0.00"))
    tax = sum((Decimal(line[3]) for line in lines), Decimal("0.00"))
    address = {
        "first_name": "Ann",
        "last_name": f"Buyer {buyer}",
        "company": "",
        "address_1": "1 Main Street",
        "address_2": "",
        "city": "Portland",
        "state": "OR",
        "postcode": "97201",
        "country": "US",
    }
    return {
        "id": number,
        "number": str(number),
        "status": "processing",
        "currency": "USD",
        "date_created_gmt": "2024-03-05T10:00:00",
        "date_modified_gmt": "2024-03-05T10:00:00",
        "date_paid_gmt": "2024-03-06T09:00:00",
        "prices_include_tax": False,
        "discount_total": "0.00",
        "shipping_total": "0.00",
        "cart_tax": str(tax),
        "total_tax": str(tax),
        "total": str(net + tax),
        "customer_id": buyer,
        "payment_method": "stripe",
        "payment_method_title": "Card",
        "billing": {**address, "email": f"buyer{buyer}@example.com", "phone": ""},
        "shipping": address,
        "line_items": [
            {
                "id": 1000 * number + position,
                "name": f"Article {sku}",
                "product_id": position,
                "variation_id": 0,
                "quantity": quantity,
                "subtotal": line_net,
                "subtotal_tax": line_tax,
                "total": line_net,
                "total_tax": line_tax,
                "taxes": [],
                "sku": sku,
            }
            for position, (sku, quantity, line_net, line_tax) in enumerate(
                lines, start=1
            )
        ],
        "tax_lines": [],
        "shipping_lines": [],
        "fee_lines": [],
        "coupon_lines": [],
        "refunds": [],
        **fields,
    }


def shopify_order(
    number: int, quantity: int = 1, marketplace_owes_tax: bool = False, **fields: Any
) -> dict:
    """Return a paid order of Shopify's Admin REST API in the documented shape.

    :param quantity: bowls of 100.00 each, with a tax of 15.00 each on top
    :param marketplace_owes_tax: a sales channel such as Shop collects and remits the tax
    """
    net, tax = f"{100 * quantity}.00", f"{15 * quantity}.00"
    tax_line = {
        "title": "Sales tax",
        "price": tax,
        "rate": 0.15,
        "channel_liable": marketplace_owes_tax,
    }
    return {
        "id": number,
        "name": f"#{number}",
        "created_at": "2024-03-05T10:00:00+00:00",
        "updated_at": "2024-03-05T10:00:00+00:00",
        "processed_at": "2024-03-05T10:00:00+00:00",
        "currency": "USD",
        "taxes_included": False,
        "financial_status": "paid",
        "fulfillment_status": None,
        "subtotal_price": net,
        "total_line_items_price": net,
        "total_discounts": "0.00",
        "total_tax": tax,
        "total_price": f"{115 * quantity}.00",
        "payment_gateway_names": ["shopify_payments"],
        "customer": {"id": number, "first_name": "Ann", "last_name": f"Buyer {number}"},
        "shipping_address": {
            "name": f"Ann Buyer {number}",
            "address1": "1 Main Street",
            "city": "Portland",
            "zip": "97201",
            "province_code": "OR",
            "country_code": "US",
        },
        "line_items": [
            {
                "id": 1000 * number,
                "sku": "BOWL",
                "title": "Walnut bowl",
                "quantity": quantity,
                "price": "100.00",
                "total_discount": "0.00",
                "taxable": True,
                "tax_lines": [tax_line],
            }
        ],
        "shipping_lines": [],
        "tax_lines": [tax_line],
        "refunds": [],
        **fields,
    }


#: One Amazon order on three pages: two bowls, whose tax Amazon collects and remits.
AMAZON_REF = "114-1111111-2222222"
AMAZON_HEADER = {
    "payload": {
        "Orders": [
            {
                "AmazonOrderId": AMAZON_REF,
                "PurchaseDate": "2024-03-05T10:00:00Z",
                "LastUpdateDate": "2024-03-06T10:00:00Z",
                "OrderStatus": "Shipped",
                "FulfillmentChannel": "MFN",
                "SalesChannel": "Amazon.com",
                "MarketplaceId": "ATVPDKIKX0DER",
                "OrderTotal": {"CurrencyCode": "USD", "Amount": "220.00"},
            }
        ]
    }
}
AMAZON_ITEMS = {
    "payload": {
        "AmazonOrderId": AMAZON_REF,
        "OrderItems": [
            {
                "ASIN": "B000000001",
                "SellerSKU": "BOWL",
                "OrderItemId": "11111111111111",
                "Title": "Walnut bowl",
                "QuantityOrdered": 2,
                # The whole line, both bowls.
                "ItemPrice": {"CurrencyCode": "USD", "Amount": "200.00"},
                "ItemTax": {"CurrencyCode": "USD", "Amount": "20.00"},
                "TaxCollection": {
                    "Model": "MarketplaceFacilitator",
                    "ResponsibleParty": "Amazon Services, Inc.",
                },
            }
        ],
    }
}
AMAZON_ADDRESS = {
    "payload": {
        "AmazonOrderId": AMAZON_REF,
        "ShippingAddress": {
            "Name": "Ann Buyer",
            "AddressLine1": "1 Main Street",
            "City": "Portland",
            "StateOrRegion": "OR",
            "PostalCode": "97201",
            "CountryCode": "US",
        },
    }
}


def write_orders(path: Path, orders: Iterable[dict]) -> Path:
    path.write_text(json.dumps(list(orders)), encoding="utf-8")
    return path
