"""The guard's signals, each alone: what makes it narrow or freeze, and what spares the honest."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from rempart.adapters.memory.world import MemoryKeys
from rempart.domain.charts import (
    COUNTED,
    FLOOR,
    PRIOR_WEIGHT,
    SAFETY,
    STRANGER_MAX,
    STRANGERS,
    TENTHS,
    UNFAMILIAR,
    UNFAMILIAR_MAX,
    WEEKS,
    Trail,
)
from rempart.domain.containment import Authority, Stage, Why
from rempart.domain.disclosure import (
    EntryType,
    Outcome,
    Presence,
    decode,
    decode_codes,
    question_detail,
)
from rempart.domain.familiar import Whereabouts
from rempart.domain.guard import Move
from rempart.domain.practice import NEW_SITE_TYPED, Usage
from rempart.domain.site import SiteKind
from rempart.domain.surroundings import (
    CEILING_MIN,
    CROWD_FOR,
    FALLS_HONEST,
    HABIT_TIMES,
    WAVE_FOR,
    Habit,
    Wave,
)
from rempart.domain.trace import Trace
from rempart.domain.watch import EXPECTED_MAX, NARROW, NARROW_IN_WAVE, Watch
from rempart.usecases.messages import (
    Accounts,
    Allow,
    Answered,
    Contain,
    Done,
    Refused,
    Standings,
    Typed,
)
from tests.traffic import OLD, assert_same_folds, folds_of, today
from tests.worlds import AnInsurer, Card, World

title = "What the guard sees"

SITE = "STRUCT:PHAR1"
HOUR, DAY = 3600, 86_400
NORMAL, WATCHED, NARROWED, FROZEN, _ = Stage


@pytest.fixture
def world() -> World:
    return World()


def stage_of(world: World, client_id: str = SITE) -> Stage:
    (found,) = world.service([Standings(client_id=client_id)])
    assert isinstance(found, Accounts)
    return Stage[found.accounts[0].stage]


def why_of(world: World) -> list[Why]:
    """The reasons of every move, in order."""
    return [
        Why(decode_codes(row.detail or b"")["why"])
        for row in world.store.rows
        if decode(row.body or b"").type is EntryType.CONTAINMENT
    ]


def old_cards(world: World, count: int, *, insurer: AnInsurer | None = None) -> list[Typed]:
    """What is printed on cards from before Rempart; numbers far from one another."""
    return [
        typed_of(
            world.member(
                f"OLD-{number}",
                insurer=insurer,
                member_number=f"L{1000 * (number + 1)}",
                birth_date=f"19{40 + number % 50}{1 + number % 12:02d}{1 + number % 28:02d}",
                serial=OLD,
                ends=None,
            )
        )
        for number in range(count)
    ]


def typed_of(card: Card) -> Typed:
    assert card.typed is not None
    return card.typed


def new_cards(world: World, count: int, *, first: int = 0) -> list[Card]:
    return [
        world.member(
            f"NEW-{number}",
            member_number=f"N{1000 * (number + 1)}",
            birth_date=f"19{40 + number % 50}{1 + number % 12:02d}{1 + number % 28:02d}",
            ends=None,
        )
        for number in range(first, first + count)
    ]


def guess(number: int, *, amc: str = "99990001") -> Typed:
    """Numbers far from one another, under which nobody is."""
    return Typed(amc, f"Q{number}000", f"19{50 + number % 40}0203", "1")


def pharmacies(world: World, count: int, **more: object) -> list[str]:
    made = [world.add_site(f"STRUCT:CROWD-{n}", SiteKind.PHARMACY, **more) for n in range(count)]
    world.service.look()
    return made


def ask(world: World, token: bytes, shown: str | Typed, *, network: str = ""):
    question = world.question(token, shown, care_date=today(world).isoformat())
    return world.send(structs.replace(question, network=network))


def ask_until(world: World, shown: Sequence[str | Typed], stage: Stage) -> int:
    """How many questions it takes for the account to be at this stage, or tighter."""
    token = world.sign_in()
    for number, each in enumerate(shown, start=1):
        ask(world, token, each)
        if stage_of(world) >= stage:
            return number
    raise AssertionError(f"{len(shown)} questions, and it is {stage_of(world).name}")


# Misses


def test_guesses_are_watched_narrowed_within_ten_and_frozen_within_twenty(world):
    """A live session, and nothing that patients bring."""
    token = world.sign_in()
    stages = []
    for number in range(20):
        reply = ask(world, token, guess(number))
        assert isinstance(reply, Refused)
        stages.append(stage_of(world))
    assert stages[3] is NORMAL
    assert stages[9] is NARROWED
    assert stages[19] is FROZEN
    assert stages == sorted(stages)
    assert why_of(world) == [Why.MISSES, Why.MISSES, Why.INSISTED]


def test_narrowed_or_not_a_guesser_reads_the_same_words(world):
    """From narrowed on, what is typed is refused before hits and misses could be told apart."""
    token, old = world.sign_in(), old_cards(world, 1)
    for number in range(10):
        ask(world, token, guess(number))
    assert ask(world, token, guess(99)) == ask(world, token, old[0]) == Refused("narrowed")


def test_forged_codes_count_too(world):
    assert ask_until(world, ["RP1:FORGED"] * 40, NARROWED) <= 20
    assert stage_of(world) is NARROWED


def test_a_typist_who_errs_once_in_five_is_left_alone(world):
    token = world.sign_in()
    people = new_cards(world, 40)
    for number, card in enumerate(people):
        if number % 5 == 0:
            ask(world, token, guess(number))
        ask(world, token, typed_of(card))
    assert stage_of(world) is NORMAL


def test_the_same_typing_error_sent_again_counts_little(world):
    """A software that retries by itself, under a new key each time."""
    token = world.sign_in()
    for _ in range(9):
        ask(world, token, guess(1))
    assert stage_of(world) is NORMAL


def test_people_typed_again_in_turn_count_little(world):
    """Three patients wait, and the software spoils what is typed of all of them."""
    token = world.sign_in()
    for turn in range(9):
        ask(world, token, guess(turn % 3))
    assert stage_of(world) is NORMAL


def test_a_rank_tried_after_another_is_no_way_to_guess(world):
    """The number and the date stay: it is a retry, and nothing lies under any of the nine."""
    token = world.sign_in()
    for number in range(30):
        for rank in range(1, 10):
            ask(world, token, structs.replace(guess(number), birth_rank=str(rank)))
        if stage_of(world) is FROZEN:
            assert number <= 12
            return
    raise AssertionError("it went on")


def test_an_office_that_bills_from_files_has_a_habit_of_misses(world):
    """One in six is nobody yet, week after week; then somebody guesses in its name."""
    hospital = world.add_site("STRUCT:HOSP", SiteKind.HOSPITAL)
    office = world.add_software("STRUCT:OFFICE", hospital, usage=Usage.BACK_OFFICE)
    people = new_cards(world, 25)
    for week in range(8):
        token = world.sign_in(office)
        for number, card in enumerate(people):
            world.ask(token, typed_of(card), domain="HOSP", care_date=today(world).isoformat())
            if number % 5 == 0:
                wrong = guess(1000 * week + number)
                world.ask(token, wrong, domain="HOSP", care_date=today(world).isoformat())
        world.clock.forward(seconds=7 * DAY)
    number = world.service.sessions.accounts.by_name[office].number
    trail = folds_of(world).guard.watch.trails.states[number].copy()
    trail.advance(trail.week + 1)
    assert 0.4 < trail.of_an_office < 0.7
    token, stages = world.sign_in(office), []
    for number in range(60):
        wrong = guess(90_000 + number)
        world.ask(token, wrong, domain="HOSP", care_date=today(world).isoformat())
        stages.append(stage_of(world, office))
    assert stages[9] <= WATCHED
    assert stages[-1] is FROZEN


# Order


def beside(number: int) -> Typed:
    """Under numbers beside one another, nobody."""
    return Typed("99990001", f"B{5000 + number}", f"19{50 + number % 40}0101", "1")


def test_numbers_one_after_another_narrow(world):
    assert ask_until(world, [beside(n) for n in range(10)], NARROWED) <= 6
    assert why_of(world)[-1] is Why.ORDER


def test_colleagues_whose_numbers_follow_one_another_narrow_nobody(world):
    """An employer enrols its staff in one go; only what opens nothing is a guess."""
    token = world.sign_in()
    for number in range(12):
        place = f"B{5000 + number}"
        card = world.member(f"R-{number}", member_number=place, birth_date=f"19{50 + number}0101")
        ask(world, token, typed_of(card))
    assert stage_of(world) is NORMAL


def test_signing_in_anew_for_each_question_is_no_way_round(world):
    for number in range(7):
        ask(world, world.sign_in(), beside(number))
    assert stage_of(world) is NARROWED


def test_a_family_is_no_row_of_guesses(world):
    """One number, several dates."""
    family = [
        typed_of(world.member(f"F-{n}", member_number="B5000", birth_date=f"19{60 + 3 * n}0{n}15"))
        for n in range(1, 9)
    ]
    token = world.sign_in()
    for typed in family:
        assert isinstance(ask(world, token, typed), Answered)
    assert stage_of(world) is NORMAL


# Strangers


def test_a_list_of_old_cards_alone_is_narrowed_within_fifteen(world):
    """2024's loot, at a site whose patients mostly return."""
    assert ask_until(world, old_cards(world, 20), NARROWED) <= 15
    assert why_of(world)[-1] is Why.STRANGERS


