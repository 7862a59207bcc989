"""Providers' words in ours. Shapes and words are those of the providers' documentation."""

import dataclasses
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.age_verification.engine import messages
from odoo.addons.age_verification.engine.messages import Asked, MessageError

REQUIRED = date(2008, 6, 15)
ASKED = Asked(name="AV1", age=18, estimate_age=25, required=REQUIRED)


def yoti(status, method="DOC_SCAN", age=18, **kwargs):
    payload = {"status": status, "method": method, "age": age, "reference_id": "AV1"}
    return messages.read_yoti_result({**payload, **kwargs}, ASKED)


def agechecker(status, reason=None, has_document=False):
    payload = {"status": status, "reason": reason, "metadata": {"session": "AV1"}}
    return messages.read_agechecker_result(payload, ASKED, has_document)


def veriff(code, born=None, **kwargs):
    decision = {
        "vendorData": "AV1",
        "code": code,
        "person": {"firstName": "ADA", "dateOfBirth": born},
        "decisionTime": "2026-06-14T09:30:00.000Z",
    }
    payload = {"status": "success", "verification": {**decision, **kwargs}}
    return messages.read_veriff_result(payload, ASKED)


def stripe(status, born=None, code=None, is_live=True, **kwargs):
    payload = {
        "status": status,
        "client_reference_id": "AV1",
        "livemode": True,
        "last_error": {"code": code} if code else None,
        "verified_outputs": {"dob": born} if born else None,
    }
    return messages.read_stripe_result({**payload, **kwargs}, ASKED, is_live)


# Yoti


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("COMPLETE", "accepted"),
        ("FAIL", "denied"),
        ("ERROR", "failed"),
        ("CANCELLED", "cancelled"),
        ("EXPIRED", "expired"),
        ("PENDING", "pending"),
        ("IN_PROGRESS", "pending"),
        ("APPROVED_BY_THE_FUTURE", "pending"),
        ("complete", "pending"),
        (None, "pending"),
        (["COMPLETE"], "pending"),
        (True, "pending"),
    ],
)
def test_yoti_states_and_unknown_ones_are_pending(status, state):
    assert yoti(status).state == state


@pytest.mark.parametrize(
    ("method", "threshold", "assurance"),
    [
        ("AGE_ESTIMATION", 25, "estimated"),
        ("DOC_SCAN", 18, "document"),
        ("DIGITAL_ID", 18, "document"),
        ("SOMETHING_NEW", 18, "declared"),
    ],
)
def test_yoti_proves_the_law_s_age_at_the_threshold_of_the_method(
    method, threshold, assurance
):
    result = yoti("COMPLETE", method, threshold)
    assert (result.state, result.age, result.assurance) == ("accepted", 18, assurance)
    assert yoti("COMPLETE", method, threshold - 1).state == "failed"


def test_yoti_estimate_below_its_buffer_is_not_underage():
    assert yoti("FAIL", "AGE_ESTIMATION", 25).reason == "near_age"
    assert yoti("FAIL", "DOC_SCAN", 18).reason == "underage"


@pytest.mark.parametrize(
    "values",
    [
        {"error_code": "DOCUMENT_NOT_READABLE"},
        {"error_code": "DOCUMENT_NOT_GENUINE", "method": "DIGITAL_ID"},
        {"age": None},
        {"age": "18"},
        {"age": True},
        {"method": "SOMETHING_NEW"},
        {"method": None},
    ],
)
def test_yoti_failure_that_says_nothing_of_the_age_calls_nobody_underage(values):
    result = yoti("FAIL", **values)
    assert (result.state, result.reason) == ("failed", "unreadable")


def test_yoti_failure_at_the_threshold_of_the_law_is_underage():
    for method in ("DOC_SCAN", "DIGITAL_ID"):
        result = yoti("FAIL", method)
        assert (result.state, result.reason) == ("denied", "underage")
        assert (result.age, result.assurance) == (18, "document")


def test_yoti_failure_at_a_higher_threshold_is_not_underage():
    assert yoti("FAIL", "DIGITAL_ID", 21).reason == "near_age"


def test_yoti_document_that_is_not_genuine_is_an_error_and_no_refusal():
    result = yoti("ERROR", error_code="DOCUMENT_NOT_GENUINE")
    assert (result.state, result.reason) == ("failed", "unreadable")


def test_yoti_answer_about_another_session_proves_nothing():
    result = yoti("COMPLETE", reference_id="AV2")
    assert (result.state, result.reason) == ("failed", "foreign")


# AgeChecker.Net


@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [
        ("accepted", None, ("accepted", None)),
        ("denied", "underage", ("denied", "underage")),
        ("denied", "fake_id", ("denied", "fake")),
        ("denied", "expired", ("denied", "document_expired")),
        ("denied", "selfie_mismatch", ("denied", "mismatch")),
        ("denied", "blocked", ("denied", "blocked")),
        ("denied", "blank_id", ("denied", "unreadable")),
        ("denied", "a reason of the future", ("denied", "unreadable")),
        ("denied", None, ("denied", "unreadable")),
        ("signature", None, ("pending", None)),
        ("photo_id", None, ("pending", None)),
        ("phone_validation", None, ("pending", None)),
        ("sms_sent", None, ("pending", None)),
        ("pending", None, ("pending", None)),
        ("not_created", None, ("pending", None)),
    ],
)
def test_agechecker_states_and_reasons(status, reason, expected):
    result = agechecker(status, reason)
    assert (result.state, result.reason) == expected


def test_agechecker_match_in_records_is_weaker_than_a_document():
    assert agechecker("accepted").assurance == "estimated"
    assert agechecker("accepted", has_document=True).assurance == "document"


