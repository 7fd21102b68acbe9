"""What an account asks from, and since when: codes of devices, networks, countries.

What it has had for two days is its own. A country is new only beside another that it has: on the
day when countries begin to be known, each account's own would be.
"""

from dataclasses import dataclass, field
from typing import Self

from rempart.domain.budget import DAY
from rempart.domain.containment import Why

FAMILIAR_AFTER = 2
"""Days."""
REMEMBERED = 32
ABROAD = DAY // 6
"""Microseconds between two countries that make two places: nobody travels so fast."""


def remember(known: dict[int, int], code: int, day: int) -> None:
    """Note the first day of a code; the newest are kept."""
    if len(known) >= REMEMBERED:
        del known[next(iter(known))]
    known[code] = day


@dataclass(slots=True)
class Whereabouts:
    """The countries it has asked from, by first day; the last one, and when."""

    days: dict[int, int] = field(default_factory=dict, repr=False)
    last: int = 0
    last_at: int = 0

    def copy(self) -> Self:
        """Another of the same contents."""
        return type(self)(dict(self.days), self.last, self.last_at)

    def new(self, code: int, day: int) -> bool:
        """Whether it is not the account's own, where another is."""
        return day - self.days.get(code, day) < FAMILIAR_AFTER and any(
            day - since >= FAMILIAR_AFTER for since in self.days.values()
        )

    def follow(self, code: int, at: int) -> Why | None:
        """One more question, from a country that is known; what it gives reason for."""
        day, found = at // DAY, None
        if self.new(code, day):
            moved = self.last != code and at - self.last_at < ABROAD
            found = Why.TWO_PLACES if moved else Why.COUNTRY
        self.last, self.last_at = code, at
        if code not in self.days:
            remember(self.days, code, day)
        return found
