"""A hundred stolen sessions share one list, so that none of them asks much."""

from collections.abc import Callable
from dataclasses import replace

from rempart.domain.site import SiteKind
from rempart.drill.theft import (
    DAYTIME,
    Attack,
    Goal,
    Hand,
    Pace,
    Setting,
    Thief,
    Variant,
    go_through,
)

ACCOUNTS = 100
DAYS = 28
HOUR = 3600


def _attacks(every: tuple[float, float], spread: float) -> Callable[[Setting], list[Attack]]:
    """Each account takes its part of the list, and starts somewhere within ``spread`` seconds."""

    def attacks(setting: Setting) -> list[Attack]:
        chance, count = setting.chance, len(setting.accounts)
        part = max(1, len(setting.loot) // count)
        found = []
        for nth, account in enumerate(setting.accounts):
            low, high = every
            pace = Pace(every=low + (high - low) * chance.random(), windows=DAYTIME)
            starts = setting.starts + int(chance.random() * spread * 1e6)
            mine = setting.loot[nth * part : (nth + 1) * part]
            hand = Hand(account=account)
            found.append(go_through(setting, hand, mine, pace, starts=starts))
        return found

    return attacks


LONG = Variant(
    name="hundred-accounts-weeks",
    attacks=_attacks((600, HOUR), (DAYS - 7) * 24 * HOUR),
    kinds=tuple(SiteKind),
    accounts=ACCOUNTS,
    wanted=20_000,
    days=DAYS,
    windows=DAYTIME,
    owner_works=True,
    goal=Goal(total=1_500),
    on_stack=False,
)
"""From one question every ten minutes to one an hour."""

THIEF = Thief(
    name="hundred-accounts",
    sentence=(
        "Cent sessions volées se partagent la liste de 2024.",
        "A hundred stolen sessions share the list of 2024.",
    ),
    variants=(
        Variant(
            name="hundred-accounts-hour",
            attacks=_attacks((10, 60), 0.8 * HOUR),
            kinds=tuple(SiteKind),
            accounts=ACCOUNTS,
            wanted=20_000,
            days=2,
            windows=((9.0, 17.0),),
            owner_works=True,
            goal=Goal(total=500),
        ),
        LONG,
        replace(LONG, name="hundred-accounts-weeks-insurers", insurers=True, goal=None),
    ),
)
