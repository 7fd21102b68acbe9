"""A phone's page on a host of its own, an insurer behind it, and a vault in memory before both,
with the platform's portal.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from rempart.adapters.memory.phones import MemoryPhoneBook
from rempart.adapters.memory.world import MemoryClock
from rempart.adapters.system import SystemClock
from rempart.bootstrap.phones import answer_bytes, read_request
from rempart.domain.containment import Authority, Decision, Stage, Why
from rempart.domain.coverage import Period
from rempart.domain.site import SiteKind
from rempart.serving.phone_door import phone_door
from rempart.serving.phone_page import write_phone_page
from rempart.usecases.incident_messages import SayOfIncident
from rempart.usecases.insurer_keys import HANDLE, card_signing_key
from rempart.usecases.messages import Reply, Request
from rempart.web.application import portal
from tests.insurers import row
from tests.spec.test_phones import Desk
from tests.switches import OPEN
from tests.worlds import AnInsurer, Card, World

YEAR = datetime.now(UTC).year
ENDS = date(YEAR + 1, 12, 31)
PERIODS = f"{YEAR}-01-01/{ENDS}@{YEAR - 1}-12-01"
MEMBER = row("REF-1", cards=f"1.1:{ENDS}", periods=PERIODS)
CHILD = row("REF-2", number="9", rank="2", born="2019-02-30", cards=f"1.1:{ENDS}", periods=PERIODS)
OTHER_SITE = "STRUCT:PHAR2"


def micros() -> int:
    return int(time.time() * 1_000_000)


class Running:
    """A server on ``localhost``, in a thread."""

    def __init__(self, app: Starlette, port: int = 0) -> None:
        config = uvicorn.Config(app, port=port, log_config=None, lifespan="off")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)
        self.port = self.server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(10)


@dataclass
class Door:
    """The vault's door without its socket."""

    world: World

    async def ask(self, request: Request) -> Reply:
        self.world.clock.at = max(self.world.clock.at, micros())
        return self.world.service([request])[0]


@dataclass
class Host:
    """What stands behind the page's address."""

    folder: Path
    desk: Desk = field(default_factory=lambda: Desk(MemoryPhoneBook(), now=int(time.time())))
    world: World = field(init=False)
    card: Card = field(init=False)
    platform: Running = field(init=False)
    page: Running = field(init=False)
    port: int = 0

    def __post_init__(self) -> None:
        keys = self.desk.insurer.keys
        insurer = AnInsurer(
            amc=self.desk.insurer.amc,
            key=card_signing_key(keys),
            key_h=keys.get(HANDLE),
            key_c=keys.get("card/1"),
        )
        self.world = World(insurer=insurer, clock=MemoryClock(micros()))
        self.world.add_site(OTHER_SITE, SiteKind.PHARMACY)
        since, first = date(YEAR - 1, 12, 1), date(YEAR, 1, 1)
        periods = (Period(known_since=since, valid_from=first, valid_to=ENDS),)
        self.card = self.world.member("REF-1", periods=periods, ends=ENDS)
        door, clock = Door(self.world), SystemClock()
        self.platform = Running(portal(door, rows=OPEN, clock=clock, instance="demo", web_url=""))
        verifier = self.world.service.ledger.signer.verifier
        write_phone_page(self.folder, verifier, f"http://localhost:{self.platform.port}")
        self.publish(self.world.presence_note())

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}/"

    def publish(self, note: str) -> None:
        """The vault's note, as the host's hourly copy has it."""
        (self.folder / "presence-key").write_text(note, encoding="utf-8")

    def answer(self, body: bytes, *, now: int) -> bytes:
        self.desk.now = now
        return answer_bytes(self.desk(read_request(body)))

    def ask(self, code: str, site: str = "STRUCT:PHAR1", **more: str):
        """What the vault answers to a site that has scanned this, now."""
        self.world.clock.at = max(self.world.clock.at, micros())
        today = datetime.now(UTC).date().isoformat()
        return self.world.ask(self.world.sign_in(site), code, care_date=today, **more)

    def freeze(self, name: str) -> None:
        """The guard stops this account; nothing is found yet."""
        contain = self.world.service.contain
        decision = Decision(authority=Authority.GUARD, why=Why.INSISTED)
        contain.decide(contain.account(name), Stage.FROZEN, decision)

    def found(self, name: str) -> int:
        """An incident: this account is a thief's; its number."""
        opened = SayOfIncident(0, "opened", "nadia", b"1" * 32, origin="person")
        (incident,) = {each.incident for each in self.world.service([opened])}
        since = micros() - 60_000_000
        self.world.service(
            [
                SayOfIncident(
                    *(incident, "finding", "nadia", b"2" * 32),
                    accounts=(name,),
                    earliest=since,
                    rest="thief",
                )
            ]
        )
        return incident

    def start(self) -> None:
        self.page = Running(phone_door(self.answer, self.folder), self.port)
        self.port = self.page.port

    def stop(self) -> None:
        self.page.stop()


@contextmanager
def phone_host(folder: Path) -> Iterator[Host]:
    """A page and its insurer on ``localhost``, until the block ends."""
    host = Host(folder)
    host.start()
    try:
        yield host
    finally:
        host.stop()
        host.platform.stop()
