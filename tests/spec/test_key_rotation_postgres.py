"""The same chapter on both PostgreSQL servers: rotation as the vault, erasure as the importer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import partial

import pytest

from rempart.adapters.postgres.rights import PostgresRights
from rempart.adapters.postgres.rotation import PostgresLockVault
from tests.postgres_servers import Database
from tests.spec.test_import_postgres import OnPostgres
from tests.spec.test_key_rotation import *  # noqa: F403
from tests.worlds import World

title = "Keys rotate, on PostgreSQL"


@pytest.fixture
def ground(module_database: Database) -> Iterator[Ground]:  # noqa: F405
    with module_database.as_admin() as admin:
        admin.execute("TRUNCATE sealed.person, sealed.lock, sealed.feed")
    as_vault = partial(module_database.connect, "vault")
    platform = OnPostgres(database=module_database)
    with (
        closing(PostgresRights(as_vault)) as rights,
        closing(PostgresLockVault(as_vault, patience=0)) as locks,
    ):
        yield Ground(World(rights=rights), platform, locks)  # noqa: F405
    for store in platform.opened:
        store.close()
