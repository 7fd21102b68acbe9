"""What is around an account: its insurer's feed, its software's release, the crowd, the platform.

* **storm**: when the typed questions of many accounts miss at one insurer, or from one release of
  a software, or from it nothing is found any more for the few who use it, the fault is the feed's
  or the release's, and an account's misses weigh little.
* **ceiling**: per insurer and hour, typed answers above three times that hour's habit close what
  is typed for that insurer until the hour ends; cards go on.
* **crowd**: when strangers make accounts warm far more often than honest chance does, the
  threshold falls for all who are warm, for a day.
* **wave**: when accounts are narrowed for strangers, here and there over days, far more often than
  honest chance narrows any, the threshold falls by a third for a week.
"""

from array import array
from collections import Counter, deque
from dataclasses import dataclass, field
from math import log
from typing import Self

from rempart.domain.budget import DAY
from rempart.domain.charts import HOUR

RECENT = 64
"""Typed questions over which a storm is looked for."""
STORM_MISSES, STORM_ACCOUNTS, STORM_EACH = 10, 4, 3
"""Misses and accounts that make a storm; no account counts for more than so many misses, so that
no thief makes one alone."""
STORM_WITHIN = DAY
DOWN_ACCOUNTS, DOWN_EACH, DOWN_WITHIN = 2, 2, 6 * HOUR
"""A rare software: two accounts whose last typed things have missed, twice each or more, and nobody
whose last was found. An honest one beside a guesser finds the next.
"""
CALM = 1.0
IN_STORM = 0.15
"""Weight of a miss in a storm: guessing behind one still ends, six times later."""

HOURS_KEPT = 4 * 168
HABIT_TIMES = 3
CEILING_MIN = 60
"""Answers an hour: below it, three times the habit of a small insurer is honest chance."""

WARM_HONEST, WARM_ATTACK = 0.03, 0.25
"""Share of the strangers of cold accounts who make theirs warm: honest chance, and an attack by
many accounts at once.
"""
WARM_STEP = log(WARM_ATTACK / WARM_HONEST)
COLD_STEP = log((1 - WARM_ATTACK) / (1 - WARM_HONEST))
CROWD_AT = 15.0
CROWD_FOR = DAY

FALLS_HONEST = 1e-4 / (30.4 * DAY)
"""Accounts narrowed for strangers, an account and microsecond: what honest chance is held to."""
FALLS_MORE, FALLS_MIN = 3.0, 0.5 / DAY
"""A wave is so many times honest chance, and one account in two days at least."""
FALLS_AMONG = 1000
"""Accounts of the smallest platform that this is reckoned for: on any, two are needed."""
WAVE_AT = 8.0
WAVE_FOR = 7 * DAY


@dataclass(slots=True)
class Misses:
    """The last typed questions of an insurer or a release: when, whose, missed or not."""

    recent: deque[tuple[int, int, bool]] = field(default_factory=lambda: deque(maxlen=RECENT))

    def copy(self) -> Self:
        """Another of the same contents."""
        return type(self)(self.recent.copy())

    def note(self, at: int, account: int, *, missed: bool) -> None:
        """One more typed question."""
        self.recent.append((at, account, missed))

    def weight(self, at: int) -> float:
        """What a miss weighs now."""
        return IN_STORM if self._storm(at) else CALM

    def in_storm(self, at: int) -> bool:
        """Whether so many miss that the fault is the feed's, or the release's."""
        return self._storm(at)

    def weight_among_few(self, at: int) -> float:
        """The same of a release, which no thief chooses, so that few accounts suffice."""
        return IN_STORM if self._storm(at) or self._down(at) else CALM

    def _storm(self, at: int) -> bool:
        since = at - STORM_WITHIN
        by = Counter(who for when, who, missed in self.recent if missed and when > since)
        return (
            len(by) >= STORM_ACCOUNTS
            and sum(min(STORM_EACH, count) for count in by.values()) >= STORM_MISSES
        )

    def _down(self, at: int) -> bool:
        since, runs = at - DOWN_WITHIN, dict[int, int]()
        for when, who, missed in self.recent:
            if when > since:
                runs[who] = runs.get(who, 0) + 1 if missed else 0
        down = sum(run >= DOWN_EACH for run in runs.values())
        return down >= DOWN_ACCOUNTS and 0 not in runs.values()


