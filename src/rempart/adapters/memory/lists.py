"""A shelf of lists in memory: the reference of ``ListShelf``."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from rempart.sealing.cose import kid_of
from rempart.usecases.card_lists import Points
from rempart.usecases.p256_keys import key_at


@dataclass(slots=True)
class MemoryShelf:
    """Lists in dictionaries."""

    points: list[bytes] = field(default_factory=list, repr=False)
    kept: bytes | None = field(default=None, repr=False)
    by_insurer: dict[str, bytes] = field(default_factory=dict, repr=False)

    def roots(self) -> Points:
        """The operator's keys that are trusted here."""
        return {kid_of(key_at(point)): point for point in self.points}

    def put_roots(self, points: Collection[bytes]) -> None:
        """Trust these."""
        self.points = list(points)

    def trust(self) -> bytes | None:
        """The trust list."""
        return self.kept

    def put_trust(self, data: bytes) -> None:
        """Keep a trust list."""
        self.kept = data

    def status(self, amc: str) -> bytes | None:
        """The status list of an insurer."""
        return self.by_insurer.get(amc)

    def put_status(self, amc: str, data: bytes) -> None:
        """Keep a status list."""
        self.by_insurer[amc] = data

    def statuses(self) -> Iterator[bytes]:
        """Every status list."""
        yield from self.by_insurer.values()
