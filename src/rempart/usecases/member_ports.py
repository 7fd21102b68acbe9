"""What taking members in, rotating their keys and erasing them need of the world.

The memory adapter is the reference; ``tests/spec/test_import.py`` runs on it and on PostgreSQL.
Days are whole numbers since 2000-01-01; ``OPEN_ENDED`` (65535) is no end.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from rempart.domain.feed import FeedMark


class SealedLock(NamedTuple):
    """A lock under both layers, with the columns that its outer layer is bound to."""

    keyed: bytes
    amc: int
    handle: bytes
    kind: int
    serial: int
    ends: int
    key_version: int
    index_version: int
    stored: bytes

    def __repr__(self) -> str:
        return "SealedLock(…)"


class KnownPerson(NamedTuple):
    """What is known of a handle: the digest of its row, when it was closed, by which feed."""

    digest: bytes
    closed: int | None
    sequence: int


class PersonState(NamedTuple):
    """What will be known of a handle; ``last_end`` is the last day of its last lock."""

    handle: bytes
    digest: bytes
    closed: int | None
    last_end: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one batch of a feed changes.

    ``replaced`` lists handles that were known: their person and all their locks go first.
    ``locks`` is read once, while it is written: sealing and storing overlap.
    """

    amc: int
    mark: FeedMark
    replaced: Sequence[bytes] = field(repr=False)
    persons: Sequence[PersonState] = field(repr=False)
    locks: Iterable[SealedLock] = field(repr=False)


class Absence(NamedTuple):
    """How many persons of an insurer are open, and how many of them a full feed leaves out."""

    open: int
    absent: int


class MemberStore(Protocol):
    """Sealed locks, the persons they are of, and how far each insurer's feeds have come.

    Every implementation promises, and ``tests/spec/test_import.py`` checks:

    * ``apply`` does all of a change and records its mark, or nothing of it, also when the process
      or the machine dies; once a feed is marked imported, all of it is durable;
    * inside ``together`` all changes are kept at its end, or none;
    * nobody else writes an insurer's members, and nobody rotates keys, inside ``exclusive``.

    Trust: none for secrecy; it can hide rows, and the next full feed brings them back.
    """

    def exclusive(self, amc: int) -> AbstractContextManager[None]:
        """Shut other imports of this insurer, rotations and erasures out.

        Raises:
            TemporarilyUnavailable: one is under way.
        """
        ...

    def together(self) -> AbstractContextManager[None]:
        """Keep every change made inside, or none."""
        ...

    def feed(self, amc: int, sequence: int) -> FeedMark | None:
        """The feed recorded under a number."""
        ...

    def last_feed(self, amc: int) -> FeedMark | None:
        """The last feed that was begun."""
        ...

    def known(self, amc: int, handles: Sequence[bytes]) -> Mapping[bytes, KnownPerson]:
        """What is known of these handles; unknown ones are left out."""
        ...

    def locks(self, amc: int, handles: Sequence[bytes]) -> Sequence[SealedLock]:
        """All locks of these handles."""
        ...

    def apply(self, change: Change) -> None:
        """Make one change, in one transaction."""
        ...

    def weigh_absent(self, amc: int, present: Iterable[bytes]) -> Absence:
        """Compare the open persons with the handles of a full feed, and keep who is absent."""
        ...

    def absent_after(self, amc: int, handle: bytes, limit: int) -> Sequence[bytes]:
        """Absent handles that are still open, beyond ``handle``, in order."""
        ...


class LockVault(Protocol):
    """Locks as key rotation sees them: moved in place from key to key, on a live vault.

    Every implementation promises that ``move`` does all or nothing, durably, and that a reader
    sees each lock either before or after.
    """

    def exclusive_of_all(self) -> AbstractContextManager[None]:
        """Shut every import, rotation and erasure out.

        Raises:
            TemporarilyUnavailable: one is under way.
        """
        ...

    def amcs(self) -> Sequence[int]:
        """Insurers that have locks."""
        ...

    def stale(
        self,
        amc: int,
        *,
        index_version: int,
        key_version: int,
        after: SealedLock | None,
        limit: int,
    ) -> Sequence[SealedLock]:
        """Locks of an insurer under other versions than these, in order, beyond ``after``."""
        ...

    def move(self, locks: Sequence[SealedLock]) -> None:
        """Write index, versions and outer layer of these locks anew."""
        ...

    def versions(self, amc: int) -> tuple[frozenset[int], frozenset[int]]:
        """Index versions and outer versions in use for an insurer."""
        ...


class MemberEraser(Protocol):
    """Persons as erasure sees them."""

    def exclusive_of_all(self) -> AbstractContextManager[None]:
        """Shut every import, rotation and erasure out.

        Raises:
            TemporarilyUnavailable: one is under way.
        """
        ...

    def erase(self, *, ended_before: int, at: int, limit: int) -> int:
        """Erase at most ``limit`` persons whose last lock ended before this day, with their locks;
        their handles are leaving since ``at`` (microseconds).

        Durable and whole before it returns; how many were erased.
        """
        ...

    def named_until(self) -> int:
        """Whoever was read before this (microseconds) stands in the table of a closed day."""
        ...

    def let_go(self, *, before: int) -> int:
        """Erase the handles that are leaving since before this; how many go on waiting."""
        ...
