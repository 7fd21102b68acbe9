"""A vault that starts again is the vault that stopped: every fold, from nothing but the ledger."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rempart.domain.budget import DAY
from rempart.domain.containment import Authority, Decision, Stage, Why
from rempart.domain.disclosure import (
    FRESH_DETAIL_4,
    QUESTION_DETAIL_3,
    EntryType,
    decode,
    period_of,
    question_detail,
)
from rempart.domain.errors import ForbiddenTransition
from rempart.domain.guard import FOLDED_DAYS, Guard
from rempart.usecases.messages import Allow, Contain, Typed
from tests.traffic import (
    COUNTRIES,
    WAYS,
    Asked,
    Batch,
    Town,
    assert_same_folds,
    assert_same_guards,
    batches,
    folds_of,
    fresh_folds,
)

title = "When a vault starts again"


def decide(town: Town, site: int, stage: Stage) -> None:
    """An officer's move, where it is allowed."""
    town.world.service([Contain(town.sites[site], stage.name, "reviewed", "nadia")])


def step_up(town: Town, site: int) -> None:
    """The owner's strong sign-in, where it lifts something."""
    software = town.world.service.sessions.registered.software[town.sites[site]]
    decision = Decision(authority=Authority.OWNER, why=Why.STEP_UP)
    try:
        town.world.service.contain.decide(software, Stage.WATCHED, decision)
    except ForbiddenTransition:
        return


def allow(town: Town, site: int, days: int) -> None:
    now = town.world.clock.now()
    who, until = town.sites[site], now + days * DAY
    wanted = Allow("site", who, 3, False, now, until, "vaccination", "nadia")
    town.world.service([wanted])


ACTS = st.one_of(
    st.tuples(st.just(decide), st.integers(0, 2), st.sampled_from(list(Stage)[:3])),
    st.tuples(st.just(step_up), st.integers(0, 2)),
    st.tuples(st.just(allow), st.integers(0, 2), st.integers(1, 9)),
)
DAYS = st.lists(st.one_of(batches(hours=50, most=3), ACTS), min_size=1, max_size=8)


def live(town: Town, days) -> bool:
    """Whether the town got through them without an account being frozen."""
    for each in days:
        if isinstance(each, list):
            for batch in each:
                town.send(batch)
        else:
            act, *how = each
            act(town, *how)
        stages = folds_of(town.world).guard.stages.states.values()
        if any(standing.stage >= Stage.FROZEN for standing in stages):
            return False
    return True


@settings(max_examples=80)
@given(DAYS)
def test_over_days_and_the_turn_of_a_month(days):
    town = Town()
    if live(town, days):
        assert_same_folds(town.world)


def test_the_traffic_does_turn_a_month_and_reaches_every_table():
    """Or the test above compares nothing with nothing."""
    town = Town()
    for day in range(20):
        asked = tuple(
            Asked(site, (day + number) % 8, WAYS[(day * 7 + number) % len(WAYS)])
            for site in range(3)
            for number in range(6)
        )
        town.send(Batch(24, asked))
        if day == 3:
            decide(town, 0, Stage.NARROWED)
            allow(town, 1, 9)
        if day == 5:
            step_up(town, 0)
    guard = folds_of(town.world).guard
    watch = guard.watch
    assert period_of(town.world.clock.now()) == 2612
    assert all((guard.stages.states, guard.sites.states, guard.accounts.states))
    assert all((guard.habits.states, guard.allowances, watch.trails.states, watch.codes.states))
    assert all((watch.feeds.states, watch.releases.states, watch.platform.states))
    assert watch.crowds.states
    assert watch.platform.states[0].accounts > 1
    assert all(
        len(trail.countries.days) == len(COUNTRIES) for trail in watch.trails.states.values()
    )
    if all(each.stage < Stage.FROZEN for each in guard.stages.states.values()):
        assert_same_folds(town.world)