def test_asking_first_in_vain_does_not_make_a_stranger_a_retry(world):
    """The key of another question, a forbidden domain: neither is weighed, nor remembered."""
    token, old = world.sign_in(), old_cards(world, 20)
    ask(world, token, guess(1), network="")
    for number, typed in enumerate(old):
        world.ask(token, typed, domain="OPTI")
        world.ask(token, typed, key="key-1", care_date=today(world).isoformat())
        ask(world, token, typed)
        if stage_of(world) >= NARROWED:
            assert number < 15
            return
    raise AssertionError("it went on")


def test_a_stranger_asked_in_vain_a_while_ago_is_a_stranger(world):
    """A thief types all of his list in vain, then again: to have asked before buys nothing."""
    token, old = world.sign_in(), old_cards(world, 16)
    for each in old[:8]:
        ask(world, token, structs.replace(each, birth_rank="9"))
    narrowed_after = ask_until(world, old[:8] + old[8:], NARROWED)
    assert narrowed_after <= 12


def test_a_relative_of_whom_he_failed_to_find_is_a_stranger_like_another(world):
    """Before each of his list, somebody of the same contract who does not exist: no family."""
    token, narrowed = world.sign_in(), 0
    for each in old_cards(world, 30):
        ask(world, token, structs.replace(each, birth_date="19990102"))
        ask(world, token, each)
        narrowed += 1
        if stage_of(world) >= NARROWED:
            break
    assert narrowed <= 12


