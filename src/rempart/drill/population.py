"""The people of the world, in columns: a person is a number, a beneficiary of one contract.

Households follow each other, districts follow each other within a place, so that relatives and
neighbours are ranges of numbers. Somebody who changes insurer becomes another person at the end of
the columns: for the platform, and for every site, a beneficiary never seen.
"""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING

from rempart.drill.honest import (
    DISTRICT,
    EMPLOYER_BLOCK,
    FAVOURITE,
    KNOWN_IN_DAYS,
    KNOWN_IN_TIME,
    Honest,
)
from rempart.drill.market import LocalMarket, WorldInsurer
from rempart.drill.people import CHILDREN, CHILDREN_BOUNDS, LEAVES_AT, SHAPE_BOUNDS, SHAPES, pick
from rempart.drill.seasons import PLACES

NOBODY = -1
NEVER = 1 << 30
"""A day that does not come."""
ELDER = 75

if TYPE_CHECKING:
    Column = array[int]
else:
    Column = array  # cannot be subscripted before Python 3.12


@dataclass(slots=True, repr=False)
class People:
    """Columns, one row per person; days are counted from the start of the world.

    ``contract`` is the number printed on the card; ``first`` and ``size`` say where the household
    stands; ``since`` when the contract began; ``left`` when it ends, and ``after`` who the person
    becomes then; ``known`` from when the insurer's feed has them; ``card_since`` from when they
    hold a new card.
    """

    age: Column = field(default_factory=lambda: array("B"))
    place: Column = field(default_factory=lambda: array("B"))
    insurer: Column = field(default_factory=lambda: array("B"))
    contract: Column = field(default_factory=lambda: array("q"))
    first: Column = field(default_factory=lambda: array("i"))
    size: Column = field(default_factory=lambda: array("B"))
    since: Column = field(default_factory=lambda: array("i"))
    left: Column = field(default_factory=lambda: array("i"))
    after: Column = field(default_factory=lambda: array("i"))
    known: Column = field(default_factory=lambda: array("i"))
    card_since: Column = field(default_factory=lambda: array("i"))
    moved: bytearray = field(default_factory=bytearray)
    """1 for those whose contract ends within the world."""
    signed: bytearray = field(default_factory=bytearray)
    """1 for those who hold a new card from the day they are a person here."""
    amcs: Sequence[int] = ()
    """The AMC number of each insurer."""
    residents: int = 0
    """People of the first day; those with higher numbers are what some of them become."""

    def __len__(self) -> int:
        return len(self.age)

    def current(self, person: int, day: int) -> int:
        """Who this human is on that day."""
        while self.left[person] <= day:
            person = self.after[person]
        return person

    def amc(self, person: int) -> int:
        """The AMC number of somebody's insurer."""
        return self.amcs[self.insurer[person]]

    def household(self, person: int) -> range:
        """The people under the same contract."""
        return range(self.first[person], self.first[person] + self.size[person])

    def add(
        self, ages: Sequence[int], *, place: int, insurer: WorldInsurer, since: int, card: int
    ) -> None:
        """A household; contracts are numbered later."""
        first, size = len(self.age), len(ages)
        self.age.extend(ages)
        for column, value in (
            (self.place, place), (self.insurer, insurer.number),
            (self.contract, 0), (self.first, first), (self.size, size), (self.since, since),
            (self.left, NEVER), (self.after, NOBODY), (self.known, since), (self.card_since, card),
        ):  # fmt: skip
            column.extend([value] * size)
        self.moved += bytes(size)
        self.signed += bytes([card != NEVER]) * size


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """Neighbours: a range of people, the place, and the insurer that many of them share."""

    place: int
    people: range
    favourite: int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Settlement:
    """Who lives where: ``places`` holds the range of people of each place."""

    people: People
    districts: tuple[Sequence[District], ...]
    places: Sequence[range]


