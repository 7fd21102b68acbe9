"""Fixtures that every room may use: real PostgreSQL servers and databases of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgres_servers import (
    Database,
    Server,
    debian,
    embedded,
    fresh_database,
    newest_debian,
    reachable_folder,
)

# Nothing is timed here: other tests run on the same cores.
settings.register_profile("rempart", deadline=None)
settings.load_profile("rempart")


@pytest.fixture(scope="session", params=["embedded", "debian"])
def postgres(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server with its template: the wheel's, then Debian's where it is installed."""
    if request.param == "embedded":
        with embedded() as server:
            yield server
        return
    bin_dir = newest_debian()
    if bin_dir is None:
        pytest.skip("no PostgreSQL in /usr/lib/postgresql: apt-get install postgresql")
    with debian(bin_dir) as server:
        yield server


@pytest.fixture
def database(postgres: Server) -> Iterator[Database]:
    """A migrated database for one test."""
    with fresh_database(postgres) as fresh:
        yield fresh


@pytest.fixture(scope="module")
def module_database(postgres: Server) -> Iterator[Database]:
    """A migrated database for one module."""
    with fresh_database(postgres) as fresh:
        yield fresh


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder for an installation; its ``postgres`` is erased at the end."""
    with reachable_folder() as folder:
        yield folder