def test_a_forged_card_that_freezes_stays_the_refused_card_that_it_is(world):
    """Else the ledger read again would not freeze it."""
    token, codes = world.sign_in(), [f"RC1:{number}" for number in range(60)]
    for code in codes:
        ask(world, token, code)
        if stage_of(world) is FROZEN:
            break
    assert stage_of(world) is FROZEN
    refused = [
        row for row in world.store.rows if decode(row.body or b"").type is EntryType.QUESTION
    ]
    assert decode(refused[-1].body or b"").outcome is Outcome.CARD_REFUSED
    misses = folds_of(world).guard.watch.trails.states
    before = {account: trail.misses for account, trail in misses.items()}
    world.restart()
    after = folds_of(world).guard.watch.trails.states
    assert {account: trail.misses for account, trail in after.items()} == before


def test_an_insurer_that_somebody_made_up_is_not_in_the_ledger(world):
    ask(world, world.sign_in(), guess(1, amc="12345678"))
    (row,) = [r for r in world.store.rows if decode(r.body or b"").type is EntryType.QUESTION]
    assert decode(row.body or b"").amc == 0


def test_printed_keys_are_no_evidence_of_a_list(world):
    token = world.sign_in()
    for card in new_cards(world, 30):
        assert isinstance(ask(world, token, typed_of(card)), Answered)
    assert stage_of(world) is NORMAL


def test_old_cards_among_those_that_are_read_are_a_practice(world):
    token, shown = world.sign_in(), new_cards(world, 60)
    for number, typed in enumerate(old_cards(world, 5)):
        for card in shown[number * 12 : number * 12 + 12]:
            ask(world, token, card.code)
        assert isinstance(ask(world, token, typed), Answered)
    assert stage_of(world) is NORMAL


def test_regulars_with_old_cards_are_no_strangers(world):
    """Whom this site knew a fortnight ago: a whole morning of them."""
    old, shown = old_cards(world, 18), new_cards(world, 18)
    for typed in old:
        token = world.sign_in()
        for card in shown:
            ask(world, token, card.code)
        ask(world, token, typed)
        world.clock.forward(seconds=DAY)
    world.clock.forward(seconds=15 * DAY)
    (trail,) = folds_of(world).guard.watch.trails.states.values()
    before = trail.strangeness
    token = world.sign_in()
    assert all(isinstance(ask(world, token, typed), Answered) for typed in old)
    assert stage_of(world) is NORMAL
    assert trail.strangeness <= before


def habitual(world: World, weeks: int = 3, network: str = "192.0.2.0/24") -> None:
    """Weeks of cards read at noon, from one network."""
    shown = new_cards(world, 5, first=900)
    for _ in range(weeks):
        token = world.sign_in()
        for card in shown:
            ask(world, token, card.code, network=network)
        world.clock.forward(seconds=7 * DAY)


@pytest.mark.parametrize(
    ("network", "later"),
    [("198.51.100.0/24", 0), ("192.0.2.0/24", 13 * HOUR)],
    ids=["where", "when"],
)
def test_a_stranger_weighs_more_from_where_and_when_the_account_never_asked(network, later):
    weights = []
    for seen_from, wait in (("192.0.2.0/24", 0), (network, later)):
        world = World()
        (typed,) = old_cards(world, 1)
        habitual(world)
        world.clock.forward(seconds=wait)
        ask(world, world.sign_in(), typed, network=seen_from)
        (trail,) = folds_of(world).guard.watch.trails.states.values()
        weights.append(trail.strangeness)
    assert weights[1] > weights[0] + 0.3


def in_a_past(*, strangers: int, of: int) -> Trail:
    """An account that had so many strangers among so many questions last week."""
    trail = Trail()
    trail.advance(1)
    trail.count(STRANGERS, strangers * TENTHS)
    trail.count(COUNTED, of * TENTHS)
    return trail


def test_an_account_is_held_against_its_own_past_and_its_kinds_until_it_has_one():
    kind = Trail().habit(new=0.15, legacy=0.15)
    trail = in_a_past(strangers=30, of=300)
    # The present week teaches nothing: a thief's first days are no habit.
    assert trail.habit(new=0.15, legacy=0.15) == kind
    trail.advance(2)
    own = (30 + PRIOR_WEIGHT * 0.15 * 0.15) / (300 + PRIOR_WEIGHT)
    assert trail.habit(new=0.15, legacy=0.15) == pytest.approx(own * SAFETY + FLOOR)
    # A village where nobody is new has a habit below its kind's.
    village = in_a_past(strangers=0, of=300)
    village.advance(2)
    assert village.habit(new=0.15, legacy=0.15) < kind
    # Eight weeks later it is forgotten.
    trail.advance(1 + WEEKS)
    assert trail.habit(new=0.15, legacy=0.15) == kind


def test_a_week_in_doubt_is_no_habit():
    kind = Trail().habit(new=0.15, legacy=0.15)
    trail = in_a_past(strangers=30, of=300)
    trail.doubt = True
    trail.advance(2)
    assert trail.habit(new=0.15, legacy=0.15) == kind


def test_nine_strangers_narrow_and_their_week_is_in_doubt(world):
    ask_until(world, old_cards(world, 20), NARROWED)
    (trail,) = folds_of(world).guard.watch.trails.states.values()
    assert trail.doubt


# Canaries


def canary(world: World, **more: object) -> Typed:
    return typed_of(
        world.member("CANARY", member_number="Z777000", birth_date="19400101", canary=True, **more)
    )


