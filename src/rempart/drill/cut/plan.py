"""Who comes where on the day of the cut, and what they buy: drawn once, from a seed.

All of the honest mix is in this file. Nobody has published how many come twice in a day to one
site for one domain, with two prescriptions: one visit in fifty is taken to be such a second one, at
a price of its own. Optics: one equipment in six is of class A, some 4 % of
frames by value, as such a frame's price is a fifth of the others'. Hearing: three sales in ten are
of class I. Other care: the ticket modérateur of a price at its base. Who buys is somebody whose
glasses, or hearing aid, are due to be renewed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from rempart.domain.coverage import Domain
from rempart.domain.quote import Line
from rempart.domain.site import SiteKind

OPENS, CUT, BACK = 8 * 3600, 10 * 3600, 18 * 3600
"""Seconds of the day."""
SALES: Sequence[tuple[SiteKind, float]] = ((SiteKind.OPTICIAN, 0.72), (SiteKind.HEARING, 0.28))
CARE: Sequence[tuple[SiteKind, Domain, int, float]] = (
    (SiteKind.PHARMACY, Domain.PHAR, 22_00, 0.62),
    (SiteKind.DOCTOR, Domain.SVIL, 30_00, 0.16),
    (SiteKind.LABORATORY, Domain.LABO, 35_00, 0.12),
    (SiteKind.AUXILIARY, Domain.AUXM, 18_00, 0.10),
)
"""Kind of site, domain, base of the middle, share of those who come."""
RATES = {Domain.PHAR: 65}
"""Percent that compulsory insurance pays where it is not the family's usual: a medicine's."""
OPTICS_A, HEARING_1 = 1 / 6, 0.3
BY_CARD = frozenset({SiteKind.AUXILIARY})
"""Whose software signs nothing: they bill on the card that they were shown."""
AGAIN = 0.02
"""Visits for simple care by somebody who comes to that site for that domain twice that day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Somebody with their card, at a site, at a second of the day; ``card`` is their place among
    those who come; ``again``: they come to this site for this domain another time that day.
    """

    at: int
    kind: SiteKind
    place: int
    card: int = field(repr=False)
    domain: Domain
    lines: tuple[Line, ...] = field(repr=False)
    class_a: bool = False
    again: bool = False

    @property
    def sale(self) -> bool:
        """Whether it needs an agreement."""
        return self.domain in {Domain.OPTI, Domain.AUDI}


@dataclass(frozen=True, slots=True)
class Town:
    """How many sites of each kind there are."""

    sites: dict[SiteKind, int]

    @classmethod
    def of(cls, patients: int, sales: int) -> "Town":
        """Enough for a day's people: as many as each kind sees."""
        shares = {kind: share * patients for kind, _, _, share in CARE}
        shares |= {kind: share * sales for kind, share in SALES}
        a_day = {SiteKind.PHARMACY: 120, SiteKind.LABORATORY: 100, SiteKind.DOCTOR: 60}
        return cls({k: max(1, round(n / a_day.get(k, 6))) for k, n in shares.items()})


def visits(
    town: Town, *, patients: int, sales: int, seed: int, again: float = AGAIN
) -> list[Visit]:
    """The visits between opening and return, in the order of their time; a fifth of them come
    before the cut, beside ``patients`` and ``sales`` during it; ``again`` is the share of second
    ones.
    """
    chance = Random(f"{seed}/cut")  # noqa: S311 - to be drawn again alike
    drawn: list[Visit] = []
    once: list[Visit] = []
    for first, last, share in ((OPENS, CUT, 0.2), (CUT, BACK, 1.0)):
        for make, count in ((_care, patients - sales), (_sale, sales)):
            for _ in range(round(share * count)):
                kind, domain, lines, class_a = make(chance)
                visit = Visit(
                    at=chance.randrange(first + 60, last - 60),
                    kind=kind,
                    place=chance.randrange(town.sites[kind]),
                    card=len(drawn),
                    domain=domain,
                    lines=tuple(lines),
                    class_a=class_a,
                )
                if make is _care and once and chance.random() < again:
                    visit = _again(chance, once, visit.at)
                elif make is _care:
                    once.append(visit)
                drawn.append(visit)
    return sorted(drawn, key=lambda visit: visit.at)


def _again(chance: Random, once: list[Visit], at: int) -> Visit:
    """Another visit by one of those who came, at this second: with another prescription."""
    before = once.pop(chance.randrange(len(once)))
    base = next(base for _, domain, base, _ in CARE if domain is before.domain)
    return replace(before, at=at, lines=(_priced(chance, before.domain, base),), again=True)


Drawn = tuple[SiteKind, Domain, list[Line], bool]


def _care(chance: Random) -> Drawn:
    (kind, domain, base, _) = chance.choices(CARE, [share for *_, share in CARE])[0]
    return kind, domain, [_priced(chance, domain, base)], False


def _priced(chance: Random, domain: Domain, base: int) -> Line:
    price = max(1_00, round(chance.lognormvariate(0, 0.4) * base))
    return Line(domain=domain, price=price, base=price, rate=RATES.get(domain))


def _sale(chance: Random) -> Drawn:
    kind = chance.choices([kind for kind, _ in SALES], [share for _, share in SALES])[0]
    if kind is SiteKind.OPTICIAN:
        class_a = chance.random() < OPTICS_A
        return kind, Domain.OPTI, list(_glasses(chance, class_a)), class_a
    class_i = chance.random() < HEARING_1
    price = chance.randrange(850_00, 950_00) if class_i else chance.randrange(1_200_00, 1_900_00)
    item = "hearing-1" if class_i else "hearing-2"
    return kind, Domain.AUDI, [Line(item=item, price=price)] * 2, class_i


def _glasses(chance: Random, class_a: bool) -> Iterator[Line]:
    letter = "a" if class_a else "b"
    yield Line(
        item=f"optics-frame-{letter}",
        price=30_00 if class_a else chance.randrange(80_00, 200_00),
    )
    lens = chance.randrange(32_50, 75_00) if class_a else chance.randrange(90_00, 220_00)
    for _ in range(2):
        yield Line(item=f"optics-lens-{letter}", price=lens)
