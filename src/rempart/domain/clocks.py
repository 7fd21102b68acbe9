"""The clocks of a breach: each with its law, what starts it, and until when it runs.

* A period in hours is counted in hours, from the very minute: neither night, Sunday, holiday nor
  the change of the clock makes it longer. One in months ends with the same day of its last month,
  in France (Regulation 1182/71, art. 3), also on a Sunday: what may be late is done before it.
* Where the law says "without undue delay", the bound is the house's aim, and told as such.
* A clock that starts with the doing of another one is as late as that may be.

Laws stand in ``laws/breach.toml``, each with its date and its source; they are read once.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import IntEnum
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from rempart.domain.errors import MalformedIdentifier
from rempart.domain.paris import civil, months_later

HOUR = 3_600_000_000
"""Microseconds."""
AWARE = "aware"
EVERY_INSURER = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One duty: its law, who answers it, after what it starts, how long it runs.

    ``bound`` is in hours or in months, by ``months``; ``aim`` says that it is the house's, not the
    law's. ``cap`` (hours after ``cap_after``) holds where the clock has started before it.
    """

    code: str
    who: Literal["operator", "insurer"]
    french: str
    english: str
    law: str
    since: date
    after: str
    bound: int
    months: bool
    aim: bool
    late: str
    source: str
    verified: bool
    cap_after: str = ""
    cap: int = 0

    def due(self, start: int, cap_start: int | None = None) -> int:
        """Until when, from a start; microseconds."""
        due = months_later(start, self.bound) if self.months else start + self.bound * HOUR
        if cap_start is None or not self.cap:
            return due
        cap = cap_start + self.cap * HOUR
        return min(due, cap) if start <= cap else due


@cache
def laws() -> tuple[Rule, ...]:
    """Every clock, in its order."""
    text = files("rempart.domain").joinpath("laws/breach.toml").read_text("utf-8")
    return tuple(_rule(said) for said in tomllib.loads(text)["clock"])


def _rule(said: Mapping[str, Any]) -> Rule:
    (unit,) = {"hours", "months", "aim_hours"} & said.keys()
    return Rule(
        **{name: said[name] for name in ("code", "who", "french", "english", "law", "since")},
        **{name: said[name] for name in ("after", "late", "source", "verified")},
        bound=said[unit],
        months=unit == "months",
        aim=unit == "aim_hours",
        cap_after=said.get("cap_after", ""),
        cap=said.get("cap_hours", 0),
    )


def law_of(code: str) -> Rule:
    """The clock of a code.

    Raises:
        MalformedIdentifier: there is none.
    """
    for rule in laws():
        if rule.code == code:
            return rule
    raise MalformedIdentifier("clock", "no clock has this code")


class Answer(IntEnum):
    """What somebody says of a clock."""

    DONE = 1
    NOT_DUE = 2
    """It is not asked of us here: no risk, no high risk, not of this law."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What was said of a clock: when it was done (microseconds), and in which entry."""

    answer: Answer
    at: int
    ref: int


Answers = Mapping[tuple[str, int], Answered]
"""By a clock's code and an insurer's number, 0 for every insurer, or where it is the operator's."""


class State(IntEnum):
    """Where a clock stands."""

    WAITING = 1
    """What starts it has not happened."""
    RUNNING = 2
    LATE = 3
    """Past its bound, and not done."""
    MET = 4
    MET_LATE = 5
    NOT_DUE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One clock, of one insurer where it is an insurer's (``amc``); microseconds.

    ``start`` is nothing while it waits; ``due`` is then the latest that it may come to be, where
    that is known.
    """

    rule: Rule
    amc: int
    state: State
    start: int | None
    due: int | None
    done: int | None = None
    ref: int | None = None

    @property
    def open(self) -> bool:
        """Whether somebody has still to answer it."""
        return self.state in {State.WAITING, State.RUNNING, State.LATE}


def clocks(aware: int | None, answers: Answers, *, now: int, untold: bool = False) -> list[Clock]:
    """Every clock of the law of that day, in its order: an insurer's once for each that was told.

    ``aware`` is the moment of awareness, where somebody has decided on it. ``untold``: nobody was
    read, and it is over: an insurer that was told nothing has nothing to do.
    """
    day = civil(now if aware is None else aware).date()
    told = sorted({amc for code, amc in answers if law_of(code).who == "insurer" or amc})
    found: list[Clock] = []
    for rule in laws():
        if rule.since > day:
            continue
        insurers = [EVERY_INSURER] if rule.who == "operator" else told or [EVERY_INSURER]
        found += [_clock(rule, amc, aware, answers, now) for amc in insurers]
    return [_over(each) for each in found] if untold else found


def _over(clock: Clock) -> Clock:
    waits = clock.rule.who == "insurer" and clock.state is State.WAITING
    return replace(clock, state=State.NOT_DUE) if waits else clock


def clock_of(rule: Rule, amc: int, aware: int | None, answers: Answers, *, now: int) -> Clock:
    """One of them."""
    return _clock(rule, amc, aware, answers, now)


def _clock(rule: Rule, amc: int, aware: int | None, answers: Answers, now: int) -> Clock:
    start, due, off = _bounds(rule, amc, aware, answers)
    said = _said(answers, rule.code, amc)
    if said is not None and said.answer is Answer.DONE:
        late = due is not None and said.at > due
        state = State.MET_LATE if late else State.MET
        return Clock(
            rule=rule, amc=amc, state=state, start=start, due=due, done=said.at, ref=said.ref
        )
    if said is not None or off:
        ref = None if said is None else said.ref
        return Clock(rule=rule, amc=amc, state=State.NOT_DUE, start=start, due=due, ref=ref)
    if start is None or due is None:
        return Clock(rule=rule, amc=amc, state=State.WAITING, start=None, due=due)
    state = State.LATE if now > due else State.RUNNING
    return Clock(rule=rule, amc=amc, state=state, start=start, due=due)


def _bounds(
    rule: Rule, amc: int, aware: int | None, answers: Answers
) -> tuple[int | None, int | None, bool]:
    """When a clock starts, until when it runs, and whether what starts it is not due."""
    if rule.after == AWARE:
        return aware, None if aware is None else rule.due(aware), False
    before = law_of(rule.after)
    said = _said(answers, before.code, amc)
    cap = _said(answers, rule.cap_after, amc)
    cap_start = None if cap is None or cap.answer is not Answer.DONE else cap.at
    if said is not None and said.answer is Answer.DONE:
        return said.at, rule.due(said.at, cap_start), False
    _, due, off = _bounds(before, amc, aware, answers)
    if said is not None or off:
        # What an operator need not do takes nothing off an insurer: it has yet to be told.
        return None, None, rule.who == before.who
    if due is None or before.aim:
        # An aim binds nobody: what follows it may yet begin later, but for a cap of the law's.
        return cap_start, None if cap_start is None else cap_start + rule.cap * HOUR, False
    return None, rule.due(due), False


def _said(answers: Answers, code: str, amc: int) -> Answered | None:
    own, every = answers.get((code, amc)), answers.get((code, EVERY_INSURER))
    if own is None or (own.answer is Answer.NOT_DUE and every and every.answer is Answer.DONE):
        return every  # One that need not be told, and was told with all of them, was told.
    return own


def next_due(found: Sequence[Clock]) -> Clock | None:
    """The open clock that ends first."""
    running = [each for each in found if each.open and each.start is not None]
    return min(running, key=lambda each: each.due or 0, default=None)
