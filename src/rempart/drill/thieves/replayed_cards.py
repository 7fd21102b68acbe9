"""Photographs of the cards of one site's patients, shown at another, far away."""

from rempart.domain.disclosure import Presence
from rempart.domain.site import SiteKind
from rempart.drill.theft import (
    DAYTIME,
    Attack,
    Hand,
    Setting,
    Stolen,
    Thief,
    Variant,
    go_through,
    times_normal,
)

CARDS = 200


def photographs(setting: Setting) -> list[Stolen]:
    """New cards of the regulars of a site of another place."""
    world, people, day = setting.world, setting.world.people, setting.day
    here = world.sites[setting.accounts[0].site - 1].where
    far = [s for s in world.sites if s.where != here and s.kind is SiteKind.PHARMACY]
    victim = setting.chance.choice(far or world.sites)
    regulars = world.practice(victim.number).regulars(day)
    shown = setting.chance.sample(regulars, min(len(regulars), CARDS * 2))
    current = [people.current(person, day) for person in shown]
    held = [person for person in dict.fromkeys(current) if people.signed[person]]
    return [Stolen(p, people.amc(p), people.contract[p]) for p in held[:CARDS]]


def _attacks(setting: Setting) -> list[Attack]:
    (account,) = setting.accounts
    hand = Hand(account=account, presence=Presence.CARD)
    pace = times_normal(setting, account, 3, DAYTIME)
    return [go_through(setting, hand, photographs(setting), pace)]


THIEF = Thief(
    name="replayed-cards",
    sentence=(
        "Deux cents cartes photographiées, montrées loin de là.",
        "Two hundred cards photographed, shown far from there.",
    ),
    lowered=(
        "Un code fait à l'instant par le téléphone n'ôte rien au code imprimé : il faudrait que "
        "l'assureur n'accepte plus que le premier. Une photo reste une carte jusqu'à sa série "
        "suivante.",
        "A code made at the moment by the phone takes nothing from the printed one: the insurer "
        "would have to accept the first alone. A photograph stays a card until its next serial.",
    ),
    variants=(
        Variant(name="replayed-cards", attacks=_attacks, kinds=(SiteKind.PHARMACY,), stale=0.0),
    ),
)
