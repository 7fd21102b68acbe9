"""What honest sites ask: how much, when, about whom, with which card."""

from collections import Counter, defaultdict
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rempart.domain.disclosure import Presence
from rempart.drill import traffic
from rempart.drill.population import NOBODY
from rempart.drill.registry import LONG_AGO
from tests.unit.drill.worlds_of_practice import DAYS, a_world, cruise, day_one, elsewhere

title = "Honest questions"
WEEKS = 14


@pytest.fixture(scope="module")
def days():
    return [traffic.day(cruise(), day) for day in range(WEEKS)]


@pytest.fixture(scope="module")
def questions(days):
    return [asked for day in days for asked in day]


def _trade(world, asked):
    return world.sites[asked.site - 1].trade


def test_a_day_is_the_same_whenever_it_is_drawn(days):
    other = a_world()
    for day in (9, 2, 5, 13, 0):
        assert traffic.day(other, day) == days[day]


@settings(max_examples=30)
@given(st.integers(1, 120), st.integers(0, DAYS - 1), st.integers(0, DAYS - 1))
def test_a_site_is_the_same_whatever_was_drawn_before(site, day, other):
    first = traffic.site_day(cruise(), site, day)
    traffic.site_day(cruise(), site, other)
    assert traffic.site_day(cruise(), site, day) == first


def test_a_day_is_the_days_of_its_sites_in_order_of_time(days):
    world = cruise()
    apart = [q for site in world.sites for q in traffic.site_day(world, site.number, 3)]
    assert sorted(apart) == days[3]
    for day, asked in enumerate(days):
        assert asked == sorted(asked)
        assert world.midnight(day) <= asked[0].at
        assert asked[-1].at < world.midnight(day + 1) + 3600 * 1_000_000


def test_other_seeds_ask_other_things(days):
    assert traffic.day(elsewhere(), 0) != days[0]


def test_questions_name_what_is_there(questions):
    world = cruise()
    people = world.people
    for asked in questions[::7]:
        account = world.accounts[asked.account - 1]
        assert account.site == asked.site
        assert asked.network > 0 < asked.device
        if asked.person == NOBODY:
            continue
        assert people.amc(asked.person) == asked.amc
        assert people.contract[asked.person] == asked.contract
        assert (asked.presence is Presence.LEGACY) == (not people.signed[asked.person])


def test_nobody_is_asked_about_under_a_contract_that_ended(days):
    world = cruise()
    for day, asked in enumerate(days):
        for q in asked:
            if q.person != NOBODY:
                assert world.people.since[q.person] <= day < world.people.left[q.person]


def test_three_questions_in_four_are_by_card_in_cruise(questions):
    found = Counter(asked.presence for asked in questions)
    total = len(questions)
    assert found[Presence.CARD] / total == pytest.approx(0.75, abs=0.06)
    assert found[Presence.DECLARED] / total == pytest.approx(0.125, abs=0.05)
    assert found[Presence.LEGACY] / total == pytest.approx(0.125, abs=0.04)


def test_everything_is_legacy_on_day_one():
    asked = traffic.day(day_one(), 0)
    assert {q.presence for q in asked} == {Presence.LEGACY}


def test_a_site_without_a_reader_types_everything(questions):
    world = cruise()
    typed = {s.number for s in world.sites if world.practice(s.number).read == 0.0}
    assert 0 < len(typed) < len(world.sites) / 6
    assert not any(q.presence is Presence.CARD for q in questions if q.site in typed)


def test_a_few_questions_find_nobody_and_most_are_asked_again(questions):
    typed = [q for q in questions if q.presence is not Presence.CARD]
    misses = [q for q in typed if q.person == NOBODY]
    assert 0.01 < len(misses) / len(typed) < 0.06
    by_account = defaultdict(list)
    for q in questions:
        by_account[q.account].append(q)
    followed = sum(
        any(m.at < q.at < m.at + 60_000_000 and q.amc == m.amc for q in by_account[m.account])
        for m in misses
    )
    assert followed / len(misses) > 0.8


