"""What attesting needs of the world: what checks look at, and where evidence is kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from rempart.domain.disclosure import Entry
from rempart.usecases.measure_messages import ProtectionsTold
from rempart.usecases.setup_facts import Database, Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class TablesTold:
    """What the database says of itself, in counts.

    ``passwords`` are columns that could hold one; ``strange`` columns of sealed tables that are not
    the known ones; ``old_cards`` insurers with a lock that opens without a printed key;
    ``triggers`` are those that keep the ledger's past, ``missing`` those that should; ``writers``
    our roles that could write it directly, and ``epoch`` shuts every vault out but one;
    ``synchronous`` says that a commit waits for a server, ``replicas`` how many follow; ``staff``
    are people of the operator or of an insurer, and those ``with_passkey``; entries and people are
    ``overdue`` for erasure (counted up to a thousand), but for ``held`` spans.
    """

    passwords: int
    strange: int
    locks: int
    old_cards: int
    triggers: int
    missing: int
    writers: int
    epoch: int
    synchronous: bool
    replicas: int
    staff: int
    with_passkey: int
    entries_overdue: int
    people_overdue: int
    held: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryTold:
    """Who takes part, in counts: software that may sign in, those ``with_both`` a key and a
    certificate, those whose product nobody states, those that seal; insurers and operators.
    """

    software: int
    with_both: int
    unnamed: int
    sealing: int
    insurers: int
    operators: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerTold:
    """The last published checkpoint, under the vault's key, and entries after it."""

    size: int
    root: bytes
    unsigned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditTold:
    """The whole ledger, read again: ``broken`` is the step that failed, 0 for none."""

    entries: int
    checkpoints: int
    lost: int
    broken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysTold:
    """Closed days, how many days the last one is ``behind`` yesterday, files that are not here."""

    days: int
    behind: int
    absent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListsTold:
    """Card lists: whole days that the trust list has left, none where there is none; insurers whose
    own is in date.
    """

    days: int | None
    fresh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayTold:
    """The gateway, as a stranger at its door finds it: the version of TLS that it speaks, whether
    it admits one before 1.2, days left of its certificate; what it answers to a body of ``sent``
    bytes, announced and not sent.
    """

    version: str
    old: bool
    days: int
    sent: int
    answer: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentKeyTold:
    """Whether the incident key was made, and files here that hold its private half."""

    made: bool
    here: int


class World(Protocol):
    """What checks look at. Each reading stands alone, and is made when it is asked for.

    Every one may raise whatever keeps it from looking: whoever asks turns that into "not
    verified". What it tells is counts, digests and names of closed lists.

    Trust: what it tells is believed, and attested as such: it runs as the vault's own user.
    """

    def installation(self) -> Facts:
        """Files, users, processes, clock and database, as the doctor finds them."""
        ...

    def vault(self) -> ProtectionsTold:
        """What the running vault sees."""
        ...

    def tables(self) -> TablesTold:
        """What the database says."""
        ...

    def registry(self) -> RegistryTold:
        """Who takes part."""
        ...

    def ledger(self) -> LedgerTold:
        """What is signed."""
        ...

    def audit(self) -> AuditTold:
        """The whole ledger, verified now."""
        ...

    def days(self) -> DaysTold:
        """Closed days."""
        ...

    def lists(self) -> ListsTold:
        """Card lists."""
        ...

    def gateway(self) -> GatewayTold:
        """The gateway's door."""
        ...

    def cut_row(self) -> int:
        """How old the signed row of what is cut is, in seconds."""
        ...

    def incident_key(self) -> IncidentKeyTold:
        """The incident key."""
        ...

    def exercises(self) -> list[int]:
        """When exercises were closed, microseconds, ascending."""
        ...

    def contact(self) -> bool:
        """Whether people are told how to reach somebody."""
        ...

    def now(self) -> int:
        """The present, microseconds."""
        ...


class CannotSee(Exception):
    """What a check needs is not here; ``why`` is a code."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def database_of(world: World) -> Database:
    """What the doctor was told by the database.

    Raises:
        CannotSee: it was told nothing.
    """
    found = world.installation().database
    if found is None:
        raise CannotSee("database-away")
    return found


class EvidenceShelf(Protocol):
    """Documents of evidence, each under its SHA-256.

    Every implementation promises, and ``tests/spec/test_measures.py`` checks:

    * what ``put`` has returned from is durable, and whole;
    * ``get`` shows what is there as it is: whether it is still what was put, the reader finds out.

    Trust: none. The ledger holds each digest; what is gone or changed shows.
    """

    def put(self, data: bytes) -> bytes:
        """Keep it; its SHA-256."""
        ...

    def get(self, digest: bytes) -> bytes | None:
        """What lies under a digest; nothing where nothing does."""
        ...


class Decided(Protocol):
    """Decisions and moves of the stored ledger, in their order. Trust: none."""

    def decided(self) -> Iterator[tuple[int, Entry, bytes]]:
        """Index, entry and detail of each."""
        ...
