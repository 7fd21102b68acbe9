"""An insurer's or a shop's own SQLite file: closed to others, changed by one at a time."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rempart.domain.errors import TemporarilyUnavailable


def opened(path: Path, *, wait: float) -> sqlite3.Connection:
    """The file, made if need be; ``wait`` is for the change of another to end, in seconds."""
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, isolation_level=None, timeout=wait)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


@contextmanager
def one_change(connection: sqlite3.Connection, busy: str) -> Iterator[None]:
    """One change; what it does not end is gone.

    Raises ``TemporarilyUnavailable``, saying ``busy``, while another is under way.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        raise TemporarilyUnavailable(busy) from None
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
