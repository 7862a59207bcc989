"""``bin/odoo marketplace_import`` with payout files: what it writes, and what it says of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from flow_support import run_import

COLUMNS = (
    "settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency "
    "transaction-type order-id amount-type amount-description amount posted-date-time sku"
).split()
PAYPAL = """Date,Time,TimeZone,Name,Type,Status,Currency,Gross,Fee,Net,Transaction ID,Balance
09/16/2025,10:00:00,PDT,Ann,Express Checkout Payment,Completed,USD,100.00,-3.00,97.00,T1,97.00
09/17/2025,10:00:00,PDT,,General Withdrawal,Completed,USD,-97.00,0.00,-97.00,T2,0.00
"""


def write_report(path: Path, total: str, ref: str = "7001") -> Path:
    """Write Amazon's report of a sale of 100.00 and a commission of 15.00."""
    head = ["2024-05-01", "2024-05-14", "2024-05-16", total, "USD"]
    rows = [
        [ref, *head, *[""] * 7],
        [ref, *[""] * 4, "USD", "Order", "114-1", "ItemPrice", "Principal", "100.00"],
        [ref, *[""] * 4, "USD", "Order", "114-1", "ItemFees", "Commission", "-15.00"],
    ]
    for row in rows[1:]:
        row += ["2024-05-02 10:00:00 UTC", "BOWL"]
    path.write_text("\n".join("\t".join(row) for row in [COLUMNS, *rows]) + "\n")
    return path


def settlement_of(outcome, name: str) -> dict:
    [settlement] = outcome.files[name]["settlements"]
    return settlement


def codes_of(settlement: dict) -> set[str]:
    return {issue["code"] for issue in settlement["issues"]}


@pytest.fixture(scope="module")
def first(module_shop, tmp_path_factory):
    path = write_report(tmp_path_factory.mktemp("payout") / "report.txt", "85.00")
    return path, run_import(module_shop, path)


def test_settlement_is_imported_with_the_facts_of_the_file(module_shop, first):
    _path, outcome = first
    assert outcome.code == 0, outcome.stderr
    settlement = settlement_of(outcome, "report.txt")
    assert settlement["sum_by_type"] == {
        "ItemPrice/Principal": "100.00",
        "ItemFees/Commission": "-15.00",
    }
    assert (settlement["external_ref"], settlement["amount_total"]) == ("7001", "85.00")
    assert (settlement["rows"], settlement["balances"]) == (2, True)
    assert outcome.summary["settlements"] == 1
    sql = "SELECT external_ref, amount_total, lines_amount FROM marketplace_settlement"
    assert [tuple(map(str, row)) for row in module_shop.rows(sql)] == [
        ("7001", "85.0", "85.0")
    ]


def test_fee_that_nobody_has_mapped_is_named(first):
    settlement = settlement_of(first[1], "report.txt")
    assert "unknown_fee" in codes_of(settlement)
    assert settlement["state"] == "exception"
    (issue,) = settlement["issues"]
    assert "ItemFees/Commission" in issue["message"]
    assert "1 settlement, 1 exception, 1 open issue\n" in first[1].stderr


def test_same_report_again_changes_nothing(module_shop, first):
    path, before = first
    counts = module_shop.row_counts()
    again = run_import(module_shop, path)
    assert again.files["report.txt"]["status"] == "unchanged"
    assert settlement_of(again, "report.txt") == settlement_of(before, "report.txt")
    assert module_shop.row_counts() == counts


def test_report_that_does_not_tie_out_says_so_and_is_not_posted(module_shop, tmp_path):
    path = write_report(tmp_path / "wrong.txt", "90.00", ref="7002")
    dry = settlement_of(run_import(module_shop, "--dry-run", path), "wrong.txt")
    assert dry["issues"] == [
        {
            "code": "settlement_imbalance",
            "message": "the lines come to 85.00, not 90.00",
        }
    ]
    real = settlement_of(run_import(module_shop, path), "wrong.txt")
    assert "settlement_imbalance" in codes_of(real)
    sql = """
        SELECT count(*) FROM account_move move
        JOIN marketplace_settlement settlement
          ON settlement.id = move.marketplace_settlement_id
        WHERE settlement.external_ref = '7002'
    """
    assert module_shop.value(sql) == 0


def test_file_of_a_payment_provider_asks_for_the_channel_it_belongs_to(
    module_shop, tmp_path
):
    path = tmp_path / "paypal.csv"
    path.write_text(PAYPAL)
    outcome = run_import(module_shop, path)
    assert (outcome.code, outcome.files["paypal.csv"]["status"]) == (2, "rejected")
    assert "name it" in outcome.files["paypal.csv"]["error"]
    named = run_import(module_shop, "--channel", "Web shop", path)
    assert named.code == 0, named.files
    settlement = settlement_of(named, "paypal.csv")
    assert (settlement["external_ref"], settlement["balances"]) == (
        "activity 2025-09 USD",
        True,
    )
    sql = """
        SELECT channel.name, settlement.opening_stated, settlement.closing_stated
        FROM marketplace_settlement settlement
        JOIN marketplace_channel channel ON channel.id = settlement.channel_id
        WHERE settlement.external_ref = 'activity 2025-09 USD'
    """
    assert module_shop.rows(sql) == [("Web shop", True, True)]
