"""The product's vault on the drill's clock: ``python -m rempart.drill.stack.vault CLOCK``."""

import sys
from dataclasses import replace
from pathlib import Path

from rempart.bootstrap.vault import assemble, ports
from rempart.drill.stack.clock import SharedClock, sandbox_settings
from rempart.vault.process import harden, run


def main(clock: Path) -> None:
    """Serve until SIGTERM, as ``rempart vault run`` does.

    Raises:
        SetUpRefused: this installation is no sandbox.
    """
    settings = sandbox_settings()
    harden()
    parts = replace(ports(settings), clock=SharedClock(clock))
    run(assemble(settings, parts), settings.vault_socket, group=settings.gateway_group)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
