"""Every honest scene does what it says."""

from collections import Counter
from datetime import date

import pytest

from rempart.domain.disclosure import Presence
from rempart.domain.site import SiteKind
from rempart.drill import traffic
from rempart.drill.honest import CRUISE, DAY_ONE
from rempart.drill.landscape import World
from rempart.drill.population import NOBODY
from rempart.drill.registry import LONG_AGO
from rempart.drill.scenes import SCENES
from rempart.drill.world import make_mixed_world

title = "Honest scenes"

TUESDAY, SATURDAY, SUNDAY = 1, 5, 6
NAMES = {
    "january-2", "late-feed", "bad-release", "vaccination-saturday", "ehpad-round",
    "seaside-august", "night-duty", "central-back-office", "evening-nurse", "locum-honest",
    "new-practice",
}  # fmt: skip


SMALL = 20_000
"""Members of a world of which nothing is counted."""


def _world(
    starts: date = date(2027, 3, 1),
    *,
    day_one: bool = False,
    days: int = 60,
    members: int = 80_000,
) -> World:
    return make_mixed_world(
        mix={"pharmacy": 6, "doctor": 6, "nurse": 8, "hospital": 2},
        members=members,
        days=days,
        seed=4,
        params=DAY_ONE if day_one else CRUISE,
        starts=starts,
    )


def _site(world: World, trade: str, day: int = TUESDAY) -> int:
    """A site that is open, ordinary and has nothing else on the day."""
    for site in world.sites:
        if site.trade == trade and site.opened == LONG_AGO:
            practice = world.practice(site.number)
            asked = traffic.site_day(world, site.number, day)
            if asked and not practice.evening and practice.read and site.number not in _busy(world):
                return site.number
    raise AssertionError(trade)


def _busy(world: World) -> set[int]:
    return {site for site, _ in (*world.agenda.batches, *world.agenda.moods)} | set(
        world.agenda.locums
    )


def _hour(world: World, day: int, at: int) -> float:
    return (at - world.midnight(day)) / 3600e6


def test_all_scenes_are_there_in_two_languages():
    assert set(SCENES) == NAMES
    for name, scene in SCENES.items():
        assert scene.name == name
        assert scene.french != scene.english
        assert scene.kinds
        assert scene.days >= 1


@pytest.mark.parametrize("name", sorted(NAMES))
def test_scenes_are_the_same_for_the_same_world(name):
    scene = SCENES[name]
    played = []
    for world in (_world(members=SMALL), _world(members=SMALL)):
        site = next(s.number for s in world.sites if s.kind in scene.kinds)
        scene.stage(world, site, TUESDAY)
        played.append([traffic.day(world, day) for day in (TUESDAY, TUESDAY + 1)])
    assert played[0] == played[1]


@pytest.mark.parametrize("name", sorted(NAMES))
def test_scenes_leave_the_days_before_alone(name):
    scene, plain, world = SCENES[name], _world(members=SMALL), _world(members=SMALL)
    site = next(s.number for s in world.sites if s.kind in scene.kinds and s.opened == LONG_AGO)
    scene.stage(world, site, 20)
    before = traffic.day(world, 12)
    if name == "new-practice":
        before += traffic.site_day(plain, site, 12)
    assert sorted(before) == traffic.day(plain, 12)


def test_january_2_shows_cards_that_no_feed_has():
    world = _world(date(2027, 12, 20), days=30)
    day = (date(2028, 1, 3) - world.starts).days
    plain = [q for q in traffic.day(world, day) if q.presence is Presence.CARD]
    SCENES["january-2"].stage(world, 1, day)
    cards = [q for q in traffic.day(world, day) if q.presence is Presence.CARD]
    missed = sum(q.person == NOBODY for q in cards) / len(cards)
    assert missed > 0.08
    assert missed > 1.5 * sum(q.person == NOBODY for q in plain) / len(plain)
    later = [q for q in traffic.day(world, day + 7) if q.presence is Presence.CARD]
    assert sum(q.person == NOBODY for q in later) / len(later) < 0.08


