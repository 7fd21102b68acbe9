"""The habits of one site: how many come, who its regulars are, who is in a series of care.

Everything follows from the seed of the world and the number of the site; what changes with time
(regulars who move, patients of a series) follows from the day as well, whatever day was asked for
before.
"""

from bisect import bisect
from collections.abc import Iterator
from itertools import accumulate
from math import exp
from random import Random
from typing import NamedTuple

from rempart.drill.honest import ACQUAINTED, RELATIVES, Honest, Rhythm
from rempart.drill.population import ELDER, Settlement
from rempart.drill.registry import WorldSite

MONTH = 30
MASK = (1 << 64) - 1
SPAN = 1.28155
"""Eight sites in ten lie within so many standard deviations."""


class Slot(NamedTuple):
    """A place in the round: whoever holds it is seen ``daily`` (chance per day), for a time."""

    length: int
    phase: int
    daily: float


def mixed(*numbers: int) -> float:
    """A number in [0, 1) that follows from ``numbers`` and looks like chance."""
    x = 0x9E3779B97F4A7C15
    for number in numbers:
        x = ((x ^ (number & MASK)) * 0xBF58476D1CE4E5B9) & MASK
        x ^= x >> 29
    x = (x * 0x94D049BB133111EB) & MASK
    return ((x ^ (x >> 32)) >> 11) * 2.0**-53