def settle(
    chance: Random, honest: Honest, insurers: Sequence[WorldInsurer], *, members: int, places: int
) -> Settlement:
    """People for a world: ``members`` of them, shared out over places as in France."""
    people = People(amcs=tuple(insurer.amc for insurer in insurers))
    market = LocalMarket(insurers, places)
    weights = [place.people**0.6 for place in PLACES[:places]]
    districts = []
    ranges = []
    for place, weight in enumerate(weights):
        start = len(people)
        wanted = max(500, round(members * weight / sum(weights)))
        each = wanted / max(1, round(wanted / DISTRICT))
        found = [
            _district(
                chance,
                honest=honest,
                insurers=insurers,
                market=market,
                people=people,
                place=place,
                wanted=round(each),
            )
            for _ in range(max(1, round(wanted / DISTRICT)))
        ]
        districts.append(found)
        ranges.append(range(start, len(people)))
    people.residents = len(people)
    _number_contracts(chance, people)
    return Settlement(people=people, districts=tuple(districts), places=ranges)


def _district(
    chance: Random, *, honest: Honest, insurers: Sequence[WorldInsurer], market: LocalMarket,
    people: People, place: int, wanted: int,
) -> District:  # fmt: skip
    favourite = market.draw(chance, place)
    middle, spread, top = FAVOURITE
    share = min(top, middle * chance.lognormvariate(0.0, spread))
    start = len(people)
    while len(people) - start < wanted:
        number = favourite if chance.random() < share else market.draw(chance, place)
        insurer = insurers[number]
        since = -_contract_age(chance, honest)
        card = NEVER
        if chance.random() < insurer.new_cards:
            # The platform is a year old: the cards came one by one since.
            card = max(since, -15 - int(chance.random() * 345))
        people.add(household_ages(chance), place=place, insurer=insurer, since=since, card=card)
    return District(place=place, people=range(start, len(people)), favourite=favourite)


def _contract_age(chance: Random, honest: Honest) -> int:
    yearly = honest.changes_new_year + honest.changes_in_year
    return 1 + int(chance.expovariate(yearly) * 365)


def household_ages(chance: Random) -> list[int]:
    """The ages under one contract, in the shapes of French households."""
    shape = SHAPES[pick(chance, SHAPE_BOUNDS)]
    span = shape.oldest + 1 - shape.youngest
    age = shape.youngest + int(chance.random() * span)
    if shape.youngest >= ELDER:
        age = min(age, shape.youngest + int(chance.random() * span))
    ages = [age]
    if shape.adults == 2:
        ages.append(max(18, age + int((chance.random() + chance.random() - 1) * 6)))
    if shape.children:
        youngest, oldest = max(0, age - 42), min(LEAVES_AT, max(1, age - 22))
        for _ in range(CHILDREN[pick(chance, CHILDREN_BOUNDS)]):
            ages.append(youngest + int(chance.random() * (oldest - youngest)))
    return ages


def _number_contracts(chance: Random, people: People) -> None:
    """Number contracts insurer by insurer, in the order in which they were opened.

    An employer enrols its staff in one go, so neighbours of the same insurer have neighbouring
    numbers now and then: blocks of up to forty households.
    """
    blocks: dict[int, list[list[int]]] = {}
    person = 0
    while person < people.residents:
        mine = blocks.setdefault(people.insurer[person], [])
        if not mine or len(mine[-1]) >= EMPLOYER_BLOCK or chance.random() < 0.2:
            mine.append([])
        mine[-1].append(person)
        person += people.size[person]
    for insurer, mine in sorted(blocks.items()):
        chance.shuffle(mine)
        number = 1_000_000 + 10_000 * insurer
        for first in (first for block in mine for first in block):
            number += 1 + int(chance.expovariate(0.7))
            for relative in people.household(first):
                people.contract[relative] = number


