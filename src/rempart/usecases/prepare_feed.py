"""Prepare a blind feed from the insurer's own file; works with the platform off.

(1) the file is read row by row; a bad row is named and the others go on;
(2) a handle that the file had before is a fault of its row;
(3) a row whose digest the last feed said already is left out of a delta feed;
(4) the others leave as handles, digests, finds, boxes and end dates, and nothing else;
(5) who is no longer in the file is closed, unless rows were rejected that do not say of whom they
    are: then nobody is, this time;
(6) the header closes the feed: its count and digest, the digest of the feed before, signed;
(7) the file is durable, then the state moves forward, then the file gets its name.

A person whose row is bad stays as the last feed said. Killed anywhere, the same command makes the
feed again; killed within (7), it ends (7).

A replacement is a delta feed of a file that has its members' rows alone: (5) is left out, nobody is
brought in by it, every serial of it is above those said before, and no later file brings back a
card below those that it lists.

After a lost feed, the last word on everybody is unknown: the next feed is full, who left by it is
closed again, a person whose row is bad is said again by the next file, and no feed is made while
such a row is of somebody whose card the lost one replaced: the old card would open.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import TextIO

from rempart.domain.days import number_of
from rempart.domain.errors import FeedRefused, MalformedRow, SetUpRefused
from rempart.domain.feed import FeedHeader, frame_row, frame_trailer
from rempart.domain.feed_rows import CloseRow, KeptRow, PersonRow, encode_row
from rempart.domain.insurer import InsurerProfile
from rempart.domain.memberfile import (
    Member,
    Rejected,
    check_replaced,
    check_replaces,
    read_members,
)
from rempart.sealing.stream import seal_stream
from rempart.usecases.insurer_keys import feed_signing_key
from rempart.usecases.insurer_ports import FeedFile, FeedState, Met, Said, SentFeed
from rempart.usecases.make_locks import LockMaker, Printed, printed_things
from rempart.usecases.ports import Chance, KeyStore
from rempart.usecases.read_feed import to_be_signed

BATCH = 1_000
LEAVERS_SHARE_MAX = 0.02
"""More leavers than this in one file is more often half a file than half a membership."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareOptions:
    """How to prepare. ``after`` is the number of the last feed that the platform has.

    ``only``: the file has these members alone, whose cards are replaced; alone among options.
    """

    full: bool = False
    after: int | None = None
    confirm_closing: bool = False
    only: bool = False


@dataclass(slots=True, kw_only=True)
class PrepareReport:
    """What a feed holds, and what became of the rows that it does not hold."""

    sequence: int = 0
    full: bool = False
    read: int = 0
    sent: int = 0
    unchanged: int = 0
    closed: int = 0
    rejected: int = 0
    printed_alike: int = 0
    without_lock: int = 0
    withheld: int = 0


@dataclass(frozen=True, slots=True)
class Watch:
    """Who watches a preparation: rows read, faults found."""

    read: Callable[[int], object] = lambda _: None
    rejected: Callable[[MalformedRow], object] = lambda _: None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareFeed:
    """The preparation, at one insurer."""

    profile: InsurerProfile
    keys: KeyStore
    state: FeedState
    chance: Chance

    def __call__(
        self,
        stream: TextIO,
        *,
        open_file: Callable[[int], FeedFile],
        today: date,
        options: PrepareOptions = PrepareOptions(),
        watch: Watch = Watch(),
    ) -> PrepareReport:
        """Write the next feed; ``open_file`` is given its number.

        Raises:
            MalformedRow: the header line lacks a column.
            FeedRefused: too many would be closed, there is no such feed to go on from, nothing was
                replaced, or a card that a lost feed replaced would open again.
            SetUpRefused: the platform's key is not known.
        """
        if self.profile.platform is None:
            raise SetUpRefused("the platform's feed key is not known: give its file once")
        with self.state.preparing():
            last = self._last(options)
            if options.after is not None:
                self.state.lose(options.after)
            making = _Making(
                profile=self.profile,
                state=self.state,
                maker=LockMaker(self.profile, self.keys, self.chance, today),
                options=options,
                watch=watch,
                report=PrepareReport(
                    sequence=last.sequence + 1 if last else 1, full=options.full or last is None
                ),
                lost=self.state.replaced(after=options.after) if options.after else {},
            )
            file = open_file(making.report.sequence)
            clear = self._clear(making, stream, last, self.profile.platform)
            for piece in seal_stream(
                clear, ephemeral=self.chance.draw(32), recipient=self.profile.platform
            ):
                file.write(piece)
            file.settle()  # (7)
            sent = SentFeed(sequence=making.report.sequence, digest=making.digest, file=file.name)
            self.state.keep(
                sent,
                drop_unmet=not (making.report.withheld or options.only),
                today=number_of(making.maker.today),
            )
            file.publish()
            return making.report

    def _last(self, options: PrepareOptions) -> SentFeed | None:
        if options.only and self.state.last() is None:
            raise FeedRefused("the first feed is of everybody: prepare it first")
        if options.after is None:
            return self.state.last()
        if not options.full:
            raise FeedRefused("--after goes with --full: the platform lacks what came between")
        if options.after == 0:
            return None
        sent = self.state.sent(options.after)
        if sent is None:
            raise FeedRefused(f"no feed {options.after} was made in this folder")
        return sent

    def _clear(
        self, making: "_Making", stream: TextIO, last: SentFeed | None, platform: bytes
    ) -> Iterator[bytes]:
        """The feed in clear: framed rows, then the signed header (6)."""
        body, rows = hashlib.sha256(), 0
        for encoded in making.rows(stream):
            framed = b"".join(map(frame_row, encoded))
            body.update(framed)
            rows += len(encoded)
            yield framed
        header = FeedHeader(
            amc=self.profile.amc,
            sequence=making.report.sequence,
            previous=last.digest if last else None,
            full=making.report.full,
            rows=rows,
            body=body.digest(),
            declared=self.profile.declared,
            legacy_until=self.profile.legacy_until,
            created=making.maker.today,
            recipient=platform,
        )
        making.digest = header.digest
        signature = feed_signing_key(self.keys).sign(to_be_signed(header.encode()))
        yield frame_trailer(header.encode(), signature)


