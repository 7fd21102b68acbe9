"""What PostgreSQL says of itself, asked under a role that reads the ledger and the registry."""

from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from rempart.adapters.postgres.connections import ROLES, database_name, translated
from rempart.adapters.postgres.queries import queries
from rempart.domain.disclosure import decode
from rempart.usecases.setup_facts import Database

SQL = queries("doctor")
WRONG = "no role of ours has this"
"""Said to the server as a password, to see whether it listens to any."""


def ask_database(connection: psycopg.Connection[Any], *, sandbox: bool) -> Database:
    """What the server and the registry say.

    Raises:
        TemporarilyUnavailable: it went away.
    """
    names = [database_name(role) for role in ROLES]
    with translated():
        contracted, followed, extract_days = _one(connection, "directory")
        return Database(
            version=connection.info.server_version,
            settings=dict(connection.execute(SQL["settings"]).fetchall()),
            powerful=tuple(row[0] for row in connection.execute(SQL["powerful"], {"names": names})),
            open_to_gateway=tuple(row[0] for row in connection.execute(SQL["open_to_gateway"])),
            trusting=_is_trusting(connection),
            strangers=_one(connection, "strangers", sandbox=sandbox)[0],
            contracted=contracted,
            followed=followed,
            extract_days=extract_days,
        )


def _is_trusting(connection: psycopg.Connection[Any]) -> bool:
    """Whether a wrong password is let in: then any password is, under any name."""
    try:
        psycopg.connect(make_conninfo(_way(connection), password=WRONG)).close()
    except psycopg.OperationalError:
        return False
    return True


def _way(connection: psycopg.Connection[Any]) -> str:
    way = connection.info.get_parameters()
    # A password file would answer in the place of the one that is said.
    return make_conninfo(**{**way, "host": connection.info.host, "passfile": "/dev/null"})


def seconds_ahead(connection: psycopg.Connection[Any], now: int) -> tuple[float, float | None]:
    """By how much the server's clock, and the last entry of the ledger, are ahead of ``now``.

    Raises:
        TemporarilyUnavailable: it went away.
    """
    with translated():
        (server,) = _one(connection, "now")
        last = connection.execute(SQL["last_entry"]).fetchone()
    entry = None if last is None or last[1] is None else (decode(last[1]).at - now) / 1e6
    return (server - now) / 1e6, entry


def _one(connection: psycopg.Connection[Any], name: str, **values: object) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = connection.execute(SQL[name], values).fetchone()
    assert row is not None, "an aggregate has a row"
    return row
