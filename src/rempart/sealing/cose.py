"""COSE_Sign1 with ES256 (RFC 9052, 9053), strict: one payload under one key has one spelling.

    18([ << {1: -7, 4: key id (8 bytes)} >>, {}, payload (24 to 255 bytes), r ‖ s (64 bytes) ])

In these bounds every byte but the key id, the payload and the signature is known beforehand. So
the message is taken apart by position: bytes that nobody has signed yet never meet a CBOR decoder,
and other algorithms, headers and spellings have no way in. The second signature (r, n - s) that
every ECDSA signature has is refused too.
"""

from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from rempart.sealing.errors import SealBroken

CARD_PREFIX = "RP1:"
"""What every card code begins with: Rempart, format 1."""

KID_SIZE = 8
SIGNATURE_SIZE = 64
PAYLOAD_SIZE_MIN, PAYLOAD_SIZE_MAX = 24, 255

TAGGED_ARRAY = b"\xd2\x84"  # tag 18; array of 4
PROTECTED = b"\x4d\xa2\x01\x26\x04\x48"  # bytes (13) holding {1: -7, 4: bytes (8) …
UNPROTECTED = b"\xa0"  # {}
PAYLOAD = b"\x58"  # bytes, their length in the byte that follows
SIGNATURE = b"\x58\x40"  # bytes (64)
CONTEXT = b"\x84\x6aSignature1"  # array of 4; text (10)
NO_EXTERNAL_DATA = b"\x40"

KID_AT = len(TAGGED_ARRAY + PROTECTED)
LENGTH_AT = KID_AT + KID_SIZE + len(UNPROTECTED + PAYLOAD)
PAYLOAD_AT = LENGTH_AT + 1
OVERHEAD = PAYLOAD_AT + len(SIGNATURE) + SIGNATURE_SIZE

# Order of the group of P-256.
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class Sign1:
    """A message taken apart; nothing in it counts before ``verify1`` has returned."""

    kid: bytes
    payload: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    def to_bytes(self) -> bytes:
        """The one spelling of this message."""
        return (
            (TAGGED_ARRAY + PROTECTED + self.kid + UNPROTECTED + PAYLOAD)
            + (bytes([len(self.payload)]) + self.payload)
            + (SIGNATURE + self.signature)
        )

    def to_be_signed(self) -> bytes:
        """Sig_structure of RFC 9052 section 4.4."""
        return (
            (CONTEXT + PROTECTED + self.kid + NO_EXTERNAL_DATA + PAYLOAD)
            + bytes([len(self.payload)])
            + self.payload
        )


def kid_of(key: EllipticCurvePublicKey) -> bytes:
    """Key id: the first 8 bytes of the SHA-256 of the key's SubjectPublicKeyInfo."""
    info = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return sha256(info).digest()[:KID_SIZE]


def sign1(payload: bytes, key: EllipticCurvePrivateKey, *, kid: bytes) -> bytes:
    """``payload`` (24 to 255 bytes) signed by a P-256 key; the same bytes each time (RFC 6979)."""
    assert len(kid) == KID_SIZE
    assert PAYLOAD_SIZE_MIN <= len(payload) <= PAYLOAD_SIZE_MAX
    assert isinstance(key.curve, SECP256R1)
    unsigned = Sign1(kid, payload, b"").to_be_signed()
    r, s = decode_dss_signature(key.sign(unsigned, ECDSA(SHA256(), deterministic_signing=True)))
    signature = r.to_bytes(32, "big") + min(s, ORDER - s).to_bytes(32, "big")
    return Sign1(kid, payload, signature).to_bytes()


def read1(message: bytes) -> Sign1:
    """Take ``message`` apart without believing it.

    Raises:
        SealBroken: not the one spelling of a COSE_Sign1 with these headers and sizes.
    """
    size = len(message) - OVERHEAD
    if not PAYLOAD_SIZE_MIN <= size <= PAYLOAD_SIZE_MAX:
        raise SealBroken("COSE: not of the size of a card")
    read = Sign1(
        kid=message[KID_AT : KID_AT + KID_SIZE],
        payload=message[PAYLOAD_AT : PAYLOAD_AT + size],
        signature=message[-SIGNATURE_SIZE:],
    )
    # Every other byte is known: another algorithm, header, length or spelling ends here.
    if read.to_bytes() != message:
        raise SealBroken("COSE: not a COSE_Sign1 in its one form")
    return read


def verify1(message: Sign1, key: EllipticCurvePublicKey) -> bytes:
    """The payload of ``message``, once ``key`` has signed it.

    Raises:
        SealBroken: it has not, or the signature is not in its one form.
    """
    if not isinstance(key.curve, SECP256R1):
        raise SealBroken("COSE: not a P-256 key")
    r = int.from_bytes(message.signature[:32], "big")
    s = int.from_bytes(message.signature[32:], "big")
    if s > ORDER // 2:
        raise SealBroken("COSE: the signature is not in its low form")
    try:
        key.verify(encode_dss_signature(r, s), message.to_be_signed(), ECDSA(SHA256()))
    except InvalidSignature:
        raise SealBroken("COSE: the signature does not verify") from None
    return message.payload
