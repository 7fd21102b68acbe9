"""A live session and no card data at all: whatever is invented finds nobody."""

from collections.abc import Iterator

from rempart.drill.theft import (
    Attack,
    Goal,
    Hand,
    Pace,
    Setting,
    Stolen,
    Thief,
    Variant,
    go_through,
    unknown,
)

EVERY = 8.0
"""Seconds a question: by hand, in a browser."""
MOST = 5_000


def invented(setting: Setting) -> Iterator[Stolen]:
    """People who do not exist."""
    return (unknown(setting) for _ in range(MOST))


def _attacks(setting: Setting) -> list[Attack]:
    (account,) = setting.accounts
    hand = Hand(account=account)
    return [go_through(setting, hand, invented(setting), Pace(every=EVERY))]


THIEF = Thief(
    name="live-session",
    sentence=(
        "Une session ouverte, sans rien de ce que portent les cartes.",
        "A live session, and nothing of what cards bear.",
    ),
    variants=(
        Variant(
            name="live-session",
            attacks=_attacks,
            days=1,
            goal=Goal(worst=0, narrowed_within=10, frozen_within=20),
        ),
    ),
)
