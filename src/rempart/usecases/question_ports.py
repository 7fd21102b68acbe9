"""What a finding is proposed from: what accounts asked, wherever the entries lie.

The memory adapters are the reference; ``tests/spec/test_questions.py`` runs on them, on PostgreSQL
and on files.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from rempart.domain.disclosure import Entry
from rempart.domain.lines import Code
from rempart.domain.signs import Seen
from rempart.usecases.ledger_view import StoredEntry

ALWAYS = 2**62
"""Microseconds: later than anything."""
Range = tuple[int, int]
"""The first entry, and the one after the last."""


class Questions(Protocol):
    """What accounts asked.

    Every implementation promises the same answers of the same entries. Trust: none; what the
    entries are believed for is up to whoever brings them here.
    """

    def asked(self, accounts: Collection[int], since: int, until: int = ALWAYS) -> Iterator[Seen]:
        """What these accounts asked in this span of microseconds, the end included, and its
        repeats, in order; which of it was about nobody is not said yet.
        """
        ...

    def canaries(self, since: int) -> frozenset[int]:
        """Questions that were found to be about nobody, from a moment on; whoever asked."""
        ...

    def met(self, codes: Collection[Code], since: int, until: int) -> frozenset[int]:
        """Numbers of the accounts that asked by one of these devices and networks in this span of
        microseconds, the end included.
        """
        ...

    def codes(self, accounts: Collection[int], since: int) -> Mapping[tuple[int, Code], bool]:
        """Devices and networks that each of these accounts asked by from a moment on, and whether
        anything came by it that no list holds (``Seen.keyed``).
        """
        ...

    def strangers(self, since: int, until: int) -> Mapping[int, int]:
        """How many questions each account asked in this span about people on old cards whom its
        site had never seen; who asked none may be left out.
        """
        ...


class Trail(Questions, Protocol):
    """What a finding is proposed from."""

    def decided(self) -> Iterator[tuple[int, Entry, bytes]]:
        """Decisions, moves of accounts and cut-offs, in order."""
        ...


class EntriesEngine(Protocol):
    """Reads closed days and what follows them as one."""

    def add(self, entries: Iterable[StoredEntry], *, days: Sequence[tuple[int, str]]) -> None:
        """Take entries that are in no closed day, in the same shape; ``days`` are the closed days
        with their key periods, whose people keep their numbers.
        """
        ...

    def erased(self, day: str) -> Sequence[Range]:
        """Ranges of a closed day of which only leaf hashes are left."""
        ...


class QuestionEngine(EntriesEngine, Protocol):
    """The same, for a finding."""

    def over(self, days: Sequence[str], *, size: int) -> Trail:
        """What is in these days and in what was added, of the first ``size`` entries.

        Its methods raise ``IntegrityBroken`` where a file does not read.
        """
        ...
