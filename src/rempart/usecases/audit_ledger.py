"""Verify a whole ledger: that it is, entry for entry, what the vault signed.

    (1) Indexes follow one another from 0.
    (2) An entry is 128 bytes of a known version, or an erased one's leaf hash; its detail has the
        digest that it names; time never goes back.
    (3) The tree is built again from every leaf.
    (4) Each checkpoint is signed by the vault's key, and its root is that of the tree at its size.
    (5) Stored subtree hashes are those of the tree.
    (6) Citations point back; what is re-opened is a question, what could not be opened is a
        question or its repeat, what is cleared is a cut-off; a lost range is well told; a person
        decides once on a claim.
    (7) A checkpoint that the inspector kept is extended, or named by a lost range.

What is wrong in one entry by itself (1, 2) names that entry. A tree that differs from what was
signed (4) can only name the entries between the last good checkpoint and the first bad one. The
rest (time in 2, 5, 6) is a doubt until the next checkpoint: if that one is bad, entries were
changed after they were signed and its range is named; if it is good, the doubt was signed so.

Entries after the last checkpoint are read but not proven: the report counts them apart. Of an
erased entry only the hash remains: the report tells how late one was erased, by the time of the
last entry standing before it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from rempart.domain.claim_decisions import decided_in
from rempart.domain.disclosure import (
    CITES_NOTHING,
    ENTRY_SIZE,
    Entry,
    EntryType,
    decode,
    decode_codes,
)
from rempart.domain.errors import IntegrityBroken, LedgerBroken, Refusal
from rempart.tlog.checkpoint import Checkpoint, open_checkpoint
from rempart.tlog.errors import NoteInvalid
from rempart.tlog.hashing import EMPTY_ROOT, HASH_SIZE, leaf_hash
from rempart.tlog.note import NoteVerifier
from rempart.tlog.tree import CompactRange, Completed
from rempart.usecases.ledger_view import LedgerView, StoredCheckpoint, StoredEntry

MAY_BE_CITED_BY = {
    EntryType.REPEAT: frozenset({EntryType.QUESTION}),
    EntryType.UNOPENED: frozenset({EntryType.QUESTION, EntryType.REPEAT}),
    EntryType.CANARY: frozenset({EntryType.QUESTION, EntryType.REPEAT}),
    EntryType.CUT_OFF: frozenset({EntryType.CUT_OFF}),
}
"""What an entry that cites another may cite."""
MUST_CITE = frozenset({EntryType.REPEAT, EntryType.UNOPENED, EntryType.CANARY})
Range = tuple[int, int]
"""First entry, and the one after the last."""


class LedgerDisproved(LedgerBroken):
    """The audit found the ledger changed; ``step`` is the one that failed.

    ``first_bad_entry`` where one entry is wrong by itself, otherwise ``range``: the change lies
    in these entries, the end excluded.
    """

    def __init__(
        self, step: int, fact: str, *, entry: int | None = None, range: Range | None = None
    ) -> None:
        where = f"entry {entry}" if range is None else f"entries {range[0]} to {range[1] - 1}"
        super().__init__(f"step {step}, {where}: {fact}")
        self.step = step
        self.first_bad_entry = entry
        self.range = range


@dataclass(frozen=True, slots=True, kw_only=True)
class LostRange:
    """A restore lost entries that had been signed, and entry ``index`` says so.

    The ledger had ``old_size`` entries under ``old_root``; ``size`` were left.
    """

    index: int
    old_size: int
    old_root: bytes
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """A ledger that holds.

    ``size`` and ``root`` are those of its last checkpoint; ``unsigned`` entries follow it.
    ``erased_after`` (microseconds) is the time of the last entry that stands before an erased one:
    an entry younger than that was erased. ``lost`` are signed admissions, never to be passed over;
    ``saved_lost`` is the one that stands for the inspector's own checkpoint. ``decided`` are the
    entries in which a person decided on a claim.
    """

    entries: int
    erased: int
    erased_after: int | None
    checkpoints: int
    size: int
    root: bytes
    lost: tuple[LostRange, ...] = ()
    saved_lost: LostRange | None = None
    decided: tuple[int, ...] = field(default=(), repr=False)

    @property
    def unsigned(self) -> int:
        """Entries that no checkpoint signs yet."""
        return self.entries - self.size


@dataclass(frozen=True, slots=True)
class AuditLedger:
    """Audits ``ledger`` under the vault's public ``key``, which must not come from the ledger."""

    ledger: LedgerView
    key: NoteVerifier

    def __call__(self, *, saved: Checkpoint | None = None) -> AuditReport:
        """Verify everything; ``saved`` is a checkpoint that the inspector kept.

        Raises:
            LedgerDisproved: the ledger is not what was signed.
            Refusal: ``saved`` is the checkpoint of another ledger.
        """
        if saved is not None and saved.origin != self.key.name:
            raise Refusal("the kept checkpoint is that of another ledger")
        audit = _Audit(self.key, self.ledger.checkpoints(), self.ledger.subtrees(), saved)
        audit.meet_checkpoints()
        for stored in self.ledger.entries():
            audit.take(stored)
        return audit.report()


