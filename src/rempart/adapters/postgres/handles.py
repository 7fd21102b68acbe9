"""The handles of everybody, on PostgreSQL: ``HandleSource``."""

from collections.abc import Iterator
from typing import Any

import psycopg

from rempart.adapters.postgres.connections import translated
from rempart.adapters.postgres.queries import queries

SQL = queries("rights")
FETCH = 50_000


class PostgresHandles:
    """Streams over one connection, inside its transaction."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def handles(self, amc: int) -> Iterator[bytes]:
        """Every handle of an insurer; one comes once for each of its locks."""
        with translated(), self._connection.cursor(name=f"handles_{amc}") as cursor:
            cursor.itersize = FETCH
            for (handle,) in cursor.execute(SQL["handles"], {"amc": amc}, binary=True):
                yield bytes(handle)

    def name_until(self, at: int) -> None:
        """Days before this moment are closed, each with its table."""
        with translated():
            self._connection.execute(SQL["name_until"], {"at": at})
            self._connection.commit()