@dataclass(slots=True, kw_only=True)
class _Making:
    """One feed on its way; ``lost`` has whose card was replaced by a feed that was lost."""

    profile: InsurerProfile
    state: FeedState
    maker: LockMaker
    options: PrepareOptions
    watch: Watch
    report: PrepareReport
    lost: Mapping[bytes, int] = field(repr=False)
    digest: bytes = b""
    _nameless: int = field(default=0)
    _undone: int = field(default=0)

    def rows(self, stream: TextIO) -> Iterator[list[bytes]]:
        """Encoded rows, a batch at a time."""
        members = read_members(stream, self.profile.member_number_rule)
        while batch := list(islice(members, BATCH)):
            yield self._batch(batch)
            self.report.read += len(batch)
            self.watch.read(len(batch))
        if not self.options.only:
            yield from self._leavers()
        elif not self.report.sent:
            raise FeedRefused("no card is replaced by these rows: no feed is made")
        if self._undone:
            raise FeedRefused(
                f"{self._undone} replaced after feed {self.options.after}, row rejected here: the"
                " old card would open; correct these rows, with the card that replaced it"
            )

    def _batch(self, batch: Sequence[Member | Rejected]) -> list[bytes]:
        named = self._named(batch)
        known = self.state.meet([(handle, row.line) for row, handle in named])
        encoded, said, tags = [], [], []
        for (row, handle), met in zip(named, known, strict=True):
            if met.first_line is not None:  # (2)
                rule = f"the reference is on line {met.first_line} already"
                self._reject([MalformedRow(row.line, "reference", rule)])
                continue
            fresh = None
            if isinstance(row, Member):
                # Keyed by the interpreter, anew in each process; it only serves to count.
                printed = printed_things(row)
                tags.append(hash(printed))
                fresh = self._person(row, handle, met, printed)
            if isinstance(row, Member) and fresh is not None:
                encoded.append(encode_row(fresh))
                said.append((handle, _said(row, fresh.digest)))
            elif self.report.full and met.digest is not None:
                encoded.append(self._kept(handle))
        self.report.printed_alike += self.state.meet_printed(tags)
        self.state.say(said)
        return encoded

    def _named(self, batch: Sequence[Member | Rejected]) -> list[tuple[Member | Rejected, bytes]]:
        """(1) The rows that say of whom they are, with the handle."""
        named = []
        for row in batch:
            if isinstance(row, Rejected):
                self._reject(row.faults)
            if row.reference is None:
                self._nameless += 1
            else:
                named.append((row, self.maker.handle(row.reference.value)))
        return named

    def _person(
        self, member: Member, handle: bytes, met: Met, printed: Printed
    ) -> PersonRow | None:
        """The row of a beneficiary, unless it would say nothing new, or is bad after all."""
        try:
            self._follows(member, met)
            live = self.maker.live(member)
        except MalformedRow as fault:
            self._reject([fault])
            return None
        self.report.without_lock += not live
        digest = self.maker.digest(member, live, printed)
        if digest == met.digest and not self.report.full:  # (3)
            self.report.unchanged += 1
            return None
        if self.options.only:
            self.state.replace([(handle, _lowest(member))], feed=self.report.sequence)
        self.report.sent += 1
        return PersonRow(handle, digest, self.maker.locks(member, handle, live, printed))  # (4)

    def _kept(self, handle: bytes) -> bytes:
        """The row of who stays as the last feed that was taken said."""
        self._undone += handle in self.lost
        return encode_row(KeptRow(handle))

    def _follows(self, member: Member, met: Met) -> None:
        """What a replacement asks of its row, and of every later one.

        Raises:
            MalformedRow: it brings somebody in, or a replaced card back, or replaces no card.
        """
        if self.options.only and met.digest is None:
            raise MalformedRow(
                member.line, "reference", "not in the last feed: they have no card to replace"
            )
        check_replaced(member, met.lowest)
        if self.options.only:
            check_replaces(member, met.serial)

    def _reject(self, faults: Iterable[MalformedRow]) -> None:
        self.report.rejected += 1
        for fault in faults:
            self.watch.rejected(fault)

    def _leavers(self) -> Iterator[list[bytes]]:
        """(5) Rows for who is no longer in the file."""
        known, gone = self.state.counts()
        if not gone:
            return
        if self._nameless:
            self.report.withheld = gone
            if not self.report.full:
                return
        elif gone > LEAVERS_SHARE_MAX * known and not self.options.confirm_closing:
            raise FeedRefused(
                f"{gone} of {known} persons are no longer in the file, over"
                f" {LEAVERS_SHARE_MAX:.0%}: look again, then add --confirm-closing"
            )
        else:
            self.report.closed = gone
        today = number_of(self.maker.today)
        unmet = self.state.unmet()
        while batch := list(islice(unmet, BATCH)):
            yield [
                self._kept(handle) if self._nameless else encode_row(CloseRow(handle, today))
                for handle in batch
            ]


def _lowest(member: Member) -> int:
    """The lowest serial of their cards; 0 without one."""
    return min((card.packed for card in member.cards), default=0)


def _said(member: Member, digest: bytes) -> Said:
    """What is kept of a row that leaves."""
    return Said(digest, _lowest(member), max((card.ends for card in member.cards), default=0))
