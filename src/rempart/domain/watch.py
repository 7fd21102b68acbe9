"""The watch: which stage the evidence about an account asks for, question after question.

It keeps the charts of every account, and what is around them: feeds and releases whose questions
all miss, crowds of accounts that grow warm together, codes seen elsewhere a short while ago.
It forgets nobody's habit and knows nobody's name.
"""

from dataclasses import dataclass, field
from typing import Self

from rempart.domain.budget import DAY
from rempart.domain.charts import HOUR, TYPED_PRESENCES, Trail
from rempart.domain.containment import Stage, Why
from rempart.domain.disclosure import PROOFS, Presence
from rempart.domain.practice import LEGACY_SHARE, Usage, newness
from rempart.domain.reversible import Reversible, Undoable
from rempart.domain.site import KINDS
from rempart.domain.surroundings import CALM, Crowd, Misses, Platform, Wave
from rempart.domain.trace import NEVER, Order, Trace

WARM, WATCH, NARROW, FREEZE = 6.0, 10.0, 20.0, 44.0
"""Levels of a chart. Watching costs nobody anything; narrowing is meant to be crossed by honest
chance less than once in 10,000 account-months: the drill says how often it is."""
MISSES_NARROW = 23.5
"""Of misses: just below ten in a row. They come in streaks: a bad release, a late feed."""
NARROW_IN_CROWD = 9.0
NARROW_IN_WAVE = 13.0
"""Six strangers in a row, where nine are needed."""
THEFTS = frozenset({Why.STRANGERS, Why.ONE_INSURER})
"""Reasons of which many at once make a wave."""
ORDER_NARROW = 14.0
EXPECTED_MAX = 3
"""A dated exception makes strangers expected so many times more at most."""
RETRIES = frozenset({Order.IDENTICAL, Order.AGAIN})
REPLAY_WITHIN = 2 * HOUR
BACK_OFFICE_LEGACY = 0.5


@dataclass(slots=True)
class Place:
    """Where, when and by whom a card code was last used, and whether that site knew the person."""

    place: int = 0
    at: int = 0
    account: int = 0
    knew: bool = False

    def copy(self) -> Self:
        """Another of the same contents."""
        return type(self)(self.place, self.at, self.account, self.knew)


