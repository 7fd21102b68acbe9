"""The keys of an issuer that the vault trusts: a JWK set in a file, read again when it changes.

The vault has no network. The operator fetches the issuer's published set under the vault's user and
puts the file in place with a rename, so that it is never half there. Of each key only the public
half is used, and the key alone decides which algorithms it may verify.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from rempart.domain.errors import SetUpRefused, TemporarilyUnavailable

FILE_MAX = 256 * 1024
"""Bytes; a set of a dozen keys with their certificates takes 40 KiB."""

RSA_BITS_MIN = 2048

ALGORITHMS: Mapping[str, frozenset[str]] = {
    "RSA": frozenset({"RS256", "PS256"}),
    "EC": frozenset({"ES256"}),
}
"""What a key of each type may verify. No HMAC: a public key is no secret to share."""

PUBLIC: Mapping[str, tuple[str, ...]] = {"RSA": ("kty", "n", "e"), "EC": ("kty", "crv", "x", "y")}

# What joserfc and the JSON parser raise on hostile input; RecursionError on deep nesting.
HOSTILE = (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A public key, and the algorithms that it may verify."""

    key: RSAKey | ECKey = field(repr=False)
    algorithms: frozenset[str] = field(repr=False)


@dataclass(slots=True)
class TrustedKeys:
    """The file of keys; ``keys_from`` makes one that is known to be good."""

    path: Path
    _keys: Mapping[str, TrustedKey] = field(default_factory=dict, repr=False)
    _seen: tuple[int, int, int] = field(default=(0, 0, 0), repr=False)

    def get(self, kid: str) -> TrustedKey | None:
        """The key of this name, if it is trusted now.

        Raises:
            TemporarilyUnavailable: the file cannot be read. A key taken out of it must not go on
                being trusted because what replaced it is broken.
        """
        try:
            self._look()
        except (OSError, *HOSTILE):
            raise TemporarilyUnavailable("trusted keys of the issuer cannot be read") from None
        return self._keys.get(kid)

    def _look(self) -> None:
        state = self.path.stat()
        seen = (state.st_mtime_ns, state.st_size, state.st_ino)
        if seen == self._seen:
            return
        with self.path.open("rb") as file:
            text = file.read(FILE_MAX + 1)
        if len(text) > FILE_MAX:
            raise ValueError("size")
        self._keys = parse_keys(text)
        self._seen = seen


def keys_from(path: Path) -> TrustedKeys:
    """The trusted keys of a file.

    Raises:
        SetUpRefused: there is no usable key in it.
    """
    keys = TrustedKeys(path)
    try:
        keys.get("")
    except TemporarilyUnavailable:
        raise SetUpRefused("trusted keys: expected a JWK set with a signing key") from None
    return keys


def parse_keys(text: bytes) -> dict[str, TrustedKey]:
    """The signing keys of a JWK set, by ``kid``; what cannot sign ID tokens is left out.

    Raises:
        ValueError: two keys of one name, or none left. Anything of ``HOSTILE`` besides.
    """
    keys: dict[str, TrustedKey] = {}
    for kid, key in _signing(json.loads(text)["keys"]):
        if kid in keys:
            raise ValueError("kid")
        keys[kid] = key
    if not keys:
        raise ValueError("no key")
    return keys


def _signing(jwks: list[Mapping[str, Any]]) -> Iterator[tuple[str, TrustedKey]]:
    for jwk in jwks:
        kid, algorithms = jwk.get("kid"), ALGORITHMS.get(jwk["kty"], frozenset())
        if "alg" in jwk:
            algorithms &= {jwk["alg"]}
        if isinstance(kid, str) and kid and algorithms and jwk.get("use", "sig") == "sig":
            key = _key(jwk)
            if key is not None:
                yield kid, TrustedKey(key, algorithms)


def _key(jwk: Mapping[str, Any]) -> RSAKey | ECKey | None:
    public = {name: jwk[name] for name in PUBLIC[jwk["kty"]]}
    if jwk["kty"] == "EC":
        return ECKey.import_key(public) if jwk["crv"] == "P-256" else None
    key = RSAKey.import_key(public)
    return key if key.public_key.key_size >= RSA_BITS_MIN else None
