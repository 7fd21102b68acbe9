"""Closed days, and what is in none of them, read as one: ``EntriesEngine``."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from rempart.adapters.postgres.queries import queries
from rempart.adapters.segments.engine import MEMORY, opened, quoted
from rempart.adapters.segments.parquet import write_entries
from rempart.adapters.segments.shelf import FolderSegments
from rempart.usecases.ledger_view import StoredEntry

SQL = queries("segments", "rempart.adapters.segments")


class DuckEntries:
    """``shelf`` holds the closed days; ``scratch`` is a folder of one's own."""

    def __init__(self, shelf: FolderSegments, scratch: Path, *, memory: str = MEMORY) -> None:
        self.shelf, self.scratch, self.memory = shelf, scratch, memory
        self.added: list[Path] = []

    def add(self, entries: Iterable[StoredEntry], *, days: Sequence[tuple[int, str]]) -> None:
        """Take entries that are in no closed day, in the same shape."""
        file = self.scratch / f"added-{len(self.added)}.parquet"
        earlier = [(period, self.shelf.file(day)) for period, day in days]
        earlier += [(0, each) for each in self.added]
        write_entries(entries, file, earlier=earlier)
        self.added.append(file)

    def erased(self, day: str) -> Sequence[tuple[int, int]]:
        """Ranges of a closed day of which only leaf hashes are left."""
        with opened([self.shelf.folder], self.scratch) as engine:
            file = str(self.shelf.file(day))
            return engine.execute(SQL["erased"], {"file": file}).fetchall()

    def files(self, days: Sequence[str]) -> list[Path]:
        """Where these days lie, and what was added."""
        return [*(self.shelf.file(day) for day in days), *self.added]


def see(engine: duckdb.DuckDBPyConnection, files: Sequence[Path], size: int) -> None:
    """Make the view ``entries``: the first ``size`` of them, in these files."""
    listed = ", ".join(quoted(str(file)) for file in files)
    everything = f"SELECT * FROM read_parquet([{listed}]) WHERE idx < {size:d}"  # noqa: S608
    engine.execute(f"CREATE TEMP VIEW entries AS {everything}")
