"""Runs code in the gateway's process: not a matter of questions, so the real stack only."""

from rempart.drill.theft import Attack, Setting, Thief, Variant


def _on_the_real_stack(_: Setting) -> list[Attack]:
    return []


THIEF = Thief(
    name="gateway-owned",
    sentence=(
        "Exécute du code dans la passerelle : rejoue des sessions, nomme des comptes.",
        "Runs code in the gateway: replays sessions, names accounts.",
    ),
    variants=(
        Variant(
            name="gateway-owned",
            attacks=_on_the_real_stack,
            in_process=False,
        ),
    ),
    in_process=False,
)
