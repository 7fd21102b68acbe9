"""The signed row of cut-offs on PostgreSQL: as the vault writes it, and as doors read it."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

from rempart.adapters.postgres.connections import Lasting, database_name
from rempart.adapters.postgres.queries import queries
from rempart.adapters.private_files import read_private
from rempart.domain.errors import Fenced, Refusal, TemporarilyUnavailable

SQL = queries("cut_offs")
READ_WITHIN = 0.4
"""Seconds for a reading, the connection included: who waits for it is a question under way."""


class PostgresCutRow(Lasting):
    """Writes on one connection, opened again when it was lost."""

    def put(self, *, epoch: int, note: str) -> None:
        """Replace the row."""
        try:
            with self._open() as connection:
                connection.execute(SQL["put"], {"epoch": epoch, "note": note}, prepare=True)
        except TemporarilyUnavailable:
            self.close()
            raise
        except psycopg.DatabaseError as error:
            if error.sqlstate == "RM001":
                raise Fenced("another vault has taken over") from None
            raise


class PostgresCutRowSource:
    """Reads on one connection of the role ``gateway``, whose file ``conninfo`` is; whatever goes
    wrong reads as nothing.
    """

    def __init__(self, conninfo: Path) -> None:
        self._conninfo = conninfo
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def read(self) -> str | None:
        """The note, or nothing."""
        try:
            async with asyncio.timeout(READ_WITHIN):
                return await self._read()
        except (psycopg.Error, Refusal, OSError, TimeoutError):
            await self.close()
            return None

    async def _read(self) -> str | None:
        if self._connection is None:
            self._connection = await psycopg.AsyncConnection.connect(
                read_private(self._conninfo),
                application_name=database_name("gateway"),
                autocommit=True,
            )
        cursor = await self._connection.execute(SQL["read"], prepare=True)
        row = await cursor.fetchone()
        return None if row is None else str(row[0])

    async def close(self) -> None:
        """Hang up."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error, OSError):
                await connection.close()