@pytest.mark.parametrize(
    ("trade", "low", "high"),
    [
        ("doctor", 4, 20), ("pharmacy", 65, 150), ("laboratory", 60, 150), ("imaging", 40, 110),
        ("nurse", 12, 34), ("physio", 9, 30), ("dentist", 3, 12), ("optician", 2, 7),
        ("hearing", 1, 5), ("hospital", 150, 700),
    ],
)  # fmt: skip
def test_sites_ask_as_much_as_their_trade(days, trade, low, high):
    """Patients of an ordinary weekday x share of tiers payant x practitioners; chance allowed."""
    world = cruise()
    counts = Counter(
        (q.site, day)
        for day, asked in enumerate(days)
        if day % 7 < 5
        for q in asked
        if _trade(world, q) == trade and world.sites[q.site - 1].opened == LONG_AGO
    )
    assert low <= mean(counts.values()) <= high


@pytest.mark.parametrize(
    ("trade", "low", "high"),
    [
        ("pharmacy", 0.75, 0.92), ("doctor", 0.75, 0.95), ("nurse", 0.92, 0.99),
        ("physio", 0.92, 0.99), ("devices", 0.88, 0.98), ("dentist", 0.62, 0.85),
        ("laboratory", 0.5, 0.75), ("hospital", 0.5, 0.75), ("imaging", 0.2, 0.6),
        ("optician", 0.15, 0.45),
    ],
)  # fmt: skip
def test_patients_return_as_often_as_the_trade_has_them(questions, trade, low, high):
    """Seen at that site within the twelve months before."""
    world = cruise()
    sites = [s.number for s in world.sites if s.trade == trade and s.opened < -365]
    seen = {site: {person for person, *_ in world.seen_before(site)} for site in sites}
    back = new = 0
    for q in questions:
        if q.site in seen and q.person != NOBODY:
            known = q.person in seen[q.site]
            back, new = back + known, new + (not known)
            seen[q.site].add(q.person)
    assert low <= back / (back + new) <= high


def test_strangers_come_in_crowds(days):
    """Strangers of a pharmacy from day to day vary more than chance alone would have it."""
    world = cruise()
    ratios = []
    for site in (s for s in world.sites if s.trade == "pharmacy" and s.opened == LONG_AGO):
        seen = {person for person, *_ in world.seen_before(site.number)}
        counts = []
        for day in range(DAYS):
            if day % 7 < 5:
                asked = {q.person for q in traffic.site_day(world, site.number, day)}
                counts.append(len(asked - seen))
                seen |= asked
        middle = mean(counts)
        ratios.append(mean((c - middle) ** 2 for c in counts) / middle)
    assert mean(ratios) > 1.3


def test_a_parent_asks_for_the_children(questions):
    """Same contract, another person, within two minutes."""
    last, bursts = {}, 0
    for q in questions:
        before = last.get(q.account)
        if before is not None and q.person != before.person and q.amc == before.amc:
            bursts += q.contract == before.contract and q.at - before.at < 120_000_000
        last[q.account] = q
    assert bursts / len(questions) > 0.005


def test_the_same_person_comes_again_within_the_week(questions):
    world = cruise()
    seen, again, total = {}, 0, 0
    for q in questions:
        if _trade(world, q) == "pharmacy" and q.person != NOBODY:
            total += 1
            again += (q.site, q.person) in seen
            seen[q.site, q.person] = q.at
    assert 0.05 < again / total < 0.3


def test_shops_are_closed_on_sunday_but_for_duty(days):
    world = cruise()
    sunday = Counter(_trade(world, q) for q in days[6])
    monday = Counter(_trade(world, q) for q in days[0])
    assert not sunday["dentist"]
    assert sunday["pharmacy"] < 0.3 * monday["pharmacy"]
    assert sunday["nurse"] > 0.4 * monday["nurse"]
