"""Incidents in memory: the reference of ``SpokenWords`` and of ``Evidence``."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rempart.adapters.memory.claims import MemoryClaims
from rempart.adapters.memory.ledger import MemoryLedger
from rempart.adapters.memory.questions import MemoryTrail
from rempart.domain.disclosure import Entry, EntryType, Outcome, decode
from rempart.domain.errors import TemporarilyUnavailable
from rempart.domain.lines import Code
from rempart.domain.signs import Seen
from rempart.usecases.claim_ports import Kept, Retold
from rempart.usecases.incident_ports import Billed, Named, Touched, Unanswered
from rempart.usecases.ports import Account, Registry
from rempart.usecases.question_ports import ALWAYS, Range


@dataclass(slots=True)
class MemorySpoken:
    """A dictionary that only grows."""

    kept: dict[bytes, bytes] = field(default_factory=dict, repr=False)
    down: bool = False

    def put(self, digest: bytes, sealed: bytes) -> None:
        """Keep it."""
        if self.down:
            raise TemporarilyUnavailable("database unreachable")
        self.kept.setdefault(digest, sealed)

    def all(self) -> Iterator[tuple[bytes, bytes]]:
        """Everything."""
        yield from list(self.kept.items())


@dataclass(slots=True)
class MemoryEvidence:
    """A ledger, a registry and claims in memory."""

    ledger: MemoryLedger
    registry: Registry
    claims: MemoryClaims = field(default_factory=MemoryClaims)

    def decided(self) -> Iterator[tuple[int, Entry, bytes]]:
        """Decisions, moves of accounts and cut-offs."""
        return MemoryTrail(self.ledger.entries()).decided()

    def size(self) -> int:
        """How many entries there are."""
        return len(self.ledger.rows)

    def unanswered(self, first: int, end: int) -> Unanswered:
        """What was refused for a cut-off."""
        refused = [
            entry
            for stored in self.ledger.entries(first, end)
            if stored.body is not None
            and (entry := decode(stored.body)).type is EntryType.QUESTION
            and entry.outcome is Outcome.CUT_OFF
        ]
        return Unanswered(len(refused), len({entry.site for entry in refused}))

    def asked(self, accounts: Collection[int], since: int, until: int = ALWAYS) -> Iterator[Seen]:
        """What these accounts asked."""
        return MemoryTrail(self.ledger.entries()).asked(accounts, since, until)

    def canaries(self, since: int) -> frozenset[int]:
        """What was about nobody."""
        return MemoryTrail(self.ledger.entries()).canaries(since)

    def met(self, codes: Collection[Code], since: int, until: int) -> frozenset[int]:
        """Who asked by one of these."""
        return MemoryTrail(self.ledger.entries()).met(codes, since, until)

    def codes(self, accounts: Collection[int], since: int) -> Mapping[tuple[int, Code], bool]:
        """What these accounts asked by."""
        return MemoryTrail(self.ledger.entries()).codes(accounts, since)

    def strangers(self, since: int, until: int) -> Mapping[int, int]:
        """Who asked about strangers on old cards."""
        return MemoryTrail(self.ledger.entries()).strangers(since, until)

    def within(self, ranges: Sequence[Range]) -> MemoryTrail:
        """What was asked in these ranges alone."""
        return MemoryTrail(each for span in ranges for each in self.ledger.entries(*span))

    def accounts(self) -> Mapping[int, Named]:
        """Everybody who takes part."""
        registered = self.registry.read()
        everybody: list[Account] = [*registered.software.values(), *registered.people.values()]
        sites = {each.site: (each.number, each.kind.value) for each in registered.sites.values()}
        return {
            each.number: Named(each.number, each.name, each.site, *sites.get(each.site, (0, "")))
            for each in everybody
        }

    def billed(self, software: Sequence[int], since: int, until: int) -> list[Billed]:
        """Claims of these accounts."""
        found = []
        for number, kept in enumerate(self.claims.kept, start=1):
            if kept.biller.software in software and since <= kept.received <= until:
                ruled = self.claims.decisions.get(number) or self.claims.rulings.get(number)
                found.append(
                    Billed(
                        number,
                        kept.biller.software,
                        kept.use,
                        kept.received,
                        None if ruled is None else ruled.ruling,
                        0 if ruled is None else ruled.amount,
                    )
                )
        return found

    def touched(self, software: Sequence[int], since: int, until: int) -> list[Touched]:
        """Claims that these accounts have sent, or were told of."""
        found = []
        for number, kept in enumerate(self.claims.kept, start=1):
            if kept.biller.software not in software:
                continue
            told = tuple(
                each
                for each in self.claims.told
                if each.claim == number and since <= each.at <= until
            )
            if told or since <= kept.received <= until:
                found.append(self._touched(number, kept, told))
        return found

    def _touched(self, number: int, kept: Kept, told: tuple[Retold, ...]) -> Touched:
        ruled = self.claims.rulings.get(number)
        standing = self.claims.decisions.get(number) or ruled
        return Touched(
            number=number,
            software=kept.biller.software,
            use=kept.use,
            received=kept.received,
            sealed=kept.sealed,
            ruling=None if standing is None else standing.ruling,
            rule="" if ruled is None else ruled.rule,
            cents=0 if standing is None else standing.amount,
            told=told,
        )
