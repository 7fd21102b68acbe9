"""Vault and gateway of a drill, each a process of its own on the drill's clock.

They are given their settings as any operator would give them, and nothing of what stands in the
drill's own environment.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rempart.config import Settings
from rempart.drill.processes import port_answers, stop, vault_answers, wait

VAULT, GATEWAY = "rempart.drill.stack.vault", "rempart.drill.stack.gateway"
INTAKE = "rempart.drill.stack.intake"


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Of a process: ours without settings, and these."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("REMPART_")}
    return {**ours, **environ}


@contextmanager
def running(
    settings: Settings, environ: Mapping[str, str], clock: Path, *, gateway: str = GATEWAY
) -> Iterator[None]:
    """Both, answering; the gateway stops first, then the vault drains.

    Raises:
        SetUpRefused: one of them does not start.
    """
    logs = settings.home / "logs"
    logs.mkdir(exist_ok=True)
    with process(VAULT, clock, environ, logs / "vault.log") as vault:
        wait(vault, lambda: vault_answers(settings.vault_socket), logs / "vault.log")
        with process(gateway, clock, environ, logs / "gateway.log") as door:
            wait(door, lambda: port_answers(settings), logs / "gateway.log")
            yield


@contextmanager
def process(
    module: str, clock: Path, environ: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """One of them, started; it may not answer yet."""
    with log.open("ab") as lines:
        started = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-P", "-m", module, str(clock)],
            stdin=subprocess.DEVNULL,
            stdout=lines,
            stderr=lines,
            env=environment(environ),
            start_new_session=True,
        )
    try:
        yield started
    finally:
        stop(started)
