"""The same chapter on PostgreSQL: the ledger, the registry, claims and words, each by its role."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import psycopg
import pytest

from rempart.adapters.postgres.incidents import PostgresIncidents
from rempart.adapters.postgres.ledger import PostgresLedger
from rempart.adapters.postgres.registry import PostgresRegistry
from rempart.domain.errors import TemporarilyUnavailable
from rempart.domain.ruling import Ruling
from rempart.domain.site import SiteKind
from tests.postgres_servers import Database

# The chapter itself: its facts, told again with the fixture below.
from tests.spec.test_incidents import *  # noqa: F403
from tests.spec.test_incidents import OTHER, Ground, Store, real
from tests.worlds import World

title = "Incidents, on PostgreSQL"

LOST = ("ledger.entry", "ledger.subtree", "ledger.checkpoint", "incident.spoken", "billing.told")
RULED = {Ruling.HONOURED: 1, Ruling.PERSON: 2, Ruling.REFUSED: 3}


HELD = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def until_let_go(admin: psycopg.Connection[Any]) -> None:
    """A server process lets go of its lock a moment after its client has gone."""
    for _ in range(500):
        ((held,),) = admin.execute(HELD).fetchall()
        if not held:
            return
        time.sleep(0.01)
    raise AssertionError("a vault still holds the ledger")


def lose(database: Database) -> None:
    """Everything, as only somebody who takes the triggers away can."""
    with database.as_admin() as admin:
        until_let_go(admin)
        for table in LOST:
            admin.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            admin.execute(f"DELETE FROM {table}")
            admin.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
        for table in (
            *("billing.care", "billing.sale", "billing.decision", "billing.ruling"),
            *("billing.claim", "registry.software", "registry.site", "registry.insurer"),
        ):
            admin.execute(f"DELETE FROM {table}")
        admin.execute("DELETE FROM ledger.known")


def store(database: Database, book: PostgresIncidents) -> Store:
    def tamper(digest: bytes, sealed: bytes | None) -> None:
        with database.as_admin() as admin:
            admin.execute("ALTER TABLE incident.spoken DISABLE TRIGGER ALL")
            if sealed is None:
                admin.execute("DELETE FROM incident.spoken WHERE digest = %s", [digest])
            else:
                admin.execute(
                    "UPDATE incident.spoken SET sealed = %s WHERE digest = %s", [sealed, digest]
                )
            admin.execute("ALTER TABLE incident.spoken ENABLE TRIGGER ALL")

    def claim(software: int, received: int, ruling: Ruling | None) -> int:
        with database.as_admin() as admin:
            ((number,),) = admin.execute(
                "INSERT INTO billing.claim (software, site, product, use, key, digest, received,"
                " sealed) VALUES (%s, 1, 0, 1, sha256(gen_random_uuid()::text::bytea),"
                " sha256('d'), %s, 's') RETURNING number",
                [software, received],
            )
            if ruling is not None:
                admin.execute(
                    "INSERT INTO billing.ruling (claim, ruling, rule, amount, ended)"
                    " VALUES (%s, %s, '', 1200, false)",
                    [number, RULED[ruling]],
                )
        return int(number)

    return Store(book, book, tamper, claim)


@pytest.fixture
def ground(module_database: Database) -> Iterator[Ground]:
    lose(module_database)
    ledger = PostgresLedger(partial(module_database.connect, "vault"))
    registry = PostgresRegistry(partial(module_database.connect, "owner"))
    book = PostgresIncidents(partial(module_database.connect, "incident"))
    world = World(store=ledger, registry=registry)
    world.add_site(OTHER, SiteKind.LABORATORY)
    world.service.look()
    yield Ground(real(world), store(module_database, book))
    for each in (ledger, registry, book):
        each.close()


def test_words_are_added_and_never_changed(ground, module_database):
    """Attack: by the role itself, and by the owner."""
    ref = ground.freeze()
    ground.fact(ref, "vu")
    for role in ("incident", "owner"):
        for statement in (
            "UPDATE incident.spoken SET sealed = 'x'",
            "DELETE FROM incident.spoken",
            "TRUNCATE incident.spoken",
        ):
            with module_database.connect(role) as connection, pytest.raises(psycopg.Error) as no:
                connection.execute(statement)
            assert no.value.sqlstate in {"42501", "RM003"}
    assert ground.case(ref).silent == []


def test_a_database_that_is_away_is_said_and_nothing_is_entered(ground, module_database):
    ref, size = ground.freeze(), ground.world.service.ledger.size
    ground.store.kept.close()
    with pytest.raises(TemporarilyUnavailable):
        ground.fact(ref, "vu")
    assert ground.world.service.ledger.size == size
