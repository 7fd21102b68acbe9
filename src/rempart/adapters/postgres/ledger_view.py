"""The ledger on PostgreSQL, as an auditor reads it: ``LedgerView`` in one moment."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from rempart.adapters.postgres.connections import translated
from rempart.adapters.postgres.queries import queries
from rempart.tlog.tree import Completed
from rempart.usecases.ledger_view import StoredCheckpoint, StoredEntry

SQL = queries("ledger")
FETCH = 5_000


def stream_entries(
    reading: psycopg.Connection[Any], first: int, end: int | None
) -> Iterator[StoredEntry]:
    """Entries by ascending index, a few thousand at a time."""
    values = {"first": first, "end": end}
    with reading.cursor(name=f"entries_{first}", scrollable=False) as cursor:
        cursor.itersize = FETCH
        for index, body, detail, leaf in cursor.execute(SQL["entries"], values):
            yield StoredEntry(index=index, body=body, detail=detail, leaf=leaf)


class PostgresLedgerView:
    """Everything in one ``REPEATABLE READ`` transaction, with the auditor's role."""

    def __init__(self, reading: psycopg.Connection[Any]) -> None:
        self._reading = reading

    def entries(self, first: int = 0, end: int | None = None) -> Iterator[StoredEntry]:
        """Entries by ascending index, from ``first`` to ``end`` (excluded), or to the last."""
        yield from stream_entries(self._reading, first, end)

    def of_persons(self, persons: Sequence[bytes]) -> Sequence[StoredEntry]:
        """What was opened about these, by period and pseudonym."""
        rows = self._reading.execute(SQL["of_persons"], {"persons": b"".join(persons)}).fetchall()
        return [StoredEntry(index=index, body=body, detail=detail) for index, body, detail in rows]

    def subtrees(self) -> Iterator[Completed]:
        """Stored subtree hashes in order of completion."""
        with self._reading.cursor(name="subtrees", scrollable=False) as cursor:
            cursor.itersize = FETCH
            for level, index, digest in cursor.execute(SQL["subtrees"]):
                yield Completed(level, index, digest)

    def checkpoints(self) -> Iterator[StoredCheckpoint]:
        """Checkpoints by ascending size."""
        with self._reading.cursor(name="checkpoints", scrollable=False) as cursor:
            cursor.itersize = FETCH
            for size, note in cursor.execute(SQL["checkpoints"]):
                yield StoredCheckpoint(size=size, note=note)

    def last_checkpoint(self) -> StoredCheckpoint | None:
        """The checkpoint of the largest size."""
        row = self._reading.execute(SQL["last_checkpoint"]).fetchone()
        return None if row is None else StoredCheckpoint(size=row[0], note=row[1])

    def leaf_hashes(self, first: int, end: int) -> Sequence[bytes]:
        """Hashes of leaves ``first`` to ``end`` (excluded)."""
        values = {"first": first, "end": end}
        return [row[0] for row in self._reading.execute(SQL["leaf_hashes"], values)]

    def subtree_hashes(self, level: int, first: int, end: int) -> Sequence[bytes]:
        """Hashes of complete subtrees ``first`` to ``end`` (excluded) of ``level``."""
        values = {"level": level, "first": first, "end": end}
        return [row[0] for row in self._reading.execute(SQL["subtree_hashes"], values)]


@contextmanager
def ledger_view(connect: Callable[[], psycopg.Connection[Any]]) -> Iterator[PostgresLedgerView]:
    """A view of one moment, for as long as the block lasts.

    Raises:
        TemporarilyUnavailable: no database.
    """
    with translated(), connect() as reading:
        reading.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reading.read_only = True
        yield PostgresLedgerView(reading)
