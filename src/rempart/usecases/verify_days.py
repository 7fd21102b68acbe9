"""Verify closed days: what lies there is what was signed, and no day is missing between them.

(1) each manifest is signed by the vault's key, and its tree is the one that its checkpoint signs;
(2) no two hold the same entries, and each goes on from the tree of the one before;
(3) each file is the one that its manifest names, by its SHA-256;
(4) if asked: every leaf is computed again from the file, and the tree is the one of the manifest.

With (3) alone the vault is believed to have done (4) when it closed the day, which is what it
signs; with (4) nobody is. A file whose term is over is gone and its manifest stays: that is told.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rempart.domain.disclosure import decode
from rempart.domain.errors import IntegrityBroken
from rempart.tlog.hashing import leaf_hash
from rempart.tlog.note import NoteVerifier
from rempart.tlog.tree import CompactRange
from rempart.usecases.closed_day import ClosedDay, in_order, read_day
from rempart.usecases.ledger_view import StoredEntry
from rempart.usecases.segment_ports import SegmentShelf

Range = tuple[int, int]
"""First entry, and the one after the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysReport:
    """Days that hold; ``absent`` are those whose file is not here, ``gaps`` entries of no day."""

    days: tuple[ClosedDay, ...]
    absent: tuple[ClosedDay, ...]
    gaps: tuple[Range, ...]

    @property
    def end(self) -> int:
        """The first entry that no day holds yet."""
        return self.days[-1].end if self.days else 0


@dataclass(frozen=True, slots=True)
class VerifyDays:
    """Verifies the days on a shelf under the vault's public key."""

    shelf: SegmentShelf
    key: NoteVerifier

    def __call__(
        self, *, leaves: bool = False, told: Callable[[ClosedDay], object] = lambda _: None
    ) -> DaysReport:
        """What is there; ``leaves`` computes every leaf again, ``told`` hears of each day.

        Raises:
            IntegrityBroken: a day is not what was signed; it is named.
        """
        days = in_order([read_day(note, self.key) for note in self.shelf.notes()])  # (1), (2)
        absent = []
        for closed in days:
            if not check_file(self.shelf, closed):  # (3)
                absent.append(closed)
            elif leaves:
                check_leaves(closed, self.shelf.entries(closed.name))  # (4)
            told(closed)
        return DaysReport(days=tuple(days), absent=tuple(absent), gaps=tuple(_gaps(days)))


def check_file(shelf: SegmentShelf, closed: ClosedDay) -> bool:
    """Whether the file of a day is here.

    Raises:
        IntegrityBroken: it is, and is not the one that was signed.
    """
    digest = shelf.digest(closed.name)
    if digest is not None and digest != closed.digest:
        raise IntegrityBroken(f"{closed.name}: the file is not the one that was signed")
    return digest is not None


def _gaps(days: Sequence[ClosedDay]) -> Iterator[Range]:
    at = 0
    for closed in days:
        if closed.first > at:
            yield at, closed.first
        at = closed.end


def check_leaves(closed: ClosedDay, entries: Iterator[StoredEntry]) -> None:
    """(4) Return if these entries make the tree of the day.

    Raises:
        IntegrityBroken: they do not.
    """
    tree = CompactRange.resume(closed.first, closed.before)
    for stored in entries:
        if stored.index != tree.size or tree.size == closed.end:
            raise IntegrityBroken(f"{closed.name}: entry {tree.size} is not in its place")
        if stored.body is None:
            tree.append(stored.leaf or b"")
        else:
            decode(stored.body)
            tree.append(leaf_hash(stored.body))
    if tree.size != closed.end or tuple(tree.peaks) != closed.after:
        raise IntegrityBroken(f"{closed.name}: its entries are not those that were signed")
