"""A gateway in an attacker's hands: ``python -m rempart.drill.stack.owned CLOCK``.

The product's gateway, with code of the thief's between it and the vault. It keeps all that it
relays. After each message it tries, before it gives the answer back: that question again, under
another key, in another's session, with another certificate; old ones in sessions that live or have
ended; the assertion that it saw, again, with another certificate, or changed to name somebody else;
tokens and assertions that it makes itself. What came of it is left beside the clock.
"""

import base64
import hashlib
import json
import secrets
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from msgspec import msgpack, structs

from rempart.adapters.identity.assertions import JWK, make_assertion, new_key
from rempart.adapters.vaultdoor.async_client import AsyncDoor
from rempart.config import Settings
from rempart.drill.stack.clock import SharedClock
from rempart.drill.stack.gateway import main
from rempart.usecases.messages import Answered, Ask, Reply, Request, Sealed, SignedIn, SignIn
from rempart.usecases.ports import Clock

REPORT = "owned.json"
KEPT = 400
"""Of each kind: old things are tried too, as long as he remembers them."""
EVERY = 25
"""Messages between two writings of the report."""
NAMES = 200
"""Accounts whose names he guesses."""
ELSEWHERE = b"1" * 32
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seen:
    """A session that passed: its token, whose it is, the certificate it is bound to."""

    token: bytes = field(repr=False)
    client_id: str
    certificate: bytes = field(repr=False)


@dataclass(slots=True, repr=False)
class OwnedDoor:
    """Relays, keeps, tries."""

    inner: AsyncDoor
    clock: Clock
    settings: Settings
    chance: Random = field(default_factory=lambda: Random(2024))  # noqa: S311 - a thief's dice
    forger: JWK = field(default_factory=lambda: new_key("forged"), repr=False)
    sessions: list[Seen] = field(default_factory=list, repr=False)
    asked: list[Ask] = field(default_factory=list, repr=False)
    assertions: list[SignIn] = field(default_factory=list, repr=False)
    tried: Counter[str] = field(default_factory=Counter)
    got: Counter[str] = field(default_factory=Counter)
    answers: list[tuple[int, str]] = field(default_factory=list)
    people: set[bytes] = field(default_factory=set, repr=False)
    passed: Counter[str] = field(default_factory=Counter)
    _relayed: int = 0

    async def ask(self, request: Request) -> Reply:
        """Relay a message; then do what he likes."""
        reply = await self.inner.ask(request)
        if isinstance(request, SignIn) and isinstance(reply, SignedIn):
            await self._signed_in(request, reply)
        elif isinstance(request, Ask) and self.sessions:
            await self._questioned(request)
        self._relayed += 1
        if self._relayed % EVERY == 0:
            self.write()
        return reply

    async def close(self) -> None:
        """Hang up; the last report is written."""
        self.write()
        await self.inner.close()

    async def _signed_in(self, request: SignIn, reply: SignedIn) -> None:
        keep(self.assertions, request)
        session = Seen(reply.token, claims_of(request.assertion)["iss"], request.certificate)
        keep(self.sessions, session)
        other = self.chance.choice(self.assertions)
        victim = f"account-{1 + self.chance.randrange(NAMES)}"
        named = changed(request.assertion, {"iss": victim, "sub": victim})
        made = make_assertion(victim, self.settings.token_url, self.forger, now=self.clock.now())
        for what, assertion, certificate in (
            ("an assertion again", request.assertion, request.certificate),
            ("an assertion elsewhere", other.assertion, request.certificate),
            ("an assertion that names another", named, request.certificate),
            ("an assertion unsigned", named.rpartition(".")[0] + ".", other.certificate),
            ("an assertion of his own", made, other.certificate),
        ):
            self.tried[what] += 1
            if isinstance(await self.inner.ask(SignIn(assertion, certificate)), SignedIn):
                self.got[what] += 1

    async def _questioned(self, request: Ask) -> None:
        self.passed["sealed" if isinstance(request.shown, Sealed) else "in clear"] += 1
        keep(self.asked, request)
        old, other = self.chance.choice(self.asked), self.chance.choice(self.sessions)
        own = next((s for s in reversed(self.sessions) if s.token == request.token), other)
        digest = Seen(hashlib.sha256(other.token).digest(), other.client_id, other.certificate)
        stranger = Seen(own.token, own.client_id, ELSEWHERE)
        for what, ask, session in (
            ("the same question again", request, own),
            ("the same under another key", again(request, own), own),
            ("an old one in this session", again(old, own), own),
            ("this one in an old session", again(request, other), other),
            ("a session with another certificate", again(request, stranger), stranger),
            ("a token's digest", again(request, digest), digest),
        ):
            self.tried[what] += 1
            reply = await self.inner.ask(ask)
            if isinstance(reply, Answered):
                self._answered(what, ask, reply, session)

    def _answered(self, what: str, ask: Ask, reply: Answered, session: Seen) -> None:
        self.got[what] += 1
        self.got["an answer to what was sealed"] += isinstance(ask.shown, Sealed)
        self.answers.append((reply.reference, session.client_id))
        self.people.add(hashlib.sha256(msgpack.encode(ask.shown)).digest())

    def write(self) -> None:
        """Say what came of it: counts, and the references of the answers he got for himself."""
        said = {
            "tried": dict(self.tried),
            "got": dict(self.got),
            "passed": dict(self.passed),
            "people": len(self.people),
            "answers": self.answers,
        }
        (self.settings.home / REPORT).write_text(json.dumps(said))


def keep(things: list[T], thing: T) -> None:
    """Remember a thing; the oldest is forgotten."""
    things.append(thing)
    if len(things) > KEPT:
        del things[0]


def again(ask: Ask, session: Seen) -> Ask:
    """A question under a fresh key, in a session of his choice."""
    return structs.replace(
        ask, token=session.token, certificate=session.certificate, key=secrets.token_hex(8)
    )


def b64url(data: bytes) -> str:
    """Base64url without padding, as in a JWT."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def claims_of(assertion: str) -> dict[str, Any]:
    """What an assertion says, unproven."""
    payload = assertion.split(".")[1]
    padded = payload + "=" * (-len(payload) % 4)
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(padded))
    return claims


def changed(assertion: str, claims: Mapping[str, str]) -> str:
    """The same assertion, saying something else; its signature is what it was."""
    head, _, signature = assertion.split(".")
    payload = b64url(json.dumps(claims_of(assertion) | dict(claims)).encode())
    return f"{head}.{payload}.{signature}"


def owned(vault: AsyncDoor, clock: SharedClock, settings: Settings) -> OwnedDoor:
    """The thief's code, in its place."""
    return OwnedDoor(vault, clock, settings)


if __name__ == "__main__":
    main(Path(sys.argv[1]), owned)
