"""Sealed locks on PostgreSQL: ``RightsSource``."""

from collections.abc import Sequence

from rempart.adapters.postgres.connections import Lasting
from rempart.adapters.postgres.queries import queries
from rempart.usecases.ports import LockRow

SQL = queries("rights")


class PostgresRights(Lasting):
    """Reads on one connection, opened again when it was lost."""

    def find(self, indexes: Sequence[bytes]) -> Sequence[LockRow]:
        """All locks under these indexes, in one reading."""
        packed = {"indexes": b"".join(indexes)}
        with self._open() as connection:
            cursor = connection.execute(SQL["find"], packed, prepare=True, binary=True)
            return [LockRow._make(row) for row in cursor]
