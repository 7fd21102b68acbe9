"""What the use cases need of the world, and what they may expect of it.

Each port says what must be durable, what may be retried, and who is trusted for what. The memory
adapters are the reference; ``tests/spec`` runs on them and on PostgreSQL.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, Protocol

from rempart.domain.person import Person, Suspension
from rempart.domain.practice import Usage
from rempart.domain.site import SiteKind
from rempart.tlog.note import NoteVerifier
from rempart.tlog.tree import Completed
from rempart.usecases.ledger_view import StoredEntry
from rempart.usecases.messages import Reply, Request


class Clock(Protocol):
    """Trusted for the present; the ledger refuses one that goes back."""

    def now(self) -> int:
        """Microseconds since 1970-01-01 UTC."""
        ...


class Chance(Protocol):
    """Trusted to be unforeseeable."""

    def draw(self, size: int) -> bytes:
        """``size`` fresh random bytes."""
        ...


class KeyStore(Protocol):
    """Named secrets of one process. Trusted to keep them from everybody else.

    ``put`` is durable before it returns; a name once put never changes its value.
    """

    def get(self, name: str) -> bytes:
        """The secret.

        Raises:
            KeyMissing: no such name here.
        """
        ...

    def names(self, prefix: str) -> list[str]:
        """Names that start so, sorted."""
        ...

    def put(self, name: str, secret: bytes) -> None:
        """Keep a secret; once put, its value stays."""
        ...

    def drop(self, name: str) -> None:
        """Forget a secret."""
        ...

    def reload(self) -> None:
        """Read again what another process may have put."""
        ...


class LockRow(NamedTuple):
    """A sealed lock as the vault reads it, its columns in the order of the reading.

    ``keyed`` is the index under which it lies.
    """

    keyed: bytes
    amc: int
    handle: bytes
    kind: int
    serial: int
    ends: date | None
    key_version: int
    stored: bytes

    def __repr__(self) -> str:
        return "LockRow(…)"


class RightsSource(Protocol):
    """Sealed locks by keyed index.

    Trust: none for secrecy (everything is sealed), none for truth (boxes are authenticated);
    it can at most hide a row.
    """

    def find(self, indexes: Sequence[bytes]) -> Sequence[LockRow]:
        """All locks under these indexes, in one reading.

        Raises:
            TemporarilyUnavailable: nothing was read.
        """
        ...


class LedgerStore(Protocol):
    """Where the ledger's bytes are written.

    Every implementation promises, and ``tests/spec/test_ledger_store.py`` checks:

    * ``append`` is durable and whole before it returns, or nothing of it is kept;
    * only the last ``take_over`` may append: an older epoch raises ``Fenced``;
    * entries follow one another without gap; none is altered, reordered or removed.

    Trust: none for integrity (a checkpoint exposes any change), none for secrecy of persons
    (entries hold pseudonyms).
    """

    def take_over(self) -> int:
        """Shut every other writer out; the new fencing epoch.

        Raises:
            TemporarilyUnavailable: another vault holds the ledger.
        """
        ...

    def append(
        self,
        *,
        epoch: int,
        first: int,
        bodies: bytes,
        details: Sequence[bytes],
        completed: Sequence[Completed],
        known: Mapping[bytes, bytes],
    ) -> None:
        """Write entries ``first``, ``first`` + 1, … (128 bytes each) with their details.

        ``known`` goes with them, in the same commit: what their sites know from now on, by pair.

        Raises:
            Fenced: another vault has taken over.
            TemporarilyUnavailable: whether it was kept is unknown; read the ledger again.
        """
        ...

    def publish(self, *, epoch: int, size: int, note: str) -> None:
        """Keep a signed checkpoint where auditors read."""
        ...

    def entries(self, first: int = 0) -> Iterator[StoredEntry]:
        """Entries by ascending index, as they are stored."""
        ...

    def known(self, pairs: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """What sites know, by pair (``domain/known.py``); pairs unknown are left out.

        Trust: none for truth beyond this: whoever writes here makes people strangers, or regulars
        where they have been seen before; it opens nothing.

        Raises:
            TemporarilyUnavailable: nothing was read.
        """
        ...

    def of_persons(self, persons: Sequence[bytes]) -> Sequence[StoredEntry]:
        """Questions, repeats and histories that were opened about these (18 bytes each: the key
        period, then the pseudonym), by ascending index; what could not be opened after all, and
        what was erased, is left out.

        Trust: whoever writes here hides or adds some until the ledger is audited.

        Raises:
            TemporarilyUnavailable: nothing was read.
        """
        ...


class CheckpointMemo(Protocol):
    """The vault's own memory of its last checkpoint, outside the database.

    Trusted against whoever holds the database; survives ``kill -9`` after ``keep`` returns.
    """

    def last(self) -> str | None:
        """The last note kept, if any."""
        ...

    def keep(self, note: str) -> None:
        """Keep a signed checkpoint."""
        ...


class NoteSigner(Protocol):
    """Signs checkpoints."""

    @property
    def origin(self) -> str:
        """The ledger's name, and the key's."""
        ...

    def sign(self, text: str) -> str:
        """A signed note over ``text``."""
        ...

    @property
    def verifier(self) -> NoteVerifier:
        """Who can check what is signed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where professionals bill.

    ``place`` is its département as two characters, or nothing; ``since`` the day on which it came
    to take part: a new site starts with a small budget. ``contract`` is the operator's reference.
    ``followed`` says that the public directory has listed it: where it no longer does, the site is
    out. Where it is not, ``outside`` may be an operator's reason, which is kept afterwards.
    """

    site: str
    kind: SiteKind
    daily_cap: int | None = None
    number: int = 0
    place: str = ""
    since: date | None = None
    contract: str = field(default="", repr=False)
    suspended: Suspension | None = None
    followed: bool = field(default=False, compare=False)
    outside: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Software:
    """A practice software at one site: the account that signs in.

    ``jwks`` is a JWK set of public keys, ``certificates`` the SHA-256 of those it may present;
    ``product`` names the product and its release, as its vendor states them; ``seals`` says that
    it must seal what patients bring (``domain/sealed_presence.py``). One with a ``sponsor`` is a
    delegate with a key: it takes part while that professional does.
    """

    client_id: str
    number: int
    site: str
    jwks: Mapping[str, Any] = field(repr=False)
    certificates: frozenset[bytes] = field(repr=False)
    sandbox: bool
    revoked: bool
    product: str = ""
    usage: Usage = Usage.STANDARD
    seals: bool = False
    sponsor: int = 0

    @property
    def name(self) -> str:
        """How this account is called among all accounts."""
        return self.client_id


Account = Software | Person
"""Who has a session, a stage and a budget: one space of numbers, and one of names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Insurer:
    """A registered insurer, as its confirmed public bundle says."""

    amc: int
    bundle: Mapping[str, Any] = field(repr=False)
    sandbox: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """Everybody who takes part, at one generation."""

    generation: int
    insurers: Mapping[int, Insurer]
    sites: Mapping[str, Site]
    software: Mapping[str, Software]
    people: Mapping[int, Person] = field(default_factory=dict, repr=False)