def test_a_late_feed_does_not_know_its_new_members():
    world = _world(date(2027, 12, 20), days=30)
    day = (date(2028, 1, 1) - world.starts).days
    site = _site(world, "pharmacy", day + 2)
    seen = Counter(world.people.insurer[p] for p in world.practice(site).regulars(day))
    SCENES["late-feed"].stage(world, site, day)
    people = world.people
    insurer = max(seen, key=lambda n: (seen[n], n))
    new = [p for p in range(people.residents, len(people)) if people.insurer[p] == insurer]
    came = [p for p in new if day <= people.since[p] < day + 3]
    assert came
    assert all(people.known[p] >= day + 3 for p in came)
    amc = world.insurers[insurer].amc
    for each in (day, day + 1, day + 2):
        assert not {q.person for q in traffic.day(world, each) if q.amc == amc} & set(came)


def test_a_bad_release_misses_everything_typed_for_six_hours():
    world = _world()
    site = _site(world, "pharmacy")
    product = world.sites[site - 1].product
    SCENES["bad-release"].stage(world, site, TUESDAY)
    start, end = world.agenda.spoilt[product, TUESDAY]
    assert end - start == 6 * 3600
    same = {s.number for s in world.sites if s.product == product}
    inside = [
        q
        for q in traffic.day(world, TUESDAY)
        if q.site in same and start < _hour(world, TUESDAY, q.at) * 3600 < end
    ]
    typed = [q for q in inside if q.presence is not Presence.CARD]
    assert len(typed) > 10
    # What was asked again within the day came with a question before the release.
    assert sum(q.person == NOBODY for q in typed) / len(typed) > 0.9
    cards = [q for q in inside if q.presence is Presence.CARD]
    assert sum(q.person != NOBODY for q in cards) / len(cards) > 0.9


def test_a_vaccination_saturday_brings_three_times_the_people_half_of_them_strangers():
    world = _world()
    site = _site(world, "pharmacy", SATURDAY)
    plain = traffic.site_day(world, site, SATURDAY)
    SCENES["vaccination-saturday"].stage(world, site, SATURDAY)
    crowd = traffic.site_day(world, site, SATURDAY)
    assert 2.2 < len(crowd) / len(plain) < 4
    regulars = set(world.practice(site).regulars(SATURDAY))
    people = {q.person for q in crowd} - {NOBODY}
    assert 0.2 < len(people - regulars) / len(people) < 0.75


@pytest.mark.parametrize("trade", ["pharmacy", "nurse"])
def test_an_ehpad_round_is_eighty_old_people_in_a_row(trade):
    world = _world()
    site = _site(world, trade)
    plain = {q.person for q in traffic.site_day(world, site, TUESDAY)}
    SCENES["ehpad-round"].stage(world, site, TUESDAY)
    asked = traffic.site_day(world, site, TUESDAY)
    residents = [q for q in asked if q.person not in plain and q.person != NOBODY]
    assert 65 <= len({q.person for q in residents}) <= 90
    assert sum(world.people.age[q.person] >= 75 for q in residents) / len(residents) > 0.9
    known = {person for person, *_ in world.seen_before(site)}
    assert len({q.person for q in residents} - known) > 40
    # A few are asked about again later in the day.
    assert (residents[-8].at - residents[0].at) / 3600e6 < 2.5
    again = {q.person for q in traffic.site_day(world, site, TUESDAY + 28)}
    assert len(again & {q.person for q in residents}) > 60


def test_august_by_the_sea_brings_people_from_far():
    world = _world(date(2027, 7, 26))
    site = _site(world, "pharmacy", 14)
    usual = [len(traffic.site_day(world, site, day)) for day in (14, 15, 16)]
    SCENES["seaside-august"].stage(world, site, 7)
    summer = [traffic.site_day(world, site, day) for day in (14, 15, 16)]
    assert sum(map(len, summer)) > 1.6 * sum(usual)
    people = {q.person for day in summer for q in day} - {NOBODY}
    where = world.sites[site - 1].where
    assert sum(world.people.place[p] != where for p in people) / len(people) > 0.3


