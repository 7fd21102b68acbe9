"""One entry proven to somebody who holds nothing but the vault's public key."""

import json
from base64 import b64decode, b64encode
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.adapters.folder_ledger import FolderLedger, write_folder
from rempart.domain.disclosure import EntryType, decode
from rempart.domain.errors import IntegrityBroken, LedgerBroken, Refusal, TemporarilyUnavailable
from rempart.tlog.note import NoteKey
from rempart.usecases.prove_entry import ProveEntry, verify_entry_proof
from rempart.usecases.prove_extension import ProveExtension, verify_extension_proof
from tests.ledgers import KEY, honest_ledger

title = "An entry, and a history, proven"

LEDGER = honest_ledger(700)
OTHER = NoteKey(KEY.origin, bytes(32))


def proof_of(index, ledger=LEDGER, **how) -> dict:
    return json.loads(ProveEntry(ledger, KEY.verifier)(index, **how).to_json())


def verify(proof: dict, vkey=KEY.vkey):
    return verify_entry_proof(json.dumps(proof), vkey)


@pytest.mark.parametrize("index", [20, 101, 255, 256, 511, 512, 699])
def test_a_proof_proves_its_entry(index):
    proven = verify(proof_of(index))

    assert proven.index == index
    assert proven.entry == decode(LEDGER.rows[index].body)
    assert proven.detail is None
    assert proven.checkpoint.size == 700


def test_the_detail_is_shown_only_when_asked_for():
    assert proof_of(101)["detail"] is None
    assert verify(proof_of(101, with_detail=True)).detail == LEDGER.rows[101].detail


def test_an_erased_entry_is_proven_to_have_been_there():
    proven = verify(proof_of(100))
    assert (proven.index, proven.entry, proven.detail) == (100, None, None)


def test_an_exported_folder_gives_the_same_proofs(tmp_path):
    write_folder(LEDGER, tmp_path / "export", vkey=KEY.vkey)
    folder = FolderLedger.open(tmp_path / "export")
    for index in (5, 100, 300, 699):
        assert proof_of(index, folder, with_detail=True) == proof_of(index, with_detail=True)


@pytest.mark.parametrize("index", [-1, 700, 2**70])
def test_an_index_that_no_entry_has_is_refused(index):
    with pytest.raises(Refusal, match="no entry has this index"):
        ProveEntry(LEDGER, KEY.verifier)(index)


@pytest.mark.parametrize("size", [15, 5], ids=["after the last checkpoint", "before the first"])
def test_an_entry_that_is_not_signed_yet_is_said_to_be_soon(size):
    prove = ProveEntry(honest_ledger(size), KEY.verifier)
    with pytest.raises(TemporarilyUnavailable, match=f"entry {size - 1} is written, .* within 1 s"):
        prove(size - 1)
    with pytest.raises(Refusal, match="no entry has this index"):
        prove(size)


@pytest.mark.parametrize(
    "tamper",
    [
        lambda it: it.flip(305, "body", 20),
        lambda it: it.flip(306, "body", 20),
        lambda it: it.flip(305, "body", 1),
        lambda it: it.put(305, body=None),
        lambda it: it.rows.__delitem__(slice(305, None)),
        lambda it: it.hashes.clear(),
        lambda it: it.hashes.__setitem__(0, replace(it.hashes[0], hash=bytes(32))),
        lambda it: it.notes.__setitem__(-1, replace(it.notes[-1], note=OTHER.sign("x\n0\n"))),
    ],
    ids=[
        "the entry", "its neighbour", "its version", "its body gone", "a lost tail",
        "no subtrees", "a false subtree", "a forged checkpoint",
    ],
)  # fmt: skip
def test_a_ledger_that_was_changed_proves_nothing(tamper):
    ledger = honest_ledger(700)
    tamper(ledger)
    with pytest.raises(LedgerBroken):
        ProveEntry(ledger, KEY.verifier)(305)


def flipped(text: str, byte: int, bit: int) -> str:
    changed = bytearray(b64decode(text))
    changed[byte % len(changed)] ^= 1 << bit
    return b64encode(changed).decode()


