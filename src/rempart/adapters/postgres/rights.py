"""Sealed locks on PostgreSQL: ``RightsSource``."""

from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from rempart.adapters.postgres.connections import translated
from rempart.adapters.postgres.queries import queries
from rempart.usecases.ports import LockRow

SQL = queries("rights")


class PostgresRights:
    """Reads on one connection, opened again when it was lost."""

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]]) -> None:
        self._connect = connect
        self._connection: psycopg.Connection[Any] | None = None

    def find(self, indexes: Sequence[bytes]) -> Sequence[LockRow]:
        """All locks under these indexes, in one reading."""
        with translated():
            if self._connection is None or self._connection.closed:
                self._connection = self._connect()
                self._connection.autocommit = True
            packed = {"indexes": b"".join(indexes)}
            cursor = self._connection.execute(SQL["find"], packed, prepare=True, binary=True)
            return [LockRow._make(row) for row in cursor]

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