def test_a_pharmacy_on_duty_works_at_night_and_on_sunday():
    world = _world()
    site = _site(world, "pharmacy")
    world.agenda.extras.clear()
    assert not traffic.site_day(world, site, SUNDAY)
    SCENES["night-duty"].stage(world, site, SUNDAY)
    asked = traffic.site_day(world, site, SUNDAY)
    assert len(asked) > 40
    assert any(_hour(world, SUNDAY, q.at) > 20 for q in asked)
    assert any(_hour(world, SUNDAY + 1, q.at) < 8 for q in traffic.site_day(world, site, 7))
    regulars = set(world.practice(site).regulars(SUNDAY))
    people = {q.person for q in asked} - {NOBODY}
    assert 0.6 < len(people - regulars) / len(people) < 0.95


def test_a_back_office_bills_in_the_evening_without_cards():
    world = _world()
    site = next(s.number for s in world.sites if s.kind is SiteKind.HOSPITAL)
    world.practice(site).back_office = 0
    SCENES["central-back-office"].stage(world, site, TUESDAY)
    office = world.accounts[world.practice(site).back_office - 1]
    assert office.usage == "back-office"
    asked = [q for q in traffic.site_day(world, site, TUESDAY) if q.account == office.number]
    assert len(asked) > 60
    assert all(_hour(world, TUESDAY, q.at) > 18 for q in asked)
    assert not any(q.presence is Presence.CARD for q in asked)


def test_an_evening_nurse_asks_thirty_times_in_ten_minutes():
    world = _world()
    site = _site(world, "nurse")
    SCENES["evening-nurse"].stage(world, site, TUESDAY)
    asked = traffic.site_day(world, site, TUESDAY)
    late = [q for q in asked if _hour(world, TUESDAY, q.at) > 20.5]
    assert len(late) > 20
    assert len(late) / len(asked) > 0.9
    assert (late[int(0.9 * len(late))].at - late[0].at) / 60e6 < 25


@pytest.mark.parametrize("trade", ["doctor", "pharmacy"])
def test_an_honest_locum_works_for_three_weeks_on_another_device(trade):
    world = _world()
    site = _site(world, trade)
    before = {(q.device, q.network) for q in traffic.site_day(world, site, TUESDAY)}
    SCENES["locum-honest"].stage(world, site, TUESDAY)
    locum = world.accounts_of(site)[-1]
    assert locum.usage == "locum"
    asked = [q for day in range(1, 22) for q in traffic.site_day(world, site, day)]
    theirs = [q for q in asked if q.account == locum.number]
    assert 0.4 < len(theirs) / len(asked) < 0.98
    assert not {q.device for q in theirs} & {device for device, _ in before}
    after = [q for day in range(22, 36) for q in traffic.site_day(world, site, day)]
    assert not [q for q in after if q.account == locum.number]


def test_a_new_practice_has_seen_nobody_and_grows():
    world = _world(days=300)
    site = _site(world, "doctor")
    SCENES["new-practice"].stage(world, site, 10)
    assert not list(world.seen_before(site))
    assert not traffic.site_day(world, site, 9)

    def asked(first: int) -> int:
        return sum(len(traffic.site_day(world, site, day)) for day in range(first, first + 28))

    assert 0 < asked(10) < 0.6 * asked(200)


def test_all_of_it_happens_by_itself_within_a_year():
    world = make_mixed_world(
        mix={"pharmacy": 40, "doctor": 30, "nurse": 40, "hospital": 12, "optician": 20},
        members=80_000,
        days=365,
        seed=1,
        starts=date(2027, 3, 1),
    )
    agenda, kinds = world.agenda, Counter(world.sites[n - 1].trade for n, _ in _rounds(world))
    assert kinds["pharmacy"] > 5
    assert any(mood.far for mood in agenda.moods.values())
    assert any(mood.factor == 3.0 for mood in agenda.moods.values())
    duties = sum(extra.opens > 19 for found in agenda.extras.values() for extra in found)
    assert 8 < duties / 40 < 30
    assert agenda.evenings
    assert agenda.spoilt
    assert len(agenda.renewals) > 60
    assert 5 < sum(map(len, agenda.locums.values())) < 90
    assert 0 < sum(world.practice(s.number).back_office > 0 for s in world.sites) < 12
    assert any(site.opened > 0 for site in world.sites)
    assert sum(world.practice(s.number).evening for s in world.sites if s.trade == "nurse") > 1


def _rounds(world: World) -> set[tuple[int, int]]:
    return set(world.agenda.batches)
