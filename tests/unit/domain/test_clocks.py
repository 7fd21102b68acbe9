"""The clocks of a breach: their law, their start, their end."""

import re
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.clocks import (
    AWARE,
    HOUR,
    Answer,
    Answered,
    Clock,
    State,
    clock_of,
    clocks,
    law_of,
    laws,
    next_due,
)
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.paris import civil, moment

ROOT = Path(__file__).parents[3]
PARIS = ZoneInfo("Europe/Paris")
AMC = 99990001


def at(*civil_time: int) -> int:
    return moment(datetime(*civil_time, tzinfo=PARIS))


NOON = at(2026, 11, 27, 12)
MOMENTS = st.integers(at(2026, 1, 1), at(2030, 1, 1))


def done(**moments: int) -> dict[tuple[str, int], Answered]:
    """Clocks that were answered, for every insurer."""
    return {
        (code.replace("_", "-"), 0): Answered(Answer.DONE, when, 7)
        for code, when in moments.items()
    }


def one(code: str, aware=NOON, answers=None, *, now=NOON, amc=0) -> Clock:
    return clock_of(law_of(code), amc, aware, answers or {}, now=now)


def test_every_clock_has_its_law_its_source_and_its_start():
    codes = [rule.code for rule in laws()]
    assert len(set(codes)) == len(codes)
    for place, rule in enumerate(laws()):
        assert rule.after == AWARE or rule.after in codes[:place], "a start stands before its clock"
        assert rule.law
        assert rule.source
        assert rule.late
        assert rule.who in {"operator", "insurer"}
        assert rule.bound > 0
        if not rule.verified:
            assert rule.since >= date(2024, 1, 1), "what is old has been read"


def test_every_clock_is_in_the_recipe_and_no_other():
    page = (ROOT / "docs" / "howto" / "answer-an-incident.md").read_text()
    table = page.split("| Clock | Law | Runs |")[1].split("\n\n")[0]
    assert re.findall(r"`([\w-]+)`", table) == [rule.code for rule in laws()]


def test_an_unknown_clock_is_refused():
    with pytest.raises(MalformedIdentifier, match="no clock"):
        law_of("cnil")


@pytest.mark.parametrize(
    ("code", "hours"),
    [
        ("cnil-33-1", 72),
        ("complaint", 72),
        ("nis2-warning", 24),
        ("nis2-notification", 72),
    ],
)
def test_hours_are_hours_whatever_the_day_and_the_season(code, hours):
    for aware in (
        NOON,
        at(2026, 4, 3, 18, 30),  # the eve of Easter
        at(2026, 12, 24, 23, 59),
        at(2026, 3, 28, 12),  # the clock goes forward that night
        at(2026, 10, 24, 12),  # and back
    ):
        clock = one(code, aware)
        assert clock.due - clock.start == hours * HOUR
    # In civil time, an hour earlier or later than one would count on a dial.
    assert civil(one("cnil-33-1", at(2026, 3, 28, 12)).due).hour == 13
    assert civil(one("cnil-33-1", at(2026, 10, 24, 12)).due).hour == 11


@given(MOMENTS)
def test_no_weekend_and_no_holiday_makes_seventy_two_hours_longer(aware):
    assert one("cnil-33-1", aware).due == aware + 72 * HOUR


@given(MOMENTS, st.integers(0, 500 * HOUR))
def test_who_is_aware_later_never_has_an_earlier_deadline(aware, more):
    for earlier, later in zip(
        clocks(aware, {}, now=aware), clocks(aware + more, {}, now=aware + more), strict=True
    ):
        assert (earlier.due or 0) <= (later.due or 0)


@given(MOMENTS, st.integers(0, 72 * HOUR), st.integers(0, 31 * 24 * HOUR))
def test_a_chain_never_ends_before_what_starts_it(aware, first, second):
    """And a step that is done early shortens what follows: never the other way round."""
    nothing = one("nis2-report", aware)
    told = one("nis2-report", aware, done(nis2_notification=aware + first))
    assert aware < one("nis2-warning", aware).due <= one("nis2-notification", aware).due
    assert told.due <= nothing.due
    assert nothing.state is State.WAITING
    assert told.start == aware + first
    answers = done(insurers_33_2=aware + first, dora_classification=aware + first + second)
    initial = one("dora-initial", aware, answers)
    answers |= done(dora_initial=initial.due)
    intermediate = one("dora-intermediate", aware, answers)
    answers |= done(dora_intermediate=intermediate.due)
    assert initial.due < intermediate.due < one("dora-final", aware, answers).due


