"""An undertaking: what binds an insurer for one sale while cut off, signed by a shop's device.

Each device numbers its undertakings and chains them: each names the digest of the one before. What
is missing shows, and nothing can be put in between afterwards. It names the card by a digest of its
code, and nobody. The layout is ``specs/undertaking.md``.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import cbor2

from rempart.domain.coverage import Domain
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.identifiers import AMCNumber
from rempart.domain.plain_cbor import read_one_form
from rempart.domain.quote import LINES_MAX, Line

TYPE = "application/rempart-undertaking+cwt"
AUDIENCE, ISSUED, UNDERTAKING = 3, 6, -65540
NUMBER, BEFORE, CARD, CARE, LINES, AMC, LISTS = range(1, 8)
ITEM_MAX = 32
DIGEST_SIZE = 32
FIRST = bytes(DIGEST_SIZE)
"""What the first of a device names as the one before."""
ENCODED_MAX = 4_096
UNIX_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """By what it was decided: number of the trust list, when the status list was made (seconds)."""

    trust: int
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Undertaking:
    """``at`` is the device's clock in seconds, ``care`` the day of care as days since 1970;
    ``amc`` is what the insurer owes in cents, as the device has computed it from ``lines``;
    ``before`` and ``card`` are SHA-256.
    """

    amc_number: str
    at: int
    number: int
    before: bytes = field(repr=False)
    card: bytes = field(repr=False)
    care: int
    lines: tuple[Line, ...] = field(repr=False)
    amc: int
    lists: Lists

    @property
    def day(self) -> date:
        """The day of care."""
        return date.fromordinal(UNIX_EPOCH + self.care)

    def __post_init__(self) -> None:
        for holds, rule in (
            (AMCNumber.GRAMMAR.fullmatch(self.amc_number), "insurer: expected 8 digits"),
            (0 < self.at < 1 << 33, "at: expected seconds since 1970"),
            (0 < self.number < 1 << 32, "number: expected a u32 from 1"),
            (len(self.before) == DIGEST_SIZE, "before: expected 32 bytes"),
            ((self.number == 1) is (self.before == FIRST), "before: zeros for the first alone"),
            (len(self.card) == DIGEST_SIZE, "card: expected 32 bytes"),
            (0 <= self.care < 1 << 16, "care: expected days since 1970"),
            (0 < len(self.lines) <= LINES_MAX, f"lines: expected 1 to {LINES_MAX}"),
            (0 < self.amc <= 100_000_00, "amc: expected cents"),
            (0 < self.lists.trust < 1 << 32, "lists: expected the number of a trust list"),
            (0 < self.lists.status < 1 << 33, "lists: expected seconds since 1970"),
        ):
            if not holds:
                raise MalformedIdentifier("undertaking", rule)


def to_payload(undertaking: Undertaking) -> bytes:
    """The claims of an undertaking, in deterministic CBOR."""
    said = {
        NUMBER: undertaking.number,
        BEFORE: undertaking.before,
        CARD: undertaking.card,
        CARE: undertaking.care,
        LINES: [
            [line.item or (line.domain or 0), line.price, line.base, line.rate]
            for line in undertaking.lines
        ],
        AMC: undertaking.amc,
        LISTS: [undertaking.lists.trust, undertaking.lists.status],
    }
    claims = {AUDIENCE: undertaking.amc_number, ISSUED: undertaking.at, UNDERTAKING: said}
    return cbor2.dumps(claims, canonical=True)


def from_payload(payload: bytes) -> Undertaking:
    """Read an undertaking whose signature has been verified.

    Raises:
        MalformedIdentifier: not the claims of one, or not in their one spelling.
    """
    return read_one_form(payload, kind="undertaking", read=_undertaking, spell=to_payload)


def _undertaking(claims: object) -> Undertaking:
    match claims:
        case {
            3: str(amc_number),
            6: int(at),
            -65540: {
                1: int(number),
                2: bytes(before),
                3: bytes(card),
                4: int(care),
                5: list(lines),
                6: int(amc),
                7: [int(trust), int(status)],
            },
        }:
            return Undertaking(
                amc_number=amc_number,
                at=at,
                number=number,
                before=before,
                card=card,
                care=care,
                lines=tuple(map(_line, lines)),
                amc=amc,
                lists=Lists(trust=trust, status=status),
            )
    raise MalformedIdentifier("undertaking", "not what one holds")


def _line(said: Any) -> Line:
    match said:
        case [str(item), int(price), None, (int() | None) as rate] if 0 < len(item) <= ITEM_MAX:
            return Line(item=item, price=price, rate=rate)
        case [int(domain), int(price), int(base), (int() | None) as rate]:
            return Line(domain=Domain(domain), price=price, base=base, rate=rate)
    raise MalformedIdentifier("undertaking", "not a line of a sale")
