"""The product's gateway on the drill's clock: ``python -m rempart.drill.stack.gateway CLOCK``."""

import sys
from pathlib import Path

from rempart.api.command import open_door
from rempart.bootstrap.gateway import door
from rempart.config import Settings
from rempart.drill.stack.clock import SharedClock


def main(clock: Path) -> None:
    """Serve until SIGTERM, as ``rempart gateway run`` does."""
    settings = Settings.from_environ()
    open_door(settings, door(settings), SharedClock(clock))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
