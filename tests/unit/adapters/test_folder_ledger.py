import hashlib
import shutil
import subprocess
import tracemalloc
from dataclasses import replace

import pytest

from rempart.adapters.folder_ledger import FILES, FolderLedger, _place, write_folder
from rempart.domain.disclosure import encode
from rempart.domain.errors import IntegrityBroken, Refusal
from rempart.tlog.checkpoint import Checkpoint
from rempart.tlog.hashing import leaf_hash
from rempart.tlog.tree import CompactRange, Completed
from rempart.usecases.audit_ledger import AuditLedger
from rempart.usecases.ledger_view import StoredCheckpoint, StoredEntry
from tests.ledgers import KEY, honest_ledger, question

LEDGER = honest_ledger(700)


@pytest.fixture
def folder(tmp_path):
    write_folder(LEDGER, tmp_path / "export", vkey=KEY.vkey)
    return tmp_path / "export"


def test_what_was_written_is_read(folder):
    read = FolderLedger.open(folder)

    assert list(read.entries()) == LEDGER.rows
    assert list(read.subtrees()) == LEDGER.hashes
    assert list(read.checkpoints()) == LEDGER.notes
    assert read.last_checkpoint() == LEDGER.notes[-1]
    assert read.claimed_vkey() == KEY.vkey


@pytest.mark.parametrize(("first", "end"), [(0, 1), (1, 3), (95, 105), (690, None), (690, 900),
                                            (700, None), (900, 901), (5, 5)])  # fmt: skip
def test_a_span_of_entries_is_read_alone(folder, first, end):
    assert list(FolderLedger(folder).entries(first, end)) == LEDGER.rows[first:end]


def test_hashes_are_read_where_they_lie(folder):
    read = FolderLedger(folder)
    assert read.leaf_hashes(90, 300) == LEDGER.leaf_hashes(90, 300)
    assert read.subtree_hashes(8, 0, 2) == LEDGER.subtree_hashes(8, 0, 2)
    assert read.subtree_hashes(8, 1, 5) == LEDGER.subtree_hashes(8, 1, 2)


def test_an_empty_ledger_is_written_and_read(tmp_path):
    write_folder(honest_ledger(0), tmp_path / "export", vkey=KEY.vkey)
    read = FolderLedger.open(tmp_path / "export")
    assert [*read.entries(), *read.subtrees(), *read.checkpoints()] == []
    assert read.last_checkpoint() is None


def test_the_place_of_a_subtree_is_its_rank_in_order_of_completion():
    tree = CompactRange()
    tree.extend(bytes(32) for _ in range(3 * 65536 + 300))
    completed = tree.completed()
    assert [_place(each.level, each.index) for each in completed] == list(range(len(completed)))
    assert {each.level for each in completed} == {8, 16}


def test_the_place_of_a_large_subtree_counts_those_inside_it():
    assert _place(24, 0) == 65536 + 256
    assert _place(8, 65536) == 65536 + 256 + 1
    assert _place(24, 1) == 2 * (65536 + 256 + 1) - 1


def test_the_manifest_is_one_that_sha256sum_checks(folder):
    lines = (folder / "MANIFEST").read_text().splitlines()
    assert [line.split("  ")[1] for line in lines] == sorted(FILES)
    for line in lines:
        digest, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    if (tool := shutil.which("sha256sum")) is not None:
        subprocess.run([tool, "--check", "--quiet", "MANIFEST"], cwd=folder, check=True)


@pytest.mark.parametrize("name", [*FILES, "MANIFEST"])
def test_a_damaged_file_is_named(folder, name):
    with (folder / name).open("ab") as file:
        file.write(b"x")
    with pytest.raises(IntegrityBroken, match=name):
        FolderLedger.open(folder)


@pytest.mark.parametrize("name", [*FILES, "MANIFEST"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(IntegrityBroken, match=name):
        FolderLedger.open(folder)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("entries.bin", b"x"),
        ("leaves.bin", bytes(701 * 32)),
        ("subtrees.bin", b"x"),
        ("checkpoints.txt", b"x"),
        ("checkpoints.txt", b"10\n"),
        ("checkpoints.txt", b"10 9999999999\n"),
        ("checkpoints.txt", b"10 -1\n"),
        ("checkpoints.txt", b"10 1\n\xff\n"),
        ("checkpoints.txt", b"10 1\nab\n"),
        ("checkpoints.txt", b"10 1\na"),
    ],
)
def test_what_does_not_read_is_refused(folder, name, content):
    (folder / name).write_bytes(content)
    read = FolderLedger(folder)
    with pytest.raises(IntegrityBroken, match=name.split(".")[0]):
        list(read.entries()), list(read.subtrees()), list(read.checkpoints())


