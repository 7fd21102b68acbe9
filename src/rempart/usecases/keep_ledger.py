"""Keep the ledger: the only hand that writes it, and the signature after every batch.

Opening it is a verification:

(1) take the ledger over, so that no other vault writes;
(2) hash every entry again, in order;
(3) the tree at the size of the last checkpoint kept outside the database has that checkpoint's
    root, under our own key: a shorter or different ledger is refused, and so is one of which
    nothing is remembered;
(4) write down that a vault has started, and sign.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from rempart.domain.budget import DAY
from rempart.domain.disclosure import (
    Codes,
    Entry,
    EntryType,
    decode,
    encode,
    encode_codes,
    period_of,
)
from rempart.domain.errors import (
    IntegrityBroken,
    LedgerBroken,
    RempartError,
    TemporarilyUnavailable,
)
from rempart.tlog.checkpoint import Checkpoint, open_checkpoint
from rempart.tlog.errors import TlogError
from rempart.tlog.hashing import leaf_hash
from rempart.tlog.tree import CompactRange
from rempart.usecases.ledger_view import StoredEntry
from rempart.usecases.ports import Chance, CheckpointMemo, Clock, LedgerStore, NoteSigner


class Folds(Protocol):
    """What the vault keeps in memory of the ledger, and can always make again from it.

    A batch is absorbed before it is committed, each question seeing those before it: ``mark``
    says that what was absorbed is durable, ``undo`` that it was not.
    """

    def absorb(self, index: int, entry: Entry, detail: bytes) -> None:
        """Count an entry of the ledger."""
        ...

    def mark(self) -> None:
        """What was absorbed is durable."""
        ...

    def undo(self) -> None:
        """What was absorbed since the last mark is not."""
        ...

    def forget(self) -> None:
        """Start again from nothing."""
        ...


class NoFolds:
    """A ledger kept by whoever answers nothing."""

    def absorb(self, index: int, entry: Entry, detail: bytes) -> None:
        """Count nothing."""

    def mark(self) -> None:
        """Nothing to keep."""

    def undo(self) -> None:
        """Nothing to take back."""

    def forget(self) -> None:
        """Nothing to forget."""


class Act(NamedTuple):
    """An entry that is no question: its type, the codes of its detail, further columns."""

    kind: EntryType
    codes: Codes
    columns: Mapping[str, int | bytes]


class Kept(NamedTuple):
    """An entry that is stored: its index (``ref``), and its detail."""

    ref: int
    entry: Entry
    detail: bytes

    def __repr__(self) -> str:
        return f"Kept({self.ref})"


def kept_of(stored: Iterable[StoredEntry]) -> list[Kept]:
    """Entries that are stored, each with the detail that it has the digest of.

    Raises:
        TemporarilyUnavailable: an entry and its detail disagree.
    """
    kept = []
    for each in stored:
        body, detail = each.body or b"", each.detail or b""
        entry = decode(body)
        if hashlib.sha256(detail).digest() != entry.detail_digest:
            raise TemporarilyUnavailable("an entry and its detail disagree")
        kept.append(Kept(each.index, entry, detail))
    return kept


NOTHING_KNOWN: Mapping[bytes, bytes] = {}
OF_THE_DAY = frozenset(
    {
        *(EntryType.QUESTION, EntryType.REPEAT, EntryType.UNOPENED),
        *(EntryType.SIGN_IN, EntryType.SIGN_IN_REFUSED, EntryType.HISTORY),
    }
)
"""What folds read of the last days only, and what is erased after twelve months; decisions stay."""

CLOCK_JITTER = 1_000_000
"""Microseconds that a clock may step back (a leap, a slewed NTP) before it is refused."""


@dataclass(slots=True)
class KeepLedger:
    """The writer. ``folds`` are made again at start, from questions of the last ``fold_days`` and
    from every decision; after a failure they go back to what is durable.
    """

    store: LedgerStore
    memo: CheckpointMemo
    signer: NoteSigner
    clock: Clock
    chance: Chance
    folds: Folds = field(default_factory=NoFolds)
    fold_days: int = 1
    epoch: int = 0
    tree: CompactRange = field(default_factory=CompactRange)
    note: str = ""
    _last_at: int = 0
    _folded_from: int = 0
    _published: int = -1
    _doubtful: bool = False

    @property
    def size(self) -> int:
        """Entries in the ledger."""
        return self.tree.size

    def stamp(self) -> int:
        """The present, never before the last entry. Ask for it before drafting entries.

        Raises:
            TemporarilyUnavailable: the clock went back, or the ledger cannot be read again.
        """
        if self._doubtful:
            self.recover()
        now = self.clock.now()
        if now < self._last_at - CLOCK_JITTER:
            raise TemporarilyUnavailable("the clock went back")
        return max(now, self._last_at)

    def open(self, *, adopt: bool = False) -> None:
        """Take over, verify, and say so in the ledger.

        A vault without memory of its own does not believe a ledger that others have written,
        unless it is told to ``adopt`` it: on a new host, or when the memory was lost.

        Raises:
            LedgerBroken: the ledger does not extend the last checkpoint.
            TemporarilyUnavailable: the clock, the store, or another vault at work.
        """
        self.read_again()  # (1), (2)
        if (kept := self.kept()) is not None and self.tree.size < kept.size:  # (3)
            raise LedgerBroken(f"{kept.size} entries were signed, {self.tree.size} are left")
        if kept is None and self.tree.size and not adopt:
            raise LedgerBroken(
                f"the ledger holds {self.tree.size} entries and this vault remembers none:"
                " give it its checkpoint back, or audit the ledger and adopt it"
            )
        adopted = {"adopted": self.tree.size} if kept is None and self.tree.size else {}
        self.act(EntryType.VAULT_STARTED, {"epoch": self.epoch, **adopted})  # (4)
        self.publish()

    def read_again(self) -> None:
        """Take over and hash everything; a ledger that is merely shorter passes here."""
        self.epoch = self.store.take_over()
        self.tree, self._last_at = CompactRange(), 0
        self._doubtful = False
        self._folded_from = self.clock.now() // DAY * DAY - self.fold_days * DAY
        self.folds.forget()
        self._rehash(self.kept())
        self.folds.mark()

    def kept(self) -> Checkpoint | None:
        """The last checkpoint kept outside the database.

        Raises:
            LedgerBroken: it is not one of ours.
        """
        note = self.memo.last()
        if note is None:
            return None
        try:
            return open_checkpoint(note, self.signer.verifier)
        except TlogError as error:
            raise LedgerBroken("the kept checkpoint is not ours") from error

    def _rehash(self, kept: Checkpoint | None) -> None:
        for entry in self.store.entries():
            if kept is not None and self.tree.size == kept.size:
                self._check(kept)
            if entry.body is None:
                assert entry.leaf is not None, "a store gives a body or a leaf"
                self.tree.append(entry.leaf)
            else:
                self._follow(entry.index, entry.body, entry.detail or b"")
        if kept is not None and self.tree.size == kept.size:
            self._check(kept)
        self.tree.completed()

    def _check(self, kept: Checkpoint) -> None:
        if self.tree.root() != kept.root:
            raise LedgerBroken(f"the first {kept.size} entries are not those that were signed")

    def _follow(self, index: int, body: bytes, detail: bytes) -> None:
        entry = decode(body)
        if entry.at < self._last_at:
            raise LedgerBroken(f"entry {index} goes back in time")
        if hashlib.sha256(detail).digest() != entry.detail_digest:
            raise LedgerBroken(f"entry {index} and its detail disagree")
        self._last_at = entry.at
        self.tree.append(leaf_hash(body))
        if entry.at >= self._folded_from or entry.type not in OF_THE_DAY:
            self.folds.absorb(index, entry, detail)

    def known(self, pairs: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """What sites know, by pair.

        Raises:
            TemporarilyUnavailable: not read; the next stamp takes the ledger up again.
        """
        try:
            return self.store.known(pairs)
        except TemporarilyUnavailable:
            self._doubtful = True
            raise

    def of_persons(self, persons: Sequence[bytes]) -> list[Kept]:
        """What was opened about these (period and pseudonym), by ascending index.

        Raises:
            TemporarilyUnavailable: not read, or an entry and its detail disagree: then
                ``rempart ledger verify`` says more.
        """
        try:
            stored = self.store.of_persons(persons)
        except TemporarilyUnavailable:
            self._doubtful = True
            raise
        return kept_of(stored)

    def append(
        self,
        drafts: Sequence[tuple[bytes, bytes]],
        *,
        at: int,
        known: Mapping[bytes, bytes] = NOTHING_KNOWN,
    ) -> int:
        """Make entries durable, then sign; the index of the first.

        Each draft is the 128 bytes of an entry stamped ``at`` and its detail, which the folds have
        absorbed; ``known`` is what the entries change of what sites know.

        Raises:
            TemporarilyUnavailable: nothing may be answered; the next stamp reads the ledger again.
            Fenced: another vault has taken over.
        """
        assert not self._doubtful, "stamp() comes first"
        first, peaks = self.tree.size, self.tree.peaks
        self.tree.extend([leaf_hash(body) for body, _ in drafts])
        self._doubtful = True
        try:
            self.store.append(
                epoch=self.epoch,
                first=first,
                bodies=b"".join([body for body, _ in drafts]),
                details=[detail for _, detail in drafts],
                completed=self.tree.completed(),
                known=known,
            )
        except RempartError:
            self.tree = CompactRange.resume(first, peaks)
            self.folds.undo()
            raise
        self.folds.mark()
        self._last_at = at
        self._sign()
        self._doubtful = False
        return first

    def act(self, kind: EntryType, codes: Codes, **columns: int | bytes) -> int:
        """Append one entry that is no question; its index."""
        return self.act_all([Act(kind, codes, columns)])

    def act_all(self, acts: Sequence[Act]) -> int:
        """Append entries that are no questions, all or none; the index of the first."""
        at, drafts = self.stamp(), []
        for place, (kind, codes, columns) in enumerate(acts):
            detail = encode_codes(codes, salt=self.chance.draw(16))
            entry = Entry(
                type=kind,
                period=period_of(at),
                at=at,
                detail_digest=hashlib.sha256(detail).digest(),
                **columns,  # type: ignore[arg-type]
            )
            self.folds.absorb(self.size + place, entry, detail)
            drafts.append((encode(entry), detail))
        return self.append(drafts, at=at)

    def _sign(self) -> None:
        checkpoint = Checkpoint(
            origin=self.signer.origin, size=self.tree.size, root=self.tree.root()
        )
        self.note = self.signer.sign(checkpoint.to_text())
        self.memo.keep(self.note)

    @property
    def unpublished(self) -> bool:
        """Whether the last checkpoint still waits to be published."""
        return self._published != self.tree.size

    def publish(self) -> None:
        """Put the last checkpoint where auditors read."""
        self.store.publish(epoch=self.epoch, size=self.tree.size, note=self.note)
        self._published = self.tree.size

    def _still_there(self, index: int) -> None:
        """Return if the last entry that was signed is still stored.

        Raises:
            LedgerBroken: it is gone.
        """
        if next(iter(self.store.entries(index)), None) is None:
            raise LedgerBroken("entries that were signed are gone")

    def recover(self) -> None:
        """After a failed append: read what was kept, count it, go on.

        What was kept was not answered; it counts as read all the same.
        """
        self.epoch = self.store.take_over()
        known = self.tree.size
        if known:
            self._still_there(known - 1)
        for entry in self.store.entries(known):
            if entry.body is None:
                raise IntegrityBroken("an entry of today was erased")
            self._follow(entry.index, entry.body, entry.detail or b"")
        self.folds.mark()
        self.tree.completed()  # kept with the entries that complete them
        self._sign()
        self._doubtful = False
