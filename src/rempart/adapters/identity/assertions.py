"""Client assertions (``private_key_jwt``, RFC 7523 under SMART Backend Services): made and checked.

A software proves itself with a short JWT signed by its registered key. Whatever is wrong with it,
the refusal says the same words.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from rempart.domain.base64url import from_base64url, to_base64url
from rempart.domain.errors import SignInRefused
from rempart.usecases.ports import Proven, Software

SAME_WORDS = "sign-in refused"

ALGORITHM_OF_CURVE: Mapping[str, str] = {"P-256": "ES256", "P-384": "ES384"}
"""The key decides on the algorithm; the header may only agree (no ``none``, no HMAC)."""

SECOND = 1_000_000
ASSERTION_MAX = 8192
"""Characters."""
EXPIRES_WITHIN = 300
"""Seconds ahead, at most: SMART App Launch 2.2, section 4.1.4."""
SKEW = 60
"""Seconds by which a practice's clock may run ahead."""

PRESENCE = "urn:rempart:presence-key"
"""The claim that names the key which the session's questions are sealed under."""
PRESENCE_SIZE = 40
"""Bytes: the id of the vault's presence key (8), and the software's public key (32)."""

Curve = Literal["P-256", "P-384"]
JWK = Mapping[str, Any]

# What joserfc and the JSON parser raise on hostile input; RecursionError on deep nesting.
_HOSTILE = (JoseError, ValueError, KeyError, TypeError, RecursionError)


@dataclass(frozen=True, slots=True)
class SignedAssertions:
    """The check, for one token endpoint: ``token_url`` is the only audience."""

    token_url: str

    def client_id(self, assertion: str) -> str:
        """Who the assertion claims to be, unproven.

        Raises:
            SignInRefused: not an assertion.
        """
        try:
            issuer = _claims(jws.extract_compact(_bounded(assertion)).payload).get("iss")
        except _HOSTILE:
            raise SignInRefused(SAME_WORDS) from None
        if not isinstance(issuer, str) or not 0 < len(issuer) <= 128:
            raise SignInRefused(SAME_WORDS)
        return issuer

    def verify(self, assertion: str, software: Software, *, now: int) -> Proven:
        """Its ``jti``, its expiry and its presence key, once everything about it holds.

        (1) the header names a key of the software (``kid``); the key's curve sets the algorithm;
        (2) the signature is that key's;
        (3) issuer and subject are the software, the audience is this token endpoint alone;
        (4) it expires within five minutes, and was made within as many;
        (5) it has an identifier of 8 to 64 ASCII characters;
        (6) its presence key, where it has one, is 40 bytes in base64url.

        Raises:
            SignInRefused: anything about it does not hold.
        """
        try:
            claims = self._proven(_bounded(assertion), software.jwks)
            presence = _presence(claims.get(PRESENCE, ""))  # (6)
        except _HOSTILE:
            raise SignInRefused(SAME_WORDS) from None
        jti = claims.get("jti")
        if (
            claims.get("iss") == claims.get("sub") == software.client_id  # (3)
            and claims.get("aud") in (self.token_url, [self.token_url])
            and _timely(claims, now // SECOND)  # (4)
            and isinstance(jti, str)  # (5) JSON can say half a character, which no bytes can.
            and jti.isascii()
            and 8 <= len(jti) <= 64
        ):
            return Proven(jti, claims["exp"] * SECOND, presence)
        raise SignInRefused(SAME_WORDS)

    def _proven(self, compact: bytes, jwks: Mapping[str, Any]) -> dict[str, Any]:
        header = jws.extract_compact(compact).headers()
        key = _key(jwks["keys"], header["kid"])  # (1)
        algorithm = ALGORITHM_OF_CURVE[key.curve_name]
        if header["alg"] != algorithm:
            raise ValueError("algorithm")
        return _claims(jws.deserialize_compact(compact, key, [algorithm]).payload)  # (2)


def _bounded(assertion: str) -> bytes:
    if len(assertion) > ASSERTION_MAX:
        raise ValueError("length")
    return assertion.encode("ascii")


def _claims(payload: bytes) -> dict[str, Any]:
    claims = json.loads(payload)
    if not isinstance(claims, dict):
        raise TypeError("claims")
    return claims


def _presence(claim: object) -> bytes:
    if not isinstance(claim, str):
        raise TypeError("presence")
    presence = from_base64url(claim)
    if len(presence) not in {0, PRESENCE_SIZE}:
        raise ValueError("presence")
    return presence


def _key(keys: Sequence[JWK], kid: object) -> ECKey:
    """The one registered key under ``kid``, for signatures."""
    (found,) = [key for key in keys if isinstance(kid, str) and key.get("kid") == kid]
    if found["kty"] != "EC" or found.get("use", "sig") != "sig":
        raise ValueError("key")
    # Of a registered key, only the public half is ever used.
    return ECKey.import_key({name: found[name] for name in ("kty", "crv", "x", "y")})


def _timely(claims: Mapping[str, Any], now: int) -> bool:
    expires, made, valid_from = claims.get("exp"), claims.get("iat", now), claims.get("nbf", now)
    return (
        all(type(moment) is int for moment in (expires, made, valid_from))
        and now < claims["exp"] <= now + EXPIRES_WITHIN
        and now - EXPIRES_WITHIN <= made <= now + SKEW
        and valid_from <= now + SKEW
    )


def new_key(kid: str, *, curve: Curve = "P-256") -> dict[str, Any]:
    """A private JWK for a software: to be kept by it alone."""
    key = ECKey.generate_key(curve, {"kid": kid, "use": "sig", "alg": ALGORITHM_OF_CURVE[curve]})
    return dict(key.as_dict(private=True))


def public_jwks(*keys: JWK) -> dict[str, Any]:
    """The JWK set to register: the public halves."""
    public = ("kty", "crv", "x", "y", "kid", "use", "alg")
    return {"keys": [{name: key[name] for name in public} for key in keys]}


def make_assertion(
    client_id: str, token_url: str, key: JWK, *, now: int, presence: bytes = b""
) -> str:
    """A fresh assertion, good for two minutes from ``now`` (microseconds).

    ``presence`` names the key of a session whose questions are sealed (``SealPresence.claim``).
    """
    made = now // SECOND
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": token_url,
        "iat": made,
        "exp": made + 120,
        "jti": secrets.token_urlsafe(16),
    }
    if presence:
        claims[PRESENCE] = to_base64url(presence)
    algorithm = ALGORITHM_OF_CURVE[key["crv"]]
    return jwt.encode(
        {"alg": algorithm, "kid": key["kid"]}, claims, ECKey.import_key(dict(key)), [algorithm]
    )
