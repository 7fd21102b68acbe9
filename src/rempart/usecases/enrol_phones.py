"""Enrol a phone, and renew its phone card, at the insurer.

(1) the phone proves that it has the private half of the key that it brings;
(2) an invitation is good once: for the phone that used it, whose answer may have got lost, and for
    no other; a renewal is of a phone that was enrolled and is not over;
(3) the card is the live one of whom the invitation was for.

Whatever fails, the words are the same. Only an invitation brings a phone in: nothing that is
printed on a card, or follows from it, has a part in it.
"""

import hmac
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from rempart.domain.base64url import from_base64url
from rempart.domain.card import SECRET_SIZE, CardClaims, from_payload, to_payload
from rempart.domain.errors import EnrolmentRefused, MalformedIdentifier
from rempart.domain.insurer import InsurerProfile
from rempart.domain.invitation import InvitationCode
from rempart.domain.phone_card import PhoneCard
from rempart.sealing.cose import check_es256, kid_of
from rempart.sealing.errors import SealBroken
from rempart.sealing.framing import prefixed
from rempart.sealing.locks import card_secret
from rempart.usecases.card_codes import card_text
from rempart.usecases.fresh_codes import phone_card_bytes
from rempart.usecases.insurer_keys import CARD, DIGEST, card_signing_key
from rempart.usecases.p256_keys import key_at
from rempart.usecases.phone_ports import KeptCard, PhoneBook
from rempart.usecases.ports import KeyStore

PHONES_MAX = 2
"""Phones that show one card: their owner's, and who goes to the pharmacy for them."""
PHONE_DAYS = 92
"""Days for which a phone card is good."""
RENEWAL_WITHIN = 300
"""Seconds between a renewal's own time and ours."""
ENROLMENT, RENEWAL = b"rempart/phone-enrolment/1", b"rempart/phone-renewal/1"
DIGEST_LABEL = b"rempart/phone-invitation/1"
NO_SECRET = bytes(SECRET_SIZE)


class PhoneRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a phone asks: with a ``code``, to be enrolled; with ``made`` (seconds), to be renewed.

    ``key`` is its public point (65 bytes), ``proof`` its signature (64), in base64url.
    """

    key: str
    proof: str
    code: str = ""
    made: int = 0

    def __repr__(self) -> str:
        return "PhoneRequest(…)"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a phone gets: its phone card, and the card's own code for who verifies offline."""

    phone_card: bytes = field(repr=False)
    card: str = field(repr=False)


def invitation_digest(keys: KeyStore, code: InvitationCode) -> bytes:
    """Under which an insurer keeps an invitation: 16 bytes that give nothing back."""
    return hmac.digest(keys.get(DIGEST), DIGEST_LABEL + code.value.encode(), "sha256")[:16]


def kept(serial: int, claims: CardClaims) -> KeptCard:
    """A card as the book keeps it."""
    return KeptCard(serial, to_payload(replace(claims, secret=NO_SECRET)))


def day_at(now: int) -> date:
    """The day of a moment in seconds, UTC."""
    return datetime.fromtimestamp(now, UTC).date()


@dataclass(slots=True, kw_only=True)
class EnrolPhones:
    """One insurer's answers to phones."""

    profile: InsurerProfile
    keys: KeyStore = field(repr=False)
    book: PhoneBook

    def __call__(self, request: PhoneRequest, *, now: int) -> Enrolled:
        """Answer one phone; ``now`` is in seconds since 1970.

        Raises:
            EnrolmentRefused: (1), (2) or (3); nothing was used up.
            TemporarilyUnavailable: the book is being written; nothing was used up.
        """
        point, key = _key(request.key)
        handle = (
            self._enrol(request, point, key, now)
            if request.code
            else self._renew(request, point, key, now)
        )
        return self._answer(handle, key, day_at(now))

    def _enrol(
        self, request: PhoneRequest, point: bytes, key: EllipticCurvePublicKey, now: int
    ) -> bytes:
        try:
            code = InvitationCode.parse(request.code)
        except MalformedIdentifier:
            raise EnrolmentRefused from None
        _prove(request, key, prefixed(ENROLMENT, code.value.encode(), point))  # (1)
        digest = invitation_digest(self.keys, code)
        with self.book.taking():
            invited = self.book.invitation(digest)  # (2)
            if invited is None or now > invited.lapses or invited.point not in {b"", point}:
                raise EnrolmentRefused
            if self.book.holder(point) != (invited.handle if invited.point else None):
                # A key of its own for each card; or a phone that others have taken the place of.
                raise EnrolmentRefused
            self._card(invited.handle, day_at(now))  # (3): an invitation is not used up in vain.
            if not invited.point:
                self.book.enrol(digest, point, most=PHONES_MAX)
        return invited.handle

    def _renew(
        self, request: PhoneRequest, point: bytes, key: EllipticCurvePublicKey, now: int
    ) -> bytes:
        if not 0 <= request.made < 2**32 or abs(request.made - now) > RENEWAL_WITHIN:
            raise EnrolmentRefused
        _prove(request, key, prefixed(RENEWAL, request.made.to_bytes(4, "big"), point))  # (1)
        handle = self.book.holder(point)  # (2)
        if handle is None:
            raise EnrolmentRefused
        return handle

    def _card(self, handle: bytes, today: date) -> tuple[int, CardClaims]:
        """The card to show today: of those that have begun, the one that ends last."""
        kid = kid_of(card_signing_key(self.keys).public_key())
        live = [
            (claims.valid_from <= today, claims.valid_to, card.serial, claims)
            for card in self.book.cards(handle)
            if (claims := from_payload(card.claims, key_id=kid)).valid_to >= today
        ]
        if not live:
            raise EnrolmentRefused
        *_, serial, claims = max(live, key=lambda each: each[:3])
        return serial, claims

    def _answer(self, handle: bytes, key: EllipticCurvePublicKey, today: date) -> Enrolled:
        serial, claims = self._card(handle, today)
        key_c = self.keys.get(f"{CARD}{serial >> 16}")
        secret = card_secret(key_c, handle, serial.to_bytes(4, "big"))
        signing = card_signing_key(self.keys)
        phone = PhoneCard(
            amc=claims.amc,
            secret=secret,
            point=key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint),
            valid_from=today,
            valid_to=min(claims.valid_to, today + timedelta(days=PHONE_DAYS - 1)),
            key_id=claims.key_id,
        )
        card = card_text(replace(claims, secret=secret), signing)
        return Enrolled(phone_card_bytes(phone, signing), card)


def _key(text: str) -> tuple[bytes, EllipticCurvePublicKey]:
    """The point that a phone brings, in its one spelling."""
    point = _bytes(text, 65)
    try:
        if point[0] != 4:
            raise EnrolmentRefused
        return point, key_at(point)
    except ValueError:
        raise EnrolmentRefused from None


def _prove(request: PhoneRequest, key: EllipticCurvePublicKey, message: bytes) -> None:
    try:
        check_es256(_bytes(request.proof, 64), message, key)
    except SealBroken:
        raise EnrolmentRefused from None


def _bytes(text: str, size: int) -> bytes:
    try:
        value = from_base64url(text)
    except ValueError:
        raise EnrolmentRefused from None
    if len(value) != size:
        raise EnrolmentRefused
    return value
