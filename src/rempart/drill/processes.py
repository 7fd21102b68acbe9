"""The demo's processes: the vault and the gateway, started, watched, stopped."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from rempart.adapters.vaultdoor.client import Door
from rempart.config import Settings
from rempart.domain.errors import SetUpRefused, TemporarilyUnavailable
from rempart.usecases.messages import Status

START_WITHIN = 60.0
STOP_WITHIN = 20.0


@contextmanager
def processes(settings: Settings) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Vault and gateway, answering; the gateway is stopped first, then the vault drains.

    Raises:
        SetUpRefused: the port is taken, or one of them does not start.
    """
    refuse_taken(settings)
    logs = settings.home / "logs"
    logs.mkdir(exist_ok=True)
    running: list[subprocess.Popen[bytes]] = []
    try:
        vault = start("vault", settings, logs)
        running.append(vault)
        wait(vault, lambda: vault_answers(settings.vault_socket), logs / "vault.log")
        gateway = start("gateway", settings, logs)
        running.append(gateway)
        wait(gateway, lambda: port_answers(settings), logs / "gateway.log")
        yield running
    finally:
        for process in reversed(running):
            stop(process)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Let it drain, and kill it if it takes too long."""
    process.terminate()
    try:
        process.wait(STOP_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def start(noun: str, settings: Settings, logs: Path) -> subprocess.Popen[bytes]:
    """``rempart NOUN run``, its lines in a file of its own."""
    with (logs / f"{noun}.log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-P", "-m", "rempart", noun, "run"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "REMPART_HOME": str(settings.home)},
            # Ctrl-C is for the demo; it stops them in order.
            start_new_session=True,
        )


def wait(process: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path) -> None:
    """Return once ``ready``.

    Raises:
        SetUpRefused: it ended, or took too long.
    """
    end = time.monotonic() + START_WITHIN
    while not ready():
        if process.poll() is not None or time.monotonic() > end:
            lines = log.read_text(errors="replace").splitlines()
            last = lines[-1] if lines else "no line was written"
            raise SetUpRefused(f"{log.stem} did not start: {last}")
        time.sleep(0.03)


def vault_answers(path: Path) -> bool:
    """Whether a vault answers on its socket."""
    try:
        with Door(path) as door:
            door.ask(Status())
    except TemporarilyUnavailable:
        return False
    return True


def port_answers(settings: Settings, port: int | None = None) -> bool:
    """Whether somebody listens on the gateway's port, or on another."""
    with socket.socket() as probe:
        return probe.connect_ex((settings.host, port or settings.port)) == 0


def free_port() -> int:
    """A port of this machine that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def refuse_taken(settings: Settings) -> None:
    """Return if the gateway's port is free.

    Raises:
        SetUpRefused: it is not.
    """
    if port_answers(settings):
        raise SetUpRefused(f"port {settings.port} is taken: give another as REMPART_PORT")


def until_stopped(running: list[subprocess.Popen[bytes]]) -> None:
    """Wait for Ctrl-C, SIGTERM, or the end of a process.

    Raises:
        SetUpRefused: a process ended by itself.
    """

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        while all(process.poll() is None for process in running):
            time.sleep(0.2)
    except KeyboardInterrupt:
        return
    raise SetUpRefused("a process ended by itself: see its log")


def roomy(room: int) -> Path:
    """A file system in memory with ``room`` bytes free, or where temporary files usually go.

    What is killed here is a process, never a machine: nothing is lost that ``fsync`` would keep.
    """
    memory = Path("/dev/shm")  # noqa: S108 - a folder of one's own is made in it
    with suppress(OSError):
        if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > room:
            return memory
    return Path(tempfile.gettempdir())
