"""What the intake of claims, and their judgement, need of the world."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from rempart.domain.claim import Use
from rempart.domain.claim_decisions import ClaimDecision
from rempart.domain.cut_history import Span
from rempart.domain.ruling import Ruling
from rempart.domain.site import SiteKind
from rempart.usecases.judge_undertakings import Sold


class Biller(NamedTuple):
    """Who sends claims, as the registry knows their certificate: the numbers of the software and of
    its site, the code of its product and release.
    """

    software: int
    site: int
    product: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A claim as the intake keeps it; ``key`` and ``digest`` are SHA-256 (of its number, and of
    everything in it), ``sealed`` is for whoever judges and for nobody else; ``received`` is when it
    came, in microseconds, by the intake's clock.
    """

    biller: Biller
    use: Use
    received: int
    key: bytes = field(repr=False)
    digest: bytes = field(repr=False)
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What stands under a claim's number: since when (microseconds), and what became of it.

    ``digest`` is that of the claim which stands there, this one or another; ``amount`` in cents.
    """

    received: int
    digest: bytes = field(repr=False)
    ruling: Ruling | None = None
    rule: str = ""
    amount: int = 0


TOLD_TIMES = 10
"""How often a software may have itself told in a day, for each claim that its site may send."""


class Retold(NamedTuple):
    """A claim was sent again, and its sender told where it stood: when, in microseconds."""

    claim: int
    at: int
    ruling: Ruling | None = None


class ClaimQueue(Protocol):
    """Where claims wait, as the intake sees it: it adds, and reads none.

    Every implementation promises, and ``tests/spec/test_claims.py`` checks: what ``put`` has
    returned from is durable; one claim a software and number, whatever comes at once; whoever is
    told where a claim stands that was there already, as it is, leaves its trace (``Retold``) first.

    Trust: none for secrecy (claims are sealed); it can lose what it holds.
    """

    async def biller(self, certificate: bytes) -> Biller | None:
        """Who may show this certificate (its SHA-256), if anybody.

        Raises:
            TemporarilyUnavailable: nothing was read.
        """
        ...

    async def put(self, claim: Kept) -> Receipt | None:
        """Keep a claim, or find what stands under its number; none: the site has sent as many
        within a day as a site may, or has had itself told ten times as often.

        Raises:
            TemporarilyUnavailable: whether it was kept is unknown; send it again.
        """
        ...

    async def ready(self) -> bool:
        """Whether it could keep a claim now, in a bounded time. Never raises, and keeps none: a
        disk that is full shows at the first claim.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A claim that waits to be judged; ``received`` in microseconds, ``kind`` is what its site is
    now, by the registry; none where that knows it no more.
    """

    number: int
    biller: Biller
    kind: SiteKind | None = None
    received: int
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """A ruling as it is kept: ``amount`` is what is owed, in cents; ``why`` says more than the
    rule, for whoever reconciles.

    ``disclosure`` is the answer that is used up by it; ``asks`` the answer that a request for an
    agreement rests on, which uses it not up; ``device``, ``link`` and ``digest`` the
    place in a device's chain that is taken by it, whatever the ruling; ``follows`` the request for
    an agreement that took that place before it; ``sold`` what it counts as, once a person has
    accepted it where it was left to one; ``shown`` stands for
    one site, card, day and invoice (SHA-256), which are billed once; ``ended_since`` says
    that the card has ended since it was verified, which the insurer bears. ``cares`` stand for
    whom, which domain and which day (SHA-256 each); ``answered``: on an answer, else on a card.
    """

    claim: int
    ruling: Ruling
    rule: str = ""
    why: str = ""
    amount: int = 0
    disclosure: int | None = None
    asks: int | None = None
    device: bytes = field(default=b"", repr=False)
    link: int = 0
    digest: bytes = field(default=b"", repr=False)
    follows: int | None = None
    shown: bytes = field(default=b"", repr=False)
    ended_since: bool = False
    sold: tuple[Sold, ...] = field(default=(), repr=False)
    cares: tuple[bytes, ...] = field(default=(), repr=False)
    answered: bool = False


class Alike(NamedTuple):
    """A claim that was ruled on, for the same person, domain and day as another: its number, what
    was sealed, what is owed (cents).
    """

    claim: int
    sealed: bytes
    owed: int

    def __repr__(self) -> str:
        return f"Alike({self.claim})"


class Left(NamedTuple):
    """A claim that was left to a person, and on which nobody has decided: its number, the number of
    the software that sent it, what was sealed.
    """

    number: int
    software: int
    sealed: bytes

    def __repr__(self) -> str:
        return f"Left({self.number})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A claim as it was kept, by its software's number: its ruling, what a person decided, and the
    numbers of other claims for the same person, domain and day.
    """

    software: int
    sealed: bytes = field(repr=False)
    ruling: Ruling | None = None
    decision: ClaimDecision | None = None
    alike: tuple[int, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a device's chain that is taken: by which undertaking (SHA-256) and claim, and what
    was ruled; ``followed`` says that a claim has followed the request for an agreement.
    """

    digest: bytes = field(repr=False)
    claim: int
    use: Use
    ruling: Ruling
    amount: int
    followed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A request for an agreement on an answer (its claim), as it stands; ``followed`` says that a
    claim has followed one on this answer.
    """

    claim: int
    ruling: Ruling
    amount: int = 0
    followed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stood:
    """A claim as it stands, by its software's number; ``received`` in microseconds. ``ruling`` and
    ``amount`` (cents) are a person's where one has decided (``decision``), and ``rule`` and ``why``
    are why it was left to them. ``ended_since`` is also that of the request for an agreement which
    it followed.
    """

    number: int
    software: int
    use: Use
    received: int
    sealed: bytes = field(repr=False)
    ruling: Ruling | None = None
    rule: str = ""
    why: str = ""
    amount: int = 0
    ended_since: bool = False
    decision: ClaimDecision | None = None


class ClaimsToReconcile(Protocol):
    """Claims and rulings as whoever reconciles sees them."""

    def newest(self) -> int:
        """Number of the last claim that came."""
        ...

    def last_ruled(self) -> int:
        """Number of the last claim that was ruled on; 0 where none was."""
        ...

    def waiting(self, upto: int) -> Iterator[Waiting]:
        """Claims without a ruling, in the order in which they came, up to a number."""
        ...

    def head(self, device: bytes) -> bytes | None:
        """The sealed claim that took the last place in a device's chain, if any is taken."""
        ...

    def at_one_moment(self) -> AbstractContextManager[tuple[int, Iterator[Stood]]]:
        """How many claims there are, and each of them once, in the order of their numbers: all as
        they stood at one moment.
        """
        ...


class ClaimsForAPerson(Protocol):
    """Claims and rulings as whoever decides sees them.

    Every implementation promises, and ``tests/spec/test_claims.py`` checks: a claim is decided on
    once, and only where it was left to a person.
    """

    def find(self, number: int) -> Standing | None:
        """A claim, if there is one of this number."""
        ...

    def decide(self, number: int, decision: ClaimDecision) -> bool:
        """Keep what the ledger says was decided, durably; whether there was one to take."""
        ...


class ClaimBook(ClaimsForAPerson, ClaimsToReconcile, Protocol):
    """Claims as whoever judges them sees them.

    Every implementation promises, and ``tests/spec/test_claims.py`` checks: one judge at a time;
    a claim is ruled on once; an answer, and a place in a chain, serve one claim.

    Trust: whoever writes here decides what is owed.
    """

    def alone(self) -> AbstractContextManager[None]:
        """Nobody else judges meanwhile.

        Raises:
            TemporarilyUnavailable: somebody does.
        """
        ...

    def keep(self, rulings: Sequence[Ruled]) -> None:
        """Keep rulings, all or none, durably."""
        ...

    def billed(self, disclosure: int) -> bool:
        """Whether a claim has been accepted on this answer, or is one care with another."""
        ...

    def agreed(self, disclosure: int) -> Agreement | None:
        """The last request for an agreement on this answer that a person has decided on; else the
        last one, if there is any.
        """
        ...

    def same_care(self, cares: Sequence[bytes], *, on_cards: bool, limit: int) -> list[Alike]:
        """The first claims for one of these, each once, that were accepted or wait for a person; or
        those of them that rest on a card.
        """
        ...

    def place(self, device: bytes, link: int) -> Place | None:
        """Who took this place in a device's chain, if it is taken."""
        ...

    def sales(self, sold: Sold, span: Span) -> int:
        """How many sales of this card and kind were accepted within this span, by the judge or by a
        person, its clocks' skew counted in; a claim and the request that it follows are one.
        """
        ...

    def decided(self) -> set[bytes]:
        """The tags of claims on which a decision is kept."""
        ...

    def left(self) -> Iterator[Left]:
        """Claims on which a person has still to decide."""
        ...
