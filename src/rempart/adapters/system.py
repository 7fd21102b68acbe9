"""The machine's clock and its chance."""

import os
import time


class SystemClock:
    """Real time."""

    def now(self) -> int:
        """Microseconds since 1970-01-01 UTC."""
        return time.time_ns() // 1_000


class SystemChance:
    """The kernel's generator, drawn in pages: a system call each 256 salts."""

    def __init__(self) -> None:
        self._page = b""

    def draw(self, size: int) -> bytes:
        """``size`` fresh random bytes, never given twice."""
        if len(self._page) < size:
            self._page = os.urandom(max(size, 4096))
        drawn, self._page = self._page[:size], self._page[size:]
        return drawn
