"""What an inspector finds, and what only a kept checkpoint shows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rempart.adapters.folder_ledger import FolderLedger, write_folder
from rempart.domain.disclosure import EntryType, decode, encode
from rempart.domain.errors import IntegrityBroken, LedgerBroken, Refusal
from rempart.tlog.checkpoint import Checkpoint
from rempart.tlog.note import NoteKey
from rempart.tlog.tree import Completed
from rempart.usecases.audit_ledger import AuditLedger, LedgerDisproved, LostRange
from rempart.usecases.ledger_view import StoredCheckpoint
from tests.ledgers import KEY, START, MemoryLedger, honest_ledger, question

title = "The ledger, audited"


def audit(ledger, saved=None):
    return AuditLedger(ledger, KEY.verifier)(saved=saved)


def disproved(ledger, saved=None) -> LedgerDisproved:
    with pytest.raises(LedgerBroken) as caught:
        audit(ledger, saved)
    assert isinstance(caught.value, LedgerDisproved)
    return caught.value


# --- A ledger that holds -----------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 10, 15, 250, 260, 700])
def test_an_honest_ledger_holds(size):
    ledger = honest_ledger(size)
    report = audit(ledger)

    assert report.entries == size
    assert report.size == size - size % 10
    assert report.unsigned == size % 10
    assert report.checkpoints == size // 10
    assert report.erased == len([row for row in ledger.rows if row.body is None])
    assert report.lost == ()


@pytest.fixture(params=["in memory", "in a folder"])
def shelf(request, tmp_path) -> Callable[[MemoryLedger], object]:
    """Where a ledger is audited from."""

    def in_folder(ledger):
        write_folder(ledger, tmp_path / "export", vkey=KEY.vkey)
        return FolderLedger.open(tmp_path / "export")

    return in_folder if request.param == "in a folder" else lambda ledger: ledger


def test_the_report_says_what_was_proven(shelf):
    ledger = honest_ledger(700)
    ledger.ask()
    report = audit(shelf(ledger))

    assert (report.entries, report.size, report.unsigned) == (701, 700, 1)
    assert (report.erased, report.checkpoints) == (21, 70)
    head = Checkpoint.parse(ledger.notes[-1].note.partition("\n\n")[0] + "\n")
    assert report.root == head.root


def test_the_report_tells_how_late_an_entry_was_erased(shelf):
    ledger = honest_ledger(60)
    assert audit(ledger).erased_after is None

    ledger.erase(50)
    assert audit(shelf(ledger)).erased_after == decode(ledger.rows[49].body).at


def on_a_claim(ledger, tag: bytes = b"t" * 16, **more) -> int:
    codes = {"claim": tag, "accepted": 1, "amount": 40_00, "why": 1, "by": "nadia"}
    return ledger.act(EntryType.DECISION, **(codes | more))


def test_the_report_tells_where_persons_decided_on_claims(shelf):
    ledger = honest_ledger(20)
    taken = (on_a_claim(ledger), on_a_claim(ledger, b"u" * 16))
    ledger.sign()
    assert audit(ledger).decided == audit(shelf(ledger)).decided == taken


@pytest.mark.parametrize("more", [{}, {"accepted": 0, "amount": 0}, {"why": 99}], ids=str)
def test_a_claim_that_was_decided_on_twice_is_named(more):
    ledger = honest_ledger(20)
    on_a_claim(ledger)
    on_a_claim(ledger, **more)
    ledger.sign()
    found = disproved(ledger)
    assert (found.step, found.first_bad_entry) == (6, 21)


def test_a_checkpoint_of_the_empty_ledger_holds():
    ledger = MemoryLedger()
    ledger.sign()
    ledger.ask()
    ledger.sign()
    assert audit(ledger).checkpoints == 2


# --- Tampering, one act a line -----------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    name: str
    tamper: Callable[[MemoryLedger], object]
    step: int
    entry: int | None = None
    range: tuple[int, int] | None = None


def set_detail(ledger, index, detail):
    """A thief who also mends the digest in the body."""
    changed = decode(ledger.rows[index].body)._replace(detail_digest=sha256(detail).digest())
    body = encode(changed)
    ledger.put(index, body=body, detail=detail)


def swap_contents(ledger, one, other):
    rows = ledger.rows
    rows[one], rows[other] = rows[other], rows[one]
    ledger.renumber()


def swap_bodies(ledger, one, other):
    a, b = ledger.rows[one].body, ledger.rows[other].body
    ledger.put(one, body=b)
    ledger.put(other, body=a)


def swap_rows(ledger, one, other):
    rows = ledger.rows
    rows[one], rows[other] = rows[other], rows[one]


def drop(ledger, index, *, renumber):
    del ledger.rows[index]
    if renumber:
        ledger.renumber()


def duplicate(ledger, index, *, renumber):
    ledger.rows.insert(index, ledger.rows[index])
    if renumber:
        ledger.renumber()


def cut(ledger, size, *, checkpoints=False, subtrees=False):
    del ledger.rows[size:]
    if checkpoints:
        ledger.notes = [each for each in ledger.notes if each.size <= size]
    if subtrees:
        ledger.hashes = [each for each in ledger.hashes if (each.index + 1) << each.level <= size]


def resign(ledger, position, *, key=KEY, size=None, note=None):
    stored = ledger.notes[position]
    head = Checkpoint.parse(stored.note.rpartition("\n\n")[0] + "\n")
    text = replace(head, size=size or head.size).to_text()
    ledger.notes[position] = replace(stored, note=note or key.sign(text))


def store_at(ledger, position, size):
    ledger.notes[position] = replace(ledger.notes[position], size=size)


def set_hash(ledger, position, **fields):
    ledger.hashes[position] = replace(ledger.hashes[position], **fields)


def swap_hashes(ledger):
    ledger.hashes.reverse()


def change_unannounced(ledger):
    """A changed entry, and no checkpoint close to it."""
    ledger.flip(305, "body", 20)
    del ledger.notes[30:34]


OTHER = NoteKey(KEY.origin, bytes(32))
ELSEWHERE = NoteKey("example.org/elsewhere", KEY.secret)

CASES = [
    Case("a changed detail", lambda it: it.flip(305, "detail", 3), 2, entry=305),
    Case("an emptied detail", lambda it: it.put(305, detail=b""), 2, entry=305),
    Case("a missing detail", lambda it: it.put(305, detail=None), 2, entry=305),
    Case("a changed digest", lambda it: it.flip(305, "body", 127), 2, entry=305),
    Case("a detail and its digest", lambda it: set_detail(it, 305, b"x"), 4, range=(300, 310)),
    Case("a changed pseudonym", lambda it: it.flip(305, "body", 20), 4, range=(300, 310)),
    Case("a changed time", lambda it: it.flip(305, "body", 11), 4, range=(300, 310)),
    Case("a time put back", lambda it: it.flip(305, "body", 7), 4, range=(300, 310)),
    Case("a changed citation", lambda it: it.flip(303, "body", 95), 4, range=(300, 310)),
    Case("a changed first entry", lambda it: it.flip(20, "body", 20), 4, range=(20, 30)),
    Case("a changed last entry", lambda it: it.flip(699, "body", 20), 4, range=(690, 700)),
    Case("an unknown type", lambda it: it.flip(305, "body", 0, 7), 2, entry=305),
    Case("an unknown version", lambda it: it.flip(305, "body", 1), 2, entry=305),
    Case("an unknown outcome", lambda it: it.flip(305, "body", 83, 7), 2, entry=305),
    Case("a short body", lambda it: it.put(305, body=bytes(127)), 2, entry=305),
    Case("a body beside a leaf", lambda it: it.put(305, leaf=bytes(32)), 2, entry=305),
    Case("a missing body", lambda it: it.put(305, body=None), 2, entry=305),
    Case("an entry emptied", lambda it: it.put(305, body=None, detail=None), 2, entry=305),
    Case("a dropped entry", lambda it: drop(it, 305, renumber=False), 1, entry=305),
    Case("dropped, renumbered", lambda it: drop(it, 305, renumber=True), 4, range=(300, 310)),
    Case("dropped at the end", lambda it: drop(it, 695, renumber=True), 4, range=(690, 700)),
    Case("swapped entries", lambda it: swap_contents(it, 305, 306), 4, range=(300, 310)),
    Case("swapped far apart", lambda it: swap_contents(it, 305, 555), 4, range=(300, 310)),
    Case("swapped bodies", lambda it: swap_bodies(it, 305, 306), 2, entry=305),
    Case("swapped rows", lambda it: swap_rows(it, 305, 306), 1, entry=305),
    Case("a duplicate", lambda it: duplicate(it, 305, renumber=False), 1, entry=306),
    Case("a duplicate in line", lambda it: duplicate(it, 305, renumber=True), 4, range=(300, 310)),
    Case("an edited erased leaf", lambda it: it.flip(5, "leaf", 31), 4, range=(0, 10)),
    Case("an edited lone leaf", lambda it: it.flip(100, "leaf", 0), 4, range=(100, 110)),
    Case("a short erased leaf", lambda it: it.put(5, leaf=bytes(31)), 2, entry=5),
    Case("a detail kept of an erased", lambda it: it.put(5, detail=b"x"), 2, entry=5),
    Case("a removed tail", lambda it: cut(it, 690), 4, range=(690, 700)),
    Case("a tail removed in a batch", lambda it: cut(it, 695), 4, range=(690, 700)),
    Case("most of it removed", lambda it: cut(it, 3), 4, range=(0, 10)),
    Case("all of it removed", lambda it: cut(it, 0), 4, range=(0, 10)),
    Case("a tail and its heads", lambda it: cut(it, 500, checkpoints=True), 5, range=(256, 512)),
    Case("a changed subtree", lambda it: set_hash(it, 1, hash=bytes(32)), 5, range=(256, 512)),
    Case("a missing subtree", lambda it: it.hashes.pop(), 5, range=(256, 512)),
    Case("a misplaced subtree", lambda it: set_hash(it, 0, index=1), 5, range=(0, 256)),
    Case("swapped subtrees", swap_hashes, 5, range=(0, 256)),
    Case(
        "a subtree of nothing",
        lambda it: it.hashes.append(Completed(8, 2, bytes(32))),
        5,
        range=(512, 768),
    ),
    Case("another's signature", lambda it: resign(it, 30, key=OTHER), 4, range=(300, 310)),
    Case("another ledger's head", lambda it: resign(it, 30, key=ELSEWHERE), 4, range=(300, 310)),
    Case("another size signed", lambda it: resign(it, 30, size=311), 4, range=(300, 310)),
    Case("a note that is none", lambda it: resign(it, 30, note="310\n"), 4, range=(300, 310)),
    Case("a signed text that is none", lambda it: resign(it, 30, note=KEY.sign("310\n")), 4,
         range=(300, 310)),
    Case("a head at another size", lambda it: store_at(it, 30, 309), 4, range=(300, 309)),
    Case("a head out of order", lambda it: it.notes.insert(31, it.notes[29]), 4, range=(310, 311)),
    Case("a head twice", lambda it: it.notes.insert(31, it.notes[30]), 4, range=(310, 311)),
    Case("a head of a size below zero", lambda it: store_at(it, 0, -1), 4, range=(0, 1)),
    Case("a forged head of more", lambda it: it.notes.append(
        StoredCheckpoint(size=710, note=it.notes[-1].note)), 4, range=(700, 710)),
    Case("no head at all", lambda it: it.notes.clear(), 4, range=(0, 700)),
    Case("a change between far heads", change_unannounced, 4, range=(300, 350)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_tampering_is_found_and_placed(case):
    ledger = honest_ledger(700)
    case.tamper(ledger)
    found = disproved(ledger)

    assert (found.step, found.first_bad_entry, found.range) == (case.step, case.entry, case.range)
    assert str(found).startswith(f"step {case.step}, entr")
    assert found.code == "ledger-broken"


def test_the_message_places_the_change():
    ledger = honest_ledger(700)
    ledger.flip(305, "detail", 3)
    assert str(disproved(ledger)).startswith("step 2, entry 305: ")

    ledger = honest_ledger(700)
    swap_contents(ledger, 305, 306)
    assert str(disproved(ledger)) == (
        "step 4, entries 300 to 309: the root at size 310 is not the signed one"
        " (first sign: step 2, entry 306: its time is before that of an earlier entry)"
    )


def test_a_rewritten_subtree_does_not_hide_a_rewritten_entry():
    ledger = honest_ledger(700)
    ledger.notes = [each for each in ledger.notes if each.size % 100 == 0]
    ledger.flip(205, "body", 20)

    assert disproved(ledger).range == (200, 300)


SMALL = honest_ledger(260)


@settings(max_examples=150)
@given(st.data())
def test_no_bit_of_a_signed_ledger_can_be_flipped(data):
    """Whatever is stored: bodies, details, leaves, subtree hashes, the texts of checkpoints."""
    ledger = MemoryLedger()
    ledger.rows, ledger.hashes, ledger.notes = [*SMALL.rows], [*SMALL.hashes], [*SMALL.notes]
    position = data.draw(st.integers(0, 259))
    parts = [p for p in ("body", "detail", "leaf") if getattr(ledger.rows[position], p) is not None]
    part = data.draw(st.sampled_from([*parts, "subtree", "note"]))
    bit = data.draw(st.integers(0, 7))
    if part == "subtree":
        changed = bytearray(ledger.hashes[0].hash)
        changed[data.draw(st.integers(0, 31))] ^= 1 << bit
        ledger.hashes[0] = replace(ledger.hashes[0], hash=bytes(changed))
    elif part == "note":
        at = data.draw(st.integers(0, len(ledger.notes) - 1))
        note = ledger.notes[at].note
        byte = data.draw(st.integers(0, len(note) - 1))
        changed_note = note[:byte] + chr(ord(note[byte]) ^ 1 << bit) + note[byte + 1 :]
        ledger.notes[at] = replace(ledger.notes[at], note=changed_note)
    else:
        length = len(getattr(ledger.rows[position], part))
        ledger.flip(position, part, data.draw(st.integers(0, length - 1)), bit)

    disproved(ledger)


def test_the_ledger_that_no_bit_can_be_flipped_of_holds():
    audit(SMALL)


# --- Wrong from the start: signed so -----------------------------------------------------------


def signed_with(entry: tuple) -> MemoryLedger:
    ledger = honest_ledger(30)
    ledger.append(*entry)
    ledger.ask()
    ledger.sign()
    return ledger


@pytest.mark.parametrize(
    ("entry", "step", "fact"),
    [
        (question(30, at=START + 28_999_999), 2, "its time is before"),
        (question(30, type=EntryType.REPEAT), 6, "cites nothing"),
        (question(30, type=EntryType.UNOPENED), 6, "cites nothing"),
        (question(30, type=EntryType.REPEAT, cites=30), 6, "not before it"),
        (question(30, type=EntryType.UNOPENED, cites=31), 6, "not before it"),
        (question(30, cites=2**40), 6, "not before it"),
        (question(30, type=EntryType.REPEAT, cites=28), 6, "cannot be opened"),
        (question(30, type=EntryType.UNOPENED, cites=27), 6, "cannot be opened"),
        (question(30, type=EntryType.REPEAT, cites=23), 6, "cannot be opened"),
        (question(30, type=EntryType.RANGE_LOST), 6, "not the detail of an act"),
    ],
)
@pytest.mark.parametrize("signed", [True, False], ids=["signed", "not yet signed"])
def test_an_entry_that_cannot_be_so_is_named(entry, step, fact, signed):
    ledger = signed_with(entry)
    if not signed:
        ledger.notes.pop()
    found = disproved(ledger)

    assert (found.step, found.first_bad_entry) == (step, 30)
    assert fact in str(found)


def test_what_was_signed_wrong_is_told_before_what_was_changed_after():
    ledger = signed_with(question(30, type=EntryType.REPEAT))
    ledger.append(*question(32, at=START))
    ledger.sign()
    ledger.flip(32, "body", 20)
    found = disproved(ledger)
    assert (found.step, found.first_bad_entry) == (6, 30)


def test_the_first_of_several_signs_is_told():
    ledger = signed_with(question(30, type=EntryType.REPEAT))
    ledger.notes.pop()
    ledger.append(*question(32, at=START))
    ledger.sign()
    assert disproved(ledger).first_bad_entry == 30


def test_a_citation_may_point_to_an_erased_entry():
    ledger = honest_ledger(30)
    ledger.append(*question(30, type=EntryType.REPEAT, cites=0))
    ledger.sign()
    audit(ledger)


def test_what_could_not_be_opened_may_be_a_repeat():
    ledger = honest_ledger(30)
    ledger.append(*question(30, type=EntryType.REPEAT, cites=29))
    ledger.append(*question(31, type=EntryType.UNOPENED, cites=30))
    ledger.sign()
    audit(ledger)


def test_the_same_time_twice_is_no_step_back():
    audit(signed_with(question(30, at=START + 29_000_000)))


# --- The inspector's own checkpoint ------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 10, 299, 305, 700])
def test_a_kept_checkpoint_is_extended(size, shelf):
    ledger = honest_ledger(700)
    kept = honest_ledger(size).head()
    report = audit(shelf(ledger), kept)
    assert report.saved_lost is None


@pytest.mark.parametrize("size", [0, 1, 305, 700])
def test_a_kept_checkpoint_of_another_history_is_not(size):
    kept = replace(honest_ledger(size).head(), root=bytes(32))
    found = disproved(honest_ledger(700), kept)
    assert (found.step, found.range) == (7, (0, size))


def test_only_a_kept_checkpoint_shows_a_tail_removed_with_its_signatures():
    ledger = honest_ledger(700)
    kept = ledger.head()
    cut(ledger, 600, checkpoints=True, subtrees=True)

    assert audit(ledger).size == 600
    found = disproved(ledger, kept)
    assert (found.step, found.range) == (7, (0, 700))


def test_only_a_kept_checkpoint_shows_a_history_written_again_with_the_vaults_key():
    kept = honest_ledger(700).head()
    rewritten = MemoryLedger()
    for _ in range(70):
        for _ in range(10):
            rewritten.ask()
        rewritten.sign()

    audit(rewritten)
    assert disproved(rewritten, kept).step == 7


def test_the_checkpoint_of_another_ledger_is_refused():
    with pytest.raises(Refusal, match="another ledger"):
        audit(honest_ledger(10), replace(honest_ledger(5).head(), origin="example.org/elsewhere"))


# --- A range lost in a restore -----------------------------------------------------------------


def restored(**changes) -> tuple[MemoryLedger, Checkpoint]:
    """A ledger of 700 restored at 650, which says so, and the checkpoint that was lost."""
    kept = honest_ledger(700).head()
    ledger = honest_ledger(650)
    codes = {"old_size": kept.size, "old_root": kept.root, "size": 650} | changes
    ledger.act(EntryType.RANGE_LOST, **codes)
    for _ in range(99):
        ledger.ask()
    return ledger, kept


def test_a_lost_range_is_always_reported(shelf):
    ledger, kept = restored()
    ledger.sign()
    report = audit(shelf(ledger))

    lost = LostRange(index=650, old_size=700, old_root=kept.root, size=650)
    assert report.lost == (lost,)
    assert report.saved_lost is None


def test_a_lost_range_stands_for_the_kept_checkpoint_that_it_names():
    ledger, kept = restored()
    ledger.sign()
    report = audit(ledger, kept)
    assert report.saved_lost == report.lost[0]


@pytest.mark.parametrize(
    "changes", [{"old_size": 701}, {"old_root": bytes(32)}], ids=["size", "root"]
)
def test_a_lost_range_stands_for_no_other_checkpoint(changes):
    ledger, kept = restored(**changes)
    ledger.sign()
    assert len(audit(ledger).lost) == 1
    assert disproved(ledger, kept).step == 7


def test_a_lost_range_does_not_explain_what_was_there_before_it():
    """The kept checkpoint was of entries that the restore did not lose."""
    ledger, _ = restored()
    ledger.sign()
    other = replace(honest_ledger(640).head(), root=bytes(32))
    assert disproved(ledger, other).step == 7


def test_a_lost_range_that_nobody_signed_counts_for_nothing():
    """Whoever can write to the database could append one."""
    ledger, kept = restored()
    assert audit(ledger).lost == ()
    assert disproved(ledger, kept).step == 7


@pytest.mark.parametrize(
    "changes",
    [
        {"old_size": 650},
        {"old_size": "700"},
        {"size": 651},
        {"size": -1},
        {"old_root": bytes(31)},
        {"old_root": "root"},
    ],
)
def test_a_lost_range_must_be_well_told(changes):
    ledger, _ = restored(**changes)
    ledger.sign()
    found = disproved(ledger)
    assert (found.step, found.first_bad_entry) == (6, 650)


def test_an_erased_lost_range_explains_nothing_any_more():
    ledger, kept = restored()
    ledger.sign()
    ledger.erase(650)
    assert disproved(ledger, kept).step == 7


# --- An exported folder ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("audit") / "export"
    write_folder(SMALL, folder, vkey=KEY.vkey)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@settings(max_examples=100)
@given(data=st.data())
def test_no_bit_of_an_exported_folder_can_be_flipped(data, exported, tmp_path_factory):
    """Neither with the manifest, nor by a forger who writes the manifest again."""
    folder: Path = tmp_path_factory.mktemp("flipped")
    name = data.draw(st.sampled_from(sorted(set(exported) - {"MANIFEST", "key.vkey"})))
    at = data.draw(st.integers(0, len(exported[name]) - 1))
    for other, content in exported.items():
        changed = bytearray(content)
        if other == name:
            changed[at] ^= 1 << data.draw(st.integers(0, 7))
        (folder / other).write_bytes(changed)

    with pytest.raises(IntegrityBroken, match=name):
        FolderLedger.open(folder)
    with pytest.raises(IntegrityBroken):
        audit(FolderLedger(folder))


@settings(max_examples=30)
@given(data=st.data())
def test_no_file_of_an_exported_folder_can_be_cut(data, exported, tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("cut")
    name = data.draw(st.sampled_from(sorted(set(exported) - {"MANIFEST", "key.vkey"})))
    size = data.draw(st.integers(0, len(exported[name]) - 1))
    for other, content in exported.items():
        (folder / other).write_bytes(content[:size] if other == name else content)

    with pytest.raises(IntegrityBroken, match=name):
        FolderLedger.open(folder)
    if name != "checkpoints.txt":
        with pytest.raises(IntegrityBroken):
            audit(FolderLedger(folder))
