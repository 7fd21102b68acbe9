"""The same chapter on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgres_servers import Database
from tests.spec.test_claims import Store
from tests.spec.test_claims_postgres import on_postgres

# The chapter itself: its facts, told again with the fixture below.
from tests.spec.test_reconciliation import *  # noqa: F403

title = "Reconciliation of claims, on PostgreSQL"


@pytest.fixture
def store(module_database: Database) -> Iterator[Store]:
    yield from on_postgres(module_database)
