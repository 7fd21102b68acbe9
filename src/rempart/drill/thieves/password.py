"""A professional's password, as in 2024: there is nothing to sign in with."""

from rempart.drill.theft import Attack, Goal, Setting, Thief, Variant


def _no_way_in(_: Setting) -> list[Attack]:
    return []


THIEF = Thief(
    name="password",
    sentence=("Le mot de passe d'un professionnel.", "A professional's password."),
    variants=(Variant(name="password", attacks=_no_way_in, goal=Goal(worst=0), in_process=False),),
    in_process=False,
)
