"""The insurer's machine in memory: the reference of ``FeedState``, ``FeedFile``, ``SheetPlan``."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field

from rempart.domain.errors import SetUpRefused, TemporarilyUnavailable
from rempart.domain.status_list import PLACES_MIN
from rempart.usecases.insurer_ports import CardPlace, Family, Met, PlannedCard, Said, SentFeed


@dataclass(slots=True)
class MemoryFeedState:
    """What the last feed said, in a dictionary."""

    persons: dict[bytes, Said] = field(default_factory=dict, repr=False)
    feeds: list[SentFeed] = field(default_factory=list)
    lowest: dict[bytes, tuple[int, int]] = field(default_factory=dict, repr=False)
    gone: dict[bytes, tuple[Said, int]] = field(default_factory=dict, repr=False)
    _seen: dict[bytes, int] | None = field(default=None, repr=False)
    _printed: set[int] = field(default_factory=set, repr=False)
    _said: dict[bytes, Said] = field(default_factory=dict, repr=False)

    def last(self) -> SentFeed | None:
        """The last feed that was made."""
        return self.feeds[-1] if self.feeds else None

    def sent(self, sequence: int) -> SentFeed | None:
        """The feed made last under a number."""
        return next((sent for sent in reversed(self.feeds) if sent.sequence == sequence), None)

    @contextmanager
    def preparing(self) -> Iterator[None]:
        """One preparation; what it does not keep is gone."""
        if self._seen is not None:
            raise TemporarilyUnavailable("another preparation is under way here")
        self._seen, self._printed, self._said = {}, set(), {}
        before, made = (dict(self.persons), dict(self.lowest)), len(self.feeds)
        try:
            yield
        finally:
            self._seen = None
            if len(self.feeds) == made:
                self.persons, self.lowest = before

    @property
    def _met(self) -> dict[bytes, int]:
        assert self._seen is not None, "inside a preparation"
        return self._seen

    def meet(self, rows: Sequence[tuple[bytes, int]]) -> Sequence[Met]:
        """Meet handles with their lines, in order."""
        met = []
        for handle, line in rows:
            first = self._met.setdefault(handle, line)
            said, (lowest, _) = self.persons.get(handle), self.lowest.get(handle, (0, 0))
            known = (said.digest, lowest, said.serial) if said else (None, lowest)
            met.append(Met(None if first == line else first, *known))
        return met

    def meet_printed(self, tags: Iterable[int]) -> int:
        """How many of these the file had before."""
        before, values = len(self._printed), list(tags)
        self._printed.update(values)
        return before + len(values) - len(self._printed)

    def say(self, rows: Sequence[tuple[bytes, Said]]) -> None:
        """Handles with what this feed says of them."""
        self._said.update(rows)

    def lose(self, after: int) -> None:
        """Nobody's digest is known, and who left by the lost feeds is back."""
        left = {handle: said for handle, (said, feed) in self.gone.items() if 0 < after < feed}
        for handle, said in (left | self.persons).items():
            self.persons[handle] = said._replace(digest=b"")
        for handle, (lowest, feed) in self.lowest.items():
            self.lowest[handle] = lowest, min(feed, after + 1)

    def replace(self, rows: Sequence[tuple[bytes, int]], *, feed: int) -> None:
        """Handles with the lowest serial that is theirs from this feed on."""
        self.lowest.update({handle: (lowest, feed) for handle, lowest in rows})

    def replaced(self, *, after: int = 0) -> Mapping[bytes, int]:
        """All of them that feeds after this one replaced, as they were kept."""
        return {handle: lowest for handle, (lowest, feed) in self.lowest.items() if feed > after}

    def unmet(self) -> Iterator[bytes]:
        """Handles of the last feed that this file does not have, in order."""
        yield from sorted(self.persons.keys() - self._met.keys())

    def counts(self) -> tuple[int, int]:
        """How many handles the last feed had, and how many of them this file does not have."""
        return len(self.persons), len(self.persons.keys() - self._met.keys())

    def keep(self, sent: SentFeed, *, drop_unmet: bool, today: int) -> None:
        """Make this preparation the last feed."""
        if drop_unmet:
            for handle in list(self.unmet()):
                self.gone[handle] = self.persons.pop(handle), sent.sequence
        for handle, said in self._said.items():
            ends = max(said.ends, self.persons.get(handle, said).ends)
            self.persons[handle] = said._replace(ends=ends)
        if drop_unmet:
            self._forget(today)
        self.feeds.append(sent)

    def _forget(self, today: int) -> None:
        """Who is back, who left and whose cards have run out, and what such people replaced."""
        for handle, (said, _) in list(self.gone.items()):
            if handle in self.persons or said.ends < today:
                del self.gone[handle]
        for handle in self.lowest.keys() - self.persons.keys() - self.gone.keys():
            del self.lowest[handle]


