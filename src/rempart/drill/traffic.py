"""One day's honest questions, of one site or of all, in the order in which they come.

A day follows from the seed and its number, whatever was asked for before. For every site:

1. who comes, and when (``attendance``); 2. which card each brings, and how it is read; 3. what
goes wrong: mistyped, old card shown, not in the feed yet; 4. relatives asked about in the same
breath, and the same person once more before the evening.
"""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from rempart.domain.disclosure import Presence
from rempart.drill.attendance import Visit, attend, seeded
from rempart.drill.honest import INSISTS, OFFICE_AGAIN, OFFICE_STRANGERS, SPOILT_RETRIED
from rempart.drill.landscape import World
from rempart.drill.population import NOBODY
from rempart.drill.practice import poisson
from rempart.drill.registry import WorldAccount, WorldSite

SECOND = 1_000_000
GIVEN_UP = -1
"""Instead of a moment: the card was put aside."""
MOBILE_NETWORKS = 40
"""Four operators, ten regions."""
CARD, DECLARED, LEGACY = Presence.CARD, Presence.DECLARED, Presence.LEGACY
_NO_DELAYS: dict[int, float] = {}


class Asked(NamedTuple):
    """A question as the platform receives it, and who lies under what was brought.

    ``at`` is microseconds since 1970 UTC; ``person`` is ``NOBODY`` where nothing lies there;
    ``contract`` is the number as brought; ``network`` and ``device`` are codes.
    """

    at: int
    site: int
    account: int
    person: int
    amc: int
    presence: Presence
    contract: int
    network: int
    device: int


def day(world: World, day: int) -> list[Asked]:
    """All honest questions of a day, in order of time."""
    found: list[Asked] = []
    for site in world.sites:
        _SiteDay(world, site, day, found).play()
    found.sort()
    return found


def site_day(world: World, site: int, day: int) -> list[Asked]:
    """The honest questions of one site on a day, in order of time."""
    found: list[Asked] = []
    _SiteDay(world, world.sites[site - 1], day, found).play()
    found.sort()
    return found


Desk = tuple[int, int, int]
"""Account, network, device."""


