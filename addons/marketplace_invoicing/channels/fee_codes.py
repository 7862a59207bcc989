"""What the fees of channels are, by the channels' own words: to suggest an account for them.

The words are those of the field lists of Amazon, eBay, Etsy, Shopify, Stripe and PayPal. A rule
looks at a code as lower-case words ("ItemFees/FBAPerUnitFulfillmentFee" reads "item fees / fba
per unit fulfillment fee"); the first rule that fits decides.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Literal

FeeKind = Literal[
    "advertising",
    "commission",
    "compensation",
    "fulfilment",
    "payment",
    "shipping",
    "storage",
    "subscription",
]

#: Codes whose words mean something else on their platform than elsewhere.
_PLATFORM_RULES: dict[str, tuple[tuple[FeeKind, str], ...]] = {
    # The ledger's entry for the fee on a sale is called "transaction".
    "etsy": (
        ("commission", r"\btransactions?\b"),
        ("payment", r"\b(payment )?processing\b|\bdeposit fee\b"),
        ("subscription", r"\b(renew|listings?|relist|auto renew)\b"),
    ),
    # Shopify is paid by the month; what it takes off a charge is the card's fee.
    "shopify": (("payment", r"^(charge|refund|dispute|adjustment)s? / fee\b"),),
}
_GATEWAY_RULES: tuple[tuple[FeeKind, str], ...] = (("payment", r"\bfees?\b"),)

_RULES: tuple[tuple[FeeKind, str], ...] = (
    (
        "compensation",
        r"\breimburse\w*|\breimbursal\b|\bcompensat\w+|\bwarehouse (damage|lost)\b"
        r"|\bmissing from inbound\b|\b(order|items?) (damaged|lost|late)\b"
        r"|\bincorrect fees\b|\bcs error\b",
    ),
    ("storage", r"\bstorage\b|\baged inventory\b|\binventory placement\b"),
    (
        "advertising",
        r"\badvert\w+|\bads?\b|\boffsite ads\b|\bpromoted\b|\bsponsored\b|\bdeal\b"
        r"|\bcoupon redemption\b|\bad fee\b|\bvine\b",
    ),
    (
        "fulfilment",
        r"\bfba\b|\bafn\b|\bfulfil\w*|\bremoval\b|\bdisposal\b|\bmulti channel\b"
        r"|\bprep(aration)?\b|\bpick and pack\b|\bweight handling\b|\blabelling\b",
    ),
    (
        "shipping",
        r"\bshipping\b|\bpostage\b|\blabels?\b|\bcarrier\b|\btransportation\b|\bfreight\b",
    ),
    (
        "commission",
        r"\bcommission\b|\bfinal value\b|\breferral\b|\bclosing fee\b|\bselling fee\b"
        r"|\bfixed fee\b|\btransaction fees?\b|\bgiftwrap\b|\binternational fee\b"
        r"|\bbelow standard\b|\bdigital services\b|\bregulatory\b|\bhigh item not as described\b"
        r"|\bper item fee\b|\bfixed closing\b",
    ),
    (
        "subscription",
        r"\bsubscription\b|\bstore fee\b|\blisting\b|\binsertion\b|\bmonthly fee\b|\bplan\b",
    ),
    (
        "payment",
        # "Payment" alone is no fee: PayPal and Etsy call purchases and top-ups so.
        r"\b(payment|card)\b.*\b(fees?|costs?)\b|\bfees?\b.*\b(payment|card)\b"
        r"|\bprocessing\b|\bstripe\b|\bchargebacks?\b|\bdispute\b"
        r"|\bexchange\b|\bconversion\b|\bpayout fee\b|\bwithdrawal fee\b|\btax service\b",
    ),
)

#: Words that the names of fitting accounts have, the most telling first; English, German,
#: French, Spanish and Italian charts.
ACCOUNT_WORDS: dict[FeeKind, tuple[str, ...]] = {
    "advertising": ("advertis", "marketing", "werbe", "werbung", "public", "pubblic"),
    "commission": (
        "commission",
        "marketplace fee",
        "provision",
        "comisi",
        "provvigion",
        "sales expense",
        "selling",
        "vertrieb",
    ),
    "compensation": ("compensation", "reimburse", "other income", "sonstige", "divers"),
    "fulfilment": ("fulfil", "logisti", "outside service", "fremdleistung", "lager"),
    "payment": (
        "payment fee",
        "bank fee",
        "bank charge",
        "geldverkehr",
        "bancari",
        "bancaire",
        "bank",
    ),
    "shipping": (
        "shipping",
        "postage",
        "freight",
        "carriage",
        "delivery",
        "porto",
        "versand",
        "fracht",
        "transport",
        "trasport",
    ),
    "storage": ("storage", "warehouse", "lager", "entrep", "magazzin", "almacen"),
    "subscription": (
        "subscription",
        "licen",
        "lizenz",
        "dues",
        "abonnement",
        "abbonament",
        "suscripci",
    ),
}
#: Where no account has a telling word: the general one for what selling costs.
GENERAL_WORDS = ("marketplace", "sales expense", "selling", "vertrieb")
#: Account names as like the code as this are taken for it.
NEAR = 0.8

#: Words of what a channel charges; a prefix makes the German ones longer.
_FEE = re.compile(
    r"\bfees?\b|\bcommissions?\b|\w*geb(ü|ue?)hr(en)?\b|\w*provision(en)?\b|\bfrais\b"
    r"|\bcomisi[oó]n(es)?\b|\bcommission[ei]\b|\bprovvigion[ei]\b"
)
#: Fees that the buyer paid on top of the goods, and gets back or loses with them.
_BUYERS_FEE = re.compile(
    r"\b(restocking|return|shipping|delivery|postage|handling|gift ?wrap|wrapping|buyer"
    r"|payment method|cod|customs|import|recycling) (fees?|charges?)\b"
    r"|\b(versand|liefer|rückgabe|ruckgabe|wiedereinlagerungs|nachnahme|zoll)\w*geb(ü|ue?)hr(en)?\b"
    r"|\bfrais (de |d')(port|livraison|envoi|expédition|expedition|retour|restockage)\b"
)
_BREAKS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_\-\s]+")


def words_of(code: str) -> str:
    """Return a code as lower-case words: "ItemFees/FBAFee" as "item fees / fba fee"."""
    parts = (_BREAKS.sub(" ", part).strip() for part in code.split("/"))
    return " / ".join(" ".join(part.split()) for part in parts if part).lower()


def fee_kind(platform: str, code: str) -> FeeKind | None:
    """Return what a fee of this code is for, or None.

    :param platform: the channel's, or the gateway's whose file it is
    :param code: the channel's own words, general first
    """
    words = words_of(code)
    rules = _PLATFORM_RULES.get(platform, ())
    if platform in ("stripe", "paypal"):
        rules = _GATEWAY_RULES
    return next(
        (kind for kind, pattern in (*rules, *_RULES) if re.search(pattern, words)), None
    )


def is_fee(code: str) -> bool:
    """Whether a code tells of what the channel charges, not of what the buyer paid.

    "Refund/Commission" is a fee that the channel gives back; "ItemPrice/RestockingFee" is a
    part of the price that the buyer does not get back.

    :param code: the channel's own words, general first
    """
    return bool(_FEE.search(_BUYERS_FEE.sub("", words_of(code))))


def best_account(code: str, kind: FeeKind | None, names: dict[int, str]) -> int | None:
    """Return the id of the account whose name fits a code best, or None.

    :param names: {id: name} of the accounts that may be taken, in order of preference
    """
    lowered = {key: name.lower() for key, name in names.items()}
    words = words_of(code).split(" / ")[-1]
    near = {
        key: SequenceMatcher(None, words, name).ratio() for key, name in lowered.items()
    }
    nearest = max(near, key=near.__getitem__, default=None)
    if nearest is not None and near[nearest] >= NEAR:
        return nearest
    if kind is None:
        return None
    for word in (*ACCOUNT_WORDS[kind], *GENERAL_WORDS):
        for key, name in lowered.items():
            if word in name:
                return key
    return None
