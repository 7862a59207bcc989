"""Whether a buyer may have what the law restricts. Pure.

The surest proof decides, not the newest: an estimate made after a document check does not
take anything away. A refusal counts until a later proof that is as sure as it says
otherwise: who was found too young by a document is not made older by an estimate.
"""

from dataclasses import dataclass
from datetime import date, datetime

from .bounds import NOBODY, is_met

#: How a proof was made, the weakest first.
ASSURANCES = ("declared", "estimated", "document", "attested")

PASS = "pass"
EXEMPT = "exempt"
OVERRIDDEN = "overridden"
UNPROVED = "unproved"
EXPIRED = "expired"
WEAK = "weak"
INCOMPLETE = "incomplete"
UNDERAGE = "underage"
PROHIBITED = "prohibited"
#: From harmless to serious.
VERDICTS = (
    PASS,
    EXEMPT,
    OVERRIDDEN,
    WEAK,
    EXPIRED,
    UNPROVED,
    INCOMPLETE,
    UNDERAGE,
    PROHIBITED,
)
ALLOWED = frozenset({PASS, EXEMPT, OVERRIDDEN})


def assurance_rank(assurance: str) -> int:
    """How sure a kind of proof is; higher is surer."""
    return ASSURANCES.index(assurance)


@dataclass(frozen=True, slots=True)
class Proof:
    """What is kept of a check of a person's age.

    :param key: identifies the proof
    :param bound: the person was born on or before this day
    :param assurance: one of :data:`ASSURANCES`
    :param proved_on: day of the check
    :param valid_until: last day on which it counts, None for no end
    :param recorded_at: moment at which we learned of it, which orders those of one day
    """

    key: int
    bound: date
    assurance: str
    proved_on: date
    valid_until: date | None = None
    recorded_at: datetime | None = None

    def is_valid(self, day: date) -> bool:
        """Proofs from the future do not count: a clock is wrong somewhere."""
        return self.proved_on <= day and (
            self.valid_until is None or day <= self.valid_until
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """A check found somebody too young to have been born on or before ``bound``.

    :param day: day of the check
    :param assurance: how sure the check is, one of :data:`ASSURANCES`
    :param recorded_at: moment at which we learned of it
    """

    bound: date
    day: date
    assurance: str = "attested"
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict, and the proof that decides it when one does."""

    verdict: str
    proof: Proof | None = None

    @property
    def is_allowed(self) -> bool:
        return self.verdict in ALLOWED


def judge(required, proofs, day, minimum="declared", refusals=(), exempt=False):
    """Whether somebody meets a required bound on a day.

    :param date required: last birthday of those who may buy
    :param proofs: the person's :class:`Proof`
    :param date day: the day to judge
    :param minimum: the weakest assurance that suffices
    :param refusals: the person's :class:`Refusal`
    :param exempt: the sale is to a business, with evidence; nothing makes a prohibited
        sale lawful
    :rtype: Judgement
    """
    if required == NOBODY:
        return Judgement(PROHIBITED)
    if exempt:
        return Judgement(EXEMPT)
    meeting = [proof for proof in proofs if is_met(proof.bound, required)]
    strong = [
        proof
        for proof in meeting
        if assurance_rank(proof.assurance) >= assurance_rank(minimum)
    ]
    valid = [proof for proof in strong if proof.is_valid(day)]
    made = [proof for proof in meeting if proof.proved_on <= day]
    if _is_refused(required, refusals, made):
        return Judgement(UNDERAGE)
    if valid:
        return Judgement(PASS, max(valid, key=_worth))
    if strong:
        return Judgement(EXPIRED, max(strong, key=_worth))
    if meeting:
        return Judgement(WEAK, max(meeting, key=_worth))
    return Judgement(UNPROVED)


def let_pass(judgement):
    """The judgement when two persons have decided that the sale may go on.

    What is allowed needs no help, what is prohibited, or may be, gets none.
    """
    if judgement.is_allowed or judgement.verdict in (INCOMPLETE, PROHIBITED):
        return judgement
    return Judgement(OVERRIDDEN)


def _worth(proof):
    return (
        assurance_rank(proof.assurance),
        proof.valid_until or date.max,
        proof.proved_on,
        proof.key,
    )


def _is_refused(required, refusals, proofs):
    """Whether a refusal speaks against the bound that none of the proofs outweighs.

    Who is too young for a bound is too young for every earlier one.

    :param proofs: those that meet the bound, made by now; also those that have ended, as
        time takes nothing away from what they said about a refusal
    """
    return any(
        required <= refusal.bound
        and not any(_outweighs(proof, refusal) for proof in proofs)
        for refusal in refusals
    )


def _outweighs(proof, refusal):
    """Whether a proof was made after a refusal, by a check that is as sure."""
    is_as_sure = assurance_rank(proof.assurance) >= assurance_rank(refusal.assurance)
    return is_as_sure and _is_later(proof, refusal)


def _is_later(proof, refusal):
    """Whether a proof came after a refusal; in doubt it did not."""
    if proof.proved_on != refusal.day:
        return proof.proved_on > refusal.day
    if proof.recorded_at is None or refusal.recorded_at is None:
        return False
    return proof.recorded_at > refusal.recorded_at
