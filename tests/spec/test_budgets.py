"""How many people a site may ask about: three windows, by presence, counted without a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rempart.domain.allowance import FACTOR_MAX, Allowance, Over, Reason
from rempart.domain.budget import COUNTS, COUNTS_OF, DAY, LEGACY, SPAN, TYPED, Windows
from rempart.domain.disclosure import Outcome, Presence, decode
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.known import NOBODY_YET, SINCE_1970, Known
from rempart.domain.practice import (
    CAP_MIN,
    HANDS,
    NEW_SITE_DAYS,
    NEW_SITE_KEYED,
    NEW_SITE_PER_PROOF,
    NEW_SITE_TYPED,
    PRACTICES,
    SHARE,
    WINDOWS,
    Usage,
    cap,
    daily_cap,
    own_cap,
)
from rempart.domain.site import SiteKind
from rempart.domain.trace import STRANGER, Trace
from rempart.usecases.messages import Allow, Answered, Done, Refused, Typed
from tests.traffic import OLD, folds_of, today
from tests.worlds import TODAY, AnInsurer, Card, World

title = "How much a site may ask"

START = 11_000
SHOWN = (Presence.LEGACY, Presence.DECLARED, Presence.KNOWN, Presence.CARD, Presence.FRESH)


# Against a naive recount


@dataclass(frozen=True)
class Question:
    """Asked ``gap`` days after the one before; without a person it is a miss."""

    gap: int
    person: int | None
    presence: Presence


def stands(count: int, person: int | None, shown: Presence) -> bool:
    """Whether a question stands in a count: a miss, only among what is typed."""
    return count in COUNTS_OF[shown] and (person is not None or count in (TYPED, LEGACY))


@dataclass
class Ledger:
    """What happened, as a list that everything can be counted from again."""

    day: int = START
    known: dict[int, Known] = field(default_factory=dict)
    happened: list[tuple[int, int | None, Presence]] = field(default_factory=list)

    def trace(self, question: Question, *, opened: bool = True) -> Trace:
        self.day += question.gap
        known = self.known.get(question.person or 0, NOBODY_YET)
        found = question.person is not None
        return Trace(
            at=self.day * DAY,
            account=1,
            site=1,
            kind=1,
            usage=0,
            product=0,
            place=0,
            amc=1,
            presence=question.presence,
            found=found,
            person=bytes([question.person or 0]) * 16,
            ages=known.ages(self.day - SINCE_1970) if found else STRANGER,
            opened=opened and found,
        )

    def note(self, question: Question) -> None:
        self.happened.append((self.day, question.person, question.presence))
        if question.person is not None:
            known = self.known.get(question.person, NOBODY_YET)
            self.known[question.person] = known.after(question.presence, self.day - SINCE_1970)

    def people(self, count: int, days: int) -> int:
        """Distinct people, and misses, of a count over the last days."""
        recent = [
            (person, place)
            for place, (day, person, shown) in enumerate(self.happened)
            if day > self.day - days and stands(count, person, shown)
        ]
        distinct = {person for person, _ in recent if person is not None}
        return len(distinct) + sum(person is None for person, _ in recent)

    def people_days(self, count: int, days: int) -> int:
        """The same, but somebody counts anew each day."""
        recent = [
            (day, person, place)
            for place, (day, person, shown) in enumerate(self.happened)
            if day > self.day - days and stands(count, person, shown)
        ]
        distinct = {(day, person) for day, person, _ in recent if person is not None}
        return len(distinct) + sum(person is None for _, person, _ in recent)


QUESTIONS = st.lists(
    st.builds(
        Question,
        st.sampled_from([0, 0, 0, 1, 1, 2, 5, 6, 7, 8, 27, 28, 29, 60, 400]),
        st.one_of(st.none(), st.integers(1, 5)),
        st.sampled_from(SHOWN),
    ),
    max_size=60,
)


@settings(max_examples=300)
@given(QUESTIONS)
def test_a_site_counts_distinct_people_in_every_window_and_presence(questions):
    ledger, windows = Ledger(), Windows(distinct=True)
    for question in questions:
        trace = ledger.trace(question)
        windows.absorb(trace)
        ledger.note(question)
        for count in COUNTS:
            recounted = [ledger.people(count, days) for days in WINDOWS]
            assert windows.sums[count] == recounted, count


@settings(max_examples=300)
@given(QUESTIONS)
def test_an_account_counts_people_anew_each_day(questions):
    ledger, windows = Ledger(), Windows(distinct=False)
    for question in questions:
        windows.absorb(ledger.trace(question))
        ledger.note(question)
        for count in COUNTS:
            assert windows.sums[count] == [ledger.people_days(count, d) for d in WINDOWS], count


@settings(max_examples=300)
@given(QUESTIONS, st.integers(3, 8))
def test_what_a_budget_bears_never_passes_a_cap(questions, daily):
    """Asked before each question, obeyed: no count of no window is ever above its cap."""
    ledger, windows = Ledger(), Windows(distinct=True)
    for question in questions:
        trace = ledger.trace(question)
        windows.advance(ledger.day)
        before = [row[:] for row in windows.sums]
        if not windows.bears(trace, daily):
            # Refused: a miss still costs its miss, somebody found costs nothing.
            if trace.found:
                windows.absorb(trace._replace(opened=False))
                assert windows.sums == before
            continue
        windows.absorb(trace)
        ledger.note(question)
        for place, days in enumerate(WINDOWS):
            assert windows.sums[0][place] <= cap(daily, Presence.CARD, days)
            assert windows.sums[1][place] <= cap(daily, Presence.DECLARED, days)
            assert windows.sums[2][place] <= cap(daily, Presence.LEGACY, days)


@given(QUESTIONS, st.integers(0, 40))
def test_windows_made_again_from_the_last_days_alone_are_the_same(questions, more):
    """Whatever was longer ago than the span has left no trace."""
    ledger, windows, recent = Ledger(), Windows(distinct=True), Windows(distinct=True)
    traces = []
    for question in questions:
        traces.append(ledger.trace(question))
        ledger.note(question)
    for trace in traces:
        windows.absorb(trace)
    end = ledger.day + more
    for trace in traces:
        if trace.at // DAY > end - 2 * SPAN - 10:
            recent.absorb(trace)
    windows.advance(end)
    recent.advance(end)
    assert windows.sums == recent.sums


# The caps


@pytest.mark.parametrize("kind", SiteKind)
def test_a_cap_is_arithmetic_on_practice(kind):
    busiest = PRACTICES[kind].professionals * PRACTICES[kind].patients
    assert daily_cap(kind) == max(CAP_MIN, 2 * busiest)
    # Seven busiest days in a week and twenty-eight in four fit, with half as much again.
    assert cap(daily_cap(kind), Presence.CARD, 7) >= 7 * busiest * 1.5
    assert cap(daily_cap(kind), Presence.CARD, 28) >= 28 * busiest * 1.5


@pytest.mark.parametrize("usage", Usage)
@pytest.mark.parametrize("kind", SiteKind)
def test_one_person_bears_three_busy_days_and_never_a_hospital(kind, usage):
    own, desk = own_cap(kind, usage), own_cap(kind, usage, desk=True)
    if usage in {Usage.STANDARD, Usage.LOCUM}:
        assert own == max(CAP_MIN, 3 * min(PRACTICES[kind].patients, 150))
        assert desk == max(CAP_MIN, 3 * min(PRACTICES[kind].busiest, 150))
    assert own >= max(CAP_MIN, 3 * min(PRACTICES[kind].patients, HANDS[Usage.HOME_CARE]))
    assert own <= desk <= 900


def test_a_nurse_without_a_reader_bears_a_home_for_the_elderly():
    assert cap(own_cap(SiteKind.AUXILIARY, Usage.HOME_CARE), Presence.DECLARED, 1) >= 80


def test_a_desk_bears_what_five_doctors_see():
    own, desk = (own_cap(SiteKind.DOCTOR, Usage.STANDARD, desk=desk) for desk in (False, True))
    assert own < PRACTICES[SiteKind.DOCTOR].busiest < desk


def test_a_weaker_presence_never_has_the_larger_cap():
    shares = [SHARE[presence] for presence in SHOWN]
    assert shares == sorted(shares)
    assert SHARE[Presence.LEGACY] <= 0.3


# In a vault


@pytest.fixture
def world() -> World:
    return World()


def crowd(world: World, count: int, *, old: bool = False, first: int = 0) -> list[Card]:
    """People whose numbers lie far apart."""
    return [
        world.member(
            f"{'OLD' if old else 'NEW'}-{number}",
            member_number=f"{'L' if old else 'N'}{1000 * (number + 1)}",
            birth_date=f"19{40 + number % 50}{1 + number % 12:02d}{1 + number % 28:02d}",
            serial=OLD if old else None,
            ends=None,
        )
        for number in range(first, first + count)
    ]


def told(replies: Sequence[object]) -> list[str]:
    return [each.reason if isinstance(each, Refused) else "answered" for each in replies]


def asked_of(world: World, site: str, shown: Sequence[str | Typed]) -> list[str]:
    """What a site reads when it asks about these people today, one after another."""
    token, day = world.sign_in(site), today(world).isoformat()
    return told([world.ask(token, each, care_date=day) for each in shown])


def days_pass(world: World, days: int = 1) -> None:
    world.clock.forward(seconds=86_400 * days)


def test_seven_days_hold_five_caps_and_a_quarter(world):
    site = world.add_site("STRUCT:SMALL", SiteKind.PHARMACY, cap=4)
    people = iter(crowd(world, 40))
    read = []
    for _ in range(7):
        codes = [next(people).code for _ in range(5)]
        read.append(asked_of(world, site, codes).count("answered"))
        days_pass(world)
    assert read == [4, 4, 4, 4, 4, 1, 0]
    # The first day has left the window: four more.
    assert asked_of(world, site, [next(people).code for _ in range(5)]).count("answered") == 4


def test_twenty_eight_days_hold_twenty_one_caps(world):
    site = world.add_site("STRUCT:SMALL", SiteKind.PHARMACY, cap=3)
    people = iter(crowd(world, 100))
    read = 0
    for _ in range(28):
        read += asked_of(world, site, [next(people).code for _ in range(3)]).count("answered")
        days_pass(world)
    assert read == cap(3, Presence.CARD, 28) == 63


def test_regulars_cost_one_in_a_window_however_often_they_come(world):
    """The same two, every day for four weeks, and room for two new ones a day."""
    site = world.add_site("STRUCT:SMALL", SiteKind.PHARMACY, cap=4)
    people = crowd(world, 2)
    for _ in range(24):
        assert asked_of(world, site, [each.code for each in people]) == ["answered"] * 2
        days_pass(world)
    guard = folds_of(world).guard
    (of_site,), (of_account,) = guard.sites.states.values(), guard.accounts.states.values()
    assert of_site.used == (2, 2, 2)
    # An account counts them anew each day.
    assert of_account.used == (2, 14, 48)


def test_presences_stand_inside_one_another(world):
    """Old cards are 0.3 of a cap, what is typed 0.8, everybody the whole."""
    site = world.add_site("STRUCT:SMALL", SiteKind.PHARMACY, cap=10)
    old, printed = crowd(world, 4, old=True), crowd(world, 12)
    assert asked_of(world, site, [c.typed for c in old]) == ["answered"] * 3 + ["over-budget"]
    assert asked_of(world, site, [c.typed for c in printed[:6]]) == [
        *["answered"] * 5,
        "over-budget",
    ]
    assert asked_of(world, site, [c.code for c in printed[6:9]]) == ["answered"] * 2 + [
        "over-budget"
    ]


def test_cards_read_first_leave_less_for_what_is_typed(world):
    site = world.add_site("STRUCT:SMALL", SiteKind.PHARMACY, cap=10)
    people = crowd(world, 12)
    assert asked_of(world, site, [c.code for c in people[:9]]) == ["answered"] * 9
    assert asked_of(world, site, [people[9].typed]) == ["over-budget"]
    assert asked_of(world, site, [people[9].code]) == ["answered"]


def test_asking_again_about_todays_is_free_past_the_cap(world):
    site = world.add_site("STRUCT:SMALL", SiteKind.PHARMACY, cap=2)
    people = crowd(world, 3)
    assert asked_of(world, site, [c.code for c in people]) == [
        "answered",
        "answered",
        "over-budget",
    ]
    assert asked_of(world, site, [people[0].code, people[1].typed]) == ["answered", "answered"]


def test_a_batch_is_no_way_round_a_budget(world):
    site = world.add_site("STRUCT:SMALL", SiteKind.PHARMACY, cap=5)
    token = world.sign_in(site)
    asks = [world.question(token, card.code) for card in crowd(world, 30)]
    assert told(world.service(asks)) == ["answered"] * 5 + ["over-budget"] * 25


def test_misses_cost_as_much_as_people(world):
    """Of a cap of five, what is typed has four."""
    site = world.add_site("STRUCT:SMALL", SiteKind.PHARMACY, cap=5)
    wrong = [Typed("99990001", f"Q{n}00", "19800203", "1") for n in range(1, 3)]
    people = crowd(world, 3)
    assert asked_of(world, site, wrong) == ["read-the-card"] * 2
    typed = [person.typed for person in people]
    assert asked_of(world, site, typed) == ["answered", "answered", "over-budget"]


def test_a_guesser_does_not_close_the_cards_of_a_small_site(world):
    site = world.add_site("STRUCT:SMALL", SiteKind.PHARMACY, cap=CAP_MIN)
    wrong = [Typed("99990001", f"Q{n}000", "19800203", "1") for n in range(30)]
    colleague = world.add_software("STRUCT:SMALL-2", site)
    assert "frozen" in asked_of(world, site, wrong)
    codes = [card.code for card in crowd(world, CAP_MIN)]
    assert asked_of(world, colleague, codes) == ["answered"] * CAP_MIN


def test_past_the_budget_a_hit_reads_like_a_miss(world):
    site = world.add_site("STRUCT:SMALL", SiteKind.PHARMACY, cap=1)
    old = crowd(world, 2, old=True)
    asked_of(world, site, [old[0].typed])
    nobody = Typed("99990001", "Q900", "19800203", "1")
    assert asked_of(world, site, [old[1].typed, nobody]) == ["over-budget", "over-budget"]
    entries = [decode(row.body or b"") for row in world.store.rows]
    assert [e.outcome for e in entries if e.outcome is not Outcome.NONE][-2:] == [
        Outcome.OVER_BUDGET
    ] * 2


# New sites


def old_of_all(world: World, count: int) -> list[Typed]:
    """What is printed on old cards of several insurers: one alone would look like a list."""
    others = [AnInsurer(amc=f"9999001{place}", key_h=bytes([place]) * 64) for place in range(4)]
    for other in others:
        world.add_insurer(other)
    world.service.look()
    return [
        world.member(
            f"O-{n}",
            insurer=others[n % 4],
            member_number=f"L{1000 * (n + 1)}",
            serial=OLD,
            ends=None,
        ).typed
        for n in range(count)
    ]


def test_a_new_site_asks_about_few_people_without_their_card(world):
    site = world.add_site("STRUCT:NEW", SiteKind.PHARMACY, since=TODAY)
    shown = crowd(world, 1)[0]
    typed = old_of_all(world, NEW_SITE_TYPED + 1)
    assert asked_of(world, site, typed) == ["answered"] * NEW_SITE_TYPED + ["over-budget"]
    # Whose card it reads, it may ask about.
    assert asked_of(world, site, [shown.code]) == ["answered"]
    # And about those of today again.
    assert asked_of(world, site, typed[:1]) == ["answered"]


def test_a_new_site_may_see_a_home_for_the_elderly_by_their_printed_keys(world):
    """No list of 2024 holds a key."""
    site = world.add_site("STRUCT:NEW", SiteKind.PHARMACY, since=TODAY)
    typed = [card.typed for card in crowd(world, NEW_SITE_KEYED + 1)]
    assert asked_of(world, site, typed) == ["answered"] * NEW_SITE_KEYED + ["over-budget"]


def test_a_new_sites_old_cards_count_among_the_keyed(world):
    site = world.add_site("STRUCT:NEW", SiteKind.PHARMACY, since=TODAY)
    old = old_of_all(world, NEW_SITE_TYPED)
    assert asked_of(world, site, old) == ["answered"] * len(old)
    left = NEW_SITE_KEYED - NEW_SITE_TYPED
    keyed = [card.typed for card in crowd(world, left + 1)]
    assert asked_of(world, site, keyed) == ["answered"] * left + ["over-budget"]


def test_a_new_site_grows_with_what_it_proves(world):
    site = world.add_site("STRUCT:NEW", SiteKind.PHARMACY, since=TODAY)
    shown = crowd(world, 5 * NEW_SITE_PER_PROOF)
    assert asked_of(world, site, [card.code for card in shown]) == ["answered"] * len(shown)
    more = crowd(world, NEW_SITE_KEYED + 6, first=50)
    typed = asked_of(world, site, [card.typed for card in more])
    assert typed.count("answered") == NEW_SITE_KEYED + 5


def test_a_new_site_does_not_grow_with_codes_that_prove_nothing(world):
    """One authentic code of a card that has been replaced, sent again and again."""
    site = world.add_site("STRUCT:FAKE", SiteKind.PHARMACY, since=TODAY)
    (lost,) = crowd(world, 1, first=900)
    world.rights.rows.clear()
    assert asked_of(world, site, [lost.code] * 40) == ["card-not-known"] * 40
    typed = asked_of(world, site, old_of_all(world, NEW_SITE_TYPED + 6))
    assert typed.count("answered") == NEW_SITE_TYPED


def test_a_site_is_new_for_ninety_days(world):
    since = TODAY - timedelta(days=NEW_SITE_DAYS)
    site = world.add_site("STRUCT:OLDER", SiteKind.PHARMACY, since=since)
    typed = [card.typed for card in crowd(world, NEW_SITE_KEYED + 1)]
    assert asked_of(world, site, typed) == ["answered"] * len(typed)


# Exceptions


def allow(world: World, over: str, who: str, factor: int, *, days: int = 1) -> object:
    now = world.clock.now()
    sent = Allow(over, who, factor, False, now, now + days * DAY, "vaccination", "nadia")
    return world.service([sent])[0]


@pytest.mark.parametrize(
    ("over", "who"),
    [
        ("everybody", ""),
        ("kind", "pharmacy"),
        ("site", "STRUCT:SMALL"),
        ("account", "STRUCT:SMALL"),
    ],
)
def test_an_exception_multiplies_caps_for_whom_it_names(world, over, who):
    site = world.add_site("STRUCT:SMALL", SiteKind.PHARMACY, cap=2)
    other = world.add_site("STRUCT:OTHER", SiteKind.LABORATORY, cap=2)
    people = crowd(world, 16)
    world.service.look()
    assert allow(world, over, who, 3) == Done()
    codes = [card.code for card in people[:7]]
    assert asked_of(world, site, codes).count("answered") == 6
    token = world.sign_in(other)
    replies = [world.ask(token, card.code, domain="LABO") for card in people[7:14]]
    assert sum(isinstance(each, Answered) for each in replies) == (6 if over == "everybody" else 2)


def test_an_exception_ends_with_its_last_moment_and_survives_a_restart(world):
    site = world.add_site("STRUCT:SMALL", SiteKind.PHARMACY, cap=2)
    world.service.look()
    allow(world, "site", site, 2)
    world.restart()
    people = crowd(world, 10)
    assert asked_of(world, site, [c.code for c in people[:5]]).count("answered") == 4
    days_pass(world)
    assert asked_of(world, site, [c.code for c in people[5:9]]).count("answered") == 2


def test_the_exception_decided_last_counts_and_factor_one_ends_another(world):
    site = world.add_site("STRUCT:SMALL", SiteKind.PHARMACY, cap=2)
    people = crowd(world, 10)
    world.service.look()
    allow(world, "site", site, 3)
    assert asked_of(world, site, [c.code for c in people[:3]]).count("answered") == 3
    assert allow(world, "site", site, 1) == Done()
    assert asked_of(world, site, [people[3].code]).count("answered") == 0
    allow(world, "site", site, 2)
    assert asked_of(world, site, [people[4].code]).count("answered") == 1


def an_allowance(**changes: int) -> Allowance:
    fields: dict[str, int] = {"number": 0, "factor": 2, "since": 0, "until": DAY} | changes
    return Allowance(over=Over.EVERYBODY, typed=False, reason=Reason.EVENT, by="nadia", **fields)


@pytest.mark.parametrize(
    "changes",
    [
        {"factor": 0},
        {"factor": -3},
        {"factor": FACTOR_MAX + 1},
        {"until": 0},
        {"since": DAY},
        {"until": 93 * DAY},
    ],
)
def test_what_is_no_exception_is_refused(changes):
    with pytest.raises(MalformedIdentifier):
        an_allowance(**changes).check()


def test_an_exception_reads_back_as_it_is_written():
    an_allowance().check()
    assert Allowance.from_codes(an_allowance().codes()) == an_allowance()
