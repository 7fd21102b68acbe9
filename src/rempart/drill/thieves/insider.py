"""The owner looks up three people of the village a day, whose cards were seen or copied."""

from collections.abc import Iterator
from dataclasses import replace

from rempart.domain.disclosure import Presence
from rempart.drill.theft import (
    DAYTIME,
    PATIENCE,
    WORKDAY,
    Attack,
    Hand,
    Pace,
    Setting,
    Stolen,
    Thief,
    Variant,
    refusals,
)

A_DAY = 3


def _neighbours(setting: Setting) -> Iterator[tuple[Stolen, Presence]]:
    """People of the district, with what their own card asks to be typed."""
    world, chance = setting.world, setting.chance
    site = world.sites[setting.accounts[0].site - 1]
    village = world.settled.districts[site.where][site.district].people
    people, day = world.people, setting.day
    while True:
        person = people.current(chance.choice(village), day)
        presence = Presence.DECLARED if people.signed[person] else Presence.LEGACY
        yield Stolen(person, people.amc(person), people.contract[person]), presence


def _curious(setting: Setting) -> Attack:
    (account,) = setting.accounts
    pace = Pace(every=WORKDAY / A_DAY, windows=DAYTIME)
    hand, at = Hand(account=account), pace.within(setting.world, setting.starts)
    refused = 0
    for neighbour, presence in _neighbours(setting):
        if at >= setting.ends:
            return
        day = setting.world.day_of(at)
        outcome = yield replace(hand, presence=presence).question(at, neighbour, day)
        refused = refusals(refused, outcome)
        if refused >= PATIENCE:
            return
        at = pace.after(setting.world, at, setting.chance)


def _attacks(setting: Setting) -> list[Attack]:
    return [_curious(setting)]


THIEF = Thief(
    name="insider",
    sentence=(
        "Le titulaire, curieux de trois voisins par jour.",
        "The owner, curious about three neighbours a day.",
    ),
    lowered=(
        "Montrer à chaque assuré qui a lu ses droits, et ne demander que sur présence : trois"
        " voisins par jour se perdent dans l'ordinaire.",
        "Showing insured people who has read their rights, and asking on presence alone: "
        "three neighbours a day are lost in the ordinary.",
    ),
    variants=(
        Variant(
            name="insider",
            attacks=_attacks,
            days=30,
            owner_works=True,
            windows=DAYTIME,
            on_stack=False,
        ),
    ),
)
