"""Look at the intake of claims for whoever reads a public page: once in a while, for all of them.

Anybody may read such a page, as often as they like: it costs the intake, and its database, no more
than one look in ``REMEMBERED`` seconds.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

REMEMBERED = 2.0


@dataclass(slots=True)
class LookAtIntake:
    """``IntakeUp``, one a process; ``asks`` takes a bounded time and never raises."""

    asks: Callable[[], Awaitable[bool]] = field(repr=False)
    _up: bool = False
    _asked_at: float = float("-inf")
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def answers(self) -> bool:
        """Whether it took claims in when it was last looked at."""
        async with self._asking:
            if time.monotonic() - self._asked_at >= REMEMBERED:
                self._up = await self.asks()
                self._asked_at = time.monotonic()
        return self._up
