"""A vault whose gateway is in an attacker's hands: real assertions, real socket, memory behind.

``python -m tests.owned_vault SOCKET`` runs one as a process of its own.
"""

from __future__ import annotations

import base64
import secrets
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from rempart.adapters.identity.assertions import (
    JWK,
    SignedAssertions,
    make_assertion,
    public_jwks,
)
from rempart.domain.disclosure import Entry, EntryType, Outcome, decode
from rempart.domain.site import SiteKind
from rempart.usecases.assemble_vault import VaultPorts
from rempart.usecases.messages import Answered, Ask, Reply, SignIn
from rempart.usecases.ports import Site, Software
from rempart.usecases.pseudonyms import ACCOUNT, SESSION, SITE, pseudonym
from rempart.usecases.seal_presence import SealPresence
from rempart.vault.loop import BatchLoop
from rempart.vault.peers import listen
from rempart.vault.process import run
from tests.worlds import World

TOKEN_URL = "https://gateway.test/token"
PHARMACY, OTHER, SILENT = "pharmacy-1", "pharmacy-2", "pharmacy-3"
"""Software of three sites; nobody at the third ever signs in."""


def key_from(number: int) -> JWK:
    """The same key in every process."""
    numbers = ec.derive_private_key(number, ec.SECP256R1()).private_numbers()
    public = numbers.public_numbers
    parts = {"x": public.x, "y": public.y, "d": numbers.private_value}
    return {
        **{
            name: base64.urlsafe_b64encode(value.to_bytes(32, "big")).rstrip(b"=").decode()
            for name, value in parts.items()
        },
        **{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": f"key {number}"},
    }


@dataclass(frozen=True)
class Account:
    """A software as its practice holds it: the gateway sees neither key nor certificate's key."""

    client_id: str
    site: str
    key: JWK = field(repr=False)
    certificate: bytes

    def software(self) -> Software:
        return Software(
            client_id=self.client_id,
            number=0,
            site=self.site,
            jwks=public_jwks(self.key),
            certificates=frozenset({self.certificate}),
            sandbox=True,
            revoked=False,
        )


ACCOUNTS = {
    name: Account(name, f"STRUCT:{name.upper()}", key_from(number), bytes([number]) * 32)
    for number, name in enumerate((PHARMACY, OTHER, SILENT), start=1)
}


@dataclass(kw_only=True)
class OwnedWorld(World):
    """Three sites, each with a key and a certificate of its own; assertions are really checked."""

    def __post_init__(self) -> None:
        for account in ACCOUNTS.values():
            self.registry.register_site(Site(site=account.site, kind=SiteKind.PHARMACY))
            self.registry.register_software(account.software())
        super().__post_init__()

    def ports(self) -> VaultPorts:
        return replace(super().ports(), assertions=SignedAssertions(TOKEN_URL))

    def assertion(self, client_id: str) -> str:
        """What the practice's own software makes and sends through the gateway."""
        key = ACCOUNTS[client_id].key
        return make_assertion(client_id, TOKEN_URL, key, now=self.clock.now())

    def relayed_sealing(self, client_id: str) -> tuple[SignIn, SealPresence]:
        """A sign-in of a software that seals, and where it will: the gateway sees the first."""
        key = ACCOUNTS[client_id].key
        seal = SealPresence(self.presence_key(), secrets.token_bytes(32))
        assertion = make_assertion(
            client_id, TOKEN_URL, key, now=self.clock.now(), presence=seal.claim
        )
        return SignIn(assertion, ACCOUNTS[client_id].certificate), seal

    def relayed(self, client_id: str) -> SignIn:
        return SignIn(self.assertion(client_id), ACCOUNTS[client_id].certificate)

    def entries(self) -> list[Entry]:
        return [decode(row.body or b"") for row in self.store.rows]

    def account_as(self, client_id: str) -> bytes:
        _, key = self.service.answer.pseudonyms.key(self.clock.now())
        return pseudonym(key, ACCOUNT, client_id.encode())

    def site_as(self, client_id: str) -> bytes:
        _, key = self.service.answer.pseudonyms.key(self.clock.now())
        return pseudonym(key, SITE, ACCOUNTS[client_id].site.encode())

    def session_as(self, handle: bytes) -> bytes:
        _, key = self.service.answer.pseudonyms.key(self.clock.now())
        return pseudonym(key, SESSION, handle)


def assert_all_written(world: OwnedWorld, asked: list[tuple[str | None, Ask, Reply]]) -> None:
    """Every question that had a session is an entry under its account; no other question is.

    ``asked`` names the account whose session went with each question, or nobody.
    """
    entries = world.entries()
    signed_in = {
        (entry.account, entry.site, entry.session)
        for entry in entries
        if entry.type is EntryType.SIGN_IN
    }
    questions = [e for e in entries if e.type in {EntryType.QUESTION, EntryType.REPEAT}]
    assert all((e.account, e.site, e.session) in signed_in for e in questions)

    owners = [client_id for client_id, _, _ in asked if client_id is not None]
    assert [e.account for e in questions] == [world.account_as(owner) for owner in owners]
    assert [e.site for e in questions] == [world.site_as(owner) for owner in owners]

    answered = [
        (world.account_as(client_id or "nobody"), reply.reference)
        for client_id, _, reply in asked
        if isinstance(reply, Answered)
    ]
    assert all(entries[index].account == account for account, index in answered)
    opened = [e for e in questions if e.outcome is Outcome.OPENED]
    assert len(opened) == len(answered)


@dataclass
class Running:
    """A loop on a socket, in a thread of its own, which alone touches the world until it ends."""

    world: OwnedWorld
    path: Path
    loop: BatchLoop
    thread: threading.Thread
    most_waiting: int = 0

    def stop(self) -> None:
        """Drain, and let the world be looked at."""
        self.loop.stop()
        self.thread.join(20)
        assert not self.thread.is_alive()


@contextmanager
def running(world: OwnedWorld, folder: Path, *, group: int | None = None) -> Iterator[Running]:
    """Serve ``world`` on a socket in ``folder``."""
    path = folder / "run" / "vault.sock"
    loop = BatchLoop(
        listening=listen(path, group=group),
        serve=world.service,
        idle=world.service.between,
        group=group,
    )
    made = Running(world, path, loop, threading.Thread(target=loop.run))

    def counting(requests):
        made.most_waiting = max(made.most_waiting, len(loop._waiting) + len(requests))
        return world.service(requests)

    loop.serve = counting
    made.thread.start()
    try:
        yield made
    finally:
        made.stop()


if __name__ == "__main__":
    owned = OwnedWorld()
    owned.member("REF-1")
    run(owned.service, Path(sys.argv[1]), group=None)
