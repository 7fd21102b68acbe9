"""The daily budget of a site: distinct people, a fold over the ledger.

* A person opened to a site counts once a day, however often they are asked about.
* A miss counts one: guessing costs as much as reading. Past the cap, misses are refused too.
* A refused question counts nothing: it was never looked up.
* The day is that of UTC, as are the key periods, so a pseudonym never changes within a day.
"""

from dataclasses import dataclass, field

from rempart.domain.disclosure import NOBODY, Entry, EntryType, Outcome

DAY = 86_400_000_000
"""Microseconds."""


@dataclass(slots=True)
class SiteDay:
    """What one site has used of today's budget."""

    people: set[bytes] = field(default_factory=set)
    misses: int = 0

    @property
    def used(self) -> int:
        """Distinct people and misses."""
        return len(self.people) + self.misses


@dataclass(slots=True)
class DailyBudget:
    """The whole fold: today's sites. Equal folds have absorbed the same day."""

    day: int = 0
    sites: dict[bytes, SiteDay] = field(default_factory=dict)

    def bears(self, entry: Entry, *, cap: int) -> bool:
        """Whether the site's budget bears ``entry`` if it were appended now."""
        if entry.at // DAY != self.day or (site := self.sites.get(entry.site)) is None:
            return True
        if entry.person != NOBODY and entry.person in site.people:
            return True
        return site.used < cap

    def absorb(self, entry: Entry) -> None:
        """Count an entry of the ledger."""
        day = entry.at // DAY
        if day != self.day:
            self.day, self.sites = day, {}
        if entry.outcome is Outcome.OPENED:
            self.sites.setdefault(entry.site, SiteDay()).people.add(entry.person)
        elif entry.outcome in COSTS_ONE and entry.type is EntryType.QUESTION:
            self.sites.setdefault(entry.site, SiteDay()).misses += 1

    def forget(self) -> None:
        """Start again, before absorbing the ledger again."""
        self.day, self.sites = 0, {}


COSTS_ONE = frozenset({Outcome.MISSED, Outcome.CARD_REFUSED})
