"""The same chapter on both PostgreSQL servers: intake, judge and incident, each under its role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from rempart.adapters.postgres.incidents import PostgresIncidents
from tests.postgres_servers import Database

# The chapter itself: its facts, told again with the fixture below.
from tests.spec.test_claims_of_breach import *  # noqa: F403
from tests.spec.test_claims_of_breach import Ground
from tests.spec.test_claims_postgres import on_postgres

title = "Claims of a breach, on PostgreSQL"


@pytest.fixture
def ground(module_database: Database) -> Iterator[Ground]:
    with closing(PostgresIncidents(lambda: module_database.connect("incident"))) as evidence:
        for store in on_postgres(module_database):
            yield Ground(store.queue, store.book, evidence, store.know, store.run)
