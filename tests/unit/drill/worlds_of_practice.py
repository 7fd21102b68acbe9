"""Small worlds of honest practice, made once for all tests."""

from datetime import date
from functools import lru_cache

from rempart.drill.honest import CRUISE, DAY_ONE
from rempart.drill.landscape import World
from rempart.drill.world import make_mixed_world

MONDAY = date(2027, 3, 1)
MIX = {
    "doctor": 16, "pharmacy": 24, "laboratory": 8, "imaging": 3, "nurse": 24, "physio": 16,
    "midwife": 4, "dentist": 12, "optician": 16, "hearing": 8, "hospital": 4, "health-centre": 4,
    "transport": 6, "devices": 5,
}  # fmt: skip
DAYS = 60


def a_world(*, day_one: bool = False, seed: int = 7, starts: date = MONDAY) -> World:
    """A world of its own, for a test that changes it."""
    return make_mixed_world(
        mix=MIX,
        days=DAYS,
        seed=seed,
        params=DAY_ONE if day_one else CRUISE,
        starts=starts,
    )


@lru_cache
def cruise() -> World:
    """A world that nobody changes."""
    return a_world()


@lru_cache
def day_one() -> World:
    """The same on the first day of the platform."""
    return a_world(day_one=True)


@lru_cache
def elsewhere() -> World:
    """Another country."""
    return a_world(seed=8)
