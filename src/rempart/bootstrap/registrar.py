"""The back office's assembly: registry, term of entries, what sites know; owner's role, no key."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial

from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.known import known_table
from rempart.adapters.postgres.ledger_view import ledger_view
from rempart.adapters.postgres.registry import PostgresRegistry
from rempart.adapters.postgres.retention import PostgresRetention
from rempart.config import Settings
from rempart.usecases.rebuild_known import RebuildKnown


@contextmanager
def registrar(settings: Settings) -> Iterator[PostgresRegistry]:
    """The registry, open for writing."""
    with closing(PostgresRegistry(partial(connect, "owner", settings))) as registry:
        yield registry


@contextmanager
def rebuild(settings: Settings) -> Iterator[tuple[RebuildKnown, int]]:
    """The rebuild of what sites know, and how many entries it will read."""
    own = partial(connect, "owner", settings)
    with known_table(own) as table, ledger_view(own) as view:
        last = view.last_checkpoint()
        yield RebuildKnown(view, table), last.size if last else 0


@contextmanager
def retention(settings: Settings) -> Iterator[PostgresRetention]:
    """The term of entries."""
    with closing(connect("owner", settings)) as connection:
        yield PostgresRetention(connection)
