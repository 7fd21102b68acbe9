"""Card codes: the text of a card, written by its insurer and read by whoever holds its public key.

    code = "RP1:" base45(COSE_Sign1(claims))

Reading follows the steps of ``specs/card.md``; the numbers return below as comments:

(1) well formed: prefix, base45 and COSE, each in its one spelling;
(2) issuer: the insurer that the code names has, for us, the key that the code names;
(3) authentic: that key signed these bytes;
(4) claims: they are a card's, in their one spelling;
(5) dates: the day asked lies between the first and the last, both included.

Before step 3 has passed nothing is decoded: issuer and key id are read by position, to choose the
key and for nothing else.
"""

from collections.abc import Callable
from datetime import date
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ec import (
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)

from rempart.domain.card import CardClaims, from_payload, issuer_of, to_payload
from rempart.domain.errors import CardRefused, MalformedIdentifier
from rempart.sealing import base45
from rempart.sealing.cose import CARD_PREFIX, kid_of, read1, sign1, verify1
from rempart.sealing.errors import SealBroken
from rempart.sealing.framing import prefixed

CardKeys = Callable[[str, bytes], EllipticCurvePublicKey | None]
"""The P-256 key of an insurer (AMC number, 8 digits) under a key id (8 bytes), if it has one."""

CODE_SIZE_MAX = 366
"""Characters that a QR code of version 11 holds at level M."""


def card_text(claims: CardClaims, key: EllipticCurvePrivateKey) -> str:
    """The code of a card. Same claims, same key, same text.

    ``claims.key_id`` is the id of ``key``: readers find the public key under it.
    """
    assert claims.key_id == kid_of(key.public_key()), "a card names the key that signs it"
    text = CARD_PREFIX + base45.encode(sign1(to_payload(claims), key, kid=claims.key_id))
    assert len(text) <= CODE_SIZE_MAX
    return text


def read_card(text: str, *, keys: CardKeys, on: date | None) -> CardClaims:
    """The claims of an authentic code; with ``on``, of one that is in its dates on that day.

    Raises:
        CardRefused: the message names the step that failed, and never quotes the code.
    """
    # (1) One spelling, of bounded size, all the way down.
    if not text.startswith(CARD_PREFIX) or len(text) > CODE_SIZE_MAX:
        raise CardRefused("well-formed: not a card code of a known format")
    try:
        message = read1(base45.decode(text.removeprefix(CARD_PREFIX)))
        issuer = issuer_of(message.payload)
    except (SealBroken, MalformedIdentifier):
        raise CardRefused("well-formed: the code is damaged or not ours") from None

    # (2) The key must be this insurer's: another's good signature proves nothing here.
    key = keys(issuer, message.kid)
    if key is None:
        raise CardRefused("issuer: no trusted key of this insurer under this key id")

    # (3) From here on the payload counts.
    try:
        payload = verify1(message, key)
    except SealBroken:
        raise CardRefused("authentic: the signature does not verify") from None

    # (4) An insurer that signs another shape, or another spelling, has not signed a card.
    try:
        claims = from_payload(payload, key_id=message.kid)
    except MalformedIdentifier:
        raise CardRefused("claims: not what a card holds") from None

    # (5) A card proves the rights of its own days.
    if on is not None and not claims.valid_from <= on <= claims.valid_to:
        raise CardRefused("dates: the card is not valid on this day")
    return claims


def card_mark(claims: CardClaims) -> bytes:
    """What stands for a card under all of its codes: SHA-256 of its insurer and its secret.

    A code that is issued again, with another claim or under another key, is the same card.
    """
    return sha256(prefixed(claims.amc.encode(), claims.secret)).digest()
