"""The product's intake on the drill's clock: ``python -m rempart.drill.stack.intake CLOCK``."""

import sys
from pathlib import Path

from rempart.api.intake_command import open_intake
from rempart.bootstrap.billing import intake
from rempart.drill.stack.clock import SharedClock, sandbox_settings


def main(clock: Path) -> None:
    """Serve until SIGTERM, as ``rempart billing run`` does.

    Raises:
        SetUpRefused: this installation is no sandbox.
    """
    settings = sandbox_settings()
    open_intake(settings, intake(settings, SharedClock(clock)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
