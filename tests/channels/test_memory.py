"""A file larger than the memory allowed for it: 50,000 orders in under 600 MB."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from odoo.addons.marketplace_invoicing.channels import intake

ADDON = Path(intake.__file__).resolve().parents[1]
ORDERS = 50_000
LIMIT_MB = 600
# What an API sends along with every order and nobody reads.
PADDING = {f"note_{number}": "x" * 100 for number in range(10)}

READ = """
import resource, sys
sys.path.insert(0, ".")
from decimal import Decimal
from channels import intake, mapped
profile = eval(sys.argv[2])
count = lines = 0
total = Decimal(0)
with open(sys.argv[1], "rb") as source:
    fmt, records = intake.read(source, "orders", profile=profile)
    for record in records:
        count += 1
        lines += len(record.lines)
        total += record.amount_total
print(count, lines, total, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
CSV_PROFILE = (
    "mapped.Profile(name='x', kind='csv', columns={'external_ref': 'id', 'currency': 'currency',"
    " 'amount_total': 'total', 'line_sku': 'sku', 'line_amount': 'amount'})"
)


def shopify(number: int) -> dict:
    lines = [
        {
            "id": number * 10 + line,
            "sku": f"SKU-{line}",
            "title": "Tasse für Zoë",
            "quantity": 1,
            "price": "10.00",
            "tax_lines": [],
            "properties": [],
        }
        for line in range(1, 4)
    ]
    return {
        "id": number,
        "name": f"#{number}",
        "created_at": "2025-03-01T10:00:00+01:00",
        "currency": "EUR",
        "total_price": "30.00",
        "subtotal_price": "30.00",
        "total_tax": "0.00",
        "financial_status": "paid",
        "line_items": lines,
        **PADDING,
    }


def write_shopify(target: BinaryIO) -> None:
    target.write(b'{"orders": [')
    for number in range(1, ORDERS + 1):
        target.write(json.dumps(shopify(number), ensure_ascii=False).encode())
        target.write(b"]}" if number == ORDERS else b",\n")


def write_csv(target: BinaryIO) -> None:
    """Write three rows per order, those of an order not next to each other."""
    target.write(b"id,currency,total,sku,amount,note\n")
    for first in range(1, ORDERS + 1, 100):
        for line in range(1, 4):
            for number in range(first, first + 100):
                target.write(
                    f"{number},EUR,30.00,SKU-{line},10.00,{'x' * 200}\n".encode()
                )


@pytest.mark.parametrize(
    ("write", "profile"),
    [(write_shopify, "None"), (write_csv, CSV_PROFILE)],
    ids=["json", "csv"],
)
def test_50_000_orders_are_read_in_little_memory(
    tmp_path: Path, write: Callable[[BinaryIO], None], profile: str
):
    path = tmp_path / "orders"
    with path.open("wb") as target:
        write(target)
    # A process of its own: the highest use of memory is counted per process.
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path), profile],
        cwd=ADDON,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    count, lines, total, peak_mb = done.stdout.split()
    # 50,000 orders of three lines of 10.00.
    assert (count, lines, total) == ("50000", "150000", "1500000.00")
    assert int(peak_mb) < LIMIT_MB
