"""Read an extract once, row after row, and keep what is said of who takes part."""

import csv
import hashlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TextIO

from rempart.domain.directory import COLUMNS, Listed, Pair, Practised, listed, pair_in
from rempart.domain.errors import FeedRefused, MalformedRow

STEP = 1000
"""Rows after which whoever waits is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listeners:
    """Who hears of rows while they are read: good ones, bad ones, and how many more were read."""

    good: Callable[[Listed], object]
    bad: Callable[[MalformedRow], object]
    read: Callable[[int], object] = lambda _: None


@dataclass(slots=True)
class Reading:
    """What an extract says of these people and sites; what it may say of them is ``doubtful``."""

    pairs: Collection[Pair] = field(repr=False)
    sites: Collection[str] = field(repr=False)
    today: date
    rows: int = 0
    bad: int = 0
    about: dict[Pair, list[Listed]] = field(default_factory=dict, repr=False)
    practised: dict[str, set[Practised]] = field(default_factory=dict, repr=False)
    doubtful: set[Pair] = field(default_factory=set, repr=False)
    doubtful_sites: set[str] = field(default_factory=set, repr=False)
    digest: bytes = field(default=b"", repr=False)

    def take(self, row: Listed) -> None:
        """Keep what matters of a row."""
        if row.pair in self.pairs:
            self.about.setdefault(row.pair, []).append(row)
        if row.site in self.sites:
            said = row.profession, row.current(self.today)
            self.practised.setdefault(row.site, set()).add(said)

    def doubt(self, cells: list[str]) -> None:
        """A row that breaks a rule may have been about somebody."""
        self.bad += 1
        pair = pair_in(cells)
        self.doubtful.add(pair)
        self.doubtful_sites.add(pair[1])


def read_extract(
    stream: TextIO, reading: Reading, listeners: Listeners, *, lenient_key: bool
) -> None:
    """Read all of an extract.

    Raises:
        FeedRefused: it has not the columns of one, or is no text.
    """
    hashed = hashlib.sha256()
    # Nothing is quoted in an extract: a stray quote must not swallow the lines after it.
    rows = csv.reader(_hashing(stream, hashed.update), delimiter=";", quoting=csv.QUOTE_NONE)
    try:
        if tuple(next(rows, ())) != COLUMNS:
            raise FeedRefused("columns: expected " + ";".join(COLUMNS))
        for line, cells in enumerate(rows, start=2):
            reading.rows += 1
            try:
                row = listed(cells, line=line, lenient_key=lenient_key)
            except MalformedRow as fault:
                reading.doubt(cells)
                listeners.bad(fault)
                continue
            reading.take(row)
            listeners.good(row)
            if line % STEP == 0:
                listeners.read(STEP)
    except (csv.Error, UnicodeDecodeError):
        raise FeedRefused(f"row {reading.rows + 2}: not text, or endless") from None
    reading.digest = hashed.digest()


def _hashing(stream: TextIO, update: Callable[[bytes], object]) -> Iterator[str]:
    for line in stream:
        update(line.encode())
        yield line
