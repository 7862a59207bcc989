"""Etsy's payments of the Open API: which receipt a payment and its refunds belong to.

The answers of ``getPayments``, ``getShopPaymentByReceiptId`` and
``getPaymentAccountLedgerEntryPayments`` are lists of payments with ``payment_id``, ``receipt_id``
and ``payment_adjustments``. The ledger names payments and adjustments alone; the money is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from .base import ChannelParseError, ParseFailure, Sample
from .jsonio import convert, join
from .jsonrecords import TOP_OBJECT, identifier
from .settlement import ParsedPayment
from .settlement_json import first_place, listed, records_at, refused

CODE = "etsy.payments.v3"

Ref = int | str


class Adjustment(msgspec.Struct):
    payment_adjustment_id: Ref | None = None


class Payment(msgspec.Struct):
    payment_id: Ref
    receipt_id: Ref
    payment_adjustments: list[Adjustment] | None = None


def parse(source: BinaryIO) -> Iterator[ParsedPayment | ParseFailure]:
    """Yield the payments of an answer.

    :raises ChannelParseError: not JSON, or no payments
    """
    place = first_place(source, listed("results"), {"payment_id": TOP_OBJECT})
    for record, where in records_at(source, place):
        try:
            yield _read(convert(record, Payment, where), where)
        except ChannelParseError as error:
            yield refused(record, error, where, "payment_id")


def _read(payment: Payment, where: str) -> ParsedPayment:
    path = join(where, "payment_adjustments")
    return ParsedPayment(
        external_ref=identifier(payment.payment_id, join(where, "payment_id")),
        order_ref=identifier(payment.receipt_id, join(where, "receipt_id")),
        format=CODE,
        platform="etsy",
        where=where,
        adjustment_refs=tuple(
            identifier(part.payment_adjustment_id, f"{path}[{index}]")
            for index, part in enumerate(payment.payment_adjustments or ())
            if part.payment_adjustment_id
        ),
    )


def is_payments(sample: Sample) -> bool:
    return sample.kind == "json" and any(
        sample.has(
            *(prefix + name for name in ("payment_id", "receipt_id", "amount_gross"))
        )
        for prefix in ("results[].", "", "[].")
    )
