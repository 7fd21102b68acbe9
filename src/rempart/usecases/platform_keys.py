"""The platform's keys on locks: index keys X, one outer key O per insurer, the feed key.

Versions begin at 1; the newest seals, the older ones only open. Where several processes hold a
keyring of their own, a new key is put into each before anything is sealed under it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rempart.domain.errors import IntegrityBroken, KeyMissing
from rempart.domain.feed_rows import BlindLock
from rempart.sealing.errors import SealBroken
from rempart.sealing.outer import index_of, open_outer, seal_outer
from rempart.usecases.member_ports import SealedLock
from rempart.usecases.ports import Chance, KeyStore

FEED = "feed"
INDEX = "index/"
KEY_SIZE = 32
NONCE_SIZE = 12


def outer_prefix(amc: int) -> str:
    """Name of an insurer's outer keys, without version."""
    return f"outer/{amc:08d}/"


def newest(keys: KeyStore, prefix: str) -> int:
    """The newest version under a prefix, 0 where there is none."""
    return max((int(name.removeprefix(prefix)) for name in keys.names(prefix)), default=0)


def add_version(keyrings: Sequence[KeyStore], prefix: str, chance: Chance) -> int:
    """A fresh key under the next version, in every keyring; the version."""
    version = max(newest(keys, prefix) for keys in keyrings) + 1
    secret = chance.draw(KEY_SIZE)
    for keys in keyrings:
        keys.put(f"{prefix}{version}", secret)
    return version


def ensure_version(keyrings: Sequence[KeyStore], prefix: str, chance: Chance) -> int:
    """The newest version, made if there is none, and handed to keyrings that lack it."""
    version = max(newest(keys, prefix) for keys in keyrings)
    if not version:
        return add_version(keyrings, prefix, chance)
    name = f"{prefix}{version}"
    secret = next(keys.get(name) for keys in keyrings if name in keys.names(name))
    for keys in keyrings:
        keys.put(name, secret)
    return version


def feed_key(keys: KeyStore, chance: Chance) -> bytes:
    """The public key that feeds are sealed to, made if there is none; X25519, 32 bytes."""
    if FEED not in keys.names(FEED):
        keys.put(FEED, chance.draw(KEY_SIZE))
    return X25519PrivateKey.from_private_bytes(keys.get(FEED)).public_key().public_bytes_raw()


@dataclass(slots=True)
class LockSealer:
    """Seals an insurer's locks under the newest keys, and opens them under those they have."""

    keys: KeyStore
    chance: Chance
    amc: int
    index_version: int = field(init=False)
    key_version: int = field(init=False)
    _index_key: bytes = field(init=False, repr=False)
    _outer: dict[int, AESGCM] = field(init=False, repr=False, default_factory=dict)
    _amc_bytes: bytes = field(init=False)

    def __post_init__(self) -> None:
        self._amc_bytes = b"%08d" % self.amc
        self.index_version = newest(self.keys, INDEX)
        self.key_version = newest(self.keys, outer_prefix(self.amc))
        if not self.index_version or not self.key_version:
            raise KeyMissing("no index key, or no outer key for this insurer: register it first")
        self._index_key = self.keys.get(f"{INDEX}{self.index_version}")
        self._of(self.key_version)

    def _of(self, version: int) -> AESGCM:
        if version not in self._outer:
            self._outer[version] = AESGCM(self.keys.get(f"{outer_prefix(self.amc)}{version}"))
        return self._outer[version]

    def seal(self, handle: bytes, lock: BlindLock) -> SealedLock:
        """A lock of the feed under the platform's layer."""
        kind, serial, ends, find, box = lock
        stored = seal_outer(
            self._outer[self.key_version],
            find,
            box,
            handle=handle,
            kind=kind,
            serial=serial.to_bytes(4, "big"),
            ends=ends.to_bytes(2, "big"),
            key_version=self.key_version,
            nonce=self.chance.draw(NONCE_SIZE),
        )
        index = index_of(self._index_key, self._amc_bytes, kind, find)
        return SealedLock(
            index,
            self.amc,
            handle,
            kind,
            serial,
            ends,
            self.key_version,
            self.index_version,
            stored,
        )

    def again(self, lock: SealedLock, *, ends: int) -> SealedLock:
        """A stored lock under the newest keys and with this end; its box stays shut.

        Raises:
            IntegrityBroken: the row is not the one that was written.
            KeyMissing: a key that it lies under is gone.
        """
        try:
            find, box = open_outer(
                self._of(lock.key_version),
                lock.stored,
                handle=lock.handle,
                kind=lock.kind,
                serial=lock.serial.to_bytes(4, "big"),
                ends=lock.ends.to_bytes(2, "big"),
                key_version=lock.key_version,
            )
        except SealBroken:
            raise IntegrityBroken("a stored lock is not the one that was written") from None
        return self.seal(lock.handle, BlindLock(lock.kind, lock.serial, ends, find, box))
