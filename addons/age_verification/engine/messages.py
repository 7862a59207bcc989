"""What providers of age checks say, in our words. Pure.

A provider's words are mapped one by one; words that are not known mean "pending", never
"accepted". A date of birth is compared with the bound that was asked for and goes no
further: no function returns it.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date, datetime

from .bounds import is_met
from .signatures import YOTI_UNSIGNED

PENDING = "pending"
ACCEPTED = "accepted"
DENIED = "denied"
FAILED = "failed"
EXPIRED = "expired"
CANCELLED = "cancelled"
STATES = (PENDING, ACCEPTED, DENIED, FAILED, EXPIRED, CANCELLED)

#: Longest reference or sequence that is taken from a message.
MAX_TEXT = 255

YOTI_STATES = {
    "COMPLETE": ACCEPTED,
    "FAIL": DENIED,
    "ERROR": FAILED,
    "CANCELLED": CANCELLED,
    "EXPIRED": EXPIRED,
}
#: Yoti's method -> (how the proof was made, how sure it is).
YOTI_METHODS = {
    "AGE_ESTIMATION": ("estimate", "estimated"),
    "DOC_SCAN": ("document", "document"),
    "DIGITAL_ID": ("document", "document"),
}
#: The lowest age that AgeChecker.Net can be asked for.
AGECHECKER_MIN_AGE = 18
AGECHECKER_STATES = {"accepted": ACCEPTED, "denied": DENIED}
AGECHECKER_REASONS = {
    "underage": "underage",
    "fake_id": "fake",
    "expired": "document_expired",
    "info_mismatch": "mismatch",
    "selfie_mismatch": "mismatch",
    "blocked": "blocked",
}
VERIFF_STATES = {
    9001: ACCEPTED,
    9102: DENIED,
    9103: FAILED,
    9104: EXPIRED,
    9121: CANCELLED,
}
STRIPE_STATES = {"verified": ACCEPTED, "canceled": CANCELLED}
STRIPE_REASONS = {
    "abandoned": "abandoned",
    "consent_declined": "consent_declined",
    "country_not_supported": "unreadable",
    "document_expired": "document_expired",
    "document_type_not_supported": "unreadable",
    "document_unverified_other": "unreadable",
    "selfie_document_missing_photo": "unreadable",
    "selfie_face_mismatch": "mismatch",
    "selfie_manipulated": "fake",
    "selfie_unverified_other": "unreadable",
    "under_supported_age": "underage",
}


#: Names and keys of ours as they may come in an address.
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class MessageError(ValueError):
    """A provider's message cannot be read."""


@dataclass(frozen=True, slots=True)
class Event:
    """A message that something happened; what it was is asked from the provider.

    :param reference: the provider's name of the check
    :param sequence: tells the messages about one check apart
    :param state: one of :data:`STATES`, a hint only
    """

    reference: str
    sequence: str
    state: str = PENDING


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a check.

    :param state: one of :data:`STATES`
    :param age: the age that was proved or refused, in full years
    :param bound: or the bound that was asked for and is met; never a date of birth
    :param method: a code of ``const.METHODS``
    :param assurance: a code of ``const.ASSURANCES``
    :param reason: a code of ``const.REASONS``
    :param proved_on: day of the check by the provider
    """

    state: str
    age: int | None = None
    bound: date | None = None
    method: str | None = None
    assurance: str | None = None
    reason: str | None = None
    proved_on: date | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a session asks of its provider.

    :param name: our name of the session, which the provider gives back
    :param age: in full years, as the law has it
    :param estimate_age: the same with the buffer for estimates
    :param required: the bound to be met
    """

    name: str
    age: int
    estimate_age: int
    required: date


