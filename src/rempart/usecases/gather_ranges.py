"""Gather all entries up to a checkpoint: closed days, what no day holds, and what is missing.

(1) closed days are those that were signed, and their files are theirs (``verify_days``);
(2) what no file holds is read in the open ledger, where there is one, and taken in the same shape;
(3) the tree goes on from piece to piece and ends in the root of the checkpoint: what was read in
    the open ledger is what was signed. A day that reaches beyond the checkpoint is read as far;
(4) what is in neither, or erased, is a hole, with the times of what stands beside it; so is a day
    whose term is over.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from rempart.domain.disclosure import decode
from rempart.domain.errors import LedgerBroken, Refusal
from rempart.domain.scope import Hole
from rempart.tlog.checkpoint import Checkpoint, open_checkpoint
from rempart.tlog.errors import TlogError
from rempart.tlog.hashing import leaf_hash
from rempart.tlog.note import NoteVerifier
from rempart.tlog.tree import CompactRange
from rempart.usecases.closed_day import ClosedDay
from rempart.usecases.ledger_view import LedgerView, StoredEntry
from rempart.usecases.question_ports import EntriesEngine
from rempart.usecases.segment_ports import SegmentShelf
from rempart.usecases.verify_days import DaysReport

LAST = 2**62
"""Microseconds: later than anything."""


def last_note(report: DaysReport, ledger: LedgerView | None) -> str:
    """The last signed checkpoint: of the open ledger, or else of the last closed day.

    Raises:
        Refusal: there is neither.
    """
    last = ledger.last_checkpoint() if ledger is not None else None
    if last is not None:
        return last.note
    if not report.days:
        raise Refusal("there is no closed day, and no open ledger: nothing to read")
    return report.days[-1].checkpoint


def opened_note(note: str, key: NoteVerifier) -> Checkpoint:
    """The checkpoint in a note.

    Raises:
        LedgerBroken: it is not the vault's.
    """
    try:
        return open_checkpoint(note, key)
    except TlogError as error:
        raise LedgerBroken(f"the checkpoint is not the vault's: {error}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A range of entries that was read: of a closed day, or of the open ledger (none)."""

    first: int
    end: int
    closed: ClosedDay | None = None


@dataclass(slots=True)
class Gathered:
    """What was read, in order, and what is missing."""

    ranges: list[Read] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)

    @property
    def days(self) -> list[str]:
        """The closed days that were read."""
        return [each.closed.name for each in self.ranges if each.closed is not None]


@dataclass(slots=True)
class GatherRanges:
    """The gathering; ``ledger`` is the open ledger, or none where it cannot be reached. A day that
    ended before ``term`` (microseconds) and is not here was erased.
    """

    shelf: SegmentShelf
    ledger: LedgerView | None
    engine: EntriesEngine
    term: int
    tree: CompactRange | None = field(default_factory=CompactRange)
    at: int = 0
    found: Gathered = field(default_factory=Gathered)
    _waiting: list[tuple[int, int, int]] = field(default_factory=list)

    def __call__(self, report: DaysReport, checkpoint: Checkpoint) -> Gathered:
        """Everything up to the checkpoint.

        Raises:
            LedgerBroken: what was read is not what was signed.
        """
        absent = set(report.absent)
        names = [(each.period, each.name) for each in report.days if each not in absent]
        at = 0
        for closed in [each for each in report.days if each.first < checkpoint.size]:
            gone = closed in absent
            if gone and self.ledger is not None and closed.until >= self.term:
                # The file is lost; the open ledger still has its entries.
                continue
            self._between(at, closed.first, names)
            self._meet(closed)
            if gone:
                self._gone(closed, min(closed.end, checkpoint.size))
            else:
                self._day(closed, checkpoint)
            at = closed.end
        if at < checkpoint.size:
            self._between(at, checkpoint.size, names)
        if self.tree is not None and (
            self.tree.size == checkpoint.size and self.tree.root() != checkpoint.root
        ):
            raise LedgerBroken("what was read is not what the checkpoint signs")
        self._settle(LAST)
        return self.found

    def _between(self, first: int, end: int, names: list[tuple[int, str]]) -> None:
        """(2) Entries that no file holds."""
        if first == end:
            return
        if self.ledger is None:
            self._miss(first, end)
            self.tree = None
            return
        self.engine.add(self._followed(self.ledger.entries(first, end)), days=names)
        size = self.tree.size if self.tree is not None else end
        if size != end:
            raise LedgerBroken(f"entries {size} to {end - 1} were signed and are missing")
        self.found.ranges.append(Read(first=first, end=end))

    def _followed(self, entries: Iterator[StoredEntry]) -> Iterator[StoredEntry]:
        for stored in entries:
            if self.tree is not None and stored.index != self.tree.size:
                raise LedgerBroken(f"entry {self.tree.size} was signed and is missing")
            self._follow(stored)
            yield stored

    def _follow(self, stored: StoredEntry) -> None:
        """(3) One entry further."""
        if stored.body is None:
            self._miss(stored.index, stored.index + 1)
        else:
            self._stands(decode(stored.body).at)
        if self.tree is not None:
            leaf = stored.leaf if stored.body is None else leaf_hash(stored.body)
            self.tree.append(leaf or b"")

    def _meet(self, closed: ClosedDay) -> None:
        """(3) A day goes on from where we are; after a hole it says itself where that is."""
        if self.tree is not None and tuple(self.tree.peaks) != closed.before:
            raise LedgerBroken(f"{closed.name} does not go on from the entries before it")

    def _gone(self, closed: ClosedDay, end: int) -> None:
        self._stands(closed.since)
        self.found.holes.append(Hole(closed.first, end, closed.since, closed.until))
        self.at = closed.until
        self.tree = CompactRange.resume(closed.end, closed.after)

    def _day(self, closed: ClosedDay, checkpoint: Checkpoint) -> None:
        self._stands(closed.since)
        self.at = closed.until
        for first, end in self.engine.erased(closed.name):
            self._miss(first, min(end, checkpoint.size), since=closed.since)
        if closed.end <= checkpoint.size:
            self.tree = CompactRange.resume(closed.end, closed.after)
        else:
            self.tree = CompactRange.resume(closed.first, closed.before)
            for stored in self.shelf.entries(closed.name):
                if stored.index < checkpoint.size:
                    leaf = stored.leaf if stored.body is None else leaf_hash(stored.body)
                    self.tree.append(leaf or b"")
        end = min(closed.end, checkpoint.size)
        self.found.ranges.append(Read(first=closed.first, end=end, closed=closed))

    def _miss(self, first: int, end: int, *, since: int | None = None) -> None:
        """(4) These are not here; until when follows from the next that is."""
        if self._waiting and self._waiting[-1][1] == first:
            first, _, start = self._waiting.pop()
            self._waiting.append((first, end, start))
        elif first < end:
            self._waiting.append((first, end, self.at if since is None else since))

    def _stands(self, at: int) -> None:
        self._settle(at)
        self.at = at

    def _settle(self, until: int) -> None:
        holes = [Hole(first, end, since, until) for first, end, since in self._waiting]
        self.found.holes.extend(holes)
        self._waiting.clear()
