"""Words that several models share."""

from odoo.tools import LazyTranslate

from .engine import bounds, chain, judging, law

_lt = LazyTranslate(__name__)

UNKNOWN = "unknown"

KINDS = [
    (bounds.AGE, "From an age on"),
    (bounds.CALENDAR_YEAR, "From 1 January of the year of an age"),
    (bounds.COHORT, "Born before a day"),
    (bounds.PROHIBITED, "Prohibited"),
    (UNKNOWN, "Not known"),
]

CONFIDENCES = [
    ("primary", "Law or authority read"),
    ("statute_quoted", "Law read in a quotation"),
    ("secondary", "Secondary source"),
    ("conflict", "Sources disagree"),
    ("general", "Not looked up"),
]

ASSURANCES = [
    ("declared", "Declared by the buyer"),
    ("estimated", "Estimated"),
    ("document", "Document checked"),
    ("attested", "Attested by an authority"),
]

VERDICTS = [
    (judging.PASS, "Proved"),
    (judging.EXEMPT, "Business, exempt"),
    (judging.OVERRIDDEN, "Let pass by two persons"),
    (judging.WEAK, "Proof too weak"),
    (judging.EXPIRED, "Proof expired"),
    (judging.UNPROVED, "Not proved"),
    (judging.INCOMPLETE, "State missing"),
    (judging.UNDERAGE, "Underage"),
    (judging.PROHIBITED, "Sale prohibited"),
]

WARNINGS = {
    law.UNKNOWN_COUNTRY: _lt("The destination's country is not known."),
    law.UNKNOWN_RULE: _lt("No rule is known: what the policy asks counts."),
    law.UNKNOWN_STATE: _lt(
        "The state is not known: the strictest of the country counts."
    ),
    law.UNKNOWN_STRENGTH: _lt(
        "Strength or kind of drink is not known: the strictest counts."
    ),
    law.CONFLICT: _lt("Sources disagree about the rule: the stricter counts."),
    law.NOT_VERIFIED: _lt("Nobody has looked the rule up: the stricter counts."),
}

#: Where a sale was judged.
GATES = [
    ("confirm", "Order confirmation"),
    ("payment", "Online payment"),
    ("invoice", "Invoice"),
    ("delivery", "Delivery"),
    ("change", "Change of the order"),
    ("daily", "Daily check"),
    ("request", "Request for proof"),
]

INCIDENT_KINDS = [
    ("underage", "Underage attempt"),
    ("expired", "Expired proof"),
    ("mismatch", "Somebody else's proof"),
    ("destination", "Destination changed after the proof"),
    ("override", "Override"),
    ("forged", "Forged message of a provider"),
    ("unknown_rule", "No rule known"),
    ("prohibited", "Prohibited sale attempted"),
    ("declassified", "Product asks less of buyers"),
]

CHAIN_BREAKS = {
    chain.CHANGED: _lt("It was changed after it had been written."),
    chain.MISSING: _lt("It is missing."),
    chain.UNLINKED: _lt("It does not follow the one before."),
    chain.CUT: _lt("What came after it was cut off or added by hand."),
}

METHODS = [
    ("wallet", "Wallet (attested age)"),
    ("estimate", "Age estimation"),
    ("document", "Identity document"),
    ("data", "Data match"),
    ("person", "Checked by a person"),
    ("marketplace", "Checked by the marketplace"),
    ("declaration", "Declaration"),
]

SESSION_STATES = [
    ("pending", "Waiting"),
    ("accepted", "Accepted"),
    ("denied", "Denied"),
    ("failed", "Failed"),
    ("expired", "Expired"),
    ("cancelled", "Given up"),
]

#: Why a check of an age ended without a proof.
REASONS = [
    ("underage", "Too young"),
    ("near_age", "Looks near the age: an estimate does not do"),
    ("unreadable", "Document or face not readable"),
    ("document_expired", "Document expired"),
    ("fake", "Document not genuine"),
    ("mismatch", "Somebody else's document"),
    ("not_disclosed", "Nothing said about the age"),
    ("no_birth_date", "No date of birth on the document"),
    ("blocked", "Refused by the provider"),
    ("consent_declined", "Buyer did not agree to the check"),
    ("abandoned", "Buyer left"),
    ("too_late", "Not done in time"),
    ("foreign", "Answer belongs to another check"),
    ("disagreement", "Two persons disagree"),
    ("refused_elsewhere", "Found too young by another check"),
    ("renamed", "Contact became somebody else"),
]

#: Where providers are asked. Test accounts use the same addresses with other keys.
API_URLS = {
    "yoti": "https://age.yoti.com/api/v1",
    "agechecker": "https://api.agechecker.net/v1",
    "veriff": "https://stationapi.veriff.com/v1",
    "stripe": "https://api.stripe.com/v1",
}

#: What a person may have looked at. Numbers and dates are never written down.
DOCUMENT_KINDS = [
    ("passport", "Passport"),
    ("id_card", "Identity card"),
    ("driving_licence", "Driving licence"),
    ("residence_permit", "Residence permit"),
    ("age_card", "Proof-of-age card"),
    ("other", "Other official document with a picture"),
]
