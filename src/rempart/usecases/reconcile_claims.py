"""Reconcile on return: each claim that was kept, once, by what became of it, and by which rule.

Nothing is judged here. What is told names no person, no code, and no number that a site gave.

What a person decided is an entry of the ledger: a decision that none bears out was written into the
database by somebody else, and is told (``unborne``). That the ledger itself was not rewritten,
``rempart ledger verify`` proves.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from rempart.domain.claim import Bound, Claim, Disclosed, Use
from rempart.domain.claim_decisions import ClaimDecisions
from rempart.domain.cut_history import CutHistory
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.ruling import Ruling
from rempart.sealing.errors import SealBroken
from rempart.usecases.claim_ports import ClaimsToReconcile, Stood
from rempart.usecases.judge_claims import JudgeLedger
from rempart.usecases.open_claims import opened, tag_of
from rempart.usecases.ports import Clock
from rempart.usecases.why_waiting import WhyWaiting


class Kind(Enum):
    """What became of a claim: one of these, and of no two."""

    ACCEPTED = "accepted"
    ENDED = "ended"
    """Accepted, and the card has ended since: the insurer bears it."""
    REFUSED = "refused"
    PERSON = "person"
    VOID = "void"
    WAITING = "waiting"


class Evidence(Enum):
    """What a claim rests on."""

    ANSWER = "answer"
    UNDERTAKING = "undertaking"
    CARD = "card"
    UNREADABLE = ""


KINDS = {
    None: Kind.WAITING,
    Ruling.HONOURED: Kind.ACCEPTED,
    Ruling.REFUSED: Kind.REFUSED,
    Ruling.PERSON: Kind.PERSON,
    Ruling.VOID: Kind.VOID,
}


@dataclass(frozen=True, slots=True)
class Heading:
    """What claims are counted under; ``amc`` is the insurer that they name, or nothing where they
    do not open; ``why`` tells apart what one rule covers, and claims that wait.
    """

    amc: str
    use: Use
    kind: Kind
    rule: str
    why: str = ""

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """As they are told: by insurer, what was asked, what became of it, why."""
        return self.amc, self.use, list(Kind).index(self.kind), self.rule, self.why

    @property
    def reason(self) -> str:
        """The rule and why, where there are any: what claims of one kind are told apart by."""
        return "/".join(filter(None, (self.rule, self.why)))

    @property
    def plain(self) -> bool:
        """Accepted, with nothing to say about it."""
        return self.kind is Kind.ACCEPTED and not self.rule


@dataclass(frozen=True, slots=True)
class Difference:
    """A claim that was not plainly accepted: the numbers of its software and of itself, what it
    rests on, what is asked and what is owed (cents).
    """

    software: int
    number: int
    heading: Heading
    evidence: Evidence
    asked: int
    owed: int


@dataclass(slots=True)
class Reconciled:
    """How many claims there are; under each heading how many, and what is owed (cents)."""

    claims: int = 0
    counts: Counter[Heading] = field(default_factory=Counter)
    owed: Counter[Heading] = field(default_factory=Counter)
    differences: int = 0
    unborne: list[int] = field(default_factory=list)
    """Numbers of claims on which a decision is kept that the ledger does not know."""

    def of(self, kind: Kind) -> int:
        """How many of one kind."""
        return sum(count for heading, count in self.counts.items() if heading.kind is kind)

    def owed_for(self, *kinds: Kind) -> int:
        """What is owed for some kinds, in cents."""
        return sum(cents for heading, cents in self.owed.items() if heading.kind in kinds)


@dataclass(frozen=True, slots=True)
class ReconcileClaims:
    """``key`` is the private half of what claims are sealed to (X25519, 32 bytes)."""

    claims: ClaimsToReconcile
    ledger: JudgeLedger
    clock: Clock
    key: bytes = field(repr=False)

    def __call__(self, tell: Callable[[Difference], None]) -> Reconciled:
        """Count every claim, and ``tell`` each difference, in the order in which they came."""
        found = Reconciled()
        with self.claims.at_one_moment() as (found.claims, everything):
            # Read after what is told: whoever decides writes the ledger first.
            waiting, decided = self._known()
            for stood in everything:
                claim = self._opened(stood)
                each = _difference(stood, claim, waiting)
                found.counts[each.heading] += 1
                found.owed[each.heading] += each.owed
                if not each.heading.plain:
                    found.differences += 1
                    tell(each)
                if not self._borne(stood, claim, decided):
                    found.unborne.append(stood.number)
        assert found.counts.total() == found.claims, "a claim was lost, or was told twice"
        return found

    def _known(self) -> tuple[Mapping[int, str], ClaimDecisions]:
        """Why claims wait, and what persons decided: as the ledger says."""
        cuts, decided = CutHistory(), ClaimDecisions()
        for index, entry, detail in self.ledger.decisions():
            cuts.absorb(index, entry, detail)
            decided.absorb(index, entry, detail)
        decided.mark()
        return WhyWaiting(self.claims, cuts, self.clock.now(), self.key)(), decided

    def _borne(self, stood: Stood, claim: Claim | None, decided: ClaimDecisions) -> bool:
        """Whether the ledger says what is kept of a person's decision, of this very claim."""
        if stood.decision is None:
            return True
        tag = b"" if claim is None else tag_of(stood.software, claim, self.key)
        entered = decided.find(tag)
        return entered == stood.decision

    def _opened(self, stood: Stood) -> Claim | None:
        try:
            return opened(stood.sealed, self.key)
        except (SealBroken, MalformedIdentifier):
            return None


def _difference(stood: Stood, claim: Claim | None, waiting: Mapping[int, str]) -> Difference:
    kind, why = KINDS[stood.ruling], stood.why
    if kind is Kind.ACCEPTED and stood.ended_since:
        kind, why = Kind.ENDED, "revoked"
    if kind is Kind.WAITING:
        why = waiting[stood.number]
    amc = "" if claim is None else claim.amc
    return Difference(
        software=stood.software,
        number=stood.number,
        heading=Heading(amc, stood.use, kind, stood.rule, why),
        evidence=_evidence(claim),
        asked=0 if claim is None else claim.asked,
        # What was agreed to beforehand is owed on the claim that follows.
        owed=stood.amount if stood.use is Use.CLAIM else 0,
    )


def _evidence(claim: Claim | None) -> Evidence:
    if claim is None:
        return Evidence.UNREADABLE
    match claim.cites:
        case Disclosed():
            return Evidence.ANSWER
        case Bound():
            return Evidence.UNDERTAKING
    return Evidence.CARD
