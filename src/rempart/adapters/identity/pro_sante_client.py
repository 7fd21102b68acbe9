"""Pro Santé Connect from the web process: where to send the browser, and what a code is worth.

Nothing here proves anything: the vault verifies the ID token (``pro_sante.py``). The client works
against any compliant provider; where it is found, and how it knows us, is in ``Provider``.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx2

from rempart.adapters.identity.assertions import JWK, make_assertion
from rempart.adapters.identity.bounded_http import NO_ANSWER, Answer, ask
from rempart.adapters.identity.trusted_keys import HOSTILE, parse_keys
from rempart.domain.errors import SignInRefused, TemporarilyUnavailable
from rempart.domain.sign_in import Doubt
from rempart.usecases.identity_ports import SignInTokens

DISCOVERY = "/.well-known/wallet-openid-configuration"
"""Pro Santé Connect's own name of its discovery document; others say ``openid-configuration``."""

DISCOVERED_FOR = 60.0
"""Seconds for which a discovery document is believed, and its issuer to be there: nobody is sent to
one that has been away for longer."""

SCOPE = "openid scope_all"
TOKEN_MAX = 16_384
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who Pro Santé Connect is, and who we are to it: a ``secret`` (Basic), or a ``key`` (JWT)."""

    issuer: str = field(repr=False)
    client_id: str
    redirect_uri: str = field(repr=False)
    secret: str = field(default="", repr=False)
    key: JWK | None = field(default=None, repr=False)
    discovery: str = field(default=DISCOVERY, repr=False)
    acr: str = field(default="eidas1", repr=False)

    def __post_init__(self) -> None:
        assert bool(self.secret) is not bool(self.key), "a secret or a key"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Endpoints:
    """The addresses that the discovery document tells."""

    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    end_session_endpoint: str
    jwks_uri: str


ENDPOINTS = tuple(Endpoints.__dataclass_fields__)


@dataclass(slots=True)
class ProSanteClient:
    """One provider, over one HTTP client (``bounded_http.new_http``)."""

    provider: Provider
    http: httpx2.AsyncClient = field(repr=False)
    _endpoints: Endpoints | None = field(default=None, repr=False)
    _believed_until: float = 0.0

    async def authorization_url(
        self, *, state: str, nonce: str, verifier: str, max_age: int | None = None
    ) -> str:
        """Where to send the browser; ``max_age`` asks to be authenticated again (step-up).

        Raises:
            TemporarilyUnavailable: Pro Santé Connect does not answer.
        """
        wanted = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": self.provider.redirect_uri,
            "scope": SCOPE,
            "acr_values": self.provider.acr,
            "state": state,
            "nonce": nonce,
            "code_challenge": code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        if max_age is not None:
            wanted |= {"max_age": str(max_age), "prompt": "login"}
        return _with(await self._at("authorization_endpoint"), wanted)

    def code_in(self, returned: Mapping[str, str], *, state: str) -> str:
        """The code with which the browser came back.

        Raises:
            SignInRefused: another's answer, or the person declined.
            TemporarilyUnavailable: Pro Santé Connect says that it cannot.
        """
        same = hmac.compare_digest(returned.get("state", "").encode(), state.encode())
        # RFC 9207, section 2.4: a provider that names itself names the one that was asked.
        if (
            not state
            or not same
            or returned.get("iss", self.provider.issuer) != (self.provider.issuer)
        ):
            raise SignInRefused(doubt=Doubt.STATE)
        if returned.get("error") in {"server_error", "temporarily_unavailable"}:
            raise TemporarilyUnavailable(NO_ANSWER)
        code = returned.get("code", "")
        if "error" in returned or not 0 < len(code) <= TOKEN_MAX:
            raise SignInRefused(doubt=Doubt.DECLINED)
        return code

    async def exchange(self, code: str, *, verifier: str) -> SignInTokens:
        """The tokens of a code.

        Raises:
            SignInRefused: the code gives nothing.
            TemporarilyUnavailable: Pro Santé Connect does not answer.
        """
        tokens = await self._tokens(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self.provider.redirect_uri,
                "code_verifier": verifier,
            }
        )
        if not tokens.id_token:
            raise TemporarilyUnavailable(NO_ANSWER)
        return tokens

    async def refresh(self, refresh_token: str) -> SignInTokens:
        """Fresh tokens, while the session at Pro Santé Connect lives.

        Raises:
            SignInRefused: the session is over.
            TemporarilyUnavailable: Pro Santé Connect does not answer.
        """
        return await self._tokens({"grant_type": "refresh_token", "refresh_token": refresh_token})

    async def user_info(self, access_token: str, *, subject: str) -> Mapping[str, Any]:
        """What Pro Santé Connect tells of the person.

        Raises:
            SignInRefused: the token is over, or this is somebody else.
            TemporarilyUnavailable: Pro Santé Connect does not answer.
        """
        bearer = {"Authorization": f"Bearer {access_token}"}
        answer = await ask(self.http, await self._at("userinfo_endpoint"), headers=bearer)
        if answer.status in {400, 401, 403}:
            raise SignInRefused(doubt=Doubt.GRANT)
        claims = _understood(answer)
        # OpenID Connect Core, section 5.3.2: or somebody's token was put in place of another's.
        if claims.get("sub") != subject:
            raise SignInRefused(doubt=Doubt.IDENTIFIER)
        return claims

    async def logout_url(self, *, id_token: str, return_to: str, state: str) -> str:
        """Where to send the browser to end the session at Pro Santé Connect too.

        Raises:
            TemporarilyUnavailable: Pro Santé Connect does not answer.
        """
        wanted = {
            "id_token_hint": id_token,
            "post_logout_redirect_uri": return_to,
            "state": state,
        }
        return _with(await self._at("end_session_endpoint"), wanted)

    async def published_keys(self) -> bytes:
        """The issuer's JWK set, as it publishes it.

        Raises:
            TemporarilyUnavailable: Pro Santé Connect does not answer, or what it says is no set.
        """
        answer = await ask(self.http, await self._at("jwks_uri"))
        _understood(answer)
        try:
            parse_keys(answer.body)
        except HOSTILE:
            raise TemporarilyUnavailable(NO_ANSWER) from None
        return answer.body

    async def _tokens(self, form: dict[str, str]) -> SignInTokens:
        address = await self._at("token_endpoint")
        answer = await ask(
            self.http, address, form=form | self._assertion(address), auth=self._basic()
        )
        if answer.status in {400, 401, 403}:
            _refuse(answer)
        return _read_tokens(_understood(answer))

    def _basic(self) -> tuple[str, str] | None:
        if not self.provider.secret:
            return None
        # RFC 6749, section 2.3.1: each half is form-encoded before it is joined.
        return quote(self.provider.client_id, safe=""), quote(self.provider.secret, safe="")

    def _assertion(self, address: str) -> dict[str, str]:
        if self.provider.key is None:
            return {}
        now = time.time_ns() // 1000
        made = make_assertion(self.provider.client_id, address, self.provider.key, now=now)
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": made}

    async def _at(self, name: str) -> str:
        if self._endpoints is None or time.monotonic() >= self._believed_until:
            answer = await ask(self.http, self.provider.issuer + self.provider.discovery)
            self._endpoints = _endpoints(_understood(answer), self.provider.issuer)
            self._believed_until = time.monotonic() + DISCOVERED_FOR
        address = getattr(self._endpoints, name)
        assert isinstance(address, str)
        return address


def code_challenge(verifier: str) -> str:
    """PKCE, method S256 (RFC 7636, section 4.2)."""
    assert 43 <= len(verifier) <= 128, "RFC 7636, section 4.1"
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _understood(answer: Answer) -> dict[str, Any]:
    if answer.status != 200:
        raise TemporarilyUnavailable(NO_ANSWER)
    return answer.json()


def _refuse(answer: Answer) -> None:
    """Tell a grant that is worth nothing from a provider that no longer knows us."""
    if answer.json().get("error") == "invalid_grant":
        raise SignInRefused(doubt=Doubt.GRANT)
    raise TemporarilyUnavailable("Pro Santé Connect refuses this client")


def _endpoints(told: Mapping[str, Any], issuer: str) -> Endpoints:
    """The addresses of a discovery document.

    Raises:
        TemporarilyUnavailable: of another issuer (OpenID Connect Discovery, section 4.3), without
            PKCE, or with an address that is not over TLS.
    """
    addresses = {name: told.get(name) for name in ENDPOINTS}
    methods = told.get("code_challenge_methods_supported", ["S256"])
    if (
        told.get("issuer") != issuer
        or not isinstance(methods, list)
        or "S256" not in methods
        or not all(isinstance(each, str) and _safe(each, issuer) for each in addresses.values())
    ):
        raise TemporarilyUnavailable("Pro Santé Connect: the discovery document cannot be used")
    return Endpoints(**{name: str(address) for name, address in addresses.items()})


def _safe(address: str, issuer: str) -> bool:
    """Over TLS; a simulator on this machine does without."""
    try:
        asked, ours = urlsplit(address), urlsplit(issuer)
        if asked.scheme == "https":
            return bool(asked.hostname)
        return asked.scheme == "http" == ours.scheme and (
            asked.hostname in LOOPBACK and ours.hostname in LOOPBACK
        )
    except ValueError:
        return False


def _read_tokens(told: Mapping[str, Any]) -> SignInTokens:
    texts = {name: told.get(name, "") for name in ("access_token", "refresh_token", "id_token")}
    expires_in = told.get("expires_in", 0)
    if (
        not all(isinstance(text, str) and len(text) <= TOKEN_MAX for text in texts.values())
        or not texts["access_token"]
        or str(told.get("token_type", "")).lower() != "bearer"
        or type(expires_in) is not int
    ):
        raise TemporarilyUnavailable(NO_ANSWER)
    return SignInTokens(**texts, expires_in=expires_in)


def _with(address: str, wanted: Mapping[str, str]) -> str:
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(wanted)}"
