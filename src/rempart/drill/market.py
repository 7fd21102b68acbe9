"""The insurers of the world: unequal, some of them regional, and each at its own pace with cards.

The twenty largest hold 53 % of the market; the others stand for some four hundred small ones, most
of whose members live in a few départements. An insurer that has not printed new cards yet leaves
all of its members with old ones: that is why old cards crowd together in places.
"""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from rempart.drill.honest import AT_HOME, INSURERS, LARGE, LARGE_SHARE

FIRST_AMC = 99_990_001


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldInsurer:
    """An insurer: its AMC number, its part of the market, and of its members with a new card."""

    number: int
    amc: int
    share: float
    new_cards: float
    homes: frozenset[int]


def make_market(
    chance: Random, *, places: int, new_cards: float, adoption: float
) -> list[WorldInsurer]:
    """The insurers of a world of so many places; ``new_cards`` is the mean over members."""
    shares = [LARGE_SHARE * w for w in _shares([rank**-0.7 for rank in range(1, LARGE + 1)])]
    small = [0.5 + chance.random() for _ in range(INSURERS - LARGE)]
    shares += [(1 - LARGE_SHARE) * w for w in _shares(sorted(small, reverse=True))]
    printed = _adoption(chance, shares, mean=new_cards, concentration=adoption)
    return [
        WorldInsurer(
            number=number,
            amc=FIRST_AMC + number,
            share=share,
            new_cards=printed[number],
            homes=frozenset(chance.sample(range(places), min(places, 1 + number % 3)))
            if number >= LARGE
            else frozenset(),
        )
        for number, share in enumerate(shares)
    ]


def _shares(weights: Sequence[float]) -> list[float]:
    total = sum(weights)
    return [weight / total for weight in weights]


def _adoption(
    chance: Random, shares: Sequence[float], *, mean: float, concentration: float
) -> list[float]:
    """A beta law of the insurers' parts of new cards, bent until members have ``mean``."""
    if mean == 0.0:
        return [0.0] * len(shares)
    drawn = [
        max(1e-9, chance.betavariate(concentration * mean, concentration * (1 - mean)))
        for _ in shares
    ]
    low, high = 0.01, 100.0
    for _ in range(60):
        bend = (low * high) ** 0.5
        reached = sum(s * x**bend for s, x in zip(shares, drawn, strict=True))
        low, high = (bend, high) if reached > mean else (low, bend)
    return [x**low for x in drawn]


class LocalMarket:
    """Draws the insurer of somebody who lives in a place."""

    def __init__(self, insurers: Sequence[WorldInsurer], places: int) -> None:
        self._bounds = [
            tuple(accumulate(_weight(insurer, place, places) for insurer in insurers))
            for place in range(places)
        ]

    def draw(self, chance: Random, place: int) -> int:
        """The number of an insurer."""
        bounds = self._bounds[place]
        return min(bisect(bounds, chance.random() * bounds[-1]), len(bounds) - 1)


def _weight(insurer: WorldInsurer, place: int, places: int) -> float:
    if not insurer.homes:
        return insurer.share
    homes = len(insurer.homes)
    if place in insurer.homes:
        return insurer.share * AT_HOME * places / homes
    return insurer.share * (1 - AT_HOME) * places / max(1, places - homes)
