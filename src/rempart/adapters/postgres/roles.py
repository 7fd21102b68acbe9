"""The eight roles of the database, and what none but they may do.

    owner      owns the schemas, runs the migrations, writes the registry
    importer   writes sealed locks
    vault      reads sealed locks, appends to the ledger
    gateway    reads one signed row, what is cut, and is refused everywhere else
    billing    adds claims by one function, and reads what is cut
    judge      reads claims and the ledger, writes rulings
    incident   reads the ledger and names of accounts, adds what is said of incidents
    auditor    reads the ledger

Run by an administrator of the database, any number of times; what each role may touch is said in
``migrations/``.
"""

import os
import secrets as chance
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from rempart.adapters.postgres.connections import (
    ROLES,
    Role,
    conninfo_file,
    database_name,
    translated,
)
from rempart.adapters.postgres.queries import queries
from rempart.adapters.private_files import read_private, write_private
from rempart.domain.errors import KeyMissing, SetUpRefused

SQL = queries("roles")
LOCK_NAME = 0x52454D526F6C65
"""Advisory lock of whoever changes the roles."""
OLDEST = 150_000
"""PostgreSQL 15: the first whose schema ``public`` is not everybody's."""
ADMINISTRATORS_OWN = ("user", "passfile", "service", "application_name", "sslcert", "sslkey")


def ensure_roles(admin: str, secrets: Path, *, connect_seconds: int = 5) -> None:
    """Create the roles that are missing, with a password file each, and shut the others out.

    ``admin`` is the connection string of somebody who may create roles and owns the database, or
    of a superuser. A role whose file is lost gets a new password; nothing else changes on a
    second run. A role whose file was given to another user, as the gateway's is, is left alone.

    Raises:
        SetUpRefused: an older PostgreSQL, an administrator who may not do this, or a role that
            may do more than it should.
        TemporarilyUnavailable: no database.
    """
    # Others pass through, to the one file that is theirs.
    secrets.mkdir(mode=0o711, parents=True, exist_ok=True)
    with administrator(admin) as connection:
        if connection.info.server_version < OLDEST:
            raise SetUpRefused("PostgreSQL 15 or later is needed")
        with connection.transaction():
            connection.execute(SQL["lock"], {"name": LOCK_NAME})
            ours = [role for role in ROLES if not _of_another(conninfo_file(secrets, role))]
            conninfos = [_conninfo(connection, role, secrets, connect_seconds) for role in ours]
            for role, conninfo in zip(ours, conninfos, strict=True):
                _ensure_role(connection, role, conninfo)
            shut_others_out(connection)
            _refuse_powerful(connection)
            # Files before the commit: a password that was set is never one that nobody kept.
            for role, conninfo in zip(ours, conninfos, strict=True):
                _keep(conninfo_file(secrets, role), conninfo)


def ensure_database(admin: str, name: str) -> str:
    """Create the database ``name`` if it is missing; the administrator's way into it.

    Raises:
        SetUpRefused: the administrator may not.
        TemporarilyUnavailable: no database.
    """
    with administrator(admin) as connection:
        if connection.execute(SQL["database"], {"name": name}).fetchone() is None:
            create = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'")
            connection.execute(create.format(sql.Identifier(name)))
    return make_conninfo(admin, dbname=name)


@contextmanager
def administrator(conninfo: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the administrator, in autocommit.

    Raises:
        SetUpRefused: a right is missing.
        TemporarilyUnavailable: no database.
    """
    try:
        with translated(), psycopg.connect(conninfo, autocommit=True) as connection:
            yield connection
    except psycopg.errors.InsufficientPrivilege:
        raise SetUpRefused("the database's administrator may not do this") from None


def _conninfo(
    connection: psycopg.Connection[Any], role: Role, secrets: Path, connect_seconds: int
) -> str:
    """The administrator's way to the database, under the role's own name and password."""
    way = connection.info.get_parameters()
    for word in ADMINISTRATORS_OWN:
        way.pop(word, None)
    way |= {
        "user": database_name(role),
        "password": _password(conninfo_file(secrets, role)),
        # Said outright: a default may be another's in another environment.
        "host": way.get("host", connection.info.host),
        "port": way.get("port", str(connection.info.port)),
        "dbname": connection.info.dbname,
        "connect_timeout": str(connect_seconds),
    }
    return make_conninfo(**way)


def _of_another(path: Path) -> bool:
    """Whether another user has it: root writes it for them, nobody else can read it."""
    return path.exists() and os.geteuid() not in {0, path.stat().st_uid}


def _password(path: Path) -> str:
    try:
        kept = conninfo_to_dict(read_private(path)).get("password")
    except KeyMissing:
        kept = None
    return str(kept) if kept else chance.token_urlsafe(32)


def _ensure_role(connection: psycopg.Connection[Any], role: Role, conninfo: str) -> None:
    name = database_name(role)
    password = str(conninfo_to_dict(conninfo)["password"])
    # The server is sent the verifier alone: a statement may end in a log.
    verifier = connection.pgconn.encrypt_password(
        password.encode(), name.encode(), b"scram-sha-256"
    ).decode()
    missing = connection.execute(SQL["role"], {"name": name}).fetchone() is None
    statement = sql.SQL("{} ROLE {} LOGIN PASSWORD {}")
    verb = sql.SQL("CREATE" if missing else "ALTER")
    connection.execute(statement.format(verb, sql.Identifier(name), sql.Literal(verifier)))


def shut_others_out(connection: psycopg.Connection[Any]) -> None:
    """Leave the connection's database to the eight roles, and nothing in it to everybody."""
    database = sql.Identifier(connection.info.dbname)
    everyone = sql.SQL(", ").join(sql.Identifier(database_name(role)) for role in ROLES)
    for statement in (
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {database} TO {everyone}",
        "GRANT CREATE ON DATABASE {database} TO rempart_owner",
        "GRANT USAGE, CREATE ON SCHEMA public TO rempart_owner",
        # The importer gathers a batch in a table of its own before it merges it.
        "GRANT TEMPORARY ON DATABASE {database} TO rempart_importer",
    ):
        connection.execute(sql.SQL(statement).format(database=database, everyone=everyone))


def _refuse_powerful(connection: psycopg.Connection[Any]) -> None:
    names = [database_name(role) for role in ROLES]
    for (name,) in connection.execute(SQL["powerful"], {"names": names}):
        raise SetUpRefused(f"{name} may do more than its role: take its attributes or groups away")


def _keep(path: Path, conninfo: str) -> None:
    try:
        if read_private(path) == conninfo:
            return
    except KeyMissing:
        pass
    write_private(path, conninfo)