def test_a_detail_outside_its_file_is_refused_without_reading_it(folder):
    content = bytearray((folder / "entries.bin").read_bytes())
    content[50 * 136 + 128] = 0x7F
    (folder / "entries.bin").write_bytes(content)
    with pytest.raises(IntegrityBroken, match="detail of entry 50"):
        list(FolderLedger(folder).entries())


def test_misplaced_subtrees_make_no_proof(folder):
    path = folder / "subtrees.bin"
    content = path.read_bytes()
    path.write_bytes(content[41:] + content[:41])
    with pytest.raises(IntegrityBroken, match="out of order"):
        FolderLedger(folder).subtree_hashes(8, 0, 2)


def test_an_export_never_writes_over_another(folder):
    with pytest.raises(Refusal, match="exists"):
        write_folder(LEDGER, folder, vkey=KEY.vkey)


@pytest.mark.parametrize(
    "tamper",
    [
        lambda it: it.rows.pop(305),
        lambda it: it.put(305, body=bytes(127)),
        lambda it: it.put(305, body=bytes(128)),
        lambda it: it.put(305, leaf=bytes(32)),
        lambda it: it.put(305, detail=None),
        lambda it: it.put(5, leaf=bytes(31)),
        lambda it: it.put(5, leaf=bytes(32)),
        lambda it: it.put(5, leaf=None),
    ],
)
def test_what_fixed_width_cannot_hold_is_refused_and_leaves_nothing(tmp_path, tamper):
    ledger = honest_ledger(700)
    tamper(ledger)
    with pytest.raises(IntegrityBroken, match=r"entry (305|5)"):
        write_folder(ledger, tmp_path / "export", vkey=KEY.vkey)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_entry_is_exported_as_it_is(tmp_path):
    """The export judges no content: the auditor must see what is stored."""
    ledger = honest_ledger(700)
    ledger.flip(305, "body", 0, 7)
    ledger.flip(306, "detail", 0)
    ledger.hashes.append(Completed(8, 9, bytes(32)))
    ledger.notes.append(StoredCheckpoint(size=12, note="no\n\nnote"))
    ledger.notes[3] = replace(ledger.notes[3], size=41)
    write_folder(ledger, tmp_path / "export", vkey=KEY.vkey)
    read = FolderLedger.open(tmp_path / "export")

    assert list(read.entries()) == ledger.rows
    assert list(read.subtrees()) == ledger.hashes
    assert list(read.checkpoints()) == ledger.notes


class Endless:
    """A ledger of ``size`` entries that is nowhere in memory."""

    def __init__(self, size):
        self.size = size

    def entries(self):
        entry, detail = question(0)
        body = encode(entry)
        for index in range(self.size):
            yield StoredEntry(index=index, body=body, detail=detail)

    def subtrees(self):
        tree = CompactRange()
        for stored in self.entries():
            tree.append(leaf_hash(stored.body))
            yield from tree.completed()

    def checkpoints(self):
        tree = CompactRange()
        for stored in self.entries():
            tree.append(leaf_hash(stored.body))
            if tree.size % 500 == 0:
                head = Checkpoint(origin=KEY.origin, size=tree.size, root=tree.root())
                yield StoredCheckpoint(size=head.size, note=KEY.sign(head.to_text()))


def test_writing_and_auditing_a_folder_take_no_more_memory_for_more_entries(tmp_path):
    def peak(size):
        folder = tmp_path / str(size)
        tracemalloc.start()
        try:
            write_folder(Endless(size), folder, vkey=KEY.vkey)
            assert AuditLedger(FolderLedger.open(folder), KEY.verifier)().entries == size
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(500)
    assert peak(8_000) < peak(1_000) + 100_000


def test_only_the_owner_reads_an_export(folder):
    assert folder.stat().st_mode & 0o077 == 0
