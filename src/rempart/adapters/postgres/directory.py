"""The public directory on PostgreSQL: ``Directory``, with the owner's role."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import psycopg

from rempart.adapters.postgres.connections import Lasting
from rempart.adapters.postgres.queries import queries
from rempart.domain.directory import Listed
from rempart.domain.extract import Extract
from rempart.usecases.directory_ports import Consequences

SQL = queries("directory")
PIECE = 10_000
"""Rows sent at once."""


class PostgresDirectory(Lasting):
    """Reads and writes on one connection, opened when it is needed."""

    def _rows(self, name: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        with self._open() as connection:
            return connection.execute(SQL[name], values).fetchall()

    def last(self) -> Extract | None:
        """The last taking-in."""
        for day, rows, bad, digest in self._rows("last", {}):
            return Extract(day=day, rows=rows, bad=bad, digest=bytes(digest))
        return None

    def taken(self, digest: bytes) -> date | None:
        """The day that a file was of when it was first taken in."""
        day: date | None = self._rows("taken", {"digest": digest})[0][0]
        return day

    def at(self, site: str) -> Sequence[Listed]:
        """The last extract's rows about a site."""
        return [Listed(*row) for row in self._rows("at", {"site": site})]

    @contextmanager
    def taking(self) -> "Iterator[PostgresTaking]":
        """Begin a taking-in: one transaction, whose rows nobody else sees before it is over."""
        with self._open() as connection, connection.transaction():
            connection.execute(SQL["alone"])
            connection.execute(SQL["forget"])
            taking = PostgresTaking(connection)
            yield taking
            if not taking.settled:
                raise psycopg.Rollback


class PostgresTaking:
    """Rows on their way into a transaction."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._waiting: list[Listed] = []
        self.settled = False

    def add(self, row: Listed) -> None:
        """Hold a row."""
        self._waiting.append(row)
        if len(self._waiting) == PIECE:
            self._send()

    def _send(self) -> None:
        with self._connection.cursor() as cursor, cursor.copy(SQL["copy"]) as copy:
            for row in self._waiting:
                copy.write_row((row.rpps, row.profession, row.site, row.since, row.until))
        self._waiting.clear()

    def settle(self, extract: Extract, consequences: Consequences) -> None:
        """Put these rows in place of the last extract's, and do what follows."""
        self._send()
        note = {"day": extract.day, "rows": extract.rows, "bad": extract.bad}
        with self._connection.cursor() as cursor:
            cursor.execute(SQL["note"], note | {"digest": extract.digest})
            for name, suspended in (
                ("suspend_person", consequences.people),
                ("suspend_site", consequences.sites),
            ):
                values = [{"who": who, "why": why.value} for who, why in suspended.items()]
                cursor.executemany(SQL[name], values)
            for name, followed in (
                ("follow_people", consequences.people_followed),
                ("follow_sites", consequences.sites_followed),
            ):
                if followed:
                    cursor.execute(SQL[name], {"who": list(followed)})
        self.settled = True