def test_the_final_report_is_due_a_month_after_the_notification():
    notified = at(2027, 1, 31, 9)
    clock = one("nis2-report", at(2027, 1, 29), done(nis2_notification=notified))
    assert civil(clock.due) == datetime(2027, 3, 1, tzinfo=PARIS), "the end of 28 February"


def test_nothing_runs_before_somebody_is_aware():
    found = clocks(None, {}, now=NOON)
    assert {each.state for each in found} == {State.WAITING}
    assert next_due(found) is None
    assert all(each.due is None for each in found)


def test_insurers_clocks_start_when_they_are_told_each_its_own():
    assert one("insurer-cnil-33-1").state is State.WAITING
    answers = {
        ("insurers-33-2", AMC): Answered(Answer.DONE, NOON + HOUR, 9),
        ("insurers-33-2", AMC + 1): Answered(Answer.DONE, NOON + 5 * HOUR, 10),
    }
    found = [c for c in clocks(NOON, answers, now=NOON) if c.rule.code == "insurer-cnil-33-1"]
    assert [(c.amc, c.due) for c in found] == [
        (AMC, NOON + 73 * HOUR),
        (AMC + 1, NOON + 77 * HOUR),
    ]
    told = [c for c in clocks(NOON, answers, now=NOON) if c.rule.code == "insurers-33-2"]
    assert [c.state for c in told] == [State.RUNNING], "until every insurer has been told"


def test_dora_has_four_hours_from_classification_and_twenty_four_from_awareness():
    told = done(insurers_33_2=NOON)
    assert one("dora-initial", answers=told).due == NOON + 24 * HOUR
    for classified, due in ((2, 6), (19, 23), (22, 24), (30, 34)):
        answers = told | done(dora_classification=NOON + classified * HOUR)
        assert one("dora-initial", answers=answers).due == NOON + due * HOUR, classified


def test_a_clock_is_late_past_its_end_and_met_late_if_it_was_done_then():
    due = NOON + 72 * HOUR
    assert one("cnil-33-1", now=due).state is State.RUNNING
    assert one("cnil-33-1", now=due + 1).state is State.LATE
    assert one("cnil-33-1", answers=done(cnil_33_1=due)).state is State.MET
    late = one("cnil-33-1", answers=done(cnil_33_1=due + 1))
    assert (late.state, late.open, late.ref) == (State.MET_LATE, False, 7)


def test_what_follows_something_that_is_not_due_is_not_due():
    answers = done(insurers_33_2=NOON) | {
        ("dora-classification", 0): Answered(Answer.NOT_DUE, 0, 8)
    }
    states = {c.rule.code: c.state for c in clocks(NOON, answers, now=NOON)}
    for code in ("dora-classification", "dora-initial", "dora-intermediate", "dora-final"):
        assert states[code] is State.NOT_DUE, code
    assert states["insurer-cnil-33-1"] is State.RUNNING


def test_what_an_operator_need_not_do_takes_nothing_off_an_insurer():
    answers = {("insurers-33-2", 0): Answered(Answer.NOT_DUE, 0, 8)}
    states = {c.rule.code: c.state for c in clocks(NOON, answers, now=NOON)}
    assert states.pop("insurers-33-2") is State.NOT_DUE
    theirs = {c.rule.code for c in clocks(NOON, answers, now=NOON) if c.rule.who == "insurer"}
    assert len(theirs) == 6
    assert {states[code] for code in theirs} == {State.WAITING}


def test_an_insurer_that_was_not_due_and_is_told_with_all_of_them_has_its_clocks():
    answers = {
        ("insurers-33-2", 12345678): Answered(Answer.NOT_DUE, 0, 8),
        ("insurers-33-2", 0): Answered(Answer.DONE, NOON, 9),
    }
    states = {c.rule.code: c.state for c in clocks(NOON, answers, now=NOON) if c.amc == 12345678}
    assert states["insurer-cnil-33-1"] is State.RUNNING


def test_laws_of_after_that_day_are_not_looked_at():
    codes = {c.rule.code for c in clocks(at(2024, 2, 1), {}, now=NOON)}
    assert "dora-initial" not in codes
    assert "nis2-warning" not in codes
    assert "complaint" in codes


def test_the_next_one_is_the_one_that_ends_first():
    found = clocks(NOON, {}, now=NOON)
    first = next_due(found)
    assert first is not None
    assert first.due == NOON + 24 * HOUR
    told = clocks(NOON, done(insurers_33_2=NOON, nis2_warning=NOON), now=NOON)
    assert next_due(told).rule.code == "dora-classification"
