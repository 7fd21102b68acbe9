"""A ledger in memory, honest when built, and open to every kind of tampering."""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

from rempart.domain.disclosure import (
    CITES_NOTHING,
    Entry,
    EntryType,
    Fields,
    Outcome,
    Presence,
    QuestionDetail,
    encode,
    encode_codes,
    period_of,
)
from rempart.tlog.checkpoint import Checkpoint
from rempart.tlog.hashing import leaf_hash
from rempart.tlog.note import NoteKey
from rempart.tlog.tree import CompactRange, Completed
from rempart.usecases.ledger_view import StoredCheckpoint, StoredEntry

KEY = NoteKey("example.org/ledger", bytes(range(32)))
START = 1_793_491_200_000_000  # 2026-11-01
SECOND = 1_000_000


def pseudonym(*parts) -> bytes:
    return sha256(repr(parts).encode()).digest()[:16]


def codes_detail(index: int, **codes) -> bytes:
    return encode_codes(codes, salt=pseudonym("salt", index))


def question(index: int, **fields) -> tuple[Entry, bytes]:
    """Entry ``index``, a question, and its detail."""
    detail = QuestionDetail(
        salt=pseudonym("salt", index),
        retry=pseudonym("retry", index),
        question=pseudonym("question", index),
        care_offset=0,
        software=7,
    ).encode()
    entry = {
        "type": EntryType.QUESTION,
        "person": pseudonym("person", index % 50),
        "account": pseudonym("account", index % 5),
        "site": pseudonym("site", index % 5),
        "session": pseudonym("session", index % 9),
        "amc": 12345678,
        "domain": 1,
        "presence": Presence.CARD,
        "outcome": Outcome.OPENED,
        "fields": Fields.RIGHTS,
    } | fields
    return made(index, detail, **entry), detail


def made(index: int, detail: bytes, **fields) -> Entry:
    """Entry ``index``: one a second."""
    at = fields.pop("at", START + index * SECOND)
    return Entry(at=at, period=period_of(at), detail_digest=sha256(detail).digest(), **fields)


class MemoryLedger:
    """A ``LedgerView`` over plain lists."""

    def __init__(self, key: NoteKey = KEY) -> None:
        self.key = key
        self.tree = CompactRange()
        self.rows: list[StoredEntry] = []
        self.hashes: list[Completed] = []
        self.notes: list[StoredCheckpoint] = []

    # What the vault does.

    def append(self, entry: Entry, detail: bytes) -> int:
        body = encode(entry)
        index = len(self.rows)
        self.rows.append(StoredEntry(index=index, body=body, detail=detail))
        self.tree.append(leaf_hash(body))
        self.hashes += self.tree.completed()
        return index

    def ask(self, **fields) -> int:
        return self.append(*question(len(self.rows), **fields))

    def act(self, kind: EntryType = EntryType.DECISION, cites: int = CITES_NOTHING, **codes) -> int:
        index = len(self.rows)
        detail = codes_detail(index, **codes)
        return self.append(made(index, detail, type=kind, cites=cites), detail)

    def head(self) -> Checkpoint:
        return Checkpoint(origin=self.key.origin, size=self.tree.size, root=self.tree.root())

    def sign(self) -> Checkpoint:
        head = self.head()
        note = self.key.sign(head.to_text())
        self.notes.append(StoredCheckpoint(size=head.size, note=note))
        return head

    def erase(self, index: int) -> None:
        body = self.rows[index].body
        assert body is not None
        self.rows[index] = StoredEntry(index=index, leaf=leaf_hash(body))

    # What a thief does.

    def put(self, position: int, **fields) -> None:
        self.rows[position] = replace(self.rows[position], **fields)

    def renumber(self) -> None:
        self.rows = [replace(row, index=index) for index, row in enumerate(self.rows)]

    def flip(self, position: int, part: str, byte: int, bit: int = 0) -> None:
        changed = bytearray(getattr(self.rows[position], part))
        changed[byte] ^= 1 << bit
        self.put(position, **{part: bytes(changed)})

    # What an auditor sees.

    def entries(self, first: int = 0, end: int | None = None) -> Iterator[StoredEntry]:
        return iter(self.rows[first:end])

    def subtrees(self) -> Iterator[Completed]:
        return iter(self.hashes)

    def checkpoints(self) -> Iterator[StoredCheckpoint]:
        return iter(self.notes)

    def last_checkpoint(self) -> StoredCheckpoint | None:
        return self.notes[-1] if self.notes else None

    def leaf_hashes(self, first: int, end: int) -> list[bytes]:
        return [
            leaf_hash(row.body) if row.body is not None else row.leaf
            for row in self.rows[first:end]
        ]

    def subtree_hashes(self, level: int, first: int, end: int) -> list[bytes]:
        row = [each.hash for each in self.hashes if each.level == level]
        return row[first:end]


def honest_ledger(size: int = 700, *, batch: int = 10) -> MemoryLedger:
    """Questions, their repeats and failures, sign-ins and decisions; a checkpoint every batch.

    Entries 0 to 19 and 100 are erased.
    """
    ledger = MemoryLedger()
    while len(ledger.rows) < size:
        live(ledger)
        if len(ledger.rows) % batch == 0:
            ledger.sign()
    for index in {*range(20), 100} & set(range(size)):
        ledger.erase(index)
    return ledger


def live(ledger: MemoryLedger) -> None:
    """One more entry; every seventh begins the same week again."""
    index = len(ledger.rows)
    match index % 7:
        case 0:
            ledger.act(EntryType.SIGN_IN, software=7)
        case 2:
            ledger.ask(type=EntryType.REPEAT, cites=index - 1)
        case 4:
            ledger.act(EntryType.UNOPENED, cites=index - 1, reason="unreadable")
        case 6:
            ledger.act(EntryType.DECISION, act="rotate", version=2)
        case _:
            ledger.ask()
