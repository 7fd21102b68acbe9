"""A live session and all that 2024's loot held about one insurer's members."""

from collections.abc import Callable
from dataclasses import replace

from rempart.domain.site import SiteKind
from rempart.drill.theft import (
    DAYTIME,
    LUNCH,
    NIGHT,
    Attack,
    Goal,
    Hand,
    Setting,
    Thief,
    Variant,
    Windows,
    go_through,
    times_normal,
)

PACES = (1, 3, 30)
HOURS = (DAYTIME, NIGHT, LUNCH)
DUTY = ((20.0, 24.0), (0.0, 6.0))

FAMILIAR = Goal(median=15, worst=40)
PASSING = Goal(median=60, worst=150)
HIDDEN = Goal(median=60, worst=250)
OTHER_LINE = 900_000_000
"""A network and a device of the thief's own."""


def steals(
    times: tuple[int, ...] = PACES,
    hours: tuple[Windows, ...] = HOURS,
    *,
    elsewhere: bool = False,
) -> Callable[[Setting], list[Attack]]:
    """Go through the list at one of the paces, in one of the hours: each run draws."""

    def attacks(setting: Setting) -> list[Attack]:
        (account,) = setting.accounts
        pace = times_normal(
            setting, account, setting.chance.choice(times), setting.chance.choice(hours)
        )
        own = OTHER_LINE + account.number if elsewhere else None
        hand = Hand(account=account, network=own, device=own)
        return [go_through(setting, hand, setting.loot, pace)]

    return attacks


ALONE = Variant(name="leaked-list", attacks=steals(), goal=FAMILIAR)
MIXED = Variant(
    name="leaked-list-mixed",
    attacks=steals(hours=(DAYTIME,)),
    owner_works=True,
    windows=DAYTIME,
    goal=HIDDEN,
)

THIEF = Thief(
    name="leaked-list",
    sentence=(
        "Une session volée, et tout ce que les cartes de 2024 portaient.",
        "A stolen session, and all that the cards of 2024 bore.",
    ),
    variants=(
        ALONE,
        *(
            replace(ALONE, name=f"leaked-list-x{times}", attacks=steals((times,), (DAYTIME,)))
            for times in PACES
        ),
        replace(ALONE, name="leaked-list-night", attacks=steals(hours=(NIGHT,))),
        replace(ALONE, name="leaked-list-lunch", attacks=steals(hours=(LUNCH,))),
        replace(ALONE, name="leaked-list-near", near=True),
        replace(ALONE, name="leaked-list-fresh", stale=0.0),
        replace(ALONE, name="leaked-list-elsewhere", attacks=steals(elsewhere=True)),
        replace(ALONE, name="leaked-list-printed-key", cards="new", goal=Goal(worst=0)),
        replace(ALONE, name="leaked-list-lab", kinds=(SiteKind.LABORATORY,), goal=PASSING),
        replace(ALONE, name="leaked-list-hospital", kinds=(SiteKind.HOSPITAL,), goal=PASSING),
        replace(
            ALONE,
            name="leaked-list-night-duty",
            kinds=(SiteKind.PHARMACY,),
            attacks=steals(hours=(DUTY,)),
            scene="night-duty",
            windows=((20.0, 24.0),),
            owner_works=True,
            days=2,
            goal=PASSING,
        ),
        MIXED,
        replace(MIXED, name="leaked-list-mixed-lab", kinds=(SiteKind.LABORATORY,)),
        replace(MIXED, name="leaked-list-mixed-near", near=True),
        replace(MIXED, name="leaked-list-mixed-insurers", insurers=True, on_stack=False),
    ),
)