@pytest.mark.parametrize("serial", [None, OLD], ids=["printed key", "old card"])
def test_one_canary_read_freezes_at_once_and_shows_nothing(world, serial):
    token, bird = world.sign_in(), canary(world, serial=serial)
    reply = ask(world, token, bird)
    assert reply == Refused("frozen")
    assert stage_of(world) is FROZEN
    assert why_of(world) == [Why.CANARY]
    entries = [decode(row.body or b"") for row in world.store.rows]
    question = next(i for i, e in enumerate(entries) if e.type is EntryType.QUESTION)
    (sang,) = [e for e in entries if e.type is EntryType.CANARY]
    assert (sang.cites, sang.account) == (question, entries[question].account)
    assert ask(world, token, "RP1:X") == Refused("not-signed-in")
    assert_same_folds(world)


def test_what_comes_after_a_canary_in_its_batch_is_not_opened(world):
    token, cards = world.sign_in(), new_cards(world, 2)
    asks = [world.question(token, shown) for shown in (canary(world), cards[0].code, cards[1].code)]
    assert world.service(asks) == [Refused("frozen")] * 3


def test_a_canary_asked_again_under_its_key_freezes_again(world):
    """A person has loosened the account by mistake: the same question finds the same canary."""
    bird = canary(world)
    world.ask(world.sign_in(), bird, key="k")
    for stage in ("narrowed", "watched"):
        world.service([Contain(SITE, stage, "reviewed", "nadia")])
    assert world.ask(world.sign_in(), bird, key="k") == Refused("frozen")
    assert stage_of(world) is FROZEN


# Codes at distant sites


def two_towns(world: World, *, here: str, there: str) -> tuple[str, str]:
    made = [
        world.add_site("STRUCT:HERE", SiteKind.PHARMACY, place=here),
        world.add_site("STRUCT:THERE", SiteKind.PHARMACY, place=there),
    ]
    world.service.look()
    return made[0], made[1]


def replayed(world: World, here: str, there: str, *, after: int = 60) -> None:
    """Twenty people's codes read here, and a while later there."""
    codes = [card.code for card in new_cards(world, 20)]
    token = world.sign_in(here)
    for code in codes:
        ask(world, token, code)
    world.clock.forward(seconds=after)
    token = world.sign_in(there)
    for code in codes:
        ask(world, token, code)


def test_codes_read_elsewhere_a_moment_ago_freeze_who_replays_them(world):
    here, there = two_towns(world, here="75", there="13")
    replayed(world, here, there)
    assert stage_of(world, there) is FROZEN
    assert why_of(world) == [Why.REPLAYS] * 3
    assert stage_of(world, here) is NORMAL


@pytest.mark.parametrize(
    ("places", "after"),
    [(("75", "75"), 60), (("75", ""), 60), (("", ""), 60), (("75", "13"), 3 * HOUR)],
    ids=["next door", "place unknown", "both unknown", "hours later"],
)
def test_codes_that_patients_carry_about_freeze_nobody(world, places, after):
    here, there = two_towns(world, here=places[0], there=places[1])
    replayed(world, here, there, after=after)
    assert stage_of(world, there) is NORMAL


def test_people_known_at_two_sites_and_typed_at_both_freeze_nobody(world):
    """No code was used: their cards were read days ago."""
    here, there = two_towns(world, here="75", there="13")
    people = new_cards(world, 12)
    for site in (here, there):
        token = world.sign_in(site)
        for card in people:
            ask(world, token, card.code)
        world.clock.forward(seconds=DAY)
    for site in (here, there):
        token = world.sign_in(site)
        for card in people:
            ask(world, token, typed_of(card))
    assert stage_of(world, there) is NORMAL


# Storms


def test_a_late_feed_spares_the_accounts(world):
    """January: new members of one insurer, typed at ten pharmacies, and none is there yet."""
    sites = pharmacies(world, 10)
    tokens = {site: world.sign_in(site) for site in sites}
    for turn in range(25):
        for number, site in enumerate(sites):
            ask(world, tokens[site], guess(turn * 10 + number))
    assert all(stage_of(world, site) <= WATCHED for site in sites)


@pytest.mark.parametrize("count", [10, 2])
def test_a_bad_release_spares_the_accounts(world, count):
    """It types everybody's rank wrong, at every insurer; two sites are each other's witness."""
    sites = pharmacies(world, count, product="OfficinePlus 9.0")
    tokens = {site: world.sign_in(site) for site in sites}
    for turn in range(25):
        for number, site in enumerate(sites):
            amc = f"9999{turn % 20:04d}"
            ask(world, tokens[site], guess(turn * 10 + number, amc=amc))
    assert all(stage_of(world, site) <= WATCHED for site in sites)


def test_a_guesser_alone_makes_no_storm(world):
    assert ask_until(world, [guess(number) for number in range(30)], FROZEN) <= 20


def test_three_guessers_make_no_storm_either(world):
    """At one insurer, in a software that a colleague uses too, who finds whom they type."""
    *sites, honest = pharmacies(world, 4)
    tokens = {site: world.sign_in(site) for site in (*sites, honest)}
    people = new_cards(world, 20)
    for turn in range(20):
        ask(world, tokens[honest], typed_of(people[turn]))
        for number, site in enumerate(sites):
            ask(world, tokens[site], guess(turn * 10 + number))
    assert all(stage_of(world, site) is FROZEN for site in sites)


