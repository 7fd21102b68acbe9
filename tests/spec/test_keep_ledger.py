"""The ledger extends what was signed, or the vault does not start."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from rempart.adapters.memory.ledger import MemoryLedger, MemoryMemo
from rempart.adapters.memory.world import MemoryChance, MemoryClock
from rempart.domain.disclosure import (
    Entry,
    EntryType,
    Outcome,
    QuestionDetail,
    decode,
    decode_codes,
    encode,
)
from rempart.domain.errors import (
    Fenced,
    LedgerBroken,
    Refusal,
    TemporarilyUnavailable,
)
from rempart.tlog.note import NoteKey
from rempart.usecases.admit_loss import AdmitLoss
from rempart.usecases.audit_ledger import AuditLedger
from rempart.usecases.keep_ledger import KeepLedger
from tests.failing import FailingLedger

title = "When a vault takes the ledger"

NOON = 1_795_000_000_000_000
SIGNER = NoteKey("vault.test/ledger", b"k" * 32)


def a_keeper(store: MemoryLedger, memo: MemoryMemo, clock: MemoryClock | None = None) -> KeepLedger:
    return KeepLedger(
        store=store,
        memo=memo,
        signer=SIGNER,
        clock=clock or MemoryClock(NOON),
        chance=MemoryChance(),
    )


def a_draft(at: int, name: bytes = b"q") -> tuple[bytes, bytes]:
    detail = QuestionDetail(salt=name * 16, retry=name * 16, question=name * 16).encode()
    entry = Entry(
        type=EntryType.QUESTION,
        period=2611,
        at=at,
        person=name * 16,
        site=b"s" * 16,
        outcome=Outcome.OPENED,
        detail_digest=hashlib.sha256(detail).digest(),
    )
    return encode(entry), detail


@pytest.fixture
def store() -> MemoryLedger:
    return MemoryLedger()


@pytest.fixture
def memo() -> MemoryMemo:
    return MemoryMemo()


@pytest.fixture
def kept(store: MemoryLedger, memo: MemoryMemo) -> KeepLedger:
    """A ledger of one start and 600 questions."""
    keeper = a_keeper(store, memo)
    keeper.open()
    for number in range(6):
        at = keeper.stamp()
        keeper.append([a_draft(at, bytes([number, place]) * 8) for place in range(100)], at=at)
        keeper.publish()
    return keeper


def test_a_restart_goes_on_where_the_ledger_stood(store, memo, kept):
    again = a_keeper(store, memo)
    again.open()
    assert again.size == kept.size + 1
    assert decode(store.rows[-1].body or b"").type is EntryType.VAULT_STARTED
    AuditLedger(store, SIGNER.verifier)()


def test_what_is_stored_for_proofs_agrees_with_the_tree(store, kept):
    again = a_keeper(store, MemoryMemo())
    again.open(adopt=True)
    assert [(node.level, node.index) for node in store.nodes] == [(8, 0), (8, 1)]


@pytest.mark.parametrize("place", [0, 1, 300, 600])
def test_an_edited_entry_is_refused_at_start(store, memo, kept, place):
    row = store.rows[place]
    body = bytearray(row.body or b"")
    body[20] ^= 1
    store.rows[place] = replace(row, body=bytes(body))
    with pytest.raises(LedgerBroken):
        a_keeper(store, memo).open()


def test_an_edited_detail_is_refused_at_start(store, memo, kept):
    row = store.rows[7]
    store.rows[7] = replace(row, detail=b"\x01" + bytes(54))
    with pytest.raises(LedgerBroken, match="entry 7"):
        a_keeper(store, memo).open()


def test_swapped_entries_are_refused_at_start(store, memo, kept):
    store.rows[5], store.rows[6] = store.rows[6], store.rows[5]
    with pytest.raises(LedgerBroken):
        a_keeper(store, memo).open()


def test_a_database_rolled_back_is_refused_at_start(store, memo, kept):
    del store.rows[-1]
    with pytest.raises(LedgerBroken, match="601 entries were signed, 600 are left"):
        a_keeper(store, memo).open()


def test_a_vault_that_remembers_nothing_believes_nothing(store, kept):
    """Whoever can roll the database back may also have taken the memory away."""
    with pytest.raises(LedgerBroken, match="remembers none"):
        a_keeper(store, MemoryMemo()).open()
    adopting = a_keeper(store, MemoryMemo())
    adopting.open(adopt=True)
    codes = decode_codes(store.rows[-1].detail or b"")
    assert codes["adopted"] == kept.size


def test_a_forged_memo_is_refused(store, kept):
    forged = NoteKey("vault.test/ledger", b"x" * 32).sign(
        "vault.test/ledger\n0\n" + "A" * 43 + "=\n"
    )
    with pytest.raises(LedgerBroken, match="not ours"):
        a_keeper(store, MemoryMemo(forged)).open()


def test_after_a_restore_the_lost_range_is_itself_an_entry(store, memo, kept):
    kept_size, kept_root = kept.tree.size, kept.tree.root()
    del store.rows[-50:]
    store.notes = [note for note in store.notes if note.size <= len(store.rows)]

    keeper = a_keeper(store, memo)
    index = AdmitLoss(keeper)()
    keeper.publish()

    report = AuditLedger(store, SIGNER.verifier)()
    assert index == 551
    assert [(lost.old_size, lost.old_root, lost.size) for lost in report.lost] == [
        (kept_size, kept_root, 551)
    ]
    a_keeper(store, memo).open()


def test_nothing_is_admitted_where_nothing_was_lost(store, memo, kept):
    with pytest.raises(Refusal, match="nothing was lost"):
        AdmitLoss(a_keeper(store, memo))()


def test_a_stale_vault_cannot_append(store, memo, kept):
    a_keeper(store, memo).open()
    at = kept.stamp()
    with pytest.raises(Fenced):
        kept.append([a_draft(at)], at=at)


def test_a_clock_that_goes_back_stops_the_vault(store, memo):
    clock = MemoryClock(NOON)
    keeper = a_keeper(store, memo, clock)
    keeper.open()
    clock.forward(seconds=-0.5)
    assert keeper.stamp() == NOON
    clock.forward(seconds=-1)
    with pytest.raises(TemporarilyUnavailable, match="clock"):
        keeper.stamp()


@dataclass
class People:
    """A fold that lists the people of entries, in order."""

    counted: list[bytes] = field(default_factory=list)
    durable: int = 0

    def absorb(self, index: int, entry: Entry, detail: bytes) -> None:
        self.counted.append(entry.person)

    def mark(self) -> None:
        self.durable = len(self.counted)

    def undo(self) -> None:
        del self.counted[self.durable :]

    def forget(self) -> None:
        self.counted, self.durable = [], 0


def weighed(keeper: KeepLedger, drafts: Sequence[tuple[bytes, bytes]]) -> None:
    """What is judged ahead of its commit is absorbed ahead of it too."""
    for place, (body, detail) in enumerate(drafts):
        keeper.folds.absorb(keeper.size + place, decode(body), detail)


@pytest.mark.parametrize("size", [1, 600])
@pytest.mark.parametrize("persisted", [False, True], ids=["lost", "kept"])
def test_a_failed_append_is_read_again_before_the_next(memo, persisted, size):
    """The vault cannot know whether the write survived; it reads, and counts what it finds."""
    store = FailingLedger(persisted=persisted)
    keeper = a_keeper(store, memo)
    folds = People()
    keeper.folds = folds
    keeper.open()
    store.after = 0
    at = keeper.stamp()
    weighed(keeper, [a_draft(at, b"a")] * size)
    with pytest.raises(TemporarilyUnavailable):
        keeper.append([a_draft(at, b"a")] * size, at=at)
    assert folds.counted.count(b"a" * 16) == 0

    at = keeper.stamp()
    weighed(keeper, [a_draft(at, b"b")])
    keeper.append([a_draft(at, b"b")], at=at)
    keeper.publish()

    assert folds.counted.count(b"a" * 16) == size * persisted
    assert folds.counted.count(b"b" * 16) == 1
    assert len(store.rows) == 2 + size * persisted
    assert len({(node.level, node.index) for node in store.nodes}) == len(store.nodes)
    AuditLedger(store, SIGNER.verifier)()
