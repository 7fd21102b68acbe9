"""What the vault needs in order to tell an insurer's own people how their insurer stands."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from rempart.usecases.ledger_view import LedgerView


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSeen:
    """The last feed of an insurer: its number, and whether it is taken in whole; ``at`` is when the
    last whole one was (microseconds, 0 for none).
    """

    sequence: int
    whole: bool
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSeen:
    """An insurer's status list, as published here: when it was made, and until when it serves
    (microseconds).
    """

    made: int
    until: int


class InsurerFacts(Protocol):
    """What came from an insurer. Trust: none; it is told to that insurer's people alone."""

    def feed(self, amc: int) -> FeedSeen | None:
        """Its last feed.

        Raises:
            TemporarilyUnavailable: not read.
        """
        ...

    def status_list(self, amc: int) -> ListSeen | None:
        """Its status list, where this host holds one that its keys have signed."""
        ...


class LedgerViews(Protocol):
    """The stored ledger, read in one moment for as long as the block lasts.

    Raises:
        TemporarilyUnavailable: no database.
    """

    def __call__(self) -> AbstractContextManager[LedgerView]:
        """Open one."""
        ...
