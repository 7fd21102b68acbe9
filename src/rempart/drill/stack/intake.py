"""The product's intake on the drill's clock: ``python -m rempart.drill.stack.intake CLOCK``."""

import sys
from pathlib import Path

from rempart.api.intake_command import open_intake
from rempart.bootstrap.billing import intake
from rempart.config import Settings
from rempart.domain.errors import SetUpRefused
from rempart.drill.stack.clock import SharedClock


def main(clock: Path) -> None:
    """Serve until SIGTERM, as ``rempart billing run`` does.

    Raises:
        SetUpRefused: this installation is no sandbox.
    """
    settings = Settings.from_environ()
    if not settings.sandbox:
        raise SetUpRefused("a drill's clock is for sandboxes alone")
    open_intake(settings, intake(settings, SharedClock(clock)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
