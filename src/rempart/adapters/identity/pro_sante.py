"""Tokens of Pro Santé Connect, verified where the records are.

Whatever is wrong with a token, the refusal says the same words; its ``doubt`` tells the ledger
what. OpenID Connect Core 1.0, section 3.1.3.7, in the order in which nothing unproven is believed.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc import jws
from joserfc.errors import BadSignatureError

from rempart.adapters.identity.trusted_keys import HOSTILE, TrustedKey, TrustedKeys
from rempart.domain.errors import MalformedIdentifier, SignInRefused
from rempart.domain.identifiers import RPPS
from rempart.domain.sign_in import Doubt
from rempart.usecases.identity_ports import LoggedOut, ProSanteIdentity

SECOND = 1_000_000
TOKEN_MAX = 16_384
"""Characters; an ID token of Pro Santé Connect has some 1,500."""
TEXT_MAX = 255
"""Characters of ``sub`` (OpenID Connect Core, section 2), and of any other text we keep."""
SKEW = 60
"""Seconds by which our clock and the issuer's may differ, in either direction."""
ISSUED_WITHIN = 300
"""Seconds since the token was made: it comes straight from the token endpoint."""
SESSION_LIFE = 4 * 3600
"""Seconds since the person was authenticated: Pro Santé Connect's own limit."""

ASSURANCE = ("eidas1", "eidas2", "eidas3")
"""Values of ``acr``, weakest first."""

LEVELS = frozenset({"APPPRIP3"})
"""Authentication levels accepted unless told otherwise: a CPS card, or an e-CPS."""

NATIONAL_RPPS = "8"
"""Prefix of a national identifier (IdNat_PS) that is an RPPS number."""

KIND = "ID"
"""``typ`` of an ID token's claims at Pro Santé Connect. Its access tokens are signed by the same
key for the same client; they say ``Bearer``."""