@dataclass(slots=True)
class MemoryFeedFile:
    """A feed in bytes, there under its name once it is published."""

    name: str
    published: dict[str, bytes] = field(repr=False)
    _written: bytearray = field(default_factory=bytearray, repr=False)
    _settled: bool = False

    def write(self, data: bytes) -> object:
        """Append."""
        self._written += data
        return len(data)

    def settle(self) -> None:
        """Make it durable."""
        self._settled = True

    def publish(self) -> None:
        """Give it its name."""
        assert self._settled, "a feed is durable before it has a name"
        self.published[self.name] = bytes(self._written)


@dataclass(slots=True)
class Placed:
    """A card in the register."""

    place: int
    printed: int
    said: int
    until: int


@dataclass(slots=True)
class MemoryCardRegister:
    """Places of cards, in a dictionary."""

    cards: dict[tuple[bytes, int], Placed] = field(default_factory=dict, repr=False)
    size: int = PLACES_MIN
    said: int = 0
    under_way: bool = False

    @contextmanager
    def taking(self) -> Iterator[None]:
        """One run; what it does not end is gone."""
        if self.under_way:
            raise TemporarilyUnavailable("another run over cards is under way here")
        before = deepcopy(self.cards), self.size, self.said
        self.under_way = True
        try:
            yield
        except BaseException:
            self.cards, self.size, self.said = before
            raise
        finally:
            self.under_way = False

    def place(self, card: CardPlace, draw: Callable[[int], int]) -> int:
        """The place of a card."""
        found = self.cards.get((card.handle, card.serial))
        if found is not None and card.until <= min(found.printed, found.until):
            return found.place
        if not self.under_way:
            raise SetUpRefused("a card without a place, outside of a run that may give it one")
        if found is not None:
            found.printed = max(found.printed, card.until)
            found.until = max(found.until, card.until)
            return found.place
        while (len(self.cards) + 1) * 2 > self.size:
            self.size *= 2
        taken = {each.place for each in self.cards.values()}
        while (place := draw(self.size)) in taken:
            pass
        self.cards[card.handle, card.serial] = Placed(place, card.until, self.said, card.until)
        return place

    def recount(self) -> None:
        """Begin to say anew which cards are on file."""
        self.said += 1

    def on_file(self, cards: Sequence[CardPlace]) -> None:
        """These are."""
        for card in cards:
            if (found := self.cards.get((card.handle, card.serial))) is not None:
                found.said, found.until = self.said, card.until

    def unread(self, handle: bytes) -> None:
        """Cards of this person stay as they were."""
        for (whose, _), found in self.cards.items():
            found.said += whose == handle and found.said == self.said - 1

    def end(self, handle: bytes, below: int) -> None:
        """Cards of this person below a serial are over."""
        for (whose, serial), found in self.cards.items():
            if whose == handle and serial < below:
                found.said = -1

    def over(self, today: int) -> Iterator[int]:
        """Places of cards that are over."""
        for found in self.cards.values():
            if found.printed >= today and not self._stands(found):
                yield found.place

    def ending(self, today: int) -> tuple[int, int]:
        """How many cards are not over, and how many became so in this recount."""
        current = [found for found in self.cards.values() if found.printed >= today]
        missing = [found for found in current if found.said == self.said - 1]
        return sum(map(self._stands, current)), len(missing)

    def _stands(self, found: Placed) -> bool:
        return found.said == self.said and found.until >= found.printed

    def places(self) -> int:
        """How many places there are."""
        return self.size

    def forget(self, before: int) -> None:
        """Free the places of cards whose own last day is earlier."""
        self.cards = {key: each for key, each in self.cards.items() if each.printed >= before}


@dataclass(slots=True)
class MemorySheetPlan:
    """Which rows share a sheet, in two dictionaries."""

    _seen: dict[bytes, int] = field(default_factory=dict, repr=False)
    _cards: dict[bytes, list[PlannedCard]] = field(default_factory=dict, repr=False)

    def meet(self, reference: bytes, line: int) -> int | None:
        """Meet a reference; the line that had it before."""
        before = self._seen.setdefault(reference, line)
        return None if before == line else before

    def add(self, family: bytes, card: PlannedCard) -> None:
        """A card of a family."""
        self._cards.setdefault(family, []).append(card)

    def families(self) -> Iterator[Family]:
        """Every family, by its first row; a row with two cards has two, the older first."""
        order = [
            (min(cards)[0], min(card.serial for card in cards), cards)
            for cards in self._cards.values()
        ]
        for *_, cards in sorted(order):
            yield tuple(sorted(cards))
