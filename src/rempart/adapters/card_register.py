"""Places of cards on the status list, in SQLite, in the insurer's own folder: ``CardRegister``."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rempart.adapters.own_file import one_change, opened
from rempart.domain.errors import SetUpRefused
from rempart.domain.status_list import PLACES_MIN
from rempart.usecases.insurer_ports import CardPlace

CACHE_KIB = 65_536
SCHEMA = """
CREATE TABLE IF NOT EXISTS card (
    handle BLOB NOT NULL, serial INTEGER NOT NULL, place INTEGER NOT NULL UNIQUE,
    printed INTEGER NOT NULL, said INTEGER NOT NULL, until INTEGER NOT NULL,
    PRIMARY KEY (handle, serial)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS list (
    places INTEGER NOT NULL, cards INTEGER NOT NULL, said INTEGER NOT NULL
);
CREATE VIEW IF NOT EXISTS counted AS SELECT
    place, printed,
    card.said = list.said AND until >= printed AS stands,
    card.said = list.said - 1 AS missing
FROM card, list;
"""


class SqliteCardRegister:
    """One insurer's register; closed to others like the folder that it is in.

    ``printed`` is the latest day that the card was issued with; ``said`` the recount that had it on
    file last, ``until`` the day that it had there.
    """

    def __init__(self, path: Path) -> None:
        self._connection = opened(path, wait=0)
        self._run(f"PRAGMA cache_size = -{CACHE_KIB}")
        self._connection.executescript(SCHEMA)
        if self._run("SELECT count(*) FROM list").fetchone()[0] == 0:
            self._run("INSERT INTO list VALUES (?, 0, 0)", (PLACES_MIN,))
        self._places = self._cards = 0

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _run(self, statement: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)

    @contextmanager
    def taking(self) -> Iterator[None]:
        """One run; what it does not end is gone."""
        with one_change(self._connection, "another run over cards is under way here"):
            self._places, self._cards = self._run("SELECT places, cards FROM list").fetchone()
            yield
            self._run("UPDATE list SET places = ?, cards = ?", (self._places, self._cards))

    def place(self, card: CardPlace, draw: Callable[[int], int]) -> int:
        """The place of a card."""
        key = card.handle, card.serial
        row = self._run(
            "SELECT place, printed, until FROM card WHERE handle = ? AND serial = ?", key
        ).fetchone()
        if row is not None and card.until <= min(row[1:]):
            return int(row[0])
        if not self._connection.in_transaction:
            raise SetUpRefused("a card without a place, outside of a run that may give it one")
        if row is not None:
            self._run(
                "UPDATE card SET printed = max(printed, ?), until = max(until, ?)"
                " WHERE handle = ? AND serial = ?",
                (card.until, card.until, *key),
            )
            return int(row[0])
        self._cards += 1
        while self._cards * 2 > self._places:
            self._places *= 2
        while True:
            place = draw(self._places)
            taken = self._run(
                "INSERT INTO card SELECT ?, ?, ?, ?, said, ? FROM list"
                " WHERE NOT EXISTS (SELECT 1 FROM card WHERE place = ?)",
                (*key, place, card.until, card.until, place),
            )
            if taken.rowcount:
                return place

    def recount(self) -> None:
        """Begin to say anew which cards are on file."""
        self._run("UPDATE list SET said = said + 1")

    def on_file(self, cards: Sequence[CardPlace]) -> None:
        """These are."""
        self._connection.executemany(
            "UPDATE card SET said = (SELECT said FROM list), until = ?"
            " WHERE handle = ? AND serial = ?",
            [(card.until, card.handle, card.serial) for card in cards],
        )

    def unread(self, handle: bytes) -> None:
        """Cards of this person stay as they were."""
        self._run(
            "UPDATE card SET said = said + 1"
            " WHERE handle = ? AND said = (SELECT said FROM list) - 1",
            (handle,),
        )

    def end(self, handle: bytes, below: int) -> None:
        """Cards of this person below a serial are over."""
        self._run("UPDATE card SET said = -1 WHERE handle = ? AND serial < ?", (handle, below))

    def over(self, today: int) -> Iterator[int]:
        """Places of cards that are over."""
        found = self._run("SELECT place FROM counted WHERE printed >= ? AND NOT stands", (today,))
        for (place,) in found:
            yield place

    def ending(self, today: int) -> tuple[int, int]:
        """How many cards are not over, and how many became so in this recount."""
        stand, became = self._run(
            "SELECT coalesce(sum(stands), 0), coalesce(sum(missing), 0)"
            " FROM counted WHERE printed >= ?",
            (today,),
        ).fetchone()
        return stand, became

    def places(self) -> int:
        """How many places there are."""
        return int(self._run("SELECT places FROM list").fetchone()[0])

    def forget(self, before: int) -> None:
        """Free the places of cards whose own last day is earlier."""
        self._cards -= self._run("DELETE FROM card WHERE printed < ?", (before,)).rowcount