@given(data=st.data())
def test_no_bit_of_a_proof_can_be_flipped(data):
    proof = proof_of(305, with_detail=True)
    part = data.draw(st.sampled_from(["index", "body", "detail", "proof"]))
    byte, bit = data.draw(st.integers(0, 127)), data.draw(st.integers(0, 7))
    if part == "index":
        proof["index"] ^= 1 << bit
    elif part == "proof":
        at = data.draw(st.integers(0, len(proof["proof"]) - 1))
        proof["proof"][at] = flipped(proof["proof"][at], byte, bit)
    else:
        proof[part] = flipped(proof[part], byte, bit)

    with pytest.raises(IntegrityBroken):
        verify(proof)


@pytest.mark.parametrize(
    ("change", "step"),
    [
        ({"format": "rempart/entry-proof/2"}, 1),
        ({"format": None}, 1),
        ({"more": 1}, 1),
        ({"index": "101"}, 1),
        ({"body": "?"}, 1),
        ({"checkpoint": "nothing"}, 2),
        ({"checkpoint": OTHER.sign("example.org/ledger\n700\n" + "A" * 43 + "=\n")}, 2),
        ({"body": None}, 3),
        ({"leaf": "A" * 43 + "="}, 3),
        ({"body": "AAAA"}, 3),
        ({"detail": "AAAA"}, 3),
        ({"body": None, "leaf": "A" * 43 + "="}, 4),
        ({"body": None, "leaf": "AAAA"}, 4),
        ({"proof": []}, 4),
        ({"index": 700}, 4),
        ({"index": -1}, 4),
    ],
)
def test_a_proof_that_proves_nothing_says_at_which_step(change, step):
    with pytest.raises(IntegrityBroken, match=f"step {step}"):
        verify(proof_of(101) | change)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", b"\xff", "{" * 100_000])
def test_what_is_no_proof_is_refused(text):
    with pytest.raises(IntegrityBroken, match="step 1"):
        verify_entry_proof(text, KEY.vkey)


def test_another_vaults_key_opens_no_proof():
    with pytest.raises(IntegrityBroken, match="step 2"):
        verify(proof_of(101), OTHER.vkey)


def test_a_text_that_is_no_key_is_refused():
    with pytest.raises(Refusal):
        verify(proof_of(101), "a key")


def test_a_proof_does_not_show_its_entry_in_logs():
    proof = ProveEntry(LEDGER, KEY.verifier)(101)
    assert repr(proof) == "EntryProof(index=101, …)"


# --- That the history only grew ----------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 255, 256, 300, 512, 699, 700])
def test_a_proof_of_extension_holds_against_the_kept_checkpoint(size):
    kept = honest_ledger(size).head()
    proof = ProveExtension(LEDGER, KEY.verifier)(kept)
    newer = verify_extension_proof(proof.to_json(), KEY.vkey, kept=kept)
    assert newer.size == 700


def test_another_history_is_not_extended():
    kept = replace(honest_ledger(300).head(), root=bytes(32))
    with pytest.raises(LedgerBroken, match="size 300 is not extended"):
        ProveExtension(LEDGER, KEY.verifier)(kept)
    with pytest.raises(LedgerBroken, match="fewer are left"):
        ProveExtension(honest_ledger(200), KEY.verifier)(kept)


@pytest.mark.parametrize(
    ("change", "step"),
    [
        ({"format": "rempart/entry-proof/1"}, 1),
        ({"checkpoint": "nothing"}, 2),
        ({"old_size": 301}, 3),
        ({"proof": []}, 4),
    ],
)
def test_a_false_proof_of_extension_says_at_which_step(change, step):
    kept = honest_ledger(300).head()
    proof = json.loads(ProveExtension(LEDGER, KEY.verifier)(kept).to_json()) | change
    with pytest.raises(IntegrityBroken, match=f"step {step}"):
        verify_extension_proof(json.dumps(proof), KEY.vkey, kept=kept)


def test_a_proof_of_extension_is_checked_against_the_kept_root_not_its_own():
    kept = honest_ledger(300).head()
    proof = ProveExtension(LEDGER, KEY.verifier)(kept).to_json()
    for lie, step in (({"root": bytes(32)}, 4), ({"origin": "example.org/elsewhere"}, 2)):
        with pytest.raises(IntegrityBroken, match=f"step {step}"):
            verify_extension_proof(proof, KEY.vkey, kept=replace(kept, **lie))


def test_the_entry_types_of_the_test_ledger_are_as_varied_as_they_look():
    types = {decode(row.body).type for row in LEDGER.rows if row.body is not None}
    assert types == {
        EntryType.QUESTION, EntryType.REPEAT, EntryType.UNOPENED, EntryType.SIGN_IN,
        EntryType.DECISION,
    }  # fmt: skip