class _SiteDay:
    """A site on a day; questions are appended to ``found``."""

    def __init__(self, world: World, site: WorldSite, day: int, found: list[Asked]) -> None:
        self.world, self.site, self.day, self.found = world, site, day, found
        self.chance = Random(seeded(world, site.number, day, 0))  # noqa: S311 - drawn again alike
        self.practice = world.practice(site.number)
        self.midnight = world.midnight(day)
        self.late = world.agenda.renewals.get(day, _NO_DELAYS)
        self.spoilt = world.agenda.spoilt.get((site.product, day), (0.0, 0.0))

    def play(self) -> None:
        """Ask everything that is asked on this day."""
        world, number, chance = self.world, self.site.number, self.chance
        if self.day < self.site.opened:
            return
        visits = attend(world, self.site, self.day, chance)
        for extra in world.agenda.extras.get((number, self.day), ()):
            visits += self._extra(extra.visits, extra.opens, extra.closes, extra.strangers)
        batches = world.agenda.batches.get((number, self.day), ())
        if not visits and not batches:
            return
        read = self.practice.read
        if chance.random() < world.honest.broken_days:
            read = 0.0
        desks = self._desks()
        self._ask(visits, desks, read)
        for batch in batches:
            self._batch(batch.account, batch.second, batch.every, batch.people, batch.read)
        office = self.practice.back_office
        if office and visits and world.accounts[office - 1].starts <= self.day:
            self._back_office(visits)

    def _extra(self, mean: float, opens: float, closes: float, strangers: float) -> list[Visit]:
        chance, practice = self.chance, self.practice
        regulars = practice.regulars(self.day)
        visits = []
        for _ in range(poisson(chance, mean * chance.lognormvariate(-0.08, 0.4))):
            second = (opens + chance.random() * (closes - opens)) * 3600
            stranger = chance.random() < strangers
            person = practice.stranger(chance) if stranger else chance.choice(regulars)
            visits.append((second, person))
        return visits

    def _batch(
        self, account: int, second: float, every: float, people: Sequence[int], read: float
    ) -> None:
        draw = self.chance.random
        visits = []
        for person in people:
            second += every * (0.5 + draw())
            visits.append((min(second, 86_390.0), person))
        whose = self.world.accounts[account - 1]
        desks = self._desks_of(whose)
        # A round is asked from one chair; an office has several clerks.
        several = whose.usage == "back-office"
        self._ask(visits, desks if several else desks[:1], min(read, self.practice.read))

    def _back_office(self, visits: Sequence[Visit]) -> None:
        """In the evening: a third of the day's files again, and as many of the group's others."""
        chance, practice = self.chance, self.practice
        today = [person for _, person in visits if chance.random() < OFFICE_AGAIN]
        regulars = practice.regulars(self.day)
        others = [
            practice.stranger(chance)
            if chance.random() < OFFICE_STRANGERS
            else chance.choice(regulars)
            for _ in today
        ]
        people = today + others
        chance.shuffle(people)
        every = min(40.0, 3.5 * 3600 / max(1, len(people)))
        self._batch(practice.back_office, 18.5 * 3600, every, people, 0.0)

    def _desks(self) -> list[Desk]:
        """Where questions are asked today, each as often as its part of the work."""
        world, day = self.world, self.day
        locums = [
            account
            for number in world.agenda.locums.get(self.site.number, ())
            if (account := world.accounts[number - 1]).starts <= day < account.ends
        ]
        desks: list[Desk] = []
        for account in world.accounts_of(self.site.number):
            if account.usage in ("standard", "home-care") and account.part:
                part = account.part * (0.15 if locums else 1.0)
                mine = self._desks_of(account)
                desks += mine * max(1, round(part * 20 / len(mine)))
        for locum in locums:
            desks += self._desks_of(locum) * round(locum.part * 20)
        return desks

    def _desks_of(self, account: WorldAccount) -> list[Desk]:
        luck = self.chance.random()
        network = account.network(self.day)
        if luck < account.mobile or luck < self.world.honest.backup_network:
            network = 1 + int(self.chance.random() * 4) + self.site.where * 4 % MOBILE_NETWORKS
        return [
            (account.number, network, account.device(desk, self.day))
            for desk in range(account.desks)
        ]

    def _ask(self, visits: Sequence[Visit], desks: Sequence[Desk], read: float) -> None:
        """Questions about everybody who came; the loop that millions go through."""
        people, honest, practice = self.world.people, self.world.honest, self.practice
        moved, signed, residents = people.moved, people.signed, people.residents
        amcs, insurers, contracts = people.amcs, people.insurer, people.contract
        site, midnight, late = self.site.number, self.midnight, self.late
        opens, closes = self.spoilt
        typing, several = practice.typing, len(desks)
        families = practice.rhythm.families
        rare = families + honest.again_today
        draw, append, new = self.chance.random, self.found.append, tuple.__new__
        for second, who in visits:
            person = self._current(second, who, desks[0], read) if moved[who] else who
            desk = account, network, device = desks[int(draw() * several)]
            presence = LEGACY
            if signed[person]:
                presence = CARD if draw() < read else DECLARED
            at = midnight + int(second * 1e6)
            amc = amcs[insurers[person]]
            if presence is not CARD and (draw() < typing or opens <= second < closes):
                at = self._mistyped(at, person, presence, desk, spoilt=opens <= second < closes)
                if at == GIVEN_UP:
                    continue
            there = person
            if (person >= residents or amc in late) and self._not_in_feed(person, presence):
                there = NOBODY
            append(
                new(
                    Asked,
                    (at, site, account, there, amc, presence, contracts[person], network, device),
                )
            )
            if there < 0:
                self._insist(at, person, presence, desk)
            elif (luck := draw()) < rare:
                self._once_more(second, person, presence, desk, luck)

    def _put(
        self, at: int, whose: int, presence: Presence, desk: Desk, *, found: bool, contract: int = 0
    ) -> None:
        """One question about ``whose`` card; ``contract`` if it is not the one printed."""
        account, network, device = desk
        amc, person = self.world.people.amc(whose), whose if found else NOBODY
        contract = contract or self.world.people.contract[whose]
        self.found.append(
            Asked(at, self.site.number, account, person, amc, presence, contract, network, device)
        )

    def _current(self, second: float, who: int, desk: Desk, read: float) -> int:
        """Who this human is today; the old card may still come out first, and opens nothing."""
        people, honest = self.world.people, self.world.honest
        before = who
        while people.left[who] <= self.day:
            before, who = who, people.after[who]
        if before == who:
            return who
        recent = self.day - people.since[who] < 30
        if recent and self.chance.random() < honest.old_card_shown:
            presence = self._presence_of_old(before, read)
            at = self.midnight + int(max(0.0, second - 40) * 1e6)
            self._put(at, before, presence, desk, found=False)
        return who

    def _presence_of_old(self, person: int, read: float) -> Presence:
        if self.world.people.card_since[person] > self.day:
            return LEGACY
        return CARD if self.chance.random() < read else DECLARED

    def _not_in_feed(self, person: int, presence: Presence) -> bool:
        """Whether the feed is late: for somebody new, or for the card that is shown."""
        people = self.world.people
        if people.known[person] > self.day:
            return True
        share = self.late.get(people.amc(person), 0.0)
        # A renewed old card bears the same things as before, so it is found.
        return presence is not LEGACY and self.chance.random() < share

    def _mistyped(
        self, at: int, person: int, presence: Presence, desk: Desk, *, spoilt: bool
    ) -> int:
        """Type wrongly once or more; when it is right at last, or ``GIVEN_UP``."""
        chance, honest = self.chance, self.world.honest
        contract = self.world.people.contract[person]
        for _ in range(5):
            # The birth date is as often wrong as the number.
            wrong = contract if spoilt or chance.random() < 0.5 else _mangled(contract, chance)
            self._put(at, person, presence, desk, found=False, contract=wrong)
            if chance.random() > (SPOILT_RETRIED if spoilt else honest.retried):
                return GIVEN_UP
            at += int((12 + chance.random() * 35) * SECOND)
            if not spoilt and chance.random() < honest.retry_right:
                return at
        return GIVEN_UP

    def _insist(self, at: int, person: int, presence: Presence, desk: Desk) -> None:
        """The card is right and nobody is found: it is read again, or typed."""
        chance = self.chance
        for _ in range(2):
            if chance.random() < INSISTS:
                at += int((15 + chance.random() * 40) * SECOND)
                if presence is CARD and chance.random() < 0.5:
                    presence = DECLARED
                self._put(at, person, presence, desk, found=False)

    def _once_more(
        self, second: float, person: int, presence: Presence, desk: Desk, luck: float
    ) -> None:
        """Relatives in the same breath, or the same person again before the evening."""
        chance, people, honest = self.chance, self.world.people, self.world.honest
        if luck >= self.practice.rhythm.families:
            second = min(86_395.0, second + 60 + chance.expovariate(1 / 5400))
            at = self.midnight + int(second * 1e6)
            self._put(at, person, presence, desk, found=True)
            return
        for relative in people.household(person):
            if relative != person and chance.random() < honest.household:
                second = min(86_395.0, second + 15 + chance.random() * 40)
                at = self.midnight + int(second * 1e6)
                self._put(at, relative, presence, desk, found=True)


def _mangled(contract: int, chance: Random) -> int:
    """A contract number with one digit typed wrongly."""
    power: int = 10 ** int(chance.random() * 6)
    digit = contract // power % 10
    wrong = (digit + 1 + int(chance.random() * 9)) % 10
    return contract + (wrong - digit) * power
