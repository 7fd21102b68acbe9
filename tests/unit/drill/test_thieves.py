"""Every thief is found, keeps the order of time, and stops when it is no use."""

from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pkgutil import iter_modules
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rempart.domain.disclosure import Outcome, Presence
from rempart.domain.site import SiteKind
from rempart.drill import thieves, traffic
from rempart.drill.honest import CRUISE, DAY_ONE
from rempart.drill.loot import baseline_2024, setting_for
from rempart.drill.population import NOBODY
from rempart.drill.theft import DAY, PATIENCE, Attack, Goal, Pace, Setting, Variant
from rempart.drill.world import World, make_mixed_world

title = "Thieves"

NAMES = {
    "password", "live-session", "leaked-list", "hundred-accounts", "slow-drip", "locum", "insider",
    "replayed-cards", "guessing", "software-key", "fake-practice", "gateway-owned",
    "knows-the-rules",
}  # fmt: skip
THIEVES = thieves.found()
VARIANTS = {
    variant.name: variant for thief in THIEVES.values() for variant in thief.variants
}  # fmt: skip
PLAYED = [name for name, variant in VARIANTS.items() if variant.in_process]
MOST = 400


def _make(params=CRUISE) -> World:
    kinds = dict.fromkeys(SiteKind, 4) | {
        SiteKind.AUXILIARY: 40, SiteKind.PHARMACY: 25, SiteKind.DOCTOR: 25, SiteKind.LABORATORY: 8,
    }  # fmt: skip
    return make_mixed_world(
        mix=kinds, members=90_000, days=80, seed=2, params=params, starts=date(2027, 5, 3)
    )


@pytest.fixture(scope="module")
def world() -> World:
    return _make()


def play(attack: Attack, outcomes=lambda asked: Outcome.OPENED, most: int = MOST):
    """The first questions of an attack, each answered."""
    asked = []
    question = next(attack, None)
    while question is not None and len(asked) < most:
        asked.append(question)
        try:
            question = attack.send(outcomes(question))
        except StopIteration:
            question = None
    return asked


def begin(
    world: World, name: str, run: int = 0, *, risk=None
) -> tuple[Variant, Setting, list[Attack]]:
    variant = VARIANTS[name]
    setting = replace(setting_for(world, variant, run=run, day=30), risk=risk)
    return variant, setting, variant.attacks(setting)


def test_every_module_is_a_thief():
    assert set(THIEVES) == NAMES
    assert len(list(iter_modules(thieves.__path__))) == len(THIEVES)
    for name, thief in THIEVES.items():
        assert thief.name == name
        french, english = thief.sentence
        assert french != english
        assert thief.variants
    assert len(VARIANTS) == sum(len(thief.variants) for thief in THIEVES.values())


def test_a_new_file_is_all_a_new_thief_takes(tmp_path, monkeypatch):
    source = "from rempart.drill.thieves.slow_drip import THIEF as drip\n"
    source += "from dataclasses import replace\nTHIEF = replace(drip, name='newcomer')\n"
    (tmp_path / "newcomer.py").write_text(source)
    monkeypatch.setattr(thieves, "__path__", [*thieves.__path__, str(tmp_path)])
    assert "newcomer" in thieves.found()


def test_what_cannot_be_played_in_process_says_so():
    absent = {name for name, thief in THIEVES.items() if not thief.in_process}
    assert absent == {"password", "gateway-owned"}
    for name in absent:
        assert not any(variant.in_process for variant in THIEVES[name].variants)


ALONE, PASSING = Goal(median=15, worst=40), Goal(median=60, worst=150)
GOALS = {
    "password": Goal(worst=0),
    "live-session": Goal(worst=0, narrowed_within=10, frozen_within=20),
    "leaked-list-printed-key": Goal(worst=0),
    "leaked-list": ALONE,
    **{f"leaked-list-x{times}": ALONE for times in (1, 3, 30)},
    **{f"leaked-list-{how}": ALONE for how in ("night", "lunch", "near", "fresh", "elsewhere")},
    **{f"leaked-list-{where}": PASSING for where in ("lab", "hospital", "night-duty")},
    **{
        f"leaked-list-mixed{how}": Goal(median=60, worst=250)
        for how in ("", "-lab", "-near", "-insurers")
    },
    "hundred-accounts-hour": Goal(total=500),
    "hundred-accounts-weeks": Goal(total=1_500),
    "knows-the-rules": Goal(per_day=60, total=300, found_days=5),
    "knows-the-rules-unseen": Goal(per_day=60, total=300, found_days=5),
    "slow-drip": Goal(found_days=30, found_share=0.9),
    "software-key": ALONE,
}
"""Whatever has none is reported, with what would lower it; an owned gateway proves its own."""


def test_goals_are_those_of_the_table():
    assert {name: each.goal for name, each in VARIANTS.items() if each.goal is not None} == GOALS
    ungoverned = {"guessing", "replayed-cards", "insider", "locum", "fake-practice"}
    assert all(all(THIEVES[name].lowered) for name in ungoverned)