def test_two_guessers_at_an_insurer_make_no_storm(world):
    """They have chosen where nobody else asks; the software of whom they rob they have not."""
    sites = [
        world.add_site(f"STRUCT:TWO-{n}", SiteKind.PHARMACY, product=f"Alone {n}.0")
        for n in range(2)
    ]
    world.service.look()
    tokens = {site: world.sign_in(site) for site in sites}
    for turn in range(20):
        for number, site in enumerate(sites):
            ask(world, tokens[site], guess(turn * 10 + number))
    assert all(stage_of(world, site) is FROZEN for site in sites)


def test_a_guesser_behind_a_storm_still_ends(world):
    sites = pharmacies(world, 10)
    tokens = {site: world.sign_in(site) for site in sites}
    for turn in range(4):
        for number, site in enumerate(sites):
            ask(world, tokens[site], guess(turn * 10 + number))
    stages = []
    for number in range(150):
        ask(world, tokens[sites[0]], guess(500 + number))
        stages.append(stage_of(world, sites[0]))
    assert stages[-1] is FROZEN
    assert all(stage_of(world, site) <= WATCHED for site in sites[1:])


# The ceiling of an insurer's hour


def test_an_hour_far_above_habit_closes_what_is_typed_and_leaves_cards(world):
    other = AnInsurer(amc="99990002")
    world.add_insurer(other)
    sites = pharmacies(world, 3)
    people = new_cards(world, CEILING_MIN + 10)
    elsewhere = typed_of(world.member("E-1", insurer=other, member_number="E1000"))
    ask(world, world.sign_in(), typed_of(people[0]))
    world.clock.forward(seconds=7 * DAY + HOUR)

    tokens = [world.sign_in(site) for site in sites]
    replies = [ask(world, tokens[number % 3], typed_of(card)) for number, card in enumerate(people)]

    answered = [isinstance(reply, Answered) for reply in replies]
    assert answered == [True] * CEILING_MIN + [False] * 10
    assert replies[-1] == Refused("closed-hour")
    assert isinstance(ask(world, tokens[0], people[-1].code), Answered)
    assert isinstance(ask(world, tokens[0], elsewhere), Answered)
    outcomes = [decode(row.body or b"").outcome for row in world.store.rows]
    assert outcomes.count(Outcome.CLOSED_HOUR) == 10
    # No account is at fault.
    assert all(stage_of(world, site) is NORMAL for site in sites)
    world.clock.forward(seconds=HOUR)
    assert isinstance(ask(world, world.sign_in(sites[0]), typed_of(people[-2])), Answered)


def test_a_ceiling_is_three_times_the_same_hour_of_the_weeks_before():
    habit, hour = Habit(), 24 * 365 * 50
    for week in range(4):
        habit.advance((hour + 168 * week) * HOUR * 1_000_000)
        habit.now = 40 + week
    habit.advance((hour + 168 * 4) * HOUR * 1_000_000)
    assert habit.ceiling == HABIT_TIMES * 41.5
    habit.now = 124
    assert not habit.closed
    habit.now = 125
    assert habit.closed


def test_an_insurers_first_week_has_no_ceiling():
    habit = Habit()
    habit.advance(24 * 365 * 50 * HOUR * 1_000_000)
    habit.now = 10_000
    assert not habit.closed


# One insurer


YOUNG = "STRUCT:YOUNG"


def opened(world: World) -> list[AnInsurer]:
    """A site of today, to which everybody is a stranger, and four insurers."""
    others = [AnInsurer(amc=f"9999000{n}") for n in (2, 3, 4)]
    for other in others:
        world.add_insurer(other)
    world.add_site(YOUNG, SiteKind.PHARMACY, since=today(world))
    now = world.clock.now()
    opening = Allow("everybody", "", EXPECTED_MAX, True, now, now + 10**12, "opening", "nadia")
    assert world.service([opening]) == [Done()]
    world.service.look()
    return [world.insurer, *others]


def test_strangers_of_one_insurer_narrow_where_strangers_say_nothing(world):
    opened(world)
    assert 15 < strangers_until_narrowed(world, YOUNG, old_cards(world, 40)) <= 21
    assert why_of(world) == [Why.ONE_INSURER, Why.ONE_INSURER]


def test_as_many_strangers_of_several_insurers_narrow_nobody(world):
    lists = [old_cards(world, 12, insurer=each) for each in opened(world)]
    token = world.sign_in(YOUNG)
    for one_of_each in zip(*lists, strict=True):
        for typed in one_of_each:
            assert isinstance(ask(world, token, typed), Answered)
    assert stage_of(world, YOUNG) is NORMAL


def test_an_insurer_that_has_most_of_a_site_is_no_list(world):
    """Nine in ten of last week's strangers were a local mutuelle's."""
    mutuelle, other, *_ = opened(world)
    token = world.sign_in(YOUNG)
    for each in (*old_cards(world, 2, insurer=other), *old_cards(world, 18, insurer=mutuelle)):
        ask(world, token, each)
    world.clock.forward(seconds=7 * DAY)
    risen, token = [], world.sign_in(YOUNG)
    (trail,) = folds_of(world).guard.watch.trails.states.values()
    for each in (mutuelle, other):
        trail.insurers.clear()
        ask(world, token, old_cards(world, 41, insurer=each)[-1])
        risen.append(trail.one_insurer)
    assert risen[0] < 0.2
    assert risen[1] > 0.9


# The crowd


def mostly_cards(world: World, sites: Sequence[str]) -> None:
    """A platform where old cards are the few."""
    cards = new_cards(world, 30, first=500)
    for site in sites:
        token = world.sign_in(site)
        for card in cards:
            ask(world, token, card.code)


