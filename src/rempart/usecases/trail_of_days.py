"""What accounts asked, read from closed days where there are any, and from the ledger for the rest.

(1) manifests are signed by the vault, and follow one another;
(2) before a day is read first, its file is the one that was signed: days that cannot hold what is
    asked for are not read;
(3) what lies in no file that is here is read in the ledger, as without closed days.

Decisions come from the ledger, which keeps them for ever and finds them by an index.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge

from rempart.domain.disclosure import Entry
from rempart.domain.lines import Code
from rempart.domain.signs import Seen
from rempart.tlog.note import NoteVerifier
from rempart.usecases.closed_day import ClosedDay, in_order, read_day
from rempart.usecases.incident_ports import Evidence
from rempart.usecases.question_ports import ALWAYS, QuestionEngine, Questions, Range, Trail
from rempart.usecases.segment_ports import SegmentShelf
from rempart.usecases.verify_days import check_file

LAST = 2**62
"""An index later than any."""


def closed_days(shelf: SegmentShelf, key: NoteVerifier) -> Sequence[ClosedDay]:
    """Days whose manifests hold, and whose files are here: (1).

    Raises:
        IntegrityBroken: a manifest is not what was signed.
    """
    days = in_order([read_day(note, key) for note in shelf.notes()])
    return [each for each in days if shelf.has(each.name)]


def in_no_day(days: Sequence[ClosedDay]) -> list[Range]:
    """Ranges of entries that lie in none of these, which ascend."""
    ends = [0, *(each.end for each in days)]
    begins = [*(each.first for each in days), LAST]
    return [(end, begin) for end, begin in zip(ends, begins, strict=True) if end < begin]


@dataclass(frozen=True, slots=True)
class TrailOfDays:
    """``days`` are those of ``closed_days``; each method raises ``IntegrityBroken``, and names the
    day, where a file is not the one that was signed.
    """

    ledger: Evidence
    shelf: SegmentShelf
    engine: QuestionEngine
    days: Sequence[ClosedDay]
    held: set[str] = field(default_factory=set, repr=False)

    def decided(self) -> Iterator[tuple[int, Entry, bytes]]:
        """Decisions, moves of accounts and cut-offs."""
        return self.ledger.decided()

    def asked(self, accounts: Collection[int], since: int, until: int = ALWAYS) -> Iterator[Seen]:
        """What these accounts asked."""
        parts = [part.asked(accounts, since, until) for part in self._parts(since, until)]
        return merge(*parts, key=lambda each: each.ref)

    def canaries(self, since: int) -> frozenset[int]:
        """What was about nobody."""
        return frozenset[int]().union(*(p.canaries(since) for p in self._parts(since, ALWAYS)))

    def met(self, codes: Collection[Code], since: int, until: int) -> frozenset[int]:
        """Who asked by one of these."""
        parts = [part.met(codes, since, until) for part in self._parts(since, until)]
        return frozenset[int]().union(*parts)

    def codes(self, accounts: Collection[int], since: int) -> Mapping[tuple[int, Code], bool]:
        """What these accounts asked by."""
        closed, rest = (part.codes(accounts, since) for part in self._parts(since, ALWAYS))
        both = closed.keys() | rest.keys()
        return {by: closed.get(by, False) or rest.get(by, False) for by in both}

    def strangers(self, since: int, until: int) -> Mapping[int, int]:
        """Who asked about strangers on old cards."""
        found: Counter[int] = Counter()
        for part in self._parts(since, until):
            found.update(part.strangers(since, until))
        return found

    def _parts(self, since: int, until: int) -> tuple[Questions, Questions]:
        wanted = [each for each in self.days if each.until >= since and each.since <= until]
        for closed in wanted:
            if closed.name not in self.held:
                check_file(self.shelf, closed)  # (2)
                self.held.add(closed.name)
        rest = self.ledger.within(in_no_day(self.days))  # (3)
        return self.engine.over([each.name for each in wanted], size=LAST), rest


def trail_of(
    ledger: Evidence, shelf: SegmentShelf, engine: QuestionEngine, days: Sequence[ClosedDay]
) -> Trail:
    """The ledger alone where no day is closed."""
    return TrailOfDays(ledger, shelf, engine, days) if days else ledger
