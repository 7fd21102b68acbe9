"""The platform's own layer: the keyed index of a lock, and the seal around its box."""

import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rempart.sealing.errors import SealBroken
from rempart.sealing.framing import prefixed
from rempart.sealing.locks import BOX_SIZE, FORMAT, KINDS, NONCE_SIZE, TAG_SIZE

FIND_SIZE = 16
STORED_SIZE = len(FORMAT) + NONCE_SIZE + 2 + FIND_SIZE + 2 + BOX_SIZE + TAG_SIZE

# What ``prefixed`` writes before a find and before a box: both have one size.
FIND_LENGTH = FIND_SIZE.to_bytes(2, "big")
BOX_LENGTH = BOX_SIZE.to_bytes(2, "big")
FIND_END = 2 + FIND_SIZE


def index_of(key_x: bytes, amc: bytes, kind: int, find: bytes) -> bytes:
    """Index of a lock, 16 bytes: without X, a ``find`` leads nowhere."""
    return hmac.digest(key_x, prefixed(amc, KINDS[kind], find), "sha256")[:16]


def _aad(handle: bytes, kind: int, serial: bytes, ends: bytes, key_version: int) -> bytes:
    return prefixed(handle, KINDS[kind], serial, ends, key_version.to_bytes(2, "big"))


def seal_outer(
    key: AESGCM,
    find: bytes,
    box: bytes,
    *,
    handle: bytes,
    kind: int,
    serial: bytes,
    ends: bytes,
    key_version: int,
    nonce: bytes,
) -> bytes:
    """``find`` and ``box`` under the insurer's outer key, bound to the columns beside them.

    ``serial`` is 4 bytes, ``ends`` 2, ``key_version`` a u16, ``nonce`` 12 bytes never used before.
    """
    assert len(find) == FIND_SIZE
    assert len(box) == BOX_SIZE
    inner = FIND_LENGTH + find + BOX_LENGTH + box
    return FORMAT + nonce + key.encrypt(nonce, inner, _aad(handle, kind, serial, ends, key_version))


def open_outer(
    key: AESGCM,
    stored: bytes,
    *,
    handle: bytes,
    kind: int,
    serial: bytes,
    ends: bytes,
    key_version: int,
) -> tuple[bytes, bytes]:
    """``find`` and ``box`` again.

    Raises:
        SealBroken: another key, changed bytes, or a changed column.
    """
    if len(stored) != STORED_SIZE or stored[0] != FORMAT[0]:
        raise SealBroken("an outer layer is not of a known format")
    aad = _aad(handle, kind, serial, ends, key_version)
    try:
        inner = key.decrypt(stored[1:13], stored[13:], aad)
    except InvalidTag:
        raise SealBroken("an outer layer does not open under its columns") from None
    return inner[2:FIND_END], inner[FIND_END + 2 :]
