"""The same chapter on PostgreSQL: the vault under its own role, the operator as the auditor."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from rempart.adapters.postgres.ledger import PostgresLedger
from rempart.adapters.postgres.ledger_view import ledger_view
from tests.postgres_servers import Database

# The chapter itself: its facts, told again with the fixture below.
from tests.spec.test_access import *  # noqa: F403
from tests.spec.test_access import Asking, Ground, furnished
from tests.spec.test_incidents_postgres import lose
from tests.worlds import World

title = "Who read my rights, by the insurer, on PostgreSQL"


@pytest.fixture
def ground(module_database: Database) -> Iterator[Ground]:
    lose(module_database)
    ledger = PostgresLedger(partial(module_database.connect, "vault"))
    world = World(insurer=Asking(amc="99990001"), store=ledger)
    yield furnished(world, partial(ledger_view, partial(module_database.connect, "auditor")))
    ledger.close()