@dataclass(slots=True)
class Habit:
    """Typed answers of an insurer by hour, over four weeks."""

    hour: int = 0
    first: int = 0
    now: int = 0
    hours: "array[int]" = field(default_factory=lambda: array("L", bytes(8 * HOURS_KEPT)))

    def copy(self) -> Self:
        """Another of the same contents."""
        return type(self)(self.hour, self.first, self.now, self.hours[:])

    def advance(self, at: int) -> None:
        """Let hours pass."""
        hour = at // HOUR
        if not self.hour:
            self.hour = self.first = hour
        if hour <= self.hour:
            return
        self.hours[self.hour % HOURS_KEPT] = self.now
        for passed in range(self.hour + 1, min(hour, self.hour + HOURS_KEPT)):
            self.hours[passed % HOURS_KEPT] = 0
        self.hour, self.now = hour, 0

    @property
    def ceiling(self) -> float | None:
        """Typed answers that this hour bears; none while there is no week to compare with."""
        weeks = min(4, (self.hour - self.first) // 168)
        if not weeks:
            return None
        same = range(self.hour - 168 * weeks, self.hour, 168)
        seen = sum(self.hours[hour % HOURS_KEPT] for hour in same)
        return max(CEILING_MIN, HABIT_TIMES * seen / weeks)

    @property
    def closed(self) -> bool:
        """Whether what is typed is closed until the hour ends."""
        ceiling = self.ceiling
        return ceiling is not None and self.now >= ceiling


@dataclass(slots=True)
class Crowd:
    """Warm accounts among strangers' questions, at one insurer or everywhere."""

    level: float = 0.0
    until: int = 0

    def copy(self) -> Self:
        """Another of the same contents."""
        return type(self)(self.level, self.until)

    def note(self, at: int, *, warm: bool) -> None:
        """One more stranger of a cold account, who made it warm or did not."""
        self.level = max(0.0, self.level + (WARM_STEP if warm else COLD_STEP))
        if self.level >= CROWD_AT:
            self.level, self.until = 0.0, at + CROWD_FOR

    def here(self, at: int) -> bool:
        """Whether a crowd is about."""
        return at < self.until


@dataclass(slots=True)
class Wave:
    """Accounts that strangers have narrowed, one after another: a CUSUM over the time between."""

    level: float = 0.0
    last: int = 0
    until: int = 0

    def copy(self) -> Self:
        """Another of the same contents."""
        return type(self)(self.level, self.last, self.until)

    def note(self, at: int, *, accounts: int) -> None:
        """One more, on a platform of so many accounts."""
        honest = max(FALLS_AMONG, accounts) * FALLS_HONEST
        attack = max(FALLS_MORE * honest, FALLS_MIN)
        quiet = (attack - honest) * (at - self.last)
        self.level = max(0.0, self.level - quiet) + log(attack / honest)
        self.last = at
        if self.level >= WAVE_AT:
            self.level, self.until = 0.0, at + WAVE_FOR

    def here(self, at: int) -> bool:
        """Whether one goes over the platform."""
        return at < self.until


WEEKS, PER_WEEK = 9, 3
ASKED, OLD, ACTIVE = range(PER_WEEK)
PRIOR_WEIGHT = 50
"""Questions: a platform that opens learns within minutes that every card is an old one."""


@dataclass(slots=True)
class Platform:
    """What is asked, how much of it on old cards, and by how many accounts, week by week."""

    week: int = 0
    weeks: "array[int]" = field(default_factory=lambda: array("q", bytes(8 * PER_WEEK * WEEKS)))

    def copy(self) -> Self:
        """Another of the same contents."""
        return type(self)(self.week, self.weeks[:])

    def note(self, week: int, *, legacy: bool) -> None:
        """One more question answered."""
        self._count(week, ASKED)
        if legacy:
            self._count(week, OLD)

    def active(self, week: int) -> None:
        """The first question of an account in a week."""
        self._count(week, ACTIVE)

    def _count(self, week: int, column: int) -> None:
        if week > self.week:
            for passed in range(max(self.week, week - WEEKS) + 1, week + 1):
                start = passed % WEEKS * PER_WEEK
                self.weeks[start : start + PER_WEEK] = array("q", bytes(8 * PER_WEEK))
            self.week = week
        self.weeks[self.week % WEEKS * PER_WEEK + column] += 1

    def legacy(self, prior: float) -> float:
        """Share of old cards, over the present week and the eight before."""
        asked, old = sum(self.weeks[ASKED::PER_WEEK]), sum(self.weeks[OLD::PER_WEEK])
        return (old + PRIOR_WEIGHT * prior) / (asked + PRIOR_WEIGHT)

    @property
    def accounts(self) -> int:
        """Accounts that asked, in the busiest of these weeks."""
        return max(self.weeks[ACTIVE::PER_WEEK])
