"""A locum who works honestly all day, and goes through the list in between."""

from rempart.drill.theft import (
    DAYTIME,
    Attack,
    Hand,
    Setting,
    Thief,
    Variant,
    go_through,
    times_normal,
)


def _attacks(setting: Setting) -> list[Attack]:
    (account,) = setting.accounts
    pace = times_normal(setting, account, 1, DAYTIME)
    return [go_through(setting, Hand(account=account), setting.loot, pace)]


THIEF = Thief(
    name="locum",
    sentence=(
        "Un remplaçant malhonnête, trois semaines durant.",
        "A dishonest locum, for three weeks.",
    ),
    variants=(
        Variant(
            name="locum",
            attacks=_attacks,
            days=21,
            scene="locum-honest",
            locum=True,
            owner_works=True,
            windows=DAYTIME,
        ),
    ),
)
