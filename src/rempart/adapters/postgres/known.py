"""What sites know of beneficiaries, on PostgreSQL, open to be made again: ``KnownTable``."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg

from rempart.adapters.postgres.connections import translated
from rempart.adapters.postgres.ledger import LOCK_NAME
from rempart.adapters.postgres.queries import queries
from rempart.domain.errors import SetUpRefused

SQL = queries("ledger")


class PostgresKnown:
    """The owner's role, in one transaction."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def empty(self) -> None:
        """Take everything out."""
        with translated():
            self._connection.execute(SQL["empty_known"])

    def put(self, known: Mapping[bytes, bytes]) -> None:
        """Put in, or replace, by pair."""
        values = {"pairs": b"".join(known), "days": b"".join(known.values())}
        with translated():
            self._connection.execute(SQL["put_known"], values)


@contextmanager
def known_table(connect: Callable[[], psycopg.Connection[Any]]) -> Iterator[PostgresKnown]:
    """The table, for as long as the block lasts; kept if the block ends well.

    Raises:
        SetUpRefused: a vault holds the ledger.
        TemporarilyUnavailable: no database.
    """
    with translated(), connect() as connection:
        held = connection.execute(SQL["lock"], {"name": LOCK_NAME}).fetchone()
        if held is None or not held[0]:
            raise SetUpRefused("a vault holds the ledger: stop it first")
        yield PostgresKnown(connection)
