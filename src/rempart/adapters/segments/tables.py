"""Sealed tables in a folder of their own: ``TableShelf``. It never travels with the days."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rempart.adapters.durable import sync_folder, write_pieces
from rempart.domain.errors import KeyMissing


class FolderTables:
    """``2026-11-03.sealed``, for the vault's user alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, day: str, pieces: Iterable[bytes]) -> bytes:
        """Keep a table, durably; its SHA-256."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return write_pieces(self._file(day), pieces, mode=0o600)

    def get(self, day: str) -> bytes:
        """A table as it was sealed."""
        try:
            return self._file(day).read_bytes()
        except OSError:
            raise KeyMissing(f"no table of {day} that this process can read") from None

    def has(self, day: str) -> bool:
        """Whether there is one of a day."""
        return self._file(day).exists()

    @contextmanager
    def reading(self, day: str) -> Iterator[Callable[[int], bytes]]:
        """A table as it was sealed, in the memory of what is read."""
        try:
            stream = self._file(day).open("rb")
        except OSError:
            raise KeyMissing(f"no table of {day} that this process can read") from None
        with stream:
            yield stream.read

    def drop(self, day: str) -> None:
        """Take a table away."""
        self._file(day).unlink(missing_ok=True)
        sync_folder(self.folder)

    def _file(self, day: str) -> Path:
        return self.folder / f"{day}.sealed"
