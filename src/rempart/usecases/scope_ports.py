"""What the scope of a breach needs of the world.

The memory adapter is the reference; ``tests/spec/test_scope.py`` runs on it and on DuckDB.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import NamedTuple, Protocol

from rempart.domain.finding import Finding, Whose
from rempart.domain.scope import Attempt, Verdict
from rempart.usecases.question_ports import EntriesEngine


class Step(Enum):
    """What a scope is waited for, in this order; French and English."""

    VERIFIED = ("jours vérifiés", "days verified")
    GATHERED = ("entrées rassemblées", "entries gathered")
    JUDGED = ("jugement, sur cent", "judging, of a hundred")


Heard = Callable[[Step, int, int], object]
"""Hears of a step, how far it is, and of how much; from any thread."""


class OfInsurer(NamedTuple):
    """How many people of one insurer are in each part."""

    amc: int
    breached: int
    undecided: int
    cleared: int


class Judged(NamedTuple):
    """What came out: people by insurer, what was asked in vain, sessions that were met, accounts
    that asked something.

    ``digest`` is the SHA-256 of the list of people, ``people`` how many lines it has and
    ``persons`` how many different people were answered about, counted apart.
    """

    insurers: Sequence[OfInsurer]
    attempts: Sequence[tuple[Attempt, int]]
    unopened: Sequence[tuple[Whose, int]]
    canaries: Sequence[tuple[Whose, int]]
    met: frozenset[bytes]
    asked: frozenset[int]
    digest: bytes
    people: int
    persons: int

    def __repr__(self) -> str:
        return f"Judged(people={self.people}, …)"


class Moved(NamedTuple):
    """How many people went from one part to another between two scopes; none is nowhere."""

    before: Verdict | None
    after: Verdict | None
    people: int


class ScopeEngine(EntriesEngine, Protocol):
    """Judges what it has read, and writes the list of people.

    The list is text, one person a line, in one order, so that whoever makes it again from the same
    entries gets the same bytes (``specs/scope.md``).
    """

    def judge(
        self,
        days: Sequence[str],
        finding: Finding,
        *,
        size: int,
        clears: bool,
        exercise: bool = False,
    ) -> Judged:
        """Judge what the accounts of the finding asked in the first ``size`` entries; of an
        ``exercise``, every line of the list says so.

        Raises:
            MalformedIdentifier: the ledger contradicts the finding.
        """
        ...
