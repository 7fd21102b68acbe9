"""What one theft on the real stack came to: the figures of the other engine, and its evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rempart.drill.figures import Reached
from rempart.drill.runs import Run
from rempart.drill.theft import Goal
from rempart.drill.thieves import variant_named


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the ledger and both engines say of a day.

    Questions asked over HTTP, those that the engine in process decided otherwise (``None`` where
    it was not asked), answers that callers received, those without an entry of their account's,
    questions under an account that had not signed in, entries audited, real seconds.
    """

    questions: int
    decided_otherwise: int | None
    answers: int
    answers_without_entry: int
    questions_under_an_account_not_signed_in: int
    ledger_entries_verified: int
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether everything that must be 0 is."""
        return not (
            self.decided_otherwise
            or self.answers_without_entry
            or self.questions_under_an_account_not_signed_in
        )

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class OnStack:
    """One theft, one day; ``variant`` is its name. ``proved`` is whether its own goals were met,
    where it has any beside the number of people; ``facts`` are its own figures.
    """

    variant: str
    run: Run
    evidence: Evidence
    facts: Mapping[str, Any] = field(default_factory=dict)
    proved: bool | None = None

    @property
    def name(self) -> str:
        """Its key among the figures."""
        return f"{self.variant}-stack"

    def to_json(self) -> dict[str, Any]:
        """The figures that the drill prints."""
        variant = variant_named(self.variant)
        said = Reached(replace(variant, goal=one_day(variant.goal)), [self.run]).to_json()
        if self.proved is not None:
            said["goal_met"] = self.proved and said["goal_met"] in {True, None}
        if said["goal_met"] is not None:
            said["goal_met"] = said["goal_met"] and self.evidence.holds
        return {**said, **self.facts, **self.evidence.to_json()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stacked:
    """All thefts, and the weeks before them: questions that both engines decided, and those that
    they decided otherwise.
    """

    past: int
    otherwise: int
    thefts: Sequence[OnStack]

    def to_json(self) -> dict[str, Any]:
        """Figures by name; a thief whom no other engine plays has his plain name too."""
        said = {theft.name: theft.to_json() for theft in self.thefts}
        for theft in self.thefts:
            if not variant_named(theft.variant).in_process:
                said[theft.variant] = said[theft.name]
        past = {"questions": self.past, "decided_otherwise": self.otherwise}
        return {**said, "honest-stack": past}


def in_2024(said: Mapping[str, Any]) -> str:
    """People whom the same thief read in 2024, for a table."""
    read = said["people_in_2024_median"]
    return "–" if read is None else f"{read:g}"


def one_day(goal: Goal | None) -> Goal | None:
    """What of a goal one run of one day can be held to: no median, nothing that takes weeks."""
    if goal is None:
        return None
    median = goal.median if goal.worst is None else None
    return replace(goal, median=median, found_days=None)
