"""Who bills what is not owed, on a day with everything cut: by the same doors as everybody.

Devices sign in the last minute before the return, as they do; where one is said to be deceived, its
software believes another card, or other lines, than it signs for. What is sent is deposited two
hours after the return, behind the honest claims of the same devices; what is late a day later.

Beside them are honest claims that look bad, and are owed: two sales on one card within its
insurer's limit, and a card that was ended meanwhile, which no list at the counter said.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import cycle, islice

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from rempart.domain.card import CardClaims, to_payload
from rempart.domain.claim import Bound, Claim, Disclosed, Shown
from rempart.domain.coverage import Domain
from rempart.domain.errors import CardRefused
from rempart.domain.site import SiteKind
from rempart.drill.cut.bad import Bad, altered, deceived, device_of, glasses
from rempart.drill.cut.day import Day
from rempart.drill.cut.ground import Shop
from rempart.drill.cut.insurers import Card
from rempart.drill.cut.plan import BACK, CUT
from rempart.sealing import base45
from rempart.sealing.cose import CARD_PREFIX, kid_of, sign1
from rempart.usecases.card_codes import card_text
from rempart.usecases.deposit_chain import claims_of
from rempart.usecases.undertake import Undertake, check_bound, read_undertaking

LAST, BEFORE, DURING, ENDED = BACK - 30, CUT - 3600, CUT + 1, CUT + 7200
"""Seconds of the day: when they sign; what clocks are set back to; when cards are ended."""


@dataclass(slots=True)
class Cheats:
    """``count`` of each kind; ``buyers`` are people who did not come that day."""

    day: Day
    count: int
    buyers: Iterator[Card] = field(init=False, repr=False)
    shops: Iterator[Shop] = field(init=False, repr=False)
    """Opticians whose device has signed that day, in turn."""

    def __post_init__(self) -> None:
        opticians = self.day.ground.shops[SiteKind.OPTICIAN]
        self.shops = cycle([shop for shop in opticians if shop.chain.last() is not None])
        self.buyers = self._buyers()

    def end_cards(self) -> list[Card]:
        """Cards that their insurers end while nobody can be told."""
        ended = list(islice(self.buyers, self.count))
        self.day.ground.insurers.end(ended, now=self.day.midnight + ENDED)
        return ended

    def sign(self, ended: Sequence[Card]) -> list[Bad]:
        """What is signed before the return."""
        twice = list(islice(self.buyers, self.count))
        for card in (*ended, *twice, *twice):
            self._honest(next(self.shops), card)
        # Those whose clock is set back come first: what goes forward again is good.
        acts = (
            *(self._set_back, self._back_dated, self._forged, self._unknown, self._over),
            *(self._amount, self._gap, self._late),
        )
        bad = [act() for act in acts for _ in range(self.count)]
        bad += [self._sold("third-sale", card) for card in twice]
        return [*bad, *islice(self._care_again(), self.count)]

    def copy(self) -> list[Bad]:
        """What is made on return of what is owed, for each honest claim that is taken."""
        cited = [each for each in self.day.owed if isinstance(each.claim.cites, Disclosed)]
        shown = [each for each in self.day.owed if isinstance(each.claim.cites, Shown)]
        bound = [each for each in self.day.owed if isinstance(each.claim.cites, Bound)]
        made = [
            Bad(kind, each.shop, replace(each.claim, number=f"{each.claim.number}/2"))
            for kind, some in (("answer-again", cited), ("shown-again", shown))
            for each in some[: self.count]
        ]
        for shop, each in zip(self.shops, bound[: self.count], strict=False):
            other = shop if shop is not each.shop else next(self.shops)
            again = replace(each.claim, number=f"{each.claim.number}/2")
            above = replace(each.claim, number=f"{each.claim.number}/3", asked=each.cents + 1_00)
            made += [
                Bad("other-shop", other, each.claim),
                Bad("other-number", each.shop, again),
                Bad("altered", each.shop, altered(each.claim)),
                Bad("above-told", each.shop, above),
            ]
        return made

    def _buyers(self) -> Iterator[Card]:
        for card in self.day.due[Domain.OPTI]:
            free = card.stands(Domain.OPTI, self.day.care) and card.holder not in self.day.came
            if free and self._binds(next(self.shops), card):
                self.day.came.add(card.holder)
                yield card

    def _binds(self, shop: Shop, card: Card) -> bool:
        now = self.day.midnight + LAST
        try:
            check_bound(device_of(shop).quote(card.code, glasses(), on=self.day.care, now=now))
        except CardRefused:
            return False
        return True

    def _honest(self, shop: Shop, card: Card) -> None:
        """A sale that is owed: it is deposited with the rest."""
        device_of(shop)(card.code, glasses(), on=self.day.care, now=self.day.midnight + LAST)
        self.day.seen.bound += 1

    def _signed(
        self, shop: Shop, code: str, *, by: Undertake | None = None, at: int = LAST
    ) -> Claim:
        """A claim on what a device has signed for a card, at a second of its clock."""
        undertake = by or device_of(shop)
        now = self.day.midnight + at
        _, _, message = undertake(code, glasses(), on=self.day.care, now=now)
        self.day.apart.add(message)
        (claim,) = claims_of(iter([(message, code)]))
        return claim

    def _for(self, code: Callable[[CardClaims], str], kind: str) -> Bad:
        """Signed for a code that is made out of a good card's."""
        shop, card = next(self.shops), next(self.buyers)
        verify = device_of(shop).quote.verify
        now = self.day.midnight + LAST
        claims = verify(card.code, on=self.day.care, domain=None, now=now).claims
        assert claims is not None
        return Bad(kind, shop, self._signed(shop, code(claims), by=deceived(shop, card)))

    def _forged(self) -> Bad:
        thief = generate_private_key(SECP256R1())

        def under_its_key(claims: CardClaims) -> str:
            signed = sign1(to_payload(claims), thief, kid=claims.key_id)
            return CARD_PREFIX + base45.encode(signed)

        return self._for(under_its_key, "forged")

    def _unknown(self) -> Bad:
        thief = generate_private_key(SECP256R1())
        own = kid_of(thief.public_key())
        return self._for(lambda claims: card_text(replace(claims, key_id=own), thief), "unknown")

    def _over(self) -> Bad:
        shop, card = next(self.shops), next(self.buyers)
        over = next(
            each
            for each in self.day.ground.cards
            if each.over and each.amc == card.amc and each.prints(Domain.OPTI, self.day.care)
        )
        return Bad("over", shop, self._signed(shop, over.code, by=deceived(shop, card)))

    def _amount(self) -> Bad:
        shop, card = next(self.shops), next(self.buyers)
        dearer = deceived(shop, card, glasses(29_00))
        return Bad("amount", shop, self._signed(shop, card.code, by=dearer))

    def _gap(self) -> Bad:
        shop = next(self.shops)
        self._signed(shop, next(self.buyers).code)
        return Bad("gap", shop, self._signed(shop, next(self.buyers).code))

    def _back_dated(self) -> Bad:
        return self._sold("back-dated", next(self.buyers), at=BEFORE)

    def _set_back(self) -> Bad:
        card, during = next(self.buyers), self.day.midnight + DURING
        shop = next(shop for shop in self.shops if _last_at(shop) > during)
        return Bad("clock-set-back", shop, self._signed(shop, card.code, at=DURING))

    def _late(self) -> Bad:
        return replace(self._sold("late", next(self.buyers)), late=True)

    def _sold(self, kind: str, card: Card, *, at: int = LAST) -> Bad:
        """What a device signs as it is, at a second of its clock."""
        shop = next(self.shops)
        return Bad(kind, shop, self._signed(shop, card.code, at=at))

    def _care_again(self) -> Iterator[Bad]:
        """For care that the same site bills on an answer."""
        for visit, shop, card in self.day.answered:
            now = self.day.midnight + LAST
            try:
                _, _, message = device_of(shop)(card.code, visit.lines, on=self.day.care, now=now)
            except CardRefused:
                continue
            self.day.apart.add(message)
            (claim,) = claims_of(iter([(message, card.code)]))
            yield Bad("care-again", shop, claim)


def _last_at(shop: Shop) -> int:
    """When a device has signed last, by its own clock, in seconds."""
    last = shop.chain.last()
    return 0 if last is None else read_undertaking(last[1]).at