def text_of(payload, *path) -> str:
    """The text at a place of a message.

    :raises MessageError: there is none
    """
    for name in path:
        payload = payload.get(name) if isinstance(payload, dict) else None
    if isinstance(payload, int) and not isinstance(payload, bool):
        payload = str(payload)
    if not isinstance(payload, str) or not 0 < len(payload) <= MAX_TEXT:
        raise MessageError(f"no text at {'.'.join(path)}")
    if not payload.isprintable():
        raise MessageError(f"odd characters at {'.'.join(path)}")
    return payload


def is_name(text: str | None) -> bool:
    """Whether a text from an address may be one of our names: a database takes no NUL."""
    return bool(text) and NAME.fullmatch(text) is not None


def _member(payload, *path):
    for name in path:
        payload = payload.get(name) if isinstance(payload, dict) else None
    return payload


def _map(table, word, default=PENDING):
    """A provider's word in ours; words of any other type are not known."""
    return table.get(word, default) if isinstance(word, str | int) else default


def read_day(text) -> date | None:
    """The day of a time as providers write it, None when it is none."""
    try:
        return datetime.fromisoformat(text).date()
    except (TypeError, ValueError):
        return None


# Yoti


def read_yoti_event(payload) -> Event:
    """A notification; told apart by all that is signed, which its number is not.

    :raises MessageError: it is no notification of a session
    """
    text_of(payload, "sequence_number")
    signed = {key: payload[key] for key in payload if key not in YOTI_UNSIGNED}
    content = json.dumps(signed, sort_keys=True).encode()
    return Event(
        reference=text_of(payload, "id"),
        sequence=hashlib.sha256(content).hexdigest(),
        state=_map(YOTI_STATES, payload.get("state")),
    )


def read_yoti_result(payload, asked: Asked) -> Result:
    """A session's result. ``age`` is the threshold of the method, not the buyer's age."""
    if _member(payload, "reference_id") != asked.name:
        return Result(FAILED, reason="foreign")
    method, assurance = _map(
        YOTI_METHODS, _member(payload, "method"), ("data", "declared")
    )
    state = _map(YOTI_STATES, _member(payload, "status"))
    threshold = asked.estimate_age if method == "estimate" else asked.age
    values = {"method": method, "assurance": assurance, "age": asked.age}
    if state == ACCEPTED:
        age = _member(payload, "age")
        if not isinstance(age, int) or age < threshold:
            return Result(FAILED, reason="foreign")
        return Result(
            state, proved_on=read_day(_member(payload, "updated_at")), **values
        )
    if state == DENIED and not _is_about_age(payload):
        return Result(FAILED, method=method, reason="unreadable")
    if state == DENIED:
        is_near = threshold > asked.age or _member(payload, "age") > asked.age
        return Result(state, reason="near_age" if is_near else "underage", **values)
    return Result(state, reason=_get_reason(state))


def _is_about_age(payload):
    """Whether a session that failed says "under the age", and not something else.

    It then names the threshold that was missed, by a method that looks at the age. A
    document that cannot be read or is not genuine makes nobody younger.
    """
    age = _member(payload, "age")
    return (
        isinstance(age, int)
        and not isinstance(age, bool)
        and _map(YOTI_METHODS, _member(payload, "method"), None) is not None
        and not _member(payload, "error_code")
    )


# AgeChecker.Net


def read_agechecker_event(payload) -> Event:
    """:raises MessageError: it is no message about a verification"""
    status = text_of(payload, "status")
    reason = payload.get("reason")
    return Event(
        reference=text_of(payload, "uuid"),
        sequence=f"{status}:{reason}"[:MAX_TEXT] if reason else status,
        state=_map(AGECHECKER_STATES, status),
    )