class Registry(Protocol):
    """Who takes part. Trusted: whoever writes it decides who may sign in and who may sign."""

    def generation(self) -> int:
        """Moves with every change."""
        ...

    def read(self) -> Registered:
        """Everybody who takes part."""
        ...

    def register_insurer(
        self, insurer: Insurer, *, confirmations: Sequence[Mapping[str, str]]
    ) -> None:
        """Keep an insurer's bundle, and who confirmed it."""
        ...

    def register_site(self, site: Site) -> None:
        """Keep a site."""
        ...

    def register_software(self, software: Software) -> None:
        """Keep a software, under a number of its own."""
        ...

    def rotate_software(self, client_id: str, jwks: Mapping[str, Any]) -> None:
        """Give a live software another key set.

        Raises:
            Refusal: nobody of this name is in.
        """
        ...

    def revoke_software(self, client_id: str) -> None:
        """Shut a software out.

        Raises:
            Refusal: nobody of this name is in: a typing error must not pass for a cut.
        """
        ...


class Proven(NamedTuple):
    """What an assertion says, once everything about it holds.

    ``jti`` is its identifier, ``expires`` in microseconds; ``presence`` is the key that the
    session's questions will be sealed under, or nothing.
    """

    jti: str
    expires: int
    presence: bytes = b""

    def __repr__(self) -> str:
        return "Proven(…)"


class AssertionCheck(Protocol):
    """Proof of who is calling, for a software."""

    def client_id(self, assertion: str) -> str:
        """Who the assertion claims to be, unproven.

        Raises:
            SignInRefused: not an assertion.
        """
        ...

    def verify(self, assertion: str, software: Software, *, now: int) -> Proven:
        """What it says, once everything about it holds.

        Raises:
            SignInRefused: anything about it does not.
        """
        ...


class VaultDoor(Protocol):
    """The vault as its callers see it: requests sent together are answered together."""

    async def ask(self, request: Request) -> Reply:
        """One request, one reply.

        Raises:
            TemporarilyUnavailable: no vault behind the door; safe to retry with the same key.
        """
        ...
