"""What dossiers need of the world.

The reference of the engine is ``domain/named.py``; ``tests/spec/test_dossiers.py`` runs on both.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from rempart.usecases.daily_table import Whose
from rempart.usecases.delivery_ports import Dossier
from rempart.usecases.dossier_file import ChangeSaid, InsurerReport, PartSaid


class Wanted(NamedTuple):
    """A day on which people were first read: its date (ISO 8601) and key period."""

    day: str
    period: int


class OfOne(NamedTuple):
    """What came out for one insurer; ``pseudonyms`` counts those of all its people."""

    amc: int
    breached: PartSaid
    undecided: PartSaid
    accounts: frozenset[int]
    pseudonyms: int
    change: ChangeSaid | None

    def __repr__(self) -> str:
        return f"OfOne(amc={self.amc}, …)"


class DossierEngine(Protocol):
    """Joins the list of a scope, and that of an earlier one, with tables of handles."""

    def days(self) -> Sequence[Wanted]:
        """The days whose tables are needed, in order."""
        ...

    def people(self, wanted: Wanted) -> Mapping[bytes, int]:
        """Pseudonyms first read on a day, with their insurer."""
        ...

    def take(self, period: int, rows: Iterable[Whose]) -> None:
        """Take rows of tables, in any order and more than once."""
        ...

    def counted(self, kinds: Mapping[int, str], before: Mapping[int, str]) -> Sequence[OfOne]:
        """Every insurer that has somebody in a part, now or in the list before, by its number.

        ``kinds`` are the kinds of sites of accounts; ``before`` the digests of earlier reports.
        """
        ...

    def members(self, amc: int, *, exercise: bool = False) -> Iterator[bytes]:
        """The list of an insurer's people (``specs/dossier.md``), piece by piece; of an
        ``exercise``, every line says so.
        """
        ...


class DossierShelf(Protocol):
    """Dossiers of one incident, by insurer and number; a folder without a manifest is none."""

    def last(self, amc: int) -> tuple[InsurerReport, str] | None:
        """The last whole report of an insurer, and the SHA-256 of its file."""
        ...

    def put(self, amc: int, number: int, name: str, pieces: Iterable[bytes]) -> str:
        """Keep a file that no manifest names yet, durably; its SHA-256."""
        ...

    def close(self, amc: int, number: int, note: str) -> None:
        """Put the manifest, or one in its place: from here on the dossier is whole, and stays."""
        ...

    def numbers(self, amc: int) -> Sequence[int]:
        """Numbers of an insurer's whole reports, in order."""
        ...

    def dossier(self, amc: int, number: int) -> Dossier:
        """One of them, as it lies there."""
        ...

    def has(self, amc: int, number: int, name: str) -> bool:
        """Whether a file lies there, named by its manifest or not."""
        ...

    def forget(self, amc: int, number: int, name: str) -> None:
        """Take away a file that its manifest names no more, durably."""
        ...

    def begin(self, amc: int, number: int) -> None:
        """Make room for a dossier; what a run that was cut short left there goes."""
        ...

    def keep_sum(self, text: bytes) -> None:
        """Keep which reports stand for the last scope, durably, in place of what was kept."""
        ...

    def sum(self) -> bytes | None:
        """What was kept last."""
        ...

    def insurers(self) -> Iterator[int]:
        """Insurers that have a whole report."""
        ...
