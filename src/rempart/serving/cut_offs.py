"""What a door does about cut-offs: close at once, and never hang.

The vault itself refuses what is cut: no answer slips through for want of what is here. A door that
reads the row answers even where the vault is slow or gone, and passes nothing on.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from rempart.domain.cutoff import EVERYTHING, Key, seconds_left
from rempart.domain.cutoff_words import Channel, Scope
from rempart.serving.declined import Declined
from rempart.usecases.ports import Clock
from rempart.usecases.read_cut_offs import Rows, over

ENTRY_WITHIN = 0.5
"""Seconds that a caller who is cut waits for the vault to write their attempt down."""


@dataclass(frozen=True, slots=True)
class Switches:
    """The row as one way in is held by it; one that cannot be read shuts it, unless told not to:
    then what the last one cut stays cut, and nothing else is.
    """

    rows: Rows = field(repr=False)
    clock: Clock
    channel: Channel
    shut_unread: bool = True

    @property
    def _way(self) -> tuple[Key, ...]:
        return (Scope.CHANNEL, self.channel), (Scope.PLATFORM, EVERYTHING)

    async def over_rights(self) -> Declined | None:
        """Why no question passes, if none does."""
        return await self._over(*self._way, (Scope.RIGHTS, EVERYTHING))

    async def over_way(self) -> Declined | None:
        """Why nobody comes in by this way, if nobody does."""
        return await self._over(*self._way)

    async def _over(self, *keys: Key) -> Declined | None:
        row = await (self.rows.standing() if self.shut_unread else self.rows.last())
        if row is None:
            return Declined("unavailable") if self.shut_unread else None
        now = self.clock.now()
        cut = over(row, keys, now)
        return None if cut is None else Declined("cut-off", after=seconds_left(cut, now))


async def leave_entry(declined: Declined, attempt: Callable[[], Awaitable[object]]) -> None:
    """Have the vault write down who could not be served; what it says is passed on to nobody.

    Only of what is known to be cut: a vault that does not know it would answer, and count it.
    """
    if declined.code == "cut-off":
        with suppress(Exception):
            async with asyncio.timeout(ENTRY_WITHIN):
                await attempt()