def change_insurers(
    chance: Random, honest: Honest, insurers: Sequence[WorldInsurer], settled: Settlement,
    *, days: int, starts: date,
) -> None:  # fmt: skip
    """Let contracts end during the days of the world; feeds learn of the new ones more or less
    late."""
    people, market = settled.people, LocalMarket(insurers, len(settled.places))
    late = _late_januaries(chance, honest, insurers, days=days, starts=starts)
    last = [0] * len(insurers)
    for person in range(people.residents):
        last[people.insurer[person]] = max(last[people.insurer[person]], people.contract[person])
    moves = _Moves(chance, people, insurers, late, last)
    _switch_groups(chance, honest, settled, market, moves, days=days, starts=starts)
    ends = list(_ends(days, starts, honest))
    rate = sum(weight for _, weight in ends)
    bounds = tuple(accumulate(weight for _, weight in ends))
    households = [p for p in range(people.residents) if people.first[p] == p]
    for _ in range(round(rate * len(households))):
        person = people.current(chance.choice(households), NEVER - 1)
        day = ends[pick(chance, bounds)][0]
        if day <= people.since[person]:
            continue
        moves.move(person, market.draw(chance, people.place[person]), day)


def _ends(days: int, starts: date, honest: Honest) -> Sequence[tuple[int, float]]:
    """Days on which contracts end, with the part of all contracts that do."""
    found = []
    for day in range(days):
        today = starts + timedelta(days=day)
        weight = honest.changes_in_year / 2 / 365
        if today.day == 1:
            weight += honest.changes_in_year / 2 / 12
        if (today.month, today.day) == (1, 1):
            weight += honest.changes_new_year
        found.append((day, weight))
    return found


def _late_januaries(
    chance: Random, honest: Honest, insurers: Sequence[WorldInsurer], *, days: int, starts: date
) -> dict[tuple[int, int], int]:
    """By how many days the feed of an insurer is late for those who come on 1 January."""
    return {
        (insurer.number, day): 2 + int(chance.random() * 8)
        for day in range(days)
        if ((today := starts + timedelta(days=day)).month, today.day) == (1, 1)
        for insurer in insurers
        if chance.random() < honest.rates.late_january
    }


def _switch_groups(
    chance: Random, honest: Honest, settled: Settlement, market: LocalMarket, moves: "_Moves",
    *, days: int, starts: date,
) -> None:  # fmt: skip
    """Let an employer take its staff to another insurer, all on one 1 January."""
    for day in range(1, days):
        today = starts + timedelta(days=day)
        if (today.month, today.day) != (1, 1):
            continue
        for district in (found for place in settled.districts for found in place):
            if chance.random() < honest.group_switch:
                new = market.draw(chance, district.place)
                for person in _staff(settled.people, district, day):
                    if chance.random() < honest.group_follows:
                        moves.move(person, new, day)


def _staff(people: People, district: District, day: int) -> Sequence[int]:
    """The first of each household that the favourite of a district covers on a day."""
    heads = (p for p in district.people if people.first[p] == p)
    current = {people.current(head, day) for head in heads}
    return sorted(p for p in current if people.insurer[p] == district.favourite)


class _Moves:
    """Ends contracts and opens the next ones; an insurer numbers them as they come."""

    def __init__(
        self, chance: Random, people: People, insurers: Sequence[WorldInsurer],
        late: Mapping[tuple[int, int], int], last: list[int],
    ) -> None:  # fmt: skip
        self._chance, self._people, self._insurers = chance, people, insurers
        self._late, self._last = late, last

    def move(self, person: int, to: int, day: int) -> None:
        """A household leaves for another insurer, whose feed knows of it more or less late."""
        chance, people, insurer = self._chance, self._people, self._insurers[to]
        first, old = len(people), people.household(person)
        card = day if chance.random() < insurer.new_cards else NEVER
        people.add(
            [people.age[p] for p in old], place=people.place[person], insurer=insurer, since=day,
            card=card,
        )  # fmt: skip
        self._last[to] += 1 + int(chance.expovariate(0.7))
        luck = chance.random()
        wait = 3 if luck < KNOWN_IN_DAYS else 20
        lag = 0 if luck < KNOWN_IN_TIME else 1 + int(chance.random() * wait)
        for before, now in zip(old, people.household(first), strict=True):
            people.left[before], people.after[before], people.moved[before] = day, now, 1
            people.contract[now] = self._last[to]
            people.known[now] = day + max(lag, self._late.get((to, day), 0))
