"""Who comes to a site on a day, and when: before anybody is asked about."""

from bisect import bisect
from collections.abc import Iterator
from datetime import date
from random import Random

from rempart.drill.agenda import Mood
from rempart.drill.clockwork import STEPS, table_of
from rempart.drill.honest import EVENING, EVENING_EVERY, GROWTH, Hours
from rempart.drill.landscape import World
from rempart.drill.practice import MASK, Practice, mixed, poisson
from rempart.drill.registry import WorldSite
from rempart.drill.seasons import flu_week, weekday

Visit = tuple[float, int]
"""The second of the day, and who."""

ORDINARY = Mood(1.0)


def seeded(world: World, site: int, day: int, kind: int) -> int:
    """The seed of what a site does on a day."""
    return (((world.seed & MASK) * 4_000_037 + site) * 1_000_003 + day + 40_000) * 8 + kind


def season(world: World, site: WorldSite, today: date) -> float:
    """How much more than on an ordinary day of the week people come."""
    rhythm = world.honest.rhythms[site.trade]
    factor = 1.0
    if today.month == 8 and not site.shore:
        factor = rhythm.august
    elif flu_week(today):
        factor = rhythm.flu
    return factor


def on_leave(world: World, site: WorldSite, today: date) -> bool:
    """Whether a practice is closed: some weeks a year, half of them in July and August."""
    weeks = world.honest.rhythms[site.trade].leave
    if not weeks or world.practice(site.number).practitioners > 1:
        return False
    year, week, _ = today.isocalendar()
    summer = 27 <= week <= 35
    share = weeks / 2 / 9 if summer else weeks / 2 / 43
    return mixed(world.seed, site.number, year, week) < share


def growth(site: WorldSite, day: int) -> float:
    """How far a site that opened lately has grown: 0 before it opens, 1 at last."""
    age, (first, days) = day - site.opened, GROWTH
    return 0.0 if age < 0 else min(1.0, first + (1 - first) * age / days)


def volume(world: World, site: WorldSite, day: int) -> float:
    """How many times an ordinary day's questions to expect, before the day's own luck."""
    today = world.date_of(day)
    opened = world.honest.rhythms[site.trade].week[weekday(today)]
    if not opened or on_leave(world, site, today):
        return 0.0
    return opened * season(world, site, today) * growth(site, day)


def attend(world: World, site: WorldSite, day: int, chance: Random) -> list[Visit]:
    """The visits of a day in opening hours, in no order."""
    practice, honest = world.practice(site.number), world.honest
    mood = world.agenda.moods.get((site.number, day), ORDINARY)
    factor = volume(world, site, day) * mood.factor
    if not factor:
        return []
    spread = honest.volume_spread
    factor *= chance.lognormvariate(-spread * spread / 2, spread)
    if chance.random() < honest.busy_day:
        mood = Mood(1.0, min(0.9, 2 * practice.strangers))
        factor *= 1.5
    people = list(_series(practice, day, chance, factor))
    people += _walk_in(world, practice, day, chance, mood._replace(factor=factor))
    rhythm = practice.rhythm
    hours = rhythm.hours if weekday(world.date_of(day)) < 5 else rhythm.weekend
    if practice.evening or (site.number, day) in world.agenda.evenings:
        return [(EVENING + EVENING_EVERY * (n + chance.random()), p) for n, p in enumerate(people)]
    return _spread(people, hours, practice.shift, chance)


def _spread(people: list[int], hours: Hours, shift: float, chance: Random) -> list[Visit]:
    draw, table = chance.random, table_of(hours)
    visits = []
    for person in people:
        exact = draw() * STEPS
        step = int(exact)
        opens = table[step]
        wide = table[step + 1] - opens
        # A step that straddles the lunch break belongs to the morning.
        second = opens + (exact - step) * (wide if wide < 3600 else 60.0) + shift
        visits.append((second if 0.0 < second < 86_399.0 else opens, person))
    return visits


def _series(practice: Practice, day: int, chance: Random, factor: float) -> Iterator[int]:
    draw = chance.random
    for index, slot in enumerate(practice.slots):
        if draw() < slot.daily * factor:
            yield practice.patient(index, day)


def _walk_in(world: World, practice: Practice, day: int, chance: Random, mood: Mood) -> list[int]:
    """Regulars and strangers of the day, and those who come for the second time this week."""
    honest, draw = world.honest, chance.random
    strangers = practice.strangers if mood.strangers is None else mood.strangers
    spread = honest.day_spread
    strangers = min(0.97, strangers * chance.lognormvariate(-spread * spread / 2, spread))
    again = _this_week(world, practice, day)
    rest = practice.mean * (1 - practice.rhythm.series) * (1 - 2 * honest.again_this_week)
    count = poisson(chance, rest * mood.factor)
    regulars, bounds = practice.regulars(day), practice.bounds
    top = bounds[-1] * _reach(practice.site, day)
    people = again
    for _ in range(count):
        if draw() < strangers:
            people.append(practice.stranger(chance, far=mood.far))
        else:
            people.append(regulars[bisect(bounds, draw() * top)])
    return people


def _reach(site: WorldSite, day: int) -> float:
    """Part of its regulars-to-be that a site has."""
    return 0.999_999 * growth(site, day)


def _this_week(world: World, practice: Practice, day: int) -> list[int]:
    """Who comes today among those who come twice this week."""
    week, today = divmod(day, 7)
    held = practice.week
    if held[0] != week:
        held = week, _twice_a_week(world, practice, week)
        practice.week = held
    return [person for person, first, second in held[1] if today in (first, second)]


def _twice_a_week(world: World, practice: Practice, week: int) -> list[tuple[int, int, int]]:
    chance = Random(seeded(world, practice.site.number, week, 1))  # noqa: S311 - as elsewhere
    open_days = [
        day
        for day in range(7)
        if practice.rhythm.week[weekday(world.date_of(week * 7 + day))] > 0.15
    ]
    if len(open_days) < 2:
        return []
    start = week * 7
    weekly = practice.mean * (1 - practice.rhythm.series) * sum(practice.rhythm.week)
    weekly *= growth(practice.site, start)
    bounds, regulars = practice.bounds, practice.regulars(start)
    top = bounds[-1] * _reach(practice.site, start)
    found = []
    for _ in range(poisson(chance, weekly * world.honest.again_this_week)):
        stranger = chance.random() < practice.strangers
        person = (
            practice.stranger(chance)
            if stranger
            else regulars[bisect(bounds, chance.random() * top)]
        )
        first, second = sorted(chance.sample(open_days, 2))
        found.append((person, first, second))
    return found
