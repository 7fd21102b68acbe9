"""What runs came to, against the goals: the figures of a drill, as JSON values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from rempart.drill.runs import Run
from rempart.drill.theft import Goal, Variant

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Reached:
    """All runs of one variant."""

    variant: Variant
    runs: Sequence[Run]

    @property
    def read(self) -> list[int]:
        """Distinct people read, run by run."""
        return [run.read for run in self.runs]

    @property
    def typical(self) -> Run:
        """The run in the middle."""
        return sorted(self.runs, key=lambda run: run.read)[len(self.runs) // 2]

    @property
    def containment(self) -> list[float | None]:
        """Seconds from the thief's first question to the account's narrowing, run by run."""
        return [run.narrowed_after for run in self.runs]

    def found_within(self, days: int) -> float:
        """Share of the runs in which somebody was told of the account within so many days."""
        told = [_first(run.watched_after, run.narrowed_after) for run in self.runs]
        return sum(each is not None and each <= days * DAY for each in told) / len(told)

    def misses(self) -> list[str]:
        """The parts of the goal that were missed, in words; nothing where it was reached."""
        goal = self.variant.goal
        return [] if goal is None else [name for name, met in self._parts(goal) if not met]

    def _parts(self, goal: Goal) -> list[tuple[str, bool]]:
        parts = []
        if goal.median is not None:
            parts.append((f"median <= {goal.median}", median(self.read) <= goal.median))
        if goal.worst is not None:
            parts.append((f"worst <= {goal.worst}", max(self.read) <= goal.worst))
        if goal.total is not None:
            parts.append((f"in all <= {goal.total}", max(self.read) <= goal.total))
        if goal.per_day is not None:
            most = max(max(run.by_day.values(), default=0) for run in self.runs)
            parts.append((f"a day <= {goal.per_day}", most <= goal.per_day))
        for name, limit in (("narrowed", goal.narrowed_within), ("frozen", goal.frozen_within)):
            if limit is not None:
                parts.append((f"{name} within {limit} misses", self._within(name, limit)))
        if goal.found_days is not None:
            share = self.found_within(goal.found_days)
            parts.append((f"found within {goal.found_days} days", share >= goal.found_share))
        return parts

    def _within(self, name: str, limit: int) -> bool:
        counts = [
            run.misses_to_narrow if name == "narrowed" else run.misses_to_freeze
            for run in self.runs
        ]
        return all(count is not None and count <= limit for count in counts)

    def to_json(self) -> dict[str, Any]:
        """The figures that the drill prints."""
        known = [each for each in self.containment if each is not None]
        goal = self.variant.goal
        found: dict[str, Any] = {
            "people_read_median": median(self.read),
            "people_read_max": max(self.read),
            "seconds_to_containment_max": round(max(known))
            if len(known) == len(self.runs)
            else None,
            "seconds_to_containment_median": round(median(known)) if known else None,
            "people_a_day_max": max(max(run.by_day.values(), default=0) for run in self.runs),
            "accounts": sum(run.accounts for run in self.runs),
            "contained": sum(run.contained for run in self.runs),
            "found_in_5_days": round(self.found_within(5), 3),
            "found_in_30_days": round(self.found_within(30), 3),
            "honest_narrowed_meanwhile": sum(run.collateral for run in self.runs),
            "honest_questions_cut_meanwhile": sum(run.cut_with for run in self.runs),
            "people_in_2024_median": median(run.baseline[-1][1] for run in self.runs),
            "runs": len(self.runs),
            "goal_met": None if goal is None else not self.misses(),
        }
        if missed := self.misses():
            found["goal_missed"] = missed
        return found


def _first(*moments: float | None) -> float | None:
    return min((each for each in moments if each is not None), default=None)


@dataclass(slots=True)
class Peace:
    """A time without thieves. ``reasons`` are those of all that tightened; ``harmed`` counts who
    was narrowed or frozen, by kind of site, usage and reason; ``refusals`` are questions, by kind
    of site, usage and outcome. ``persons`` are those of the accounts that have a cap of their own.
    """

    accounts: int = 0
    persons: int = 0
    days: int = 0
    questions: int = 0
    refused: int = 0
    wrongly_narrowed: int = 0
    wrongly_frozen: int = 0
    watched: int = 0
    reasons: Mapping[str, int] | None = None
    harmed: Mapping[str, int] | None = None
    harmed_accounts: int = 0
    refusals: Mapping[str, int] | None = None
    refused_accounts: int = 0

    @property
    def account_months(self) -> int:
        """Accounts times months of 365.25/12 days."""
        return round(self.accounts * self.days / 30.4375)

    def to_json(self) -> dict[str, Any]:
        """The figures that the drill prints."""
        narrow = self.wrongly_narrowed / max(1, self.account_months)
        refuse = self.refused / max(1, self.questions)
        return {
            "account_months": self.account_months,
            "accounts": self.accounts,
            "persons": self.persons,
            "days": self.days,
            "wrongly_narrowed": self.wrongly_narrowed,
            "wrongly_frozen": self.wrongly_frozen,
            "watched": self.watched,
            "questions": self.questions,
            "refused": self.refused,
            "narrowed_per_10000_account_months": round(10_000 * narrow, 3),
            "refused_per_100000_questions": round(100_000 * refuse, 3),
            "reasons": dict(self.reasons or {}),
            "harmed": dict(self.harmed or {}),
            "harmed_accounts": self.harmed_accounts,
            "refusals": dict(self.refusals or {}),
            "refused_accounts": self.refused_accounts,
        }
