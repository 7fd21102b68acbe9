"""The trust list of an operator: whose cards count, and under which keys.

Whoever verifies cards holds the operator's key and takes in newer lists only. The layout is
``specs/card-lists.md``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import cbor2

from rempart.domain.card import KEY_ID_SIZE
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.identifiers import AMCNumber
from rempart.domain.insurer import P256_POINT_SIZE
from rempart.domain.plain_cbor import read_one_form

TYPE = "application/rempart-trust-list+cwt"
ISSUER, EXPIRES, ISSUED = 1, 4, 6
TRUST_LIST = -65538
"""Our claim, in the range that RFC 8392 leaves to private use."""
NUMBER, INSURERS, NEXT_KEY = 1, 2, 3
AMC, NAME, KEYS, STATEMENT = 1, 2, 3, 4

NAME_MAX = 80
STATEMENT_MAX = 8_400
INSURERS_MAX, KEYS_MAX = 2_000, 16
ENCODED_MAX = 1 << 22
SECONDS_MAX = 1 << 33
NUMBER_MAX = 1 << 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """An insurer on the list, as it is called, and its card keys (P-256 points, 65 bytes) by key id
    (8 bytes); and its standing guarantees, signed by it, as they came.
    """

    amc: str
    name: str
    keys: Mapping[bytes, bytes]
    statement: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        for holds, rule in (
            (AMCNumber.GRAMMAR.fullmatch(self.amc), "insurer: expected 8 digits"),
            (_is_name(self.name), f"name: expected 1 to {NAME_MAX} characters"),
            (0 < len(self.keys) <= KEYS_MAX, f"keys: expected 1 to {KEYS_MAX}"),
            (all(len(kid) == KEY_ID_SIZE for kid in self.keys), "key id: expected 8 bytes"),
            (all(map(_is_point, self.keys.values())), "key: expected a point of P-256"),
            (len(self.statement) <= STATEMENT_MAX, "guarantees: too long"),
        ):
            if not holds:
                raise MalformedIdentifier("trust list", rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustList:
    """``number`` grows from list to list; ``made`` and ``until`` are seconds since 1970.

    ``next_key`` is the operator's next key (65 bytes), for whoever takes lists in: known before it
    signs.
    """

    operator: str
    number: int
    made: int
    until: int
    insurers: tuple[Trusted, ...]
    next_key: bytes = b""

    def __post_init__(self) -> None:
        amcs = [each.amc for each in self.insurers]
        for holds, rule in (
            (_is_name(self.operator), f"operator: expected a name of 1 to {NAME_MAX} characters"),
            (0 < self.number < NUMBER_MAX, "number: expected a u32 from 1"),
            (0 < self.made < self.until < SECONDS_MAX, "made: expected before its end"),
            (len(amcs) <= INSURERS_MAX, "insurers: too many"),
            (all(one < next_ for one, next_ in pairwise(amcs)), "insurers: not ascending"),
            (not self.next_key or _is_point(self.next_key), "next key: expected a point of P-256"),
        ):
            if not holds:
                raise MalformedIdentifier("trust list", rule)


def _is_point(key: bytes) -> bool:
    return len(key) == P256_POINT_SIZE and key[0] == 4


def _is_name(text: str) -> bool:
    return text.isprintable() and text.strip() == text and 0 < len(text) <= NAME_MAX


def to_payload(trust: TrustList) -> bytes:
    """The claims of a list, in deterministic CBOR."""
    said: dict[int, Any] = {
        NUMBER: trust.number,
        INSURERS: [_said(each) for each in trust.insurers],
    }
    if trust.next_key:
        said[NEXT_KEY] = trust.next_key
    claims = {ISSUER: trust.operator, EXPIRES: trust.until, ISSUED: trust.made, TRUST_LIST: said}
    return cbor2.dumps(claims, canonical=True)


def _said(trusted: Trusted) -> dict[int, Any]:
    said: dict[int, Any] = {AMC: trusted.amc, NAME: trusted.name, KEYS: dict(trusted.keys)}
    return {**said, STATEMENT: trusted.statement} if trusted.statement else said


def from_payload(payload: bytes) -> TrustList:
    """Read a list whose signature has been verified.

    Raises:
        MalformedIdentifier: not the claims of one, or not in their one spelling.
    """
    return read_one_form(payload, kind="trust list", read=_trust, spell=to_payload)


def _trust(claims: object) -> TrustList:
    match claims:
        case {
            1: str(operator),
            4: int(until),
            6: int(made),
            -65538: {1: int(number), 2: list(insurers), **more},
        } if set(more) <= {NEXT_KEY}:
            return TrustList(
                operator=operator,
                number=number,
                made=made,
                until=until,
                insurers=tuple(map(_insurer, insurers)),
                next_key=_bytes(more.get(NEXT_KEY, b"")),
            )
    raise MalformedIdentifier("trust list", "not what a list holds")


def _insurer(said: object) -> Trusted:
    match said:
        case {1: str(amc), 2: str(name), 3: dict(keys), **more} if set(more) <= {STATEMENT}:
            points = {_bytes(kid): _bytes(point) for kid, point in keys.items()}
            statement = _bytes(more.get(STATEMENT, b""))
            return Trusted(amc=amc, name=name, keys=points, statement=statement)
    raise MalformedIdentifier("trust list", "not what a list says of an insurer")


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise MalformedIdentifier("trust list", "expected bytes")
    return value
