"""Propose the finding of an incident, where no person has stated one.

(1) its accounts are those that the incident names, and, where the guard has frozen any, those that
    it narrowed within a day of these freezes: a thief who gives up at that has read too;
(2) what all of them asked in the four weeks before, and since, is read;
(3) the finding is proposed (``domain/propose_finding``);
(4) accounts that asked by a device or a network of the thief's meanwhile, or about strangers on old
    cards, are looked at too (``look_further``), and taken in where there is a line of the thief's,
    or a campaign's list.

A finding that a person has stated always wins.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rempart.domain.budget import DAY
from rempart.domain.containment import Authority, Stage, Why
from rempart.domain.disclosure import Entry, EntryType, decode_codes
from rempart.domain.errors import ForbiddenTransition
from rempart.domain.finding import NEVER, Finding, finding_of
from rempart.domain.guard import Move
from rempart.domain.incident import Incident
from rempart.domain.propose_finding import LOOKED_BACK, Looked, by_account, propose
from rempart.domain.proposed_finding import InDoubt, ProposedFinding
from rempart.domain.scope import Hole
from rempart.usecases import finding_of_case
from rempart.usecases.look_further import LookFurther
from rempart.usecases.question_ports import Trail
from rempart.usecases.read_incidents import Case

NEAR = DAY
"""Between a freeze of the incident and a narrowing that belongs to it."""
EARLIER = 7 * DAY
"""Before the first freeze: where an account's first containment is looked for."""
ROUNDS = 4
"""Of (2) to (4); a thief whose codes lead on and on is found by hand."""
Moves = Mapping[int, list[tuple[int, Move]]]


@dataclass(frozen=True, slots=True)
class ProposeFinding:
    """``trail`` is what accounts asked and what was decided, but for ``holes``."""

    trail: Trail
    holes: Sequence[Hole] = ()

    def __call__(self, incident: Incident, *, now: int) -> ProposedFinding:
        """The finding, with its reasons; ``now`` is in microseconds.

        Raises:
            ForbiddenTransition: the incident names no account yet.
        """
        moves = moves_of(self.trail.decided())
        named = accounts_of(incident, moves)  # (1)
        if not named:
            raise ForbiddenTransition("no account is named yet: rempart incident found")

        def doubts(numbers: Iterable[int]) -> dict[int, InDoubt]:
            return {n: in_doubt(n, incident, moves, named=n in named) for n in numbers}

        looked, more, since = dict[int, Looked](), doubts(named), NEVER
        further = LookFurther(self.trail)
        back = since_of(more)
        for _ in range(ROUNDS):
            if back < since:  # What was read before is of too short a time.
                more |= {number: each.account for number, each in looked.items()}
                since = back
            looked |= self._look(more, since)  # (2)
            proposal = propose(looked.values(), now=now, holes=self.holes)  # (3)
            near = doubts(further.near(proposal, now) - looked.keys())  # (4)
            back = min(since, since_of(near))
            more = {n: near[n] for n in further.of_weight(proposal, near.keys(), back)}
            if not more and back == since:
                break
        return proposal

    def _look(self, doubts: Mapping[int, InDoubt], since: int) -> dict[int, Looked]:
        asked = self.trail.asked(sorted(doubts), since)
        questions = by_account(asked, self.trail.canaries(since))
        return {n: Looked.at(each, questions.get(n, [])) for n, each in doubts.items()}


def since_of(doubts: Mapping[int, InDoubt]) -> int:
    """From when on what these asked is read."""
    return min((each.first for each in doubts.values()), default=NEVER) - LOOKED_BACK


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
