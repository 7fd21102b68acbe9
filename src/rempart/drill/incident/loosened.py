"""What lets the theft of this drill succeed: the guard acts late, and budgets are twenty times as
large. Nothing else is off: it follows every question, narrows, freezes, cuts off.

No installation has a setting for it: the watch is put in the place of the vault's own, in memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

from rempart.domain.allowance import FACTOR_MAX, Over, Reason
from rempart.domain.budget import DAY
from rempart.domain.containment import Stage, Why
from rempart.domain.hidden import Hidden
from rempart.domain.trace import Trace
from rempart.domain.watch import Watch
from rempart.usecases.messages import Allow, Done
from rempart.usecases.serve_requests import ServeRequests

LEVEL = 24.0
"""From which on an account is narrowed, where 20 is the guard's own; it freezes at 44 as ever."""
NARROWS = frozenset({Why.STRANGERS, Why.ONE_INSURER, Why.CROWD, Why.WAVE, Why.MISSES})


@dataclass(slots=True, repr=False)
class LateWatch(Hidden, Watch):
    """The watch, that narrows nobody before its level."""

    level: float = LEVEL

    @classmethod
    def of(cls, watch: Watch, level: float) -> Self:
        """One that has seen what another has."""
        return cls(**{each.name: getattr(watch, each.name) for each in fields(watch) if each.init},
                   level=level)  # fmt: skip

    def follow(self, trace: Trace, *, factor: int = 1) -> tuple[Stage, Why]:
        """Take a question in; what would be narrowed early is watched."""
        # Named: a dataclass with slots is another class than the one that ``super`` would mean.
        stage, why = Watch.follow(self, trace, factor=factor)
        trail = self.trails.states[trace.account]
        level = max(trail.strangeness, trail.one_insurer, trail.misses)
        if stage is Stage.NARROWED and why in NARROWS and level < self.level:
            return Stage.WATCHED, why
        return stage, why


def loosen(
    vault: ServeRequests, sites: Sequence[str], *, now: int, level: float = LEVEL
) -> dict[str, float]:
    """Let this vault act late, and these sites ask more, for a day; what is raised, in words."""
    for site in sites:
        exception = Allow(
            over=Over.SITE.name,
            who=site,
            factor=FACTOR_MAX,
            typed=True,
            since=now,
            until=now + DAY,
            reason=Reason.EVENT.name,
            by="drill",
        )
        assert vault([exception]) == [Done()]
    guard = vault.answer.guard
    guard.watch = LateWatch.of(guard.watch, level)
    return {"budgets_times": FACTOR_MAX, "narrowed_at": level}
