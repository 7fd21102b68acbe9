"""Fresh codes: made by a member's phone for this minute, read by the vault alone.

    text = "RF1:" base45(code)      for a question about rights
    text = "RH1:" base45(code)      for one's own history

Reading follows the steps of ``specs/fresh-code.md``; the numbers return below as comments:

(1) well formed: prefix, base45 in its one spelling, the one size;
(2) sealed: to a presence key of this vault that still serves, for the aim that is read here;
(3) issuer, (4) authentic, (5) claims: of the phone card inside, as of a card;
(6) dates: today, by the vault's clock, is one of its days;
(7) phone: the key that the phone card names signed this very code, for this very vault.

That it is in time and was not used is for ``domain/fresh.py``, once it is known who asks.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from rempart.domain.errors import CardRefused, MalformedIdentifier
from rempart.domain.phone_card import PhoneCard, from_payload, issuer_of, to_payload
from rempart.sealing import base45
from rempart.sealing.cose import check_es256, es256, kid_of, read1, sign1, verify1
from rempart.sealing.errors import SealBroken
from rempart.sealing.fresh import (
    FRESH_SIZE,
    PHONE_KIND,
    RIGHTS,
    Aim,
    Inside,
    named_in,
    open_fresh,
    seal_fresh,
    to_be_signed,
)
from rempart.sealing.presence import public_of
from rempart.usecases.card_codes import CardKeys
from rempart.usecases.p256_keys import key_at

PresenceKeyOf = Callable[[bytes], bytes | None]
"""The vault's private presence key under a key id (8 bytes), while it serves."""

CODE_SIZE = len(RIGHTS.prefix) + FRESH_SIZE // 2 * 3
"""Characters: a QR code of version 12 at level L, of version 14 at level M."""


@dataclass(frozen=True, slots=True)
class FreshShown:
    """What a phone showed; ``made`` in seconds by its clock, ``once`` (32 bytes) stands for it."""

    card: PhoneCard
    made: int
    once: bytes = field(repr=False)


def phone_card_bytes(card: PhoneCard, key: EllipticCurvePrivateKey) -> bytes:
    """A phone card, signed by its insurer. Same claims, same key, same bytes."""
    assert card.key_id == kid_of(key.public_key()), "a card names the key that signs it"
    return sign1(to_payload(card), key, kid=card.key_id, kind=PHONE_KIND)


def fresh_text(
    phone_card: bytes,
    phone: EllipticCurvePrivateKey,
    *,
    vault: bytes,
    made: int,
    nonce: bytes,
    ephemeral: bytes,
    aim: Aim = RIGHTS,
) -> str:
    """The code that a phone makes: ``made`` in seconds, 16 bytes of ``nonce`` and an X25519
    private key by chance, for this code alone; ``vault`` is the vault's presence key.
    """
    signed = to_be_signed(
        phone_card, made=made, nonce=nonce, ephemeral=public_of(ephemeral), vault=vault, aim=aim
    )
    inside = Inside(phone_card=phone_card, made=made, nonce=nonce, signature=es256(signed, phone))
    return text_of_fresh(seal_fresh(inside, ephemeral=ephemeral, vault=vault, aim=aim), aim)


def text_of_fresh(sealed: bytes, aim: Aim = RIGHTS) -> str:
    """The text of these bytes."""
    return aim.prefix + base45.encode(sealed)


def bytes_of_fresh(text: str, aim: Aim = RIGHTS) -> bytes | None:
    """The bytes of a text that has the form of a code of this aim; nothing for any other."""
    if not text.startswith(aim.prefix) or len(text) != CODE_SIZE:
        return None
    try:
        return base45.decode(text.removeprefix(aim.prefix))
    except SealBroken:
        return None


def read_fresh(
    text: str, *, presence: PresenceKeyOf, keys: CardKeys, today: date, aim: Aim = RIGHTS
) -> FreshShown:
    """What a phone showed for this aim, all but time and use of it examined.

    Raises:
        CardRefused: the message names the step that failed, and never quotes the code.
    """
    # (1) One spelling, one size.
    sealed = bytes_of_fresh(text, aim)
    if sealed is None:
        raise CardRefused("well-formed: the code is damaged or not ours")

    # (2) Nothing inside is read unless somebody sealed it to this vault, lately.
    key_id, ephemeral = named_in(sealed)
    private = presence(key_id)
    if private is None:
        raise CardRefused("sealed: to a key that this vault does not have, or no longer")
    try:
        inside = open_fresh(sealed, private, aim=aim)
    except SealBroken:
        raise CardRefused("sealed: the code does not open") from None

    card = read_phone_card(inside.phone_card, keys=keys, today=today)  # (3) to (6)

    # (7) A phone card that somebody copied makes no code.
    signed = to_be_signed(
        inside.phone_card,
        made=inside.made,
        nonce=inside.nonce,
        ephemeral=ephemeral,
        vault=public_of(private),
        aim=aim,
    )
    try:
        check_es256(inside.signature, signed, key_at(card.point))
    except (SealBroken, ValueError):
        raise CardRefused("phone: not signed by the phone that the card names") from None
    return FreshShown(card, inside.made, hashlib.sha256(signed).digest())


def read_phone_card(message: bytes, *, keys: CardKeys, today: date) -> PhoneCard:
    """The claims of an authentic phone card, on one of its days.

    Raises:
        CardRefused: as ``read_fresh``.
    """
    try:
        read = read1(message, kind=PHONE_KIND)
        issuer = issuer_of(read.payload)
    except (SealBroken, MalformedIdentifier):
        raise CardRefused("well-formed: what is sealed is no phone card") from None
    key = keys(issuer, read.kid)
    if key is None:  # (3)
        raise CardRefused("issuer: no trusted key of this insurer under this key id")
    try:
        payload = verify1(read, key)  # (4)
    except SealBroken:
        raise CardRefused("authentic: the insurer's signature does not verify") from None
    try:
        card = from_payload(payload, key_id=read.kid)  # (5)
    except MalformedIdentifier:
        raise CardRefused("claims: not what a phone card holds") from None
    if not card.valid_from <= today <= card.valid_to:  # (6)
        raise CardRefused("dates: today is none of the phone card's days")
    return card