@pytest.mark.parametrize("name", PLAYED)
def test_questions_keep_the_order_of_time_and_the_account(world, name):
    variant, setting, attacks = begin(world, name)
    assert len(attacks) == variant.accounts
    for attack in attacks:
        asked = play(attack)
        assert all(one.at <= other.at for one, other in pairwise(asked))
        assert all(setting.starts <= q.at < setting.ends for q in asked)
        assert len({q.account for q in asked}) <= 1
        for q in asked:
            assert world.accounts[q.account - 1].site == q.site
            assert world.sites[q.site - 1].kind in variant.kinds


@pytest.mark.parametrize("name", PLAYED)
def test_a_thief_gives_up_once_everything_is_refused(world, name):
    _, _, attacks = begin(world, name, run=1)
    for attack in attacks[:5]:
        assert len(play(attack, lambda _: Outcome.OVER_BUDGET)) <= PATIENCE


def test_a_curious_owner_stops_at_the_end_of_the_month(world):
    _, setting, (attack,) = begin(world, "insider")
    asked = play(attack)
    assert 40 < len(asked) < 150
    assert asked[-1].at < setting.ends


@settings(max_examples=25)
@given(st.lists(st.sampled_from(Outcome), min_size=1, max_size=60), st.integers(0, 40))
def test_whatever_is_answered_time_goes_on(world, outcomes, run):
    _, _, (attack,) = begin(world, "leaked-list", run=run)
    answers = iter(outcomes * 10)
    asked = play(attack, lambda _: next(answers), most=len(outcomes) * 5)
    assert all(one.at <= other.at for one, other in pairwise(asked))


def test_a_run_is_the_same_again(world):
    first = play(begin(world, "leaked-list", run=3)[2][0])
    assert play(begin(world, "leaked-list", run=3)[2][0]) == first
    assert play(begin(world, "leaked-list", run=4)[2][0]) != first


def test_three_of_four_stolen_cards_still_open_without_a_key(world):
    opened = total = 0
    for run in range(6):
        for q in play(begin(world, "leaked-list-x30", run=run)[2][0]):
            assert q.presence is Presence.LEGACY
            total += 1
            if q.person != NOBODY:
                opened += 1
                assert not world.people.signed[q.person]
    assert opened / total == pytest.approx(0.75, abs=0.05)


def test_nothing_opens_on_cards_with_a_printed_key(world):
    asked = play(begin(world, "leaked-list-printed-key")[2][0])
    assert asked
    assert {q.person for q in asked} == {NOBODY}


@pytest.mark.parametrize("name", ["live-session"])
def test_nothing_opens_without_card_data(world, name):
    asked = play(begin(world, name)[2][0])
    assert {q.person for q in asked} == {NOBODY}


def test_guessing_hardly_ever_finds_anybody(world):
    asked = play(begin(world, "guessing")[2][0], most=5_000)
    assert sum(q.person != NOBODY for q in asked) <= 5
    assert len({q.contract for q in asked}) == len(asked)


@pytest.mark.parametrize(("name", "times"), [("leaked-list-x1", 1), ("leaked-list-x30", 30)])
def test_the_pace_follows_the_site(world, name, times):
    _, setting, (attack,) = begin(world, name, run=2)
    normal = max(5.0, world.practice(setting.accounts[0].site).mean)
    gaps = [(b.at - a.at) / 1e6 for a, b in pairwise(play(attack))]
    assert median(gaps) == pytest.approx(36_000 / normal / times, rel=0.25)


@pytest.mark.parametrize(
    ("name", "opens", "closes"),
    [("leaked-list-lunch", 12.5, 14.0), ("leaked-list-mixed", 8.5, 19.0)],
)
def test_hours_are_kept(world, name, opens, closes):
    for q in play(begin(world, name)[2][0]):
        hour = (q.at - world.midnight(world.day_of(q.at))) / 3600e6
        assert opens <= hour <= closes


def test_nights_are_kept(world):
    for q in play(begin(world, "leaked-list-night")[2][0]):
        hour = (q.at - world.midnight(world.day_of(q.at))) / 3600e6
        assert hour >= 22 or hour <= 6


@settings(max_examples=60)
@given(
    st.integers(0, 70),
    st.floats(0, 23.99),
    st.lists(st.integers(0, 23), min_size=1, max_size=3, unique=True),
)
def test_a_pace_is_always_within_its_hours(world, day, hour, opening):
    windows = tuple((float(h), h + 1.0) for h in sorted(opening))
    at = world.midnight(day) + int(hour * 3600e6)
    found = Pace(every=60, windows=windows).within(world, at)
    assert at <= found <= at + DAY + 3_600_000_000
    moment = (found - world.midnight(world.day_of(found))) / 3600e6
    assert any(opens - 1e-6 <= moment < closes for opens, closes in windows)


