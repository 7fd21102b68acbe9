"""Who steals what from whom: accounts, the list of twenty insurers, and by which way he comes.

Most accounts fell as in 2024: a key and its certificate were copied, and are used elsewhere while
the owner works. Of every twenty-five accounts, one is asked in the owner's very session, relayed
over the thief's network; of every fifty, one from the owner's own desk, in their session too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from random import Random

from rempart.drill.landscape import World
from rempart.drill.population import NOBODY
from rempart.drill.registry import WorldAccount
from rempart.drill.theft import STALE, Hand, Pace, Stolen

EACH = 80
"""People of the list for each account: more than any will get."""
NETWORKS = 12
"""Of the thief's own; half of the accounts share them, the others have one each."""
OWN = 900_000_000
STARTS, SPREAD = 9.5, 1.5
"""Hours: of the day at which he begins, and within which each account begins."""
PACE = (120, 300)
"""Seconds between two questions, by account."""


class Way(Enum):
    """How he comes into an account; whose session it is, and whose network."""

    COPIED = ("copied", "thief", False)
    RELAYED = ("relayed", "", False)
    DESK = ("desk", "", True)

    @property
    def hand(self) -> str:
        """The name of the session: the owner's own has none."""
        return str(self.value[1])

    @property
    def at_the_desk(self) -> bool:
        """Whether it comes by the owner's network."""
        return bool(self.value[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """One account in the thief's hands, from a moment (microseconds) on."""

    account: WorldAccount
    way: Way
    starts: int
    pace: Pace
    loot: tuple[Stolen, ...] = field(repr=False)
    network: int

    @property
    def hand(self) -> Hand:
        """How his questions look from outside."""
        return Hand(account=self.account, network=None if self.way.at_the_desk else self.network)


def way_of(place: int) -> Way:
    """How the account at this place of the list fell."""
    if place % 50 == 20:
        return Way.DESK
    return Way.RELAYED if place % 25 == 10 else Way.COPIED


def loot(world: World, chance: Random, day: int, *, insurers: int, wanted: int) -> list[Stolen]:
    """The list: old cards of so many insurers, as evenly as they have them, a quarter stale."""
    people = world.people
    held: dict[int, list[int]] = {}
    for person in range(len(people)):
        there = people.since[person] <= day < people.left[person]
        if there and people.signed[person] != 1 and people.known[person] <= day:
            held.setdefault(people.insurer[person], []).append(person)
    largest = sorted(held, key=lambda number: -len(held[number]))[:insurers]
    found = []
    for number in largest:
        members = held[number]
        for person in chance.sample(members, min(len(members), -(-wanted // insurers))):
            stale = chance.random() < STALE
            found.append(
                Stolen(NOBODY if stale else person, people.amc(person), people.contract[person])
            )
    chance.shuffle(found)
    return found


def falls(
    world: World,
    chance: Random,
    day: int,
    *,
    accounts: Sequence[WorldAccount],
    insurers: int,
) -> list[Fall]:
    """Each account with its part of the list."""
    listed = loot(world, chance, day, insurers=insurers, wanted=EACH * len(accounts))
    part = len(listed) // len(accounts)
    midnight, found = world.midnight(day), []
    for place, account in enumerate(accounts):
        hours = STARTS + chance.random() * SPREAD
        low, high = PACE
        line = place if place % 2 else place // 2 % NETWORKS
        found.append(
            Fall(
                account=account,
                way=way_of(place),
                starts=midnight + int(hours * 3_600_000_000),
                pace=Pace(every=low + (high - low) * chance.random()),
                loot=tuple(listed[place * part : (place + 1) * part]),
                network=OWN + (1_000 if place % 2 else 0) + line,
            )
        )
    return found


def stealable(world: World, chance: Random, day: int, held: frozenset[int]) -> list[WorldAccount]:
    """Accounts that work on this day and are contained for nothing, in some order."""
    found = [
        account
        for account in world.accounts
        if account.usage == "standard" and account.starts < day - 30 and account.number not in held
    ]
    chance.shuffle(found)
    return found
