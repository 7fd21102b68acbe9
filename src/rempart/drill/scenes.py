"""Honest scenes: what happens to honest people and looks like theft, or nearly.

A scene writes what is out of the ordinary into the world's agenda, at a site from a day on; those
of a product or an insurer touch every site that has it. They also happen by themselves, at the
rates of ``honest.py``; here one is made to happen.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from rempart.domain.site import SiteKind
from rempart.drill.agenda import Batch, Extra, Mood
from rempart.drill.honest import (
    CAMPAIGN,
    CARDS_A_DAY,
    DUTY_EVENING,
    DUTY_MORNING,
    DUTY_STRANGERS,
    DUTY_SUNDAY,
    EVENING_QUESTIONS,
    LATE_DAYS,
    LOCUM_DAYS,
    LOCUM_PART,
    RESIDENTS,
    ROLLED_BACK,
    ROUND_EVERY,
    ROUND_READ,
    SEASIDE,
)
from rempart.drill.landscape import World
from rempart.drill.population import ELDER
from rempart.drill.registry import WorldAccount

MORNING = 9 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """An honest scene: where it happens, for how many days, and how to make it happen.

    ``stage`` takes the world, the site and the first day.
    """

    name: str
    french: str
    english: str
    kinds: tuple[SiteKind, ...]
    days: int
    stage: Callable[[World, int, int], None]


def _chance(world: World, site: int, day: int, scene: str) -> Random:
    return Random(f"{world.seed}/{scene}/{site}/{day}")  # noqa: S311 - to be drawn again alike


def main_account(world: World, site: int) -> WorldAccount:
    """The account that does most of a site's work."""
    return world.accounts_of(site)[0]


def account_for(world: World, site: int, usage: str) -> WorldAccount:
    """The site's account for a usage, or its main one."""
    for account in world.accounts_of(site):
        if account.usage == usage:
            return account
    return main_account(world, site)


def residents(world: World, site: int, chance: Random, count: int = RESIDENTS) -> tuple[int, ...]:
    """People of an EHPAD near the site: the old of its place, household by household gone."""
    place, age = world.settled.places[world.sites[site - 1].where], world.people.age
    found: dict[int, None] = {}
    for _ in range(count * 200):
        person = place[int(chance.random() * len(place))]
        if age[person] >= ELDER + 3:
            found[person] = None
            if len(found) == count:
                break
    return tuple(found)


def ehpad_round(world: World, site: int, day: int) -> None:
    """An EHPAD is taken on: the first round, and one every four weeks from then on."""
    chance = _chance(world, site, day, "ehpad")
    people = residents(world, site, chance)
    serve_ehpad(world, site, day, people, chance)


def serve_ehpad(world: World, site: int, day: int, people: tuple[int, ...], chance: Random) -> None:
    """Ask about all residents every four weeks, in a row, from the nursing home's list."""
    account = account_for(world, site, "home-care").number
    second = MORNING + chance.random() * 4 * 3600
    for again in range(day, world.days, ROUND_EVERY):
        batch = Batch(account, second, 20 + chance.random() * 40, people, ROUND_READ)
        world.agenda.batches.setdefault((site, again), []).append(batch)


def vaccination_saturday(world: World, site: int, day: int) -> None:
    """A pharmacy vaccinates all day."""
    world.agenda.moods[site, day] = Mood(*CAMPAIGN)


def night_duty(world: World, site: int, day: int) -> None:
    """A pharmacy is on duty for the night, and all of a Sunday."""
    extras = world.agenda.extras.setdefault((site, day), [])
    extras.append(Extra(DUTY_EVENING, 19.5, 24.0, DUTY_STRANGERS))
    if world.date_of(day).weekday() == 6:
        extras.append(Extra(DUTY_SUNDAY, 9.0, 19.5, DUTY_STRANGERS))
    morning = world.agenda.extras.setdefault((site, day + 1), [])
    morning.append(Extra(DUTY_MORNING, 0.0, 8.5, DUTY_STRANGERS))


def seaside_august(world: World, site: int, day: int) -> None:
    """A season by the sea: two to three times the people, most of them on holiday."""
    chance = _chance(world, site, day, "seaside")
    low, high, strangers = SEASIDE
    factor = low + (high - low) * chance.random()
    for each in range(day, min(world.days, day + 31)):
        world.agenda.moods[site, each] = Mood(factor, strangers, far=True)


def central_back_office(world: World, site: int, day: int) -> None:
    """A hospital group bills from one office, in the evening, from files."""
    account = account_for(world, site, "back-office")
    if account.usage != "back-office":
        account = replace(
            account, number=len(world.accounts) + 1, usage="back-office", part=0.0, desks=4,
            starts=day,
        )  # fmt: skip
        world.add_account(account)
    world.practice(site).back_office = account.number


def evening_nurse(world: World, site: int, day: int) -> None:
    """A nurse bills the day at 21:00, thirty questions in ten minutes."""
    world.agenda.evenings.add((site, day))
    practice = world.practice(site)
    lacking = EVENING_QUESTIONS - round(practice.mean)
    if lacking > 0:
        chance = _chance(world, site, day, "evening")
        regulars = practice.regulars(day)
        people = tuple(chance.choice(regulars) for _ in range(lacking))
        account = account_for(world, site, "home-care").number
        batch = Batch(account, 21 * 3600 + 300.0, 15.0, people, practice.read)
        world.agenda.batches.setdefault((site, day), []).append(batch)


