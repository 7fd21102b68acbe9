"""What the last feed said, in SQLite, in the insurer's own folder: ``FeedState``.

The state file changes in one transaction, at the end of a preparation. What the preparation meets
on its way lies in a file beside it, which nobody misses: it is unsynced and goes with it.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rempart.domain.days import OPEN_ENDED
from rempart.domain.errors import TemporarilyUnavailable
from rempart.usecases.insurer_ports import Met, Said, SentFeed

CACHE_KIB = 65_536
"""Of each of the two files: what keeps memory bounded while two million handles pass."""

STATE = """
CREATE TABLE IF NOT EXISTS person (
    handle BLOB PRIMARY KEY, digest BLOB NOT NULL, serial INTEGER NOT NULL, ends INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gone (
    handle BLOB PRIMARY KEY, serial INTEGER NOT NULL, ends INTEGER NOT NULL, feed INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS replaced (
    handle BLOB PRIMARY KEY, lowest INTEGER NOT NULL, feed INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS feed (
    sequence INTEGER PRIMARY KEY, digest BLOB NOT NULL, file TEXT NOT NULL, made INTEGER NOT NULL
);
"""
ADDED = (
    ("person", "serial", 0),
    ("person", "ends", OPEN_ENDED),
    ("replaced", "feed", 2**31 - 1),
)
"""Columns that an older state lacks, each with what is safe where nothing is known."""
MET = """
CREATE TABLE met.seen (handle BLOB PRIMARY KEY, line INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE met.printed (tag INTEGER PRIMARY KEY);
CREATE TABLE met.said (
    handle BLOB NOT NULL, digest BLOB NOT NULL, serial INTEGER NOT NULL, ends INTEGER NOT NULL
);
"""
NEW = Met(None, None)
FEED = "SELECT sequence, digest, file FROM feed"
GONE = "FROM person WHERE NOT EXISTS (SELECT 1 FROM met.seen WHERE seen.handle = person.handle)"
SAY = """
INSERT INTO person SELECT handle, digest, serial, ends FROM met.said WHERE true ORDER BY 1
ON CONFLICT DO UPDATE
SET digest = excluded.digest, serial = excluded.serial, ends = max(ends, excluded.ends)
"""
OVER = "DELETE FROM gone WHERE ends < ? OR handle IN (SELECT handle FROM person)"
STALE = """
DELETE FROM replaced
WHERE handle NOT IN (SELECT handle FROM person) AND handle NOT IN (SELECT handle FROM gone)
"""
KNOWN = """
SELECT digest, coalesce(lowest, 0), coalesce(serial, 0) FROM (SELECT ? AS handle)
LEFT JOIN person USING (handle) LEFT JOIN replaced USING (handle)
"""
ANYBODY = "SELECT EXISTS (SELECT 1 FROM person) OR EXISTS (SELECT 1 FROM replaced)"


class InsurerState:
    """One insurer's state; closed to others like the folder that it is in."""

    def __init__(self, path: Path) -> None:
        self._met = path.with_name(path.name + ".met")
        self._lock = path.with_name(path.name + ".lock")
        path.touch(mode=0o600)
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=0)
        self._run("PRAGMA synchronous = FULL")
        self._run(f"PRAGMA cache_size = -{CACHE_KIB}")
        self._connection.executescript(STATE)
        for table, column, unknown in ADDED:
            self._add(table, column, unknown)
        self._known = False

    def _add(self, table: str, column: str, unknown: int) -> None:
        has = "SELECT 1 FROM pragma_table_info(?) WHERE name = ?"
        if self._run(has, (table, column)).fetchone() is None:
            self._run(f"ALTER TABLE {table} ADD {column} INTEGER NOT NULL DEFAULT {unknown}")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _run(self, statement: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)

    def last(self) -> SentFeed | None:
        """The last feed that was made."""
        return _sent(self._run(f"{FEED} ORDER BY made DESC LIMIT 1"))

    def sent(self, sequence: int) -> SentFeed | None:
        """The feed made under a number."""
        return _sent(self._run(f"{FEED} WHERE sequence = ?", (sequence,)))

    @contextmanager
    def preparing(self) -> Iterator[None]:
        """One preparation; what it does not keep is gone."""
        with self._alone():
            self._met.unlink(missing_ok=True)
            self._run("ATTACH ? AS met", (str(self._met),))
            try:
                self._run("PRAGMA met.journal_mode = OFF")
                self._run("PRAGMA met.synchronous = OFF")
                self._run(f"PRAGMA met.cache_size = -{CACHE_KIB}")
                self._connection.executescript(MET)
                self._known = self._run(ANYBODY).fetchone()[0] == 1
                self._run("BEGIN")
                yield
            finally:
                if self._connection.in_transaction:
                    self._run("ROLLBACK")
                self._run("DETACH met")
                self._met.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        file = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise TemporarilyUnavailable("another preparation is under way here") from None
        finally:
            os.close(file)

    def meet(self, rows: Sequence[tuple[bytes, int]]) -> Sequence[Met]:
        """Meet handles with their lines, in order."""
        before = self._connection.total_changes
        self._connection.executemany("INSERT OR IGNORE INTO met.seen VALUES (?, ?)", rows)
        fresh = self._connection.total_changes - before == len(rows)
        if fresh and not self._known:
            return [NEW] * len(rows)
        return [Met(None if fresh else self._first(*row), *self._said(row[0])) for row in rows]

    def _first(self, handle: bytes, line: int) -> int | None:
        first = self._run("SELECT line FROM met.seen WHERE handle = ?", (handle,)).fetchone()[0]
        return None if first == line else int(first)

    def _said(self, handle: bytes) -> tuple[bytes | None, int, int]:
        digest, lowest, serial = self._run(KNOWN, (handle,)).fetchone()
        return digest, lowest, serial

    def meet_printed(self, tags: Iterable[int]) -> int:
        """How many of these the file had before."""
        values = [(tag,) for tag in tags]
        before = self._connection.total_changes
        self._connection.executemany("INSERT OR IGNORE INTO met.printed VALUES (?)", values)
        return len(values) - (self._connection.total_changes - before)

    def say(self, rows: Sequence[tuple[bytes, Said]]) -> None:
        """Handles with what this feed says of them."""
        self._connection.executemany(
            "INSERT INTO met.said VALUES (?, ?, ?, ?)", [(handle, *said) for handle, said in rows]
        )

    def lose(self, after: int) -> None:
        """Nobody's digest is known, and who left by the lost feeds is back."""
        self._run("UPDATE person SET digest = x''")
        self._run(
            "INSERT OR IGNORE INTO person"
            " SELECT handle, x'', serial, ends FROM gone WHERE feed > ?1 AND ?1 > 0",
            (after,),
        )
        # What they replaced, the next feed says: it has the number after.
        self._run("UPDATE replaced SET feed = ?1 + 1 WHERE feed > ?1", (after,))
        self._known = True

    def replace(self, rows: Sequence[tuple[bytes, int]], *, feed: int) -> None:
        """Handles with the lowest serial that is theirs from this feed on."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO replaced VALUES (?, ?, ?)", [(*row, feed) for row in rows]
        )

    def replaced(self, *, after: int = 0) -> Mapping[bytes, int]:
        """All of them that feeds after this one replaced, as they were kept."""
        try:
            found = self._run("SELECT handle, lowest FROM replaced WHERE feed > ?", (after,))
            return dict(found.fetchall())
        except sqlite3.OperationalError:
            raise TemporarilyUnavailable("a preparation is being kept here") from None

    def unmet(self) -> Iterator[bytes]:
        """Handles of the last feed that this file does not have, in order."""
        for (handle,) in self._run(f"SELECT handle {GONE} ORDER BY handle"):
            yield handle

    def counts(self) -> tuple[int, int]:
        """How many handles the last feed had, and how many of them this file does not have."""
        known = self._run("SELECT count(*) FROM person").fetchone()[0]
        gone = self._run(f"SELECT count(*) {GONE}").fetchone()[0] if known else 0
        return known, gone

    def keep(self, sent: SentFeed, *, drop_unmet: bool, today: int) -> None:
        """Make this preparation the last feed, durably."""
        if drop_unmet:
            self._run(
                f"INSERT OR REPLACE INTO gone SELECT handle, serial, ends, ? {GONE}",
                (sent.sequence,),
            )
            self._run(f"DELETE {GONE}")
        self._run(SAY)  # Sorted, so that the tree is written from one end to the other.
        if drop_unmet:
            self._run(OVER, (today,))
            self._run(STALE)
        self._run(
            "INSERT OR REPLACE INTO feed VALUES"
            " (?, ?, ?, (SELECT coalesce(max(made), 0) + 1 FROM feed))",
            (sent.sequence, sent.digest, sent.file),
        )
        self._run("COMMIT")


def _sent(found: sqlite3.Cursor) -> SentFeed | None:
    row = found.fetchone()
    return None if row is None else SentFeed(sequence=row[0], digest=row[1], file=row[2])
