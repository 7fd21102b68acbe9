"""Migrations: numbered ``.sql`` files, applied in order, forward only.

Run as the owner. Each file is one transaction with the row that records it; an applied file is
never edited, and a database that knows more than this program is not touched.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import zip_longest
from typing import Any

import psycopg

from rempart.adapters.postgres.connections import translated
from rempart.adapters.postgres.queries import queries
from rempart.domain.errors import SetUpRefused

SQL = queries("migrate")
FOLDER = files("rempart.adapters.postgres").joinpath("migrations")
FILE_NAME = re.compile(r"(\d{4})_[a-z_]+\.sql")
LOCK_NAME = 0x52454D4D696772
"""Advisory lock of whoever migrates: the second waits. It ends with the connection."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file."""

    name: str
    statements: bytes = field(repr=False)

    @property
    def digest(self) -> bytes:
        """SHA-256 of the file."""
        return hashlib.sha256(self.statements).digest()


def migrations(folder: Traversable = FOLDER) -> Sequence[Migration]:
    """The files of ``folder``, in order: by default, those of this program.

    Raises:
        SetUpRefused: a number is missing, is there twice, or a name is not one.
    """
    found = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    for number, name in enumerate(found, start=1):
        parsed = FILE_NAME.fullmatch(name)
        if parsed is None or int(parsed[1]) != number:
            raise SetUpRefused(f"migration {name}: {number:04d} was expected")
    return [Migration(name, folder.joinpath(name).read_bytes()) for name in found]


def migrate(
    connect: Callable[[], psycopg.Connection[Any]], known: Sequence[Migration] | None = None
) -> Sequence[str]:
    """Apply what is missing, on a connection of the owner; the names of what was applied.

    Raises:
        SetUpRefused: a past migration was edited, or the database is newer than this program.
        TemporarilyUnavailable: no database; what was applied stays, the rest is left for later.
    """
    known = migrations() if known is None else known
    with translated(), connect() as connection:
        connection.autocommit = True
        connection.execute(SQL["lock"], {"name": LOCK_NAME})
        connection.execute(SQL["table"])
        applied = [(name, digest) for name, digest in connection.execute(SQL["applied"])]
        refuse_other_past(applied, known)
        return [_apply(connection, migration) for migration in known[len(applied) :]]


def refuse_other_past(applied: Sequence[tuple[str, bytes]], known: Sequence[Migration]) -> None:
    """Return if what was applied is how ``known`` begins.

    Raises:
        SetUpRefused: it is not.
    """
    for past, migration in zip_longest(applied, known):
        if past is None:
            return
        if migration is None:
            raise SetUpRefused(f"the database is newer than this program: it has {past[0]}")
        if past[0] != migration.name or past[1] != migration.digest:
            raise SetUpRefused(f"{migration.name} is not the one that was applied: never edit one")


def _apply(connection: psycopg.Connection[Any], migration: Migration) -> str:
    with connection.transaction():
        connection.execute(migration.statements)
        if connection.info.transaction_status is not psycopg.pq.TransactionStatus.INTRANS:
            raise SetUpRefused(f"{migration.name} ends its own transaction")
        connection.execute(SQL["record"], {"name": migration.name, "digest": migration.digest})
    return migration.name
