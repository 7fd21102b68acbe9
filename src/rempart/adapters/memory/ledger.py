"""The ledger in memory: the reference of ``LedgerStore``, and what tests break on purpose."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rempart.domain.disclosure import ENTRY_SIZE, EntryType, Outcome, decode
from rempart.domain.errors import Fenced
from rempart.tlog.hashing import leaf_hash
from rempart.tlog.tree import Completed
from rempart.usecases.ledger_view import StoredCheckpoint, StoredEntry

ABOUT_SOMEBODY = frozenset({EntryType.QUESTION, EntryType.REPEAT, EntryType.HISTORY})


@dataclass(slots=True)
class MemoryLedger:
    """Lists, and an epoch."""

    rows: list[StoredEntry] = field(default_factory=list)
    nodes: list[Completed] = field(default_factory=list)
    notes: list[StoredCheckpoint] = field(default_factory=list)
    pairs: dict[bytes, bytes] = field(default_factory=dict, repr=False)
    epoch: int = 0

    def take_over(self) -> int:
        """Shut every other writer out; the new fencing epoch."""
        self.epoch += 1
        return self.epoch

    def append(
        self,
        *,
        epoch: int,
        first: int,
        bodies: bytes,
        details: Sequence[bytes],
        completed: Sequence[Completed],
        known: Mapping[bytes, bytes],
    ) -> None:
        """Write entries, all or none."""
        if epoch != self.epoch or first != len(self.rows):
            raise Fenced("another vault has taken over")
        for place, detail in enumerate(details):
            body = bodies[place * ENTRY_SIZE : (place + 1) * ENTRY_SIZE]
            self.rows.append(StoredEntry(index=first + place, body=body, detail=detail, leaf=None))
        self.nodes.extend(completed)
        self.pairs.update(known)

    def known(self, pairs: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """What sites know, by pair."""
        return {pair: self.pairs[pair] for pair in pairs if pair in self.pairs}

    def of_persons(self, persons: Sequence[bytes]) -> Sequence[StoredEntry]:
        """What was opened about these, by period and pseudonym."""
        wanted, entries = set(persons), [(row, decode(row.body)) for row in self.rows if row.body]
        unopened = {entry.cites for _, entry in entries if entry.type is EntryType.UNOPENED}
        return [
            row
            for row, entry in entries
            if entry.type in ABOUT_SOMEBODY
            and entry.outcome is Outcome.OPENED
            and entry.period.to_bytes(2, "big") + entry.person in wanted
            and row.index not in unopened
        ]

    def empty(self) -> None:
        """Forget what sites know: it is about to be made again."""
        self.pairs.clear()

    def put(self, known: Mapping[bytes, bytes]) -> None:
        """Put back what sites know, by pair."""
        self.pairs.update(known)

    def publish(self, *, epoch: int, size: int, note: str) -> None:
        """Keep a signed checkpoint."""
        if epoch != self.epoch:
            raise Fenced("another vault has taken over")
        if not self.notes or self.notes[-1].size < size:
            self.notes.append(StoredCheckpoint(size=size, note=note))

    def entries(self, first: int = 0, end: int | None = None) -> Iterator[StoredEntry]:
        """Entries by ascending index."""
        yield from self.rows[first:end]

    def subtrees(self) -> Iterator[Completed]:
        """Stored subtree hashes, in order of completion."""
        yield from sorted(self.nodes, key=lambda node: ((node.index + 1) << node.level, node.level))

    def checkpoints(self) -> Iterator[StoredCheckpoint]:
        """Published checkpoints."""
        yield from self.notes

    def last_checkpoint(self) -> StoredCheckpoint | None:
        """The checkpoint of the largest size."""
        return self.notes[-1] if self.notes else None

    def leaf_hashes(self, first: int, end: int) -> Sequence[bytes]:
        """Hashes of the leaves ``first`` to ``end``."""
        return [row.leaf or leaf_hash(row.body or b"") for row in self.rows[first:end]]

    def subtree_hashes(self, level: int, first: int, end: int) -> Sequence[bytes]:
        """Stored hashes of one level."""
        return [n.hash for n in self.subtrees() if n.level == level and first <= n.index < end]


@dataclass(slots=True)
class MemoryMemo:
    """The last checkpoint, in memory."""

    note: str | None = None

    def last(self) -> str | None:
        """The last note, if any."""
        return self.note

    def keep(self, note: str) -> None:
        """Remember it."""
        self.note = note
