"""Lists, cards and shops' devices around one cut: what judges of undertakings are tried on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from rempart.domain.card import CardClaims, from_payload, to_payload
from rempart.domain.coverage import Domain, Mode
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.guarantee import Guarantee, OfCard, Statement
from rempart.domain.quote import Line, Terms, quote
from rempart.domain.status_list import PLACES_MIN, StatusList, bits_of
from rempart.domain.tariff import Basket, france
from rempart.domain.trust_list import Trusted, TrustList
from rempart.domain.undertaking import FIRST, Lists, Undertaking
from rempart.domain.undertaking import to_payload as undertaking_payload
from rempart.sealing import base45
from rempart.sealing.cose import CARD_KIND, CARD_PREFIX, ORDER, kid_of, read1, sign1
from rempart.usecases.card_lists import sign_guarantees, sign_status, sign_trust
from rempart.usecases.p256_keys import point_of
from rempart.usecases.undertake import KIND, UNIX_EPOCH, card_digest

DAY, HOUR = 86_400, 3_600
CUT = 1_795_600_800
"""25 November 2026, 10:00 UTC; eight hours."""
BACK, NOON = CUT + 8 * HOUR, CUT + 2 * HOUR
ON = date(2026, 11, 25)
CARE = ON.toordinal() - UNIX_EPOCH
OPERATOR, ISSUER, SILENT, LAPSED, SHOP, OTHER_SHOP, FORGER, NEXT_ISSUER = (
    ec.derive_private_key(n, ec.SECP256R1()) for n in range(31, 39)
)

# Lists

AMC, AMC_SILENT, AMC_LAPSED = "99000001", "99000002", "99000003"
STATED = Statement(
    amc=AMC,
    made=CUT - 9 * DAY,
    until=CUT + 90 * DAY,
    list_days=7,
    profiles={
        0: (
            Guarantee(domain=Domain.SVIL, basket=Basket.TM, times=3),
            Guarantee(domain=Domain.OPTI, basket=Basket.A, times=1),
            Guarantee(domain=Domain.OPTI, basket=Basket.B, times=2, most=250_00),
            Guarantee(domain=Domain.AUDI, basket=Basket.A, times=2),
        )
    },
)
ENDED = replace(STATED, amc=AMC_LAPSED, until=NOON)
LATER = replace(STATED, made=NOON, list_days=2, profiles={0: STATED.profiles[0][2:3]})
"""What the same insurer bears by the next trust list."""
OLD_LIST, LIST, LIST_AT_NOON, LAST_LIST = CUT - 8 * DAY, CUT - DAY, NOON, BACK + HOUR
PLACE, OVER, ENDED_AT_NOON, ENDED_LAST, REVIVED, UNPLACED = 16, 17, 18, 19, 20, PLACES_MIN
BITS = {
    OLD_LIST: [OVER, REVIVED],
    LIST: [OVER],
    LIST_AT_NOON: [OVER, ENDED_AT_NOON],
    LAST_LIST: [OVER, ENDED_AT_NOON, ENDED_LAST],
}


def _trusted(
    amc: str, key: ec.EllipticCurvePrivateKey, said: Statement | None, *more: Any
) -> Trusted:
    keys = [each.public_key() for each in (key, *more)]
    return Trusted(
        amc=amc,
        name=f"Mutuelle {amc}",
        keys={kid_of(public): point_of(public) for public in keys},
        statement=b"" if said is None else sign_guarantees(said, key),
    )


def _trust(number: int, made: int, said: Statement) -> bytes:
    insurers = (
        _trusted(AMC, ISSUER, said, NEXT_ISSUER),
        _trusted(AMC_SILENT, SILENT, None),
        _trusted(AMC_LAPSED, LAPSED, ENDED),
    )
    until = CUT + 30 * DAY
    return sign_trust(
        TrustList(operator="O", number=number, made=made, until=until, insurers=insurers), OPERATOR
    )


def _status(amc: str, made: int, key: ec.EllipticCurvePrivateKey, over: list[int]) -> bytes:
    bits = bits_of(PLACES_MIN, over)
    return sign_status(StatusList(amc=amc, made=made, until=CUT + 30 * DAY, bits=bits), key)


TAKEN_AT = BACK + DAY
PUBLISHED = [
    _trust(4, CUT - 3 * DAY, STATED),
    *[_status(AMC, made, ISSUER, over) for made, over in BITS.items()],
    _status(AMC_SILENT, LIST, SILENT, []),
    _status(AMC_LAPSED, LIST, LAPSED, []),
    _trust(5, NOON, LATER),
]
"""In the order in which they are taken in."""
STATEMENTS = {(AMC, 4): STATED, (AMC, 5): LATER, (AMC_LAPSED, 4): ENDED, (AMC_LAPSED, 5): ENDED}

# Cards

CARD = CardClaims(
    amc=AMC,
    convention="SP",
    csr="",
    secret=bytes([1]) * 16,
    birth_year=1963,
    domains=((Domain.PHAR, Mode.TM), (Domain.SVIL, Mode.TM), (Domain.OPTI, Mode.PEC)),
    responsable=True,
    valid_from=date(2026, 1, 1),
    valid_to=date(2026, 12, 31),
    key_id=kid_of(ISSUER.public_key()),
    status_index=PLACE,
)


def code_of(key: ec.EllipticCurvePrivateKey = ISSUER, **change: Any) -> str:
    """The code of a card; ``key`` signs it, under whatever key id it names."""
    claims = replace(CARD, **change)
    return CARD_PREFIX + base45.encode(sign1(to_payload(claims), key, kid=claims.key_id))


CARDS = {
    "good": code_of(),
    "good, issued again": code_of(
        guarantees=OfCard(renewals={Domain.AUDI: date(2027, 1, 1)}).encode()
    ),
    "good, under the next key": code_of(NEXT_ISSUER, key_id=kid_of(NEXT_ISSUER.public_key())),
    "another": code_of(secret=bytes([2]) * 16),
    "over": code_of(status_index=OVER),
    "ended at noon": code_of(status_index=ENDED_AT_NOON),
    "ended last": code_of(status_index=ENDED_LAST),
    "over on the old list": code_of(status_index=REVIVED),
    "no place": code_of(status_index=None),
    "beyond the list": code_of(status_index=UNPLACED),
    "ends the day before": code_of(valid_to=date(2026, 11, 24)),
    "hearing alone": code_of(domains=((Domain.AUDI, Mode.PEC),)),
    "profile without guarantee": code_of(guarantees=OfCard(profile=9).encode()),
    "glasses were renewed": code_of(
        guarantees=OfCard(renewals={Domain.OPTI: date(2027, 1, 1)}).encode()
    ),
    "claim 8 of no form": code_of(guarantees=b"\0\xff"),
    "forged": code_of(FORGER),
    "in another insurer's name": code_of(amc=AMC_SILENT),
    "insurer that is silent": code_of(SILENT, amc=AMC_SILENT, key_id=kid_of(SILENT.public_key())),
    "insurer whose guarantees ended": code_of(
        LAPSED, amc=AMC_LAPSED, key_id=kid_of(LAPSED.public_key())
    ),
}
NO_CODES = ("", "RP1:", "RP1:é", "https://example.org")

# Sales

FRAME = (Line(item="optics-frame-a", price=30_00),)
PAIR = (*FRAME, *[Line(item="optics-lens-a", price=32_50)] * 2)
FREE = (Line(item="optics-lens-b", price=150_00),)
PAID_IN_FULL = Line(domain=Domain.PHAR, price=9_00, base=9_00, rate=100)
CARE_LINE = (Line(domain=Domain.SVIL, price=50_00, base=30_00),)
HEARING = (Line(item="hearing-1", price=950_00),)
NO_ITEM = (Line(item="monocle", price=31_00),)
HUGE = (Line(item="optics-frame-a", price=1 << 53, rate=-(1 << 53)),)
SALES = (PAIR, (*PAIR, PAID_IN_FULL), FRAME, FREE, CARE_LINE, HEARING, NO_ITEM, HUGE)


def owed(code: str, lines: tuple[Line, ...], trust: int = 4) -> int:
    """What the insurer owes for a sale, 1 where nothing."""
    message = read1(base45.decode(code.removeprefix(CARD_PREFIX)), kind=CARD_KIND)
    claims = from_payload(message.payload, key_id=message.kid)
    try:
        terms = Terms(
            tariff=france(),
            on=ON,
            birth_year=claims.birth_year,
            of_card=OfCard.decode(claims.guarantees),
            statement=STATEMENTS.get((claims.amc, trust)),
        )
        return quote(lines, terms).amc or 1
    except MalformedIdentifier:
        return 1


def insurer_of(code: str) -> str:
    """The AMC number of a card."""
    message = read1(base45.decode(code.removeprefix(CARD_PREFIX)), kind=CARD_KIND)
    return from_payload(message.payload, key_id=message.kid).amc


def signed(
    made: Undertaking | bytes,
    key: ec.EllipticCurvePrivateKey = SHOP,
    kid: bytes | None = None,
) -> bytes:
    """An undertaking, or whatever else, under a key and perhaps another's id."""
    payload = made if isinstance(made, bytes) else undertaking_payload(made)
    return sign1(payload, key, kid=kid or kid_of(key.public_key()), kind=KIND)


