"""Shopify Payments by the GraphQL Admin API, read in the spelling of REST.

One answer may hold payouts, balance transactions and disputes. Types come in capitals, and there
are more of them than in REST; they are read in small letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from .base import Sample
from .settlement_json import Ledger, collect, connections, find_places, records_at
from .shopify_payouts import Outcome, add_dispute, add_transaction, head

CODE = "shopify.payments.graphql"
_ACCOUNT = "data.shopifyPaymentsAccount"
_PLACES = connections(
    *(
        f"{account}.{name}"
        for account in (_ACCOUNT, _ACCOUNT.removeprefix("data."))
        for name in ("payouts", "balanceTransactions", "disputes")
    )
)
_MONEY = ("amount", "fee", "net")


def parse(source: BinaryIO) -> Iterator[Outcome]:
    """Yield payouts, the lines of balance transactions by payout, and disputes.

    :raises ChannelParseError: not JSON, or none of these
    """
    ledger = Ledger(CODE, "shopify")
    for path, place in [*find_places(source, _PLACES)]:
        adds = _ADDS.get(path.rpartition(".")[0].rpartition(".")[2])
        for record, where in records_at(source, place):
            if adds:
                yield from collect(ledger, record, where, adds)
            else:
                yield head(_plain_payout(record), where, CODE)
    yield from ledger.settlements()


def _add_transaction(ledger: Ledger, record: Any, where: str) -> None:
    add_transaction(ledger, _plain_transaction(record), where)


def _add_dispute(ledger: Ledger, record: Any, where: str) -> None:
    add_dispute(ledger, _plain_dispute(record), where)


_ADDS = {"balanceTransactions": _add_transaction, "disputes": _add_dispute}


def _plain(record: Any) -> Any:
    """Return a node with names in small letters, bare ids and bare amounts."""
    if not isinstance(record, dict):
        return record
    plain: dict[str, Any] = {_snake(name): value for name, value in record.items()}
    for name in _MONEY:
        money = plain.get(name)
        if isinstance(money, dict):
            plain[name] = money.get("amount")
            plain["currency"] = money.get("currencyCode") or plain.get("currency")
    plain["id"] = _bare(plain.get("legacy_resource_id") or plain.get("id"))
    return plain


def _snake(name: str) -> str:
    return re.sub("([A-Z])", r"_\1", name).lower()


def _bare(gid: Any) -> Any:
    """Return the number of ``gid://shopify/Order/1``; anything else as it is."""
    return gid.rsplit("/", 1)[-1].split("?")[0] if isinstance(gid, str) else gid


def _inner(record: dict[str, Any], name: str) -> dict[str, Any]:
    value = record.get(name)
    return value if isinstance(value, dict) else {}


def _list(record: dict[str, Any], name: str) -> list[Any]:
    value = record.get(name)
    return value if isinstance(value, list) else []


def _plain_transaction(record: Any) -> Any:
    plain = _plain(record)
    if not isinstance(plain, dict):
        return plain
    if isinstance(plain.get("type"), str):
        plain["type"] = plain["type"].lower()
    plain["payout_id"] = _bare(_inner(plain, "associated_payout").get("id"))
    plain["source_order_id"] = _bare(_inner(plain, "associated_order").get("id"))
    plain["processed_at"] = plain.get("transaction_date")
    plain["adjustment_order_transactions"] = [
        {"order": {"id": _bare(_inner(part, "order").get("id"))}}
        for part in _list(plain, "adjustments_orders")
        if isinstance(part, dict)
    ]
    return plain


def _plain_payout(record: Any) -> Any:
    plain = _plain(record)
    if not isinstance(plain, dict):
        return plain
    sums = {
        _snake(name): money.get("amount")
        for name, money in _inner(plain, "summary").items()
        if isinstance(money, dict)
    }
    bank = _inner(plain, "bank_account")
    if isinstance(plain.get("status"), str):
        plain["status"] = plain["status"].lower()
    return {
        **plain,
        "amount": plain.get("net"),
        "date": plain.get("issued_at"),
        "summary": {name: value for name, value in sums.items() if value is not None},
        "trace_id": plain.get("external_trace_id"),
        "account_tail": bank.get("accountNumberLastDigits"),
    }


def _plain_dispute(record: Any) -> Any:
    plain = _plain(record)
    if not isinstance(plain, dict):
        return plain
    details = _inner(plain, "reason_details")
    return {
        **plain,
        "order_id": _bare(_inner(plain, "order").get("id")),
        "reason": details.get("reason"),
        "network_reason_code": details.get("networkReasonCode"),
    }


def is_payments(sample: Sample) -> bool:
    return sample.kind == "json" and any(
        re.sub(r"\[\]", "", key).startswith(tuple(_PLACES)) for key in sample.keys
    )
