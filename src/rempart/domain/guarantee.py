"""Standing guarantees: what an insurer binds itself to pay while nobody can ask it.

An insurer signs them under its card key, and the operator's trust list carries them: the operator
cannot write them. A card names the profile that is its own, and until when what was paid lately is
not paid again. Layouts: ``specs/undertaking.md``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import cbor2

from rempart.domain.coverage import Domain
from rempart.domain.days import day_of, days_of
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.identifiers import AMCNumber
from rempart.domain.plain_cbor import read_one_form
from rempart.domain.tariff import Basket, Cents

TYPE = "application/rempart-guarantees+cwt"
ISSUER, EXPIRES, ISSUED, GUARANTEES = 1, 4, 6, -65539
LIST_DAYS, PROFILES = 1, 2
DOMAIN, BASKET, MOST, TIMES = 1, 2, 3, 4
BASKETS: Mapping[Basket, int] = {Basket.TM: 0, Basket.A: 1, Basket.B: 2}
ENCODED_MAX = 8_192
PROFILE_MAX, TIMES_MAX, MOST_MAX = 255, 255, 10_000_00
LIST_DAYS_MAX = 92
RENEWAL_SIZE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarantee:
    """In one domain and basket: at most ``most`` cents a sale by the insurer (none: all that the
    tariff leaves), at most ``times`` sales a card while it is cut off.
    """

    domain: Domain
    basket: Basket
    times: int
    most: Cents | None = None

    def __post_init__(self) -> None:
        for holds, rule in (
            (1 <= self.times <= TIMES_MAX, f"times: expected 1 to {TIMES_MAX}"),
            (self.most is None or 0 < self.most <= MOST_MAX, "most: expected up to 10,000 euros"),
            (self.basket is not Basket.B or self.most is not None, "most: basket B needs one"),
        ):
            if not holds:
                raise MalformedIdentifier("guarantee", rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What an insurer guarantees, by profile; ``made`` and ``until`` are seconds since 1970.

    ``list_days`` is how many days old its status list may be, where an undertaking is signed.
    """

    amc: str
    made: int
    until: int
    list_days: int
    profiles: Mapping[int, tuple[Guarantee, ...]] = field(repr=False)

    def __post_init__(self) -> None:
        for holds, rule in (
            (AMCNumber.GRAMMAR.fullmatch(self.amc), "insurer: expected 8 digits"),
            (0 < self.made < self.until < 1 << 33, "made: expected before its end"),
            (1 <= self.list_days <= LIST_DAYS_MAX, f"list: expected 1 to {LIST_DAYS_MAX} days"),
            (all(0 <= each <= PROFILE_MAX for each in self.profiles), "profile: expected 0 to 255"),
            (all(map(_ascending, self.profiles.values())), "guarantees: not ascending, or twice"),
        ):
            if not holds:
                raise MalformedIdentifier("guarantees", rule)

    def find(self, profile: int, domain: Domain, basket: Basket) -> Guarantee | None:
        """The guarantee of a profile for such a sale, if there is one."""
        return next(
            (
                each
                for each in self.profiles.get(profile, ())
                if each.domain is domain and each.basket is basket
            ),
            None,
        )


def _ascending(guarantees: Sequence[Guarantee]) -> bool:
    keys = [(each.domain.value, BASKETS[each.basket]) for each in guarantees]
    return keys == sorted(set(keys))


def to_payload(statement: Statement) -> bytes:
    """The claims of a statement, in deterministic CBOR."""
    claims = {
        ISSUER: statement.amc,
        EXPIRES: statement.until,
        ISSUED: statement.made,
        GUARANTEES: {
            LIST_DAYS: statement.list_days,
            PROFILES: {
                profile: [_said(each) for each in guarantees]
                for profile, guarantees in statement.profiles.items()
            },
        },
    }
    return cbor2.dumps(claims, canonical=True)


def _said(guarantee: Guarantee) -> dict[int, int]:
    said = {DOMAIN: guarantee.domain.value, BASKET: BASKETS[guarantee.basket]}
    if guarantee.most is not None:
        said[MOST] = guarantee.most
    return {**said, TIMES: guarantee.times}


def from_payload(payload: bytes) -> Statement:
    """Read a statement whose signature has been verified.

    Raises:
        MalformedIdentifier: not the claims of one, or not in their one spelling.
    """
    return read_one_form(payload, kind="guarantees", read=_statement, spell=to_payload)


def _statement(claims: object) -> Statement:
    match claims:
        case {
            1: str(amc),
            4: int(until),
            6: int(made),
            -65539: {1: int(list_days), 2: dict(profiles)},
        }:
            return Statement(
                amc=amc,
                made=made,
                until=until,
                list_days=list_days,
                profiles={
                    int(each): tuple(map(_guarantee, said)) for each, said in profiles.items()
                },
            )
    raise MalformedIdentifier("guarantees", "not what a statement holds")


def _guarantee(said: Any) -> Guarantee:
    baskets = {code: basket for basket, code in BASKETS.items()}
    match said:
        case {1: int(domain), 2: int(basket), 4: int(times)} if basket in baskets:
            return Guarantee(
                domain=Domain(domain), basket=baskets[basket], times=times, most=said.get(MOST)
            )
    raise MalformedIdentifier("guarantees", "not what a guarantee holds")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfCard:
    """What a card says of its guarantees: its profile, and per domain the first day on which what
    was renewed lately is paid again.
    """

    profile: int = 0
    renewals: Mapping[Domain, date] = field(default_factory=dict, repr=False)

    def encode(self) -> bytes:
        """As the card's claim 8: the profile, then domain and day, by ascending domain."""
        pairs = sorted(self.renewals.items())
        return bytes([self.profile]) + b"".join(
            bytes([domain.value]) + days_of(day) for domain, day in pairs
        )

    def claim(self, begins: date) -> bytes | None:
        """Claim 8 of a card whose first day is ``begins``; none where there is nothing to say."""
        later = {domain: day for domain, day in self.renewals.items() if day > begins}
        said = OfCard(profile=self.profile, renewals=later)
        return None if said == OfCard() else said.encode()

    @classmethod
    def decode(cls, said: bytes | None) -> "OfCard":
        """Read a card's claim 8; a card without it has profile 0.

        Raises:
            MalformedIdentifier: not what ``encode`` writes.
        """
        if said is None:
            return cls()
        cells = [said[at : at + RENEWAL_SIZE] for at in range(1, len(said), RENEWAL_SIZE)]
        try:
            renewals = {Domain(cell[0]): day_of(cell[1:]) for cell in cells}
            found = cls(profile=said[0], renewals={d: day for d, day in renewals.items() if day})
            if found.encode() == said:
                return found
        except (ValueError, IndexError):
            pass
        raise MalformedIdentifier("card", "guarantees: not what a card says of them")