def high(message: bytes) -> bytes:
    """The same message under the second signature that every one has (s in its high half)."""
    s = int.from_bytes(message[-32:], "big")
    return message[:-32] + (ORDER - s).to_bytes(32, "big")


@dataclass
class Shop:
    """A shop with a device, and the chain that it has signed."""

    key: ec.EllipticCurvePrivateKey = SHOP
    last: tuple[Undertaking, bytes] | None = None
    links: list[tuple[bytes, str]] = field(default_factory=list)

    @property
    def point(self) -> bytes:
        """Its device's."""
        return point_of(self.key.public_key())

    def made(self, code: str = CARDS["good"], lines=PAIR, *, at=NOON, **change: Any) -> Undertaking:
        """The next undertaking as an honest device makes it, but for what is changed."""
        last = self.last
        lists = change.get("lists", Lists(trust=4, status=LIST))
        said = Undertaking(
            amc_number=insurer_of(code),
            at=at,
            number=1 if last is None else last[0].number + 1,
            before=FIRST if last is None else sha256(last[1]).digest(),
            card=card_digest(code),
            care=CARE,
            lines=tuple(lines),
            amc=owed(code, tuple(lines), lists.trust),
            lists=lists,
        )
        return replace(said, **change)

    def sell(self, code: str = CARDS["good"], lines=PAIR, *, at=NOON, **change: Any) -> Shop:
        """Sign the next one, and keep it."""
        made = self.made(code, lines, at=at, **change)
        message = signed(made, self.key)
        self.last = made, message
        self.links.append((message, code))
        return self
