"""What is cut, as a door knows it: the vault's signed row, a fraction of a second old at most.

(1) the row is read again when it was read more than ``FRESH`` ago, once for all who wait;
(2) it counts if the vault has signed it, and if it comes after the one before;
(3) a row that has not moved for ``STALE`` is of a vault that does not live, or is held back.

What cannot be read, does not verify or is too old is no row: its reader closes rights and portal.
Who is open to silence asks for the last row that counted: what it cut stays cut, until its own end
or until a row that comes after says otherwise. No silence opens what the vault has closed.
Age is counted by the reader's own clock from when it saw the row move: no two clocks are compared.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from rempart.domain.cutoff import CutOff, Key, lasting
from rempart.domain.errors import IntegrityBroken, SetUpRefused
from rempart.tlog.note import NoteVerifier
from rempart.usecases.cut_off_ports import CutRowSource
from rempart.usecases.cut_off_row import Row, read_row

FRESH = 0.2
"""Seconds. With a commit and the last answers under way, far below the second that is promised."""
STALE = 20.0
"""Seconds: four beats of the vault (``tell_cut_offs.BEAT``)."""


class Rows(Protocol):
    """Where a door learns what is cut."""

    async def standing(self) -> Row | None:
        """The row, or none that counts. Never raises, and never takes long."""
        ...

    async def last(self) -> Row | None:
        """The last row that counted, however old; none if none ever did. As ``standing``."""
        ...


@dataclass(slots=True)
class ReadCutOffs:
    """One reader a process. ``vault`` gives the key that rows are signed with."""

    source: CutRowSource
    vault: Callable[[], NoteVerifier]
    monotonic: Callable[[], float] = time.monotonic
    _row: Row | None = field(default=None, repr=False)
    _note: str = field(default="", repr=False)
    _readable: bool = False
    _moved_at: float = 0.0
    _read_at: float = float("-inf")
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def standing(self) -> Row | None:
        """The row, or none that counts."""
        row = await self.last()
        if not self._readable or self.monotonic() - self._moved_at >= STALE:  # (3)
            return None
        return row

    async def last(self) -> Row | None:
        """The last row that counted, however old."""
        if not self._fresh():
            async with self._reading:  # (1)
                if not self._fresh():
                    self._take(await self.source.read())
                    self._read_at = self.monotonic()
        return self._row

    def _fresh(self) -> bool:
        return self.monotonic() - self._read_at < FRESH

    def _take(self, note: str | None) -> None:
        self._readable = note is not None
        if note is None or note == self._note:
            return
        try:
            row = read_row(note, self.vault())  # (2)
        except (IntegrityBroken, SetUpRefused):
            self._readable = False
            return
        if self._row is None or row.place > self._row.place:
            self._row, self._note, self._moved_at = row, note, self.monotonic()


def over(row: Row, keys: Iterable[Key], now: int) -> CutOff | None:
    """The cut-off of a row that holds any of these longest, if one does."""
    wanted = frozenset(keys)
    found = [cut for cut in row.cuts if cut.key in wanted and cut.stands(now)]
    return max(found, key=lasting, default=None)