def test_agechecker_that_asks_more_than_the_law_proves_more_and_refuses_nobody():
    asked = Asked(name="AV1", age=16, estimate_age=16, required=REQUIRED)
    payload = {"status": "accepted", "metadata": {"session": "AV1"}}
    assert messages.read_agechecker_result(payload, asked, True).age == 18
    payload |= {"status": "denied", "reason": "underage"}
    result = messages.read_agechecker_result(payload, asked, True)
    assert (result.state, result.reason) == ("denied", "near_age")


def test_agechecker_verification_of_another_session_proves_nothing():
    payload = {"status": "accepted", "metadata": {"session": "AV2"}}
    assert messages.read_agechecker_result(payload, ASKED, True).reason == "foreign"
    payload = {"status": "accepted"}
    assert messages.read_agechecker_result(payload, ASKED, True).reason == "foreign"


# Veriff


@pytest.mark.parametrize(
    ("code", "state"),
    [(9102, "denied"), (9103, "failed"), (9104, "expired"), (9121, "cancelled")]
    + [(code, "pending") for code in (7001, 7002, 9999, None, "9001", True)],
)
def test_veriff_codes_and_unknown_ones_are_pending(code, state):
    assert veriff(code, "1980-01-01").state == state


@pytest.mark.parametrize(
    ("born", "state", "reason"),
    [
        ("1980-01-01", "accepted", None),
        ("2008-06-15", "accepted", None),
        ("2008-06-16", "denied", "underage"),
        (None, "failed", "no_birth_date"),
        ("", "failed", "no_birth_date"),
        ("2008-13-45", "failed", "no_birth_date"),
    ],
)
def test_veriff_birth_date_is_compared_with_the_bound(born, state, reason):
    result = veriff(9001, born)
    assert (result.state, result.reason) == (state, reason)


def test_veriff_without_a_decision_is_pending():
    payload = {"status": "success", "verification": None}
    assert messages.read_veriff_result(payload, ASKED).state == "pending"


def test_veriff_decision_about_another_session_proves_nothing():
    assert veriff(9001, "1980-01-01", vendorData="AV2").reason == "foreign"


# Stripe


@pytest.mark.parametrize(
    ("born", "state"),
    [
        ({"day": 15, "month": 6, "year": 2008}, "accepted"),
        ({"day": 16, "month": 6, "year": 2008}, "denied"),
        ({"day": 30, "month": 2, "year": 1980}, "failed"),
        ({"day": None, "month": 6, "year": 2008}, "failed"),
        ({"year": 1980}, "failed"),
        (None, "failed"),
    ],
)
def test_stripe_birth_date_is_compared_with_the_bound(born, state):
    assert stripe("verified", born).state == state


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        ("requires_input", None, ("pending", None)),
        ("requires_input", "abandoned", ("pending", "abandoned")),
        ("requires_input", "consent_declined", ("failed", "consent_declined")),
        ("requires_input", "document_expired", ("failed", "document_expired")),
        ("requires_input", "selfie_face_mismatch", ("failed", "mismatch")),
        ("requires_input", "under_supported_age", ("denied", "underage")),
        ("requires_input", "an error of the future", ("pending", None)),
        ("processing", None, ("pending", None)),
        ("canceled", None, ("cancelled", "abandoned")),
        ("redacted", None, ("pending", None)),
    ],
)
def test_stripe_states_and_errors(status, code, expected):
    result = stripe(status, code=code)
    assert (result.state, result.reason) == expected


def test_stripe_check_of_the_test_system_proves_nothing_in_real_use():
    born = {"day": 1, "month": 1, "year": 1980}
    assert stripe("verified", born, livemode=False).reason == "foreign"
    assert stripe("verified", born, is_live=False).reason == "foreign"
    assert stripe("verified", born, client_reference_id="AV2").reason == "foreign"


def test_stripe_events_about_other_things_are_left_alone():
    assert (
        messages.read_stripe_event({"id": "evt_1", "type": "charge.refunded"}) is None
    )


# Everything

READERS = [
    messages.read_yoti_event,
    messages.read_agechecker_event,
    messages.read_veriff_event,
    messages.read_stripe_event,
]
RESULTS = [
    lambda payload: messages.read_yoti_result(payload, ASKED),
    lambda payload: messages.read_agechecker_result(payload, ASKED, True),
    lambda payload: messages.read_veriff_result(payload, ASKED),
    lambda payload: messages.read_stripe_result(payload, ASKED, True),
]
words = st.sampled_from(
    ["id", "uuid", "status", "state", "verification", "code", "type", "data", "object"]
    + ["person", "dateOfBirth", "verified_outputs", "dob", "metadata", "session"]
    + [
        "reference_id",
        "vendorData",
        "client_reference_id",
        "AV1",
        "COMPLETE",
        "verified",
    ]
    + [
        "identity.verification_session.verified",
        "sequence_number",
        "method",
        "livemode",
    ]
)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | words
    | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=6)
    ),
    max_leaves=20,
)


@given(st.dictionaries(words, values, max_size=8))
def test_any_message_is_read_or_refused_by_name(payload):
    for read in READERS:
        try:
            event = read(payload)
        except MessageError:
            continue
        assert event is None or event.state in messages.STATES


@given(st.dictionaries(words, values, max_size=8))
def test_any_answer_has_a_state_and_holds_no_birth_date(payload):
    for read in RESULTS:
        result = read(payload)
        assert result.state in messages.STATES
        assert result.bound in (None, REQUIRED)


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)))
def test_no_result_tells_one_birthday_from_another(born):
    result = veriff(9001, born.isoformat())
    other = veriff(9001, "1980-01-01" if born <= REQUIRED else "2020-01-01")
    assert dataclasses.asdict(result) == dataclasses.asdict(other)
