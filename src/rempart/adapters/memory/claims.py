"""Claims in memory: the reference of ``ClaimQueue`` and ``ClaimBook``, on one table."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from rempart.adapters.memory.ledger import MemoryLedger
from rempart.domain.budget import DAY
from rempart.domain.claim_decisions import ClaimDecision
from rempart.domain.cut_history import Span
from rempart.domain.disclosure import Entry, EntryType, decode
from rempart.domain.errors import TemporarilyUnavailable
from rempart.domain.ruling import Ruling
from rempart.domain.site import SiteKind
from rempart.usecases.claim_ports import (
    TOLD_TIMES,
    Agreement,
    Alike,
    Biller,
    Kept,
    Left,
    Place,
    Receipt,
    Retold,
    Ruled,
    Standing,
    Stood,
    Waiting,
)
from rempart.usecases.judge_undertakings import Sold, count
from rempart.usecases.ledger_view import StoredEntry


@dataclass(slots=True)
class MemorySales:
    """``Books.sales`` in a list."""

    sold: list[Sold] = field(default_factory=list, repr=False)

    def __call__(self, sold: Sold, span: Span) -> int:
        """How many of this card and kind were made within this cut."""
        return count(self.sold, sold, span)


@dataclass(slots=True)
class MemoryClaims:
    """``certificates`` says who sends under which, ``kinds`` what each site is; ``a_day`` is what a
    site may send.
    """

    certificates: dict[bytes, Biller] = field(default_factory=dict, repr=False)
    kinds: dict[int, SiteKind] = field(default_factory=dict, repr=False)
    a_day: int = 5_000
    down: bool = False
    kept: list[Kept] = field(default_factory=list, repr=False)
    rulings: dict[int, Ruled] = field(default_factory=dict, repr=False)
    decisions: dict[int, ClaimDecision] = field(default_factory=dict, repr=False)
    told: list[Retold] = field(default_factory=list, repr=False)
    _judging: bool = False

    async def biller(self, certificate: bytes) -> Biller | None:
        """Who may show this certificate."""
        self._check_up()
        return self.certificates.get(certificate)

    async def put(self, claim: Kept) -> Receipt | None:
        """Keep a claim, or find what stands under its number."""
        self._check_up()
        for number, kept in enumerate(self.kept, start=1):
            if (kept.biller.software, kept.key) == (claim.biller.software, claim.key):
                receipt = _receipt(kept, self.rulings.get(number), self.decisions.get(number))
                return self._retold(number, claim, receipt)
        today = sum(
            kept.biller.site == claim.biller.site and claim.received - kept.received < DAY
            for kept in self.kept
        )
        if today >= self.a_day:
            return None
        self.kept.append(claim)
        return _receipt(claim, None, None)

    def _retold(self, number: int, claim: Kept, receipt: Receipt) -> Receipt | None:
        """What is told of a claim that was there, and its trace; of another one, nothing is."""
        if receipt.digest != claim.digest:
            return receipt
        today = sum(
            self.kept[each.claim - 1].biller.software == claim.biller.software
            and claim.received - each.at < DAY
            for each in self.told
        )
        if today >= TOLD_TIMES * self.a_day:
            return None
        self.told.append(Retold(number, claim.received, receipt.ruling))
        return receipt

    async def ready(self) -> bool:
        """Whether it could keep a claim now."""
        return not self.down

    def _check_up(self) -> None:
        if self.down:
            raise TemporarilyUnavailable("database unreachable")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else judges meanwhile."""
        if self._judging:
            raise TemporarilyUnavailable("somebody else judges claims")
        self._judging = True
        try:
            yield
        finally:
            self._judging = False

    def newest(self) -> int:
        """Number of the last claim that came."""
        return len(self.kept)

    def last_ruled(self) -> int:
        """Number of the last claim that was ruled on."""
        return max(self.rulings, default=0)

    def waiting(self, upto: int) -> Iterator[Waiting]:
        """Claims without a ruling."""
        for number, kept in enumerate(self.kept[:upto], start=1):
            if number not in self.rulings:
                yield Waiting(
                    number=number,
                    biller=kept.biller,
                    kind=self.kinds.get(kept.biller.site),
                    received=kept.received,
                    sealed=kept.sealed,
                )

    def keep(self, rulings: Sequence[Ruled]) -> None:
        """Keep rulings."""
        together = {**self.rulings}
        for each in rulings:
            assert 0 < each.claim <= len(self.kept), "there is no such claim"
            assert each.claim not in together, "a claim is ruled on once"
            taken = {key for other in together.values() for key in _uses(other)}
            assert taken.isdisjoint(_uses(each)), "what is used up is used up once"
            together[each.claim] = each
        self.rulings = together

    def billed(self, disclosure: int) -> bool:
        """Whether a claim has been accepted on this answer."""
        return any(each.disclosure == disclosure for each in self.rulings.values())

    def agreed(self, disclosure: int) -> Agreement | None:
        """The last request on this answer that was decided on, else the last one."""
        asked = [n for n, each in self.rulings.items() if each.asks == disclosure]
        if not asked:
            return None
        last = max(asked, key=lambda number: (number in self.decisions, number))
        standing = self.decisions.get(last, self.rulings[last])
        return Agreement(
            claim=last,
            ruling=standing.ruling,
            amount=standing.amount,
            followed=any(each.follows in asked for each in self.rulings.values()),
        )

    def same_care(self, cares: Sequence[bytes], *, on_cards: bool, limit: int) -> list[Alike]:
        """The first claims for one of these that were accepted or wait for a person."""
        found = [
            Alike(number, self.kept[number - 1].sealed, self.decisions.get(number, each).amount)
            for number, each in sorted(self.rulings.items())
            if not {*each.cares}.isdisjoint(cares)
            and not (on_cards and each.answered)
            and (number not in self.decisions or self.decisions[number].accepted)
        ]
        return found[:limit]

    def head(self, device: bytes) -> bytes | None:
        """The sealed claim that took the last place in a device's chain."""
        taken = [each for each in self.rulings.values() if device and each.device == device]
        if not taken:
            return None
        last = max(taken, key=lambda each: each.link)
        return self.kept[last.claim - 1].sealed

    def place(self, device: bytes, link: int) -> Place | None:
        """Who took this place in a device's chain."""
        for each in self.rulings.values():
            if (each.device, each.link) == (device, link):
                followed = any(other.follows == each.claim for other in self.rulings.values())
                standing = self.decisions.get(each.claim, each)
                return Place(
                    digest=each.digest,
                    claim=each.claim,
                    use=self.kept[each.claim - 1].use,
                    ruling=standing.ruling,
                    amount=standing.amount,
                    followed=followed,
                )
        return None

    def sales(self, sold: Sold, span: Span) -> int:
        """How many sales of this card and kind were accepted within this span."""
        accepted = {
            (ruled.follows or number, each)
            for number, ruled in self.rulings.items()
            if self.decisions.get(number, ruled).ruling is Ruling.HONOURED
            for each in ruled.sold
        }
        return count((each for _, each in accepted), sold, span)

    def find(self, number: int) -> Standing | None:
        """A claim, if there is one of this number."""
        if not 0 < number <= len(self.kept):
            return None
        kept, ruled = self.kept[number - 1], self.rulings.get(number)
        return Standing(
            software=kept.biller.software,
            sealed=kept.sealed,
            ruling=None if ruled is None else ruled.ruling,
            decision=self.decisions.get(number),
            alike=self._alike(number),
        )

    def _alike(self, number: int) -> tuple[int, ...]:
        cares = {*self.rulings[number].cares} if number in self.rulings else set()
        return tuple(
            other
            for other, each in sorted(self.rulings.items())
            if other != number and not cares.isdisjoint(each.cares)
        )

    def decide(self, number: int, decision: ClaimDecision) -> bool:
        """Keep a decision."""
        left = {each.number for each in self.left()}
        if number not in left or decision.claim in self.decided():
            return False
        self.decisions[number] = decision
        return True

    def decided(self) -> set[bytes]:
        """The tags of claims on which a decision is kept."""
        return {each.claim for each in self.decisions.values()}

    def left(self) -> Iterator[Left]:
        """Claims on which a person has still to decide."""
        for number, ruled in list(self.rulings.items()):
            if ruled.ruling is Ruling.PERSON and number not in self.decisions:
                kept = self.kept[number - 1]
                yield Left(number, kept.biller.software, kept.sealed)

    @contextmanager
    def at_one_moment(self) -> Iterator[tuple[int, Iterator[Stood]]]:
        """How many claims there are, and each of them once."""
        everything = [self._stood(number) for number in range(1, len(self.kept) + 1)]
        yield len(self.kept), iter(everything)

    def _stood(self, number: int) -> Stood:
        kept, ruled = self.kept[number - 1], self.rulings.get(number)
        stood = Stood(
            number=number,
            software=kept.biller.software,
            use=kept.use,
            received=kept.received,
            sealed=kept.sealed,
        )
        if ruled is None:
            return stood
        standing = self.decisions.get(number, ruled)
        before = ruled if ruled.follows is None else self.rulings[ruled.follows]
        return replace(
            stood,
            ruling=standing.ruling,
            rule=ruled.rule,
            why=ruled.why,
            amount=standing.amount,
            ended_since=ruled.ended_since or before.ended_since,
            decision=self.decisions.get(number),
        )


