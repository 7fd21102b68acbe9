"""Signing keys on P-256 in a keyring, by version: the newest signs, the others are still known."""

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from rempart.domain.errors import MalformedIdentifier
from rempart.sealing.cose import ORDER, kid_of
from rempart.usecases.platform_keys import newest
from rempart.usecases.ports import Chance, KeyStore

KEY_SIZE = 32


def add_signing_key(keys: KeyStore, prefix: str, chance: Chance) -> int:
    """A new version under a prefix; its number."""
    version = newest(keys, prefix) + 1
    # Sixteen bytes more than the order has: what is left of the modulo is no bias.
    scalar = int.from_bytes(chance.draw(48), "big") % (ORDER - 1) + 1
    keys.put(f"{prefix}{version}", scalar.to_bytes(KEY_SIZE, "big"))
    return version


def signing_key(keys: KeyStore, prefix: str, version: int | None = None) -> EllipticCurvePrivateKey:
    """The key under a prefix; the newest, unless a version is named."""
    secret = keys.get(f"{prefix}{version or newest(keys, prefix)}")
    return derive_private_key(int.from_bytes(secret, "big"), SECP256R1())


def point_of(key: EllipticCurvePublicKey) -> bytes:
    """A public key as 65 bytes: 4, x, y."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def key_at(point: bytes) -> EllipticCurvePublicKey:
    """The public key that is this point.

    Raises:
        ValueError: it does not lie on the curve.
    """
    return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)


def kid_at(point: bytes, field: str) -> bytes:
    """The id of the public key that is this point, handed in as ``field``.

    Raises:
        MalformedIdentifier: not a point of P-256.
    """
    try:
        return kid_of(key_at(point))
    except ValueError:
        raise MalformedIdentifier(field, "expected a point of P-256, 65 bytes") from None