def crowded(world: World, sites: Sequence[str], old: Sequence[Typed]) -> None:
    """Each account asks about three strangers: alone, none of them would be noticed."""
    for site in sites:
        token = world.sign_in(site)
        for typed in old:
            ask(world, token, typed)


def strangers_until_narrowed(world: World, site: str, old: Sequence[Typed]) -> int:
    token = world.sign_in(site)
    for number, typed in enumerate(old, start=1):
        ask(world, token, typed)
        if stage_of(world, site) >= NARROWED:
            return number
    return len(old) + 1


def test_a_crowd_lowers_the_threshold_for_who_is_warm(world):
    sites, old = pharmacies(world, 16), old_cards(world, 15)
    mostly_cards(world, sites)
    alone = strangers_until_narrowed(world, sites[0], old)
    crowded(world, sites[1:14], old[:3])
    assert all(stage_of(world, site) <= WATCHED for site in sites[1:14])

    within = strangers_until_narrowed(world, sites[14], old)

    assert within < alone
    assert why_of(world)[-1] is Why.CROWD
    assert strangers_until_narrowed(world, sites[1], old[3:]) <= 2
    # Who reads cards is not in the crowd.
    token = world.sign_in(sites[15])
    for card in new_cards(world, 10):
        ask(world, token, card.code)
    assert isinstance(ask(world, token, old[0]), Answered)
    assert stage_of(world, sites[15]) is NORMAL


