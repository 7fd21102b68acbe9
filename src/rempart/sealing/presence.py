"""Sealed presence: what a patient brought, from a practice's software to the vault alone.

    key   = HMAC-SHA256(shared secret, label ‖ software's public key ‖ vault's ‖ session)
    value = counter (u64) · AES-256-GCM(key, nonce = zeros (4) · counter, padded content,
                                        label ‖ session ‖ idempotency key ‖ domain ‖ care date)

One X25519 agreement serves a session, and one counter a question. ``session`` is the SHA-256 of
the access token, which both ends know: it makes the key of each session another even where a
software uses a key of its own twice, so that no nonce ever comes back under one key. Every value
has one size, whatever is in it.
"""

import hashlib
import hmac
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rempart.sealing.errors import SealBroken
from rempart.sealing.framing import prefixed

LABEL = b"rempart/presence/1"
KEY_SIZE = 32
KEY_ID_SIZE = 8
COUNTER_SIZE = 8
TAG_SIZE = 16
LENGTH_SIZE = 2
PADDED_SIZE = 384
"""Bytes of every padded content: the longest card code takes 376."""
CONTENT_MAX = PADDED_SIZE - LENGTH_SIZE
SEALED_SIZE = COUNTER_SIZE + PADDED_SIZE + TAG_SIZE
COUNTER_MAX = 2**64 - 1
NONCE_HEAD = bytes(4)
ZEROS = bytes(PADDED_SIZE)


def public_of(private: bytes) -> bytes:
    """The X25519 public key of 32 private bytes."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def key_id_of(public: bytes) -> bytes:
    """Eight bytes that tell presence keys apart."""
    return hashlib.sha256(public).digest()[:KEY_ID_SIZE]


def software_key(private: bytes, vault: bytes, session: bytes) -> bytes:
    """A session's key as its software finds it, from its own private key and the vault's public.

    Raises:
        SealBroken: ``vault`` is no X25519 public key.
    """
    return _key(private, vault, public_of(private), vault, session)


def vault_key(private: bytes, software: bytes, session: bytes) -> bytes:
    """The same key as the vault finds it, from its private key and the software's public one.

    Raises:
        SealBroken: ``software`` is no X25519 public key.
    """
    return _key(private, software, software, public_of(private), session)


def _key(private: bytes, other: bytes, software: bytes, vault: bytes, session: bytes) -> bytes:
    try:
        public = X25519PublicKey.from_public_bytes(other)
        shared = X25519PrivateKey.from_private_bytes(private).exchange(public)
    except ValueError:
        # Also a point of small order, whose shared secret everybody knows.
        raise SealBroken("presence: not an X25519 public key") from None
    return hmac.digest(shared, prefixed(LABEL, software, vault, session), "sha256")


def _bound(session: bytes, key: bytes, domain: bytes, care_date: bytes) -> bytes:
    return prefixed(LABEL, session, key, domain, care_date)


@dataclass(slots=True)
class SoftwareEnd:
    """Where a session's questions are sealed: each under the next counter, from 0."""

    session: bytes = field(repr=False)
    key: AESGCM = field(repr=False)
    counter: int = 0

    def seal(self, content: bytes, *, key: bytes, domain: bytes, care_date: bytes) -> bytes:
        """``content`` (1 to 382 bytes), sealed for one question under its idempotency key.

        Raises:
            SealBroken: it is longer than anything that a patient brings.
        """
        if not 0 < len(content) <= CONTENT_MAX:
            raise SealBroken("presence: nothing that a patient brings has this length")
        assert self.counter <= COUNTER_MAX
        counter = self.counter.to_bytes(COUNTER_SIZE, "big")
        self.counter += 1
        padded = (len(content).to_bytes(LENGTH_SIZE, "big") + content).ljust(PADDED_SIZE, b"\0")
        bound = _bound(self.session, key, domain, care_date)
        return counter + self.key.encrypt(NONCE_HEAD + counter, padded, bound)


@dataclass(slots=True)
class VaultEnd:
    """Where they are opened; ``highest`` is the counter of the last one that was."""

    session: bytes = field(repr=False)
    key: AESGCM = field(repr=False)
    highest: int = -1

    def open(self, sealed: bytes, *, key: bytes, domain: bytes, care_date: bytes) -> bytes:
        """The content of ``sealed``, once.

        (1) it has its one size;
        (2) its counter is above every one opened before: nothing is opened twice;
        (3) it opens for this session, idempotency key, domain and date;
        (4) only then does its counter count: what does not open moves nothing;
        (5) the padding has its one form.

        Raises:
            SealBroken: one of these does not hold.
        """
        if len(sealed) != SEALED_SIZE:  # (1)
            raise SealBroken("presence: not of the one size")
        counter = sealed[:COUNTER_SIZE]
        number = int.from_bytes(counter, "big")
        if number <= self.highest:  # (2)
            raise SealBroken("presence: a counter that does not increase")
        bound = _bound(self.session, key, domain, care_date)
        try:
            padded = self.key.decrypt(NONCE_HEAD + counter, sealed[COUNTER_SIZE:], bound)  # (3)
        except InvalidTag:
            raise SealBroken("presence: does not open for this question") from None
        self.highest = number  # (4)
        end = LENGTH_SIZE + int.from_bytes(padded[:LENGTH_SIZE], "big")
        if not LENGTH_SIZE < end <= PADDED_SIZE or padded[end:] != ZEROS[end:]:  # (5)
            raise SealBroken("presence: not padded in the one form")
        return padded[LENGTH_SIZE:end]
