"""The ledger as an auditor reads it: stored bytes, in order, believed by nobody.

Whoever keeps these bytes may be the one who changed them. A view promises only to show what is
stored; what it shows counts once signatures and hashes agree (``audit_ledger``).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from rempart.tlog.proofs import HashReader
from rempart.tlog.tree import Completed

__all__ = ["HashReader", "LedgerView", "StoredCheckpoint", "StoredEntry"]

PUBLISHED_WITHIN = 1
"""Seconds from an entry to a published checkpoint over it: a vault that runs looks five times in
each, and publishes at most four times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry:
    """One stored line: a body (128 bytes) and its detail, or, once erased, only its leaf hash."""

    index: int
    body: bytes | None = field(default=None, repr=False)
    detail: bytes | None = field(default=None, repr=False)
    leaf: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCheckpoint:
    """A signed note, and the size that it was stored under."""

    size: int
    note: str


class LedgerView(HashReader, Protocol):
    """A stored ledger.

    Every implementation promises, and ``tests/spec`` checks:

    * what is stored is shown as it is: nothing is skipped, mended, sorted out or refused because
      it looks wrong, unless it cannot be read at all (``IntegrityBroken``);
    * iterators that are open together show one moment (in PostgreSQL: one ``REPEATABLE READ``
      transaction), so that a ledger that grows meanwhile does not look broken;
    * reading is streamed: memory does not grow with the ledger.

    As a ``HashReader`` it gives ``SHA-256(0x00 ‖ body)`` for an entry that stands, and the kept
    leaf hash for an erased one.

    Trust: none.
    """

    def entries(self, first: int = 0, end: int | None = None) -> Iterator[StoredEntry]:
        """Entries by ascending index, from ``first`` to ``end`` (excluded), or to the last."""
        ...

    def subtrees(self) -> Iterator[Completed]:
        """Stored subtree hashes in order of completion: by ``(index + 1) << level``, then level."""
        ...

    def checkpoints(self) -> Iterator[StoredCheckpoint]:
        """Checkpoints by ascending size."""
        ...

    def last_checkpoint(self) -> StoredCheckpoint | None:
        """The checkpoint of the largest size."""
        ...