def test_a_crowd_is_over_after_a_day(world):
    sites, old = pharmacies(world, 16), old_cards(world, 15)
    crowded(world, sites[1:14], old[:3])
    world.clock.forward(seconds=CROWD_FOR // 1_000_000 + 1)
    assert strangers_until_narrowed(world, sites[0], old) > 5


def test_honest_strangers_make_no_crowd(world):
    """Thirty pharmacies, each with a dozen cards and one old card that it has not seen."""
    sites, old, shown = pharmacies(world, 30), old_cards(world, 2), new_cards(world, 12)
    for site in sites:
        token = world.sign_in(site)
        for card in shown[:6]:
            ask(world, token, card.code)
        ask(world, token, old[0])
        for card in shown[6:]:
            ask(world, token, card.code)
        ask(world, token, old[1])
    crowds = folds_of(world).guard.watch.crowds.states.values()
    assert not any(crowd.here(world.clock.now()) for crowd in crowds)
    assert all(stage_of(world, site) is NORMAL for site in sites)


# The wave


ALONE = 9
"""Strangers that narrow an account when no other is stolen."""


def test_a_second_theft_in_a_day_lowers_the_threshold_for_a_week(world):
    sites, old = pharmacies(world, 6), old_cards(world, 15)
    mostly_cards(world, sites)
    assert strangers_until_narrowed(world, sites[0], old) >= ALONE
    world.clock.forward(seconds=2 * HOUR)
    assert strangers_until_narrowed(world, sites[1], old) >= ALONE
    world.clock.forward(seconds=2 * DAY)

    within = strangers_until_narrowed(world, sites[2], old)

    assert within < ALONE - 1
    assert why_of(world)[-1] is Why.WAVE
    (found,) = world.service([Standings()])
    assert found.lowered_until > world.clock.now()
    # Who reads cards is not in it, and it passes.
    assert stage_of(world, sites[5]) is NORMAL
    world.clock.forward(seconds=WAVE_FOR // 1_000_000)
    assert strangers_until_narrowed(world, sites[3], old) >= ALONE


def test_one_account_that_falls_twice_is_one_theft(world):
    sites, old = pharmacies(world, 2), old_cards(world, 45)
    mostly_cards(world, sites)
    assert strangers_until_narrowed(world, sites[0], old) >= ALONE
    lifted(world, sites[0], Authority.OFFICER)
    world.clock.forward(seconds=DAY)
    strangers_until_narrowed(world, sites[0], old[15:])
    assert stage_of(world, sites[0]) is NARROWED
    assert strangers_until_narrowed(world, sites[1], old) >= ALONE


def test_a_card_that_is_read_narrows_nobody_after_a_lift(world):
    """What was insisted on while narrowed has left the chart above the threshold, even by half."""
    (site,), old = pharmacies(world, 1), old_cards(world, 40)
    mostly_cards(world, [site])
    for typed in old[:21]:
        ask(world, world.sign_in(site), typed)
    assert stage_of(world, site) is NARROWED
    lifted(world, site, Authority.OWNER)
    trails = folds_of(world).guard.watch.trails.states.values()
    assert max(trail.strangeness for trail in trails) > NARROW_IN_WAVE
    folds_of(world).guard.watch.waves.put(0, Wave(until=world.clock.now() + DAY * 1_000_000))
    for card in new_cards(world, 3, first=900):
        assert isinstance(ask(world, world.sign_in(site), card.code), Answered)
    assert stage_of(world, site) is WATCHED
    token = world.sign_in(site)
    for typed in old[30:36]:
        ask(world, token, typed)
    assert stage_of(world, site) is FROZEN


def lifted(world: World, site: str, authority: Authority) -> None:
    guard, number = folds_of(world).guard, world.registry.software[site].number
    why = Why.STEP_UP if authority is Authority.OWNER else Why.REVIEWED
    guard.set(Move(number, NARROWED, WATCHED, why, authority), world.clock.now())


def test_two_thefts_a_month_apart_make_no_wave(world):
    sites, old = pharmacies(world, 3), old_cards(world, 15)
    mostly_cards(world, sites)
    strangers_until_narrowed(world, sites[0], old)
    world.clock.forward(seconds=30 * DAY)
    strangers_until_narrowed(world, sites[1], old)
    assert strangers_until_narrowed(world, sites[2], old) >= ALONE


@given(gaps=st.lists(st.integers(1, 40), min_size=1, max_size=20), accounts=st.integers(1, 10**6))
def test_a_wave_is_more_than_honest_chance(gaps, accounts):
    """At half the honest pace or slower, whatever the size of the platform, there is none."""
    wave, at, each = Wave(), 0, 1 / (accounts * FALLS_HONEST)
    for gap in gaps:
        at += int(2 * gap * max(each, 2 * DAY * 1_000_000))
        wave.note(at, accounts=accounts)
    assert not wave.here(at)


# Place and pace


def test_a_second_network_at_once_is_watched(world):
    habitual(world)
    cards = new_cards(world, 2)
    token = world.sign_in()
    ask(world, token, cards[0].code, network="192.0.2.0/24")
    world.clock.forward(seconds=120)
    ask(world, token, cards[1].code, network="203.0.113.0/24")
    assert stage_of(world) is WATCHED
    assert why_of(world) == [Why.TWO_PLACES]


def test_a_move_to_another_network_is_nobodys_fault(world):
    habitual(world)
    cards = new_cards(world, 2)
    ask(world, world.sign_in(), cards[0].code, network="192.0.2.0/24")
    world.clock.forward(seconds=2 * HOUR)
    ask(world, world.sign_in(), cards[1].code, network="203.0.113.0/24")
    assert stage_of(world) is NORMAL


def test_a_pace_that_it_never_had_is_watched_and_nothing_is_refused(world):
    habitual(world)
    token = world.sign_in()
    for card in new_cards(world, 25):
        assert isinstance(ask(world, token, card.code, network="192.0.2.0/24"), Answered)
    assert stage_of(world) is WATCHED
    assert why_of(world) == [Why.PACE]


# Countries


FRANCE, SPAIN, NOWHERE = "192.0.2.0/24", "203.0.113.0/24", "198.51.100.0/24"


@pytest.fixture
def at_home(world: World) -> World:
    """An account that has worked from France for three weeks."""
    world.countries.known |= {FRANCE: "FR", SPAIN: "ES"}
    habitual(world, network=FRANCE)
    return world


def read_card(world: World, network: str, *, number: int = 0):
    (card,) = new_cards(world, 1, first=number)
    return ask(world, world.sign_in(), card.code, network=network)


def test_a_detail_has_the_country_as_a_keyed_code_and_nothing_else_of_it(world):
    world.countries.known |= {FRANCE: "FR", SPAIN: "ES"}
    details = []
    for network in (FRANCE, SPAIN, FRANCE, NOWHERE, ""):
        read_card(world, network, number=len(details))
        details.append(world.store.rows[-1].detail or b"")
    france, spain, again, nowhere, unseen = (question_detail(each) for each in details)
    assert france.country == again.country != spain.country
    assert france.country not in {0, france.network, int.from_bytes(b"FR", "big")}
    assert (nowhere.country, unseen.country) == (0, 0)
    assert not any(word in detail for detail in details for word in (b"192.0.2", b"203.0.113"))
    other = World(vault_keys=MemoryKeys({"pseudonym/lasting": b"L" * 32}))
    other.countries.known |= {FRANCE: "FR"}
    read_card(other, FRANCE)
    assert question_detail(other.store.rows[-1].detail or b"").country != france.country


def test_a_country_that_the_account_never_had_is_watched_and_nothing_is_refused(at_home):
    assert isinstance(read_card(at_home, SPAIN), Answered)
    assert stage_of(at_home) is WATCHED
    assert why_of(at_home) == [Why.COUNTRY]
    (typed,) = old_cards(at_home, 1)
    assert isinstance(ask(at_home, at_home.sign_in(), typed, network=SPAIN), Answered)


def test_two_countries_within_four_hours_are_two_places(at_home):
    read_card(at_home, FRANCE)
    at_home.clock.forward(seconds=4 * HOUR - 1)
    read_card(at_home, SPAIN, number=1)
    assert why_of(at_home) == [Why.TWO_PLACES]


def test_what_goes_on_abroad_is_one_place():
    """Two places are told of the first question there; what follows comes from where it was."""
    had, hour = Whereabouts({1: 0}, 1, 99 * DAY * 1_000_000), HOUR * 1_000_000
    asked = [(2, 1), (2, 2), (1, 3), (2, 4), (2, 60)]
    told = [had.follow(code, 99 * DAY * 1_000_000 + hours * hour) for code, hours in asked]
    assert told == [Why.TWO_PLACES, Why.COUNTRY, None, Why.TWO_PLACES, None]


def test_a_journey_is_a_new_country_alone(at_home):
    read_card(at_home, FRANCE)
    at_home.clock.forward(seconds=4 * HOUR)
    read_card(at_home, SPAIN, number=1)
    assert why_of(at_home) == [Why.COUNTRY]


def test_who_works_in_two_countries_is_watched_once(at_home):
    """A border, a back office abroad, a holiday: by the third day it is theirs."""
    for day in range(12):
        read_card(at_home, FRANCE, number=2 * day)
        at_home.clock.forward(seconds=HOUR)
        assert isinstance(read_card(at_home, SPAIN, number=2 * day + 1), Answered)
        at_home.clock.forward(seconds=23 * HOUR)
    assert why_of(at_home) == [Why.TWO_PLACES, Why.QUIET]
    assert stage_of(at_home) is NORMAL


def test_exits_of_a_vpn_freeze_nobody(at_home):
    """Another country with each question, and more of them than are remembered."""
    at_home.countries.known |= {f"10.{exit_}.0.0/24": f"{exit_:02}" for exit_ in range(60)}
    exits = [network for network in at_home.countries.known if network.startswith("10.")]
    for number, network in enumerate(exits):
        assert isinstance(read_card(at_home, network, number=number), Answered)
        at_home.clock.forward(seconds=60)
    assert stage_of(at_home) is WATCHED


def test_on_the_day_when_files_come_nobody_is_abroad(world):
    """What was not known before is not new."""
    habitual(world, network=FRANCE)
    world.countries.known |= {FRANCE: "FR", SPAIN: "ES"}
    read_card(world, FRANCE)
    world.clock.forward(seconds=DAY)
    read_card(world, SPAIN, number=1)
    assert stage_of(world) is NORMAL


def test_a_network_of_no_known_country_changes_nothing(at_home):
    read_card(at_home, NOWHERE)
    at_home.clock.forward(seconds=DAY)
    at_home.countries.known.clear()
    read_card(at_home, SPAIN, number=1)
    assert why_of(at_home) == []


def test_a_stranger_weighs_more_from_a_new_country(world):
    """The same network, whose country is another today: nothing else is new."""
    weights = []
    for country in ("FR", "ES"):
        one = World()
        one.countries.known |= {FRANCE: "FR"}
        (typed,) = old_cards(one, 1)
        habitual(one, network=FRANCE)
        one.countries.known |= {FRANCE: country}
        ask(one, one.sign_in(), typed, network=FRANCE)
        (trail,) = folds_of(one).guard.watch.trails.states.values()
        weights.append(trail.strangeness)
    assert weights[1] == pytest.approx(weights[0] + UNFAMILIAR)


def test_however_much_is_new_six_strangers_are_needed():
    """A device, a network, a country and an hour at once: a new country is a new network too."""
    trail, at = Trail(past_weeks=3, countries=Whereabouts({9: 0})), 100 * DAY * 1_000_000
    typed = Trace(
        at, 1, 1, 2, 0, 0, 0, 99, Presence.LEGACY, True, b"p" * 16, network=5, device=6, country=7
    )
    trail.place(typed)
    trail.type_in(typed, 0.02)
    assert trail.strangeness == pytest.approx(STRANGER_MAX + UNFAMILIAR_MAX)
    assert trail.strangeness * 5 < NARROW < trail.strangeness * 6


# A guard that fails


CAUGHT = (ValueError, KeyError, IndexError, ZeroDivisionError, OverflowError, TypeError)


def broken(kind: type[Exception]):
    def follow(*_: object, **__: object) -> None:
        raise kind("somewhere inside")

    return follow


@pytest.mark.parametrize(
    "kind",
    [
        *CAUGHT,
        AttributeError,
        RuntimeError,
    ],
)
def test_a_guard_that_crashes_leaves_plain_budgets_and_says_so(world, monkeypatch, kind):
    monkeypatch.setattr(Watch, "follow", broken(kind))
    token, cards = world.sign_in(), new_cards(world, NEW_SITE_TYPED + 3)
    typed = [ask(world, token, typed_of(card)) for card in cards]
    assert [isinstance(reply, Answered) for reply in typed] == [True] * NEW_SITE_TYPED + [False] * 3
    assert typed[-1] == Refused("over-budget")
    assert isinstance(ask(world, token, cards[-1].code), Answered)

    world.service.look()
    world.service.look()
    told = [
        decode_codes(row.detail or b"")
        for row in world.store.rows
        if decode(row.body or b"").type is EntryType.DECISION
    ]
    assert [codes for codes in told if "guard" in codes] == [{"guard": "failed"}]
    (found,) = world.service([Standings()])
    assert isinstance(found, Accounts)
    assert found.failed


def test_no_exception_gives_more_while_the_guard_is_down(world, monkeypatch):
    monkeypatch.setattr(Watch, "follow", broken(ValueError))
    world.service.look()
    now = world.clock.now()
    allowed = Allow("everybody", "", 20, True, now, now + 10**12, "opening", "nadia")
    assert world.service([allowed]) == [Done()]
    token = world.sign_in()
    typed = [ask(world, token, typed_of(c)) for c in new_cards(world, NEW_SITE_TYPED + 3)]
    # The first question is what it fails at: it is borne as the exception says.
    assert sum(isinstance(reply, Answered) for reply in typed) <= NEW_SITE_TYPED


def test_a_guard_that_is_mended_is_made_again_from_the_ledger(world, monkeypatch):
    token = world.sign_in()
    with monkeypatch.context() as patch:
        patch.setattr(Watch, "follow", broken(ValueError))
        for number in range(9):
            ask(world, token, guess(number))
    world.restart()
    guard = folds_of(world).guard
    assert not guard.failed
    (trail,) = guard.watch.trails.states.values()
    assert trail.misses > 0
    ask(world, world.sign_in(), guess(20))
    assert stage_of(world) is NARROWED


def test_officers_still_decide_while_the_guard_is_down(world, monkeypatch):
    monkeypatch.setattr(Watch, "follow", broken(ValueError))
    card = new_cards(world, 1)[0]
    assert isinstance(ask(world, world.sign_in(), card.code), Answered)
    world.service([Contain(SITE, "frozen", "reported", "nadia")])
    assert stage_of(world) is FROZEN
