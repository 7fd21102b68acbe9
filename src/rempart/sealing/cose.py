"""COSE_Sign1 with ES256 (RFC 9052, 9053), strict: one payload under one key has one spelling.

    18([ << {1: -7, 4: key id (8 bytes), 16: type} >>, {}, payload, r ‖ s (64 bytes) ])

The type (RFC 9596) says what a payload is for; a card has none, as every byte counts in a QR. Once
the kind is known, every byte but the key id, the payload and the signature is known beforehand. So
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

TAGGED_ARRAY = b"\xd2\x84"  # tag 18; array of 4
UNTYPED = b"\xa2\x01\x26\x04\x48"  # {1: -7, 4: bytes (8) …
TYPED = b"\xa3\x01\x26\x04\x48"  # the same, and one entry more:
TYPE = b"\x10"  # 16: …
UNPROTECTED = b"\xa0"  # {}
SIGNATURE = b"\x58\x40"  # bytes (64)
CONTEXT = b"\x84\x6aSignature1"  # array of 4; text (10)
NO_EXTERNAL_DATA = b"\x40"
BYTES, TEXT = 0x40, 0x60

# Order of the group of P-256.
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class Kind:
    """What a message is for: its type, and between which sizes its payload lies, in bytes."""

    type: str
    smallest: int
    largest: int

    def headers(self, kid: bytes) -> bytes:
        """The protected headers, a map."""
        if not self.type:
            return UNTYPED + kid
        return TYPED + kid + TYPE + _head(TEXT, len(self.type)) + self.type.encode()

    def protected(self, kid: bytes) -> bytes:
        """The same, as the byte string that is signed."""
        headers = self.headers(kid)
        return _head(BYTES, len(headers)) + headers

    @property
    def kid_at(self) -> int:
        """Where the key id stands in a message."""
        size = len(self.headers(bytes(KID_SIZE)))
        return len(TAGGED_ARRAY + _head(BYTES, size) + UNTYPED)


CARD_KIND = Kind("", 24, 255)


def _head(major: int, size: int) -> bytes:
    """The head of a string of ``size`` bytes, the shortest one (RFC 8949 section 4.2.1)."""
    if size < 24:
        return bytes([major + size])
    for tag, width in ((24, 1), (25, 2), (26, 4)):
        if size < 1 << 8 * width:
            return bytes([major + tag]) + size.to_bytes(width, "big")
    raise AssertionError("no payload is so long")


@dataclass(frozen=True, slots=True)
class Sign1:
    """A message taken apart; nothing in it counts before ``verify1`` has returned."""

    kid: bytes
    payload: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    kind: Kind = field(default=CARD_KIND, repr=False)

    def to_bytes(self) -> bytes:
        """The one spelling of this message."""
        return (
            (TAGGED_ARRAY + self.kind.protected(self.kid) + UNPROTECTED)
            + (_head(BYTES, len(self.payload)) + self.payload)
            + (SIGNATURE + self.signature)
        )

    def to_be_signed(self) -> bytes:
        """Sig_structure of RFC 9052 section 4.4."""
        return (
            (CONTEXT + self.kind.protected(self.kid) + NO_EXTERNAL_DATA)
            + _head(BYTES, len(self.payload))
            + self.payload
        )


def kid_of(key: EllipticCurvePublicKey) -> bytes:
    """Key id: the first 8 bytes of the SHA-256 of the key's SubjectPublicKeyInfo."""
    info = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return sha256(info).digest()[:KID_SIZE]


def sign1(
    payload: bytes, key: EllipticCurvePrivateKey, *, kid: bytes, kind: Kind = CARD_KIND
) -> bytes:
    """``payload`` signed by a P-256 key; the same bytes each time (RFC 6979)."""
    assert len(kid) == KID_SIZE
    assert kind.smallest <= len(payload) <= kind.largest
    signature = es256(Sign1(kid, payload, b"", kind).to_be_signed(), key)
    return Sign1(kid, payload, signature, kind).to_bytes()


def es256(message: bytes, key: EllipticCurvePrivateKey) -> bytes:
    """r ‖ s of a P-256 key over ``message``, s in its low half; the same bytes each time."""
    assert isinstance(key.curve, SECP256R1)
    r, s = decode_dss_signature(key.sign(message, ECDSA(SHA256(), deterministic_signing=True)))
    return r.to_bytes(32, "big") + min(s, ORDER - s).to_bytes(32, "big")


def read1(message: bytes, *, kind: Kind = CARD_KIND) -> Sign1:
    """Take ``message`` apart without believing it.

    Raises:
        SealBroken: not the one spelling of a COSE_Sign1 of this kind.
    """
    before = len(TAGGED_ARRAY + kind.protected(bytes(KID_SIZE)) + UNPROTECTED)
    size = _size_within(len(message) - before - len(SIGNATURE) - SIGNATURE_SIZE)
    if not kind.smallest <= size <= kind.largest:
        raise SealBroken("COSE: not of a size that this kind has")
    end = len(message) - len(SIGNATURE) - SIGNATURE_SIZE
    read = Sign1(
        kid=message[kind.kid_at : kind.kid_at + KID_SIZE],
        payload=message[end - size : end],
        signature=message[-SIGNATURE_SIZE:],
        kind=kind,
    )
    # Every other byte is known: another algorithm, header, length or spelling ends here.
    if read.to_bytes() != message:
        raise SealBroken("COSE: not a COSE_Sign1 in its one form")
    return read


def _size_within(whole: int) -> int:
    """The size of a string that takes ``whole`` bytes with its head; -1 if none does."""
    sizes = [whole - head for head in (1, 2, 3, 5) if whole >= head]
    return next((size for size in sizes if len(_head(BYTES, size)) == whole - size), -1)


def verify1(message: Sign1, key: EllipticCurvePublicKey) -> bytes:
    """The payload of ``message``, once ``key`` has signed it.

    Raises:
        SealBroken: it has not, or the signature is not in its one form.
    """
    check_es256(message.signature, message.to_be_signed(), key)
    return message.payload


def check_es256(signature: bytes, message: bytes, key: EllipticCurvePublicKey) -> None:
    """Return if ``signature`` (r ‖ s, 64 bytes) is this key's over ``message``.

    Raises:
        SealBroken: it is not, or not in its one form.
    """
    if not isinstance(key.curve, SECP256R1):
        raise SealBroken("COSE: not a P-256 key")
    r = int.from_bytes(signature[:32], "big")
    s = int.from_bytes(signature[32:], "big")
    if s > ORDER // 2:
        raise SealBroken("COSE: the signature is not in its low form")
    try:
        key.verify(encode_dss_signature(r, s), message, ECDSA(SHA256()))
    except InvalidSignature:
        raise SealBroken("COSE: the signature does not verify") from None
