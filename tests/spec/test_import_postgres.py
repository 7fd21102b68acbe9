"""The same chapter on both PostgreSQL servers, each store under its own role."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import psycopg
import pytest

from rempart.adapters.postgres.members import PostgresMembers
from rempart.adapters.postgres.rights import PostgresRights
from tests.insurers import Platform
from tests.postgres_servers import Database

# The chapter itself: its facts, told again with the fixture below.
from tests.spec.test_import import *  # noqa: F403

title = "Members come in, on PostgreSQL"


class Stored(PostgresMembers):
    """The importer's store; ``find`` reads as the vault does."""

    def __init__(self, database: Database) -> None:
        super().__init__(partial(database.connect, "importer"), patience=0)
        self._rights = PostgresRights(partial(database.connect, "vault"))
        self.find = self._rights.find

    def close(self) -> None:
        super().close()
        self._rights.close()


@dataclass(kw_only=True)
class OnPostgres(Platform):
    database: Database
    opened: list[Stored] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = self.another()

    def another(self) -> Stored:
        self.opened.append(Stored(self.database))
        return self.opened[-1]


@pytest.fixture
def platform(module_database: Database) -> Iterator[OnPostgres]:
    with module_database.as_admin() as admin:
        admin.execute("TRUNCATE sealed.person, sealed.lock, sealed.feed")
    stored = OnPostgres(database=module_database)
    yield stored
    for store in stored.opened:
        store.close()


@pytest.mark.parametrize("role", ["gateway", "auditor"])
@pytest.mark.parametrize("table", ["person", "lock", "feed"])
def test_others_are_refused_at_the_door(module_database, role, table):
    with (
        module_database.connect(role) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(f"SELECT FROM sealed.{table}")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT FROM sealed.person",
        "INSERT INTO sealed.lock SELECT * FROM sealed.lock",
        "DELETE FROM sealed.lock",
        "UPDATE sealed.lock SET ends = NULL",
        "UPDATE sealed.lock SET handle = ''",
    ],
)
def test_the_vault_adds_removes_and_extends_nobody(module_database, statement):
    with (
        module_database.connect("vault") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


def test_a_lost_database_leaves_a_whole_batch_or_none(platform, insurer, monkeypatch):
    """The connection dies in the middle of a batch: its rows and its mark are not there."""
    insurer.prepare(*[row(f"R{n}", number=str(n)) for n in range(9)])  # noqa: F405
    monkeypatch.setattr(import_members, "BATCH", 3)  # noqa: F405
    sealed = []

    class Dying(type(platform.importer.chance)):
        def draw(self, size):
            sealed.append(size)
            if len(sealed) == 8:
                with platform.database.as_admin() as admin:
                    admin.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE usename = 'rempart_importer' AND datname = %s",
                        [platform.database.name],
                    )
            return super().draw(size)

    platform.chance = Dying(b"dying")
    with pytest.raises(TemporarilyUnavailable):  # noqa: F405
        platform.take(insurer.feeds["1"])
    platform.store = platform.another()
    mark = platform.store.last_feed(int(insurer.amc))
    assert mark.rows_done == 3
    report = platform.take(insurer.feeds["1"])
    assert (report.resumed_at, report.added) == (3, 6)


def test_the_same_command_right_after_a_kill_waits_for_the_server_to_see_it(platform, insurer):
    """The lock of a dead import lives until the server notices; a person is not told of it."""
    insurer.prepare(row("R1"))  # noqa: F405
    dying = platform.another()
    dead = dying.exclusive(int(insurer.amc))
    dead.__enter__()
    threading.Timer(0.3, dying.close).start()
    platform.store = PostgresStoreWithPatience(platform.database)
    platform.opened.append(platform.store)
    assert platform.take(insurer.feeds["1"]).added == 1


class PostgresStoreWithPatience(Stored):
    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._patience = 5.0
