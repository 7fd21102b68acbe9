"""The platform of the cut's town: vault, gateways and intake as processes, on the drill's clock."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from rempart.config import Settings
from rempart.drill.processes import free_port, port_answers, vault_answers, wait
from rempart.drill.stack.processes import GATEWAY, INTAKE, VAULT, process


@dataclass(slots=True)
class Stack:
    """The processes of the platform, on the drill's clock."""

    settings: Settings
    environ: Mapping[str, str] = field(repr=False)
    clock: Path
    ports: Sequence[int] = field(repr=False)
    open_: ExitStack = field(repr=False)
    intake: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)
    kills: int = 0

    @classmethod
    def of(
        cls,
        settings: Settings,
        environ: Mapping[str, str],
        clock: Path,
        *,
        gateways: int,
        open_: ExitStack,
    ) -> "Stack":
        """So many gateways, each on a port of its own; all of it ends with ``open_``."""
        ports = [settings.port, *(free_port() for _ in range(gateways - 1))]
        return cls(settings, environ, clock, ports, open_)

    def start(self) -> None:
        """Vault, gateways, intake, at once; each answers."""
        vault = self._start(VAULT, {})
        gateways = [self._start(GATEWAY, {"REMPART_PORT": str(port)}) for port in self.ports]
        self.intake = self._start(INTAKE, {})
        wait(vault, lambda: vault_answers(self.settings.vault_socket), self._log(VAULT))
        for gateway, port in zip(gateways, self.ports, strict=True):
            wait(gateway, partial(port_answers, self.settings, port), self._log(GATEWAY))
        self._wait_for_intake()

    def kill_intake(self) -> None:
        """``kill -9``, and start it again."""
        assert self.intake is not None
        os.kill(self.intake.pid, signal.SIGKILL)
        self.intake.wait()
        self.kills += 1
        self.intake = self._start(INTAKE, {})
        self._wait_for_intake()

    def _wait_for_intake(self) -> None:
        assert self.intake is not None
        answers = partial(port_answers, self.settings, self.settings.billing_port)
        wait(self.intake, answers, self._log(INTAKE))

    def _start(self, module: str, more: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        log = self._log(module)
        log.parent.mkdir(exist_ok=True)
        environ = {**self.environ, "REMPART_BASE_URL": self.settings.base_url, **more}
        return self.open_.enter_context(process(module, self.clock, environ, log))

    def _log(self, module: str) -> Path:
        return self.settings.home / "logs" / f"{module.rpartition('.')[2]}.log"


@contextmanager
def a_home() -> Iterator[tuple[Settings, dict[str, str]]]:
    """An installation of its own, with the environment of its processes; erased at the end."""
    with tempfile.TemporaryDirectory(prefix="rempart-cut-") as folder:
        home = Path(folder) / "home"
        home.mkdir(mode=0o711)
        Path(folder).chmod(0o711)
        environ = {
            "REMPART_HOME": str(home),
            "REMPART_INSTANCE": "sandbox",
            "REMPART_PORT": str(free_port()),
            "REMPART_BILLING_PORT": str(free_port()),
        }
        yield Settings.from_environ(environ), environ
