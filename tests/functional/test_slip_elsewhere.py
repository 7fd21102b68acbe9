"""From ``rempart cutoff set`` to the last that other doors let in: the portal, and the intake."""

from __future__ import annotations

import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace

import httpx2
import pytest

from benchmarks.ground import Ground, ground
from rempart.adapters.claim_sender import CUT_OFF, ClaimSender, NotAcknowledged
from rempart.adapters.identity.certificates import issue_client
from rempart.adapters.system import SystemClock
from rempart.drill.admission import make_tls, operators, trust_operators
from rempart.drill.cut.restoring import SEEN, open_again
from rempart.drill.processes import free_port, port_answers, start, stop, wait
from tests.bills import CLAIM
from tests.postgres_servers import roomy

title = "When something is cut, other doors than the gateway's"

QUIET = 1.2
"""Seconds without anything let in: longer than what is promised."""


@dataclass
class Caller:
    """Comes to a door without a pause; ``last`` is when it was last let in."""

    comes: Callable[[], bool] = field(repr=False)
    last: float = 0.0
    refused: int = 0
    stopping: bool = False

    def run(self) -> None:
        while not self.stopping:
            if self.comes():
                self.last = time.monotonic()
            else:
                self.refused += 1
            time.sleep(0.005)


@contextmanager
def calling(callers: dict[str, Caller]) -> Iterator[None]:
    threads = [threading.Thread(target=each.run) for each in callers.values()]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for each in callers.values():
            each.stopping = True
        for thread in threads:
            thread.join(15)


@contextmanager
def doors(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Ground, dict[str, Caller]]]:
    """Vault, portal and intake as processes; who comes to the last two."""
    web, billing = free_port(), free_port()
    monkeypatch.setenv("REMPART_WEB_URL", f"https://localhost:{web}")
    monkeypatch.setenv("REMPART_WEB_PORT", str(web))
    monkeypatch.setenv("REMPART_BILLING_PORT", str(billing))
    with ground(10, within=roomy()) as made, ExitStack() as open_:
        settings = replace(made.settings, web_port=web, billing_port=billing)
        clients, tls = make_tls(settings, now=SystemClock().now()), settings.tls
        known = issue_client(clients, "pharmacy.example", now=SystemClock().now())
        certificate, key = known.write(tls, "software")
        made.register(1, certificate=known.thumbprint)
        trust_operators(settings)
        open_.enter_context(made.vault())
        for noun, port in (("web", web), ("billing", billing)):
            logs = settings.home / "logs"
            logs.mkdir(exist_ok=True)
            process = start(noun, settings, logs)
            open_.callback(stop, process)
            wait(process, lambda port=port: port_answers(settings, port), logs / f"{noun}.log")
        context = ssl.create_default_context(cafile=tls / "authority.pem")
        http = open_.enter_context(
            httpx2.Client(base_url=f"https://localhost:{web}", verify=context, timeout=15)
        )
        send = open_.enter_context(
            ClaimSender(
                f"https://localhost:{billing}",
                certificate=certificate,
                key=key,
                authorities=tls / "authority.pem",
            )
        )
        yield made, {"portal": Caller(lambda: shown(http)), "intake": Caller(lambda: kept(send))}


def shown(http: httpx2.Client) -> bool:
    """Whether the portal shows who asks their page; else it says that it is cut."""
    reply = http.get("/")
    assert reply.status_code in {200, 503}
    return reply.status_code == 200


def kept(send: ClaimSender) -> bool:
    """Whether the intake acknowledges a claim; else it says that it is cut."""
    try:
        return send(CLAIM).code == "claim-kept"
    except NotAcknowledged as failure:
        if failure.code != CUT_OFF:
            raise
        return False


@pytest.fixture
def made(monkeypatch):
    with doors(monkeypatch) as made:
        yield made


def test_portal_and_intake_are_shut_as_soon_as_it_is_said(made):
    ground_, callers = made
    with calling(callers):
        for words, shut in (
            (("platform",), {"portal", "intake"}),
            (("channel", "portal"), {"portal"}),
            (("channel", "billing"), {"intake"}),
        ):
            time.sleep(SEEN + 0.5)
            began = time.monotonic()
            assert all(began - each.last < 0.5 for each in callers.values()), "nobody comes"
            command = ["cutoff", "set", *words, "--why", "exercise", "--as", "drill"]
            done = subprocess.run(
                [sys.executable, "-m", "rempart", *command],
                env=ground_.environ,
                capture_output=True,
                text=True,
                check=True,
            )
            said = time.monotonic()
            assert "coupé" in done.stdout
            time.sleep(QUIET)
            for name, each in callers.items():
                slipped = each.last - said
                print(f"{' '.join(words)}, {name}: {each.last - began:.3f} s, {slipped:.3f} s")
                if name in shut:
                    assert slipped < 1, (words, name)
                    assert each.refused, (words, name)
                else:
                    assert slipped > QUIET / 2, (words, name)
            open_again(ground_.settings, operators(ground_.settings), SystemClock())
