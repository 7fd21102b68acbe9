"""Five people a day, in the midst of the owner's work."""

from collections.abc import Callable
from dataclasses import replace

from rempart.drill.theft import (
    DAYTIME,
    WORKDAY,
    Attack,
    Goal,
    Hand,
    Pace,
    Setting,
    Thief,
    Variant,
    go_through,
)

A_DAY = 5


OTHERS = (1, 2, 3, 10)
"""For the curve of what a patient thief gets before he is found."""


def drips(a_day: int) -> Callable[[Setting], list[Attack]]:
    """So many people a day."""

    def attacks(setting: Setting) -> list[Attack]:
        (account,) = setting.accounts
        pace = Pace(every=WORKDAY / a_day, windows=DAYTIME)
        return [go_through(setting, Hand(account=account), setting.loot, pace)]

    return attacks


SLOW = Variant(
    name="slow-drip",
    attacks=drips(A_DAY),
    days=45,
    owner_works=True,
    windows=DAYTIME,
    goal=Goal(found_days=30, found_share=0.9),
    on_stack=False,
)

THIEF = Thief(
    name="slow-drip",
    sentence=("Cinq personnes par jour, mêlées au travail.", "Five people a day, amid the work."),
    lowered=(
        "Moins de cartes sans clé : à deux personnes par jour dans une pharmacie active, "
        "aucune courbe ne le voit.",
        "Fewer cards without a key: at two people a day in a busy pharmacy no chart sees him.",
    ),
    variants=(
        SLOW,
        # With the lists of all insurers: newness alone speaks.
        replace(SLOW, name="slow-drip-insurers", insurers=True, goal=None),
        *(
            replace(SLOW, name=f"slow-drip-{each}", attacks=drips(each), goal=None)
            for each in OTHERS
        ),
    ),
)
