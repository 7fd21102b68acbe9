"""Cut-offs: switches that stop one thing and leave the others standing, folded from the ledger.

* Anything is cut by one person, at once; what is widest is opened again by two.
* The guard cuts where it has frozen, never wider than one site or one software: a thief who can
  make it freeze must not make it cut an insurer.
* A cut-off begins and ends at its moments, whoever is at work then; clearing one ends it at once.
* Each is an entry of the ledger, and its number is that entry's: ``ref``.

The law of the guard's own: it cuts a site, or a software (a product and its release), once so many
of its accounts, and such a share of them, were frozen by the guard within the hour. So whoever
steals accounts to have others cut takes down at most three honest accounts a stolen one at a site,
and one a stolen one among a product's. An honest account is meant to be
narrowed less than once in 10,000 account-months: three of one site frozen within an hour is then no
chance, but one hand.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rempart.domain.budget import DAY
from rempart.domain.containment import Authority
from rempart.domain.cutoff_words import NARROW, ORDER_SIZE, TAKES_TWO, CutWhy, Scope
from rempart.domain.disclosure import CITES_NOTHING, Codes, Entry, EntryType, Presence, decode_codes
from rempart.domain.errors import ForbiddenTransition, MalformedIdentifier

HOUR = DAY // 24
"""Microseconds."""


MAY_CUT: Mapping[Authority, frozenset[Scope]] = {
    # Of an account, the guard's cut is a stage: frozen.
    Authority.GUARD: NARROW,
    Authority.OWNER: frozenset(),
    Authority.OFFICER: frozenset(Scope),
    Authority.ALERT: frozenset(),
}


class Share(NamedTuple):
    """When the guard cuts together: so many frozen within the hour, and one in so many."""

    least: int
    one_in: int


TOGETHER: Mapping[Scope, Share] = {
    # A quarter of a site: at most three honest accounts a stolen one.
    Scope.SITE: Share(3, 4),
    # A product may have thousands of sites, and a bad release makes honest ones miss.
    Scope.SOFTWARE: Share(10, 2),
}
GUARDS_CUT_FOR = DAY
"""Microseconds: until somebody has looked. What is frozen stays frozen longer."""

Key = tuple[Scope, int]
"""What is cut: its scope, and its number there."""
EVERYTHING = 0
"""The number of what is one of a kind: the rights service, the platform."""


class Subject(NamedTuple):
    """Who asks what, as numbers; 0 where there is none."""

    account: int = 0
    site: int = 0
    software: int = 0
    channel: int = 0
    amc: int = 0
    presence: Presence = Presence.NONE


def keys_of(subject: Subject) -> Iterator[Key]:
    """Every cut-off that would stop a question of rights."""
    for scope, number in zip(Scope, subject, strict=False):
        if number:
            yield scope, number
    yield Scope.RIGHTS, EVERYTHING
    yield Scope.PLATFORM, EVERYTHING


def keys_of_caller(subject: Subject) -> Iterator[Key]:
    """Every cut-off that would stop its caller from doing anything at all.

    Staff comes in by no way that is cut: somebody must open again.
    """
    if not subject.channel:
        yield Scope.ACCOUNT, subject.account
        return
    for scope, number in zip(Scope, subject[:4], strict=False):
        if number:
            yield scope, number
    yield Scope.PLATFORM, EVERYTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOff:
    """One cut-off. Times in microseconds; ``until`` is excluded, 0 until it is cleared.

    ``order`` names one that may come again, in a file that was left while no vault answered.
    """

    scope: Scope
    number: int
    since: int
    until: int
    why: CutWhy
    authority: Authority
    by: str = field(default="", repr=False)
    order: bytes = field(default=b"", repr=False)
    ref: int = -1

    @property
    def key(self) -> Key:
        """What it stops."""
        return self.scope, self.number

    def stands(self, now: int) -> bool:
        """Whether it holds at this moment."""
        return self.since <= now and (not self.until or now < self.until)

    def is_over(self, now: int) -> bool:
        """Whether its end has passed."""
        return 0 < self.until <= now

    def check(self, now: int) -> None:
        """Return if it may be set.

        Raises:
            ForbiddenTransition: not on this authority.
            MalformedIdentifier: it names nothing, or ends before it begins.
        """
        if self.scope not in MAY_CUT[self.authority]:
            raise ForbiddenTransition("the guard cuts a site or a software, never more")
        if (self.number == EVERYTHING) is not (self.scope in TAKES_TWO):
            raise MalformedIdentifier("what", "names nothing that this scope cuts")
        if len(self.order) not in {0, ORDER_SIZE}:
            raise MalformedIdentifier("order", "expected 16 bytes, or none")
        if self.until and self.until <= max(self.since, now):
            raise MalformedIdentifier("until", "it would be over before it begins")

    def codes(self) -> Codes:
        """As it stands in the ledger."""
        codes: Codes = {
            "cut": self.scope.value,
            "what": self.number,
            "since": self.since,
            "until": self.until,
            "why": self.why.value,
            "authority": self.authority.value,
            "by": self.by,
        }
        return {**codes, "order": self.order} if self.order else codes

    @classmethod
    def from_codes(cls, ref: int, codes: Codes) -> "CutOff":
        """Read ``codes`` back."""
        order = codes.get("order", b"")
        assert isinstance(order, bytes), "codes of ours"
        return cls(
            scope=Scope(int(codes["cut"])),
            number=int(codes["what"]),
            since=int(codes["since"]),
            until=int(codes["until"]),
            why=CutWhy(int(codes["why"])),
            authority=Authority(int(codes["authority"])),
            by=str(codes["by"]),
            order=order,
            ref=ref,
        )


def cleared_codes(by: str) -> Codes:
    """What an entry that clears says; it cites the one that it clears."""
    return {"cleared": 1, "by": by}


Standing = Mapping[int, CutOff]


@dataclass(slots=True)
class CutOffs:
    """The fold: what is cut, by ``ref``. ``generation`` moves with every change, and never back.

    What is over by its own time is dropped when the next entry comes.
    """

    standing: Standing = field(default_factory=dict)
    generation: int = 0
    _by_key: Mapping[Key, tuple[CutOff, ...]] = field(
        default_factory=dict, repr=False, compare=False
    )
    _before: tuple[Standing, int] | None = field(default=None, repr=False, compare=False)

    def absorb(self, index: int, entry: Entry, detail: bytes) -> None:
        """Take in an entry of the ledger."""
        if entry.type is not EntryType.CUT_OFF:
            return
        if self._before is None:
            self._before = self.standing, self.generation
        codes = decode_codes(detail)
        left = {ref: cut for ref, cut in self.standing.items() if not cut.is_over(entry.at)}
        if entry.cites == CITES_NOTHING:
            left[index] = CutOff.from_codes(index, codes)
        else:
            left.pop(entry.cites, None)
        self._take(left, self.generation + 1)

    def over(self, keys: Iterator[Key], now: int) -> CutOff | None:
        """The cut-off that holds any of these longest, if one does."""
        if not self._by_key:
            return None
        found = [cut for key in keys for cut in self._by_key.get(key, ()) if cut.stands(now)]
        return max(found, key=lasting, default=None)

    def find(self, ref: int, now: int) -> CutOff:
        """The one of this number.

        Raises:
            MalformedIdentifier: there is none, any more.
        """
        cut = self.standing.get(ref)
        if cut is None or cut.is_over(now):
            raise MalformedIdentifier("ref", "no cut-off has this number, or it is over")
        return cut

    def ordered(self, order: bytes) -> CutOff | None:
        """The one that this very order has set, if it has."""
        found = (cut for cut in self.standing.values() if cut.order == order)
        return next(found, None) if order else None

    def _take(self, standing: Standing, generation: int) -> None:
        by_key: dict[Key, tuple[CutOff, ...]] = {}
        for cut in standing.values():
            by_key[cut.key] = (*by_key.get(cut.key, ()), cut)
        self.standing, self.generation, self._by_key = standing, generation, by_key

    def mark(self) -> None:
        """What was absorbed is durable."""
        self._before = None

    def undo(self) -> None:
        """What was absorbed since the last mark is not."""
        if self._before is not None:
            self._take(*self._before)
            self._before = None

    def forget(self) -> None:
        """Start again from nothing."""
        self._take({}, 0)
        self._before = None


def lasting(cut: CutOff) -> tuple[float, Scope]:
    """How long it holds, then how wide it is."""
    return cut.until or float("inf"), cut.scope


def seconds_left(cut: CutOff, now: int) -> int:
    """Until its end, rounded up; 0 where none is known."""
    return -(-(cut.until - now) // 1_000_000) if cut.until else 0


def falls_together(scope: Scope, *, frozen: int, accounts: int) -> bool:
    """Whether the guard, having frozen so many of these accounts within the hour, cuts them all."""
    share = TOGETHER.get(scope)
    return share is not None and frozen >= share.least and frozen * share.one_in >= accounts


def widest(cuts: Sequence[CutOff]) -> list[CutOff]:
    """Widest first, then by their beginning."""
    return sorted(cuts, key=lambda cut: (-cut.scope, cut.since, cut.ref))
