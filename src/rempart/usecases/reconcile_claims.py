"""Reconcile on return: each claim that was kept, once, by what became of it, and by which rule.

Nothing is judged here. What is told names no person, no code, and no number that a site gave.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from rempart.domain.claim import Bound, Claim, Disclosed, Use
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.ruling import Ruling
from rempart.sealing.errors import SealBroken
from rempart.usecases.claim_ports import ClaimsToReconcile, Stood
from rempart.usecases.open_claims import opened


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
    do not open.
    """

    amc: str
    use: Use
    kind: Kind
    rule: str

    @property
    def order(self) -> tuple[str, int, int, str]:
        """As they are told: by insurer, what was asked, what became of it, why."""
        return self.amc, self.use, list(Kind).index(self.kind), self.rule

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
    key: bytes = field(repr=False)

    def __call__(self, tell: Callable[[Difference], None]) -> Reconciled:
        """Count every claim, and ``tell`` each difference, in the order in which they came."""
        found = Reconciled()
        with self.claims.at_one_moment() as (found.claims, everything):
            for stood in everything:
                each = self._difference(stood)
                found.counts[each.heading] += 1
                found.owed[each.heading] += each.owed
                if not each.heading.plain:
                    found.differences += 1
                    tell(each)
        assert found.counts.total() == found.claims, "a claim was lost, or was told twice"
        return found

    def _difference(self, stood: Stood) -> Difference:
        claim = self._opened(stood)
        kind = KINDS[stood.ruling]
        if kind is Kind.ACCEPTED and stood.ended_since:
            kind = Kind.ENDED
        amc = "" if claim is None else claim.amc
        return Difference(
            software=stood.software,
            number=stood.number,
            heading=Heading(amc, stood.use, kind, stood.rule),
            evidence=_evidence(claim),
            asked=0 if claim is None else claim.asked,
            # What was agreed to beforehand is owed on the claim that follows.
            owed=stood.amount if stood.use is Use.CLAIM else 0,
        )

    def _opened(self, stood: Stood) -> Claim | None:
        try:
            return opened(stood.sealed, self.key)
        except (SealBroken, MalformedIdentifier):
            return None


def _evidence(claim: Claim | None) -> Evidence:
    if claim is None:
        return Evidence.UNREADABLE
    match claim.cites:
        case Disclosed():
            return Evidence.ANSWER
        case Bound():
            return Evidence.UNDERTAKING
    return Evidence.CARD
