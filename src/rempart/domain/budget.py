"""Budgets: distinct people over one, seven and twenty-eight days, a fold over the ledger.

* A beneficiary counts once in a window, however often they are asked about: re-asking about
  today's is free. A site counts distinct people; an account counts them anew each day.
* Three counts stand inside one another: everybody; those asked about by what is typed; those by
  what is typed of an old card. A beneficiary moves into a narrower count, never out of it. A fourth
  counts who was proven by card or phone: it bounds nothing, a new site grows with it.
* A typed miss counts one among what is typed: guessing costs as much as reading. It is not in the
  count of everybody, or a guesser could close a small site's cards.
* What was refused before it was looked up counts nothing; what was refused after counts nothing
  but its miss.
* A day is that of UTC.

The counts need no list of people: the day on which this site last asked about somebody comes with
the question (``trace.Ages``), so that somebody asked about again moves from that day to this one.
"""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Self

from rempart.domain.disclosure import Presence
from rempart.domain.practice import WINDOWS, cap
from rempart.domain.trace import Ages, Trace

DAY = 86_400_000_000
"""Microseconds."""

SPAN = max(WINDOWS)
EVERYBODY, TYPED, LEGACY, PROVEN = range(4)
COUNTS_OF: Mapping[Presence, tuple[int, ...]] = {
    Presence.FRESH: (EVERYBODY, PROVEN),
    Presence.CARD: (EVERYBODY, PROVEN),
    Presence.KNOWN: (EVERYBODY,),
    Presence.DECLARED: (EVERYBODY, TYPED),
    Presence.LEGACY: (EVERYBODY, TYPED, LEGACY),
}
"""The counts that a beneficiary stands in, by what was shown."""
MISSES_IN = frozenset({TYPED, LEGACY})

Caps = tuple[int, int, int]
"""Over one, seven and twenty-eight days."""


@lru_cache(maxsize=4096)
def caps_of(daily: int, presence: Presence) -> Caps:
    """The caps that follow from a daily one."""
    one, seven, most = (cap(daily, presence, days) for days in WINDOWS)
    return one, seven, most


COUNTS = (EVERYBODY, TYPED, LEGACY, PROVEN)
WEAKEST = (Presence.CARD, Presence.DECLARED, Presence.LEGACY)
"""Whose cap bounds each count."""


def age_in(count: int, ages: Ages) -> int:
    """Days since somebody last entered a count."""
    if count == EVERYBODY:
        return ages.seen
    if count == PROVEN:
        return ages.proved
    return ages.typed if count == TYPED else ages.legacy


@dataclass(slots=True)
class Windows:
    """What one site, or one account, has used. ``sums`` are by count, then by window."""

    distinct: bool
    day: int = 0
    rings: "tuple[array[int], ...]" = field(
        default_factory=lambda: tuple(array("l", bytes(8 * SPAN)) for _ in COUNTS)
    )
    sums: list[list[int]] = field(default_factory=lambda: [[0, 0, 0] for _ in COUNTS])

    def copy(self) -> Self:
        """Another of the same contents."""
        return type(self)(
            self.distinct,
            self.day,
            tuple(ring[:] for ring in self.rings),
            [each[:] for each in self.sums],
        )

    def advance(self, day: int) -> None:
        """Let days pass: what is older than the span falls out."""
        gone = day - self.day
        if gone <= 0:
            return
        for ring, sums in zip(self.rings, self.sums, strict=True):
            for passed in range(self.day + 1, self.day + 1 + min(gone, SPAN)):
                ring[passed % SPAN] = 0
            sums[0] = 0
            sums[1] = sum(ring[(day - back) % SPAN] for back in range(7))
            sums[2] = sum(ring)
        self.day = day

    def bears(self, trace: Trace, daily: int, *, factor: float = 1.0) -> bool:
        """Whether the budget bears one more question such as this one. Changes nothing.

        ``advance`` to its day comes first; ``factor`` is that of a dated exception.
        """
        for count in COUNTS_OF[trace.presence]:
            if count is PROVEN:
                continue
            age = age_in(count, trace.ages)
            if trace.found and age == 0:
                continue
            weakest = WEAKEST[count] if count else max(trace.presence, Presence.KNOWN)
            limits, sums = caps_of(daily, weakest), self.sums[count]
            if sums[0] >= limits[0] * factor:
                return False
            again = trace.found and self.distinct
            if not (again and age < 7) and sums[1] >= limits[1] * factor:
                return False
            if not (again and age < SPAN) and sums[2] >= limits[2] * factor:
                return False
        return True

    def absorb(self, trace: Trace) -> None:
        """Count a question: a beneficiary answered about, or a miss."""
        self.advance(trace.at // DAY)
        if trace.found and not trace.opened:
            return
        for count in COUNTS_OF[trace.presence]:
            if trace.found:
                age = age_in(count, trace.ages)
                if age == 0:
                    continue
                if self.distinct and age < SPAN:
                    self._move(count, age)
                    continue
            elif count not in MISSES_IN:
                continue
            self.rings[count][self.day % SPAN] += 1
            for window in range(3):
                self.sums[count][window] += 1

    def _move(self, count: int, age: int) -> None:
        """Somebody of ``age`` days ago is asked about again: from that day to this one."""
        ring, sums = self.rings[count], self.sums[count]
        ring[self.day % SPAN] += 1
        sums[0] += 1
        if age >= 7:
            sums[1] += 1
        if ring[(self.day - age) % SPAN] > 0:
            ring[(self.day - age) % SPAN] -= 1
        else:
            # Counted before the ledger's last days were read again: it stands nowhere yet.
            sums[2] += 1
            if age < 7:
                sums[1] += 1

    @property
    def used(self) -> tuple[int, int, int]:
        """People of the last day, seven and twenty-eight days."""
        one, seven, most = self.sums[EVERYBODY]
        return one, seven, most
