"""The back office's assembly: the registry and the term of entries; the owner's role, no key."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial

from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.registry import PostgresRegistry
from rempart.adapters.postgres.retention import PostgresRetention
from rempart.config import Settings


@contextmanager
def registrar(settings: Settings) -> Iterator[PostgresRegistry]:
    """The registry, open for writing."""
    with closing(PostgresRegistry(partial(connect, "owner", settings))) as registry:
        yield registry


@contextmanager
def retention(settings: Settings) -> Iterator[PostgresRetention]:
    """The term of entries."""
    with closing(connect("owner", settings)) as connection:
        yield PostgresRetention(connection)
