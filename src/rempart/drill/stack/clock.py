"""A clock that the drill holds in its hand: 24 bytes of a file that each process maps.

It stands still until it is moved on, or runs at the pace of real time from where it was set. Vault
and gateway read it through the port that real time comes through; no setting of theirs names it.
"""

import mmap
import os
import struct
import time
from pathlib import Path

from rempart.config import Settings
from rempart.domain.errors import SetUpRefused

STATE = struct.Struct("<qqq")
"""A count that is odd while the others are written; microseconds since 1970 UTC; the moment of the
machine's monotonic clock (ns) from which it runs, 0 where it stands."""


class SharedClock:
    """The clock, as every process reads it."""

    def __init__(self, path: Path, *, writable: bool = False) -> None:
        file = os.open(path, (os.O_RDWR | os.O_CREAT) if writable else os.O_RDONLY, 0o644)
        try:
            if writable:
                os.ftruncate(file, STATE.size)
            access = mmap.ACCESS_WRITE if writable else mmap.ACCESS_READ
            self._shared = mmap.mmap(file, STATE.size, access=access)
        finally:
            os.close(file)

    def now(self) -> int:
        """Microseconds since 1970-01-01 UTC."""
        while True:
            before, at, anchor = self._read()
            if not before & 1 and self._read()[0] == before:
                return at + (time.monotonic_ns() - anchor) // 1_000 if anchor else at

    def _read(self) -> tuple[int, int, int]:
        count, at, anchor = STATE.unpack_from(self._shared)
        return int(count), int(at), int(anchor)


class ClockHand(SharedClock):
    """The same, held by the drill."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, writable=True)
        self._count = 0

    def move(self, at: int) -> None:
        """Stand at a moment, never before the present one: no clock goes back."""
        self._write(max(at, self.now()), 0)

    def reset(self, at: int) -> None:
        """Stand at any moment: nobody reads it now."""
        self._write(at, 0)

    def run(self) -> None:
        """Go on from the present at the pace of real time."""
        self._write(self.now(), time.monotonic_ns())

    def _write(self, at: int, anchor: int) -> None:
        self._count += 2
        struct.pack_into("<q", self._shared, 0, self._count - 1)
        STATE.pack_into(self._shared, 0, self._count - 1, at, anchor)
        struct.pack_into("<q", self._shared, 0, self._count)


def sandbox_settings() -> Settings:
    """The settings of a process that takes its clock from a drill.

    Raises:
        SetUpRefused: this installation is no sandbox.
    """
    settings = Settings.from_environ()
    if not settings.sandbox:
        raise SetUpRefused("a drill's clock is for sandboxes alone")
    return settings
