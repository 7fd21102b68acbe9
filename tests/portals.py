"""A portal on this machine: a vault in memory, Pro Santé Connect's simulator, TLS, one server."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from starlette.applications import Starlette

from rempart.adapters.identity.bounded_http import new_http
from rempart.adapters.identity.certificates import issue_server, make_authority
from rempart.adapters.identity.passkeys import WebAuthnPasskeys
from rempart.adapters.identity.pro_sante import ProSanteTokens
from rempart.adapters.identity.pro_sante_client import ProSanteClient, Provider
from rempart.adapters.identity.proofs import DpopProofs
from rempart.adapters.identity.trusted_keys import keys_from
from rempart.adapters.memory.insurer_facts import MemoryFacts
from rempart.adapters.memory.people import MemoryPeople
from rempart.adapters.system import SystemChance, SystemClock
from rempart.domain.containment import Authority, Decision, Stage, Why
from rempart.domain.cutoff_words import NARROW
from rempart.domain.person import ENROLMENT_LIFE, Person, Role
from rempart.drill.psc import serve
from rempart.drill.psc.memory import Client, Memory
from rempart.drill.stage import SEED
from rempart.serving.listener import Listen, server
from rempart.usecases.assemble_vault import PeoplePorts, VaultPorts
from rempart.usecases.cut_off_row import Row
from rempart.usecases.messages import Reply, Request
from rempart.usecases.ports import Account
from rempart.usecases.register_passkeys import code_hash, code_text
from rempart.web.application import portal
from tests.switches import row
from tests.worlds import World

CLIENT_ID, SECRET = "rempart-portal", "a secret of the tests"


@dataclass(kw_only=True)
class PortalWorld(World):
    """The world of the spec tests, on real time, with people of the simulator's country."""

    folder: Path
    origin: str
    psc: Memory
    with_pro_sante: bool = True
    facts: MemoryFacts = field(default_factory=MemoryFacts)
    people: MemoryPeople = field(init=False)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.clock, self.chance = SystemClock(), SystemChance()  # type: ignore[assignment]
        self.people = MemoryPeople(self.registry)
        super().__post_init__()
        for person in self.psc.people:
            for post in person.posts:
                if post.site is not None:
                    self.add_site(post.site.site.value, post.site.kind)
        self.service.look()

    def ports(self) -> VaultPorts:
        keys = self.folder / "psc-keys.json"
        serve.write_keys(self.psc, keys)
        tokens = ProSanteTokens(
            issuer=self.psc.issuer, client_id=CLIENT_ID, keys=keys_from(keys), lenient_key=True
        )
        people = PeoplePorts(
            proofs=DpopProofs(),
            passkeys=WebAuthnPasskeys(rp_id="localhost", rp_name="Rempart", origin=self.origin),
            store=self.people,
            web_url=self.origin,
            facts=self.facts,
            views=lambda: nullcontext(self.store),
            tokens=tokens if self.with_pro_sante else None,
        )
        return replace(super().ports(), people=people)

    def contracted(self, place: int, *posts: int) -> Person:
        """One of the simulator's professionals, at some of their sites; the first is told."""
        someone = self.psc.people[place]
        with self.lock:
            numbers = []
            for post in posts or (0,):
                at = someone.posts[post].site
                assert at is not None
                person = Person(
                    number=0,
                    login=f"p-{place}-{post}",
                    role=Role.PROFESSIONAL,
                    rpps=someone.rpps,
                    profession=someone.profession,
                    site=at.site.value,
                )
                numbers.append(self.people.join(person))
            self.service.look()
            return self.service.sessions.registered.people[numbers[0]]

    def staff(self, login: str, role: Role = Role.OFFICER, amc: int = 0) -> str:
        """A member of staff; their enrolment code."""
        code = hashlib.sha256(login.encode()).digest()[:16]
        with self.lock:
            self.people.enrol_staff(
                Person(number=0, login=login, role=role, amc=amc),
                code_hash=code_hash(code),
                until=self.clock.now() + ENROLMENT_LIFE * 1_000_000,
                confirmations=[],
            )
            self.service.look()
        return code_text(code)

    def account(self, name: str) -> Account:
        return self.service.contain.account(name)

    def move(self, name: str, stage: Stage, why: Why = Why.REVIEWED) -> None:
        """An officer's decision."""
        decision = Decision(authority=Authority.OFFICER, why=why, by="alix")
        with self.lock:
            self.service.contain.decide(self.account(name), stage, decision)

    def stage(self, name: str) -> Stage:
        return self.service.contain.guard.stage(self.account(name).number)


@dataclass
class WorldRows:
    """What is cut, as the row says it, straight from the world's vault."""

    world: PortalWorld

    async def standing(self) -> Row | None:
        with self.world.lock:
            cuts = self.world.service.cut.cut_offs.standing.values()
            return row(*[each for each in cuts if each.scope not in NARROW])

    async def last(self) -> Row | None:
        return await self.standing()


@dataclass
class WorldDoor:
    """The vault's door without its socket; ``away`` is a vault that does not answer."""

    world: PortalWorld
    asked: list[Request] = field(default_factory=list)

    async def ask(self, request: Request) -> Reply:
        self.asked.append(request)
        with self.world.lock:
            self.world.service.look()
            return self.world.service([request])[0]


@dataclass
class RunningPortal:
    """The address, the world behind it, and the door between them."""

    origin: str
    world: PortalWorld
    door: WorldDoor
    pro_sante: ProSanteClient
    authority: Path

    def a_minute_later(self) -> None:
        """The issuer is no longer believed to be there."""
        self.pro_sante._believed_until = 0.0


@contextmanager
def running_portal(
    folder: Path, *, with_pro_sante: bool = True, helpdesk: str = "+33 1 99 00 00 00"
) -> Iterator[RunningPortal]:
    """A portal on a free port of ``localhost``: a passkey is bound to a name, not to an address."""
    client = Client(client_id=CLIENT_ID, secret=SECRET)
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as bound,
        serve.running(client, seed=SEED) as psc,
    ):
        bound.bind(("127.0.0.1", 0))
        origin = f"https://localhost:{bound.getsockname()[1]}"
        world = PortalWorld(folder=folder, origin=origin, psc=psc, with_pro_sante=with_pro_sante)
        door = WorldDoor(world)
        now = SystemClock().now()
        authority = make_authority("Rempart test", now=now)
        trusted, _ = authority.write(folder, "authority")
        certificate, key = issue_server(authority, ["localhost"], now=now).write(folder, "portal")
        provider = Provider(
            issuer=psc.issuer,
            client_id=CLIENT_ID,
            redirect_uri=f"{origin}/return",
            secret=SECRET,
        )
        http = new_http()
        known = ProSanteClient(provider, http)

        @asynccontextmanager
        async def hang_up(_: Starlette) -> AsyncIterator[None]:
            async with http:
                yield

        app = portal(
            door,
            rows=WorldRows(world),
            clock=SystemClock(),
            instance="demo",
            web_url=origin,
            pro_sante=known if with_pro_sante else None,
            helpdesk=helpdesk,
            lists=folder / "lists",
            lifespan=hang_up,
        )
        listen = Listen(host="127.0.0.1", port=0, certificate=certificate, key=key)
        serving = server(app, listen)
        thread = threading.Thread(target=serving.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        while not serving.started and thread.is_alive():
            thread.join(0.02)
        try:
            yield RunningPortal(origin, world, door, known, trusted)
        finally:
            serving.should_exit = True
            thread.join(15)
