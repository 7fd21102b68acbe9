"""What each pays of a sale: compulsory insurance, the insurer, the patient. Pure, in cents.

Per line, with the base of the tariff or the one that is given:

    AMO   = base × rate, rounded half up
    TM    : insurer = base - AMO
    A     : insurer = price - AMO; a price above the limit is no sale of this basket
    B     : insurer = price - AMO, at most what is left of the guarantee for this sale, and of the
            ceiling for both insurances together (CSS R871-2)

An amount is *guaranteed* where a standing guarantee covers the sale; otherwise the patient asks
about it once the insurer can be asked again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from rempart.domain.coverage import Domain
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.guarantee import Guarantee, OfCard, Statement
from rempart.domain.tariff import FAMILIES, Basket, Cents, Item, Tariff, share_of

PRICE_MAX = 10_000_00
LINES_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing sold: an item of the tariff, or care of a domain with its base.

    ``rate`` is the percent that compulsory insurance pays this patient, where it is not the usual
    one (a long illness, a local regime, a medicine).
    """

    price: Cents
    item: str = field(default="", repr=False)
    domain: Domain | None = None
    base: Cents | None = None
    rate: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Of one line, in cents: ``amo + amc + patient`` is the price."""

    domain: Domain
    basket: Basket
    price: Cents
    amo: Cents
    amc: Cents
    guaranteed: bool

    @property
    def patient(self) -> Cents:
        """What is left."""
        return self.price - self.amo - self.amc


@dataclass(frozen=True, slots=True)
class Quote:
    """Of a sale."""

    shares: tuple[Share, ...] = field(repr=False)

    @property
    def price(self) -> Cents:
        """Of everything."""
        return sum(share.price for share in self.shares)

    @property
    def amo(self) -> Cents:
        """What compulsory insurance pays."""
        return sum(share.amo for share in self.shares)

    @property
    def amc(self) -> Cents:
        """What the insurer pays, bound or not."""
        return sum(share.amc for share in self.shares)

    @property
    def guaranteed(self) -> Cents:
        """What the insurer is bound to pay."""
        return sum(share.amc for share in self.shares if share.guaranteed)

    @property
    def patient(self) -> Cents:
        """What is left to the patient."""
        return self.price - self.amo - self.amc


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Under what a sale is quoted; without a statement nothing is guaranteed."""

    tariff: Tariff
    on: date
    birth_year: int
    of_card: OfCard
    statement: Statement | None

    def guarantee(self, domain: Domain, basket: Basket) -> Guarantee | None:
        """The standing guarantee for such a sale of this card on this day."""
        if self.statement is None:
            return None
        renewal = self.of_card.renewals.get(domain)
        if basket is not Basket.TM and renewal is not None and self.on < renewal:
            return None
        return self.statement.find(self.of_card.profile, domain, basket)


def quote(lines: Sequence[Line], terms: Terms) -> Quote:
    """The shares of a sale.

    Raises:
        MalformedIdentifier: a line that the tariff does not know or that breaks its rule; the
            message names the line.
    """
    if not 0 < len(lines) <= LINES_MAX:
        raise MalformedIdentifier("lines", f"expected 1 to {LINES_MAX}")
    shares: list[Share] = []
    for number, line in enumerate(lines, start=1):
        try:
            shares.append(_share(line, terms, shares))
        except MalformedIdentifier as malformed:
            raise MalformedIdentifier(f"line {number}", str(malformed)) from None
    return Quote(tuple(shares))


def _share(line: Line, terms: Terms, before: Iterable[Share]) -> Share:
    if not 0 < line.price <= PRICE_MAX:
        raise MalformedIdentifier("price", "expected up to 10,000 euros")
    if line.rate is not None and not 0 <= line.rate <= 100:
        raise MalformedIdentifier("rate", "expected a percentage")
    return (_of_item if line.item else _of_care)(line, terms, before)


def _of_care(line: Line, terms: Terms, before: Iterable[Share]) -> Share:
    """The ticket modérateur of care at a base."""
    if line.domain is None or line.base is None or not 0 < line.base <= line.price:
        raise MalformedIdentifier("base", "expected with a domain, up to the price")
    family = FAMILIES.get(line.domain)
    if line.rate is None and family is None:
        raise MalformedIdentifier("rate", "expected for this domain")
    rate = terms.tariff.rate(family or "", terms.on) if line.rate is None else line.rate
    amo = share_of(line.base, rate)
    guarantee = terms.guarantee(line.domain, Basket.TM)
    amc = min(line.base - amo, _left(guarantee, before))
    return Share(
        domain=line.domain,
        basket=Basket.TM,
        price=line.price,
        amo=amo,
        amc=amc,
        guaranteed=guarantee is not None,
    )


def _of_item(line: Line, terms: Terms, before: Iterable[Share]) -> Share:
    item = terms.tariff.item(line.item, terms.on)
    _check_item(line, item, terms)
    base = item.base if item.base is not None else share_of(line.price, item.base_percent or 0)
    rate = terms.tariff.rate(item.family, terms.on) if line.rate is None else line.rate
    amo = min(line.price, share_of(base, rate))
    guarantee = terms.guarantee(item.domain, item.basket)
    amc = line.price - amo
    if item.ceiling is not None:
        amc = min(amc, max(0, item.ceiling - amo))
    amc = min(amc, _left(guarantee, before))
    if guarantee is None and item.basket is Basket.B:
        # Of a free price nobody but the insurer says what it pays.
        amc = 0
    return Share(
        domain=item.domain,
        basket=item.basket,
        price=line.price,
        amo=amo,
        amc=amc,
        guaranteed=guarantee is not None,
    )


def _left(guarantee: Guarantee | None, before: Iterable[Share]) -> Cents:
    """What a guarantee leaves for the next line of a sale."""
    if guarantee is None or guarantee.most is None:
        return PRICE_MAX
    kind = (guarantee.domain, guarantee.basket)
    used = sum(s.amc for s in before if (s.domain, s.basket) == kind)
    return max(0, guarantee.most - used)


def _check_item(line: Line, item: Item, terms: Terms) -> None:
    if item.limit is not None and line.price > item.limit:
        raise MalformedIdentifier(
            "price", "above the limit of this basket: it is a sale of another"
        )
    # Of the year of birth alone, whoever may be 20 is: the amount that is certain.
    if item.under is not None and terms.on.year - terms.birth_year >= item.under:
        raise MalformedIdentifier("item", "for people who are younger, by their year of birth")
    if line.base is not None or line.domain is not None:
        raise MalformedIdentifier("item", "has its own base and domain")
