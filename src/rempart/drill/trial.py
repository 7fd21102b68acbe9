"""Try a thief on a platform at work: honest traffic goes on, he strikes, answers are counted.

A stage is a country that has worked for some weeks; every run begins there, and is undone.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from heapq import heappop, heappush, merge
from operator import attrgetter
from typing import Protocol

from rempart.domain.containment import Authority, Stage
from rempart.domain.disclosure import Outcome
from rempart.drill.honest import Honest
from rempart.drill.in_process import InProcess, Moved
from rempart.drill.landscape import World
from rempart.drill.loot import baseline_2024, setting_for
from rempart.drill.peace import open_platform
from rempart.drill.population import NOBODY
from rempart.drill.runs import Run
from rempart.drill.theft import Attack, Setting, Variant
from rempart.drill.traffic import Asked, day, site_day
from rempart.drill.world import make_world

STARTS = date(2027, 1, 4)
WARM_UP = 35
"""Days of honest work before a thief strikes: five weeks, for accounts to have a past."""
CROWD = 10
"""Stolen accounts from which on the whole country's traffic is played, not the site's alone."""
STRIKE_DAYS = 14
"""Runs strike on one of so many days."""
SECOND = 1_000_000


@dataclass(slots=True)
class Country:
    """A platform that has worked for a while, and can be put back there."""

    world: World
    platform: InProcess
    warm_up: int = WARM_UP

    @classmethod
    def at_work(
        cls,
        params: Honest,
        *,
        sites: int,
        seed: int,
        days: int,
        starts: date = STARTS,
        warm_up: int = WARM_UP,
    ) -> "Country":
        """Make one, and let it work for ``warm_up`` days; ``days`` more can be played."""
        world = make_world(
            sites=sites, days=warm_up + days, seed=seed, params=params, starts=starts
        )
        platform = InProcess(world)
        open_platform(platform)
        for each in range(warm_up):
            platform.play(day(world, each))
            platform.mark()
        return cls(world, platform, warm_up)

    def run(self, variant: Variant, run: int) -> Run:
        """One run of a thief; the platform is then as it was."""
        first = self.warm_up + run % STRIKE_DAYS
        setting = self._setting(variant, run, first)
        found = Theft(self.platform, setting, variant, foresee=self.platform.risk)
        found.play(self._honest(setting, variant, first))
        self.platform.undo()
        found.run.baseline = self._baseline(variant, run, first, found.last - setting.starts)
        return found.run

    def _setting(self, variant: Variant, run: int, first: int) -> Setting:
        return setting_for(self.world, variant, run=run, day=first, held=self.platform.held)

    def _honest(self, setting: Setting, variant: Variant, first: int) -> Iterator[Asked]:
        """What honest people ask meanwhile: at the site, or everywhere when the theft is."""
        alone = {account.number for account in setting.accounts} if not variant.owner_works else ()
        sites = {account.site for account in setting.accounts}
        for each in range(first, min(first + variant.days, self.world.days)):
            if len(sites) >= CROWD:
                questions = day(self.world, each)
            else:
                questions = list(
                    merge(
                        *(site_day(self.world, site, each) for site in sites), key=attrgetter("at")
                    )
                )
            for asked in questions:
                if asked.account not in alone or asked.at < setting.starts:
                    yield asked

    def _baseline(
        self, variant: Variant, run: int, first: int, lasted: int
    ) -> list[tuple[float, int]]:
        setting = self._setting(variant, run, first)
        seconds = min(max(3600.0, 2 * lasted / SECOND), variant.days * 86_400.0)
        return baseline_2024(variant.attacks(setting), starts=setting.starts, seconds=seconds)


class Platform(Protocol):
    """Where a thief can be played: in process, or the real stack."""

    @property
    def moves(self) -> Sequence[Moved]:
        """Stages that moved, in order."""
        ...

    def ask(self, asked: Asked) -> Outcome:
        """One question, at its moment."""
        ...

    def stage(self, account: int) -> Stage:
        """The stage of an account."""
        ...


@dataclass(slots=True)
class Theft:
    """A theft being played; ``foresee`` is what a thief may compute of a question's risk."""

    platform: Platform
    setting: Setting
    variant: Variant
    foresee: Callable[[Asked], float] | None = None
    run: Run = field(default_factory=Run)
    last: int = 0
    _honest: Iterator[Asked] = field(default=iter(()), repr=False)
    _next: Asked | None = field(default=None, repr=False)
    _read: set[int] = field(default_factory=set, repr=False)

    def __post_init__(self) -> None:
        self.setting = replace(self.setting, risk=self.foresee and self._risk)

    def play(self, honest: Iterator[Asked]) -> None:
        """Honest questions and the thief's, in order of time, until he gives up."""
        self._honest, self._next = honest, next(honest, None)
        moved = len(self.platform.moves)
        stolen = {account.number for account in self.setting.accounts}
        self.run.accounts = len(stolen)
        self.last = self.setting.starts
        waiting: list[tuple[Asked, int, Attack]] = []
        for index, attack in enumerate(self.variant.attacks(self.setting)):
            if (asked := next(attack, None)) is not None:
                heappush(waiting, (asked, index, attack))
        while waiting:
            asked, index, attack = heappop(waiting)
            self._until(asked.at)
            stolen.add(asked.account)
            if self.platform.stage(asked.account) is Stage.WATCHED:
                # Over something honest, the day before: somebody looks at it already.
                self._watched(asked.at)
            outcome = self.platform.ask(asked)
            self._count(asked, outcome)
            moved = self._moves(asked, stolen, moved)
            try:
                heappush(waiting, (attack.send(outcome), index, attack))
            except StopIteration:
                continue
        self.run.contained = sum(
            self.platform.stage(account) >= Stage.NARROWED for account in stolen
        )

    def _until(self, at: int) -> None:
        """Let honest people ask all that they ask before a moment."""
        while self._next is not None and self._next.at < at:
            self.run.cut_with += self.platform.ask(self._next) is Outcome.CUT_OFF
            self._next = next(self._honest, None)

    def _risk(self, asked: Asked) -> float:
        """What he computes when he looks: time has passed for everybody until then."""
        assert self.foresee is not None
        self._until(asked.at)
        return self.foresee(asked)

    def _count(self, asked: Asked, outcome: Outcome) -> None:
        run = self.run
        self.last = asked.at
        if asked.person == NOBODY and outcome is not Outcome.FROZEN:
            # Narrowed or over budget, he goes on guessing: it is a miss all the same.
            run.misses += 1
        elif outcome is Outcome.OPENED and asked.person not in self._read:
            self._read.add(asked.person)
            run.read += 1
            each = self.setting.world.day_of(asked.at)
            run.by_day[each] = run.by_day.get(each, 0) + 1
            run.curve.append((self._since(asked.at), run.read))

    def _since(self, at: int) -> float:
        return (at - self.setting.starts) / SECOND

    def _moves(self, asked: Asked, stolen: set[int], since: int) -> int:
        for moved in self.platform.moves[since:]:
            if moved.move.authority is not Authority.GUARD or moved.at < self.setting.starts:
                continue
            if moved.move.account in stolen:
                self._contained(moved)
            elif moved.move.target >= Stage.NARROWED:
                self.run.collateral += 1
        return len(self.platform.moves)

    def _watched(self, at: int) -> None:
        if self.run.watched_after is None:
            self.run.watched_after = self._since(at)

    def _contained(self, moved: Moved) -> None:
        run, after = self.run, self._since(moved.at)
        target = moved.move.target
        if target is Stage.WATCHED:
            self._watched(moved.at)
        if target >= Stage.NARROWED and run.narrowed_after is None:
            run.narrowed_after, run.misses_to_narrow = after, run.misses
        if target >= Stage.FROZEN and run.frozen_after is None:
            run.frozen_after, run.misses_to_freeze = after, run.misses
