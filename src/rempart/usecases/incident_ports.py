"""What incidents need of the world: where words are kept, and what is read of everything else."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from rempart.domain.claim import Use
from rempart.domain.ruling import Ruling
from rempart.usecases.claim_ports import Retold
from rempart.usecases.question_ports import Questions, Range, Trail


class SpokenWords(Protocol):
    """What persons have said, sealed, each under its digest.

    Every implementation promises, and ``tests/spec/test_incidents.py`` checks:

    * what ``put`` has returned from is durable; the same digest again changes nothing;
    * nothing is altered or removed, by nobody who may write.

    Trust: none for secrecy (sealed) and none for truth (the ledger holds each digest): it can lose
    what it holds, and that shows.
    """

    def put(self, digest: bytes, sealed: bytes) -> None:
        """Keep it.

        Raises:
            TemporarilyUnavailable: whether it was kept is unknown; put it again.
        """
        ...

    def all(self) -> Iterator[tuple[bytes, bytes]]:
        """Everything, in the order in which it came."""
        ...


class Named(NamedTuple):
    """An account: its number and name; its site's name, number and kind, or nothing."""

    number: int
    name: str
    site: str = ""
    place: int = 0
    kind: str = ""

    def __repr__(self) -> str:
        return "Named(…)"


class Billed(NamedTuple):
    """A claim, as whoever looks into an incident sees it: nothing of what is in it."""

    number: int
    software: int
    use: Use
    received: int
    ruling: Ruling | None
    cents: int


class Touched(NamedTuple):
    """A claim that an account has sent, or was told of, in a span of time (microseconds): sealed as
    it came, and where it stands now; ``told`` are the times in that span when it was sent again.
    """

    number: int
    software: int
    use: Use
    received: int
    sealed: bytes
    ruling: Ruling | None
    rule: str
    cents: int
    told: tuple[Retold, ...]

    def __repr__(self) -> str:
        return f"Touched(number={self.number}, …)"


class Unanswered(NamedTuple):
    """Questions that a span of the ledger refused because of a cut-off, and from how many sites, by
    their pseudonyms (a site counts again in another month).
    """

    questions: int
    sites: int


class Evidence(Trail, Protocol):
    """What is read when an incident is looked at: one moment of ledger, registry and claims.

    Trust: none for the ledger (``rempart ledger verify`` is for that); registry and claims are
    believed.
    """

    def within(self, ranges: Sequence[Range]) -> Questions:
        """What was asked in these ranges of entries alone, which ascend."""
        ...

    def size(self) -> int:
        """How many entries the ledger has."""
        ...

    def unanswered(self, first: int, end: int) -> Unanswered:
        """What was refused for a cut-off in entries ``first`` to ``end`` (excluded)."""
        ...

    def accounts(self) -> Mapping[int, Named]:
        """Everybody who takes part, by number."""
        ...

    def billed(self, software: Sequence[int], since: int, until: int) -> list[Billed]:
        """Claims of these accounts that came in this span of microseconds, the end included."""
        ...

    def touched(self, software: Sequence[int], since: int, until: int) -> list[Touched]:
        """Claims that these accounts have sent, or were told of, in this span, by their numbers."""
        ...
