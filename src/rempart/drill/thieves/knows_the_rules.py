"""Has read our code: computes his own risk and stays under nine tenths of the threshold."""

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

PRUDENCE = 0.9
EVERY = 120.0
WAIT = Pace(every=600.0, windows=DAYTIME)
"""Until the owner's own patients have paid for the next one."""


def _careful(setting: Setting) -> Attack:
    """Ask whenever it is safe; a thief without a predictor takes what comes."""
    (account,) = setting.accounts
    world, chance, refused = setting.world, setting.chance, 0
    hand, pace = Hand(account=account), Pace(every=EVERY, windows=DAYTIME)
    at = pace.within(world, setting.starts)
    for stolen in setting.loot:
        asked = hand.question(at, stolen, world.day_of(at))
        while setting.risk is not None and setting.risk(asked) >= PRUDENCE:
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


def _attacks(setting: Setting) -> list[Attack]:
    return [_careful(setting)]


THIEF = Thief(
    name="knows-the-rules",
    sentence=(
        "A lu notre code, et reste juste sous les seuils.",
        "Has read our code, and stays just below the thresholds.",
    ),
    variants=(
        Variant(
            name="knows-the-rules",
            attacks=_attacks,
            days=30,
            owner_works=True,
            windows=DAYTIME,
            goal=Goal(per_day=60, total=300, found_days=5),
        ),
    ),
)
