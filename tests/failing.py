"""A ledger in memory whose appends can be made to fail, having kept the entries or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rempart.adapters.memory.ledger import MemoryLedger
from rempart.domain.errors import TemporarilyUnavailable
from rempart.tlog.tree import Completed


@dataclass
class FailingLedger(MemoryLedger):
    """``after`` appends go well, the next one fails; nothing fails until it is set."""

    after: int | None = None
    persisted: bool = False

    def append(
        self,
        *,
        epoch: int,
        first: int,
        bodies: bytes,
        details: Sequence[bytes],
        completed: Sequence[Completed],
        known: Mapping[bytes, bytes],
    ) -> None:
        fails = self.after == 0
        if self.after is not None:
            self.after = None if fails else self.after - 1
        if not fails or self.persisted:
            MemoryLedger.append(
                self,
                epoch=epoch,
                first=first,
                bodies=bodies,
                details=details,
                completed=completed,
                known=known,
            )
        if fails:
            raise TemporarilyUnavailable("the wire was cut")
