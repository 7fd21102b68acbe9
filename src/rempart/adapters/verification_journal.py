"""What a shop verified offline, in SQLite, in a file that its owner alone reads.

It is ``VerificationJournal``. What is forgotten is overwritten: a code opens rights.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rempart.adapters.own_file import opened
from rempart.domain.coverage import Domain
from rempart.usecases.report_verifications import Verification

WAIT = 5.0
"""Seconds for another counter's change to end."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS verification (
    place INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, code TEXT NOT NULL, amc TEXT NOT NULL,
    domain INTEGER NOT NULL, care TEXT NOT NULL, made INTEGER NOT NULL, UNIQUE (code, domain, care)
)
"""


class SqliteVerificationJournal:
    """One shop's journal."""

    def __init__(self, path: Path) -> None:
        self._connection = opened(path, wait=WAIT)
        self._connection.execute("PRAGMA secure_delete = ON")
        self._connection.execute(SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def add(self, verification: Verification) -> bool:
        """Note one; whether it is new."""
        each = verification
        added = self._connection.execute(
            "INSERT OR IGNORE INTO verification (number, code, amc, domain, care, made)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (each.number, each.code, each.amc, each.domain, each.care.isoformat(), each.made),
        )
        return added.rowcount == 1

    def waiting(self) -> Sequence[Verification]:
        """All of them, in the order in which they were noted."""
        rows = self._connection.execute(
            "SELECT number, code, amc, domain, care, made FROM verification ORDER BY place"
        )
        return [
            Verification(
                number=number,
                code=code,
                amc=amc,
                domain=Domain(domain),
                care=date.fromisoformat(care),
                made=made,
            )
            for number, code, amc, domain, care, made in rows
        ]

    def forget(self, number: str) -> None:
        """Erase one."""
        self._connection.execute("DELETE FROM verification WHERE number = ?", (number,))
