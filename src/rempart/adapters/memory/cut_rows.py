"""The row of cut-offs in memory: what a vault writes, a door reads."""

from dataclasses import dataclass


@dataclass(slots=True)
class MemoryCutRow:
    """One note, or none."""

    note: str | None = None

    def put(self, *, epoch: int, note: str) -> None:
        """Replace the row."""
        del epoch
        self.note = note

    async def read(self) -> str | None:
        """The note, or nothing."""
        return self.note
