"""A practice that exists on paper: opened today with a false contract, to use the list."""

from rempart.drill.theft import (
    DAYTIME,
    Attack,
    Hand,
    Pace,
    Setting,
    Thief,
    Variant,
    go_through,
)

EVERY = (60.0, 900.0)
"""Seconds a question: from a busy shop's rhythm to a quiet practice's."""


def _attacks(setting: Setting) -> list[Attack]:
    (account,) = setting.accounts
    low, high = EVERY
    pace = Pace(every=low * (high / low) ** setting.chance.random(), windows=DAYTIME)
    return [go_through(setting, Hand(account=account), setting.loot, pace)]


THIEF = Thief(
    name="fake-practice",
    sentence=(
        "Un cabinet qui n'existe que sur le papier, ouvert aujourd'hui.",
        "A practice that exists on paper, opened today.",
    ),
    variants=(
        Variant(name="fake-practice", attacks=_attacks, days=30, fake=True, windows=DAYTIME),
    ),
)