@dataclass(slots=True)
class Watch:
    """Charts by account, misses by insurer and by release, crowds by insurer (0: everywhere)."""

    trails: Reversible[int, Trail] = field(default_factory=Reversible)
    feeds: Reversible[int, Misses] = field(default_factory=Reversible)
    releases: Reversible[int, Misses] = field(default_factory=Reversible)
    crowds: Reversible[int, Crowd] = field(default_factory=Reversible)
    waves: Reversible[int, Wave] = field(default_factory=Reversible)
    platform: Reversible[int, Platform] = field(default_factory=Reversible)
    codes: Reversible[bytes, Place] = field(default_factory=Reversible)
    codes_day: int = 0
    _codes_day_kept: int = 0

    @property
    def _tables(self) -> tuple[Undoable, ...]:
        return (
            self.trails,
            self.feeds,
            self.releases,
            self.crowds,
            self.waves,
            self.platform,
            self.codes,
        )

    def mark(self) -> None:
        """What has been followed is durable."""
        self._codes_day_kept = self.codes_day
        for table in self._tables:
            table.mark()

    def undo(self) -> None:
        """What has been followed since the mark was not kept."""
        self.codes_day = self._codes_day_kept
        for table in self._tables:
            table.undo()

    def forget(self) -> None:
        """Start again from nothing."""
        self.codes_day = self._codes_day_kept = 0
        for table in self._tables:
            table.forget()

    def calm(self, account: int, *, keep: float) -> None:
        """Somebody answers for this account: so much of its evidence is kept."""
        if (trail := self.trails.touch(account)) is not None:
            trail.calm(keep=keep)

    def stolen(self, at: int) -> None:
        """The guard has narrowed an account for strangers that was not narrowed lately."""
        platform = self.platform.states.get(0)
        wave = self.waves.touch(0) or self.waves.put(0, Wave())
        wave.note(at, accounts=0 if platform is None else platform.accounts)

    @property
    def lowered_until(self) -> int:
        """Until when thresholds are lower, somewhere, for a crowd or a wave; 0 if never."""
        tables = (self.crowds.states.values(), self.waves.states.values())
        return max((each.until for table in tables for each in table), default=0)

    def follow(self, trace: Trace, *, factor: int = 1) -> tuple[Stage, Why]:
        """Take a question in; the stage that the account's evidence asks for now, and why.

        ``factor`` is that of a dated exception: strangers are expected so many times more.
        """
        trail = self.trails.touch(trace.account) or self.trails.put(trace.account, Trail())
        factor = min(factor, EXPECTED_MAX)
        week = trace.at // (7 * DAY)
        if trail.week < week:
            platform = self.platform.touch(0) or self.platform.put(0, Platform())
            platform.active(week)
        trail.advance(week)
        held = _levels(trail)
        why = trail.place(trace)
        if trace.presence in TYPED_PRESENCES:
            trail.beside(trace)
            self._typed(trace)
        if not trace.found:
            trail.miss(trace, self._habit(trace, trail, factor), self._miss_weight(trace, trail))
        elif trace.ages.seen:
            self._somebody(trace, trail, week, factor)
        if trace.presence not in PROOFS:
            trail.last_found, trail.last_amc = trace.found, trace.amc
        stage, why_now = self._wanted(trace, trail, why)
        grown = any(now > then for now, then in zip(_levels(trail), held, strict=True))
        if stage >= Stage.NARROWED and not grown and why_now is not Why.REPLAYS:
            # Nobody is narrowed by a card that is read: after a lift, or as a threshold falls.
            stage = Stage.WATCHED
        return stage, why_now

    def _somebody(self, trace: Trace, trail: Trail, week: int, factor: int) -> None:
        """Somebody asked about for the first time today."""
        platform = self.platform.touch(0) or self.platform.put(0, Platform())
        platform.note(week, legacy=trace.presence is Presence.LEGACY)
        if trace.presence not in TYPED_PRESENCES:
            trail.show(trace, new=newness(KINDS[trace.kind], trace.tenure))
            if trace.presence in PROOFS:
                self._replayed(trace, trail)
            return
        habit = self._habit(trace, trail, factor)
        cold = not trail.warm
        stranger = trail.type_in(trace, habit)
        trail.warm = trail.strangeness >= WARM
        if stranger and cold:
            for where in (0, trace.amc):
                crowd = self.crowds.touch(where) or self.crowds.put(where, Crowd())
                crowd.note(trace.at, warm=trail.warm)

    def _habit(self, trace: Trace, trail: Trail, factor: int) -> float:
        """Probability that an honest question of this account is about a stranger."""
        platform = self.platform.states.get(0)
        legacy = LEGACY_SHARE if platform is None else platform.legacy(LEGACY_SHARE)
        if trace.usage == Usage.BACK_OFFICE:
            legacy = max(legacy, BACK_OFFICE_LEGACY)
        new = newness(KINDS[trace.kind], trace.tenure)
        return trail.habit(new=new, legacy=legacy) * factor

    def foresee(self, trace: Trace, *, factor: int = 1) -> float:
        """The part of the threshold that would be used after this question. Changes nothing:
        for whoever wonders what somebody could do who knows all this.
        """
        trail = self.trails.states.get(trace.account, Trail()).copy()
        factor = min(factor, EXPECTED_MAX)
        if not trace.found:
            trail.miss(trace, self._habit(trace, trail, factor), self._miss_weight(trace, trail))
        elif trace.ages.seen and trace.presence in TYPED_PRESENCES:
            trail.type_in(trace, self._habit(trace, trail, factor))
        threshold = self._narrows(trace)
        return max(
            trail.strangeness / threshold,
            trail.misses / MISSES_NARROW,
            trail.one_insurer / NARROW,
        )

    def _replayed(self, trace: Trace, trail: Trail) -> None:
        if (day := trace.at // DAY) != self.codes_day:
            self.codes_day = day
            self.codes.clear()
        last = self.codes.touch(trace.person)
        elsewhere = (
            last is not None
            and last.place != trace.place
            and trace.at - last.at < REPLAY_WITHIN
            and bool(last.place and trace.place)
        )
        knows = trace.ages.first != NEVER
        if last is not None and elsewhere and knows:
            # The person is at home here: what is odd is the other place, unless at home there too.
            if not last.knew and (theirs := self.trails.touch(last.account)) is not None:
                theirs.replay(elsewhere=True)
        else:
            trail.replay(elsewhere=elsewhere)
        self.codes.put(trace.person, Place(trace.place, trace.at, trace.account, knows))

    def _typed(self, trace: Trace) -> None:
        """Feeds and releases remember what was typed, a retry once."""
        if trace.order in RETRIES:
            return
        for table, key in ((self.feeds, trace.amc), (self.releases, trace.product)):
            if not key:
                continue
            misses = table.touch(key) or table.put(key, Misses())
            misses.note(trace.at, trace.account, missed=not trace.found)

    def _miss_weight(self, trace: Trace, trail: Trail) -> float:
        feed, release = self.feeds.states.get(trace.amc), self.releases.states.get(trace.product)
        return min(
            CALM if feed is None else feed.weight(trace.at),
            CALM if release is None else release.weight_among_few(trace.at),
            trail.of_an_office if trace.usage == Usage.BACK_OFFICE else CALM,
        )

    def _wanted(self, trace: Trace, trail: Trail, why: Why | None) -> tuple[Stage, Why]:
        """The stage that the charts ask for: the first rung that is reached."""
        strange, misses, insurer = trail.strangeness, trail.misses, trail.one_insurer
        if max(strange, misses, insurer, trail.replays, trail.order) >= WARM:
            lowered = strange >= NARROW_IN_CROWD and strange >= self._narrows(trace)
            crowded = lowered and self._crowded(trace)
            for level, threshold, stage, reason in (
                (max(strange, misses, insurer), FREEZE, Stage.FROZEN, Why.INSISTED),
                (trail.replays, FREEZE, Stage.FROZEN, Why.REPLAYS),
                (trail.replays, NARROW, Stage.NARROWED, Why.REPLAYS),
                (misses, MISSES_NARROW, Stage.NARROWED, Why.MISSES),
                (trail.order, ORDER_NARROW, Stage.NARROWED, Why.ORDER),
                (strange, NARROW, Stage.NARROWED, Why.STRANGERS),
                (insurer, NARROW, Stage.NARROWED, Why.ONE_INSURER),
                (float(lowered), 1.0, Stage.NARROWED, Why.CROWD if crowded else Why.WAVE),
                (strange, WATCH, Stage.WATCHED, Why.STRANGERS),
                (insurer, WATCH, Stage.WATCHED, Why.ONE_INSURER),
                (misses, WATCH, Stage.WATCHED, Why.MISSES),
                (trail.replays, WATCH, Stage.WATCHED, Why.REPLAYS),
            ):
                if level >= threshold:
                    return stage, reason
        return (Stage.NORMAL, Why.QUIET) if why is None else (Stage.WATCHED, why)

    def _narrows(self, trace: Trace) -> float:
        """The level of strangers that narrows: lower while others are stolen."""
        if self._crowded(trace):
            return NARROW_IN_CROWD
        wave = self.waves.states.get(0)
        return NARROW_IN_WAVE if wave is not None and wave.here(trace.at) else NARROW

    def _crowded(self, trace: Trace) -> bool:
        for where in (0, trace.amc):
            crowd = self.crowds.states.get(where)
            if crowd is not None and crowd.here(trace.at):
                return True
        return False


def _levels(trail: Trail) -> tuple[float, float, float, float]:
    """Of the charts that an account's own questions raise."""
    return trail.strangeness, trail.one_insurer, trail.misses, trail.order
