"""Whether a buyer may have what the law restricts. Pure.

The surest proof decides, not the newest: an estimate made after a document check does not
take anything away. A refusal by a provider counts until a later proof says otherwise, as
providers may accept on a second look.
"""

from dataclasses import dataclass
from datetime import date

from .bounds import NOBODY, is_met

#: How a proof was made, the weakest first.
ASSURANCES = ("declared", "estimated", "document", "attested")

PASS = "pass"
EXEMPT = "exempt"
OVERRIDDEN = "overridden"
UNPROVED = "unproved"
EXPIRED = "expired"
WEAK = "weak"
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
    """

    key: int
    bound: date
    assurance: str
    proved_on: date
    valid_until: date | None = None

    def is_valid(self, day: date) -> bool:
        """Proofs from the future do not count: a clock is wrong somewhere."""
        return self.proved_on <= day and (
            self.valid_until is None or day <= self.valid_until
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """A provider found somebody too young to have been born on or before ``bound``."""

    bound: date
    day: date


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
    if valid and not _is_refused(required, refusals, max(p.proved_on for p in valid)):
        return Judgement(PASS, max(valid, key=_worth))
    if _is_refused(required, refusals, None):
        return Judgement(UNDERAGE)
    if strong:
        return Judgement(EXPIRED, max(strong, key=_worth))
    if meeting:
        return Judgement(WEAK, max(meeting, key=_worth))
    return Judgement(UNPROVED)


def let_pass(judgement):
    """The judgement when two persons have decided that the sale may go on.

    What is allowed needs no help, what is prohibited gets none.
    """
    if judgement.is_allowed or judgement.verdict == PROHIBITED:
        return judgement
    return Judgement(OVERRIDDEN)


def _worth(proof):
    return (
        assurance_rank(proof.assurance),
        proof.valid_until or date.max,
        proof.proved_on,
        proof.key,
    )


def _is_refused(required, refusals, since):
    """Whether a refusal later than ``since`` speaks against the bound.

    Who is too young for a bound is too young for every earlier one.
    """
    return any(
        required <= refusal.bound and (since is None or refusal.day > since)
        for refusal in refusals
    )
