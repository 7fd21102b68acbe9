"""Incidents in memory: the reference of ``SpokenWords`` and of ``Evidence``."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rempart.adapters.memory.claims import MemoryClaims
from rempart.adapters.memory.ledger import MemoryLedger
from rempart.domain.disclosure import Entry, EntryType, Outcome, Presence, decode
from rempart.domain.errors import TemporarilyUnavailable
from rempart.domain.lines import Code, codes_of
from rempart.domain.signs import Entered, seen_of
from rempart.domain.trace import NEVER
from rempart.usecases.claim_ports import Kept, Retold
from rempart.usecases.incident_ports import Billed, Named, Touched, Unanswered
from rempart.usecases.ports import Account, Registry

DECIDED = frozenset({EntryType.DECISION, EntryType.CONTAINMENT, EntryType.CUT_OFF})


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
        for stored in self.ledger.entries():
            if stored.body is not None and stored.detail is not None:
                entry = decode(stored.body)
                if entry.type in DECIDED:
                    yield stored.index, entry, stored.detail

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

    def asked(self, accounts: Sequence[int], since: int) -> Iterator[Entered]:
        """What these accounts asked, and canaries."""
        wanted = frozenset(accounts)
        for each in self._entered(since):
            seen = seen_of(each)
            account = None if seen is None else seen.account
            if account in wanted or each.entry.type is EntryType.CANARY:
                yield each

    def met(self, codes: Collection[Code], since: int, until: int) -> frozenset[int]:
        """Who asked by one of these."""
        asked = [seen_of(each) for each in self._entered(since) if each.entry.at <= until]
        wanted = frozenset(codes)
        return frozenset(s.account for s in asked if s is not None and codes_of(s.line) & wanted)

    def strangers(self, since: int, until: int, least: int) -> frozenset[int]:
        """Who asked about strangers on old cards."""
        counted = Counter(
            seen.account
            for each in self._entered(since)
            if each.entry.at <= until
            and (seen := seen_of(each)) is not None
            and not seen.repeat
            and (seen.presence, seen.first) == (Presence.LEGACY, NEVER)
        )
        return frozenset(account for account, count in counted.items() if count >= least)

    def _entered(self, since: int) -> Iterator[Entered]:
        for stored in self.ledger.entries():
            if stored.body is not None and (entry := decode(stored.body)).at >= since:
                assert stored.detail is not None, "both are erased together"
                yield Entered(stored.index, entry, stored.detail)

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
