"""What was asked about each insurer's members, day by day: counts, and nobody.

A fold of the ledger, as wide as the others. An insurer is the controller of its members' data: it
is told small counts as they are.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from rempart.domain.budget import DAY
from rempart.domain.disclosure import Entry, EntryType, Outcome, Presence
from rempart.domain.guard import FOLDED_DAYS
from rempart.domain.reversible import Reversible

Kind = tuple[Outcome, Presence]


class DayCount(NamedTuple):
    """Questions of one day (days since 1970) with this outcome, shown by this presence."""

    day: int
    outcome: Outcome
    presence: Presence
    questions: int


@dataclass(slots=True)
class Day:
    """One insurer's day: questions by outcome and presence."""

    questions: dict[Kind, int] = field(default_factory=dict, repr=False)

    def copy(self) -> Self:
        """Another of the same contents."""
        return type(self)(self.questions.copy())


@dataclass(slots=True)
class DailyCounts:
    """Days by insurer and day; those too old to be made again from the ledger are let go."""

    days: Reversible[tuple[int, int], Day] = field(default_factory=Reversible, repr=False)
    latest: int = 0
    _swept: int = 0

    def absorb(self, entry: Entry) -> None:
        """Count an entry of the ledger: a question once, whatever is asked again of it."""
        day = entry.at // DAY
        self.latest = max(self.latest, day)
        if entry.amc and entry.type is EntryType.QUESTION:
            key, kind = (entry.amc, day), (entry.outcome, entry.presence)
            counts = self.days.touch(key) or self.days.put(key, Day())
            counts.questions[kind] = counts.questions.get(kind, 0) + 1

    def of(self, amc: int, *, before: int, days: int) -> Iterator[DayCount]:
        """Counts of an insurer, of so many days before this one, the latest first."""
        for day in range(before - 1, before - 1 - days, -1):
            found = self.days.states.get((amc, day))
            for (outcome, presence), count in sorted(found.questions.items()) if found else ():
                yield DayCount(day, outcome, presence, count)

    def mark(self) -> None:
        """What has been done stays; once a day, what is too old goes."""
        self.days.mark()
        if self.latest > self._swept:
            self._swept, oldest = self.latest, self.latest - FOLDED_DAYS
            kept = {key: day for key, day in self.days.states.items() if key[1] >= oldest}
            self.days.states = kept

    def undo(self) -> None:
        """Go back to the last mark."""
        self.days.undo()

    def forget(self) -> None:
        """Start again from nothing."""
        self.days.forget()
        self.latest = self._swept = 0
