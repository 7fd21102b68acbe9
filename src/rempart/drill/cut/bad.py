"""What is billed and not owed, by kind; and what the rules make of each.

A device whose software is deceived signs for another card, or other lines, than it believes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from rempart.domain.claim import Bound, Claim
from rempart.domain.quote import Line
from rempart.drill.cut.ground import Shop
from rempart.drill.cut.insurers import Card
from rempart.usecases.quote_share import Quoted, QuoteShare
from rempart.usecases.undertake import Undertake

DOOR = "malformed"
"""What the intake answers to a claim that it does not keep."""
DECIDED: Mapping[str, str] = {
    "forged": "refused:card/forged",
    "unknown": "refused:card/unknown",
    "over": "refused:over",
    "back-dated": "person:cut/back-dated",
    "clock-set-back": "person:cut/clock",
    "amount": "person:amount",
    "third-sale": "refused:limit",
    "gap": "person:chain",
    "late": "person:deposit",
    "care-again": "person:once",
    "other-shop": "refused:site",
    "other-number": "refused:once",
    "answer-again": "refused:once",
    "shown-again": "person:once",
    "altered": "refused:signed",
    "above-told": DOOR,
}
"""By kind: what becomes of it, by which rule, and why."""


def glasses(frame: int = 30_00) -> Sequence[Line]:
    """Of class A; the price of the frame in cents."""
    lens = Line(item="optics-lens-a", price=32_50)
    return [Line(item="optics-frame-a", price=frame), lens, lens]


@dataclass(frozen=True, slots=True)
class Bad:
    """A claim that is not to be paid, and who sends it; ``late``: a day after the return."""

    kind: str
    shop: Shop
    claim: Claim = field(repr=False)
    late: bool = False


@dataclass(frozen=True, slots=True)
class Deceived(QuoteShare):
    """The quote of a sale that the device does not sign for: of the card and the lines that its
    software believes.
    """

    code: str = field(repr=False)
    lines: Sequence[Line] = field(repr=False)

    def __call__(self, code: str, lines: Sequence[Line], *, on: date, now: int) -> Quoted:
        """Whatever is shown."""
        return QuoteShare.__call__(self, self.code, self.lines, on=on, now=now)


def deceived(shop: Shop, card: Card, lines: Sequence[Line] = ()) -> Undertake:
    """The device of a shop, whose software believes this card, and these lines of glasses."""
    undertake = device_of(shop)
    quote = undertake.quote
    believed = Deceived(quote.verify, quote.tariff, card.code, lines or glasses())
    return replace(undertake, quote=believed)


def device_of(shop: Shop) -> Undertake:
    """A shop's device, which has taken its lists."""
    assert shop.undertake is not None, "its lists were taken"
    return shop.undertake


def altered(claim: Claim) -> Claim:
    """With one bit of the device's signature turned."""
    cites = claim.cites
    assert isinstance(cites, Bound)
    message = cites.message[:-1] + bytes([cites.message[-1] ^ 1])
    return replace(claim, number=f"{claim.number}/4", cites=replace(cites, message=message))
