"""Owners: the professional of each site, who signs in strongly and speaks for its software.

The real way: an ID token of Pro Santé Connect under the vault's nonce, a passkey of their own, and
proofs by the page's key; the messages are those that the people's web door relays. Pro Santé
Connect is played here by a key that this installation trusts.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey
from msgspec import structs

from rempart.adapters.identity.proofs import make_proof, new_client_key, thumbprint
from rempart.adapters.vaultdoor.client import Door
from rempart.bootstrap.people import people_registrar
from rempart.config import Settings
from rempart.domain.errors import SignInRefused
from rempart.domain.person import Person, Role
from rempart.drill.impossible import rpps
from rempart.drill.stack.authenticator import Authenticator
from rempart.usecases.message import Message
from rempart.usecases.messages import Done, Reply, Request
from rempart.usecases.people_messages import (
    BeginProSante,
    BeginRegistration,
    BeginStepUp,
    FinishProSante,
    FinishRegistration,
    FinishStepUp,
    Report,
)
from rempart.usecases.people_replies import Entered, PasskeyAsked, ProSanteBegun, SteppedUp
from rempart.usecases.ports import Clock
from rempart.usecases.request_proofs import METHOD, address_of, content_digest, handle_digest

WEB, RP = "https://portail.example", "portail.example"
ISSUER, CLIENT, KEY_ID = "https://psc.example/auth/realms/esante-wallet", "rempart-drill", "psc-1"
SECOND = 1_000_000
LEVEL = "APPPRIP3^1.2.250.1.213.1.5.1.1.1"
PROFESSION = "21"


def people_environ() -> dict[str, str]:
    """The settings of an installation where people sign in."""
    return {
        "REMPART_WEB_URL": WEB,
        "REMPART_PSC_ISSUER": ISSUER,
        "REMPART_PSC_CLIENT_ID": CLIENT,
    }


class ProSante:
    """Signs ID tokens as Pro Santé Connect does."""

    def __init__(self) -> None:
        self._key = ECKey.generate_key("P-256", {"kid": KEY_ID, "use": "sig", "alg": "ES256"})

    def trusted_by(self, settings: Settings) -> None:
        """Put the public key where the vault looks for it."""
        path = settings.psc_keys_file
        path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        path.write_text(json.dumps({"keys": [self._key.as_dict(private=False)]}))

    def token(self, professional: str, nonce: str, *, now: int) -> str:
        """Of a professional who has just signed in with their card."""
        made = now // SECOND
        claims = {
            **{"iss": ISSUER, "aud": CLIENT, "azp": CLIENT, "typ": "ID", "nonce": nonce},
            **{"iat": made, "exp": made + 120, "auth_time": made, "acr": "eidas1"},
            **{"sub": f"f:drill:8{professional}", "SubjectNameID": f"8{professional}"},
            **{"amr": ["ecps"], "Palier_Authentification": LEVEL},
        }
        return jwt.encode({"alg": "ES256", "kid": KEY_ID}, claims, self._key, ["ES256"])


def contract(settings: Settings, sites: Mapping[int, str]) -> None:
    """One professional at each site."""
    with people_registrar(settings) as people:
        for number, site in sites.items():
            people.join(
                Person(
                    number=0,
                    login=f"owner-{number}",
                    role=Role.PROFESSIONAL,
                    rpps=rpps(number),
                    profession=PROFESSION,
                    site=site,
                )
            )


@dataclass(slots=True)
class Owner:
    """A professional with a page and, once it is registered, a passkey."""

    site: int
    pro_sante: ProSante = field(repr=False)
    clock: Clock
    key: dict[str, Any] = field(default_factory=new_client_key, repr=False)
    token: bytes = field(default=b"", repr=False)
    passkey: Authenticator | None = None

    def lift(self, door: Door, account: str) -> bool:
        """Sign in, prove oneself by passkey for this software; whether that loosened it."""
        self.enter(door)
        if self.passkey is None:
            self._register(door)
        assert self.passkey is not None
        asked = self._send(door, BeginStepUp)
        assert isinstance(asked, PasskeyAsked), asked
        answer = self.passkey.sign_in(asked.options)
        reply = self._send(door, FinishStepUp, flow=asked.flow, response=answer, account=account)
        if not isinstance(reply, SteppedUp):
            return False
        self.token = reply.token
        return reply.lifted

    def report(self, door: Door, account: str) -> None:
        """It was not me.

        Raises:
            SignInRefused: nobody listens.
        """
        reply = self._send(door, Report, account=account)
        if not isinstance(reply, Done):
            raise SignInRefused("the report was not taken")

    def enter(self, door: Door) -> None:
        """Sign in with Pro Santé Connect."""
        begun = door.ask(BeginProSante(thumbprint(self.key)))
        assert isinstance(begun, ProSanteBegun), begun
        token = self.pro_sante.token(rpps(self.site), begun.nonce, now=self.clock.now())
        entered = self._send(door, FinishProSante, flow=begun.flow, id_token=token)
        assert isinstance(entered, Entered), entered
        self.token = entered.token

    def _register(self, door: Door) -> None:
        credential = f"passkey of {self.site}".encode()
        self.passkey = Authenticator(credential, RP, WEB)
        asked = self._send(door, BeginRegistration)
        assert isinstance(asked, PasskeyAsked), asked
        answer = self.passkey.register(asked.options)
        reply = self._send(door, FinishRegistration, flow=asked.flow, response=answer)
        assert isinstance(reply, Done), reply

    def _send(self, door: Door, kind: type[Message], **fields: Any) -> Reply:
        """One request, signed by the page."""
        given = {"token": self.token} if "token" in kind.__struct_fields__ else {}
        message = kind(**{"proof": "", **given, **fields})
        token = getattr(message, "token", b"")
        proof = make_proof(
            self.key,
            method=METHOD,
            address=address_of(WEB, kind),
            content=content_digest(message),
            handle=handle_digest(token) if token else b"",
            now=self.clock.now(),
        )
        signed: Request = structs.replace(message, proof=proof)  # type: ignore[assignment]
        return door.ask(signed)
