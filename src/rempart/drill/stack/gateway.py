"""The product's gateway on the drill's clock: ``python -m rempart.drill.stack.gateway CLOCK``."""

import sys
from collections.abc import Callable
from pathlib import Path

from rempart.adapters.vaultdoor.async_client import AsyncDoor
from rempart.api.command import Door, open_door
from rempart.bootstrap.gateway import door
from rempart.config import Settings
from rempart.drill.stack.clock import SharedClock

Wrap = Callable[[AsyncDoor, SharedClock, Settings], Door]
"""What stands between the gateway and its door: nothing, unless it is in a thief's hands."""


def main(clock_file: Path, wrap: Wrap = lambda vault, clock, settings: vault) -> None:
    """Serve until SIGTERM, as ``rempart gateway run`` does."""
    settings, clock = Settings.from_environ(), SharedClock(clock_file)
    open_door(settings, wrap(door(settings), clock, settings), clock)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
