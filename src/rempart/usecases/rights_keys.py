"""The keys that peel the platform's own layer: index keys X and outer keys O, by version."""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rempart.domain.errors import KeyMissing
from rempart.usecases.ports import KeyStore


@dataclass(slots=True)
class RightsKeys:
    """What is read of the keyring, ready for use; ``reload`` after a rotation adds a version."""

    keys: KeyStore
    index: dict[int, bytes] = field(default_factory=dict, repr=False)
    _outer: dict[tuple[int, int], AESGCM] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._read()

    def reload(self) -> None:
        """Read the keyring again."""
        self.keys.reload()
        self._read()

    def _read(self) -> None:
        self.index = {
            int(name.rpartition("/")[2]): self.keys.get(name) for name in self.keys.names("index/")
        }
        self._outer = {}
        for name in self.keys.names("outer/"):
            _, amc, version = name.split("/")
            self._outer[int(amc), int(version)] = AESGCM(self.keys.get(name))

    def outer(self, amc: int, version: int) -> AESGCM:
        """The outer key of an insurer.

        Raises:
            KeyMissing: this process does not hold it.
        """
        try:
            return self._outer[amc, version]
        except KeyError:
            raise KeyMissing(f"no outer key of version {version} for this insurer") from None

    @property
    def outer_versions(self) -> tuple[int, ...]:
        """Versions held for any insurer."""
        return tuple(sorted({version for _, version in self._outer}))
