"""The world as the scenes, the traffic and the thieves see it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from rempart.drill.agenda import Agenda
from rempart.drill.honest import Honest
from rempart.drill.market import WorldInsurer
from rempart.drill.population import NEVER, People, Settlement
from rempart.drill.practice import Practice, poisson
from rempart.drill.registry import WorldAccount, WorldSite
from rempart.drill.seasons import hours_ahead

YEAR = 365


@dataclass(slots=True, kw_only=True, repr=False)
class World:
    """A synthetic France: who asks, about whom, and what is out of the ordinary."""

    seed: int
    starts: date
    days: int
    honest: Honest
    insurers: Sequence[WorldInsurer]
    settled: Settlement
    sites: list[WorldSite] = field(default_factory=list)
    accounts: list[WorldAccount] = field(default_factory=list)
    agenda: Agenda = field(default_factory=Agenda)
    _practices: dict[int, Practice] = field(default_factory=dict)
    _accounts_of: dict[int, list[WorldAccount]] = field(default_factory=dict)

    @property
    def people(self) -> People:
        """The columns of the people."""
        return self.settled.people

    def date_of(self, day: int) -> date:
        """The date of a day of the world."""
        return self.starts + timedelta(days=day)

    def midnight(self, day: int) -> int:
        """Microseconds since 1970 UTC at which a day begins in France.

        The hour that clocks lose or gain is taken from the end of the day before.
        """
        today = self.date_of(day)
        began = datetime(today.year, today.month, today.day, tzinfo=UTC)
        return (int(began.timestamp()) - hours_ahead(today) * 3600) * 1_000_000

    def day_of(self, at: int) -> int:
        """The day of a moment."""
        day = (at - self.midnight(0)) // 86_400_000_000
        while self.midnight(day + 1) <= at:
            day += 1
        while self.midnight(day) > at:
            day -= 1
        return day

    def add_site(self, site: WorldSite) -> None:
        """A site; its number is its place in the list, from 1."""
        assert site.number == len(self.sites) + 1
        self.sites.append(site)
        self._accounts_of[site.number] = []

    def add_account(self, account: WorldAccount) -> None:
        """An account of a site that is there; its number is its place in the list, from 1."""
        assert account.number == len(self.accounts) + 1
        self.accounts.append(account)
        self._accounts_of[account.site].append(account)

    def open_on(self, site: int, day: int) -> None:
        """Let a site open on a day: nobody was seen there before."""
        practice = self.practice(site)
        practice.site = self.sites[site - 1] = replace(self.sites[site - 1], opened=day)
        for account in self._accounts_of[site]:
            if account.ends > day:
                self.replace_account(replace(account, starts=max(account.starts, day)))

    def replace_account(self, account: WorldAccount) -> None:
        """Put an account in the place of the one with its number."""
        mine = self._accounts_of[account.site]
        mine[mine.index(self.accounts[account.number - 1])] = account
        self.accounts[account.number - 1] = account

    def accounts_of(self, site: int) -> Sequence[WorldAccount]:
        """The accounts of a site."""
        return self._accounts_of[site]

    def practice(self, site: int) -> Practice:
        """The habits of a site."""
        found = self._practices.get(site)
        if found is None:
            found = Practice(self.sites[site - 1], self.settled, self.honest, self.seed)
            self._practices[site] = found
        return found

    def seen_before(self, site: int) -> Iterator[tuple[int, int, int, int | None]]:
        """Whom a site saw in the twelve months before the first day.

        Person, days since the first and the last visit, and since the last by card if any. Empty
        where the platform has just opened.
        """
        if not self.honest.remembers:
            return
        chance = Random(f"{self.seed}/before/{site}")  # noqa: S311 - to be drawn again alike
        practice = self.practice(site)
        visits: dict[int, list[int]] = {}
        for person, ages in _visits(practice, chance):
            visits.setdefault(person, []).extend(ages)
        for person, ages in visits.items():
            oldest = min(-self.people.since[person], -practice.site.opened)
            kept = [age for age in ages if age <= oldest]
            if kept:
                by_card = [age for age in kept if self._by_card(chance, practice, person, age)]
                yield person, max(kept), min(kept), min(by_card, default=None)

    def _by_card(self, chance: Random, practice: Practice, person: int, age: int) -> bool:
        since = self.people.card_since[person]
        return since != NEVER and since <= -age and chance.random() < practice.read


def _visits(practice: Practice, chance: Random) -> Iterator[tuple[int, list[int]]]:
    """The visits of the last year, person by person, as days before the first day."""
    for person, rate in practice.visit_rates():
        if count := poisson(chance, rate):
            yield person, [1 + int(chance.random() * YEAR) for _ in range(count)]
    for index, slot in enumerate(practice.slots):
        for turn in range((slot.phase - YEAR) // slot.length, (slot.phase - 1) // slot.length + 1):
            first = max(-YEAR, turn * slot.length - slot.phase)
            last = min(-1, (turn + 1) * slot.length - slot.phase - 1)
            yield practice.patient(index, first), [-first, -(first + last) // 2, -last]
    for person in practice.known_residents:
        yield person, [1 + int(chance.random() * 28), YEAR - int(chance.random() * 200)]
    strangers = practice.mean * sum(practice.rhythm.week) * 52 * practice.strangers
    for _ in range(poisson(chance, strangers)):
        yield practice.stranger(chance), [1 + int(chance.random() * YEAR)]
