"""What is out of the ordinary on a day: scenes are written here, traffic reads it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Mood(NamedTuple):
    """A day with more people or fewer than usual; ``strangers`` replaces the site's share."""

    factor: float
    strangers: float | None = None
    far: bool = False


class Extra(NamedTuple):
    """Visits outside opening hours: how many on average, from and to in hours, strangers."""

    visits: float
    opens: float
    closes: float
    strangers: float


class Batch(NamedTuple):
    """Questions in a row: by which account, from which second, how far apart, about whom.

    ``read`` is how many of the new cards are read.
    """

    account: int
    second: float
    every: float
    people: Sequence[int]
    read: float


@dataclass(slots=True, repr=False)
class Agenda:
    """Scenes by day: those of a site by site and day, the others by product or insurer."""

    moods: dict[tuple[int, int], Mood] = field(default_factory=dict)
    extras: dict[tuple[int, int], list[Extra]] = field(default_factory=dict)
    batches: dict[tuple[int, int], list[Batch]] = field(default_factory=dict)
    evenings: set[tuple[int, int]] = field(default_factory=set)
    """The day's questions are asked in the evening, in a row."""
    spoilt: dict[tuple[str, int], tuple[float, float]] = field(default_factory=dict)
    """By product: from and to, in seconds, what is typed reaches us mangled."""
    renewals: dict[int, dict[int, float]] = field(default_factory=dict)
    """By day and AMC number: part of its cards that the feed does not have yet."""
    locums: dict[int, list[int]] = field(default_factory=dict)
    """By site: accounts that stand in for its own."""