def read_agechecker_result(payload, asked: Asked, has_document: bool) -> Result:
    """A verification's status, with the metadata that the account's secret adds.

    :param has_document: the account asks everybody for a photo of a document
    """
    if _member(payload, "metadata", "session") != asked.name:
        return Result(FAILED, reason="foreign")
    state = _map(AGECHECKER_STATES, _member(payload, "status"))
    method, assurance = (
        ("document", "document") if has_document else ("data", "estimated")
    )
    age = max(asked.age, AGECHECKER_MIN_AGE)
    if state == ACCEPTED:
        return Result(state, age=age, method=method, assurance=assurance)
    if state == DENIED:
        reason = _map(AGECHECKER_REASONS, _member(payload, "reason"), "unreadable")
        if reason == "underage" and asked.age < age:
            # Too young for what was asked, which is more than the law does.
            reason = "near_age"
        return Result(state, age=age, method=method, reason=reason)
    return Result(state)


# Veriff


def read_veriff_event(payload) -> Event:
    """A decision, or a step on the way to it.

    :raises MessageError: it is neither
    """
    decision = _member(payload, "verification")
    body = decision if isinstance(decision, dict) else payload
    code = _member(body, "code")
    attempt = _member(body, "attemptId")
    return Event(
        reference=text_of(body, "id"),
        sequence=f"{attempt}:{text_of(body, 'code')}"[:MAX_TEXT],
        state=_map(VERIFF_STATES, code) if body is decision else PENDING,
    )


def read_veriff_result(payload, asked: Asked) -> Result:
    """A decision of a full check: the date of birth is compared here and left here."""
    decision = _member(payload, "verification")
    if not isinstance(decision, dict):
        return Result(PENDING)
    if decision.get("vendorData") != asked.name:
        return Result(FAILED, reason="foreign")
    state = _map(VERIFF_STATES, decision.get("code"))
    if state == ACCEPTED:
        born = read_day(_member(decision, "person", "dateOfBirth"))
        return _compare(born, asked, read_day(decision.get("decisionTime")))
    return Result(state, reason=_get_reason(state))


# Stripe Identity


def read_stripe_event(payload) -> Event | None:
    """None for events about other things than verification sessions.

    :raises MessageError: it is no event
    """
    kind = text_of(payload, "type")
    if not kind.startswith("identity.verification_session."):
        return None
    status = _member(payload, "data", "object", "status")
    return Event(
        reference=text_of(payload, "data", "object", "id"),
        sequence=text_of(payload, "id"),
        state=_map(STRIPE_STATES, status),
    )


def read_stripe_result(payload, asked: Asked, is_live: bool) -> Result:
    """A verification session with its date of birth, which is compared and left here.

    :param is_live: checks of the test system prove nothing in real use, and the reverse
    """
    if (
        _member(payload, "client_reference_id") != asked.name
        or _member(payload, "livemode") is not is_live
    ):
        return Result(FAILED, reason="foreign")
    status = _member(payload, "status")
    state = _map(STRIPE_STATES, status)
    if state == ACCEPTED:
        return _compare(
            _read_stripe_birth(_member(payload, "verified_outputs", "dob")), asked, None
        )
    reason = _map(STRIPE_REASONS, _member(payload, "last_error", "code"), None)
    if status == "requires_input" and reason:
        state = {"underage": DENIED, "abandoned": PENDING}.get(reason, FAILED)
        age = asked.age if state == DENIED else None
        return Result(state, age=age, method="document", reason=reason)
    return Result(state, reason=reason or _get_reason(state))


def _read_stripe_birth(parts):
    try:
        return date(parts["year"], parts["month"], parts["day"])
    except (TypeError, KeyError, ValueError, OverflowError):
        return None


def _compare(born, asked, proved_on):
    if born is None:
        return Result(FAILED, reason="no_birth_date")
    values = {
        "bound": asked.required,
        "method": "document",
        "assurance": "document",
        "proved_on": proved_on,
    }
    if is_met(born, asked.required):
        return Result(ACCEPTED, **values)
    return Result(DENIED, reason="underage", **values)


def _get_reason(state):
    """Why, when the provider says no more than the state."""
    return {
        DENIED: "unreadable",
        FAILED: "unreadable",
        EXPIRED: "too_late",
        CANCELLED: "abandoned",
    }.get(state)
