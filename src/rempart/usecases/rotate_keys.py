"""Rotate the platform's keys on locks, on a live vault.

(1) shut imports and erasures out: a lock sealed meanwhile would be under an old key;
(2) go on with a rotation that was interrupted, or put new keys beside the old ones;
(3) every process that reads locks holds the new keys before the first lock is under them;
(4) batch by batch: peel the outer layer, compute the new index, seal again. No patient is needed
    and no box is opened. Locks at both versions stand side by side, and are answered alike;
(5) drop the old keys once no lock is under them, and have them forgotten.

Interrupted anywhere, the same command goes on. Rotation does not protect a copy of the database
that was stolen together with its keys.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from rempart.domain.errors import KeyMissing
from rempart.usecases.member_ports import LockVault, SealedLock
from rempart.usecases.platform_keys import (
    INDEX,
    LockSealer,
    add_version,
    ensure_version,
    newest,
    outer_prefix,
)
from rempart.usecases.ports import Chance, KeyStore

BATCH = 2_000


class KeyReaders(Protocol):
    """Processes that hold the keyring's keys in memory."""

    def reload(self, *, index_version: int, outer_version: int) -> None:
        """Return once every reader holds these newest versions, and none that was dropped.

        Raises:
            TemporarilyUnavailable: a reader did not answer; nothing may be sealed anew.
        """
        ...


@dataclass(slots=True, kw_only=True)
class RotationReport:
    """What a rotation did."""

    resumed: bool
    moved: int = 0
    dropped: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateKeys:
    """The rotation. ``keyrings`` are all that hold X and O; the first one is read."""

    locks: LockVault
    keyrings: Sequence[KeyStore]
    readers: KeyReaders
    chance: Chance

    def __call__(self, *, progress: Callable[[int], object] = lambda _: None) -> RotationReport:
        """Rotate the index key and every insurer's outer key.

        Raises:
            TemporarilyUnavailable: an import is under way, or a reader of keys did not answer.
            IntegrityBroken: a row is not the one that was written; its batch is left as it was.
        """
        with self.locks.exclusive_of_all():  # (1)
            prefixes = self._prefixes()
            report = RotationReport(resumed=self._unfinished(prefixes))
            self._renew(prefixes, resumed=report.resumed)  # (2)
            self._tell()  # (3)
            for amc in self.locks.amcs():
                report.moved += self._move(amc, progress)  # (4)
            report.dropped = self._drop(prefixes)  # (5)
            self._tell()
            return report

    @property
    def _keys(self) -> KeyStore:
        return self.keyrings[0]

    def _prefixes(self) -> list[str]:
        outer = {name.rpartition("/")[0] + "/" for name in self._keys.names("outer/")}
        if not newest(self._keys, INDEX):
            raise KeyMissing("there is no index key: nothing has been set up")
        return [INDEX, *sorted(outer)]

    def _unfinished(self, prefixes: Sequence[str]) -> bool:
        """Whether older keys are still there: they are dropped when a rotation ends."""
        return any(len(self._keys.names(prefix)) > 1 for prefix in prefixes)

    def _renew(self, prefixes: Sequence[str], *, resumed: bool) -> None:
        """A new version under each prefix, once. A killed rotation may have made some of them."""
        moved_all = resumed and not any(
            self._stale(LockSealer(self._keys, self.chance, amc), None) for amc in self.locks.amcs()
        )
        for prefix in prefixes:
            if moved_all or (resumed and len(self._keys.names(prefix)) > 1):
                ensure_version(self.keyrings, prefix, self.chance)
            else:
                add_version(self.keyrings, prefix, self.chance)

    def _tell(self) -> None:
        outer = max((newest(self._keys, p) for p in self._prefixes() if p != INDEX), default=0)
        self.readers.reload(index_version=newest(self._keys, INDEX), outer_version=outer)

    def _move(self, amc: int, progress: Callable[[int], object]) -> int:
        sealer = LockSealer(self._keys, self.chance, amc)
        moved, after = 0, None
        while stale := self._stale(sealer, after):
            self.locks.move([sealer.again(lock, ends=lock.ends) for lock in stale])
            moved += len(stale)
            after = stale[-1]
            progress(len(stale))
        return moved

    def _stale(self, sealer: LockSealer, after: SealedLock | None) -> Sequence[SealedLock]:
        return self.locks.stale(
            sealer.amc,
            index_version=sealer.index_version,
            key_version=sealer.key_version,
            after=after,
            limit=BATCH,
        )

    def _drop(self, prefixes: Sequence[str]) -> list[str]:
        """Drop the keys that no lock is under, whatever the batches above believed."""
        used: dict[str, set[int]] = {prefix: {newest(self._keys, prefix)} for prefix in prefixes}
        for amc in self.locks.amcs():
            index_versions, outer_versions = self.locks.versions(amc)
            used[INDEX] |= index_versions
            used[outer_prefix(amc)] |= outer_versions
        dropped = []
        for prefix, versions in used.items():
            for name in self._keys.names(prefix):
                if int(name.removeprefix(prefix)) not in versions:
                    dropped.append(name)
                    for keys in self.keyrings:
                        keys.drop(name)
        return dropped
