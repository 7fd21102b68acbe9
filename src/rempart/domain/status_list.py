"""The status list of an insurer: which of its cards no longer say the truth.

A card names its place, drawn by chance when it was issued, so that order tells no family and no
employer. The shape is that of the IETF's Token Status List in CBOR: one bit a card, the first card
of a byte in its lowest bit, compressed with zlib. The layout is ``specs/card-lists.md``.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import cbor2

from rempart.domain.errors import MalformedIdentifier
from rempart.domain.identifiers import AMCNumber
from rempart.domain.plain_cbor import read_one_form

SUBJECT, EXPIRES, ISSUED, STATUS_LIST = 2, 4, 6, 65533
BITS, LIST = "bits", "lst"
SUBJECT_PREFIX = "urn:rempart:status:"
ISSUER_SIZE = 8
BEGINNING = b"\xa4\x02\x78\x1b" + SUBJECT_PREFIX.encode()  # map of 4; claim 2, text (27)
TYPE = "application/statuslist+cwt"

PLACES_MIN, PLACES_MAX = 1 << 12, 1 << 27
"""Of one insurer: 134 million cards, twice those of France."""
ENCODED_MAX = PLACES_MAX // 8 + 65_536
"""Bytes of a list that compresses to nothing."""
SECONDS_MAX = 1 << 33


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusList:
    """``made`` and ``until`` are seconds since 1970: a later list is the one that counts, and after
    ``until`` a newer one should have come. ``bits`` has one bit a place, 1 for a card that is over.
    """

    amc: str
    made: int
    until: int
    bits: bytes = field(repr=False)

    def __post_init__(self) -> None:
        for holds, rule in (
            (AMCNumber.GRAMMAR.fullmatch(self.amc), "issuer: expected 8 digits"),
            (0 < self.made < self.until < SECONDS_MAX, "made: expected before its end"),
            (PLACES_MIN <= len(self.bits) * 8 <= PLACES_MAX, "list: of another size"),
        ):
            if not holds:
                raise MalformedIdentifier("status list", rule)

    @property
    def places(self) -> int:
        """How many cards have a place."""
        return len(self.bits) * 8

    def is_over(self, place: int) -> bool | None:
        """Whether the card at ``place`` is over; ``None`` where the list has no such place yet."""
        if place >= self.places:
            return None
        return bool(self.bits[place >> 3] >> (place & 7) & 1)


def bits_of(places: int, over: Iterable[int]) -> bytes:
    """``places`` bits (a multiple of 8), 1 at those that are ``over``."""
    bits = bytearray(places // 8)
    for place in over:
        bits[place >> 3] |= 1 << (place & 7)
    return bytes(bits)


def to_payload(status: StatusList) -> bytes:
    """The claims of a list, in deterministic CBOR."""
    return _claims((status, zlib.compress(status.bits, 9)))


def _claims(said: tuple[StatusList, bytes]) -> bytes:
    status, compressed = said
    claims = {
        SUBJECT: SUBJECT_PREFIX + status.amc,
        EXPIRES: status.until,
        ISSUED: status.made,
        STATUS_LIST: {LIST: compressed, BITS: 1},
    }
    return cbor2.dumps(claims, canonical=True)


def subject_of(payload: bytes) -> str:
    """The AMC number that a list begins with, read by position and believed by nobody yet.

    Raises:
        MalformedIdentifier: not the beginning of a list.
    """
    if not payload.startswith(BEGINNING):
        raise MalformedIdentifier("status list", "not the list of an insurer")
    found = payload[len(BEGINNING) : len(BEGINNING) + ISSUER_SIZE]
    return AMCNumber.parse(found.decode("ascii", "replace")).value


def from_payload(payload: bytes) -> StatusList:
    """Read a list whose signature has been verified.

    Raises:
        MalformedIdentifier: not the claims of one, or more in it than a list holds.
    """
    status, _ = read_one_form(payload, kind="status list", read=_read, spell=_claims)
    return status


def _read(claims: object) -> tuple[StatusList, bytes]:
    match claims:
        case {
            2: str(subject),
            4: int(until),
            6: int(made),
            65533: {"bits": 1, "lst": bytes(compressed)},
        } if subject.startswith(SUBJECT_PREFIX):
            amc = subject.removeprefix(SUBJECT_PREFIX)
            bits = _inflated(compressed)
            return StatusList(amc=amc, made=made, until=until, bits=bits), compressed
    raise MalformedIdentifier("status list", "not what a list holds")


def _inflated(compressed: bytes) -> bytes:
    """The bits; never more than a list may have, whatever they were pressed from."""
    inflater = zlib.decompressobj()
    try:
        bits = inflater.decompress(compressed, PLACES_MAX // 8 + 1)
    except zlib.error:
        raise MalformedIdentifier("status list", "not compressed as expected") from None
    if not inflater.eof or inflater.unused_data:
        raise MalformedIdentifier("status list", "too long, cut short or followed by something")
    return bits
