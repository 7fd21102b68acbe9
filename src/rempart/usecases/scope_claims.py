"""Scope the claims of a breach: what each account of a finding sent, or had itself told.

(1) what these accounts sent, and were told, from their earliest theft on, by the database's word;
(2) in whose hands they were, by the finding;
(3) what is in a claim, under the judge's key. Without it, or where a claim does not open, nobody
    knows whose insurer it is of: it is counted as such.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from rempart.domain.claim import Bound, Cites, Claim, Disclosed
from rempart.domain.claims_touched import Back, ClaimFacts, Doing, Inside, back, worst
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.finding import Finding, Suspect
from rempart.domain.hands import NOWHERE, Sessions
from rempart.domain.tariff import Tariff
from rempart.sealing.errors import SealBroken
from rempart.usecases.incident_ports import Touched
from rempart.usecases.open_claims import opened
from rempart.usecases.relate_claims import lines_of


class ReadsTouched(Protocol):
    """Of ``Evidence``, what is needed here."""

    def touched(self, software: list[int], since: int, until: int) -> list[Touched]:
        """Claims that these accounts have sent, or were told of."""
        ...


@dataclass(frozen=True, slots=True)
class ScopeClaims:
    """``key`` is the private half of what claims are sealed to, if it is here."""

    evidence: ReadsTouched
    tariff: Tariff
    key: bytes | None = field(repr=False)

    def __call__(
        self, finding: Finding, *, until: int, sessions: Sessions = NOWHERE
    ) -> list[ClaimFacts]:
        """Every claim that its accounts touched up to a moment (microseconds), by its number;
        ``sessions`` are the accounts of those that the finding names.
        """
        suspects = {each.number: each for each in finding.suspects}
        if not suspects:
            return []
        since = min(each.stolen for each in finding.suspects)
        touched = self.evidence.touched([*suspects], since, until)  # (1)
        found = (self._facts(finding, suspects[each.software], each, sessions) for each in touched)
        return [each for each in found if each is not None]

    def _facts(
        self, finding: Finding, suspect: Suspect, claim: Touched, sessions: Sessions
    ) -> ClaimFacts | None:
        judged = worst(finding, suspect, _doings(claim), sessions)  # (2)
        if judged is None:
            return None
        verdict, doings = judged
        shown = Back.NONE
        for each in doings:
            shown |= each.shown
        return ClaimFacts(
            number=claim.number,
            account=claim.software,
            use=claim.use,
            verdict=verdict,
            sent=any(not each.told for each in doings),
            told=sum(each.told for each in doings),
            shown=shown,
            late=all(each.at > suspect.contained for each in doings),
            first=min(each.at for each in doings),
            last=max(each.at for each in doings),
            ruling=claim.ruling,
            rule=claim.rule,
            owed=claim.cents,
            inside=self._inside(claim.sealed),  # (3)
        )

    def _inside(self, sealed: bytes) -> Inside | None:
        if self.key is None:
            return None
        try:
            claim = opened(sealed, self.key)
        except (SealBroken, MalformedIdentifier):
            return None
        return Inside(
            amc=int(claim.amc),
            care=claim.care,
            domains=self._domains(claim),
            rests=_rests(claim.cites),
            entry=claim.cites.reference if isinstance(claim.cites, Disclosed) else None,
            asked=claim.asked,
        )

    def _domains(self, claim: Claim) -> int:
        """One bit per code; what the tariff does not know has none."""
        mask = 0
        for line in lines_of(claim, self.tariff):
            mask |= 1 << line.domain
        return mask


def _doings(claim: Touched) -> Iterator[Doing]:
    yield Doing(claim.received, told=False)
    for each in claim.told:
        yield Doing(each.at, told=True, shown=back(claim.use, each.ruling, claim.rule))


def _rests(cites: Cites) -> str:
    if isinstance(cites, Disclosed):
        return "answer"
    return "undertaking" if isinstance(cites, Bound) else "card"