def test_the_windows_of_a_month_ago_are_those_of_before():
    """Sixty-three days are read again: more than the longest window, and eight full weeks."""
    town = Town()
    for _ in range(12):
        asked = tuple(Asked(site, number, "card") for site in range(2) for number in (0, 2, 4))
        town.send(Batch(24 * 7, asked))
    ours, theirs = folds_of(town.world).guard, fresh_folds(town.world).guard
    assert FOLDED_DAYS == 63
    assert ours.sites == theirs.sites
    assert ours.accounts == theirs.accounts
    for account, trail in ours.watch.trails.states.items():
        again = theirs.watch.trails.states[account]
        assert (trail.weeks, trail.past) == (again.weeks, again.past)


def test_a_restart_needs_no_files_to_know_which_countries_an_account_had():
    town = Town()
    town.send(Batch(24, tuple(Asked(0, person, "card") for person in (0, 6))))
    before = folds_of(town.world).guard
    town.world.countries.known.clear()
    assert_same_guards(before, fresh_folds(town.world).guard)
    (trail,) = before.watch.trails.states.values()
    assert len(trail.countries.days) == 2


def test_entries_from_before_countries_count_as_they_did():
    """Details of the versions that had none: read as of no known country."""
    town, guard, again = Town(), Guard(), Guard()
    town.world.countries.known.clear()
    for person in range(8):
        town.send(Batch(9, (Asked(0, person, "card"), Asked(1, person, "fresh"))))
    versions = set()
    for row in town.world.store.rows:
        entry, detail = decode(row.body or b""), row.detail or b""
        guard.absorb(entry, detail)
        if entry.type is EntryType.QUESTION:
            *codes, code, request = question_detail(detail)
            older = (
                FRESH_DETAIL_4.pack(4, *codes[:-1], code, request)
                if code
                else QUESTION_DETAIL_3.pack(3, *codes[:-1])
            )
            versions.add(older[0])
            assert question_detail(older) == question_detail(detail)
            detail = older
        again.absorb(entry, detail)
    assert versions == {3, 4}
    assert_same_guards(guard, again)


def test_a_decision_of_a_year_ago_stands_after_a_restart():
    """No account thaws with the passing of time."""
    town = Town()
    decide(town, 0, Stage.FROZEN)
    decide(town, 1, Stage.CLOSED)
    town.world.clock.forward(seconds=400 * 86_400)
    town.world.restart()
    guard = folds_of(town.world).guard
    numbers = [town.world.registry.read().software[site].number for site in town.sites]
    assert [guard.stage(number) for number in numbers] == [
        Stage.FROZEN,
        Stage.CLOSED,
        Stage.NORMAL,
    ]
    assert town.sign_in(0) is None


# Known to differ


def test_the_question_that_freezes_counts_after_a_restart_too():
    town = Town()
    for _ in range(10):
        town.send(Batch(0, tuple(Asked(0, person, "wrong") for person in range(8))))
    guard = folds_of(town.world).guard
    assert any(each.stage is Stage.FROZEN for each in guard.stages.states.values())
    assert_same_guards(guard, fresh_folds(town.world).guard)


def test_what_a_narrowed_account_still_typed_counts_alike_after_a_restart():
    town = Town()
    decide(town, 0, Stage.NARROWED)
    step_up(town, 0)
    guard = folds_of(town.world).guard
    regulars = [
        town.world.member(f"N-{n}", member_number=f"B{5000 + n}", birth_date=f"19{60 + n}0101")
        for n in range(3)
    ]
    token = town.sign_in(0)
    assert token is not None
    for card in regulars:
        town.world.ask(token, card.typed)
    for number in range(12):
        guess = Typed("99990001", f"Q{number}000", f"19{50 + number}0203", "1", "00000000")
        town.world.ask(token, guess)
    (standing,) = guard.stages.states.values()
    # Lifted a moment ago: what would narrow it again freezes it.
    assert standing.stage is Stage.FROZEN
    assert_same_folds(town.world)
