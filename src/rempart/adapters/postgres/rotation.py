"""Locks as key rotation sees them, on PostgreSQL: ``LockVault``, under the vault's role."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from rempart.adapters.postgres.connections import translated
from rempart.adapters.postgres.members import PATIENCE, exclusive
from rempart.adapters.postgres.queries import queries
from rempart.usecases.member_ports import SealedLock

SQL = queries("rotation")


class PostgresLockVault:
    """One connection, in autocommit: a batch is one statement."""

    def __init__(
        self, connect: Callable[[], psycopg.Connection[Any]], *, patience: float = PATIENCE
    ) -> None:
        self._connection = connect()
        self._connection.autocommit = True
        self._patience = patience

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    @contextmanager
    def exclusive_of_all(self) -> Iterator[None]:
        """Shut every import, rotation and erasure out."""
        with exclusive(self._connection, None, patience=self._patience):
            yield

    def amcs(self) -> Sequence[int]:
        """Insurers that have locks."""
        with translated():
            return [amc for (amc,) in self._connection.execute(SQL["amcs"])]

    def stale(
        self,
        amc: int,
        *,
        index_version: int,
        key_version: int,
        after: SealedLock | None,
        limit: int,
    ) -> Sequence[SealedLock]:
        """Locks under other versions than these, in the order of their key."""
        values = {
            "amc": amc,
            "index_version": index_version,
            "key_version": key_version,
            "handle": after.handle if after else b"",
            "kind": after.kind if after else 0,
            "serial": after.serial if after else 0,
            "limit": limit,
        }
        with translated():
            rows = self._connection.execute(SQL["stale"], values, prepare=False, binary=True)
            return [SealedLock(*row) for row in rows]

    def move(self, locks: Sequence[SealedLock]) -> None:
        """Write index, versions and outer layer anew, in one statement."""
        if not locks:
            return
        columns = list(zip(*locks, strict=True))
        indexes, _, handles, kinds, serials, _, key_versions, index_versions, stored = columns
        values = {
            "amc": locks[0].amc,
            "handles": list(handles),
            "kinds": list(kinds),
            "serials": list(serials),
            "indexes": list(indexes),
            "key_versions": list(key_versions),
            "index_versions": list(index_versions),
            "stored": list(stored),
        }
        with translated():
            self._connection.execute(SQL["move"], values, prepare=False)

    def versions(self, amc: int) -> tuple[frozenset[int], frozenset[int]]:
        """Versions in use for an insurer."""
        with translated():
            row = self._connection.execute(SQL["versions"], {"amc": amc}).fetchone()
        assert row is not None
        return frozenset(row[0] or ()), frozenset(row[1] or ())