class _Marks:
    """One bit per entry."""

    def __init__(self) -> None:
        self._bits = bytearray()
        self._count = 0

    def append(self, marked: bool) -> None:
        byte, bit = divmod(self._count, 8)
        if bit == 0:
            self._bits.append(0)
        self._bits[byte] |= marked << bit
        self._count += 1

    def at(self, index: int) -> bool:
        return bool(self._bits[index >> 3] >> (index & 7) & 1)


@dataclass(slots=True)
class _Audit:
    """The audit under way: memory of the tree's right edge, and two bits per entry."""

    key: NoteVerifier
    checkpoints: Iterator[StoredCheckpoint]
    subtrees: Iterator[Completed]
    saved: Checkpoint | None
    tree: CompactRange = field(default_factory=CompactRange)
    citable: dict[EntryType, "_Marks"] = field(
        default_factory=lambda: {kind: _Marks() for kind in MAY_BE_CITED_BY}
    )
    waiting: StoredCheckpoint | None = None
    signed: int = 0
    signed_root: bytes = EMPTY_ROOT
    met: int = 0
    erased: int = 0
    erased_after: int | None = None
    at: int | None = None
    doubt: LedgerDisproved | None = None
    lost: list[LostRange] = field(default_factory=list)
    decided: dict[bytes, int] = field(default_factory=dict, repr=False)
    saved_root: bytes | None = None

    def __post_init__(self) -> None:
        self.waiting = next(self.checkpoints, None)

    def take(self, stored: StoredEntry) -> None:
        """Verify the next entry."""
        index = self.tree.size
        # (1) Indexes follow one another.
        if stored.index != index:
            raise LedgerDisproved(1, f"index {stored.index} stands in its place", entry=index)
        # (2) The entry is well formed and is the one its detail belongs to; time goes on.
        entry, leaf = _read(stored)
        self._keep_time(index, entry)
        # (3) The tree is built again.
        self.tree.append(leaf)
        # (5) What is stored of the tree is the tree.
        for computed in self.tree.completed():
            self._compare(computed, next(self.subtrees, None))
        # (6) What it says of other entries can be so.
        self._follow_citation(index, entry)
        if entry is not None and entry.type is EntryType.RANGE_LOST:
            self._note_lost(index, stored.detail or b"")
        if entry is not None and entry.type is EntryType.DECISION:
            self._note_decided(index, entry, stored.detail or b"")
        # (4) (7) Last, because a good checkpoint turns doubts into certainty.
        self.meet_checkpoints()

    def meet_checkpoints(self) -> None:
        """(4) (7) Compare the tree with what was signed, or kept, at the size it has reached."""
        if self.saved is not None and self.saved.size == self.tree.size:
            self.saved_root = self.tree.root()
        while self.waiting is not None and self.waiting.size <= self.tree.size:
            self._meet(self.waiting)
            self.waiting = next(self.checkpoints, None)

    def report(self) -> AuditReport:
        """What holds, once nothing is left to verify.

        Raises:
            LedgerDisproved: something is left that the entries do not bear out.
        """
        entries = self.tree.size
        # (4) Nothing was signed that is not here, and something was signed.
        if self.waiting is not None:
            self._meet_beyond(self.waiting)
        if entries and not self.signed:
            raise LedgerDisproved(4, "no checkpoint signs any entry", range=(0, entries))
        # (2) (5) (6) Doubts about entries that are not signed yet.
        if self.doubt is not None:
            raise self.doubt
        # (5) Nothing is stored about subtrees that do not exist.
        extra = next(self.subtrees, None)
        if extra is not None:
            fact = "a subtree is stored of entries that are missing"
            raise LedgerDisproved(5, fact, range=_span(extra))
        # An admission counts if it is signed: anybody could write one after the last checkpoint.
        lost = tuple(each for each in self.lost if each.index < self.signed)
        return AuditReport(
            entries=entries,
            erased=self.erased,
            erased_after=self.erased_after,
            checkpoints=self.met,
            size=self.signed,
            root=self.signed_root,
            lost=lost,
            saved_lost=self._extend_saved(lost),
            decided=tuple(self.decided.values()),
        )

    def _keep_time(self, index: int, entry: Entry | None) -> None:
        """(2) Time never goes back."""
        if entry is None:
            self.erased += 1
            self.erased_after = self.at
            return
        if self.at is not None and entry.at < self.at:
            self._doubt(2, "its time is before that of an earlier entry", entry=index)
        self.at = entry.at

    def _meet(self, stored: StoredCheckpoint) -> None:
        suspects = (self.signed, max(stored.size, self.signed + 1))
        if self.met and stored.size <= self.signed:
            raise LedgerDisproved(4, "a checkpoint is out of order", range=suspects)
        checkpoint = self._opened(stored, suspects)
        root = self.tree.root()
        if checkpoint.root != root:
            fact = f"the root at size {stored.size} is not the signed one"
            if self.doubt is not None:
                fact += f" (first sign: {self.doubt})"
            raise LedgerDisproved(4, fact, range=suspects)
        if self.doubt is not None:
            raise self.doubt
        self.signed, self.signed_root = stored.size, root
        self.met += 1

    def _meet_beyond(self, stored: StoredCheckpoint) -> None:
        """(4) A checkpoint of more entries than there are: forged, or they were removed."""
        suspects = (self.signed, stored.size)
        self._opened(stored, suspects)
        fact = f"{stored.size} entries were signed, {self.tree.size} are left"
        raise LedgerDisproved(4, fact, range=suspects)

    def _opened(self, stored: StoredCheckpoint, suspects: Range) -> Checkpoint:
        try:
            checkpoint = open_checkpoint(stored.note, self.key)
        except NoteInvalid as error:
            fact = f"the checkpoint of size {stored.size} does not hold, {error}"
            raise LedgerDisproved(4, fact, range=suspects) from error
        if checkpoint.size != stored.size:
            fact = f"the checkpoint stored at size {stored.size} is of size {checkpoint.size}"
            raise LedgerDisproved(4, fact, range=suspects)
        return checkpoint

    def _compare(self, computed: Completed, stored: Completed | None) -> None:
        """(5) A stored subtree hash is the computed one."""
        if stored != computed:
            fact = f"the stored hash of subtree {computed.index} at level {computed.level} differs"
            self._doubt(5, fact, range=_span(computed))

    def _follow_citation(self, index: int, entry: Entry | None) -> None:
        """(6) An erased entry may have been anything; we cannot know any more."""
        for citing, kinds in MAY_BE_CITED_BY.items():
            self.citable[citing].append(entry is None or entry.type in kinds)
        if entry is None:
            return
        cited, marks = entry.cites, self.citable.get(entry.type)
        if cited == CITES_NOTHING:
            if entry.type in MUST_CITE:
                self._doubt(6, "it cites nothing", entry=index)
        elif cited >= index:
            self._doubt(6, "it cites what is not before it", entry=index)
        elif marks is not None and not marks.at(cited):
            fact = "what cannot be opened" if entry.type in MUST_CITE else "no cut-off"
            self._doubt(6, f"it cites {fact}", entry=index)

    def _note_lost(self, index: int, detail: bytes) -> None:
        """(6) A lost range says which size and root were signed, and what was left."""
        try:
            codes = decode_codes(detail)
        except IntegrityBroken as error:
            self._doubt(6, str(error), entry=index)
            return
        match codes:
            case {"old_size": int(old_size), "old_root": bytes(old_root), "size": int(size)} if (
                0 <= size < old_size and size <= index and len(old_root) == HASH_SIZE
            ):
                lost = LostRange(index=index, old_size=old_size, old_root=old_root, size=size)
                self.lost.append(lost)
            case _:
                self._doubt(6, "it tells no lost range", entry=index)

    def _note_decided(self, index: int, entry: Entry, detail: bytes) -> None:
        """(6) A claim is decided on once."""
        try:
            decided = decided_in(index, entry, detail)
        except (IntegrityBroken, KeyError, ValueError):
            self._doubt(6, "it tells no decision", entry=index)
            return
        if decided is None:
            return
        if (before := self.decided.setdefault(decided.claim, index)) != index:
            self._doubt(6, f"entry {before} has decided on this claim", entry=index)

    def _extend_saved(self, lost: tuple[LostRange, ...]) -> LostRange | None:
        """(7) The kept checkpoint is extended, or the lost range that names it."""
        saved = self.saved
        if saved is None or saved.root == self.saved_root:
            return None
        for each in lost:
            if (each.old_size, each.old_root) == (saved.size, saved.root):
                return each
        fact = "the kept checkpoint is not extended, and no lost range names it"
        raise LedgerDisproved(7, fact, range=(0, saved.size))

    def _doubt(
        self, step: int, fact: str, *, entry: int | None = None, range: Range | None = None
    ) -> None:
        if self.doubt is None:
            self.doubt = LedgerDisproved(step, fact, entry=entry, range=range)


def _read(stored: StoredEntry) -> tuple[Entry | None, bytes]:
    """(2) The entry, unless erased, and its leaf hash."""
    index, body, detail = stored.index, stored.body, stored.detail
    if body is None:
        if detail is not None or stored.leaf is None or len(stored.leaf) != HASH_SIZE:
            raise LedgerDisproved(2, "neither an entry nor an erased one", entry=index)
        return None, stored.leaf
    if stored.leaf is not None or detail is None or len(body) != ENTRY_SIZE:
        raise LedgerDisproved(2, "neither an entry nor an erased one", entry=index)
    try:
        entry = decode(body)
    except IntegrityBroken as error:
        raise LedgerDisproved(2, str(error), entry=index) from error
    if sha256(detail).digest() != entry.detail_digest:
        raise LedgerDisproved(2, "its detail is not the one that it names", entry=index)
    return entry, leaf_hash(body)


def _span(subtree: Completed) -> Range:
    return subtree.index << subtree.level, (subtree.index + 1) << subtree.level
