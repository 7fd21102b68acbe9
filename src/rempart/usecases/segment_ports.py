"""What closing days, and reading them, need of the world.

The memory adapters are the reference; ``tests/spec/test_closed_days.py`` runs on them and on files.
A day is named by its date (``2026-11-03``).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from rempart.usecases.ledger_view import StoredEntry


class Draft(NamedTuple):
    """A day that is written and not closed: SHA-256 and size of its file, who wrote it, and the
    highest number that anybody has in the key period.
    """

    digest: bytes
    size: int
    people: int
    writer: str


class SegmentShelf(Protocol):
    """Where closed days lie.

    Every implementation promises:

    * ``close`` is durable and whole before it returns; what is closed is never written again;
    * a draft is nothing: it is written over, and no reader sees it;
    * what is shown is what is stored, believed by nobody (``closed_day``, ``gather_ranges``).

    Trust: none for integrity (manifests are signed), none for secrecy of persons (pseudonyms).
    """

    def notes(self) -> Sequence[str]:
        """The signed manifests, in any order."""
        ...

    def draft(self, day: str, entries: Iterable[StoredEntry], *, earlier: Sequence[str]) -> Draft:
        """Write a day; whoever has a number in the ``earlier`` days of its period keeps it."""
        ...

    def drafted(self, day: str) -> Iterator[StoredEntry]:
        """The entries of a draft, by index, read back from what was written."""
        ...

    def people(self, day: str) -> Mapping[bytes, int]:
        """Pseudonyms of everybody who is in a draft, with their insurer."""
        ...

    def close(self, day: str, note: str) -> None:
        """The draft becomes the day, under its signed manifest."""
        ...

    def entries(self, day: str) -> Iterator[StoredEntry]:
        """The entries of a closed day, by index.

        Raises:
            IntegrityBroken: the file does not read.
        """
        ...

    def has(self, day: str) -> bool:
        """Whether the file of a closed day is here."""
        ...

    def digest(self, day: str) -> bytes | None:
        """SHA-256 of the file of a closed day; nothing where it is not here."""
        ...

    def drop(self, day: str) -> None:
        """Take the file of a closed day away: its term is over. Its manifest stays."""
        ...


class TableShelf(Protocol):
    """Where the sealed tables of pseudonyms and handles lie, which never travel with the days."""

    def put(self, day: str, pieces: Iterable[bytes]) -> bytes:
        """Keep a table, durably, in place of one of a day that was not closed; its SHA-256."""
        ...

    def get(self, day: str) -> bytes:
        """A table as it was sealed.

        Raises:
            KeyMissing: it is not here.
        """
        ...

    def has(self, day: str) -> bool:
        """Whether there is one of a day."""
        ...

    def reading(self, day: str) -> AbstractContextManager[Callable[[int], bytes]]:
        """A table as it was sealed: what is given reads the next n bytes.

        Raises:
            KeyMissing: it is not here, or cannot be read.
        """
        ...

    def drop(self, day: str) -> None:
        """Take a table away: the term of its day is over."""
        ...


class HandleSource(Protocol):
    """The handles that the platform holds. Trust: at most it hides one.

    Whoever may have been read in a day that is not closed keeps theirs, until that day is.
    """

    def handles(self, amc: int) -> Iterator[bytes]:
        """Every handle of an insurer, in any order; one may come twice."""
        ...

    def name_until(self, at: int) -> None:
        """Whoever was read before this moment (microseconds) stands in the table of a closed day:
        for these days nobody need be kept. Durable before it returns.
        """
        ...
