"""Five people a day, in the midst of the owner's work."""

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


def _attacks(setting: Setting) -> list[Attack]:
    (account,) = setting.accounts
    pace = Pace(every=WORKDAY / A_DAY, windows=DAYTIME)
    return [go_through(setting, Hand(account=account), setting.loot, pace)]


THIEF = Thief(
    name="slow-drip",
    sentence=("Cinq personnes par jour, mêlées au travail.", "Five people a day, amid the work."),
    variants=(
        Variant(
            name="slow-drip",
            attacks=_attacks,
            days=45,
            owner_works=True,
            windows=DAYTIME,
            goal=Goal(found_days=30, found_share=0.9),
        ),
    ),
)
