"""Phones and invitations, in SQLite, in the insurer's own folder: ``PhoneBook``."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rempart.adapters.own_file import one_change, opened
from rempart.usecases.phone_ports import Invitation, KeptCard

WAIT = 5.0
"""Seconds for the change of another process to end: a door waits for less."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS person (handle BLOB PRIMARY KEY, said INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS card (
    handle BLOB NOT NULL REFERENCES person ON DELETE CASCADE,
    serial INTEGER NOT NULL, claims BLOB NOT NULL,
    PRIMARY KEY (handle, serial)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS invitation (
    digest BLOB PRIMARY KEY, handle BLOB NOT NULL REFERENCES person ON DELETE CASCADE,
    lapses INTEGER NOT NULL, point BLOB NOT NULL DEFAULT x''
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS invited ON invitation (handle);
CREATE TABLE IF NOT EXISTS phone (
    number INTEGER PRIMARY KEY AUTOINCREMENT, point BLOB NOT NULL UNIQUE,
    handle BLOB NOT NULL REFERENCES person ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS held ON phone (handle, number);
CREATE TABLE IF NOT EXISTS recount (number INTEGER NOT NULL);
INSERT INTO recount SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM recount);
"""


class SqlitePhoneBook:
    """One insurer's book; closed to others like the folder that it is in."""

    def __init__(self, path: Path, *, wait: float = WAIT) -> None:
        self._connection = opened(path, wait=wait)
        # A door reads while a command writes: what was committed last is what it sees.
        self._run("PRAGMA journal_mode = WAL")
        self._run("PRAGMA foreign_keys = ON")
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _run(self, statement: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)

    @contextmanager
    def taking(self) -> Iterator[None]:
        """One change; what it does not end is gone."""
        with one_change(self._connection, "another change of the phones is under way here"):
            yield

    def cards(self, handle: bytes) -> Sequence[KeptCard]:
        """The live cards of somebody."""
        found = self._run(
            "SELECT serial, claims FROM card WHERE handle = ? ORDER BY serial", (handle,)
        )
        return [KeptCard(*row) for row in found]

    def keep(self, handle: bytes, cards: Sequence[KeptCard]) -> None:
        """These are their live cards."""
        self._run(
            "INSERT INTO person SELECT ?, number FROM recount WHERE true"
            " ON CONFLICT (handle) DO UPDATE SET said = excluded.said",
            (handle,),
        )
        self._run("DELETE FROM card WHERE handle = ?", (handle,))
        self._connection.executemany(
            "INSERT INTO card VALUES (?, ?, ?)",
            [(handle, card.serial, card.claims) for card in cards],
        )

    def forget(self, handle: bytes) -> None:
        """This person is over."""
        self._run("DELETE FROM person WHERE handle = ?", (handle,))

    def invite(self, digest: bytes, handle: bytes, lapses: int) -> None:
        """An invitation."""
        self._run("DELETE FROM invitation WHERE handle = ? AND point = x''", (handle,))
        self._run(
            "INSERT INTO invitation (digest, handle, lapses) VALUES (?, ?, ?)",
            (digest, handle, lapses),
        )

    def invitation(self, digest: bytes) -> Invitation | None:
        """The one under a digest."""
        row = self._run(
            "SELECT handle, lapses, point FROM invitation WHERE digest = ?", (digest,)
        ).fetchone()
        return None if row is None else Invitation(*row)

    def enrol(self, digest: bytes, point: bytes, *, most: int) -> None:
        """This phone used it."""
        self._run("UPDATE invitation SET point = ? WHERE digest = ?", (point, digest))
        self._run(
            "INSERT INTO phone (point, handle) SELECT ?, handle FROM invitation WHERE digest = ?",
            (point, digest),
        )
        self._run(
            "DELETE FROM phone WHERE number IN (SELECT number FROM phone WHERE handle ="
            " (SELECT handle FROM invitation WHERE digest = ?)"
            " ORDER BY number DESC LIMIT -1 OFFSET ?)",
            (digest, most),
        )

    def holder(self, point: bytes) -> bytes | None:
        """Of whom this phone is."""
        row = self._run("SELECT handle FROM phone WHERE point = ?", (point,)).fetchone()
        return None if row is None else bytes(row[0])

    def lapse(self, now: int) -> None:
        """Forget invitations that lapsed."""
        self._run("DELETE FROM invitation WHERE lapses < ?", (now,))

    def recount(self) -> None:
        """Begin to say anew who is on file."""
        self._run("UPDATE recount SET number = number + 1")

    def unread(self, handle: bytes) -> None:
        """They are."""
        self._run(
            "UPDATE person SET said = (SELECT number FROM recount) WHERE handle = ?", (handle,)
        )

    def missing(self) -> tuple[int, int]:
        """How many people there are, and how many are not on file."""
        known = self._run("SELECT count(*) FROM person").fetchone()[0]
        missing = self._run(
            "SELECT count(*) FROM person WHERE said < (SELECT number FROM recount)"
        ).fetchone()[0]
        return known, missing

    def forget_missing(self) -> None:
        """Whoever is not is over."""
        self._run("DELETE FROM person WHERE said < (SELECT number FROM recount)")
