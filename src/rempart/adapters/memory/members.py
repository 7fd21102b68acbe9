"""Sealed members in memory: the reference of ``MemberStore``, ``LockVault`` and ``MemberEraser``.

It is a ``RightsSource`` and a ``HandleSource`` too, so that a vault in memory reads what an import
in memory wrote.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from rempart.domain.days import EPOCH, OPEN_ENDED
from rempart.domain.errors import TemporarilyUnavailable
from rempart.domain.feed import FeedMark
from rempart.usecases.member_ports import (
    Absence,
    Change,
    KnownPerson,
    PersonState,
    SealedLock,
)
from rempart.usecases.ports import LockRow

Key = tuple[int, bytes]


@dataclass(slots=True)
class MemoryMembers:
    """Dictionaries by insurer and handle; whoever was read before ``named`` (microseconds) is named
    by a closed day.
    """

    persons: dict[Key, tuple[PersonState, int]] = field(default_factory=dict, repr=False)
    of_person: dict[Key, list[SealedLock]] = field(default_factory=dict, repr=False)
    feeds: dict[tuple[int, int], FeedMark] = field(default_factory=dict)
    absent: list[bytes] = field(default_factory=list, repr=False)
    held: bool = False
    leaving: dict[Key, int] = field(default_factory=dict, repr=False)
    named: int = 0

    @contextmanager
    def exclusive(self, amc: int) -> Iterator[None]:
        """Shut other imports, rotations and erasures out."""
        del amc
        with self.exclusive_of_all():
            yield

    @contextmanager
    def exclusive_of_all(self) -> Iterator[None]:
        """Shut every import, rotation and erasure out."""
        if self.held:
            raise TemporarilyUnavailable("another import, rotation or erasure is under way")
        self.held = True
        try:
            yield
        finally:
            self.held = False

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keep every change made inside, or none."""
        before = dict(self.persons), dict(self.of_person), dict(self.feeds)
        try:
            yield
        except BaseException:
            self.persons, self.of_person, self.feeds = before
            raise

    def feed(self, amc: int, sequence: int) -> FeedMark | None:
        """The feed recorded under a number."""
        return self.feeds.get((amc, sequence))

    def last_feed(self, amc: int) -> FeedMark | None:
        """The last feed that was begun."""
        return max(
            (mark for (of, _), mark in self.feeds.items() if of == amc),
            key=lambda mark: mark.sequence,
            default=None,
        )

    def known(self, amc: int, handles: Sequence[bytes]) -> Mapping[bytes, KnownPerson]:
        """What is known of these handles."""
        found = {handle: self.persons.get((amc, handle)) for handle in handles}
        return {
            handle: KnownPerson(said[0].digest, said[0].closed, said[1])
            for handle, said in found.items()
            if said is not None
        }

    def locks(self, amc: int, handles: Sequence[bytes]) -> Sequence[SealedLock]:
        """All locks of these handles."""
        return [lock for handle in handles for lock in self.of_person.get((amc, handle), ())]

    def apply(self, change: Change) -> None:
        """Make one change, or nothing of it if its locks cannot be sealed."""
        locks = list(change.locks)
        for handle in change.replaced:
            self.persons.pop((change.amc, handle), None)
            self.of_person.pop((change.amc, handle), None)
        for person in change.persons:
            self.persons[change.amc, person.handle] = person, change.mark.sequence
        for lock in locks:
            self.of_person.setdefault((lock.amc, lock.handle), []).append(lock)
        self.feeds[change.amc, change.mark.sequence] = change.mark

    def weigh_absent(self, amc: int, present: Iterable[bytes]) -> Absence:
        """Compare the open persons with the handles of a full feed."""
        here = set(present)
        opened = [
            handle
            for (of, handle), (said, _) in self.persons.items()
            if of == amc and said.closed is None
        ]
        self.absent = sorted(set(opened) - here)
        return Absence(len(opened), len(self.absent))

    def absent_after(self, amc: int, handle: bytes, limit: int) -> Sequence[bytes]:
        """Absent handles beyond ``handle``."""
        del amc
        return [each for each in self.absent if each > handle][:limit]

    def find(self, indexes: Sequence[bytes]) -> Sequence[LockRow]:
        """All locks under these indexes, as the vault reads them."""
        wanted = set(indexes)
        return [
            LockRow(
                keyed=lock.keyed,
                amc=lock.amc,
                handle=lock.handle,
                kind=lock.kind,
                serial=lock.serial,
                ends=None if lock.ends == OPEN_ENDED else date.fromordinal(EPOCH + lock.ends),
                key_version=lock.key_version,
                stored=lock.stored,
            )
            for locks in self.of_person.values()
            for lock in locks
            if lock.keyed in wanted
        ]

    def amcs(self) -> Sequence[int]:
        """Insurers that have locks."""
        return sorted({amc for (amc, _), locks in self.of_person.items() if locks})

    def stale(
        self,
        amc: int,
        *,
        index_version: int,
        key_version: int,
        after: SealedLock | None,
        limit: int,
    ) -> Sequence[SealedLock]:
        """Locks under other versions than these, in order."""
        found = [
            lock
            for (of, _), locks in self.of_person.items()
            if of == amc
            for lock in locks
            if (lock.index_version, lock.key_version) != (index_version, key_version)
            and (after is None or _place(lock) > _place(after))
        ]
        return sorted(found, key=_place)[:limit]

    def move(self, locks: Sequence[SealedLock]) -> None:
        """Write these locks anew."""
        for lock in locks:
            siblings = self.of_person[lock.amc, lock.handle]
            at = next(i for i, each in enumerate(siblings) if _place(each) == _place(lock))
            siblings[at] = lock

    def versions(self, amc: int) -> tuple[frozenset[int], frozenset[int]]:
        """Versions in use for an insurer."""
        locks = [lock for (of, _), locks in self.of_person.items() if of == amc for lock in locks]
        return (
            frozenset(lock.index_version for lock in locks),
            frozenset(lock.key_version for lock in locks),
        )

    def handles(self, amc: int) -> Iterator[bytes]:
        """Every handle of an insurer, those that are leaving too."""
        yield from (handle for of, handle in {*self.persons, *self.leaving} if of == amc)

    def name_until(self, at: int) -> None:
        """Days before this moment are closed."""
        self.named = max(self.named, at)

    def named_until(self) -> int:
        """Whoever was read before this stands in the table of a closed day."""
        return self.named

    def erase(self, *, ended_before: int, at: int, limit: int) -> int:
        """Erase persons whose last lock ended before this day; their handles are leaving."""
        ended = [
            key
            for key, (said, _) in self.persons.items()
            if said.last_end is not None and said.last_end < ended_before
        ][:limit]
        for key in ended:
            del self.persons[key]
            self.of_person.pop(key, None)
            self.leaving[key] = at
        return len(ended)

    def let_go(self, *, before: int) -> int:
        """Erase the handles that are leaving since before this; how many go on waiting."""
        self.leaving = {key: at for key, at in self.leaving.items() if at >= before}
        return len(self.leaving)


def _place(lock: SealedLock) -> tuple[bytes, int, int]:
    return lock.handle, lock.kind, lock.serial


@dataclass(slots=True)
class MemoryReaders:
    """Readers of keys that were told: what a vault in memory hears of a rotation."""

    on_reload: list[Callable[[], object]] = field(default_factory=list, repr=False)
    told: list[tuple[int, int]] = field(default_factory=list)

    def reload(self, *, index_version: int, outer_version: int) -> None:
        """Every reader reads again."""
        for reload in self.on_reload:
            reload()
        self.told.append((index_version, outer_version))
