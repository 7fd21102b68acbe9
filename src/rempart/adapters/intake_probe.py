"""Whether the intake of claims can be reached, for public pages: ``IntakeUp`` over TCP.

It asks nothing of the intake but a connection, and once in ``REMEMBERED`` seconds at most, whoever
looks at the page how often.
"""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

REACHED_WITHIN = 0.4
"""Seconds: somebody waits for the page."""
REMEMBERED = 2.0


@dataclass(slots=True)
class IntakeProbe:
    """One a process; ``url`` is where the intake is, over TLS."""

    url: str = field(repr=False)
    _up: bool = False
    _asked_at: float = float("-inf")
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def answers(self) -> bool:
        """Whether it takes connections."""
        async with self._asking:
            if time.monotonic() - self._asked_at >= REMEMBERED:
                self._up = await self._reached()
                self._asked_at = time.monotonic()
        return self._up

    async def _reached(self) -> bool:
        place = urlsplit(self.url)
        try:
            async with asyncio.timeout(REACHED_WITHIN):
                _, writer = await asyncio.open_connection(place.hostname, place.port or 443)
        except (OSError, TimeoutError):
            return False
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return True
