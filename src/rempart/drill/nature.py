"""The scenes that happen by themselves, at the rates of ``honest.py``."""

from random import Random

from rempart.domain.site import SiteKind
from rempart.drill import scenes
from rempart.drill.honest import LATE_DAYS, ROUND_EVERY
from rempart.drill.landscape import World
from rempart.drill.practice import poisson
from rempart.drill.registry import WorldSite

AUTUMN = (10, 11)
SATURDAYS = 9
"""Of the vaccination season."""
ALONE = ("doctor", "nurse", "physio", "pharmacy", "midwife", "dentist")


def let_things_happen(world: World) -> None:
    """Write the year of every site, product and insurer into the agenda."""
    chance = Random(f"{world.seed}/nature")  # noqa: S311 - to be drawn again alike
    for site in list(world.sites):
        _seasons(world, chance, site)
        if site.kind is SiteKind.PHARMACY:
            _pharmacy(world, chance, site)
        elif site.kind is SiteKind.HOSPITAL:
            if chance.random() < world.honest.rates.back_office:
                scenes.central_back_office(world, site.number, site.opened)
        elif site.trade == "nurse":
            _nurse(world, chance, site)
        if site.trade in ALONE and len(world.accounts_of(site.number)) == 1:
            for day in _days(world, chance, world.honest.rates.locum):
                scenes.locum_honest(world, site.number, max(day, site.opened))
    _products(world, chance)
    _insurers(world, chance)


def _days(world: World, chance: Random, yearly: float) -> list[int]:
    """Days on which something happens that happens so often a year."""
    count = poisson(chance, yearly * world.days / 365)
    return sorted(int(chance.random() * world.days) for _ in range(count))


def _seasons(world: World, chance: Random, site: WorldSite) -> None:
    if not site.shore or site.kind not in (SiteKind.PHARMACY, SiteKind.DOCTOR):
        return
    for day in range(world.days):
        today = world.date_of(day)
        if (today.month, today.day) == (8, 1):
            scenes.seaside_august(world, site.number, day)


def _pharmacy(world: World, chance: Random, site: WorldSite) -> None:
    rates, number = world.honest.rates, site.number
    for day in _days(world, chance, rates.duty_nights):
        scenes.night_duty(world, number, day)
    sundays = [d for d in range(world.days) if world.date_of(d).weekday() == 6]
    for day in sundays:
        if chance.random() < rates.duty_sundays / 52:
            scenes.night_duty(world, number, day)
    for day in range(world.days):
        today = world.date_of(day)
        campaign = today.month in AUTUMN and today.weekday() == 5
        if campaign and chance.random() < rates.vaccination_saturdays / SATURDAYS:
            scenes.vaccination_saturday(world, number, day)
    if chance.random() < rates.ehpad_served:
        people = scenes.residents(world, number, chance)
        first = int(chance.random() * ROUND_EVERY)
        scenes.serve_ehpad(world, number, first, people, chance)
        world.practice(number).known_residents += people
    for day in _days(world, chance, rates.ehpad_gained):
        scenes.ehpad_round(world, number, day)


def _nurse(world: World, chance: Random, site: WorldSite) -> None:
    rates = world.honest.rates
    if chance.random() < rates.evening_habit:
        world.practice(site.number).evening = True
    for day in _days(world, chance, rates.evenings):
        world.agenda.evenings.add((site.number, day))
    for day in _days(world, chance, rates.ehpad_nurse):
        scenes.ehpad_round(world, site.number, day)


def _products(world: World, chance: Random) -> None:
    first = {site.product: site.number for site in reversed(world.sites)}
    for _, number in sorted(first.items()):
        for day in _days(world, chance, world.honest.rates.bad_release):
            scenes.bad_release(world, number, day)


def _insurers(world: World, chance: Random) -> None:
    rates = world.honest.rates
    for insurer in world.insurers:
        for day in _days(world, chance, rates.late_feed):
            scenes.delay_feed(world, insurer.number, day, LATE_DAYS)
    for day in range(world.days):
        if scenes.is_january_2(world.date_of(day)):
            for insurer in world.insurers:
                if chance.random() < rates.late_january:
                    late = 1 + int(chance.random() * 5)
                    scenes.renew_late(world, insurer.number, day, late)