def locum_honest(world: World, site: int, day: int) -> None:
    """A locum works under an account of their own for three weeks, on their own computer."""
    model = main_account(world, site)
    account = replace(
        model, number=len(world.accounts) + 1, usage="locum", part=LOCUM_PART, desks=1,
        starts=day, ends=day + LOCUM_DAYS,
    )  # fmt: skip
    world.add_account(account)
    world.agenda.locums.setdefault(site, []).append(account.number)


def new_practice(world: World, site: int, day: int) -> None:
    """The site has just opened: nobody has been seen there."""
    world.open_on(site, day)


def bad_release(world: World, site: int, day: int) -> None:
    """A release spoils birth dates at all sites of a product until it is rolled back."""
    chance = _chance(world, site, day, "release")
    start = 7 * 3600 + chance.random() * 4 * 3600
    product = world.sites[site - 1].product
    world.agenda.spoilt[product, day] = start, start + ROLLED_BACK


def late_feed(world: World, site: int, day: int) -> None:
    """The feed of the insurer that this site sees most is three days late."""
    practice = world.practice(site)
    seen = [world.people.insurer[p] for p in practice.regulars(day)]
    delay_feed(world, max(set(seen), key=lambda n: (seen.count(n), n)), day, LATE_DAYS)


def delay_feed(world: World, insurer: int, day: int, late: int) -> None:
    """Nobody who joined an insurer lately is known before its feed arrives."""
    people, until = world.people, day + late
    for person in range(people.residents, len(people)):
        if people.insurer[person] == insurer and day - 1 <= people.known[person] < until:
            people.known[person] = until
    for each in range(day, until):
        share = world.agenda.renewals.setdefault(each, {})
        amc = world.insurers[insurer].amc
        share[amc] = max(share.get(amc, 0.0), CARDS_A_DAY * (each - day + 1))


def january_2(world: World, site: int, day: int) -> None:
    """New year: a third of the insurers have not sent the cards that their members show."""
    chance = _chance(world, 0, day, "january")
    for insurer in world.insurers:
        if chance.random() < 1 / 3 or insurer.number == _main_insurer(world, site):
            renew_late(world, insurer.number, day, 1 + int(chance.random() * 5))


def renew_late(world: World, insurer: int, day: int, late: int) -> None:
    """Cards renewed for the new year reach patients before they reach us."""
    delay_feed(world, insurer, day, late)
    for each in range(day, day + late):
        world.agenda.renewals[each][world.insurers[insurer].amc] = world.honest.renewal


def _main_insurer(world: World, site: int) -> int:
    here = world.sites[site - 1]
    return world.settled.districts[here.where][here.district].favourite


def is_january_2(day: date) -> bool:
    """The first working day on which it shows."""
    return (day.month, day.day) == (1, 2)


_PHARMACY = (SiteKind.PHARMACY,)
_EVERYWHERE = tuple(SiteKind)

SCENES: Mapping[str, Scene] = {
    name: Scene(name=name, french=fr, english=en, kinds=kinds, days=days, stage=stage)
    for name, fr, en, kinds, days, stage in (
        ("january-2", "nouvel an : des cartes que le flux n'a pas encore",
         "new year: cards that the feed does not have yet", _EVERYWHERE, 6, january_2),
        ("late-feed", "un organisme envoie son flux avec trois jours de retard",
         "an insurer's feed is three days late", _EVERYWHERE, LATE_DAYS, late_feed),
        ("bad-release", "une version d'un logiciel abîme les dates de naissance, six heures",
         "a software release spoils birth dates for six hours", _EVERYWHERE, 1, bad_release),
        ("vaccination-saturday", "une pharmacie vaccine : trois fois plus de monde",
         "a pharmacy vaccinates: three times the people", _PHARMACY, 1, vaccination_saturday),
        ("ehpad-round", "un EHPAD de 80 résidents est pris en charge, à la suite",
         "a nursing home of 80 is taken on, in a row",
         (SiteKind.PHARMACY, SiteKind.AUXILIARY), 1, ehpad_round),
        ("seaside-august", "août en bord de mer : des vacanciers", "August by the sea: holidays",
         (SiteKind.PHARMACY, SiteKind.DOCTOR), 31, seaside_august),
        ("night-duty", "pharmacie de garde, la nuit et le dimanche",
         "a pharmacy on duty, at night and on Sunday", _PHARMACY, 2, night_duty),
        ("central-back-office", "un groupe hospitalier facture le soir, sur dossiers",
         "a hospital group bills in the evening, from files",
         (SiteKind.HOSPITAL,), 5, central_back_office),
        ("evening-nurse", "une infirmière interroge à 21 h, trente fois en dix minutes",
         "a nurse asks thirty times in ten minutes at 21:00",
         (SiteKind.AUXILIARY,), 1, evening_nurse),
        ("locum-honest", "un remplaçant pour trois semaines, sur son ordinateur",
         "a locum for three weeks, on their own computer",
         (SiteKind.DOCTOR, SiteKind.PHARMACY, SiteKind.AUXILIARY), LOCUM_DAYS, locum_honest),
        ("new-practice", "un cabinet ouvre : tout le monde y est nouveau",
         "a practice opens: everybody is new there", _EVERYWHERE, 90, new_practice),
    )
}  # fmt: skip
