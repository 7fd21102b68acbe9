"""The claims of a card code: what an insurer attests of one beneficiary, without naming them.

The layout is ``specs/card.md``. A claims set (CWT, RFC 8392) is deterministic CBOR; dates are
whole days, ``exp`` the midnight after the last one.
"""

import re
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, TypeVar

import cbor2

from rempart.domain.coverage import Domain, Grid, Mode
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.hidden import Hidden
from rempart.domain.identifiers import YEAR_MAX, YEAR_MIN, AMCNumber

ISS, EXP, NBF = 1, 4, 5
CARD = -65537
"""Our claim, in the range that RFC 8392 leaves to private use."""
CONVENTION, CSR, SECRET, BIRTH_YEAR, DOMAINS, RESPONSABLE, STATUS, GUARANTEES = range(1, 9)

SECRET_SIZE = 16
KEY_ID_SIZE = 8
GUARANTEES_SIZE_MAX = 32
"""What a QR code of version 11 has left once every other field is full."""

BEGINNING = b"\xa4\x01\x68"  # map of 4; claim 1, text (8)
ISSUER_SIZE = 8

DAY = 86_400
EPOCH = date(1970, 1, 1).toordinal()
PAYLOAD_SIZE_MAX = 256

T = TypeVar("T", int, bytes)

CONVENTION_GRAMMAR = re.compile(r"[0-9A-Z]{2}")
CSR_GRAMMAR = re.compile(r"(?:[!-~](?:[ -~]{0,6}[!-~])?)?")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CardClaims(Hidden):
    """What a card attests.

    ``amc`` is 8 digits, ``convention`` 2 characters, ``csr`` at most 8, ``secret`` 16 bytes,
    ``key_id`` the 8 bytes that name the signing key. ``valid_to`` is the last day. ``domains``
    stand by ascending code. ``status_index`` (u32) is its place on the insurer's status list;
    ``guarantees`` (at most 32 bytes) is what ``guarantee.OfCard`` reads.
    """

    amc: str
    convention: str
    csr: str
    secret: bytes
    birth_year: int
    domains: Grid
    responsable: bool
    valid_from: date
    valid_to: date
    key_id: bytes
    status_index: int | None = None
    guarantees: bytes | None = None

    def __post_init__(self) -> None:
        for holds, rule in (
            (AMCNumber.GRAMMAR.fullmatch(self.amc), "issuer: expected 8 digits"),
            (CONVENTION_GRAMMAR.fullmatch(self.convention), "convention: expected 2 characters"),
            (CSR_GRAMMAR.fullmatch(self.csr), "CSR: expected at most 8 printable characters"),
            (len(self.secret) == SECRET_SIZE, "secret: expected 16 bytes"),
            (YEAR_MIN <= self.birth_year <= YEAR_MAX, "birth year outside 1800 to 2199"),
            (_ascending(self.domains), "domains: expected at least one, by ascending code"),
            (self.valid_from <= self.valid_to, "ends before it begins"),
            (len(self.key_id) == KEY_ID_SIZE, "key id: expected 8 bytes"),
            (0 <= (self.status_index or 0) < 2**32, "status index: expected a u32"),
            (len(self.guarantees or b"") <= GUARANTEES_SIZE_MAX, "guarantees: too long"),
        ):
            if not holds:
                raise MalformedIdentifier("card", rule)


def _ascending(domains: Grid) -> bool:
    codes = [domain for domain, _ in domains]
    return bool(codes) and all(one < next_ for one, next_ in pairwise(codes))


def to_payload(claims: CardClaims) -> bytes:
    """The claims set of ``claims``; ``key_id`` stands in the signature's header, not here."""
    card: dict[int, Any] = {
        CONVENTION: claims.convention,
        CSR: claims.csr,
        SECRET: claims.secret,
        BIRTH_YEAR: claims.birth_year,
        DOMAINS: {domain.value: mode.value for domain, mode in claims.domains},
        RESPONSABLE: claims.responsable,
    }
    if claims.status_index is not None:
        card[STATUS] = claims.status_index
    if claims.guarantees is not None:
        card[GUARANTEES] = claims.guarantees
    claims_set = {
        ISS: claims.amc,
        EXP: (claims.valid_to.toordinal() + 1 - EPOCH) * DAY,
        NBF: (claims.valid_from.toordinal() - EPOCH) * DAY,
        CARD: card,
    }
    return cbor2.dumps(claims_set, canonical=True)


def issuer_of(payload: bytes) -> str:
    """The AMC number that a claims set begins with, read by position and believed by nobody yet.

    It serves to choose the key that may make the rest worth reading.

    Raises:
        MalformedIdentifier: not the beginning of a claims set.
    """
    if not payload.startswith(BEGINNING):
        raise MalformedIdentifier("card", "claims are not what a card holds")
    issuer = payload[len(BEGINNING) : len(BEGINNING) + ISSUER_SIZE].decode("ascii", "replace")
    return AMCNumber.parse(issuer).value


def from_payload(payload: bytes, *, key_id: bytes) -> CardClaims:
    """Read a claims set whose signature has been verified.

    Raises:
        MalformedIdentifier: a claim is missing, unknown or breaks its grammar, or the set is not
            in its one spelling.
    """
    if len(payload) > PAYLOAD_SIZE_MAX:
        raise MalformedIdentifier("card", "claims are too long")
    try:
        claims = _claims(cbor2.loads(payload), key_id)
        if to_payload(claims) == payload:
            return claims
    except (cbor2.CBORError, ValueError, TypeError, OverflowError):
        raise MalformedIdentifier("card", "claims are not what a card holds") from None
    raise MalformedIdentifier("card", "claims are not in their one form")


def _claims(claims_set: object, key_id: bytes) -> CardClaims:
    match claims_set:
        case {
            1: str(amc),
            4: int(exp),
            5: int(nbf),
            -65537: {
                1: str(convention),
                2: str(csr),
                3: bytes(secret),
                4: int(birth_year),
                5: dict(domains),
                6: bool(responsable),
                **reserved,
            },
        }:
            return CardClaims(
                amc=amc,
                convention=convention,
                csr=csr,
                secret=secret,
                birth_year=birth_year,
                domains=tuple(sorted((Domain(code), Mode(mode)) for code, mode in domains.items())),
                responsable=responsable,
                valid_from=date.fromordinal(EPOCH + nbf // DAY),
                valid_to=date.fromordinal(EPOCH + exp // DAY - 1),
                key_id=key_id,
                status_index=_of_type(int, reserved.get(STATUS)),
                guarantees=_of_type(bytes, reserved.get(GUARANTEES)),
            )
    raise MalformedIdentifier("card", "claims are not what a card holds")


def _of_type(kind: type[T], value: object) -> T | None:
    # Exactly of the type: a boolean is an integer in Python, and not in CBOR.
    if value is not None and type(value) is not kind:
        raise MalformedIdentifier("card", "claims are not what a card holds")
    return value
