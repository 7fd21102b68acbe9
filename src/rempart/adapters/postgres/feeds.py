"""How far each insurer's feeds have come, on PostgreSQL: read with the vault's role."""

from rempart.adapters.postgres.connections import Lasting
from rempart.adapters.postgres.queries import queries
from rempart.usecases.insurer_staff_ports import FeedSeen

SQL = queries("feeds")


class PostgresFeeds(Lasting):
    """One connection, opened when it is first asked."""

    def last(self, amc: int) -> FeedSeen | None:
        """The last feed of an insurer."""
        with self._open() as connection:
            row = connection.execute(SQL["last_feed"], {"amc": amc}).fetchone()
        return None if row is None else FeedSeen(sequence=row[0], whole=row[1], at=row[2])
