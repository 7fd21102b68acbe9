"""What one run of a thief came to."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Run:
    """What one run of a thief came to. ``curve`` is (seconds since he began, people read)."""

    read: int = 0
    misses: int = 0
    by_day: dict[int, int] = field(default_factory=dict)
    curve: list[tuple[float, int]] = field(default_factory=list)
    baseline: list[tuple[float, int]] = field(default_factory=list)
    watched_after: float | None = None
    narrowed_after: float | None = None
    frozen_after: float | None = None
    misses_to_narrow: int | None = None
    misses_to_freeze: int | None = None
    contained: int = 0
    accounts: int = 0
    collateral: int = 0
    cut_with: int = 0
    """Honest questions that were refused because accounts of the same site or product fell."""
