"""The ledger on PostgreSQL, as its one writer sees it: ``LedgerStore``.

An append is one statement and one commit; the function ``ledger.append`` holds the fence.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

import psycopg

from rempart.adapters.postgres.connections import translated
from rempart.adapters.postgres.ledger_view import stream_entries
from rempart.adapters.postgres.queries import queries
from rempart.domain.errors import (
    Fenced,
    RempartError,
    SetUpRefused,
    TemporarilyUnavailable,
)
from rempart.tlog.tree import Completed
from rempart.usecases.ledger_view import StoredEntry

SQL = queries("ledger")
LOCK_NAME = 0x52454D50
"""Advisory lock of the ledger's one writer."""
Connect = Callable[[], psycopg.Connection[Any]]


class PostgresLedger:
    """One connection, opened anew by ``take_over``; others stream what is read."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._connection: psycopg.Connection[Any] | None = None

    def take_over(self) -> int:
        """Shut every other writer out; the new fencing epoch.

        Raises:
            TemporarilyUnavailable: another vault holds the ledger, or no database.
            SetUpRefused: the database may lose what it says it kept.
        """
        self.close()
        with translated():
            self._connection = self._connect()
        try:
            with translated():
                return held_epoch(self._connection)
        except RempartError:
            self.close()
            raise

    def append(
        self,
        *,
        epoch: int,
        first: int,
        bodies: bytes,
        details: Sequence[bytes],
        completed: Sequence[Completed],
        known: Mapping[bytes, bytes],
    ) -> None:
        """Write entries in one commit."""
        self._run(
            "append",
            {
                "epoch": epoch,
                "first": first,
                "bodies": bodies,
                "ends": list(accumulate(map(len, details))),
                "details": b"".join(details),
                "levels": [c.level for c in completed],
                "indexes": [c.index for c in completed],
                "hashes": b"".join([c.hash for c in completed]),
                "pairs": b"".join(known),
                "days": b"".join(known.values()),
            },
        )

    def publish(self, *, epoch: int, size: int, note: str) -> None:
        """Keep a signed checkpoint where auditors read."""
        self._run("publish", {"epoch": epoch, "size": size, "note": note})

    def known(self, pairs: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """What sites know, by pair."""
        return dict(self._run("known", {"pairs": b"".join(pairs)}).fetchall())

    def of_persons(self, persons: Sequence[bytes]) -> Sequence[StoredEntry]:
        """What was opened about these, by period and pseudonym."""
        rows = self._run("of_persons", {"persons": b"".join(persons)}).fetchall()
        return [StoredEntry(index=index, body=body, detail=detail) for index, body, detail in rows]

    def _run(self, name: str, values: dict[str, object]) -> psycopg.Cursor[Any]:
        if self._connection is None:
            raise TemporarilyUnavailable("the ledger is not open")
        try:
            with translated():
                return self._connection.execute(SQL[name], values, prepare=True, binary=True)
        except psycopg.DatabaseError as error:
            if error.sqlstate in {"RM001", "RM002"}:
                raise Fenced("another vault has taken over") from None
            raise

    def entries(self, first: int = 0) -> Iterator[StoredEntry]:
        """Entries by ascending index, streamed."""
        with translated(), self._connect() as reading:
            yield from stream_entries(reading, first, None)

    def close(self) -> None:
        """Let go of the ledger."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def held_epoch(connection: psycopg.Connection[Any]) -> int:
    """Take the lock of the one writer, then a new epoch.

    Raises:
        TemporarilyUnavailable: another vault has the lock.
        SetUpRefused: see ``refuse_lossy``.
    """
    connection.autocommit = True
    refuse_lossy(connection)
    held = connection.execute(SQL["lock"], {"name": LOCK_NAME}).fetchone()
    if held is None or not held[0]:
        raise TemporarilyUnavailable("another vault holds the ledger")
    row = connection.execute(SQL["take_over"]).fetchone()
    assert row is not None
    return int(row[0])


def refuse_lossy(connection: psycopg.Connection[Any]) -> None:
    """Return if a commit is durable on this server.

    Raises:
        SetUpRefused: ``fsync``, ``full_page_writes`` or ``synchronous_commit`` is off.
    """
    for name, setting in connection.execute(SQL["durable"]):
        if setting == "off":
            raise SetUpRefused(f"PostgreSQL runs with {name} = {setting}: it could lose entries")
