"""Follow the public directory: who is no longer listed where they are contracted is out.

(1) the file has the columns of an extract;
(2) rows are read; those that break a rule are reported by line, column and rule, and whoever they
    may have been about is left as they are;
(3) asked to take all or nothing, a bad row ends it here;
(4) an extract that is suddenly smaller, or that would put many out, is refused until somebody has
    looked: a truncated file must not cut France;
(5) leavers are suspended together with the note that the extract was read. Delegates go with their
    sponsor, and sessions end at the vault's next look.

Nobody is brought back here: that is somebody's decision.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TextIO

from rempart.domain.directory import (
    COLUMNS,
    LEAVERS_FLOOR,
    LEAVERS_SHARE_MAX,
    SMALLER_BY_MAX,
    Listed,
    Pair,
    listed,
    pair_in,
    suspension,
)
from rempart.domain.errors import FeedRefused, MalformedRow
from rempart.domain.person import Person, Role, Suspension
from rempart.usecases.people_ports import Extract, PeopleRegistry
from rempart.usecases.ports import Registered, Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowOptions:
    """How to take an extract in; ``confirmed`` says that somebody has looked at its size."""

    dry_run: bool = False
    all_or_nothing: bool = False
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowReport:
    """What an extract did: rows, bad ones, contracted professionals, and who is out for what."""

    rows: int
    bad: int
    contracted: int
    out: dict[Suspension, int] = field(repr=False)


@dataclass(slots=True)
class _Read:
    """What was kept of an extract: rows about who is contracted, and pairs that are in doubt."""

    rows: int = 0
    bad: int = 0
    about: dict[Pair, list[Listed]] = field(default_factory=dict, repr=False)
    doubtful: set[Pair] = field(default_factory=set, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowDirectory:
    """The taking-in. ``lenient_key`` takes numbers of test cards: for a sandbox only."""

    registry: Registry
    people: PeopleRegistry
    lenient_key: bool = False

    def __call__(
        self,
        stream: TextIO,
        *,
        today: date,
        options: FollowOptions,
        rejected: Callable[[MalformedRow], object],
        read: Callable[[int], object] = lambda _: None,
    ) -> FollowReport:
        """Take an extract in.

        Raises:
            FeedRefused: no extract, bad rows where all or nothing was asked, or one that somebody
                should look at. Nothing was changed.
        """
        registered = self.registry.read()
        contracted = {
            (person.rpps, person.site): person
            for person in registered.people.values()
            if person.role is Role.PROFESSIONAL and not person.left and person.suspended is None
        }
        found = self._read(stream, contracted, rejected, read)  # (1), (2)
        if options.all_or_nothing and found.bad:  # (3)
            raise FeedRefused(f"{found.bad} bad rows, and all or nothing was asked")
        leavers = self._leavers(found, contracted, registered, today)
        if not options.confirmed:  # (4)
            self._plausible(found, len(leavers), len(contracted))
        if not options.dry_run:  # (5)
            extract = Extract(day=today, rows=found.rows, bad=found.bad)
            self.people.suspend(leavers, extract=extract)
        out: dict[Suspension, int] = {}
        for why in leavers.values():
            out[why] = out.get(why, 0) + 1
        return FollowReport(rows=found.rows, bad=found.bad, contracted=len(contracted), out=out)

    def _read(
        self,
        stream: TextIO,
        contracted: dict[Pair, Person],
        rejected: Callable[[MalformedRow], object],
        read: Callable[[int], object],
    ) -> _Read:
        # Nothing is quoted in an extract: a stray quote must not swallow the lines after it.
        rows = csv.reader(stream, delimiter=";", quoting=csv.QUOTE_NONE)
        found = _Read()
        try:
            if tuple(next(rows, ())) != COLUMNS:
                raise FeedRefused("columns: expected " + ";".join(COLUMNS))
            for line, cells in enumerate(rows, start=2):
                found.rows += 1
                try:
                    row = listed(cells, line=line, lenient_key=self.lenient_key)
                except MalformedRow as fault:
                    found.bad += 1
                    found.doubtful.add(pair_in(cells))
                    rejected(fault)
                    continue
                if row.pair in contracted:
                    found.about.setdefault(row.pair, []).append(row)
                if line % 1000 == 0:
                    read(1000)
        except (csv.Error, UnicodeDecodeError):
            raise FeedRefused(f"row {found.rows + 2}: not text, or endless") from None
        return found

    @staticmethod
    def _leavers(
        found: _Read, contracted: dict[Pair, Person], registered: Registered, today: date
    ) -> dict[int, Suspension]:
        leavers = {}
        for pair, person in contracted.items():
            if pair in found.doubtful:
                continue
            kind = registered.sites[person.site].kind
            why = suspension(person.profession, kind, found.about.get(pair, ()), today=today)
            if why is not None:
                leavers[person.number] = why
        return leavers

    def _plausible(self, found: _Read, leavers: int, contracted: int) -> None:
        last = self.people.last_extract()
        if last is not None and found.rows < last.rows * (1 - SMALLER_BY_MAX):
            raise FeedRefused(
                f"smaller: {found.rows} rows, the last one had {last.rows}; look, then confirm"
            )
        if leavers > max(LEAVERS_FLOOR, contracted * LEAVERS_SHARE_MAX):
            raise FeedRefused(
                f"leavers: {leavers} of {contracted} would be out; look, then confirm"
            )
