"""Locks: what the patient brings, and the box that it opens.

A secret of 16 bytes follows from what is brought; from the secret follow, by HMAC-SHA256, the
``find`` under which the record lies and the key of its box. Whoever lacks the secret has neither.
"""

import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rempart.sealing.errors import SealBroken
from rempart.sealing.framing import prefixed

CARD, DECLARED, LEGACY = 1, 2, 3
"""Kinds of locks."""

FORMAT = b"\x01"
SECRET_SIZE = 16
NONCE_SIZE = 12
TAG_SIZE = 16
RECORD_SIZE = 256
BOX_SIZE = len(FORMAT) + NONCE_SIZE + RECORD_SIZE + TAG_SIZE

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32."""

KINDS = {kind: bytes([kind]) for kind in (CARD, DECLARED, LEGACY)}


def card_secret(key_c: bytes, handle: bytes, serial: bytes) -> bytes:
    """Secret of a card, 16 bytes; ``serial`` is 4 bytes."""
    return hmac.digest(key_c, prefixed(b"card", handle, serial), "sha256")[:SECRET_SIZE]


def printed_key(secret: bytes) -> str:
    """The 8 characters printed beside a card's code: 40 bits of its secret's digest."""
    number = int.from_bytes(hmac.digest(secret, b"printed", "sha256")[:5], "big")
    return "".join([ALPHABET[number >> shift & 31] for shift in range(35, -1, -5)])


def declared_secret(
    amc: bytes, member_number: bytes, birth_date: bytes, rank: bytes, key: bytes
) -> bytes:
    """Secret of the printed things with the printed key, 16 bytes; all parts ASCII."""
    parts = prefixed(amc, member_number, birth_date, rank, key)
    return hmac.digest(b"rempart/declared/1", parts, "sha256")[:SECRET_SIZE]


def legacy_secret(amc: bytes, member_number: bytes, birth_date: bytes, rank: bytes) -> bytes:
    """Secret of the printed things without printed key, 16 bytes; all parts ASCII."""
    parts = prefixed(amc, member_number, birth_date, rank)
    return hmac.digest(b"rempart/legacy/1", parts, "sha256")[:SECRET_SIZE]


def find_of(secret: bytes) -> bytes:
    """Under what the record is found, 16 bytes."""
    return hmac.digest(secret, b"find", "sha256")[:16]


def seal_box(
    secret: bytes,
    record: bytes,
    *,
    amc: bytes,
    handle: bytes,
    kind: int,
    serial: bytes,
    nonce: bytes,
) -> bytes:
    """A record of ``RECORD_SIZE`` bytes under its lock, bound to whose and which lock it is.

    ``amc`` is 8 digits, ``serial`` 4 bytes, ``nonce`` 12 bytes that were never used before.
    """
    assert len(record) == RECORD_SIZE, "a record of another size would tell itself apart"
    key = AESGCM(hmac.digest(secret, b"open", "sha256"))
    aad = prefixed(amc, handle, KINDS[kind], serial, FORMAT)
    return FORMAT + nonce + key.encrypt(nonce, record, aad)


def open_box(
    secret: bytes, box: bytes, *, amc: bytes, handle: bytes, kind: int, serial: bytes
) -> bytes:
    """The record in ``box``.

    Raises:
        SealBroken: another secret, another lock, or a changed box.
    """
    if len(box) != BOX_SIZE or box[0] != FORMAT[0]:
        raise SealBroken("a box is not of a known format")
    key = AESGCM(hmac.digest(secret, b"open", "sha256"))
    aad = prefixed(amc, handle, KINDS[kind], serial, FORMAT)
    try:
        return key.decrypt(box[1:13], box[13:], aad)
    except InvalidTag:
        raise SealBroken("a box does not open under this lock") from None