def _uses(ruled: Ruled) -> Iterator[tuple[str, object]]:
    """What a ruling uses up."""
    if ruled.disclosure is not None:
        yield "disclosure", ruled.disclosure
    if ruled.device:
        yield "link", (ruled.device, ruled.link)
    if ruled.follows is not None:
        yield "follows", ruled.follows
    if ruled.shown:
        yield "shown", ruled.shown


def _receipt(kept: Kept, ruled: Ruled | None, decided: ClaimDecision | None) -> Receipt:
    if ruled is None:
        return Receipt(received=kept.received, digest=kept.digest)
    standing = decided or ruled
    return Receipt(
        received=kept.received,
        digest=kept.digest,
        ruling=standing.ruling,
        rule=ruled.rule,
        amount=standing.amount,
    )


@dataclass(slots=True)
class MemoryJudgeLedger:
    """A ledger in memory, as the judge reads it."""

    kept: MemoryLedger

    def decisions(self) -> Iterator[tuple[int, Entry, bytes]]:
        """What was decided about devices, cut-offs and claims, and what was not opened."""
        for stored in self.kept.entries():
            if stored.body is not None and stored.detail is not None:
                entry = decode(stored.body)
                if entry.type in {EntryType.UNOPENED, EntryType.DECISION, EntryType.CUT_OFF}:
                    yield stored.index, entry, stored.detail

    def entry(self, index: int) -> StoredEntry | None:
        """One entry of the ledger."""
        return next(iter(self.kept.entries(index)), None)
