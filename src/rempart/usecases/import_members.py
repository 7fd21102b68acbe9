"""Take a blind feed in.

(1) the insurer is registered; the whole feed is verified (``read_feed``);
(2) nobody else writes this insurer's members meanwhile;
(3) the feed follows the one before it, or is one that was begun or done already;
(4) to close who is absent, the feed is full, and few are, or somebody has confirmed it;
(5) rows are taken in batches; each batch and how far it came are one transaction;
(6) who is absent is closed;
(7) the feed is marked imported.

After ``kill -9`` the same command goes on at the first row whose effect is not kept.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from rempart.domain.days import OPEN_ENDED, number_of
from rempart.domain.errors import FeedRefused, MalformedRow
from rempart.domain.feed import FeedMark, Step, step_of
from rempart.domain.feed_rows import CloseRow, PersonRow, Row, decode_row, handle_of_row
from rempart.domain.identifiers import AMCNumber
from rempart.domain.insurer import PublicBundle
from rempart.usecases.member_ports import (
    Change,
    KnownPerson,
    MemberStore,
    PersonState,
    SealedLock,
)
from rempart.usecases.platform_keys import FEED, LockSealer
from rempart.usecases.ports import Chance, KeyStore, Registry
from rempart.usecases.read_feed import VerifiedFeed, verify_feed

BATCH = 2_000
ABSENT_SHARE_MAX = 0.02
"""More leavers than this in one feed is more often half a file than half a membership."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """How to take a feed in."""

    dry_run: bool = False
    all_or_nothing: bool = False
    close_absent: bool = False
    confirm_closing: bool = False


@dataclass(slots=True, kw_only=True)
class ImportReport:
    """What a feed did, in rows; after a resumed import, what this run of it did."""

    sequence: int
    rows: int
    already: bool = False
    resumed_at: int = 0
    added: int = 0
    changed: int = 0
    reopened: int = 0
    closed: int = 0
    unchanged: int = 0
    unknown: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class Observer:
    """Who watches an import: bytes verified, rows to take, rows taken, faults found."""

    verified: Callable[[int], object] = lambda _: None
    begun: Callable[[int], object] = lambda _: None
    taken: Callable[[int], object] = lambda _: None
    rejected: Callable[[MalformedRow], object] = lambda _: None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMembers:
    """The importer: index and outer keys, no socket."""

    store: MemberStore
    registry: Registry
    rights_keys: KeyStore
    feed_keys: KeyStore
    chance: Chance

    def __call__(
        self,
        stream: BinaryIO,
        *,
        amc: AMCNumber,
        options: ImportOptions = ImportOptions(),
        observer: Observer = Observer(),
    ) -> ImportReport:
        """Take the feed in ``stream`` (seekable) in, and say what it did.

        Raises:
            FeedRefused: nothing was done, or nothing beyond what an earlier run had done.
            TemporarilyUnavailable: another import or a rotation is under way; or the database is
                away, and the same command goes on later.
            IntegrityBroken: the file, or a stored lock, is not what it was.
        """
        insurer = self.registry.read().insurers.get(int(amc.value))  # (1)
        if insurer is None:
            raise FeedRefused("insurer: not registered here")
        feed = verify_feed(
            stream,
            private=self.feed_keys.get(FEED),
            amc=amc,
            feed_key=PublicBundle.from_json(insurer.bundle).feed_key,
            progress=observer.verified,
        )
        with self.store.exclusive(insurer.amc):  # (2)
            return self._follow(feed, insurer.amc, options, observer)

    def _follow(
        self, feed: VerifiedFeed, amc: int, options: ImportOptions, observer: Observer
    ) -> ImportReport:
        header = feed.header
        same = self.store.feed(amc, header.sequence)
        step = step_of(header, same=same, last=self.store.last_feed(amc))  # (3)
        report = ImportReport(sequence=header.sequence, rows=header.rows)
        if step is Step.ALREADY:
            report.already = True
            return report
        if same is not None and same.closes_absent is not options.close_absent:
            word = "with" if same.closes_absent else "without"
            raise FeedRefused(f"this import was begun {word} --full: go on {word} it")
        taking = _Taking(
            feed=feed,
            store=self.store,
            sealer=LockSealer(self.rights_keys, self.chance, amc),
            options=options,
            observer=observer,
            report=report,
            mark=same
            or FeedMark(
                sequence=header.sequence,
                digest=header.digest,
                rows_done=0,
                imported=False,
                closes_absent=options.close_absent,
            ),
        )
        taking.run()
        return report


@dataclass(slots=True, kw_only=True)
class _Taking:
    """One feed on its way in."""

    feed: VerifiedFeed
    store: MemberStore
    sealer: LockSealer
    options: ImportOptions
    observer: Observer
    report: ImportReport
    mark: FeedMark
    _persons: dict[bytes, PersonState] = field(default_factory=dict, repr=False)
    _replaced: list[bytes] = field(default_factory=list, repr=False)
    _rows: list[PersonRow] = field(default_factory=list, repr=False)
    _closing: dict[bytes, CloseRow] = field(default_factory=dict, repr=False)
    _created: int = field(init=False)

    def __post_init__(self) -> None:
        self._created = number_of(self.feed.header.created)

    def run(self) -> None:
        """Steps (4) to (7)."""
        self.report.resumed_at = self.mark.rows_done
        self.observer.begun(self.feed.header.rows - self.mark.rows_done)
        if self.options.close_absent:
            self._weigh()
        with self._scope():
            self._take_rows()
            if self.options.close_absent:
                self._close_absent()
            self.mark = replace(self.mark, imported=True)
            self._apply([])
            if self.options.all_or_nothing and self.report.rejected:
                raise FeedRefused(f"{self.report.rejected} rows are rejected: nothing is imported")

    def _scope(self) -> AbstractContextManager[None]:
        if self.options.all_or_nothing and not self.options.dry_run:
            return self.store.together()
        return nullcontext()

    def _weigh(self) -> None:
        """(4) Half a file must not close half a membership."""
        if not self.feed.header.full:
            raise FeedRefused("--full: a delta feed does not say who is absent")
        amc = self.sealer.amc
        weighed = self.store.weigh_absent(amc, self._handles())
        if weighed.absent > ABSENT_SHARE_MAX * weighed.open and not self.options.confirm_closing:
            raise FeedRefused(
                f"--full would close {weighed.absent} of {weighed.open} persons, over"
                f" {ABSENT_SHARE_MAX:.0%}: look again, then add --confirm-closing"
            )

    def _handles(self) -> Iterator[bytes]:
        for rows in self.feed.rows():
            for data in rows:
                handle = handle_of_row(data)
                if handle is None:
                    raise FeedRefused("--full: a row does not say of whom it is")
                yield handle

    def _take_rows(self) -> None:
        """(5) Batch after batch; a row that breaks a rule is named, and the others go on."""
        line, batch = 0, []
        for rows in self.feed.rows():
            for data in rows:
                line += 1
                row = self._read(data, line)
                if row is not None and line > self.mark.rows_done:
                    batch.append((line, row))
                if line >= self.mark.rows_done + BATCH:
                    self._take(batch, line)
                    batch = []
        if line > self.mark.rows_done:
            self._take(batch, line)

    def _read(self, data: bytes, line: int) -> Row | None:
        try:
            return decode_row(data, line=line, header=self.feed.header)
        except MalformedRow as fault:
            self._reject(fault)
            return None

    def _reject(self, fault: MalformedRow) -> None:
        self.report.rejected += 1
        self.observer.rejected(fault)

    def _take(self, batch: Sequence[tuple[int, Row]], line: int) -> None:
        known = self.store.known(self.sealer.amc, [row.handle for _, row in batch])
        for place, row in batch:
            self._plan(place, row, known.get(row.handle))
        self.observer.taken(line - self.mark.rows_done)
        self.mark = replace(self.mark, rows_done=line)
        self._apply(self._close(known))

    def _plan(self, line: int, row: Row, known: KnownPerson | None) -> None:
        sequence = self.mark.sequence
        twice = row.handle in self._persons or row.handle in self._closing
        if twice or (known is not None and known.sequence == sequence):
            self._reject(MalformedRow(line, "handle", "this feed has changed them already"))
            return
        match row:
            case PersonRow():
                self._plan_person(row, known)
            case CloseRow() if known is not None:
                if known.closed is not None and known.closed <= row.ends:
                    self.report.unchanged += 1
                else:
                    self.report.closed += 1
                    self._closing[row.handle] = row
            case _ if known is None:
                self.report.unknown += 1
            case _:
                self.report.unchanged += 1

    def _plan_person(self, row: PersonRow, known: KnownPerson | None) -> None:
        if known is None:
            self.report.added += 1
        elif known.closed is not None:
            self.report.reopened += 1
        elif known.digest == row.digest:
            self.report.unchanged += 1
            return
        else:
            self.report.changed += 1
        if known is not None:
            self._replaced.append(row.handle)
        self._rows.append(row)
        ends = max([lock.ends for lock in row.locks]) if row.locks else self._created
        self._persons[row.handle] = PersonState(
            row.handle, row.digest, None, None if ends == OPEN_ENDED else ends
        )

    def _close(self, known: Mapping[bytes, KnownPerson]) -> list[SealedLock]:
        """Locks of who leaves, sealed again with an end that is never later than it was."""
        closing = list(self._closing)
        if not closing or self.options.dry_run:
            return []
        sealed = []
        last_ends: dict[bytes, int] = {}
        for lock in self.store.locks(self.sealer.amc, closing):
            ends = min(lock.ends, self._closing[lock.handle].ends)
            sealed.append(self.sealer.again(lock, ends=ends))
            last_ends[lock.handle] = max(ends, last_ends.get(lock.handle, 0))
        for handle in closing:
            ends = self._closing[handle].ends
            self._persons[handle] = PersonState(
                handle, known[handle].digest, ends, last_ends.get(handle, ends)
            )
        self._replaced += closing
        return sealed

    def _apply(self, relocked: Sequence[SealedLock]) -> None:
        if not self.options.dry_run:
            self.store.apply(
                Change(
                    amc=self.sealer.amc,
                    mark=self.mark,
                    replaced=self._replaced,
                    persons=list(self._persons.values()),
                    locks=self._sealed(relocked),
                )
            )
        self._persons, self._replaced, self._rows, self._closing = {}, [], [], {}

    def _sealed(self, relocked: Sequence[SealedLock]) -> Iterator[SealedLock]:
        yield from relocked
        seal = self.sealer.seal
        for row in self._rows:
            for lock in row.locks:
                yield seal(row.handle, lock)

    def _close_absent(self) -> None:
        """(6) Who a full feed leaves out has left, on the day it was made."""
        amc, handle = self.sealer.amc, b""
        while absent := self.store.absent_after(amc, handle, BATCH):
            handle = absent[-1]
            known = self.store.known(amc, absent)
            self._closing = {each: CloseRow(each, self._created) for each in absent}
            self.report.closed += len(absent)
            self._apply(self._close(known))
