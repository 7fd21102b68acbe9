"""A vendor states its software: which product and release, under which key, signed by the vendor.

A product's name in the registry is otherwise what somebody typed; the guard counts by product, and
a thief's software that calls itself a well-known one would hide among its practices. A vendor's key
is trusted by two operators.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from rempart.domain.errors import MalformedIdentifier, SetUpRefused
from rempart.domain.insurer import ED25519_SIZE, b64, unb64
from rempart.sealing.framing import prefixed
from rempart.usecases.confirm_together import SIGNATURE_SIZE, Statement, digest_of

SIGNED_AS = b"rempart/software-statement/1"
TRUST = "trust-vendor"
PRODUCT_MAX = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftwareStatement:
    """What a vendor says of one installation."""

    vendor: str
    client_id: str
    product: str
    jwks: Mapping[str, Any] = field(repr=False)


def vendor_statement(public: bytes, name: str, *, now: int) -> dict[str, Any]:
    """What two operators confirm to trust a vendor; ``now`` in microseconds."""
    made = now // 1_000_000
    return {"format": 1, "purpose": TRUST, "vendor": name, "key": b64(public), "made": made}


def vendor_in(statement: Statement) -> tuple[bytes, str]:
    """The key and the name of a vendor.

    Raises:
        SetUpRefused: the statement is about none.
    """
    try:
        return unb64(statement.get("key"), "key", ED25519_SIZE), str(statement["vendor"])
    except (MalformedIdentifier, KeyError):
        raise SetUpRefused("the statement is about no vendor") from None


def state_software(
    *, client_id: str, product: str, jwks: Mapping[str, Any], key: Ed25519PrivateKey
) -> dict[str, Any]:
    """A vendor's signed statement."""
    said = {"format": 1, "client_id": client_id, "product": product, "jwks": dict(jwks)}
    public = key.public_key().public_bytes_raw()
    signature = key.sign(prefixed(SIGNED_AS, digest_of(said)))
    return {"statement": said, "vendor": b64(public), "signature": b64(signature)}


def read_statement(signed: Mapping[str, Any], *, vendors: Mapping[bytes, str]) -> SoftwareStatement:
    """What a vendor whom this installation trusts has signed.

    Raises:
        SetUpRefused: an unknown vendor, a signature that does not hold, or no statement.
    """
    try:
        public = unb64(signed.get("vendor"), "vendor", ED25519_SIZE)
        signature = unb64(signed.get("signature"), "signature", SIGNATURE_SIZE)
        said = signed["statement"]
        if public not in vendors:
            raise SetUpRefused("the statement is by a vendor that is not trusted here")
        verifier = Ed25519PublicKey.from_public_bytes(public)
        verifier.verify(signature, prefixed(SIGNED_AS, digest_of(said)))
        product = said["product"]
        if not (0 < len(product) <= PRODUCT_MAX and product.isprintable()):
            raise SetUpRefused(f"product: expected 1 to {PRODUCT_MAX} printable characters")
        return SoftwareStatement(
            vendor=vendors[public],
            client_id=said["client_id"],
            product=product,
            jwks=said["jwks"],
        )
    except (InvalidSignature, MalformedIdentifier):
        raise SetUpRefused("the statement is not signed by its vendor") from None
    except (KeyError, TypeError, AttributeError, ValueError):
        raise SetUpRefused("the statement is malformed") from None
