"""Retain entries for twelve months, or for as long as an incident holds them; then erase.

What speaks of persons, accounts and sites goes, leaf hashes stay: the ledger still proves that
nothing was taken out. Starts, admissions and decisions are kept. CNIL, recommendation on logging
of 14 October 2021: six months to a year.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

BATCH = 5_000


class Hold(NamedTuple):
    """A span of time whose entries are kept beyond their term."""

    name: str
    since: datetime
    until: datetime


class LedgerRetention(Protocol):
    """Trusted to erase only what has had its term: the store checks it again by itself."""

    def erase(self, *, first: int, limit: int) -> Sequence[int]:
        """Erase up to ``limit`` entries from ``first`` on; their indexes, ascending."""
        ...

    def forget_known(self) -> int:
        """Erase what sites knew of people not asked about for twelve months; how many."""
        ...

    def hold(self, hold: Hold) -> None:
        """Keep a span beyond its term."""
        ...

    def release(self, name: str) -> None:
        """Let a span go."""
        ...

    def holds(self) -> Sequence[Hold]:
        """What is held."""
        ...


@dataclass(frozen=True, slots=True)
class EraseEntries:
    """The erasure, in batches that can be cut short and begun again."""

    retention: LedgerRetention

    def __call__(self, *, erased: Callable[[int], object] = lambda _: None) -> int:
        """How many entries were erased; ``erased`` is told of each batch."""
        total, first = 0, 0
        while indexes := self.retention.erase(first=first, limit=BATCH):
            total, first = total + len(indexes), indexes[-1] + 1
            erased(len(indexes))
        self.retention.forget_known()
        return total
