"""A claim (DRE), or a request for an agreement (PEC), as a site sends it: for whom, by what right.

It names nobody. What it rests on says whose care it is: a disclosure, by its place in the ledger;
an undertaking that the site's device has signed, which comes with it; or the card, by its code,
where the site could not ask and has verified it offline. A site may also report that it verified a
card, and ask for nothing.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from typing import Any

import cbor2

from rempart.domain.coverage import Domain
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.identifiers import AMCNumber
from rempart.domain.plain_cbor import read_one_form

VERSION = 1
LINES_MAX = 20
AMOUNT_MAX = 100_000_00
MOMENT_MAX = 2**40
NUMBER = re.compile(r"[!-~]{1,64}")
"""A site's own number of a claim: visible ASCII, one a claim."""


class Use(IntEnum):
    """What is asked of the insurer."""

    CLAIM = 1
    """Care was given: pay."""
    AGREEMENT = 2
    """Before the sale: will you pay?"""
    VERIFICATION = 3
    """A card was verified offline, and nothing is asked for: was it right?"""


@dataclass(frozen=True, slots=True)
class Disclosed:
    """An answer of the platform: its entry's index."""

    reference: int


@dataclass(frozen=True, slots=True)
class Bound:
    """An undertaking (the whole message), and the code of the card that it names."""

    message: bytes = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Shown:
    """A card that was verified offline: its code; and when its insurer's status list was made by
    which it was verified (seconds since 1970), where that is said.
    """

    code: str = field(repr=False)
    made: int | None = None


Cites = Disclosed | Bound | Shown


@dataclass(frozen=True, slots=True)
class CareLine:
    """Care of one domain, and what was charged for it, in cents."""

    domain: Domain
    price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """``asked`` is what the insurer is asked for, in cents; ``void`` says that the sale was not
    made: its undertaking is deposited so that the device's chain has no gap, and nothing is owed.
    Lines are those of a claim that cites a disclosure or a card; an undertaking has its own. A
    verification has one for its domain, without a price, and asks for nothing.
    """

    number: str = field(repr=False)
    use: Use
    void: bool = False
    amc: str
    care: date
    asked: int
    cites: Cites
    lines: tuple[CareLine, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        bound, free = isinstance(self.cites, Bound), self.use is Use.VERIFICATION
        for holds, element, rule in (
            (NUMBER.fullmatch(self.number), "identifier", "expected 1 to 64 visible characters"),
            (AMCNumber.GRAMMAR.fullmatch(self.amc), "insurer", "expected an AMC number, 8 digits"),
            (
                free or 0 < self.asked <= AMOUNT_MAX,
                "total",
                "expected cents, up to 100,000 euros",
            ),
            (not free or not self.asked, "total", "a verification asks for nothing"),
            (not free or _with_list(self.cites), "insurance", "expected a card's code, and a list"),
            (
                not isinstance(self.cites, Shown) or 0 < (self.cites.made or 1) <= MOMENT_MAX,
                "insurance",
                "expected when a list was made",
            ),
            (bound or not self.void, "status", "what rests on an answer is not cancelled here"),
            (bound is not bool(self.lines), "item", "an undertaking has its lines; an answer none"),
            (len(self.lines) <= LINES_MAX, "item", f"expected up to {LINES_MAX}"),
            (
                not isinstance(self.cites, Shown) or len({x.domain for x in self.lines}) == 1,
                "item",
                "one domain a claim on a card",
            ),
            (
                free or all(0 < line.price <= AMOUNT_MAX for line in self.lines),
                "item",
                "a price is in cents, up to 100,000 euros",
            ),
            (
                not free or [line.price for line in self.lines] == [0],
                "item",
                "a verification has one line, without a price",
            ),
            (
                not self.lines or self.asked <= sum(line.price for line in self.lines),
                "total",
                "more than was charged",
            ),
        ):
            if not holds:
                raise MalformedIdentifier(element, rule)


def _with_list(cites: Cites) -> bool:
    return isinstance(cites, Shown) and cites.made is not None


def to_bytes(claim: Claim) -> bytes:
    """A claim in deterministic CBOR, as it is kept."""
    cites: list[Any]
    match claim.cites:
        case Disclosed(reference):
            cites = [reference]
        case Bound(message, code):
            cites = [message, code]
        case Shown(code, None):
            cites = [code]
        case Shown(code, made):
            cites = [code, made]
    lines = [[line.domain.value, line.price] for line in claim.lines]
    void = int(claim.void)
    said = [claim.number, claim.use.value, void, claim.amc, claim.care.toordinal()]
    return cbor2.dumps([VERSION, *said, claim.asked, cites, lines], canonical=True)


def from_bytes(data: bytes) -> Claim:
    """Read a claim back.

    Raises:
        MalformedIdentifier: not one, or not in its one spelling.
    """
    return read_one_form(data, kind="claim", read=_claim, spell=to_bytes)


def _claim(said: object) -> Claim:
    match said:
        case [
            1,
            str(number),
            int(use),
            (0 | 1) as void,
            str(amc),
            int(care),
            int(asked),
            list(cites),
            list(lines),
        ]:
            return Claim(
                number=number,
                use=Use(use),
                void=bool(void),
                amc=amc,
                care=date.fromordinal(care),
                asked=asked,
                cites=_cites(cites),
                lines=tuple(CareLine(Domain(domain), price) for domain, price in lines),
            )
    raise MalformedIdentifier("claim", "not what one holds")


def _cites(cites: list[object]) -> Cites:
    match cites:
        case [int(reference)]:
            return Disclosed(reference)
        case [bytes(message), str(code)]:
            return Bound(message, code)
        case [str(code)]:
            return Shown(code)
        case [str(code), int(made)]:
            return Shown(code, made)
    raise MalformedIdentifier("claim", "not what one rests on")
