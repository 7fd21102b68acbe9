"""Who is there: insurers, households, sites, accounts, and whom sites saw before."""

from collections import Counter
from dataclasses import replace
from datetime import date
from random import Random
from statistics import median

import pytest

from rempart.domain.site import SiteKind
from rempart.drill.honest import CRUISE
from rempart.drill.market import LocalMarket, make_market
from rempart.drill.population import NEVER
from rempart.drill.registry import LONG_AGO
from rempart.drill.seasons import PLACES
from rempart.drill.world import france, make_mixed_world, make_world
from tests.unit.drill.worlds_of_practice import MIX, MONDAY, a_world, cruise, day_one, elsewhere

title = "A synthetic France"


def test_the_same_seed_makes_the_same_world():
    one, other = cruise(), a_world()
    assert one.sites == other.sites
    assert one.accounts == other.accounts
    assert one.people.contract == other.people.contract
    assert one.people.left == other.people.left
    assert one.agenda.moods == other.agenda.moods
    assert elsewhere().sites != one.sites


def test_twenty_insurers_hold_half_the_market():
    insurers = cruise().insurers
    assert 30 <= len(insurers) <= 60
    assert sum(insurer.share for insurer in insurers) == pytest.approx(1.0)
    assert sum(insurer.share for insurer in insurers[:20]) == pytest.approx(0.53)
    assert all(str(insurer.amc).startswith("9999") for insurer in insurers)
    people = cruise().people
    found = Counter(people.insurer[: people.residents])
    assert sum(found[n] for n in range(20)) / people.residents == pytest.approx(0.53, abs=0.08)


def test_small_insurers_live_at_home():
    chance = Random(1)
    insurers = make_market(chance, places=10, new_cards=0.5, adoption=2.0)
    market = LocalMarket(insurers, 10)
    found = Counter((place, market.draw(chance, place)) for place in range(10) for _ in range(3000))
    for insurer in insurers[20:]:
        everywhere = sum(found[place, insurer.number] for place in range(10))
        at_home = sum(found[place, insurer.number] for place in insurer.homes)
        assert 0.45 < at_home / everywhere < 0.85


def test_households_have_the_ages_and_the_size_of_france():
    people = cruise().people
    ages = [people.age[p] for p in range(people.residents)]
    bands = [(0, 20, 0.23), (20, 40, 0.23), (40, 60, 0.26), (60, 75, 0.18), (75, 120, 0.10)]
    for low, high, share in bands:
        found = sum(low <= age < high for age in ages) / len(ages)
        assert found == pytest.approx(share, abs=0.025), low
    households = sum(people.first[p] == p for p in range(people.residents))
    assert people.residents / households == pytest.approx(2.2, abs=0.1)


def test_a_household_shares_contract_insurer_and_card():
    people = cruise().people
    for person in range(0, len(people), 97):
        for column in (people.contract, people.insurer, people.signed, people.left, people.place):
            assert len({column[relative] for relative in people.household(person)}) == 1


def test_contract_numbers_are_unique_within_an_insurer():
    people = cruise().people
    heads = [p for p in range(len(people)) if people.first[p] == p]
    assert len({(people.insurer[p], people.contract[p]) for p in heads}) == len(heads)


def test_seven_people_in_eight_hold_a_new_card_in_cruise_and_nobody_on_day_one():
    people = cruise().people
    held = sum(people.signed[: people.residents]) / people.residents
    assert held == pytest.approx(CRUISE.new_cards, abs=0.05)
    assert not sum(day_one().people.signed)
    assert set(day_one().people.card_since) == {NEVER}


def test_some_insurers_have_printed_few_cards():
    shares = [insurer.new_cards for insurer in cruise().insurers]
    assert min(shares) < 0.6
    assert median(shares) > 0.9


def test_who_changes_insurer_becomes_somebody_else():
    world = cruise()
    people = world.people
    movers = [p for p in range(people.residents) if people.moved[p]]
    # Some 4 % a year outside January, for 60 days.
    assert 0.002 < len(movers) / people.residents < 0.02
    for before in movers:
        day = people.left[before]
        now = people.current(before, day)
        assert people.current(before, day - 1) == before
        assert now >= people.residents
        assert people.since[now] == day
        assert people.known[now] >= day
        assert (people.age[now], people.place[now]) == (people.age[before], people.place[before])


def test_new_year_is_when_most_contracts_end():
    world = make_mixed_world(
        mix={"doctor": 3}, members=60_000, days=30, seed=1, starts=date(2027, 12, 15)
    )
    people = world.people
    new_year = (date(2028, 1, 1) - world.starts).days
    ends = Counter(people.left[p] for p in range(people.residents) if people.moved[p])
    assert ends[new_year] / people.residents == pytest.approx(0.07, abs=0.02)
    assert ends[new_year] > 0.7 * sum(ends.values())
    late = [p for p in range(people.residents, len(people)) if people.known[p] > people.since[p]]
    assert 0.15 < len(late) / (len(people) - people.residents) < 0.7


