"""What PostgreSQL says of itself, asked under the auditor's role."""

from typing import Any

import psycopg

from rempart.adapters.postgres.connections import translated
from rempart.adapters.postgres.queries import queries
from rempart.usecases.examine_setup import Database

SQL = queries("doctor")


def ask_database(connection: psycopg.Connection[Any]) -> tuple[Database, bool]:
    """The database, and whether its ledger has entries.

    Raises:
        TemporarilyUnavailable: it went away.
    """
    with translated():
        insurers, software = _one(connection, "sandbox")
        (entries,) = _one(connection, "entries")
        said = Database(
            version=connection.info.server_version,
            settings=dict(connection.execute(SQL["settings"]).fetchall()),
            powerful=tuple(row[0] for row in connection.execute(SQL["powerful"])),
            sandbox_insurers=insurers,
            sandbox_software=software,
        )
        return said, bool(entries)


def _one(connection: psycopg.Connection[Any], name: str) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = connection.execute(SQL[name]).fetchone()
    assert row is not None, "an aggregate has a row"
    return row
