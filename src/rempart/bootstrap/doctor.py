"""The doctor's assembly: looks at files, processes and the database; opens no key."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from rempart.adapters import host
from rempart.adapters.checkpoint_file import read_checkpoint
from rempart.adapters.country_files import read_countries
from rempart.adapters.postgres.connections import Role, connect, conninfo_file
from rempart.adapters.postgres.doctor import ask_database, seconds_ahead
from rempart.adapters.postgres.ledger_view import ledger_view
from rempart.adapters.private_files import read_private
from rempart.adapters.system import SystemClock
from rempart.bootstrap.importer import operators_folder
from rempart.bootstrap.public_key import vault_key
from rempart.config import Instance, Settings
from rempart.domain.errors import (
    KeyMissing,
    KeyReadableByOthers,
    MalformedRow,
    SetUpRefused,
    TemporarilyUnavailable,
)
from rempart.usecases.check_memory import check_memory
from rempart.usecases.setup_facts import (
    Clock,
    CountryFile,
    Database,
    Door,
    Facts,
    Memory,
    Places,
)

READERS: tuple[Role, ...] = ("auditor", "vault", "owner")
"""Roles that read both ledger and registry, the smallest first."""
OF_A_DEMO = ("demo.json", "waiting-room.json", "country", "insurers")
OpenDatabase = Callable[[], psycopg.Connection[Any]]
LOCAL = ("localhost", "127.0.0.1", "::1")


def facts(settings: Settings) -> Facts:
    """This installation, as found."""
    role = _reader(settings)
    asked = _ask(settings, role) if role else None
    return Facts(
        production=settings.instance is Instance.PRODUCTION,
        unseen=tuple(_unseen(settings)),
        private={
            str(path.relative_to(settings.home)): host.private_file(path)
            for path in _private_files(settings)
        },
        open_folders=tuple(_open_folders(settings)),
        places=_places(settings, role),
        memory=asked.memory if asked else Memory.NOT_HERE,
        core_limit=_core_limit(settings),
        door=_door(settings),
        clock=asked.clock if asked else _clock(None, None),
        test_things=tuple(name for name in OF_A_DEMO if host.is_there(settings.home / name)),
        certificates=dict(_certificates(settings)),
        database_here=role is not None,
        database=asked.database if asked else None,
        issuer_key_days=_issuer_key_days(settings),
        country_files=tuple(_country_files(settings)),
    )


def _clock(database_ahead: float | None, ledger_ahead: float | None) -> Clock:
    return Clock(
        kept=host.clock_is_kept(), database_ahead=database_ahead, ledger_ahead=ledger_ahead
    )


def _folders(settings: Settings) -> list[Path]:
    vault = settings.checkpoint_file.parent
    folders = (
        *(settings.home, settings.keys, settings.secrets, settings.tls, vault),
        *(operators_folder(settings), settings.cut_orders),
    )
    return [folder for folder in folders if host.is_there(folder)]


def _unseen(settings: Settings) -> Iterator[str]:
    for folder in _folders(settings)[1:]:
        if not host.may_look(folder):
            yield folder.name


def _open_folders(settings: Settings) -> Iterator[str]:
    for folder in _folders(settings):
        if host.others_write(folder):
            yield folder.name


def _private_files(settings: Settings) -> Iterator[Path]:
    for folder, pattern in (
        (settings.keys, "*.key*"),
        (settings.secrets, "*.conninfo"),
        (settings.secrets, "*.pgpass"),
        (settings.tls, "*.key"),
        (settings.checkpoint_file.parent, "checkpoint"),
    ):
        if host.may_look(folder):
            yield from (path for path in sorted(folder.glob(pattern)) if path.suffix != ".lock")


def _places(settings: Settings, role: Role | None) -> Places:
    data = None
    if host.is_there(settings.postgres):
        moved = settings.postgres / "moved-to"
        data = str(settings.postgres.resolve())
        with suppress(OSError):
            data = moved.read_text().strip()
    same_host = False
    if role is not None:
        at = str(conninfo_to_dict(read_private(conninfo_file(settings.secrets, role))).get("host"))
        same_host = at.startswith("/") or at in LOCAL
    keys = str(settings.keys.resolve()) if host.is_there(settings.keys) else None
    return Places(keys=keys, data=data, same_host=same_host)


def _issuer_key_days(settings: Settings) -> int | None:
    path = settings.psc_keys_file
    if settings.psc_issuer is None or not host.is_there(settings.keys / "vault.keyring"):
        return None
    try:
        return int((SystemClock().now() / 1e6 - path.stat().st_mtime) // 86_400)
    except OSError:
        return -1


def _country_files(settings: Settings) -> Iterator[CountryFile]:
    if not host.is_there(settings.keys / "vault.keyring"):
        return
    today = datetime.fromtimestamp(SystemClock().now() / 1e6, UTC).date()
    for path in settings.country_files:
        try:
            said = read_countries(path)
        except (OSError, MalformedRow) as error:
            wrong = (error,) if isinstance(error, MalformedRow) else ()
            yield CountryFile(name=path.name, bad=len(wrong), named=wrong)
        else:
            yield CountryFile(
                name=path.name,
                days=(today - said.dated).days,
                rows=said.rows,
                bad=said.bad,
                named=said.named,
            )


def _core_limit(settings: Settings) -> int | None:
    pid = host.listener_of(settings.vault_socket)
    return None if pid is None else host.core_limit(pid)


def _door(settings: Settings) -> Door:
    key, path = settings.tls / "gateway.key", settings.vault_socket
    holder = socket = None
    with suppress(OSError):
        holder = host.main_group(key.stat().st_uid)
    with suppress(OSError):
        socket = path.stat()
    return Door(
        group=settings.gateway_group,
        gateway_group=holder,
        socket_group=socket and socket.st_gid,
        socket_mode=socket and host.private_file(path).mode,
    )


def _certificates(settings: Settings) -> Iterator[tuple[str, int]]:
    for name in ("gateway.pem", "clients.pem"):
        path = settings.tls / name
        if os.access(path, os.R_OK):
            yield from host.days_left(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the database told."""

    database: Database
    clock: Clock
    memory: Memory


def _reader(settings: Settings) -> Role | None:
    """A role whose file is here and ours to read."""
    for role in READERS:
        with suppress(KeyMissing, KeyReadableByOthers):
            read_private(conninfo_file(settings.secrets, role))
            return role
    return None


def _ask(settings: Settings, role: Role) -> Asked | None:
    """Everything there is to ask, or nothing where the database is away."""
    open_database = partial(connect, role, settings)
    # Before the ledger is looked at: it then holds all that this says was signed.
    note = read_checkpoint(settings.checkpoint_file)
    try:
        with closing(open_database()) as connection:
            connection.autocommit = True
            return Asked(
                database=ask_database(connection, sandbox=settings.sandbox),
                clock=_clock(*seconds_ahead(connection, SystemClock().now())),
                memory=_memory(settings, note, open_database),
            )
    except TemporarilyUnavailable:
        return None


def _memory(settings: Settings, note: str | None, open_database: OpenDatabase) -> Memory:
    path = settings.checkpoint_file
    ours = host.is_there(settings.keys / "vault.keyring")
    if note is None and (not ours or host.is_there(path)):
        # Another host's vault, or a file that is not ours to read.
        return Memory.NOT_HERE
    with ledger_view(open_database) as view:
        try:
            key = vault_key(settings.vault_key_file)
        except SetUpRefused:
            return Memory.NEW if note is None else Memory.FOREIGN
        return check_memory(view, key, note)
