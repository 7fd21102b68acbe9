"""The registrar's assembly: the operator's back office, with the owner's role and no key."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial

from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.registry import PostgresRegistry
from rempart.config import Settings


@contextmanager
def registrar(settings: Settings) -> Iterator[PostgresRegistry]:
    """The registry, open for writing."""
    with closing(PostgresRegistry(partial(connect, "owner", settings))) as registry:
        yield registry
