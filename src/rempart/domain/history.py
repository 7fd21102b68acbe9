"""How often somebody asks for their own history: a fold over the day's entries.

A card is answered ``A_DAY`` times a day (UTC): enough for its owner, too little to follow somebody
whose phone is in other hands. Asking is an entry, and stands in the next answer.
"""

from dataclasses import dataclass, field
from typing import NamedTuple, Self

from rempart.domain.budget import DAY
from rempart.domain.disclosure import Codes, Entry, EntryType, decode_codes
from rempart.domain.reversible import Reversible

A_DAY = 3
"""Times that a card is answered in a day."""


class HistoryTags(NamedTuple):
    """Keyed digests of the code that was read and of its card, of this month."""

    code: bytes
    card: bytes

    def codes(self) -> Codes:
        """As they stand in the ledger."""
        return {"code": self.code, "card": self.card}


def of_codes(detail: bytes) -> HistoryTags:
    """Read them back."""
    codes = decode_codes(detail)
    code, card = codes["code"], codes["card"]
    assert isinstance(code, bytes), "codes of ours"
    assert isinstance(card, bytes), "codes of ours"
    return HistoryTags(code, card)


@dataclass(slots=True)
class Times:
    """How often a card was asked for on a day (days since 1970)."""

    day: int
    count: int = 0

    def copy(self) -> Self:
        """Another of the same contents."""
        return type(self)(self.day, self.count)


@dataclass(slots=True)
class AskedToday:
    """The fold: cards by keyed digest; those of a day that is over are let go."""

    cards: Reversible[bytes, Times] = field(default_factory=Reversible, repr=False)
    latest: int = 0
    _swept: int = field(default=0, compare=False)

    def times(self, card: bytes, *, at: int) -> int:
        """How often this card was asked for on the day of a moment in microseconds."""
        times = self.cards.states.get(card)
        return times.count if times is not None and times.day == at // DAY else 0

    def absorb(self, entry: Entry, detail: bytes) -> None:
        """Count an entry of the ledger."""
        if entry.type is not EntryType.HISTORY:
            return
        card, self.latest = of_codes(detail).card, entry.at // DAY
        times = self.cards.touch(card)
        if times is None or times.day != self.latest:
            times = self.cards.put(card, Times(self.latest))
        times.count += 1

    def mark(self) -> None:
        """What was absorbed is durable; once a day, what is over goes."""
        self.cards.mark()
        if self.latest > self._swept:
            self._swept = self.latest
            kept = {
                card: each for card, each in self.cards.states.items() if each.day == self._swept
            }
            self.cards.states = kept

    def undo(self) -> None:
        """What was absorbed since the last mark is not."""
        self.cards.undo()

    def forget(self) -> None:
        """Start again from nothing."""
        self.cards.forget()
        self.latest = self._swept = 0
