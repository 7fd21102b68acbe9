"""The gateway's assembly: a door to the vault, a clock. No key of a record, no table."""

from rempart.adapters.system import SystemClock
from rempart.adapters.vaultdoor.client import AsyncDoor
from rempart.config import Settings
from rempart.usecases.ports import Clock


def door(settings: Settings) -> AsyncDoor:
    """The vault's socket, opened at the first question."""
    return AsyncDoor(settings.vault_socket)


def clock() -> Clock:
    """Real time."""
    return SystemClock()
