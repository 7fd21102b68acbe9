"""The key of a practice software, copied: its questions come from the thief's own network."""

from rempart.drill.theft import (
    ALWAYS,
    MOSTLY_RETURN,
    Attack,
    Hand,
    Setting,
    Thief,
    Variant,
    go_through,
    times_normal,
)
from rempart.drill.thieves.leaked_list import FAMILIAR, OTHER_LINE, PACES


def _attacks(setting: Setting) -> list[Attack]:
    (account,) = setting.accounts
    # The certificate went with the key, so the device looks the same.
    hand = Hand(account=account, network=OTHER_LINE + account.number)
    pace = times_normal(setting, account, setting.chance.choice(PACES), ALWAYS)
    return [go_through(setting, hand, setting.loot, pace)]


THIEF = Thief(
    name="software-key",
    sentence=("La clé d'un logiciel, copiée.", "The key of a practice software, copied."),
    variants=(
        Variant(
            name="software-key",
            attacks=_attacks,
            kinds=MOSTLY_RETURN,
            owner_works=True,
            goal=FAMILIAR,
        ),
    ),
)
