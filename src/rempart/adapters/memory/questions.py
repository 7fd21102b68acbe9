"""What accounts asked, in memory: the reference of ``Trail`` and of ``QuestionEngine``."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rempart.domain.disclosure import Entry, EntryType, Presence, decode
from rempart.domain.lines import Code, codes_of
from rempart.domain.signs import Entered, Seen, seen_of
from rempart.domain.trace import NEVER
from rempart.usecases.ledger_view import StoredEntry
from rempart.usecases.question_ports import ALWAYS
from rempart.usecases.segment_ports import SegmentShelf

DECIDED = frozenset({EntryType.DECISION, EntryType.CONTAINMENT, EntryType.CUT_OFF})


class MemoryTrail:
    """Of these entries, by ascending index; what was erased is not among them."""

    def __init__(self, stored: Iterable[StoredEntry]) -> None:
        self.entered = [
            Entered(each.index, decode(each.body), each.detail)
            for each in stored
            if each.body is not None and each.detail is not None
        ]

    def decided(self) -> Iterator[tuple[int, Entry, bytes]]:
        """Decisions, moves of accounts and cut-offs."""
        return (each for each in self.entered if each.entry.type in DECIDED)

    def asked(self, accounts: Collection[int], since: int, until: int = ALWAYS) -> Iterator[Seen]:
        """What these accounts asked."""
        wanted = frozenset(accounts)
        return (seen for seen in self._seen(since, until) if seen.account in wanted)

    def canaries(self, since: int) -> frozenset[int]:
        """What was about nobody."""
        return frozenset(
            each.entry.cites
            for each in self.entered
            if each.entry.type is EntryType.CANARY and each.entry.at >= since
        )

    def met(self, codes: Collection[Code], since: int, until: int) -> frozenset[int]:
        """Who asked by one of these."""
        wanted = frozenset(codes)
        asked = self._seen(since, until)
        return frozenset(seen.account for seen in asked if codes_of(seen.line) & wanted)

    def codes(self, accounts: Collection[int], since: int) -> Mapping[tuple[int, Code], bool]:
        """What these accounts asked by."""
        found: dict[tuple[int, Code], bool] = {}
        for seen in self.asked(accounts, since):
            for code in codes_of(seen.line):
                by = seen.account, code
                found[by] = found.get(by, False) or seen.keyed
        return found

    def strangers(self, since: int, until: int) -> Mapping[int, int]:
        """Who asked about strangers on old cards."""
        return Counter(
            seen.account
            for seen in self._seen(since, until)
            if not seen.repeat and (seen.presence, seen.first) == (Presence.LEGACY, NEVER)
        )

    def _seen(self, since: int, until: int) -> Iterator[Seen]:
        for each in self.entered:
            if since <= each.entry.at <= until and (seen := seen_of(each)) is not None:
                yield seen


@dataclass(slots=True)
class MemoryEntries:
    """Closed days and what follows them, in lists: the reference of ``EntriesEngine``."""

    shelf: SegmentShelf
    added: list[StoredEntry] = field(default_factory=list, repr=False)

    def add(self, entries: Iterable[StoredEntry], *, days: Sequence[tuple[int, str]]) -> None:
        """Take entries that are in no closed day."""
        del days
        self.added.extend(entries)

    def erased(self, day: str) -> Sequence[tuple[int, int]]:
        """Ranges of a closed day of which only leaf hashes are left."""
        gone = [each.index for each in self.shelf.entries(day) if each.body is None]
        return [(index, index + 1) for index in gone]

    def stored(self, days: Sequence[str], size: int) -> Iterator[StoredEntry]:
        """The first ``size`` entries, of these days and of what was added, by index."""
        stored = [each for day in days for each in self.shelf.entries(day)] + self.added
        stored.sort(key=lambda each: each.index)
        return (each for each in stored if each.index < size)


class MemoryQuestions(MemoryEntries):
    """What was asked in them."""

    def over(self, days: Sequence[str], *, size: int) -> MemoryTrail:
        """What was asked in these days and in what was added."""
        return MemoryTrail(self.stored(days, size))
