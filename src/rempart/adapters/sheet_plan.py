"""``SheetPlan`` in SQLite: a file of its own beside the packs, gone with the run.

It holds keyed digests, line numbers and places in the member file, and so do the files that SQLite
sorts in. Not synced: a run that dies plans again.
"""

import sqlite3
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Self

from rempart.usecases.insurer_ports import Family, PlannedCard

CACHE_KIB = 65_536
TABLES = """
CREATE TABLE seen (reference BLOB PRIMARY KEY, line INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE card (family BLOB NOT NULL, line INTEGER, start INTEGER, size INTEGER, serial INTEGER);
"""
BY_FAMILY = "CREATE INDEX IF NOT EXISTS by_family ON card (family)"
# Families in the order of their first row; a row with two cards has two, the older first.
# CROSS fixes the order of the join: each family once, its cards by the index.
FAMILIES = """
SELECT family, line, start, size, serial
FROM (
    SELECT family, min(line) AS first_line, min(serial) AS first_serial FROM card GROUP BY family
) CROSS JOIN card USING (family)
ORDER BY first_line, first_serial, family, line
"""


class DiskSheetPlan:
    """The plan of one run."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = OFF")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self._connection.executescript(TABLES)
        self._connection.execute("BEGIN")

    def meet(self, reference: bytes, line: int) -> int | None:
        """Meet a reference; the line that had it before."""
        met = self._connection.execute(
            "INSERT OR IGNORE INTO seen VALUES (?, ?)", (reference, line)
        ).rowcount
        if met:
            return None
        found = self._connection.execute("SELECT line FROM seen WHERE reference = ?", (reference,))
        (before,) = found.fetchone()
        return int(before)

    def add(self, family: bytes, card: PlannedCard) -> None:
        """A card of a family."""
        self._connection.execute("INSERT INTO card VALUES (?, ?, ?, ?, ?)", (family, *card))

    def families(self) -> Iterator[Family]:
        """Every family, by its first row."""
        self._connection.execute(BY_FAMILY)
        rows = self._connection.execute(FAMILIES)
        for _, cards in groupby(rows, key=lambda row: row[0]):
            yield tuple(PlannedCard(*card[1:]) for card in cards)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()
        self._path.unlink(missing_ok=True)
