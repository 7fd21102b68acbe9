"""Has read our code: computes his own risk and stays under nine tenths of the threshold."""

from collections.abc import Callable
from dataclasses import replace

from rempart.domain.watch import NARROW
from rempart.drill.theft import (
    DAYTIME,
    PATIENCE,
    Attack,
    Goal,
    Hand,
    Pace,
    Setting,
    Thief,
    Variant,
    refusals,
)

PRUDENCE, UNSEEN = 0.9, 0.45
"""Of the threshold that narrows: just below it, or below the one that watches."""
EVERY = 120.0
WAIT = Pace(every=600.0, windows=DAYTIME)
"""Until the owner's own patients have paid for the next one."""


def _careful(setting: Setting, prudence: float) -> Attack:
    """Ask whenever it is safe; a thief without a predictor takes what comes."""
    (account,) = setting.accounts
    world, chance, refused = setting.world, setting.chance, 0
    hand, pace = Hand(account=account), Pace(every=EVERY, windows=DAYTIME)
    at = pace.within(world, setting.starts)
    for stolen in setting.loot:
        asked = hand.question(at, stolen, world.day_of(at))
        while setting.risk is not None and setting.risk(asked) >= prudence:
            at = WAIT.after(world, at, chance)
            if at >= setting.ends:
                return
            asked = hand.question(at, stolen, world.day_of(at))
        if at >= setting.ends:
            return
        outcome = yield asked
        refused = refusals(refused, outcome)
        if refused >= PATIENCE:
            return
        at = pace.after(world, at, chance)


def _under(prudence: float) -> Callable[[Setting], list[Attack]]:
    return lambda setting: [_careful(setting, prudence)]


def below(level: float) -> Variant:
    """Him again, just below a level of the charts."""
    return replace(NARROWED, name=f"below-{level:g}", attacks=_under(PRUDENCE * level / NARROW))


NARROWED = Variant(
    name="knows-the-rules",
    attacks=_under(PRUDENCE),
    days=30,
    owner_works=True,
    windows=DAYTIME,
    goal=Goal(per_day=60, total=300, found_days=5),
)


THIEF = Thief(
    name="knows-the-rules",
    sentence=(
        "A lu notre code, et reste juste sous les seuils.",
        "Has read our code, and stays just below the thresholds.",
    ),
    lowered=(
        "La même chose : il reste sous les seuils, et les budgets le bornent.",
        "The same: he stays below the thresholds, and budgets bound him.",
    ),
    variants=(
        NARROWED,
        # Never even watched: what it costs to want that.
        replace(NARROWED, name="knows-the-rules-unseen", attacks=_under(UNSEEN), on_stack=False),
        replace(
            NARROWED, name="knows-the-rules-insurers", insurers=True, goal=None, on_stack=False
        ),
    ),
)