class Practice:
    """A site at work.

    ``mean`` is the questions of an ordinary day, ``strangers`` their share without a habit of
    coming, ``read`` how many of the new cards are read, ``typing`` how many typed questions are
    mistyped.
    """

    def __init__(self, site: WorldSite, settled: Settlement, honest: Honest, seed: int) -> None:
        self.site, self.settled, self.honest = site, settled, honest
        self.rhythm: Rhythm = honest.rhythms[site.trade]
        self._seed = seed
        chance = Random(f"{seed}/practice/{site.number}")  # noqa: S311 - to be drawn again alike
        self._draw_manners(chance)
        self._draw_volume(chance)
        self._settle_regulars(chance)
        self._open_slots(chance)

    def _draw_manners(self, chance: Random) -> None:
        honest, rhythm = self.honest, self.rhythm
        spread = honest.site_spread
        luck = chance.lognormvariate(-spread * spread / 2, spread)
        if chance.random() < honest.passing:
            luck = 3 + 3 * chance.random()
        self.strangers = min(0.85, rhythm.strangers * luck)
        unread = min(0.95, honest.unread * chance.lognormvariate(0.0, honest.unread_spread))
        self.read = 0.0 if chance.random() < rhythm.unequipped else 1.0 - unread
        low, high = honest.typing
        self.typing = low + (high - low) * chance.random()
        self.shift = (chance.random() - 0.5) * 3600
        self.evening = False
        self.back_office = 0
        self.week: tuple[int, list[tuple[int, int, int]]] = (-(10**9), [])
        self.known_residents: tuple[int, ...] = ()

    def _draw_volume(self, chance: Random) -> None:
        rhythm = self.rhythm
        low, high = rhythm.patients
        middle, spread = (low * high) ** 0.5, (high / low) ** (0.5 / SPAN)
        self.practitioners = 1 + _drawn(chance, rhythm.practitioners)
        patients = sum(middle * spread ** chance.gauss(0.0, 1.0) for _ in range(self.practitioners))
        asks = min(1.0, rhythm.asks * chance.lognormvariate(0.0, 0.12))
        self.mean = patients * asks

    def _settle_regulars(self, chance: Random) -> None:
        rhythm = self.rhythm
        yearly = self.mean * sum(rhythm.week) * 52 * (1 - self.strangers) * (1 - rhythm.series)
        wanted = max(15, round(yearly / rhythm.visits))
        home, place = self._home, self.settled.places[self.site.where]
        near = min(rhythm.near, 0.5 * len(home) / wanted)
        wanted = min(wanted, len(home) // 2 if near == 1.0 else len(place) // 2)
        found: dict[int, None] = {}
        people = self.settled.people
        for _ in range(wanted * 3):
            if len(found) >= wanted:
                break
            where = home if chance.random() < near else place
            head = where[int(chance.random() * len(where))]
            # Relatives come to the same place more often than not.
            for person in people.household(head):
                if person == head or chance.random() < RELATIVES:
                    found[person] = None
        self._base = list(found)
        self._weights = [
            chance.gammavariate(rhythm.uneven, 1.0) * self._need(person) + 1e-6
            for person in self._base
        ]
        self.bounds = list(accumulate(self._weights))
        self._regulars = list(self._base)
        self._month = 0

    def stand_empty(self) -> None:
        """Let nobody come: a site that exists on paper."""
        self.mean = 0.0
        self.slots.clear()

    @property
    def _home(self) -> range:
        return self.settled.districts[self.site.where][self.site.district].people

    def _need(self, person: int) -> float:
        """How much more often than an adult this person comes."""
        age = self.settled.people.age[person]
        if age >= ELDER:
            return self.rhythm.aged
        return float(self.rhythm.aged**0.5) if age >= 60 else 1.0

    def _open_slots(self, chance: Random) -> None:
        self.slots: list[Slot] = []
        rhythm = self.rhythm
        open_days = sum(rhythm.week)
        for course in rhythm.courses:
            visits_a_week = self.mean * rhythm.series * course.weight * open_days
            each = min(open_days, 7.0 / course.every)
            for _ in range(max(1, round(visits_a_week / each))):
                length = course.shortest + int(chance.random() * (course.longest - course.shortest))
                phase = int(chance.random() * length)
                self.slots.append(Slot(length, phase, each / open_days))
        self._patients: list[tuple[int, int]] = [(-(10**9), -1)] * len(self.slots)

    def regulars(self, day: int) -> list[int]:
        """The regulars of a day, in the order of ``bounds``; some move away every month."""
        month = max(0, day) // MONTH
        if month == self._month:
            return self._regulars
        if month < self._month:
            self._regulars, self._month = list(self._base), 0
        while self._month < month:
            self._month += 1
            self._replace_some(self._month)
        return self._regulars

    def _replace_some(self, month: int) -> None:
        chance = Random(f"{self._seed}/moves/{self.site.number}/{month}")  # noqa: S311 - as above
        rate = self.honest.moves * MONTH / 365
        home = self._home
        for _ in range(poisson(chance, rate * len(self._regulars))):
            leaves = int(chance.random() * len(self._regulars))
            self._regulars[leaves] = home[int(chance.random() * len(home))]

    def patient(self, index: int, day: int) -> int:
        """Who holds a slot on a day."""
        slot = self.slots[index]
        turn = (day + slot.phase) // slot.length
        held, person = self._patients[index]
        if held != turn:
            person = self._next_patient(index, turn)
            self._patients[index] = turn, person
        return person

    def _next_patient(self, index: int, turn: int) -> int:
        key = self._seed, self.site.number, index, turn
        if mixed(*key, 1) < ACQUAINTED:
            return self._base[bisect(self.bounds, mixed(*key, 2) * self.bounds[-1] * 0.999999)]
        home, age = self._home, self.settled.people.age
        # The eldest of a few neighbours, where care goes to the old.
        drawn = [home[int(mixed(*key, 3 + n) * len(home))] for n in range(3)]
        return max(drawn, key=age.__getitem__) if self.rhythm.aged >= 3 else drawn[0]

    def stranger(self, chance: Random, *, far: bool = False) -> int:
        """Somebody without a habit of coming."""
        people = self.settled.people
        if not far and chance.random() < self.honest.stranger_local:
            place = self.settled.places[self.site.where]
            return place[int(chance.random() * len(place))]
        return int(chance.random() * people.residents)

    def visit_rates(self) -> Iterator[tuple[int, float]]:
        """The regulars of the first day and how often each comes in a year."""
        rhythm = self.rhythm
        yearly = self.mean * sum(rhythm.week) * 52 * (1 - self.strangers) * (1 - rhythm.series)
        for person, weight in zip(self._base, self._weights, strict=True):
            yield person, yearly * weight / self.bounds[-1]


def _drawn(chance: Random, weights: tuple[int, ...]) -> int:
    return chance.choices(range(len(weights)), weights)[0]


def poisson(chance: Random, mean: float) -> int:
    """A Poisson number; by the normal law where it no longer matters."""
    if mean > 40.0:
        return max(0, round(chance.gauss(mean, mean**0.5)))
    left, count = chance.random(), 0
    limit = exp(-mean)
    product = left
    while product > limit:
        count += 1
        product *= chance.random()
    return count
