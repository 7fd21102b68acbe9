"""When owners sign in again because their account was narrowed: the engine in process has the rule.

Twenty minutes after each narrowing the owner proves who they are, which loosens it once a day.
"""

from dataclasses import dataclass, field
from typing import Self

from rempart.domain.budget import DAY
from rempart.domain.containment import Stage
from rempart.drill.in_process import OWNER_LIFTS_AFTER, InProcess


@dataclass(slots=True, repr=False)
class Lifts:
    """By account: when an owner will act, when one last did."""

    due: dict[int, int] = field(default_factory=dict)
    lifted: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, twin: InProcess) -> Self:
        """As they stand on a platform that has played for a while."""
        standings = twin.guard.stages.states.items()
        return cls(lifted={account: each.lifted_at for account, each in standings})

    def narrowed(self, account: int, at: int) -> None:
        """The guard has narrowed it."""
        self.due[account] = at + OWNER_LIFTS_AFTER

    def ready(self, account: int, at: int) -> bool:
        """Whether the owner has something to do before a question at this moment."""
        return self.due.get(account, at + 1) <= at

    def lifts(self, account: int, at: int, stage: Stage) -> bool:
        """Whether their sign-in would loosen it now; otherwise they may come back tomorrow."""
        del self.due[account]
        if stage is not Stage.NARROWED:
            return False
        last = self.lifted.get(account, 0)
        if last and at - last < DAY:
            self.due[account] = last + DAY
            return False
        self.lifted[account] = at
        return True
