"""One real card is known; its neighbours' numbers and a birth date at random are tried."""

from collections.abc import Iterator

from rempart.drill.population import NOBODY
from rempart.drill.theft import (
    Attack,
    Hand,
    Pace,
    Setting,
    Stolen,
    Thief,
    Variant,
    go_through,
)

EVERY = 6.0
MOST = 5_000
BIRTH_DATES = 80 * 365
"""As many as anybody may have."""


def _guesses(setting: Setting) -> Iterator[Stolen]:
    """Numbers around a known one; now and then a birth date is somebody's."""
    people, chance = setting.world.people, setting.chance
    start = chance.choice(setting.loot) if setting.loot else None
    if start is None:
        return
    around = {
        people.contract[person]: person
        for person in range(len(people))
        if people.amc(person) == start.amc and people.first[person] == person
    }
    for step in range(1, MOST + 1):
        number = start.contract + (step // 2 if step % 2 else -(step // 2))
        first, person = around.get(number), NOBODY
        if first is not None and chance.random() < people.size[first] / BIRTH_DATES:
            lucky = first + int(chance.random() * people.size[first])
            person = NOBODY if people.signed[lucky] else lucky
        yield Stolen(person, start.amc, number)


def _attacks(setting: Setting) -> list[Attack]:
    (account,) = setting.accounts
    return [go_through(setting, Hand(account=account), _guesses(setting), Pace(every=EVERY))]


THIEF = Thief(
    name="guessing",
    sentence=(
        "Devine autour d'un numéro d'adhérent connu.",
        "Guesses around a known member number.",
    ),
    variants=(Variant(name="guessing", attacks=_attacks, days=1, stale=0.0),),
)
