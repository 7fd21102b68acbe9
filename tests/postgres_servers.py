"""Real PostgreSQL servers for the tests, and databases cut from one template."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from rempart.adapters.postgres.connections import (
    ROLES,
    Role,
    connect,
    conninfo_file,
)
from rempart.adapters.postgres.embedded import EmbeddedPostgres, erase
from rempart.adapters.postgres.migrate import migrate
from rempart.adapters.postgres.roles import ensure_database, ensure_roles, shut_others_out
from rempart.adapters.private_files import read_private, write_private
from rempart.drill.processes import free_port
from rempart.drill.processes import roomy as in_memory

TEMPLATE = "rempart_template"
DEBIAN = Path("/usr/lib/postgresql")
NUMBERS = itertools.count(1)
ROOM = 4 << 30
"""Bytes free in memory for the servers of all workers; each has some hundred megabytes."""


def roomy() -> Path:
    """Where a server's files go: a test waits for no disk."""
    return in_memory(ROOM)


@contextmanager
def reachable_folder() -> Iterator[Path]:
    """A folder that the server's user can pass through, also when the tests run as root.

    pytest's own are closed to others: a cluster there would move to root's state folder.
    """
    folder = Path(tempfile.mkdtemp(prefix="rempart-test-", dir=roomy()))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        erase(folder / "postgres")
        shutil.rmtree(folder)


@dataclass(frozen=True)
class Secrets:
    """A place to find the files of the roles."""

    secrets: Path


@dataclass(frozen=True)
class Server:
    """A running server, its administrator, and the roles' files for its template."""

    name: str
    admin: str
    folder: Path

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"


@dataclass(frozen=True)
class Database:
    """A migrated database of its own; the roles are the server's. Settings may stand on it."""

    name: str
    admin: str
    secrets: Path

    def connect(self, role: Role) -> psycopg.Connection[Any]:
        return connect(role, self)

    def as_admin(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.admin, autocommit=True)


def newest_debian() -> Path | None:
    """Debian's newest PostgreSQL, if there is one."""
    found = [entry for entry in DEBIAN.glob("*/bin") if (entry / "initdb").exists()]
    return max(found, key=lambda entry: int(entry.parent.name), default=None)


@contextmanager
def embedded() -> Iterator[Server]:
    """The wheel's, by its socket."""
    with reachable_folder() as folder, EmbeddedPostgres() as postgres:
        admin = postgres.start(folder / "postgres", folder / "secrets")
        yield _prepared(Server("embedded", admin, folder))
        postgres.stop()


@contextmanager
def debian(bin_dir: Path) -> Iterator[Server]:
    """Debian's, over TCP and by a URL with a password, as an operator's would be."""
    with reachable_folder() as folder, EmbeddedPostgres(bin_dir=bin_dir) as postgres:
        port = free_port()
        admin = postgres.start(folder / "postgres", folder / "secrets", port=port)
        user = conninfo_to_dict(admin)["user"]
        password = read_private(folder / "secrets" / "superuser.pgpass").rsplit(":", 1)[1]
        url = f"postgresql://{user}:{password}@127.0.0.1:{port}/postgres"
        yield _prepared(Server("debian", url, folder))
        postgres.stop()


def _prepared(server: Server) -> Server:
    template = ensure_database(server.admin, TEMPLATE)
    ensure_roles(template, server.secrets)
    migrate(partial(connect, "owner", server))
    return server


@contextmanager
def fresh_database(server: Server) -> Iterator[Database]:
    """A copy of the template, dropped at the end."""
    name = f"rempart_{os.getpid()}_{next(NUMBERS)}"
    with psycopg.connect(server.admin, autocommit=True) as admin:
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        admin.execute(create.format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
    database = Database(name, make_conninfo(server.admin, dbname=name), server.folder / name)
    try:
        for role in ROLES:
            conninfo = read_private(conninfo_file(server.secrets, role))
            write_private(
                conninfo_file(database.secrets, role), make_conninfo(conninfo, dbname=name)
            )
        with database.as_admin() as admin:
            # A copy does not inherit who may connect to the original.
            shut_others_out(admin)
        yield database
    finally:
        with psycopg.connect(server.admin, autocommit=True) as admin:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
            admin.execute(drop.format(sql.Identifier(name)))
        shutil.rmtree(database.secrets, ignore_errors=True)
