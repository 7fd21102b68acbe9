"""The same chapter on both PostgreSQL servers: rotation as the vault, erasure as the importer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import partial

import pytest

from rempart.adapters.postgres.handles import PostgresHandles
from rempart.adapters.postgres.rights import PostgresRights
from rempart.adapters.postgres.rotation import PostgresLockVault
from tests.postgres_servers import Database
from tests.spec.test_import_postgres import OnPostgres
from tests.spec.test_key_rotation import *  # noqa: F403
from tests.worlds import World

title = "Keys rotate, on PostgreSQL"


class OnTables(Ground):  # noqa: F405
    """The same, in tables."""

    def closed_until(self, day):
        with self.platform.database.as_admin() as admin:
            until = "UPDATE sealed.named SET until = %s::timestamp AT TIME ZONE 'UTC'"
            admin.execute(until, [day])

    def named(self, amc):
        with self.platform.database.connect("vault") as reading:
            return {*PostgresHandles(reading).handles(amc)}


@pytest.fixture
def ground(module_database: Database) -> Iterator[Ground]:  # noqa: F405
    with module_database.as_admin() as admin:
        admin.execute("TRUNCATE sealed.person, sealed.lock, sealed.feed, sealed.leaving")
        admin.execute("UPDATE sealed.named SET until = %s", [LATE])  # noqa: F405
    as_vault = partial(module_database.connect, "vault")
    platform = OnPostgres(database=module_database)
    with (
        closing(PostgresRights(as_vault)) as rights,
        closing(PostgresLockVault(as_vault, patience=0)) as locks,
    ):
        yield OnTables(World(rights=rights), platform, locks)
    for store in platform.opened:
        store.close()
