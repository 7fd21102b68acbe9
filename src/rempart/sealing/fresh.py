"""Fresh codes, byte by byte: what a member's phone makes, which only the vault opens.

    code   = key id (8) · ephemeral public key (32) · AES-256-GCM(key, nonce = zeros, inside, bound)
    inside = phone card · made (u32) · nonce (16) · r ‖ s (64)
    key    = HMAC-SHA256(shared secret, label ‖ ephemeral public key ‖ vault's)
    bound  = key id · ephemeral public key
    signed = label ‖ made ‖ nonce ‖ SHA-256(phone card) ‖ ephemeral public key ‖ vault's

Every code has one size. The ephemeral key serves one code, so that its key seals once and its
nonce can be zeros. What the phone signs names the very key to which it seals: whoever opens a code
cannot seal it again to another vault.

A code has one aim: to ask about rights, or to see one's own history. The label of the other aim
gives another key and another text to sign, so that neither code serves in the other's place.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rempart.sealing.cose import SIGNATURE_SIZE, Kind
from rempart.sealing.errors import SealBroken
from rempart.sealing.framing import prefixed
from rempart.sealing.presence import KEY_ID_SIZE, KEY_SIZE, TAG_SIZE, key_id_of, public_of


class Aim(NamedTuple):
    """What a code is made for: the prefix says so, the label binds it."""

    prefix: str
    label: bytes


RIGHTS = Aim("RF1:", b"rempart/fresh/1")
"""Shown to a professional, for a question about rights: Rempart, fresh, format 1."""
HISTORY = Aim("RH1:", b"rempart/history/1")
"""Sent by the phone itself, to see what was read about its owner."""

FRESH_PREFIX = RIGHTS.prefix
PHONE_KIND = Kind("application/rempart-phone+cwt", 90, 90)
PHONE_CARD_SIZE = 208
MADE_SIZE, NONCE_SIZE = 4, 16
INSIDE_SIZE = PHONE_CARD_SIZE + MADE_SIZE + NONCE_SIZE + SIGNATURE_SIZE
FRESH_SIZE = KEY_ID_SIZE + KEY_SIZE + INSIDE_SIZE + TAG_SIZE
NO_NONCE = bytes(12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """What a code holds; ``made`` is in seconds since 1970 by the phone's clock.

    Nothing of it counts before insurer and phone have been found to have signed.
    """

    phone_card: bytes = field(repr=False)
    made: int
    nonce: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    def to_bytes(self) -> bytes:
        """The bytes that are sealed."""
        made = self.made.to_bytes(MADE_SIZE, "big")
        return self.phone_card + made + self.nonce + self.signature


def to_be_signed(
    phone_card: bytes, *, made: int, nonce: bytes, ephemeral: bytes, vault: bytes, aim: Aim = RIGHTS
) -> bytes:
    """What the phone signs; ``ephemeral`` and ``vault`` are public keys."""
    digest = hashlib.sha256(phone_card).digest()
    return prefixed(aim.label, made.to_bytes(MADE_SIZE, "big"), nonce, digest, ephemeral, vault)


def seal_fresh(inside: Inside, *, ephemeral: bytes, vault: bytes, aim: Aim = RIGHTS) -> bytes:
    """The bytes of a code; ``ephemeral`` is a private key of this code alone, ``vault`` public.

    Raises:
        SealBroken: ``vault`` is no X25519 public key.
    """
    public = public_of(ephemeral)
    bound = key_id_of(vault) + public
    key = _key(ephemeral, vault, public, vault, aim)
    sealed = bound + AESGCM(key).encrypt(NO_NONCE, inside.to_bytes(), bound)
    assert len(sealed) == FRESH_SIZE
    return sealed


def named_in(sealed: bytes) -> tuple[bytes, bytes]:
    """The id of the vault's key and the ephemeral public key that a code names.

    Raises:
        SealBroken: not of the one size.
    """
    if len(sealed) != FRESH_SIZE:
        raise SealBroken("fresh code: not of the one size")
    return sealed[:KEY_ID_SIZE], sealed[KEY_ID_SIZE : KEY_ID_SIZE + KEY_SIZE]


def open_fresh(sealed: bytes, private: bytes, *, aim: Aim = RIGHTS) -> Inside:
    """What is in a code of this aim, by the vault's private key.

    Raises:
        SealBroken: it was not sealed to this key, or not as it is, or for another aim.
    """
    key_id, ephemeral = named_in(sealed)
    key = _key(private, ephemeral, ephemeral, public_of(private), aim)
    try:
        inside = AESGCM(key).decrypt(NO_NONCE, sealed[KEY_ID_SIZE + KEY_SIZE :], key_id + ephemeral)
    except InvalidTag:
        raise SealBroken("fresh code: does not open") from None
    made_at = PHONE_CARD_SIZE
    nonce_at = made_at + MADE_SIZE
    signature_at = nonce_at + NONCE_SIZE
    return Inside(
        phone_card=inside[:made_at],
        made=int.from_bytes(inside[made_at:nonce_at], "big"),
        nonce=inside[nonce_at:signature_at],
        signature=inside[signature_at:],
    )


def _key(private: bytes, other: bytes, ephemeral: bytes, vault: bytes, aim: Aim) -> bytes:
    try:
        public = X25519PublicKey.from_public_bytes(other)
        shared = X25519PrivateKey.from_private_bytes(private).exchange(public)
    except ValueError:
        # Also a point of small order, whose shared secret everybody knows.
        raise SealBroken("fresh code: not an X25519 public key") from None
    return hmac.digest(shared, prefixed(aim.label, ephemeral, vault), "sha256")
