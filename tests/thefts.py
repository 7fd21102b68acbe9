"""A ledger with a past, owners at work, a thief among them, and who was truly read by him."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

from rempart.adapters.memory.incidents import MemoryEvidence
from rempart.domain.budget import DAY
from rempart.domain.containment import Authority, Stage, Why
from rempart.domain.disclosure import (
    NOBODY,
    EntryType,
    Fields,
    Outcome,
    Presence,
    QuestionDetail,
    decode,
    encode_codes,
    period_of,
)
from rempart.domain.finding import Finding
from rempart.domain.guard import Move
from rempart.domain.incident import Incident, Incidents
from rempart.domain.scope import Asked, Scope, Verdict, Who, scope_of
from rempart.domain.signs import Entered, seen_of
from rempart.domain.trace import NEVER, Order
from rempart.usecases.propose_finding import ProposedFinding, ProposeFinding
from tests.ledgers import START, MemoryLedger, made, pseudonym

MINUTE = 60_000_000
HOUR = 60 * MINUTE
LIFE = 5 * MINUTE
TODAY = START + 28 * DAY
"""Midnight of the day of the theft."""
OPEN = 9 * HOUR
AMC = 12345678


@dataclass
class Story:
    """What is told is appended at once; ``read`` are those whom the thief truly read."""

    seed: int = 0
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    read: set[Who] = field(default_factory=set)
    told: list[tuple] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)

    # What is to be asked, in any order; ``write`` puts it in order.

    def ask(
        self,
        at: int,
        account: int,
        person: object,
        *,
        presence: Presence = Presence.CARD,
        device: int = 0,
        network: int = 0,
        session: object = None,
        first: int = NEVER,
        proved: int = NEVER,
        outcome: Outcome = Outcome.OPENED,
        thief: bool = False,
        order: Order = Order.NONE,
    ) -> None:
        device, network = device or 1000 + account, network or 2000 + account
        session = (device, network, at // LIFE) if session is None else session
        fields = {
            "at": at,
            "type": EntryType.QUESTION,
            "person": NOBODY if person is None else pseudonym("person", person),
            "account": pseudonym("account", account),
            "site": pseudonym("site", account),
            "session": pseudonym("session", account, session),
            "amc": AMC,
            "domain": 1,
            "presence": presence,
            "outcome": outcome,
            "fields": Fields.RIGHTS if outcome is Outcome.OPENED else Fields.NONE,
        }
        detail = QuestionDetail(
            *(pseudonym(at, account, each) for each in range(3)),
            software=account,
            site=account,
            kind=1,
            order=order,
            network=network,
            device=device,
            first=first,
            proved=proved,
        ).encode()
        self.told.append((at, len(self.told), fields, detail))
        if thief and outcome is Outcome.OPENED:
            self.read.add(Who(period_of(at), AMC, fields["person"]))

    def move(self, at: int, account: int, stage: Stage, why: Why, **more: object) -> None:
        fields = {"authority": Authority.GUARD, "current": Stage.NORMAL} | more
        move = Move(account, target=stage, why=why, **fields)
        detail = encode_codes(move.codes(site=account, at=at), salt=pseudonym("move", at, account))
        kind = {"at": at, "type": EntryType.CONTAINMENT}
        self.told.append((at, len(self.told), kind, detail))

    def freeze(self, at: int, account: int, why: Why = Why.INSISTED) -> None:
        self.move(at - 1, account, Stage.NARROWED, Why.STRANGERS)
        self.move(at, account, Stage.FROZEN, why, current=Stage.NARROWED)

    def give_back(self, at: int, account: int, **more: object) -> None:
        """An officer has looked: from frozen to normal, a step at a time."""
        said = {"authority": Authority.OFFICER, "by": "omar"} | more
        steps = (Stage.FROZEN, Stage.NARROWED, Stage.WATCHED, Stage.NORMAL)
        for current, target in pairwise(steps):
            self.move(at, account, target, Why.REVIEWED, current=current, **said)

    # Habits.

    def work(self, account: int, since: int, until: int, *, every: int = 6, **more: object) -> None:
        """Honest work: cards of regulars mostly, some typed, and one in twenty-five a stranger."""
        at = since + self.chance.randrange(every * MINUTE)
        while at < until:
            person, dice = (account, self.chance.randrange(60)), self.chance.random()
            if dice < 0.7:
                self.ask(at, account, person, first=200, proved=20, **more)
            elif dice < 0.85:
                known = {"presence": Presence.KNOWN, "first": 200, "proved": 20}
                self.ask(at, account, person, **known, **more)
            elif dice < 0.92:
                self.ask(at, account, (account, at), **more)
            elif dice < 0.96:
                self.ask(at, account, person, presence=Presence.LEGACY, first=90, **more)
            else:
                self.ask(at, account, (account, at), presence=Presence.LEGACY, **more)
            at += int(every * MINUTE * (0.3 + 1.4 * self.chance.random()))

    def past(self, *accounts: int, days: int = 21, hours: int = 9) -> None:
        for account in accounts:
            for day in range(1, days + 1):
                opens = TODAY - day * DAY + OPEN
                self.work(account, opens, opens + hours * HOUR, every=25)

    def steal(
        self,
        account: int,
        since: int,
        people: int,
        *,
        every: int = MINUTE,
        home: bool = False,
        **more: object,
    ) -> int:
        """A list is gone through; the moment after the last of it. ``home``: each time somebody
        who is at home there goes before.
        """
        at = since
        for nth in range(people):
            stale = self.chance.random() < 0.2 and nth > 0
            shown = {"presence": Presence.LEGACY, "thief": True} | more
            if home:
                here = {"presence": Presence.KNOWN, "proved": 20} if nth % 2 else {}
                person = account, self.chance.randrange(60)
                self.ask(at, account, person, **(shown | {"first": 200} | here))
                at += every
            if stale:
                self.ask(at, account, None, **(shown | {"outcome": Outcome.MISSED}))
            else:
                self.ask(at, account, ("loot", account, since, nth), **shown)
            at += every
        return at

    # What comes of it.

    def write(self) -> None:
        for at, _, fields, detail in sorted(self.told, key=lambda each: each[:2]):
            del at
            self.ledger.append(made(len(self.ledger.rows), detail, **fields), detail)
        self.told.clear()

    def entries(self) -> list[Entered]:
        self.write()
        return [Entered(r.index, decode(r.body), r.detail) for r in self.ledger.rows]

    def incidents(self) -> list[Incident]:
        incidents = Incidents()
        for each in self.entries():
            incidents.absorb(*each)
        return [*incidents.all()]

    def incident(self) -> Incident:
        (incident,) = self.incidents()
        return incident

    def propose(
        self, incident: Incident | None = None, *, now: int = TODAY + DAY
    ) -> ProposedFinding:
        incident = incident or self.incident()
        return ProposeFinding(MemoryEvidence(self.ledger, None))(incident, now=now)

    def scope(self, finding: Finding) -> Scope:
        """Who is in which part, by the reference; refused where it contradicts the ledger."""
        finding.check(TODAY + 2 * DAY)
        asked = []
        for each in self.entries():
            seen = seen_of(each)
            number = 0 if seen is None else seen.account
            asked.append(Asked(each.ref, each.entry, number))
        return scope_of(asked, finding)


def part(scope: Scope, verdict: Verdict) -> set[Who]:
    return {who for who, facts in scope.people.items() if facts.verdict is verdict}
