"""One connection string a role, in a private file; and the only place where driver errors end.

``secrets/<role>.conninfo`` says where the database is and under what name and password its holder
comes. A process is given the file of its own role and of no other.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

import psycopg

from rempart.domain.errors import (
    KeyMissing,
    KeyReadableByOthers,
    LedgerBroken,
    SetUpRefused,
    TemporarilyUnavailable,
)

Role = Literal["owner", "importer", "vault", "gateway", "auditor"]
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


def _blank(error: psycopg.DatabaseError) -> psycopg.DatabaseError:
    blank = type(error)(f"the database refused a statement: SQLSTATE {error.sqlstate}")
    blank.sqlstate = error.sqlstate
    return blank


def read_private(path: Path) -> str:
    """The text of a file that its owner alone may read.

    Raises:
        KeyMissing: no such file, or not for us.
        KeyReadableByOthers: others can read it.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        raise KeyMissing(f"no {path.name} that this process can read") from None
    with os.fdopen(file, encoding="utf-8") as stream:
        if os.fstat(file).st_mode & 0o077:
            raise KeyReadableByOthers(f"{path.name} can be read by others: chmod 600")
        return stream.read().strip()


def write_private(path: Path, text: str) -> None:
    """Put ``text`` there for the owner alone: whole or not at all, and durably.

    Raises:
        SetUpRefused: we may not write there.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.unlink(missing_ok=True)
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except PermissionError:
        raise SetUpRefused(f"no permission to write in {path.parent}") from None
    with os.fdopen(file, "w", encoding="utf-8") as stream:
        _keep_owner(path, file)
        stream.write(text + "\n")
        stream.flush()
        os.fsync(file)
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _keep_owner(path: Path, file: int) -> None:
    """A file that root writes again still belongs to the process that reads it."""
    if os.geteuid() == 0 and path.exists():
        owner = path.stat()
        os.fchown(file, owner.st_uid, owner.st_gid)
