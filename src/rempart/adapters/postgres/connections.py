"""One connection string a role, in a private file; and the only place where driver errors end.

``secrets/<role>.conninfo`` says where the database is and under what name and password its holder
comes. A process is given the file of its own role and of no other.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

import psycopg

from rempart.adapters.private_files import read_private
from rempart.domain.errors import (
    LedgerBroken,
    TemporarilyUnavailable,
)

Role = Literal["owner", "importer", "vault", "gateway", "billing", "judge", "incident", "auditor"]
ROLES: tuple[Role, ...] = get_args(Role)

APPEND_ONLY = "RM003"
"""Raised by the triggers of ``migrations/0004_ledger.sql``."""


class Place(Protocol):
    """What a connection needs to know of an installation."""

    @property
    def secrets(self) -> Path:
        """Where the files of the roles are."""
        ...


def database_name(role: Role) -> str:
    """The role's name in PostgreSQL."""
    return f"rempart_{role}"


def conninfo_file(secrets: Path, role: Role) -> Path:
    """Where the role's connection string is kept."""
    return secrets / f"{role}.conninfo"


def connect(role: Role, place: Place) -> psycopg.Connection[Any]:
    """A connection under ``role``; the caller closes it.

    Raises:
        KeyMissing: this process was not given the role's file.
        KeyReadableByOthers: others can read it.
        TemporarilyUnavailable: no database there, or it does not know the password.
    """
    conninfo = read_private(conninfo_file(place.secrets, role))
    with translated():
        return psycopg.connect(conninfo, application_name=database_name(role))


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into ours, without a word of what they quote.

    A message of PostgreSQL may hold a value or an address, and a chained traceback would print
    it. What is not ours to name keeps its class and its SQLSTATE, and loses everything else.

    Raises:
        TemporarilyUnavailable: no database, or it gave up on this statement.
        LedgerBroken: a statement would have changed the past.
    """
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError):
        raise TemporarilyUnavailable("database unreachable") from None
    except psycopg.DatabaseError as error:
        if error.sqlstate == APPEND_ONLY:
            raise LedgerBroken("the ledger refused a change to the past") from None
        raise _blank(error) from None


class Lasting:
    """One connection in autocommit, opened when it is needed, and again when it was lost."""

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]]) -> None:
        self._connect = connect
        self._connection: psycopg.Connection[Any] | None = None

    @contextmanager
    def _open(self) -> Iterator[psycopg.Connection[Any]]:
        with translated():
            if self._connection is None or self._connection.closed:
                self._connection = self._connect()
                self._connection.autocommit = True
            yield self._connection

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()


def _blank(error: psycopg.DatabaseError) -> psycopg.DatabaseError:
    blank = type(error)(f"the database refused a statement: SQLSTATE {error.sqlstate}")
    blank.sqlstate = error.sqlstate
    return blank
