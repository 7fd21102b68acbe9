"""Sealed members on PostgreSQL: ``MemberStore`` and ``MemberEraser``, under the importer's role."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain, islice
from typing import Any

import psycopg

from rempart.adapters.postgres.connections import translated
from rempart.adapters.postgres.queries import queries
from rempart.adapters.postgres.rows import HEAD, TAIL, handle_rows, lock_rows, person_rows
from rempart.domain.errors import TemporarilyUnavailable
from rempart.domain.feed import FeedMark
from rempart.usecases.member_ports import Absence, Change, KnownPerson, SealedLock

SQL = queries("members")
LOCK_CLASS = 0x4D454D42
"""Advisory locks of whoever writes members: 0 for all insurers, else one AMC number."""
PIECE = 400
"""Rows sent at once: while the server stores them, the next are sealed."""

PATIENCE, POLL = 2.0, 0.05
"""Seconds."""

Connect = Callable[[], psycopg.Connection[Any]]


@contextmanager
def exclusive(
    connection: psycopg.Connection[Any], amc: int | None, *, patience: float
) -> Iterator[None]:
    """Hold the advisory lock of one insurer's members, or of all; it dies with the connection.

    ``patience`` is in seconds: the server needs a moment to see that a process was killed.

    Raises:
        TemporarilyUnavailable: somebody else holds it.
    """
    end = time.monotonic() + patience
    try:
        while not _locked(connection, amc):
            if time.monotonic() >= end:
                raise TemporarilyUnavailable(
                    "another import, a key rotation or an erasure is under way: wait for its end"
                )
            time.sleep(POLL)
        yield
    finally:
        # A connection that is lost has let go of its locks.
        with suppress(psycopg.Error):
            connection.execute(SQL["unlock_every"])


def _locked(connection: psycopg.Connection[Any], amc: int | None) -> bool:
    name = "lock_all" if amc is None else "lock_one"
    with translated():
        row = connection.execute(SQL[name], {"class": LOCK_CLASS, "amc": amc}).fetchone()
    if row is not None and row[0]:
        return True
    # Of two locks one may be held: whoever has the other waits for it.
    connection.execute(SQL["unlock_every"])
    return False


class PostgresMembers:
    """One connection, in autocommit: a change is one transaction."""

    def __init__(self, connect: Connect, *, patience: float = PATIENCE) -> None:
        self._connection = connect()
        self._connection.autocommit = True
        self._patience = patience

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    @contextmanager
    def exclusive(self, amc: int) -> Iterator[None]:
        """Shut other imports of this insurer, rotations and erasures out."""
        with exclusive(self._connection, amc, patience=self._patience):
            yield

    @contextmanager
    def exclusive_of_all(self) -> Iterator[None]:
        """Shut every import, rotation and erasure out."""
        with exclusive(self._connection, None, patience=self._patience):
            yield

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keep every change made inside, or none."""
        with translated(), self._connection.transaction():
            yield

    def feed(self, amc: int, sequence: int) -> FeedMark | None:
        """The feed recorded under a number."""
        return self._mark("feed", {"amc": amc, "sequence": sequence})

    def last_feed(self, amc: int) -> FeedMark | None:
        """The last feed that was begun."""
        return self._mark("last_feed", {"amc": amc})

    def _mark(self, name: str, values: Mapping[str, object]) -> FeedMark | None:
        with translated():
            row = self._connection.execute(SQL[name], values).fetchone()
        if row is None:
            return None
        sequence, digest, rows_done, state, closes_absent = row
        return FeedMark(
            sequence=sequence,
            digest=digest,
            rows_done=rows_done,
            imported=state == "imported",
            closes_absent=closes_absent,
        )

    def _read(self, name: str, values: Mapping[str, object]) -> psycopg.Cursor[Any]:
        # Planned anew each time: a plan made on an empty table would scan it when it is full.
        return self._connection.execute(SQL[name], values, prepare=False, binary=True)

    def known(self, amc: int, handles: Sequence[bytes]) -> Mapping[bytes, KnownPerson]:
        """What is known of these handles."""
        with translated():
            rows = self._read("known", {"amc": amc, "handles": list(handles)})
            return {row[0]: KnownPerson(*row[1:]) for row in rows}

    def locks(self, amc: int, handles: Sequence[bytes]) -> Sequence[SealedLock]:
        """All locks of these handles."""
        with translated():
            rows = self._read("locks", {"amc": amc, "handles": list(handles)})
            return [SealedLock(*row) for row in rows]

    def apply(self, change: Change) -> None:
        """Make one change, in one transaction."""
        mark = change.mark
        with translated(), self._connection.transaction():
            if not mark.imported:
                self._connection.execute(SQL["lazily"])
            if change.replaced:
                handles = {"amc": change.amc, "handles": list(change.replaced)}
                self._read("forget_locks", handles)
                self._read("forget_persons", handles)
            self._copy("copy_persons", person_rows(change.amc, mark.sequence, change.persons))
            self._copy("copy_locks", lock_rows(change.locks))
            self._connection.execute(
                SQL["mark"],
                {
                    "amc": change.amc,
                    "sequence": mark.sequence,
                    "digest": mark.digest,
                    "rows_done": mark.rows_done,
                    "state": "imported" if mark.imported else "importing",
                    "closes_absent": mark.closes_absent,
                },
            )

    def _copy(self, name: str, rows: Iterator[bytes]) -> None:
        """Send rows by the piece; nothing is sent when there is none."""
        first = next(rows, None)
        if first is None:
            return
        with self._connection.cursor() as cursor, cursor.copy(SQL[name]) as copy:
            copy.write(HEAD + first)
            while piece := b"".join(islice(rows, PIECE)):
                copy.write(piece)
            copy.write(TAIL)

    def weigh_absent(self, amc: int, present: Iterable[bytes]) -> Absence:
        """Compare the open persons with the handles of a full feed, in tables of this session."""
        with translated(), self._connection.transaction():
            self._connection.execute(SQL["gather"])
            self._copy("copy_present", handle_rows(present))
            self._connection.execute("ANALYZE present")
            row = self._connection.execute(SQL["weigh"], {"amc": amc}).fetchone()
            assert row is not None
            return Absence(*row)

    def absent_after(self, amc: int, handle: bytes, limit: int) -> Sequence[bytes]:
        """Absent handles beyond ``handle``, in order."""
        del amc
        with translated():
            rows = self._read("absent", {"handle": handle, "limit": limit})
            return list(chain.from_iterable(rows))

    def erase(self, *, ended_before: int, at: int, limit: int) -> int:
        """Erase persons whose last lock ended before this day; their handles are leaving."""
        given = {"ended_before": ended_before, "at": at, "limit": limit}
        with translated():
            return self._read("erase", given).rowcount

    def named_until(self) -> int:
        """Whoever was read before this stands in the table of a closed day."""
        return self._number("named_until")

    def let_go(self, *, before: int) -> int:
        """Erase the handles that are leaving since before this; how many go on waiting."""
        with translated():
            self._read("let_go", {"before": before})
        return self._number("leaving")

    def _number(self, name: str) -> int:
        with translated():
            row = self._read(name, {}).fetchone()
            assert row is not None
            return int(row[0])
