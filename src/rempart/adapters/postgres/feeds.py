"""How far each insurer's feeds have come, on PostgreSQL: read with the vault's role."""

from collections.abc import Callable
from typing import Any

import psycopg

from rempart.adapters.postgres.connections import translated
from rempart.adapters.postgres.queries import queries
from rempart.usecases.insurer_staff_ports import FeedSeen

SQL = queries("feeds")


class PostgresFeeds:
    """One connection, opened when it is first asked."""

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]]) -> None:
        self._connect = connect
        self._connection: psycopg.Connection[Any] | None = None

    def last(self, amc: int) -> FeedSeen | None:
        """The last feed of an insurer."""
        with translated():
            if self._connection is None or self._connection.closed:
                self._connection = self._connect()
                self._connection.autocommit = True
            row = self._connection.execute(SQL["last_feed"], {"amc": amc}).fetchone()
        return None if row is None else FeedSeen(sequence=row[0], whole=row[1], at=row[2])

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
