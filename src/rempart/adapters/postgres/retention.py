"""The end of entries, on PostgreSQL: ``LedgerRetention``, with the owner's role."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg

from rempart.adapters.postgres.connections import translated
from rempart.adapters.postgres.queries import queries
from rempart.domain.errors import Refusal
from rempart.usecases.retain_entries import Hold

SQL = queries("ledger")


class PostgresRetention:
    """Each batch is one commit."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._connection.autocommit = True

    def erase(self, *, first: int, limit: int) -> Sequence[int]:
        """Erase what has had its term, by ascending index."""
        values = {"first": first, "limit": limit}
        with translated():
            return sorted(row[0] for row in self._connection.execute(SQL["erase"], values))

    def forget_known(self) -> int:
        """Erase what sites knew of people not asked about for twelve months; how many."""
        with translated():
            return self._connection.execute(SQL["forget_known"]).rowcount

    def hold(self, hold: Hold) -> None:
        """Keep a span beyond its term."""
        values = {"name": hold.name, "from_at": hold.since, "until_at": hold.until}
        try:
            with translated():
                self._connection.execute(SQL["hold"], values)
        except psycopg.errors.UniqueViolation:
            raise Refusal("a hold of this name stands already") from None

    def release(self, name: str) -> None:
        """Let a span go."""
        with translated():
            if self._connection.execute(SQL["release"], {"name": name}).fetchone() is None:
                raise Refusal("no hold has this name")

    def holds(self) -> Sequence[Hold]:
        """What is held."""
        with translated():
            rows: list[tuple[str, datetime, datetime]] = self._connection.execute(
                SQL["holds"]
            ).fetchall()
        return [Hold(name, since, until) for name, since, until in rows]
