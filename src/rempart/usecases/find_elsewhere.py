"""Propose the finding of an incident where the platform is cut: from copies of its ledger.

(1) the entries are gathered and are what the last checkpoint signs; what is missing is a hole
    (``gather_ranges``);
(2) the incident is the ledger's, by its number; where the entries that made it are not here,
    accounts and moment are given by hand, and freezes that are here are its own;
(3) the finding is proposed by the same rules (``propose_finding``). A thief may have begun in a
    hole: the finding says so, and a scope of it clears nobody.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from rempart.domain.containment import Stage
from rempart.domain.disclosure import Entry
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.incident import Frozen, Incident, Incidents
from rempart.domain.incident_words import Origin
from rempart.domain.proposed_finding import ProposedFinding
from rempart.tlog.note import NoteVerifier
from rempart.usecases.gather_ranges import GatherRanges, last_note, opened_note
from rempart.usecases.ledger_view import LedgerView
from rempart.usecases.propose_finding import NEAR, ProposeFinding, moves_of
from rempart.usecases.question_ports import QuestionEngine
from rempart.usecases.retain_days import TERM
from rempart.usecases.segment_ports import SegmentShelf
from rempart.usecases.verify_days import VerifyDays

Decided = Iterable[tuple[int, Entry, bytes]]


@dataclass(frozen=True, slots=True)
class ByHand:
    """An incident whose entries are not here: its accounts by number, and when it was noticed."""

    accounts: tuple[int, ...] = field(repr=False)
    at: int


class FoundElsewhere(NamedTuple):
    """An incident, and its finding, of the first ``size`` entries."""

    incident: Incident
    proposal: ProposedFinding
    size: int

    def __repr__(self) -> str:
        return f"FoundElsewhere(size={self.size}, …)"


@dataclass(frozen=True, slots=True)
class FindElsewhere:
    """``ledger`` is an open or an exported ledger, or none; nothing but ``key`` is believed. Of a
    ``sandbox``, every incident is an exercise.
    """

    shelf: SegmentShelf
    ledger: LedgerView | None
    engine: QuestionEngine
    key: NoteVerifier
    sandbox: bool = False

    def __call__(self, wanted: int | ByHand, *, now: int) -> FoundElsewhere:
        """An incident, and its finding at the last checkpoint; ``now`` is in microseconds.

        Raises:
            MalformedIdentifier: there is no such incident in these entries.
            ForbiddenTransition: it names no account yet.
            IntegrityBroken: the entries are not what was signed.
            Refusal: there is nothing to read.
        """
        report = VerifyDays(self.shelf, self.key)()
        checkpoint = opened_note(last_note(report, self.ledger), self.key)
        gather = GatherRanges(self.shelf, self.ledger, self.engine, term=now - TERM)
        gathered = gather(report, checkpoint)  # (1)
        trail = self.engine.over(gathered.days, size=checkpoint.size)
        incident = incident_of(wanted, trail.decided(), sandbox=self.sandbox)  # (2)
        propose = ProposeFinding(trail, tuple(gathered.holes))
        proposal = propose(incident, now=incident.closed or now)  # (3)
        return FoundElsewhere(incident, proposal, checkpoint.size)


def incident_of(wanted: int | ByHand, decided: Decided, *, sandbox: bool = False) -> Incident:
    """The ledger's incident of a number, or one by hand: (2).

    Raises:
        MalformedIdentifier: there is none of this number.
    """
    if isinstance(wanted, ByHand):
        return by_hand(wanted, decided, sandbox=sandbox)
    incidents = Incidents(sandbox=sandbox)
    for each in decided:
        incidents.absorb(*each)
    try:
        return incidents.find(wanted)
    except MalformedIdentifier as error:
        rule = f"{error.rule} in these entries: name its accounts and its moment"
        raise MalformedIdentifier("incident", rule) from None


def by_hand(said: ByHand, decided: Decided, *, sandbox: bool) -> Incident:
    """An incident of these accounts; each freeze of theirs from a day before on is one of it."""
    moves = moves_of(decided)
    frozen = [
        Frozen(0, number, move.why, at)
        for number in said.accounts
        for at, move in moves.get(number, [])
        if at >= said.at - NEAR and move.current < Stage.FROZEN <= move.target
    ]
    return Incident(
        ref=0,
        opened=said.at,
        origin=Origin.PERSON,
        exercise=sandbox,
        accounts=said.accounts,
        frozen=tuple(frozen),
    )
