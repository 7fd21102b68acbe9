"""What falls with accounts that the guard freezes, in the drill's first engine as in the vault."""

from dataclasses import replace
from datetime import date

from rempart.domain.containment import Authority, Stage, Why
from rempart.domain.cutoff import GUARDS_CUT_FOR, HOUR
from rempart.domain.disclosure import Outcome
from rempart.domain.guard import Move
from rempart.drill.honest import CRUISE
from rempart.drill.in_process import InProcess
from rempart.drill.traffic import day
from rempart.drill.world import make_world

AT = 1_795_600_800_000_000


def platform():
    world = make_world(sites=60, days=2, seed=5, params=CRUISE, starts=date(2026, 11, 24))
    return InProcess(world)


def freeze(engine, account, at=AT):
    move = Move(account, Stage.NORMAL, Stage.FROZEN, Why.MISSES, Authority.GUARD)
    engine.guard.set(move, at)
    engine.fallen.frozen(account, at)


def of_one_site(engine, count):
    """The accounts of a site that has so many at least."""
    by_site = {}
    for account in engine.world.accounts:
        by_site.setdefault(account.site, []).append(account.number)
    return next(found for found in by_site.values() if len(found) >= count)


def test_three_of_a_small_site_take_it_down_for_a_day():
    engine = platform()
    accounts = of_one_site(engine, 4)
    for frozen in accounts[:2]:
        freeze(engine, frozen)
    assert not engine.fallen.over(accounts[-1], AT)
    freeze(engine, accounts[2])
    assert engine.fallen.over(accounts[-1], AT)
    assert not engine.fallen.over(accounts[-1], AT + GUARDS_CUT_FOR)
    others = [a.number for a in engine.world.accounts if a.number not in accounts]
    assert not any(engine.fallen.over(each, AT) for each in others[:50])


def test_what_was_frozen_an_hour_ago_counts_no_more():
    for apart, falls in ((HOUR // 2 - 1, True), (HOUR // 2 + 1, False)):
        engine = platform()
        accounts = of_one_site(engine, 4)
        for turn, frozen in enumerate(accounts[:3]):
            freeze(engine, frozen, AT + turn * apart)
        assert engine.fallen.over(accounts[-1], AT + 2 * apart) is falls


def test_a_question_under_it_is_told_so_and_asks_nothing():
    engine = platform()
    questions = list(day(engine.world, 0))
    first = questions[0]
    for group in engine.fallen.groups_of(first.account):
        engine.fallen.until[group] = first.at + 1
    assert engine.ask(first) is Outcome.CUT_OFF
    assert engine.refused == {(first.account, Outcome.CUT_OFF): 1}
    assert engine.known == {}


def test_a_practice_that_comes_later_falls_like_any_other():
    """A thief founds one on paper, after the engine was made."""
    engine = platform()
    world = engine.world
    site = replace(world.sites[0], number=len(world.sites) + 1)
    world.add_site(site)
    later = []
    for _ in range(4):
        account = replace(world.accounts[0], number=len(world.accounts) + 1, site=site.number)
        world.add_account(account)
        later.append(account.number)
    freeze(engine, later[0])
    assert not engine.fallen.over(later[0], AT), "one of a site is no crowd"
    for number in later[1:3]:
        freeze(engine, number)
    assert engine.fallen.over(later[3], AT)
