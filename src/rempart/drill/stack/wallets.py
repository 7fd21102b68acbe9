"""What people of the world have in their wallets, from insurers that know them by name and number.

Every person of the world is in a member file, so that whoever is asked about lies in the vault.
Cards are issued one by one, as they are shown: a wallet is opened when its owner comes.
"""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from rempart.adapters.memory.insurer import MemoryCardRegister
from rempart.adapters.system import SystemChance
from rempart.bootstrap.importer import platform_key
from rempart.bootstrap.insurer import InsurerFolder
from rempart.config import Settings
from rempart.domain.disclosure import Presence
from rempart.domain.identifiers import AMCNumber, MemberNumberRule
from rempart.domain.insurer import InsurerProfile
from rempart.domain.memberfile import COLUMNS
from rempart.drill.admission import admit, prepare, take_in
from rempart.drill.country import DELIMITER, member_file
from rempart.drill.formulas import SOLD
from rempart.drill.in_process import birth_date
from rempart.drill.landscape import World
from rempart.drill.population import NOBODY
from rempart.drill.software import PrintedCard
from rempart.drill.traffic import Asked
from rempart.usecases.issue_cards import IssueCards, IssuedCard
from rempart.usecases.make_locks import LockMaker

LONGEST = timedelta(days=500)
"""How long old cards are good for, and new ones."""
FORMULA = SOLD[1]
ALWAYS = date(2020, 1, 1)
CONVENTION = "SX"
NO_KEY = "00000000"
"""Typed where somebody has no printed key to type, and one is asked for."""


def join_insurers(world: World, settings: Settings) -> dict[int, InsurerFolder]:
    """Every insurer of the world, with its members in the vault."""
    today, members = world.date_of(0), _members(world)
    joined = {}
    for amc, people in sorted(members.items()):
        folder = settings.home / "insurers" / str(amc)
        insurer = admit(settings, folder, _profile(amc, settings, today))
        path = member_file(folder, str(amc))
        path.write_text(_file(world, people, today), "utf-8")
        feed = prepare(insurer, path, today=today, read=_ignore)
        take_in(settings, insurer, feed, taken=_ignore)
        joined[amc] = insurer
    return joined


def _ignore(rows: int) -> None:
    del rows


def _members(world: World) -> dict[int, list[int]]:
    people = world.people
    found: dict[int, list[int]] = {insurer.amc: [] for insurer in world.insurers}
    for person in range(len(people)):
        if people.left[person] > 0 and people.since[person] <= world.days:
            found[people.amc(person)].append(person)
    return found


def _profile(amc: int, settings: Settings, today: date) -> InsurerProfile:
    return InsurerProfile(
        amc=AMCNumber.parse(str(amc)),
        sandbox=True,
        member_number_rule=MemberNumberRule(),
        declared=True,
        legacy_until=today + LONGEST,
        platform=platform_key(settings),
    )


def _file(world: World, people: Iterable[int], today: date) -> str:
    """A member file, as an insurer would write it."""
    return "".join([_line(COLUMNS), *(_row(world, person, today) for person in people)])


def _row(world: World, person: int, today: date) -> str:
    signed = world.people.signed[person] == 1
    contract = str(world.people.contract[person])
    return _row_of(reference(person), contract, birth_date(person), today, number=int(signed))


def _row_of(name: str, contract: str, born: str, today: date, *, number: int) -> str:
    return _line(
        (
            *(name, contract, born, "1", f"{ALWAYS}/..@{ALWAYS}", FORMULA.code, FORMULA.domains),
            *("GROUP", "yes", f"{number}:{today + LONGEST}", CONVENTION, FORMULA.csr),
        )
    )


def _line(cells: Iterable[str]) -> str:
    return DELIMITER.join(cells) + "\n"


def reference(person: int) -> str:
    """How an insurer calls somebody."""
    return f"P{person:08d}"


@dataclass(slots=True)
class Wallets:
    """Cards, as they are shown."""

    world: World
    insurers: Mapping[int, InsurerFolder]
    _issue: dict[int, IssueCards] = field(default_factory=dict, repr=False)
    _makers: dict[int, LockMaker] = field(default_factory=dict, repr=False)
    _cards: dict[str, IssuedCard] = field(default_factory=dict, repr=False)

    def shown(self, asked: Asked) -> str | PrintedCard:
        """What a question brings: the code of a card, or the things printed on one."""
        if asked.presence is Presence.CARD:
            return self._card(asked).code
        key = ""
        if asked.presence is Presence.DECLARED:
            key = NO_KEY if asked.person == NOBODY else self._card(asked).printed_key
        return PrintedCard(
            amc=str(asked.amc),
            member_number=str(asked.contract),
            birth_date=birth_date(asked.person),
            birth_rank="1",
            printed_key=key,
        )

    def _card(self, asked: Asked) -> IssuedCard:
        """Somebody's card; of somebody whom no feed has named yet, where nobody is found."""
        name, born = reference(asked.person), birth_date(asked.person)
        if asked.person == NOBODY:
            name = f"LATE{asked.contract}"
        if (card := self._cards.get(name)) is None:
            row = _row_of(name, str(asked.contract), born, self.world.date_of(0), number=1)
            text = io.StringIO(_line(COLUMNS) + row)
            (card,) = self._issuer(asked.amc)(text, rejected=_refuse)
            self._cards[name] = card
        return card

    def handle(self, person: int) -> bytes:
        """How the platform knows somebody: their insurer's handle."""
        amc = self.world.people.amc(person)
        maker = self._makers.get(amc)
        if maker is None:
            insurer = self.insurers[amc]
            today = self.world.date_of(0)
            maker = LockMaker(insurer.profile, insurer.keys, SystemChance(), today)
            self._makers[amc] = maker
        return maker.handle(reference(person))

    def _issuer(self, amc: int) -> IssueCards:
        issue = self._issue.get(amc)
        if issue is None:
            insurer = self.insurers[amc]
            issue = self._issue[amc] = IssueCards(
                profile=insurer.profile,
                keys=insurer.keys,
                chance=SystemChance(),
                register=MemoryCardRegister(under_way=True),
                today=self.world.date_of(0),
            )
        return issue


def _refuse(fault: Exception) -> None:
    raise fault
