"""What the words of Amazon's settlements and finances mean.

Amazon publishes no list of them, and new ones come without notice. What is not known here is kept
under its own words as an adjustment; nothing is dropped.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from .settlement import SettlementLineType

_NO_LETTERS = re.compile(r"[^0-9a-z]+")
#: What the buyer paid or got back, and what was taken off it.
_PRICES = frozenset({"itemprice", "promotion", "itempromotion"})
_FEES = frozenset(
    {
        "costofadvertising",
        "itemfees",
        "miscfees",
        "orderfees",
        "otherfees",
        "shipmentfees",
    }
)
# Descriptions of services that do not end in "fee".
_FEE_WORDS = frozenset(
    {
        "disposalcomplete",
        "fbadisposal",
        "fbalongtermstorage",
        "fbaremoval",
        "fbastoragebilling",
        "removalcomplete",
        "shippinglabelpurchase",
        "shippingservices",
        "storagebilling",
        "storagerenewalbilling",
    }
)
# Tax of the seller that India and others take at source is the seller's own claim on the
# authority, and no tax of the buyer: it needs an account.
_OWN_TAX = re.compile(r"^(item)?(tcs|tds)")
_BUYER_TAX = ("marketplacefacilitator", "lowvaluegoods")
_OPENING = frozenset(
    {
        "balancebroughtforward",
        "beginningbalance",
        "openingbalance",
        "previousbalance",
        "previoussettlementbalance",
    }
)
_CLOSING = frozenset(
    {"balancecarriedforward", "closingbalance", "currentbalance", "endingbalance"}
)


class Meaning(NamedTuple):
    type: SettlementLineType
    is_dispute: bool = False


@lru_cache(maxsize=1024)
def letters(word: str) -> str:
    """Return a word for comparing: small letters and digits only."""
    return _NO_LETTERS.sub("", word.lower())


def is_refund(transaction: str) -> bool:
    """Whether a transaction gives money back to the buyer, or takes that back."""
    word = letters(transaction)
    return word.startswith(("refund", "chargeback", "guaranteeclaim")) or is_dispute(
        word
    )


def is_dispute(transaction: str) -> bool:
    """Whether a claim of the buyer is behind a transaction."""
    word = letters(transaction)
    return word.startswith(("chargeback", "atoz", "guaranteeclaim"))


@lru_cache(maxsize=1024)
def meaning_of(transaction: str, kind: str, description: str) -> Meaning:
    """Return what one amount is.

    :param transaction: "Order", "Refund", "Chargeback Refund", "ServiceFee" ...
    :param kind: ``amount-type``: "ItemPrice", "ItemFees", "other-transaction" ...
    :param description: ``amount-description``: "Principal", "Commission" ...
    """
    return Meaning(_type_of(transaction, kind, description), is_dispute(transaction))


def _type_of(transaction: str, kind: str, description: str) -> SettlementLineType:
    what, word = letters(kind), letters(description)
    if _OWN_TAX.match(what) or _OWN_TAX.match(word):
        return "adjustment"
    if what == "itemwithheldtax" or word.startswith(_BUYER_TAX):
        return "tax_withheld"
    if "reserve" in word:
        return "reserve"
    if what in _PRICES:
        return "refund" if is_refund(transaction) else "sale"
    if what in _FEES or what.endswith(("fee", "fees")):
        return "fee"
    if letters(transaction) == "servicefee":
        return "fee"
    if word in _FEE_WORDS or word.endswith(("fee", "fees")):
        return "fee"
    return "adjustment"


def is_opening(description: str) -> bool:
    """Whether an amount is what the account held before the settlement."""
    return letters(description) in _OPENING


def is_closing(description: str) -> bool:
    """Whether an amount is what stays in the account, negative, after the settlement."""
    return letters(description) in _CLOSING