LOGOUT_KIND = "Logout"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGGED_OUT_WITHIN = 120
"""Seconds since a logout token was made: the longest life that its standard advises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProSanteTokens:
    """The check, for one issuer and one client.

    ``weakest`` is the lowest ``acr`` accepted; ``levels`` the values of ``Palier_Authentification``
    (before its ``^``) or ``amr`` of which one must be there; ``national_id`` the claim that holds
    the national identifier. ``lenient_key`` takes the RPPS numbers of test cards, whose key is
    wrong: for a sandbox only.
    """

    issuer: str = field(repr=False)
    client_id: str = field(repr=False)
    keys: TrustedKeys
    weakest: str = field(default="eidas1", repr=False)
    levels: frozenset[str] = field(default=LEVELS, repr=False)
    national_id: str = field(default="SubjectNameID", repr=False)
    lenient_key: bool = False

    def __post_init__(self) -> None:
        assert self.weakest in ASSURANCE, "acr of Pro Santé Connect"
        assert self.levels, "a level"

    def verify(
        self, id_token: str, *, nonce: str, now: int, max_age: int | None = None
    ) -> ProSanteIdentity:
        """Who signed in, once everything about the token holds.

        (1) it is short, and its header names a key that we trust and an algorithm of that key;
        (2) the signature is that key's;
        (3) it is an ID token, from this issuer, for this client: of several audiences, ours is
            the authorized party;
        (4) it is neither over, nor from the future, nor old; the session it speaks of is not over,
            and as fresh as ``max_age`` asks;
        (5) its nonce is the one we chose;
        (6) the person was authenticated strongly enough;
        (7) the person is a professional with an RPPS number.

        Raises:
            SignInRefused: anything about it does not hold.
            TemporarilyUnavailable: the trusted keys cannot be read.
        """
        return self._identity(id_token, nonce, now, max_age=max_age)

    def verify_again(self, id_token: str, *, nonce: str, now: int) -> ProSanteIdentity:
        """Who is still signed in, by the ID token of a refresh: (5) where it has a nonce.

        Raises:
            SignInRefused: anything about it does not hold.
            TemporarilyUnavailable: the trusted keys cannot be read.
        """
        return self._identity(id_token, nonce, now, again=True)

    def verify_logout(self, logout_token: str, *, now: int) -> LoggedOut:
        """Whose session has ended there (Back-Channel Logout 1.0, section 2.6).

        (1) a key that we trust has signed it, for us, as for an ID token;
        (2) it is neither over, nor from the future, nor old; older issuers give it no end;
        (3) it names a session, or a person;
        (4) it tells of a logout, and has no nonce, so that no ID token passes for it;
        (5) it has a name of its own: once is for the caller to keep.

        Raises:
            SignInRefused: anything about it does not hold.
            TemporarilyUnavailable: the trusted keys cannot be read.
        """
        claims = self._proven(logout_token)  # (1)
        self._meant_for_us(claims, LOGOUT_KIND)
        made = _recent(claims, now // SECOND)  # (2)
        subject, sid = _text(claims, "sub").decode(), _text(claims, "sid").decode()
        if not subject and not sid:  # (3)
            raise SignInRefused(doubt=Doubt.IDENTIFIER)
        events = claims.get("events")
        told = events.get(LOGOUT_EVENT) if isinstance(events, dict) else None
        if not isinstance(told, dict):  # (4)
            raise SignInRefused(doubt=Doubt.EVENT)
        if "nonce" in claims:
            raise SignInRefused(doubt=Doubt.NONCE)
        return LoggedOut(
            subject=subject,
            sid=sid,
            jti=_text(claims, "jti", needed=True).decode(),  # (5)
            at=made * SECOND,
            until=(made + LOGGED_OUT_WITHIN + SKEW) * SECOND,
        )

    def _identity(
        self,
        id_token: str,
        nonce: str,
        now: int,
        *,
        max_age: int | None = None,
        again: bool = False,
    ) -> ProSanteIdentity:
        claims = self._proven(id_token)  # (1), (2)
        self._meant_for_us(claims)  # (3)
        authenticated = _timely(claims, now // SECOND, max_age)  # (4)
        if not (again and "nonce" not in claims):  # (5)
            _check_nonce(claims, nonce)
        self._strong(claims)  # (6)
        return ProSanteIdentity(
            rpps=self._rpps(claims),  # (7)
            subject=_text(claims, "sub", needed=True).decode(),
            authenticated=authenticated * SECOND,
            issued=_moment(claims, "iat") * SECOND,
            session_ends=(authenticated + SESSION_LIFE) * SECOND,
            acr=claims["acr"],
            amr=_methods(claims),
            level=_level(claims),
            sid=_text(claims, "sid").decode() or None,
            nonce=nonce,
        )

    def _proven(self, id_token: str) -> dict[str, Any]:
        if len(id_token) > TOKEN_MAX or not id_token.isascii():
            raise SignInRefused(doubt=Doubt.MALFORMED)
        compact = id_token.encode("ascii")
        try:
            header = jws.extract_compact(compact).headers()
        except HOSTILE:
            raise SignInRefused(doubt=Doubt.MALFORMED) from None
        key, algorithm = self._key(header)
        try:
            claims = json.loads(jws.deserialize_compact(compact, key.key, [algorithm]).payload)
        except BadSignatureError:
            raise SignInRefused(doubt=Doubt.SIGNATURE) from None
        except HOSTILE:
            raise SignInRefused(doubt=Doubt.MALFORMED) from None
        if not isinstance(claims, dict):
            raise SignInRefused(doubt=Doubt.MALFORMED)
        return claims

    def _key(self, header: Any) -> tuple[TrustedKey, str]:
        if not isinstance(header, dict):
            raise SignInRefused(doubt=Doubt.MALFORMED)
        kid, algorithm = header.get("kid"), header.get("alg")
        if not isinstance(kid, str) or not isinstance(algorithm, str):
            raise SignInRefused(doubt=Doubt.MALFORMED)
        key = self.keys.get(kid)
        if key is None:
            # Worth a reason of its own: either a forgery, or the issuer's keys have turned.
            raise SignInRefused(doubt=Doubt.UNKNOWN_KEY)
        if algorithm not in key.algorithms:
            raise SignInRefused(doubt=Doubt.ALGORITHM)
        return key, algorithm

    def _meant_for_us(self, claims: Mapping[str, Any], kind: str = KIND) -> None:
        if claims.get("typ", kind) != kind:
            raise SignInRefused(doubt=Doubt.KIND)
        if claims.get("iss") != self.issuer:
            raise SignInRefused(doubt=Doubt.ISSUER)
        named, party = claims.get("aud"), claims.get("azp")
        audiences = named if isinstance(named, list) else [named]
        alone = audiences == [self.client_id] and party is None
        if self.client_id not in audiences or not (alone or party == self.client_id):
            raise SignInRefused(doubt=Doubt.AUDIENCE)

    def _strong(self, claims: Mapping[str, Any]) -> None:
        if claims.get("acr") not in ASSURANCE[ASSURANCE.index(self.weakest) :]:
            raise SignInRefused(doubt=Doubt.ASSURANCE)
        if self.levels.isdisjoint({_level(claims), *_methods(claims)}):
            raise SignInRefused(doubt=Doubt.LEVEL)

    def _rpps(self, claims: Mapping[str, Any]) -> RPPS:
        national = _text(claims, self.national_id).decode()
        if not national.startswith(NATIONAL_RPPS):
            raise SignInRefused(doubt=Doubt.IDENTIFIER)
        try:
            return RPPS.parse(national.removeprefix(NATIONAL_RPPS), lenient_key=self.lenient_key)
        except MalformedIdentifier:
            raise SignInRefused(doubt=Doubt.IDENTIFIER) from None


def _check_nonce(claims: Mapping[str, Any], nonce: str) -> None:
    if not nonce or not hmac.compare_digest(_text(claims, "nonce"), nonce.encode()):
        raise SignInRefused(doubt=Doubt.NONCE)


def _recent(claims: Mapping[str, Any], now: int) -> int:
    """When a logout token was made, in seconds."""
    made = _moment(claims, "iat")
    expires = _moment(claims, "exp", made + LOGGED_OUT_WITHIN)
    if expires <= made:
        raise SignInRefused(doubt=Doubt.MALFORMED)
    if now >= min(expires, made + LOGGED_OUT_WITHIN) + SKEW:
        raise SignInRefused(doubt=Doubt.EXPIRED)
    if made > now + SKEW:
        raise SignInRefused(doubt=Doubt.TOO_EARLY)
    return made


def _timely(claims: Mapping[str, Any], now: int, max_age: int | None) -> int:
    """When the person was authenticated, in seconds."""
    expires, made = _moment(claims, "exp"), _moment(claims, "iat")
    authenticated, valid_from = _moment(claims, "auth_time"), _moment(claims, "nbf", made)
    if expires <= made:
        raise SignInRefused(doubt=Doubt.MALFORMED)
    if now >= expires + SKEW or now > made + ISSUED_WITHIN + SKEW:
        raise SignInRefused(doubt=Doubt.EXPIRED)
    if max(made, authenticated, valid_from) > now + SKEW:
        raise SignInRefused(doubt=Doubt.TOO_EARLY)
    if now >= authenticated + SESSION_LIFE:
        raise SignInRefused(doubt=Doubt.SESSION_OVER)
    if max_age is not None and now > authenticated + max_age + SKEW:
        raise SignInRefused(doubt=Doubt.NOT_FRESH)
    return authenticated


def _moment(claims: Mapping[str, Any], name: str, default: int | None = None) -> int:
    moment = claims.get(name, default)
    # Of exactly this type: a boolean is an int, and a float has no exact second.
    if type(moment) is not int or moment < 0:
        raise SignInRefused(doubt=Doubt.MALFORMED)
    return moment


def _text(claims: Mapping[str, Any], name: str, *, needed: bool = False) -> bytes:
    """A claim of printable ASCII, as bytes; empty where it is absent."""
    text = claims.get(name, "")
    if (
        not isinstance(text, str)
        or len(text) > TEXT_MAX
        or not (text.isascii() and text.isprintable())
        or (needed and not text)
    ):
        raise SignInRefused(doubt=Doubt.MALFORMED)
    return text.encode("ascii")


def _methods(claims: Mapping[str, Any]) -> tuple[str, ...]:
    methods = claims.get("amr", [])
    if not isinstance(methods, list) or not all(isinstance(each, str) for each in methods):
        raise SignInRefused(doubt=Doubt.MALFORMED)
    return tuple(methods)


def _level(claims: Mapping[str, Any]) -> str:
    return _text(claims, "Palier_Authentification").decode().partition("^")[0]
