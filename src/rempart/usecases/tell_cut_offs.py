"""Tell every other process what is cut: one signed row, written at each change and each beat."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from rempart.domain.cutoff import CutOffs
from rempart.domain.cutoff_words import NARROW
from rempart.domain.errors import TemporarilyUnavailable
from rempart.usecases.cut_off_ports import CutRow
from rempart.usecases.cut_off_row import row_text
from rempart.usecases.keep_ledger import KeepLedger

BEAT = 5.0
"""Seconds between two rows where nothing changes: readers tell a vault that lives from one that
does not by a row that moves. Real seconds: a clock may stand still in a drill.
"""


@dataclass(slots=True)
class TellCutOffs:
    """The writer of the row."""

    cut_offs: CutOffs
    ledger: KeepLedger
    row: CutRow
    monotonic: Callable[[], float] = time.monotonic
    _told: tuple[int, int] = field(default=(-1, -1), repr=False)
    _beat: int = 0
    _beat_at: float = 0.0

    def now(self) -> None:
        """Something has changed. Where the row cannot be written it is late, and a reader's own
        clock closes what it has: the vault itself has cut already.
        """
        with suppress(TemporarilyUnavailable):
            self._put()

    def settle(self) -> None:
        """Write a row that is late, or due.

        Raises:
            TemporarilyUnavailable: it could not be written.
        """
        late = self._told != (self.ledger.epoch, self.cut_offs.generation)
        if late or self.monotonic() - self._beat_at >= BEAT:
            self._put()

    def _put(self) -> None:
        # Past those of a vault before this one, where the clock of a drill stands still.
        self._beat = max(self._beat + 1, int(self.monotonic() * 1e6))
        text = row_text(
            self.ledger.signer.origin,
            at=self.ledger.clock.now(),
            beat=self._beat,
            generation=self.cut_offs.generation,
            cuts=[cut for cut in self.cut_offs.standing.values() if cut.scope not in NARROW],
        )
        self.row.put(epoch=self.ledger.epoch, note=self.ledger.signer.sign(text))
        self._told = self.ledger.epoch, self.cut_offs.generation
        self._beat_at = self.monotonic()
