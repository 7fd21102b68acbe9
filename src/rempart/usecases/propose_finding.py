"""Propose the finding of an incident, where no person has stated one.

(1) its accounts are those that the incident names, and, where the guard has frozen any, those that
    it narrowed within a day of these freezes: a thief who gives up at that has read too;
(2) what all of them asked in the four weeks before, and since, is read;
(3) the finding is proposed (``domain/propose_finding``);
(4) accounts that asked by a device or a network of the thief's meanwhile, or about strangers on old
    cards, are looked at too, and taken in where there is a line of the thief's, or a campaign's
    list.

A finding that a person has stated always wins.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rempart.domain.budget import DAY
from rempart.domain.containment import Authority, Stage, Why
from rempart.domain.disclosure import Entry, EntryType, decode_codes
from rempart.domain.errors import ForbiddenTransition
from rempart.domain.finding import NEVER, Finding, Whose, finding_of
from rempart.domain.guard import Move
from rempart.domain.incident import Incident
from rempart.domain.propose_finding import LOOKED_BACK, propose
from rempart.domain.proposed_finding import InDoubt, ProposedFinding
from rempart.usecases import finding_of_case
from rempart.usecases.incident_ports import Evidence
from rempart.usecases.read_incidents import Case

NEAR = DAY
"""Between a freeze of the incident and a narrowing that belongs to it."""
EARLIER = 7 * DAY
"""Before the first freeze: where an account's first containment is looked for."""
STRANGERS = 3
"""On old cards, for which an account is looked at that nobody has stopped."""
ROUNDS = 4
"""Of (2) to (4); a thief whose codes lead on and on is found by hand."""
Moves = Mapping[int, list[tuple[int, Move]]]


@dataclass(frozen=True, slots=True)
class ProposeFinding:
    """``evidence`` is the ledger, as whoever looks into incidents reads it."""

    evidence: Evidence

    def __call__(self, incident: Incident, *, now: int) -> ProposedFinding:
        """The finding, with its reasons; ``now`` is in microseconds.

        Raises:
            ForbiddenTransition: the incident names no account yet.
        """
        moves = moves_of(self.evidence.decided())
        named = accounts_of(incident, moves)  # (1)
        if not named:
            raise ForbiddenTransition("no account is named yet: rempart incident found")
        looked_at = named
        for _ in range(ROUNDS):
            doubts = [
                in_doubt(number, incident, moves, named=number in named)
                for number in sorted(looked_at)
            ]
            since = min(each.first for each in doubts) - LOOKED_BACK
            entered = self.evidence.asked(sorted(looked_at), since)  # (2)
            proposal = propose(doubts, entered, now=now)  # (3)
            more = self._others(proposal, now) - looked_at  # (4)
            if not more:
                break
            looked_at |= more
        return proposal

    def _others(self, proposal: ProposedFinding, now: int) -> frozenset[int]:
        """Accounts that nobody has stopped, and that may have been robbed in the same hours."""
        by_his = [s for a in proposal.accounts for s in a.sessions if s.whose is Whose.THIEF]
        if not by_his:
            return frozenset()
        since, until = min(s.since for s in by_his), max(s.until for s in by_his)
        met = self.evidence.met(proposal.codes, since - DAY, now)
        return met | self.evidence.strangers(since, until, STRANGERS)


def stated_or_proposed(case: Case, propose: ProposeFinding, *, now: int) -> Finding:
    """The finding that a person has stated; where there is none, the one that is proposed.

    Raises:
        ForbiddenTransition: the incident names no account yet.
        IntegrityBroken: what the person has stated is gone or changed.
    """
    if case.incident.found is not None:
        return finding_of(finding_of_case.finding_of(case))
    return propose(case.incident, now=now).finding


def moves_of(decided: Iterable[tuple[int, Entry, bytes]]) -> Moves:
    """Every move of every account, with its moment, in order."""
    found: dict[int, list[tuple[int, Move]]] = {}
    for _, entry, detail in decided:
        if entry.type is EntryType.CONTAINMENT:
            move = Move.from_codes(decode_codes(detail))
            found.setdefault(move.account, []).append((entry.at, move))
    return found


def accounts_of(incident: Incident, moves: Moves) -> frozenset[int]:
    """Those that it names, and those that the guard narrowed about the time of its freezes: (1)."""
    freezes = [each.at for each in incident.frozen]
    narrowed = {
        number
        for number, moved in moves.items()
        for at, move in moved
        if freezes
        and min(freezes) - NEAR <= at <= max(freezes) + NEAR
        and move.authority is Authority.GUARD
        and move.target >= Stage.NARROWED > move.current
    }
    return frozenset(incident.accounts) | narrowed


def in_doubt(number: int, incident: Incident, moves: Moves, *, named: bool = True) -> InDoubt:
    """When an account was contained: first of all, and for good."""
    began = min([incident.opened, *(each.at for each in incident.frozen)])
    mine = [each for each in moves.get(number, []) if each[0] >= began - EARLIER]
    tighter = [at for at, move in mine if Stage.NARROWED <= move.target > move.current]
    return InDoubt(
        number=number,
        first=min(tighter, default=began),
        contained=_contained(moves.get(number, []), began),
        replayed=any(move.why is Why.REPLAYS for _, move in mine),
        named=named,
    )


def _contained(moved: Iterable[tuple[int, Move]], began: int) -> int:
    """When an account was contained for good: its last freeze. An officer who gave it back since
    the incident ``began`` has looked, and what its owner did then is nobody else's; where it was
    narrowed alone, from then on. Whoever narrows it anew doubts it anew.
    """
    contained = NEVER
    for at, move in moved:
        back = move.authority is Authority.OFFICER and at >= began
        if move.target >= Stage.FROZEN:
            contained = at if move.current < Stage.FROZEN else contained
        elif move.current >= Stage.FROZEN:
            contained = contained if back else NEVER
        elif move.target >= Stage.NARROWED > move.current:
            contained = NEVER
        elif move.current == Stage.NARROWED > move.target and contained == NEVER and back:
            contained = at
    return contained
