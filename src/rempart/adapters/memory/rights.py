"""Sealed locks in memory: the reference of ``RightsSource``."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rempart.usecases.ports import LockRow


@dataclass(slots=True)
class MemoryRights:
    """Rows by index."""

    rows: dict[bytes, list[LockRow]] = field(default_factory=dict, repr=False)

    def add(self, row: LockRow) -> None:
        """Put a lock."""
        self.rows.setdefault(row.keyed, []).append(row)

    def find(self, indexes: Sequence[bytes]) -> Sequence[LockRow]:
        """All locks under these indexes."""
        return [row for index in set(indexes) for row in self.rows.get(index, ())]
