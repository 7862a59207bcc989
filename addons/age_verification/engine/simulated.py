"""What the simulated provider answers, in the words of each real one. Pure.

The dates of birth in it are made up for the answer and kept nowhere.
"""

from dataclasses import dataclass
from datetime import date, datetime

from .bounds import years_before
from .messages import Asked

OVER = "over"
UNDER = "under"
UNREADABLE = "unreadable"
LEFT = "left"

YOTI = {OVER: "COMPLETE", UNDER: "FAIL", UNREADABLE: "ERROR", LEFT: "CANCELLED"}
AGECHECKER = {OVER: "accepted", UNDER: "denied", UNREADABLE: "denied"}
VERIFF = {
    OVER: (9001, "approved"),
    UNDER: (9001, "approved"),
    UNREADABLE: (9103, "resubmission_requested"),
    LEFT: (9121, "abandoned"),
}
STRIPE = {
    OVER: "verified",
    UNDER: "verified",
    UNREADABLE: "requires_input",
    LEFT: "requires_input",
}


@dataclass(frozen=True, slots=True)
class Case:
    """A check at the simulated provider.

    :param outcome: what the buyer did, None when nothing yet
    :param sequence: messages sent so far, this one included
    :param is_estimate: the buyer's face was looked at, no document
    """

    reference: str
    asked: Asked
    outcome: str | None
    sequence: int
    now: datetime
    is_estimate: bool = False

    @property
    def born(self) -> date:
        """A birthday that is met, or not, with years to spare."""
        years = {UNDER: -1}.get(self.outcome, 12)
        return years_before(self.asked.required, years)


def result_yoti(case: Case) -> dict:
    """Answer to GET sessions/…/result."""
    age = case.asked.estimate_age if case.is_estimate else case.asked.age
    return {
        "id": case.reference,
        "type": "OVER",
        "status": YOTI.get(case.outcome, "PENDING"),
        "method": "AGE_ESTIMATION" if case.is_estimate else "DOC_SCAN",
        "age": age,
        "reference_id": case.asked.name,
        "updated_at": case.now.isoformat(),
    }


def event_yoti(case: Case) -> dict:
    """Body of the webhook, not yet signed."""
    result = result_yoti(case)
    return {
        "method": result["method"],
        "result": case.outcome == OVER,
        "age": result["age"],
        "session_key": case.reference,
        "reference_id": case.asked.name,
        "id": case.reference,
        "timestamp": int(case.now.timestamp()),
        "state": result["status"],
        "check_type": "NONE",
        "sequence_number": case.sequence,
    }


def result_agechecker(case: Case) -> dict:
    """Answer to GET status/… with the account's secret."""
    answer = {
        "status": AGECHECKER.get(case.outcome, "pending"),
        "metadata": {"session": case.asked.name},
    }
    reasons = {UNDER: "underage", UNREADABLE: "invalid_id"}
    if case.outcome in reasons:
        answer["reason"] = reasons[case.outcome]
    return answer


def event_agechecker(case: Case) -> dict:
    """Body of the webhook: no metadata, and the verification's own reference."""
    answer = result_agechecker(case)
    del answer["metadata"]
    return {"uuid": verification_of(case.reference), **answer}


def verification_of(reference: str) -> str:
    """AgeChecker.Net names session and verification differently."""
    return f"v{reference}"


def result_veriff(case: Case) -> dict:
    """Answer to GET sessions/…/decision, with the person's data as the real one has."""
    if case.outcome not in VERIFF:
        return {"status": "success", "verification": None}
    code, status = VERIFF[case.outcome]
    decision = {
        "id": case.reference,
        "attemptId": f"{case.reference}-{case.sequence}",
        "vendorData": case.asked.name,
        "status": status,
        "code": code,
        "reason": None,
        "decisionTime": case.now.isoformat(),
        "person": {"firstName": "SIMULATED", "lastName": "PERSON", "dateOfBirth": None},
    }
    if code == 9001:
        decision["person"]["dateOfBirth"] = case.born.isoformat()
    return {"status": "success", "verification": decision}


def event_veriff(case: Case) -> dict:
    """Body of the decision webhook, which is what the decision says."""
    return result_veriff(case)


def result_stripe(case: Case) -> dict:
    """Answer to GET identity/verification_sessions/… with the birth date expanded."""
    status = STRIPE.get(case.outcome, "requires_input")
    errors = {UNREADABLE: "document_unverified_other", LEFT: "abandoned"}
    outputs = None
    if status == "verified":
        born = case.born
        outputs = {"dob": {"day": born.day, "month": born.month, "year": born.year}}
    code = errors.get(case.outcome)
    return {
        "id": case.reference,
        "object": "identity.verification_session",
        "client_reference_id": case.asked.name,
        "livemode": False,
        "status": status,
        "last_error": {"code": code} if code else None,
        "verified_outputs": outputs,
    }


def event_stripe(case: Case) -> dict:
    """Body of the webhook: the session without what has to be expanded."""
    result = result_stripe(case)
    del result["verified_outputs"]
    return {
        "id": f"evt_{case.reference}_{case.sequence}",
        "object": "event",
        "type": f"identity.verification_session.{result['status']}",
        "livemode": False,
        "data": {"object": result},
    }


RESULTS = {
    "yoti": result_yoti,
    "agechecker": result_agechecker,
    "veriff": result_veriff,
    "stripe": result_stripe,
}
EVENTS = {
    "yoti": event_yoti,
    "agechecker": event_agechecker,
    "veriff": event_veriff,
    "stripe": event_stripe,
}
