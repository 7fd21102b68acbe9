"""Retain closed days for twelve months, or for as long as an incident holds them; then drop them.

A day goes whole, with its table, once its last entry has had its term and no hold reaches into it.
Its manifest stays: it names nobody, and says which leaves of the tree were that day's. What was
decided that day still stands in the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rempart.domain.budget import DAY
from rempart.domain.disclosure import EPOCH, MICROSECOND
from rempart.tlog.note import NoteVerifier
from rempart.usecases.closed_day import ClosedDay, in_order, read_day
from rempart.usecases.retain_entries import Hold
from rempart.usecases.segment_ports import SegmentShelf, TableShelf
from rempart.usecases.verify_days import check_file

TERM = 366 * DAY
"""Microseconds: no year is longer."""


@dataclass(frozen=True, slots=True)
class DropDays:
    """The end of days. ``key`` is the vault's public one."""

    shelf: SegmentShelf
    tables: TableShelf
    key: NoteVerifier

    def __call__(self, *, now: int, holds: Sequence[Hold]) -> list[ClosedDay]:
        """Days that were dropped; ``now`` is in microseconds.

        Raises:
            IntegrityBroken: one of them is not what was signed: nothing is dropped.
        """
        days = in_order([read_day(note, self.key) for note in self.shelf.notes()])
        ended = [each for each in days if each.until < now - TERM and not _held(each, holds)]
        over = [each for each in ended if check_file(self.shelf, each)]
        for closed in over:
            # The table first: a day without it is still evidence, and a table without its day none.
            self.tables.drop(closed.name)
            self.shelf.drop(closed.name)
        return over


def _held(closed: ClosedDay, holds: Sequence[Hold]) -> bool:
    since, until = datetime.combine(closed.day, datetime.min.time(), UTC), _moment(closed.until)
    return any(
        hold.since < max(until, since + timedelta(days=1)) and since <= hold.until for hold in holds
    )


def _moment(at: int) -> datetime:
    return EPOCH + at * MICROSECOND
