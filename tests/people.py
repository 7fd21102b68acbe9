"""A vault where people sign in: professionals, delegates, staff, each with a page of their own."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

from msgspec import structs

from rempart.adapters.identity.passkeys import WebAuthnPasskeys
from rempart.adapters.identity.pro_sante import ProSanteTokens
from rempart.adapters.identity.proofs import DpopProofs, make_proof, new_client_key, thumbprint
from rempart.adapters.memory.insurer_facts import MemoryFacts
from rempart.adapters.memory.people import MemoryPeople
from rempart.domain.disclosure import Entry, EntryType, decode
from rempart.domain.person import ENROLMENT_LIFE, Person, Role
from rempart.domain.site import SiteKind
from rempart.drill.impossible import rpps as impossible_rpps
from rempart.usecases.assemble_vault import PeoplePorts, VaultPorts
from rempart.usecases.message import Message
from rempart.usecases.messages import Ask, CardShown, Done, Reply
from rempart.usecases.people_messages import (
    BeginEnrolment,
    BeginPasskey,
    BeginProSante,
    BeginRegistration,
    BeginStepUp,
    FinishEnrolment,
    FinishPasskey,
    FinishProSante,
    FinishRegistration,
    FinishStepUp,
    Sponsor,
    WhoAmI,
)
from rempart.usecases.people_ports import PeopleStore
from rempart.usecases.people_replies import (
    Entered,
    PasskeyAsked,
    ProSanteBegun,
    SteppedUp,
)
from rempart.usecases.pro_sante_messages import (
    KeepRefresh,
    ListDue,
    Refreshed,
    RefreshesDue,
    RefreshRefused,
)
from rempart.usecases.register_passkeys import code_hash, code_text
from rempart.usecases.request_proofs import METHOD, address_of, content_digest, handle_digest
from tests.authenticators import CLIENT, ISSUER, ORIGIN, RP, Authenticator, Issuer
from tests.worlds import World

WEB = "https://portail.example"
PHARMACY, OTHER = "STRUCT:PHAR1", "STRUCT:LABO1"
ANNE, BASILE, CLAUDE = (impossible_rpps(number) for number in (1, 2, 3))
KEYS = [new_client_key() for _ in range(8)]


@dataclass(kw_only=True)
class PeopleWorld(World):
    """The world of the spec tests, with a portal in front."""

    issuer: Issuer = field(default_factory=Issuer)
    with_pro_sante: bool = True
    facts: MemoryFacts = field(default_factory=MemoryFacts)
    people: PeopleStore | None = None

    def __post_init__(self) -> None:
        if self.people is None:
            self.people = MemoryPeople(self.registry)
        super().__post_init__()
        self.add_site(OTHER, SiteKind.LABORATORY)
        self.service.look()

    def ports(self) -> VaultPorts:
        tokens = ProSanteTokens(issuer=ISSUER, client_id=CLIENT, keys=self.issuer)
        assert self.people is not None
        given = PeoplePorts(
            proofs=DpopProofs(),
            passkeys=WebAuthnPasskeys(rp_id=RP, rp_name="Rempart", origin=ORIGIN),
            store=self.people,
            web_url=WEB,
            facts=self.facts,
            views=lambda: nullcontext(self.store),
            tokens=tokens if self.with_pro_sante else None,
        )
        return replace(super().ports(), people=given)

    @property
    def registrar(self) -> Any:
        """Whoever writes people with the owner's role."""
        return self.people

    def contracted(self, rpps: str = ANNE, site: str = PHARMACY, profession: str = "21") -> Person:
        person = Person(
            number=0,
            login=f"p-{rpps}-{site[-5:].lower()}",
            role=Role.PROFESSIONAL,
            rpps=rpps,
            profession=profession,
            site=site,
        )
        number = self.registrar.join(person)
        self.service.look()
        return self.person(number)

    def person(self, number: int) -> Person:
        return self.service.sessions.registered.people[number]

    def staff(self, login: str, role: Role, amc: int = 0) -> str:
        """A member of staff; their enrolment code."""
        code = hashlib.sha256(login.encode()).digest()[:16]
        self.registrar.enrol_staff(
            Person(number=0, login=login, role=role, amc=amc),
            code_hash=code_hash(code),
            until=self.clock.now() + ENROLMENT_LIFE * 1_000_000,
            confirmations=[],
        )
        self.service.look()
        return code_text(code)

    def web_looks(self) -> int:
        """The web process asks after what is due; how many there were."""
        reply = self.send(ListDue())
        assert isinstance(reply, RefreshesDue)
        for due in reply.due:
            if self.issuer.down:
                continue
            fresh = self.issuer.refresh(due.refresh_token, now=self.clock.now())
            self.send(RefreshRefused(due.ref) if fresh is None else Refreshed(due.ref, *fresh))
        return len(reply.due)

    def works(self, *pages: Page, seconds: int) -> None:
        """Time passes, these pages are used, and the web process looks."""
        for _ in range(seconds // 300):
            self.clock.forward(seconds=300)
            for page in pages:
                page.send(WhoAmI)
            self.web_looks()
        self.clock.forward(seconds=seconds % 300)

    def entries(self) -> list[Entry]:
        return [decode(row.body) for row in self.store.rows]


@dataclass
class Page:
    """A browser's page: a key that never leaves it, and a session handle."""

    world: PeopleWorld
    key: dict = field(default_factory=lambda: KEYS[0])
    passkey: Authenticator | None = None
    token: bytes = b""

    @property
    def thumbprint(self) -> str:
        return thumbprint(self.key)

    def signed(self, message: Message, **claims: Any) -> Any:
        """The message with a proof by this page's key."""
        token = getattr(message, "token", b"")
        made = {
            "method": METHOD,
            "address": address_of(WEB, type(message)),
            "content": content_digest(message),
            "handle": handle_digest(token) if token else b"",
            "now": self.world.clock.now(),
        }
        return structs.replace(message, proof=make_proof(self.key, **(made | claims)))

    def send(self, kind: type[Message], **fields: Any) -> Reply:
        """One request, with this page's session and key."""
        names = kind.__struct_fields__
        given = {"token": self.token} if "token" in names else {}
        if "proof" in names:
            given["proof"] = ""
        message = kind(**(given | fields))
        return self.world.send(self.signed(message) if "proof" in names else message)

    def question(self, code: str, key: str = "k-1", **fields: Any) -> Ask:
        ask = Ask(
            token=self.token,
            certificate=b"",
            key=key,
            domain="PHAR",
            care_date="2026-11-24",
            shown=CardShown(code),
        )
        return self.signed(structs.replace(ask, **fields))

    def ask(self, code: str, key: str = "k-1", **fields: Any) -> Reply:
        return self.world.send(self.question(code, key, **fields))

    # Ways in

    def begin(self, *, again: bool = False) -> ProSanteBegun:
        begun = self.world.send(BeginProSante(self.thumbprint, again))
        assert isinstance(begun, ProSanteBegun), begun
        return begun

    def pro_sante(
        self, rpps: str = ANNE, site: str = "", *, again: bool = False, ago: int = 0, **claims: Any
    ) -> Reply:
        begun, now = self.begin(again=again), self.world.clock.now()
        refresh = self.world.issuer.grant(rpps, now // 1_000_000 - ago, **claims)
        assert self.world.send(KeepRefresh(begun.flow, refresh)) == Done()
        token = self.world.issuer.token(rpps, begun.nonce, now=now, ago=ago, **claims)
        reply = self.send(FinishProSante, flow=begun.flow, id_token=token, site=site)
        return self.keep(reply)

    def keep(self, reply: Reply) -> Reply:
        if isinstance(reply, Entered | SteppedUp):
            self.token = reply.token
        return reply

    def registered(self, credential: bytes = b"") -> Authenticator:
        """A professional's new passkey."""
        self.passkey = Authenticator(credential=credential or b"credential-" + self.token[:8])
        asked = self.send(BeginRegistration)
        assert isinstance(asked, PasskeyAsked), asked
        answer = self.passkey.register(asked.options)
        reply = self.send(FinishRegistration, flow=asked.flow, response=answer)
        assert repr(reply) == "Done(…)", reply
        return self.passkey

    def enrolled(self, code: str, credential: bytes) -> Authenticator:
        """A first passkey, with a code."""
        self.passkey = Authenticator(credential=credential)
        reply = self.enrol(code)
        assert repr(reply) == "Done(…)", reply
        return self.passkey

    def enrol(self, code: str) -> Reply:
        asked = self.world.send(BeginEnrolment(self.thumbprint, code))
        if not isinstance(asked, PasskeyAsked):
            return asked
        answer = self.passkey.register(asked.options)
        return self.send(FinishEnrolment, flow=asked.flow, response=answer)

    def by_passkey(self, device: str = "") -> Reply:
        asked = self.world.send(BeginPasskey(self.thumbprint))
        assert isinstance(asked, PasskeyAsked)
        answer = self.passkey.sign_in(asked.options)
        return self.keep(self.send(FinishPasskey, flow=asked.flow, response=answer, device=device))

    def step_up(self, account: str = "", passkey: Authenticator | None = None) -> Reply:
        asked = self.send(BeginStepUp)
        if not isinstance(asked, PasskeyAsked):
            return asked
        answer = (passkey or self.passkey).sign_in(asked.options)
        return self.keep(self.send(FinishStepUp, flow=asked.flow, response=answer, account=account))


def professional(world: PeopleWorld, rpps: str = ANNE, key: int = 0, site: str = PHARMACY) -> Page:
    """A contracted professional who has just signed in and has a passkey."""
    if not world.service.sessions.accounts.by_rpps.get(rpps):
        world.contracted(rpps, site)
    page = Page(world, KEYS[key])
    assert isinstance(page.pro_sante(rpps), Entered)
    page.registered(b"of-" + rpps.encode())
    return page


def delegate(world: PeopleWorld, sponsor: Page, key: int = 1, label: str = "Comptoir 2") -> Page:
    """A delegate of this sponsor, signed in."""
    made = sponsor.send(Sponsor, label=label)
    page = Page(world, KEYS[key])
    world.service.look()
    page.enrolled(made.code, b"delegate-" + made.account.encode())
    assert isinstance(page.by_passkey(), Entered)
    return page


def staff(world: PeopleWorld, login: str, role: Role = Role.OFFICER, key: int = 2) -> Page:
    """A member of staff, signed in."""
    page = Page(world, KEYS[key])
    page.enrolled(world.staff(login, role), b"staff-" + login.encode())
    assert isinstance(page.by_passkey(), Entered)
    return page


def kinds(entries: Sequence[Entry]) -> list[EntryType]:
    return [entry.type for entry in entries]
