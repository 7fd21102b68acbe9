"""Today's idempotency keys, a fold over the ledger.

The same key with the same question re-opens, free; with another question it is refused. Keys live
for the UTC day in which they were first used.
"""

from dataclasses import dataclass, field

from rempart.domain.budget import DAY
from rempart.domain.disclosure import Entry, EntryType, Outcome, question_detail


@dataclass(frozen=True, slots=True)
class First:
    """The first use of a key: its entry, its question, what became of it."""

    index: int
    question: bytes
    outcome: Outcome


@dataclass(slots=True)
class Retries:
    """The fold: retry tag to first use."""

    day: int = 0
    seen: dict[bytes, First] = field(default_factory=dict)

    def first(self, retry: bytes, *, at: int) -> First | None:
        """The first use of this key today, if any."""
        return self.seen.get(retry) if at // DAY == self.day else None

    def note(self, retry: bytes, first: First, *, at: int) -> None:
        """Remember a question just appended."""
        day = at // DAY
        if day != self.day:
            self.day, self.seen = day, {}
        self.seen.setdefault(retry, first)

    def forget(self) -> None:
        """Start again, before absorbing the ledger again."""
        self.day, self.seen = 0, {}

    def absorb(self, index: int, entry: Entry, detail: bytes) -> None:
        """Count an entry of the ledger."""
        if entry.type is EntryType.QUESTION and entry.outcome is not Outcome.KEY_REUSED:
            codes = question_detail(detail)
            first = First(index, codes.question, entry.outcome)
            self.note(codes.retry, first, at=entry.at)
