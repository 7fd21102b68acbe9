"""What an insurer is told of one of its people: by whom, of which incident, what was read.

A *reading* is one operator's word on one person, of one incident. A person keeps each reading by
its source; what is said of the whole follows: the worst verdict, everything that was read, the
earliest and the latest time. So telling the same twice, or in another order, changes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import NamedTuple

from rempart.domain.disclosure import Fields
from rempart.domain.hidden import Hidden
from rempart.domain.scope import Verdict
from rempart.domain.site import SiteKind


class Source(NamedTuple):
    """Who tells: an operator's log by its origin, and the number of its incident."""

    operator: str
    incident: int

    @property
    def name(self) -> str:
        """As a file of ours names it."""
        return f"{self.operator}/{self.incident}"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Reading(Hidden):
    """One source on one person; as ``Facts`` of a scope, over all their months.

    ``domains`` and ``presences`` have one bit per code; times in microseconds; ``accounts`` is how
    many; ``whole`` is false where the ledger has a hole, so that nobody could be cleared.
    """

    verdict: Verdict
    fields: Fields
    domains: int
    presences: int
    accounts: int
    kinds: frozenset[SiteKind]
    first: int
    last: int
    answers: int
    entry: int
    whole: bool = True


@dataclass(frozen=True, slots=True, repr=False)
class Told(Hidden):
    """A person, and what each source says; never empty."""

    readings: Mapping[Source, Reading]

    @property
    def verdict(self) -> Verdict:
        """The worst of all."""
        return max(each.verdict for each in self.readings.values())

    def of(self, verdict: Verdict) -> "Told | None":
        """What was said with this verdict alone; none where nothing was."""
        kept = {key: each for key, each in self.readings.items() if each.verdict is verdict}
        return Told(kept) if kept else None

    @property
    def fields(self) -> Fields:
        """Everything that answers showed."""
        return reduce(or_, (each.fields for each in self.readings.values()))

    @property
    def domains(self) -> int:
        """Every domain asked."""
        return reduce(or_, (each.domains for each in self.readings.values()))

    @property
    def presences(self) -> int:
        """Every presence under which somebody asked."""
        return reduce(or_, (each.presences for each in self.readings.values()))

    @property
    def kinds(self) -> frozenset[SiteKind]:
        """The kinds of site whose accounts asked."""
        return frozenset().union(*(each.kinds for each in self.readings.values()))

    @property
    def answers(self) -> int:
        """How many answers."""
        return sum(each.answers for each in self.readings.values())

    @property
    def first(self) -> int:
        """The earliest."""
        return min(each.first for each in self.readings.values())

    @property
    def last(self) -> int:
        """The latest."""
        return max(each.last for each in self.readings.values())


People = Mapping[str, Told]
"""People by the insurer's own reference."""


def merged(lists: Iterable[People]) -> dict[str, Told]:
    """Everybody of several lists, once; a source that two lists name says the same in both."""
    everybody: dict[str, Told] = {}
    for people in lists:
        for reference, told in people.items():
            before = everybody.get(reference)
            together = told.readings if before is None else {**before.readings, **told.readings}
            everybody[reference] = Told(together)
    return everybody
