"""The claims of a phone card: an insurer lets one phone's key show one card, for some days.

The layout is ``specs/fresh-code.md``. Only the vault reads it, so it holds no more than the vault
needs: no birth year, no domain. Every payload has one size.
"""

from dataclasses import dataclass
from datetime import date

import cbor2

from rempart.domain.card import DAY, EPOCH, EXP, ISS, KEY_ID_SIZE, NBF, SECRET_SIZE
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.hidden import Hidden
from rempart.domain.identifiers import AMCNumber

CNF = 8
"""Confirmation (RFC 8747): whoever shows this proves that they hold the key."""
COSE_KEY, KTY, CRV, X, Y = 1, 1, -1, -2, -3
EC2, P256 = 2, 1
SHOWS = -65540
"""Our claim: the secret of the card that this phone may show."""

PAYLOAD_SIZE = 90
BEGINNING = b"\xa5\x01\x68"  # map of 5; claim 1, text (8)
ISSUER_SIZE = 8
POINT_SIZE = 33


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PhoneCard(Hidden):
    """What it attests, on the days from ``valid_from`` to ``valid_to``, both included.

    ``point`` is the phone's P-256 key, compressed (2 or 3, then x); ``key_id`` names the insurer's.
    """

    amc: str
    secret: bytes
    point: bytes
    valid_from: date
    valid_to: date
    key_id: bytes

    def __post_init__(self) -> None:
        for holds, rule in (
            (AMCNumber.GRAMMAR.fullmatch(self.amc), "issuer: expected 8 digits"),
            (len(self.secret) == SECRET_SIZE, "secret: expected 16 bytes"),
            (_compressed(self.point), "key: expected a compressed point"),
            (self.valid_from <= self.valid_to, "ends before it begins"),
            (len(self.key_id) == KEY_ID_SIZE, "key id: expected 8 bytes"),
        ):
            if not holds:
                raise MalformedIdentifier("phone card", rule)


def _compressed(point: bytes) -> bool:
    return len(point) == POINT_SIZE and point[0] in {2, 3}


def to_payload(card: PhoneCard) -> bytes:
    """The claims set; ``key_id`` stands in the signature's header, not here."""
    key = {KTY: EC2, CRV: P256, X: card.point[1:], Y: card.point[0] == 3}
    claims_set = {
        ISS: card.amc,
        EXP: (card.valid_to.toordinal() + 1 - EPOCH) * DAY,
        NBF: (card.valid_from.toordinal() - EPOCH) * DAY,
        CNF: {COSE_KEY: key},
        SHOWS: card.secret,
    }
    return cbor2.dumps(claims_set, canonical=True)


def issuer_of(payload: bytes) -> str:
    """The AMC number that a payload begins with, by position: it serves to choose a key.

    Raises:
        MalformedIdentifier: not the beginning of a phone card.
    """
    if len(payload) != PAYLOAD_SIZE or not payload.startswith(BEGINNING):
        raise MalformedIdentifier("phone card", "claims are not what one holds")
    issuer = payload[len(BEGINNING) : len(BEGINNING) + ISSUER_SIZE].decode("ascii", "replace")
    return AMCNumber.parse(issuer).value


def from_payload(payload: bytes, *, key_id: bytes) -> PhoneCard:
    """Read a claims set whose signature has been verified.

    Raises:
        MalformedIdentifier: not what a phone card holds, or in another spelling.
    """
    try:
        card = _claims(cbor2.loads(payload), key_id)
        if to_payload(card) == payload:
            return card
    except (cbor2.CBORError, ValueError, TypeError, OverflowError):
        raise MalformedIdentifier("phone card", "claims are not what one holds") from None
    raise MalformedIdentifier("phone card", "claims are not in their one form")


def _claims(claims_set: object, key_id: bytes) -> PhoneCard:
    match claims_set:
        case {
            1: str(amc),
            4: int(exp),
            5: int(nbf),
            8: {1: {-2: bytes(x), -3: bool(odd)}},
            -65540: bytes(secret),
        }:
            return PhoneCard(
                amc=amc,
                secret=secret,
                point=bytes([2 + odd]) + x,
                valid_from=date.fromordinal(EPOCH + nbf // DAY),
                valid_to=date.fromordinal(EPOCH + exp // DAY - 1),
                key_id=key_id,
            )
    raise MalformedIdentifier("phone card", "claims are not what one holds")
