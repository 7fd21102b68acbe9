"""What the simulator remembers: sessions, codes and tokens, with the lifetimes of the real one."""

import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin
from authlib.oidc.core import AuthorizationCodeMixin
from joserfc.jwk import RSAKey

from rempart.drill.psc.faults import Fault
from rempart.drill.psc.professionals import SyntheticProfessional

CODE_LIFE, ACCESS_LIFE, REFRESH_LIFE = 60, 120, 1800
SESSION_LIFE, IDLE_LIFE = 4 * 3600, 1800
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
METHODS = ("client_secret_basic", "private_key_jwt")
SCOPES = ("openid", "scope_all")


@dataclass(kw_only=True, eq=False)
class Client(ClientMixin):
    """The one service that is registered: ours, on this machine."""

    client_id: str
    secret: str = field(default="", repr=False)
    jwks: Mapping[str, Any] | None = field(default=None, repr=False)
    logout_uri: str = field(default="", repr=False)
    """Where it is told that a session is over; on this machine."""
    logout_authority: Path | None = None
    """Who signed the certificate that answers there."""

    @property
    def client_metadata(self) -> dict[str, Any]:
        """No preference of its own."""
        return {}

    def get_client_id(self) -> str:
        """Its name."""
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """None: it must be said."""

    def get_allowed_scope(self, scope: str | None) -> str:
        """The scopes that the real one knows."""
        return " ".join(each for each in (scope or "").split() if each in SCOPES)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Anywhere on this machine, and nowhere else."""
        return on_this_machine(redirect_uri)

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether this is its secret."""
        return bool(self.secret) and hmac.compare_digest(
            self.secret.encode(), client_secret.encode()
        )

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """By its secret, or by its key if it has one."""
        del endpoint
        return method == METHODS[self.jwks is not None]

    def check_response_type(self, response_type: str) -> bool:
        """The code flow alone."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """A code, then refreshes."""
        return grant_type in {"authorization_code", "refresh_token"}


@dataclass(kw_only=True, eq=False, repr=False)
class PscSession:
    """Somebody signed in at the simulator."""

    sid: str
    person: SyntheticProfessional
    auth_time: int
    seen: int
    fault: Fault = Fault.NONE
    ended: bool = False

    def live(self, now: int) -> bool:
        """Neither ended, nor over, nor left idle."""
        return not self.ended and now < min(self.auth_time + SESSION_LIFE, self.seen + IDLE_LIFE)


@dataclass(kw_only=True, eq=False, repr=False)
class Code(AuthorizationCodeMixin):
    """An authorization code."""

    code: str
    client_id: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str
    session: PscSession
    until: int

    def get_redirect_uri(self) -> str:
        """Where it was sent."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """What it is for."""
        return self.scope

    def get_nonce(self) -> str:
        """What the client will look for in the ID token."""
        return self.nonce

    def get_auth_time(self) -> int:
        """When the person signed in."""
        return self.session.auth_time

    def get_acr(self) -> None:
        """Told with the rest of the session."""

    def get_amr(self) -> None:
        """Told with the rest of the session."""


@dataclass(kw_only=True, eq=False, repr=False)
class Token(TokenMixin):
    """An access token, and the refresh token that came with it."""

    access: str
    refresh: str
    scope: str
    client: Client
    session: PscSession
    made: int
    now: Callable[[], int]
    replaced: bool = False

    def check_client(self, client: Client) -> bool:
        """Whether it is this client's."""
        return client.client_id == self.client.client_id

    def get_scope(self) -> str:
        """What it is for."""
        return self.scope

    def get_expires_in(self) -> int:
        """Seconds of life of the access token."""
        return ACCESS_LIFE

    def is_expired(self) -> bool:
        """Whether the access token is over."""
        return self.now() >= self.made + ACCESS_LIFE

    def is_revoked(self) -> bool:
        """Whether the session behind it is over."""
        return not self.session.live(self.now())

    def refreshable(self) -> bool:
        """Whether the refresh token is still good."""
        now = self.now()
        return not self.replaced and self.session.live(now) and now < self.made + REFRESH_LIFE


def _new_key() -> RSAKey:
    kid = secrets.token_hex(8)
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


def seconds() -> int:
    """The present."""
    return int(time.time())


@dataclass(kw_only=True, eq=False)
class Memory:
    """Everything, in memory: a simulator that stops has forgotten all."""

    issuer: str = field(repr=False)
    client: Client
    people: tuple[SyntheticProfessional, ...] = field(repr=False)
    now: Callable[[], int] = seconds
    down: bool = False
    key: RSAKey = field(default_factory=_new_key, repr=False)
    sessions: dict[str, PscSession] = field(default_factory=dict, repr=False)
    codes: dict[str, Code] = field(default_factory=dict, repr=False)
    tokens: dict[str, Token] = field(default_factory=dict, repr=False)
    refreshes: dict[str, Token] = field(default_factory=dict, repr=False)
    jtis: set[str] = field(default_factory=set, repr=False)
    untold: list[PscSession] = field(default_factory=list, repr=False)

    def sign_in(self, person: SyntheticProfessional, fault: Fault) -> PscSession:
        """A new session at the simulator."""
        now = self.now()
        sid = secrets.token_urlsafe(18)
        session = PscSession(sid=sid, person=person, auth_time=now, seen=now, fault=fault)
        self.sessions[sid] = session
        return session

    def end(self, session: PscSession) -> None:
        """A session is over, and the service is to be told."""
        session.ended = True
        self.untold.append(session)

    def session(self, sid: str) -> PscSession | None:
        """A live session."""
        session = self.sessions.get(sid)
        return session if session is not None and session.live(self.now()) else None

    def jwks(self) -> dict[str, Any]:
        """The public keys, as published."""
        return {"keys": [self.key.as_dict(private=False)]}


def on_this_machine(address: str) -> bool:
    """Whether an address is of this machine."""
    try:
        return urlsplit(address).hostname in LOOPBACK
    except ValueError:
        return False
