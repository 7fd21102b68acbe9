"""What a running vault sees of its own protections, and the entry of what was attested of all.

The vault believes whoever asks to enter it, who is its own user, for the states: it checks their
form. What it tells of itself is what it has in memory, not what a setting says.
"""

import hashlib
from dataclasses import dataclass

from rempart.domain.alert_book import AlertBook
from rempart.domain.attestation import codes_of
from rempart.domain.budget import caps_of
from rempart.domain.containment import Stage
from rempart.domain.cutoff import CutOffs
from rempart.domain.disclosure import EntryType, Presence
from rempart.domain.guard import Guard
from rempart.domain.practice import PRACTICES, daily_cap
from rempart.domain.tightened import ANSWER_WITHIN
from rempart.usecases.keep_ledger import KeepLedger
from rempart.usecases.measure_messages import (
    AskProtections,
    EnterMeasures,
    MeasureRequest,
    MeasuresEntered,
    ProtectionsTold,
)
from rempart.usecases.open_session import OpenSession
from rempart.usecases.presence_keys import PresenceKeys


def caps_digest() -> bytes:
    """SHA-256 of every cap that this version holds accounts to."""
    lines = [
        f"{kind.value} {presence.name} {caps_of(daily_cap(kind), presence)}"
        for kind in PRACTICES
        for presence in Presence
        if presence is not Presence.NONE
    ]
    return hashlib.sha256("\n".join(lines).encode()).digest()


@dataclass(slots=True)
class TellProtections:
    """``people`` says whether people sign in here, ``professionals`` with Pro Santé Connect."""

    ledger: KeepLedger
    sessions: OpenSession
    guard: Guard
    cut_offs: CutOffs
    alerts: AlertBook
    presence: PresenceKeys
    people: bool
    professionals: bool

    def __call__(self, request: MeasureRequest) -> ProtectionsTold | MeasuresEntered:
        """Tell, or enter.

        Raises:
            MalformedIdentifier: it is nothing that can be attested.
            TemporarilyUnavailable: it could not be written.
        """
        match request:
            case AskProtections():
                return self._told(self.ledger.stamp())
            case EnterMeasures(edition=edition, states=states, evidence=evidence):
                codes = codes_of(edition, states, evidence)
                return MeasuresEntered(self.ledger.act(EntryType.DECISION, codes))

    def _told(self, now: int) -> ProtectionsTold:
        guard = self.guard
        numbers = self.sessions.accounts.by_number
        stages = [guard.stage(number) for number in numbers]
        habits = [habit.copy() for habit in guard.habits.states.values()]
        for habit in habits:
            habit.advance(now)
        return ProtectionsTold(
            guard_failed=guard.failed,
            accounts=len(numbers),
            watched=stages.count(Stage.WATCHED),
            narrowed=stages.count(Stage.NARROWED),
            frozen=sum(stage >= Stage.FROZEN for stage in stages),
            overdue=sum(self._overdue(number, now) for number in numbers),
            exceptions=sum(
                each.until > now for those in guard.allowances.values() for each in those
            ),
            table=caps_digest(),
            habits=sum(habit.ceiling is not None for habit in habits),
            closed=sum(habit.closed for habit in habits),
            cuts=sum(cut.stands(now) for cut in self.cut_offs.standing.values()),
            publishers=sum(not each.ended for each in self.alerts.state.publishers.values()),
            presence=self.presence.newest,
            people=self.people,
            professionals=self.professionals,
            epoch=self.ledger.epoch,
            size=self.ledger.size,
        )

    def _overdue(self, number: int, now: int) -> bool:
        standing = self.guard.stages.states.get(number)
        return (
            standing is not None
            and standing.stage is Stage.FROZEN
            and standing.by_guard
            and standing.since + ANSWER_WITHIN < now
        )
