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
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

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
from rempart.usecases.ports import Chance, CheckpointMemo, Clock, LedgerStore, NoteSigner

Fold = Callable[[int, Entry, bytes], None]
"""Absorbs an entry: its index, the entry, its detail."""

CLOCK_JITTER = 1_000_000
"""Microseconds that a clock may step back (a leap, a slewed NTP) before it is refused."""


@dataclass(slots=True)
class KeepLedger:
    """The writer. ``folds`` are rebuilt from the day's entries at start and after a failure."""

    store: LedgerStore
    memo: CheckpointMemo
    signer: NoteSigner
    clock: Clock
    chance: Chance
    folds: Sequence[Fold] = ()
    forget: Callable[[], None] = lambda: None
    epoch: int = 0
    tree: CompactRange = field(default_factory=CompactRange)
    note: str = ""
    _last_at: int = 0
    _day_start: int = 0
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
        self.tree, self._last_at, self._day_start = CompactRange(), 0, 0
        self._doubtful = False
        self.forget()
        self._rehash(self.kept())

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
        if entry.at // DAY != self._last_at // DAY:
            self._day_start = index
            self.forget()
        self._last_at = entry.at
        self.tree.append(leaf_hash(body))
        for fold in self.folds:
            fold(index, entry, detail)

    def append(self, drafts: Sequence[tuple[bytes, bytes]], *, at: int) -> int:
        """Make entries durable, then sign; the index of the first.

        Each draft is the 128 bytes of an entry stamped ``at`` and its detail.

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
            )
        except RempartError:
            self.tree = CompactRange.resume(first, peaks)
            raise
        if at // DAY != self._last_at // DAY:
            self._day_start = first
        self._last_at = at
        self._sign()
        self._doubtful = False
        return first

    def act(self, kind: EntryType, codes: Codes, **columns: int | bytes) -> int:
        """Append one entry that is no question; its index."""
        at = self.stamp()
        detail = encode_codes(codes, salt=self.chance.draw(16))
        entry = Entry(
            type=kind,
            period=period_of(at),
            at=at,
            detail_digest=hashlib.sha256(detail).digest(),
            **columns,  # type: ignore[arg-type]
        )
        index = self.append([(encode(entry), detail)], at=at)
        for fold in self.folds:
            fold(index, entry, detail)
        return index

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

    def recover(self) -> None:
        """After a failed append: read what was kept, count it, go on.

        What was kept was not answered; it counts as read all the same.
        """
        self.epoch = self.store.take_over()
        known = self.tree.size
        self.forget()
        for entry in self.store.entries(min(self._day_start, known)):
            if entry.body is None:
                raise IntegrityBroken("an entry of today was erased")
            read = decode(entry.body)
            if entry.index >= known:
                self._last_at = read.at
                self.tree.append(leaf_hash(entry.body))
            for fold in self.folds:
                fold(entry.index, read, entry.detail or b"")
        if self.tree.size < known:
            raise LedgerBroken("entries that were signed are gone")
        self.tree.completed()  # kept with the entries that complete them
        self._sign()
        self._doubtful = False