def test_an_employer_takes_its_staff_to_another_insurer():
    world = make_mixed_world(
        mix={"doctor": 3},
        members=60_000,
        days=30,
        seed=1,
        params=replace(CRUISE, group_switch=1.0),
        starts=date(2027, 12, 15),
    )
    people, new_year = world.people, 17
    district = world.settled.districts[0][0]
    staff = [p for p in district.people if people.insurer[p] == district.favourite]
    followed = [p for p in staff if people.left[p] == new_year]
    assert len(followed) / len(staff) == pytest.approx(0.7, abs=0.12)
    now = Counter(people.insurer[people.current(p, new_year)] for p in followed)
    assert now.most_common(1)[0][1] / len(followed) > 0.8


def test_trades_are_weighted_as_in_france():
    world = make_world(sites=200, members=60_000, days=5, seed=1, starts=MONDAY)
    weights = france(CRUISE)
    found = Counter(site.trade for site in world.sites)
    assert sum(found.values()) == 200
    for trade, weight in weights.items():
        assert found[trade] == pytest.approx(200 * weight / sum(weights.values()), abs=1)


def test_a_mix_of_kinds_is_split_into_trades():
    world = make_mixed_world(
        mix={SiteKind.AUXILIARY: 10, SiteKind.PHARMACY: 2},
        members=60_000,
        days=5,
        seed=1,
        starts=MONDAY,
    )
    found = Counter(site.trade for site in world.sites)
    assert found["nurse"] + found["physio"] == 10
    assert found["nurse"] > 0 < found["physio"]
    assert found["pharmacy"] == 2


def test_a_world_has_the_people_who_go_with_its_sites():
    world = make_mixed_world(mix={"pharmacy": 40}, days=5, seed=1, starts=MONDAY)
    assert world.people.residents == pytest.approx(66e6 * 40 / (20_000 * 0.97), rel=0.05)


def test_sites_and_accounts_are_numbered_from_one():
    world = cruise()
    assert [site.number for site in world.sites] == list(range(1, sum(MIX.values()) + 1))
    assert [account.number for account in world.accounts] == list(range(1, len(world.accounts) + 1))
    for site in world.sites:
        mine = world.accounts_of(site.number)
        assert mine
        assert {account.site for account in mine} == {site.number}
        standing = [a.part for a in mine if a.usage in ("standard", "home-care")]
        assert sum(standing) == pytest.approx(1.0)
        assert site.place in {place.code for place in PLACES}
        names = {name for name, _ in world.honest.rhythms[site.trade].products}
        assert site.product in names


def test_an_ordinary_day_has_as_many_patients_as_in_practice():
    """The ranges of each trade are per practitioner."""
    world = cruise()
    for trade, rhythm in world.honest.rhythms.items():
        practices = [world.practice(s.number) for s in world.sites if s.trade == trade]
        each = median(p.mean / p.practitioners / rhythm.asks for p in practices)
        low, high = rhythm.patients
        assert 0.75 * low <= each <= 1.3 * high, trade


def test_sites_that_the_platform_knows_have_seen_their_regulars():
    world = cruise()
    for site in world.sites[::4]:
        if site.opened != LONG_AGO:
            continue
        rows = list(world.seen_before(site.number))
        assert rows
        assert len({person for person, *_ in rows}) == len(rows)
        for person, first, last, card in rows:
            assert 0 < last <= first <= 365
            assert world.people.since[person] <= -first
            assert card is None or last <= card <= first
            assert card is None or world.people.signed[person]


def test_who_comes_often_was_seen_and_who_comes_rarely_may_not():
    world = cruise()
    site = next(s for s in world.sites if s.trade == "pharmacy" and s.opened == LONG_AGO)
    seen = {person for person, *_ in world.seen_before(site.number)}
    stayed = [
        (person, rate)
        for person, rate in world.practice(site.number).visit_rates()
        if world.people.since[person] <= -365
    ]
    often = [person in seen for person, rate in stayed if rate > 8]
    rarely = [person in seen for person, rate in stayed if rate < 0.3]
    assert sum(often) / len(often) > 0.99
    assert sum(rarely) / len(rarely) < 0.4


def test_nobody_was_seen_before_day_one():
    assert not any(list(day_one().seen_before(site.number)) for site in day_one().sites)


def test_days_and_moments_agree():
    world = cruise()
    for day in (0, 1, 26, 27, 28, 59):
        midnight = world.midnight(day)
        assert world.day_of(midnight) == day
        assert world.day_of(midnight - 1) == day - 1
    # Summer time begins on 28 March 2027; the hour is taken from the end of the day before.
    assert world.midnight(27) - world.midnight(26) == 23 * 3600 * 1_000_000
    assert world.midnight(28) - world.midnight(27) == 24 * 3600 * 1_000_000


def test_devices_and_lines_are_replaced_now_and_then():
    account = cruise().accounts[0]
    devices = {account.device(0, day) for day in range(3650)}
    assert 3 <= len(devices) <= 9
    assert account.device(0, 5) != account.device(1, 5)
    assert len({account.network(day) for day in range(3650)}) >= 2
