"""Today's idempotency keys, a fold over the ledger.

The same key with the same question re-opens, free; with another question it is refused. Keys live
for the UTC day in which they were first used.
"""

from dataclasses import dataclass, field

from rempart.domain.budget import DAY
from rempart.domain.disclosure import Entry, EntryType, Outcome, question_detail

UNREAD = bytes(16)
"""In place of a question that was not read: what was sealed did not open, or came in clear and
should not have. It uses no key up, as nobody can say what the key stands for."""


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
    _new: list[bytes] = field(default_factory=list, repr=False, compare=False)
    _yesterday: tuple[int, dict[bytes, First]] | None = field(
        default=None, repr=False, compare=False
    )

    def first(self, retry: bytes, *, at: int) -> First | None:
        """The first use of this key today, if any."""
        return self.seen.get(retry) if at // DAY == self.day else None

    def note(self, retry: bytes, first: First, *, at: int) -> None:
        """Remember a question just appended, if it was read."""
        if first.question == UNREAD:
            return
        day = at // DAY
        if day != self.day:
            self._yesterday = self._yesterday or (self.day, self.seen)
            self.day, self.seen = day, {}
        if retry not in self.seen:
            self.seen[retry] = first
            self._new.append(retry)

    def mark(self) -> None:
        """What was noted is durable."""
        self._new.clear()
        self._yesterday = None

    def undo(self) -> None:
        """What was noted since the mark was not kept."""
        for retry in self._new:
            self.seen.pop(retry, None)
        if self._yesterday is not None:
            self.day, self.seen = self._yesterday
        self.mark()

    def forget(self) -> None:
        """Start again, before absorbing the ledger again."""
        self.day, self.seen = 0, {}
        self.mark()

    def absorb(self, index: int, entry: Entry, detail: bytes) -> None:
        """Count an entry of the ledger."""
        if entry.type is EntryType.QUESTION and entry.outcome is not Outcome.KEY_REUSED:
            codes = question_detail(detail)
            first = First(index, codes.question, entry.outcome)
            self.note(codes.retry, first, at=entry.at)
