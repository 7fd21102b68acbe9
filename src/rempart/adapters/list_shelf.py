"""Lists on disk: a folder that practice software, a pharmacist or ``rempart card`` keeps.

operator.pub   the operator's keys that are trusted here, 65 bytes each, one after another
trust.cbor     its trust list              status-<AMC number>.cbor   an insurer's status list
"""

from collections.abc import Collection, Iterator
from pathlib import Path

from rempart.adapters.durable import write_whole
from rempart.domain.errors import ListRefused
from rempart.sealing.cose import kid_of
from rempart.usecases.card_lists import Points
from rempart.usecases.p256_keys import key_at

ROOTS, POINT = "operator.pub", 65


class FolderShelf:
    """``ListShelf`` in a folder, made when something is put there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def roots(self) -> Points:
        """The operator's keys that are trusted here."""
        kept = self._read(ROOTS) or b""
        points = [kept[at : at + POINT] for at in range(0, len(kept), POINT)]
        try:
            return {kid_of(key_at(point)): point for point in points}
        except ValueError:
            raise ListRefused(f"{ROOTS} here holds no keys on P-256") from None

    def put_roots(self, points: Collection[bytes]) -> None:
        """Trust these."""
        self._write(ROOTS, b"".join(points))

    def trust(self) -> bytes | None:
        """The trust list."""
        return self._read("trust.cbor")

    def put_trust(self, data: bytes) -> None:
        """Keep a trust list."""
        self._write("trust.cbor", data)

    def status(self, amc: str) -> bytes | None:
        """The status list of an insurer."""
        return self._read(f"status-{amc}.cbor")

    def put_status(self, amc: str, data: bytes) -> None:
        """Keep a status list."""
        self._write(f"status-{amc}.cbor", data)

    def statuses(self) -> Iterator[bytes]:
        """Every status list."""
        for path in sorted(self._folder.glob("status-*.cbor")):
            yield path.read_bytes()

    def _read(self, name: str) -> bytes | None:
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def _write(self, name: str, data: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        write_whole(self._folder / name, data, mode=0o644)
