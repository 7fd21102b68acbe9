"""Households of a synthetic country: who lives together, their ages, births and names.

Ages follow the French population of 2025 (INSEE, rounded): under 20 23 %, 20-39 23 %, 40-59 26 %,
60-74 18 %, 75 and over 10 %; a contract covers about 2.2 people. What makes identification hard is
there more often than in life, so that a small country has some: twins, a few of them printed with
the same rank, spouses born the same day, birth dates incomplete or impossible.
"""

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from random import Random

from rempart.domain.hidden import Hidden
from rempart.drill.impossible import NIRSource
from rempart.drill.names import LAST, MEN, WOMEN

MAN, WOMAN = 1, 2
YEAR = 365.2425
UNKNOWN_MONTH = 20
"""What a NIR says when the month of birth is not known."""

TWINS = 0.06
"""Of families with two children or more."""
SAME_RANK = 0.15
"""Of twins: the insurer printed both with rank 1."""
SAME_DAY_SPOUSES = 0.004
INCOMPLETE = 0.008
IMPOSSIBLE = 0.002
"""Both of adults only: their civil status was rebuilt late, or keyed in by hand."""
OWN_NAME = 0.3
"""Of spouses: listed under a name of their own."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Person(Hidden):
    """A synthetic human. ``born`` is 8 digits as printed; ``rank`` tells same-day twins apart."""

    first_name: str
    last_name: str
    born: str
    rank: int
    nir: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape of household: how many of a thousand, ages of the adults, who is there."""

    weight: int
    youngest: int
    oldest: int
    adults: int
    children: bool


SHAPES = (
    Shape(60, 75, 99, 1, children=False),
    Shape(82, 75, 97, 2, children=False),
    Shape(74, 60, 74, 1, children=False),
    Shape(160, 60, 74, 2, children=False),
    Shape(80, 40, 59, 1, children=False),
    Shape(60, 40, 59, 2, children=False),
    Shape(52, 40, 54, 1, children=True),
    Shape(162, 40, 54, 2, children=True),
    Shape(92, 20, 39, 1, children=False),
    Shape(36, 20, 39, 2, children=False),
    Shape(30, 25, 39, 1, children=True),
    Shape(112, 25, 39, 2, children=True),
)
SHAPE_BOUNDS = tuple(accumulate(shape.weight for shape in SHAPES))

CHILDREN = (1, 2, 3, 4)
CHILDREN_BOUNDS = tuple(accumulate((500, 390, 90, 20)))

LEAVES_AT = 25
"""A child stays on the contract of its parents until that age."""


def pick(chance: Random, bounds: Sequence[float]) -> int:
    """Draw an index, each with the weight that its cumulated ``bounds`` give it."""
    return bisect(bounds, chance.random() * bounds[-1])


class Households:
    """An endless stream of households, the same for the same ``chance`` and ``today``."""

    def __init__(self, chance: Random, today: date) -> None:
        self._chance = chance
        self._today = today.toordinal()
        self._nirs = NIRSource()

    def __iter__(self) -> Iterator[list[Person]]:
        while True:
            yield self._household(SHAPES[pick(self._chance, SHAPE_BOUNDS)])

    def _household(self, shape: Shape) -> list[Person]:
        draw = self._chance.random
        age = shape.youngest + draw() * (shape.oldest + 1 - shape.youngest)
        if shape.youngest >= 75:
            # Fewer and fewer: a straight line is close enough past 75.
            age = min(age, shape.youngest + draw() * (shape.oldest + 1 - shape.youngest))
        name = self._one_of(LAST)
        people = [self._adult(self._day(age), MAN if draw() < 0.5 else WOMAN, name)]
        if shape.adults == 2:
            people.append(self._spouse(people[0], age, name))
        if shape.children:
            people += self._children(age, name)
        return people

    def _spouse(self, head: Person, age: float, name: str) -> Person:
        draw = self._chance.random
        other = WOMAN if head.nir[0] == str(MAN) else MAN
        name = self._one_of(LAST) if draw() < OWN_NAME else name
        if draw() < SAME_DAY_SPOUSES:
            return self._person(head.born, 1, other, name)
        gap = (draw() + draw() - 1) * 6
        return self._adult(self._day(max(18.0, age + gap)), other, name)

    def _children(self, age: float, name: str) -> list[Person]:
        draw = self._chance.random
        count = CHILDREN[pick(self._chance, CHILDREN_BOUNDS)]
        youngest, oldest = max(0.0, age - 42), min(float(LEAVES_AT), max(1.0, age - 22))
        days = [self._day(youngest + draw() * (oldest - youngest)) for _ in range(count)]
        ranks = [1] * count
        if count > 1 and draw() < TWINS:
            days[1] = days[0]
            ranks[1] = 1 if draw() < SAME_RANK else 2
        return [
            self._person(_digits(day), rank, MAN if draw() < 0.512 else WOMAN, name)
            for day, rank in zip(days, ranks, strict=True)
        ]

    def _day(self, age: float) -> date:
        return date.fromordinal(self._today - int(age * YEAR))

    def _adult(self, day: date, sex: int, name: str) -> Person:
        return self._person(self._blurred(_digits(day)), 1, sex, name)

    def _blurred(self, born: str) -> str:
        """Take away what a few civil states do not know, or say wrongly."""
        drawn = self._chance.random()
        if drawn < INCOMPLETE / 2:
            return born[:4] + "0000"
        if drawn < INCOMPLETE:
            return born[:6] + "00"
        if drawn < INCOMPLETE + IMPOSSIBLE:
            return born[:4] + ("0231" if born[7] < "5" else "0230")
        return born

    def _person(self, born: str, rank: int, sex: int, name: str) -> Person:
        month = int(born[4:6]) or UNKNOWN_MONTH
        return Person(
            first_name=self._one_of(MEN if sex == MAN else WOMEN),
            last_name=name,
            born=born,
            rank=rank,
            nir=self._nirs.draw(sex=sex, year=int(born[:4]), month=month),
        )

    def _one_of(self, names: tuple[str, ...]) -> str:
        return names[int(self._chance.random() * len(names))]


def _digits(day: date) -> str:
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"
