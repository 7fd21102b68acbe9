"""Close the days that are over: each leaves as one file, and what is signed of it.

(1) what is closed already holds, and the next day goes on from it;
(2) the day is over, for an hour at least, and all of it is signed;
(3) it is written, sorted by account; whoever comes back within a key period keeps their number;
(4) it is read back: every leaf is computed again from what lies in the file, and the tree that they
    make is the one that the last checkpoint signs, or nothing is closed;
(5) the table of whose pseudonyms these are is sealed to the incident key, elsewhere;
(6) the manifest is signed and put beside the file: from here on the day is closed, and stays so;
(7) whose erasure has waited for these days need wait no longer.

A run that is cut short leaves drafts, which the next one writes over.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from rempart.domain.budget import DAY
from rempart.domain.disclosure import EPOCH, decode, period_of
from rempart.domain.errors import IntegrityBroken, LedgerBroken
from rempart.tlog.checkpoint import Checkpoint, open_checkpoint
from rempart.tlog.errors import TlogError
from rempart.tlog.hashing import leaf_hash
from rempart.tlog.proofs import compact_range, consistency_proof, verify_consistency
from rempart.tlog.tree import CompactRange
from rempart.usecases.closed_day import ClosedDay, Table, day_text, in_order, read_day
from rempart.usecases.daily_table import (
    Sealed,
    Whose,
    incident_id,
    make_shares,
    seal_table,
    share_of,
)
from rempart.usecases.ledger_view import LedgerView, StoredEntry
from rempart.usecases.ports import Chance, KeyStore, NoteSigner
from rempart.usecases.pseudonyms import PERSON, pseudonym
from rempart.usecases.segment_ports import Draft, HandleSource, SegmentShelf, TableShelf

SETTLED = 3_600_000_000
"""Microseconds after midnight from which nobody writes into the day before."""
TOLD_EVERY = 10_000
"""Entries between two words to whoever waits."""
Told = Callable[[int], object]


@dataclass(slots=True)
class _ReadBack:
    """(4) What a file holds, as its leaves tell it."""

    tree: CompactRange
    since: int = 0
    until: int = 0

    def take(self, stored: StoredEntry) -> None:
        if stored.index != self.tree.size:
            raise LedgerBroken(f"entry {self.tree.size} was not written into its day")
        if stored.body is None:
            assert stored.leaf is not None, "a shelf gives a body or a leaf"
            self.tree.append(stored.leaf)
            return
        at = decode(stored.body).at
        self.since, self.until = self.since or at, at
        self.tree.append(leaf_hash(stored.body))


@dataclass(frozen=True, slots=True)
class CloseDays:
    """The closing. ``keys`` are the vault's; ``incident`` is the incident key's public half."""

    ledger: LedgerView
    shelf: SegmentShelf
    tables: TableShelf
    handles: HandleSource
    keys: KeyStore
    chance: Chance
    signer: NoteSigner
    incident: bytes

    def __call__(self, *, now: int, told: Told = lambda _: None) -> list[ClosedDay]:
        """Days that were closed, in order; ``now`` is in microseconds, ``told`` hears of entries.

        Raises:
            IntegrityBroken: a closed day, or the ledger, is not what was signed: nothing is closed.
            KeyMissing: the pseudonym key of a day is gone.
        """
        closed = list(in_order([read_day(n, self.signer.verifier) for n in self.shelf.notes()]))
        head = self._head()  # (1)
        done: list[ClosedDay] = []
        if head is None:
            return done
        make_shares(self.keys, self.chance)
        first, shut = closed[-1].end if closed else 0, (now - SETTLED) // DAY
        for day, entries in _days(self.ledger, first, told):
            made = self._close(day, entries, closed, head) if day < shut else None
            if made is None:
                shut = min(shut, day)
                break
            closed.append(made)
            done.append(made)
        self.handles.name_until(shut * DAY)  # (7)
        return done

    def _head(self) -> tuple[Checkpoint, str] | None:
        last = self.ledger.last_checkpoint()
        if last is None:
            return None
        try:
            return open_checkpoint(last.note, self.signer.verifier), last.note
        except TlogError as error:
            raise LedgerBroken(f"the last checkpoint is not ours: {error}") from None

    def _close(
        self,
        day: int,
        entries: Iterator[StoredEntry],
        closed: list[ClosedDay],
        head: tuple[Checkpoint, str],
    ) -> ClosedDay | None:
        """One day; none where not all of it is signed yet."""
        name, period = date_of(day).isoformat(), period_of(day * DAY)
        first = closed[-1].end if closed else 0
        before = closed[-1].after if closed else tuple(compact_range(self.ledger, first).peaks)
        earlier = [each.name for each in closed if each.period == period]
        there = [each for each in earlier if self.shelf.has(each)]
        draft = self.shelf.draft(name, entries, earlier=there)  # (3)
        back = _ReadBack(CompactRange.resume(first, before))
        for stored in self.shelf.drafted(name):  # (4)
            back.take(stored)
        checkpoint, note = head
        if back.tree.size > checkpoint.size:  # (2)
            return None
        proof = self._prove(name, back.tree, checkpoint)
        made = ClosedDay(
            day=date_of(day),
            period=period,
            first=first,
            end=back.tree.size,
            since=back.since,
            until=back.until,
            people=draft.people,
            digest=draft.digest,
            size=draft.size,
            before=before,
            after=tuple(back.tree.peaks),
            table=self._table(name, period),  # (5)
            writer=draft.writer,
            checkpoint=note,
            proof=proof,
        )
        self._sign(name, made, draft)  # (6)
        return made

    def _prove(self, name: str, tree: CompactRange, head: Checkpoint) -> tuple[bytes, ...]:
        """(4) The tree of what lies in the file is the one that was signed."""
        try:
            proof = consistency_proof(self.ledger, old_size=tree.size, size=head.size)
            verify_consistency(
                old_size=tree.size,
                old_root=tree.root(),
                size=head.size,
                root=head.root,
                proof=proof,
            )
        except TlogError as error:
            raise LedgerBroken(f"{name} is not the day that was signed: {error}") from None
        return proof

    def _table(self, name: str, period: int) -> Table:
        """(5) Whose the pseudonyms of the day are, sealed."""
        wanted = self.shelf.people(name)
        key = f"pseudonym/{period:04d}"
        rows = [*whose(wanted, self.keys.get(key), self.handles)] if wanted else []
        under = Sealed(self.incident, self.chance.draw(32), share_of(self.keys, name))
        digest = self.tables.put(name, seal_table(name, rows, under))
        return Table(
            digest=digest,
            key=incident_id(self.incident),
            people=len(rows),
            unknown=len(wanted) - len(rows),
        )

    def _sign(self, name: str, made: ClosedDay, draft: Draft) -> None:
        note = self.signer.sign(day_text(self.signer.origin, made))
        if read_day(note, self.signer.verifier) != made or draft.digest != made.digest:
            raise IntegrityBroken(f"{name}: the manifest does not say what was written")
        self.shelf.close(name, note)


def whose(wanted: Mapping[bytes, int], key: bytes, source: HandleSource) -> Iterator[Whose]:
    """Whose the pseudonyms of ``wanted`` (with their insurer) are, by trying every handle."""
    left: dict[int, set[bytes]] = {}
    for name, amc in wanted.items():
        left.setdefault(amc, set()).add(name)
    for amc, names in sorted(left.items()):
        handles = iter(source.handles(amc))
        while names and (handle := next(handles, None)) is not None:
            name = pseudonym(key, PERSON, handle)
            if name in names:
                names.remove(name)
                yield Whose(name, amc, handle)


def date_of(day: int) -> date:
    """The date of a day since 1970-01-01."""
    return date.fromordinal(EPOCH.toordinal() + day)


def day_of(name: str) -> int:
    """The day since 1970-01-01 of a date (ISO 8601)."""
    return date.fromisoformat(name).toordinal() - EPOCH.toordinal()


def _days(
    ledger: LedgerView, first: int, told: Told
) -> Iterator[tuple[int, Iterator[StoredEntry]]]:
    """Entries from ``first`` on, by day since 1970; what is erased goes with what is before it."""
    day = next((_day(each) for each in ledger.entries(first) if each.body is not None), 0)

    def day_of(stored: StoredEntry) -> int:
        nonlocal day
        if stored.body is not None:
            day = _day(stored)
        return day

    return groupby(_telling(ledger.entries(first), told), key=day_of)


def _day(stored: StoredEntry) -> int:
    assert stored.body is not None
    return decode(stored.body).at // DAY


def _telling(entries: Iterator[StoredEntry], told: Told) -> Iterator[StoredEntry]:
    count = 0
    for count, stored in enumerate(entries, 1):
        yield stored
        if count % TOLD_EVERY == 0:
            told(TOLD_EVERY)
    told(count % TOLD_EVERY)
