"""Claims in memory: the reference of ``ClaimQueue`` and ``ClaimBook``, on one table."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rempart.adapters.memory.ledger import MemoryLedger
from rempart.domain.budget import DAY
from rempart.domain.cut_history import Span
from rempart.domain.disclosure import Entry, EntryType, decode
from rempart.domain.errors import TemporarilyUnavailable
from rempart.domain.ruling import Ruling
from rempart.usecases.claim_ports import (
    Biller,
    Decided,
    Kept,
    Place,
    Receipt,
    Ruled,
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
    """``certificates`` says who sends under which; ``a_day`` is what a site may send."""

    certificates: dict[bytes, Biller] = field(default_factory=dict, repr=False)
    a_day: int = 5_000
    down: bool = False
    kept: list[Kept] = field(default_factory=list, repr=False)
    rulings: dict[int, Ruled] = field(default_factory=dict, repr=False)
    decisions: dict[int, Decided] = field(default_factory=dict, repr=False)
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
                return _receipt(kept, self.rulings.get(number), self.decisions.get(number))
        today = sum(
            kept.biller.site == claim.biller.site and claim.received - kept.received < DAY
            for kept in self.kept
        )
        if today >= self.a_day:
            return None
        self.kept.append(claim)
        return _receipt(claim, None, None)

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

    def waiting(self, upto: int) -> Iterator[Waiting]:
        """Claims without a ruling."""
        for number, kept in enumerate(self.kept[:upto], start=1):
            if number not in self.rulings:
                yield Waiting(
                    number=number,
                    biller=kept.biller,
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

    def shown(self, shown: bytes) -> bool:
        """Whether a claim has been accepted on this card, site, domain and day."""
        return any(each.shown == shown for each in self.rulings.values())

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
        return count((each for r in self.rulings.values() for each in r.sold), sold, span)

    def sealed(self, number: int) -> tuple[bytes, Ruling | None] | None:
        """A claim, as it was kept, and its ruling."""
        if not 0 < number <= len(self.kept):
            return None
        ruled = self.rulings.get(number)
        return self.kept[number - 1].sealed, None if ruled is None else ruled.ruling

    def decide(self, decided: Decided) -> bool:
        """Keep a decision."""
        ruled = self.rulings.get(decided.claim)
        waits = ruled is not None and ruled.ruling is Ruling.PERSON
        if not waits or decided.claim in self.decisions:
            return False
        self.decisions[decided.claim] = decided
        return True


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


def _receipt(kept: Kept, ruled: Ruled | None, decided: Decided | None) -> Receipt:
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
        """What was decided about devices and cut-offs, and what was not opened."""
        for stored in self.kept.entries():
            if stored.body is not None and stored.detail is not None:
                entry = decode(stored.body)
                if entry.type in {EntryType.UNOPENED, EntryType.DECISION, EntryType.CUT_OFF}:
                    yield stored.index, entry, stored.detail

    def entry(self, index: int) -> StoredEntry | None:
        """One entry of the ledger."""
        return next(iter(self.kept.entries(index)), None)
