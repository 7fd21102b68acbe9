"""The insurers of the cut's town: cards as their files say, some of them over; every list."""

import io
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from rempart.bootstrap import lists
from rempart.bootstrap.insurer import InsurerFolder, member_file
from rempart.bootstrap.verifier import seconds_now, take_into
from rempart.config import Settings
from rempart.domain.coverage import Domain
from rempart.domain.hidden import Hidden
from rempart.domain.memberfile import Member, read_members
from rempart.drill.country import InsurerFile
from rempart.usecases.issue_cards import IssuedCard, first_day

OVER_ONE_IN = 100
"""Cards that have ended since they were printed: their row has left the file."""
TM = {f"{domain} TM": {"times": 5} for domain in ("PHAR", "SVIL", "LABO", "AUXM")}
ALL_100 = {"OPTI A": {"times": 2}, "AUDI A": {"times": 2}}
CLASS_B = {"OPTI B": {"times": 2, "most": 420_00}, "AUDI B": {"times": 2, "most": 1_400_00}}
PROFILES = ("0", "1", "2")
OLD = 55
"""From this age on people may need hearing aids."""
GUARANTEE_B = 2
"""Insurers that guarantee class B: the larger two of three."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Card(Hidden):
    """Somebody's card, as its insurer's file says: no code was read for it. ``over``: its insurer
    has ended it since; ``holder`` is the insurer's own reference: one may hold two.
    """

    code: str
    holder: str
    amc: str
    domains: frozenset[Domain]
    first: date
    last: date
    birth_year: int
    renewals: Mapping[Domain, date]
    over: bool

    def renews(self, domain: Domain, on: date) -> bool:
        """Whether its holder may buy glasses, or a hearing aid, that are due to be renewed."""
        fitted = domain is Domain.OPTI or on.year - self.birth_year >= OLD
        return self.first <= on <= self.last and fitted and self.renewals.get(domain, on) <= on

    def prints(self, domain: Domain, on: date) -> bool:
        """Whether its grid and its dates say so."""
        return domain in self.domains and self.first <= on <= self.last

    def stands(self, domain: Domain, on: date) -> bool:
        """Whether its insurer owes anything by it."""
        return self.prints(domain, on) and not self.over


@dataclass(slots=True)
class Insurers:
    """Their folders and files, in the order of their size."""

    settings: Settings
    files: Sequence[InsurerFile]
    folders: Mapping[str, InsurerFolder] = field(repr=False)

    def publish(self, today: date) -> list[Card]:
        """Issue everybody's card, end some, state guarantees, publish every list."""
        begin_lists(self.settings, self.files)
        cards: list[Card] = []
        for rank, file in enumerate(self.files):
            insurer = self.folders[file.insurer.amc]
            cards += self._issue(insurer, file, today)
            sales = TM | ALL_100 | (CLASS_B if rank < GUARANTEE_B else {})
            said = {"list_days": 7, "profile": dict.fromkeys(PROFILES, sales)}
            _, statement = insurer.guarantees(said, now=seconds_now() - 60, days=366)
            lists.carry(self.settings, statement)
        lists.publish(self.settings, days=30, turn=False)
        take = take_into(lists.published(self.settings))
        for file in self.files:
            take(self._status(file, seconds_now(), set(_left(file))), now=seconds_now())
        return cards

    def end(self, cards: Iterable[Card], *, now: int) -> None:
        """End these cards too: each insurer publishes a new list, at this second."""
        take, ended = take_into(lists.published(self.settings)), {each.holder for each in cards}
        for file in self.files:
            take(self._status(file, now, {*_left(file), *ended}), now=now)

    def _issue(self, insurer: InsurerFolder, file: InsurerFile, today: date) -> list[Card]:
        with member_file(file.path) as stream, insurer.cards(today) as issue:
            issued = list(issue(stream, rejected=lambda _: None))
        left, members = set(_left(file)), _members(file)
        return [
            card_of(each, members[each.reference], file.insurer.amc, over=each.reference in left)
            for each in issued
        ]

    def _status(self, file: InsurerFile, now: int, left: Container[str]) -> bytes:
        """Its list, made at this second: over are the cards of those who have left."""
        with file.path.open(encoding="utf-8") as stream:
            rows = [row for row in stream if row.split(";", 1)[0] not in left]
        with self.folders[file.insurer.amc].status(30 * 86_400) as make:
            data, _ = make(io.StringIO("".join(rows)), now=now, rejected=lambda _: None)
        return data


def begin_lists(settings: Settings, files: Sequence[InsurerFile]) -> None:
    """The operator's list key, and what insurers are called."""
    lists.begin(settings, "Rempart")
    for file in files:
        lists.name_insurer(settings, file.insurer.amc, file.insurer.name)


def card_of(issued: IssuedCard, member: Member, amc: str, *, over: bool) -> Card:
    """A card that was printed from this row."""
    first = first_day(member.rights.record, issued.until)
    assert first is not None, "no card is printed without a first day"
    return Card(
        code=issued.code,
        holder=issued.reference,
        amc=amc,
        domains=frozenset(domain for domain, _ in member.rights.record.domains),
        first=first,
        last=issued.until,
        birth_year=member.birth_date.year,
        renewals=member.guarantees.renewals,
        over=over,
    )


def _members(file: InsurerFile) -> dict[str, Member]:
    """What the file says, by reference."""
    with member_file(file.path) as stream:
        rows = read_members(stream, file.insurer.rule)
        return {row.reference.value: row for row in rows if isinstance(row, Member)}


def _left(file: InsurerFile) -> list[str]:
    """References of those who have left since their card was printed."""
    with file.path.open(encoding="utf-8") as stream:
        next(stream)
        return [row.split(";", 1)[0] for place, row in enumerate(stream) if not place % OVER_ONE_IN]
