"""Proofs of possession (DPoP, RFC 9449): the client's own key signed this very request, now.

A stolen handle without its key is nothing. Made here too, for clients that are no browser; a
browser makes them with a key that its scripts can use and not read.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws, jwt
from joserfc.jwk import ECKey

from rempart.adapters.identity.trusted_keys import HOSTILE
from rempart.domain.errors import SignInRefused
from rempart.domain.sign_in import Doubt
from rempart.usecases.identity_ports import Proven

SECOND = 1_000_000
PROOF_MAX = 2048
"""Characters; one has some 700."""
SKEW = 60
"""Seconds by which the client's clock may differ from ours, in either direction: all that a proof
lives for."""
KIND, ALGORITHM = "dpop+jwt", "ES256"
PUBLIC = ("crv", "kty", "x", "y")
"""Members of an EC key's thumbprint in the order of RFC 7638, section 3.2."""


@dataclass(frozen=True, slots=True)
class DpopProofs:
    """The check: one algorithm, keys on P-256."""

    def verify(
        self, proof: str, *, method: str, address: str, content: bytes, handle: bytes, now: int
    ) -> Proven:
        """Whose key signed this request (RFC 9449, section 4.3).

        (1) it is short, of its kind, of our one algorithm, and brings a public key of P-256;
        (2) the signature is that key's;
        (3) it was made for this method, this address and this content;
        (4) it was made now;
        (5) it is of this session, or of none;
        (6) it has an identifier of 8 to 64 printable ASCII characters.

        Raises:
            SignInRefused: anything about it does not hold.
        """
        key, claims = _proven(proof)  # (1), (2)
        expected = {"htm": method, "htu": address, "cth": _b64(content)}  # (3)
        if handle:  # (5)
            expected["ath"] = _b64(handle)
        elif "ath" in claims:
            raise SignInRefused(doubt=Doubt.PROOF)
        for name, value in expected.items():
            if not hmac.compare_digest(_text(claims, name), value.encode()):
                raise SignInRefused(doubt=Doubt.PROOF)
        made = claims.get("iat")
        if type(made) is not int or abs(now // SECOND - made) > SKEW:  # (4)
            raise SignInRefused(doubt=Doubt.PROOF)
        jti = _text(claims, "jti").decode()
        if not 8 <= len(jti) <= 64 or not jti.isprintable():  # (6)
            raise SignInRefused(doubt=Doubt.PROOF)
        return Proven(key=key, jti=jti, until=(made + SKEW + 1) * SECOND)


def _proven(proof: str) -> tuple[str, Mapping[str, Any]]:
    if len(proof) > PROOF_MAX or not proof.isascii():
        raise SignInRefused(doubt=Doubt.PROOF)
    compact = proof.encode("ascii")
    try:
        header = jws.extract_compact(compact).headers()
        if header["typ"] != KIND or header["alg"] != ALGORITHM or "d" in header["jwk"]:
            raise ValueError("header")
        public = {name: header["jwk"][name] for name in PUBLIC}
        if public["kty"] != "EC" or public["crv"] != "P-256":
            raise ValueError("key")
        key = ECKey.import_key(public)
        claims = json.loads(jws.deserialize_compact(compact, key, [ALGORITHM]).payload)
        if not isinstance(claims, dict):
            raise TypeError("claims")
        return thumbprint(public), claims
    except HOSTILE:
        raise SignInRefused(doubt=Doubt.PROOF) from None


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """The thumbprint of a P-256 key (RFC 7638, SHA-256, base64url): ``cnf.jkt``."""
    text = json.dumps({name: jwk[name] for name in PUBLIC}, separators=(",", ":"))
    return _b64(hashlib.sha256(text.encode()).digest())


def _text(claims: Mapping[str, Any], name: str) -> bytes:
    value = claims.get(name, "")
    if not isinstance(value, str) or not value.isascii():
        raise SignInRefused(doubt=Doubt.PROOF)
    return value.encode("ascii")


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def new_client_key() -> dict[str, Any]:
    """A client's private key, for a client that is no browser."""
    return dict(ECKey.generate_key("P-256").as_dict(private=True))


def make_proof(
    key: Mapping[str, Any],
    *,
    method: str,
    address: str,
    content: bytes,
    handle: bytes = b"",
    now: int,
    **other: object,
) -> str:
    """A proof made at ``now`` (microseconds); ``other`` claims stand in the place of ours."""
    public = {name: key[name] for name in PUBLIC}
    header = {"typ": KIND, "alg": ALGORITHM, "jwk": public}
    claims: dict[str, object] = {
        "htm": method,
        "htu": address,
        "cth": _b64(content),
        "iat": now // SECOND,
        "jti": secrets.token_urlsafe(16),
    }
    if handle:
        claims["ath"] = _b64(handle)
    return jwt.encode(header, claims | other, ECKey.import_key(dict(key)), [ALGORITHM])
