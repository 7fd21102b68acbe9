"""Handles: the insurer's own reference of a person, encrypted by it, the same each time.

AES-SIV without nonce is deterministic on purpose: the handle survives renewals, and its
authentication tag lets nobody make one up.
"""

from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from rempart.sealing.errors import SealBroken
from rempart.sealing.framing import parts_of, prefixed

KEY_SIZE = 64
HANDLE_SIZE_MAX = 16 + 2 + 8 + 2 + 32
"""Tag, and the two framed parts: AMC number, reference of at most 32 characters."""


@lru_cache(maxsize=4)
def _siv(key_h: bytes) -> AESSIV:
    # Five times dearer to build than to use, and a run of ``prepare`` uses one key.
    return AESSIV(key_h)


def handle_of(key_h: bytes, amc: bytes, reference: bytes) -> bytes:
    """Handle of the person whom insurer ``amc`` (8 digits) calls ``reference``."""
    return _siv(key_h).encrypt(prefixed(amc, reference), None)


def reference_of(key_h: bytes, amc: bytes, handle: bytes) -> bytes:
    """The reference inside ``handle``.

    Raises:
        SealBroken: not a handle under this key, or one of another insurer.
    """
    try:
        parts = parts_of(_siv(key_h).decrypt(handle, None))
    except (InvalidTag, ValueError):
        raise SealBroken("a handle does not open under this key") from None
    if len(parts) != 2 or parts[0] != amc:
        raise SealBroken("a handle is of another insurer")
    return parts[1]