def test_the_owners_machine_is_used_unless_the_variant_says_otherwise(world):
    _, setting, (attack,) = begin(world, "leaked-list")
    (account,) = setting.accounts
    q = play(attack, most=1)[0]
    assert q.device == account.device(0, world.day_of(q.at))
    _, setting, (attack,) = begin(world, "leaked-list-elsewhere")
    (account,) = setting.accounts
    q = play(attack, most=1)[0]
    assert q.device != account.device(0, world.day_of(q.at))
    assert q.network != account.network(world.day_of(q.at))


def test_a_list_sorted_by_distance_begins_at_home(world):
    _, setting, _ = begin(world, "leaked-list-near")
    where = world.sites[setting.accounts[0].site - 1].where
    found = [world.people.place[s.person] == where for s in setting.loot if s.person != NOBODY]
    assert found[0]
    assert found == sorted(found, reverse=True)


def test_families_stand_together_in_half_of_the_lists(world):
    together = []
    for run in range(30):
        loot = begin(world, "leaked-list", run=run)[1].loot[:400]
        neighbours = sum(a.contract == b.contract for a, b in pairwise(loot))
        together.append(neighbours > 40)
    assert 7 <= sum(together) <= 23


def test_a_hundred_accounts_share_one_list(world):
    for name in ("hundred-accounts-hour", "hundred-accounts-weeks"):
        _, setting, attacks = begin(world, name)
        asked = [play(attack, most=30) for attack in attacks]
        assert len({a.number for a in setting.accounts}) == 100
        found = [q.person for mine in asked for q in mine if q.person != NOBODY]
        assert len(found) == len(set(found))
    hour = begin(world, "hundred-accounts-hour")
    starts = [play(attack, most=1)[0].at for attack in hour[2]]
    assert max(starts) - min(starts) < 3_600_000_000


def test_photographs_are_of_cards_from_elsewhere(world):
    _, setting, (attack,) = begin(world, "replayed-cards")
    asked = play(attack)
    assert 100 < len(asked) <= 200
    assert {q.presence for q in asked} == {Presence.CARD}
    assert all(world.people.signed[q.person] for q in asked)
    known = {person for person, *_ in world.seen_before(setting.accounts[0].site)}
    assert len({q.person for q in asked} - known) > 0.8 * len(asked)


def test_a_fake_practice_opens_today_and_nobody_comes():
    world = _make()
    _, setting, (attack,) = begin(world, "fake-practice")
    site = setting.accounts[0].site
    assert world.sites[site - 1].opened == 30
    assert not [q for day in range(28, 60) for q in traffic.site_day(world, site, day)]
    assert not list(world.seen_before(site))
    assert play(attack)


def test_a_dishonest_locum_has_an_account_of_three_weeks():
    world = _make()
    _, setting, (attack,) = begin(world, "locum")
    q = play(attack, most=1)[0]
    (account,) = setting.accounts
    assert account == world.accounts[q.account - 1]
    assert account.usage == "locum"
    assert (account.starts, account.ends) == (30, 51)
    honest = [a for day in range(30, 37) for a in traffic.site_day(world, q.site, day)]
    assert any(a.account == q.account and a.device == q.device for a in honest)


def test_who_knows_the_rules_asks_only_below_the_threshold(world):
    heard = []

    def risk(asked):
        heard.append(asked)
        # Falls by itself within an hour.
        return 0.95 if asked.at // 3_600_000_000 % 2 else 0.1

    _, setting, (attack,) = begin(world, "knows-the-rules", risk=risk)
    asked = play(attack)
    assert len(heard) > len(asked) > 10
    assert not [q for q in asked if q.at // 3_600_000_000 % 2]
    assert asked[-1].at < setting.ends
    _, _, (attack,) = begin(world, "knows-the-rules", risk=lambda _: 1.0)
    assert not play(attack)


def test_everybody_is_within_reach_on_day_one():
    world = _make(DAY_ONE)
    loot = begin(world, "leaked-list")[1].loot
    assert len(loot) >= VARIANTS["leaked-list"].wanted
    assert not begin(world, "leaked-list-printed-key")[1].loot


def test_in_2024_everything_opened(world):
    _, setting, attacks = begin(world, "leaked-list-x30", run=2)
    curve = baseline_2024(attacks, starts=setting.starts, seconds=2 * 86_400)
    assert curve[0] == (0.0, 0)
    assert all(a <= b and n <= m for (a, n), (b, m) in pairwise(curve))
    assert curve[-1][1] > 100
    assert curve[-1][0] <= 2 * 86_400
    several = begin(world, "hundred-accounts-hour")
    crowd = baseline_2024(several[2], starts=several[1].starts, seconds=3_600)
    assert crowd[-1][1] > 1_000


def test_a_list_is_of_one_insurer_where_it_is_long_enough():
    world = _make(DAY_ONE)
    for run in range(8):
        amcs = [stolen.amc for stolen in begin(world, "leaked-list", run=run)[1].loot]
        assert Counter(amcs).most_common(1)[0][1] > len(amcs) / 3
