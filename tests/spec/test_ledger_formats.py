"""The pages of ``specs/`` about the ledger say what the code does, to the byte."""

import json
import re
import struct
from enum import IntEnum
from hashlib import sha256
from pathlib import Path

import pytest

from rempart.adapters.folder_ledger import ENTRY, FILES, MANIFEST, SUBTREE
from rempart.domain import disclosure
from rempart.domain.disclosure import (
    ENTRY_SIZE,
    ENTRY_VERSION,
    FRESH_DETAIL,
    FRESH_DETAIL_4,
    LAYOUT,
    QUESTION_DETAIL,
    QUESTION_DETAIL_1,
    QUESTION_DETAIL_3,
    Entry,
    EntryType,
    Fields,
    Outcome,
    Presence,
    QuestionDetail,
    question_detail,
)
from rempart.domain.errors import IntegrityBroken
from rempart.domain.trace import Order
from rempart.tlog.checkpoint import Checkpoint, open_checkpoint
from rempart.tlog.errors import NoteInvalid
from rempart.tlog.hashing import leaf_hash
from rempart.tlog.note import NoteKey, NoteVerifier
from rempart.tlog.proofs import (
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)
from rempart.tlog.tree import CompactRange
from rempart.usecases import audit_ledger
from rempart.usecases.prove_entry import EntryProof
from rempart.usecases.prove_extension import ExtensionProof

title = "Formats of the ledger"

SPECS = Path(__file__).parents[2] / "specs"
ENTRY_PAGE = (SPECS / "disclosure-entry.md").read_text()
CHECKPOINT_PAGE = (SPECS / "checkpoint.md").read_text()
ENTRIES = json.loads((SPECS / "vectors" / "entry.json").read_text())
CHECKPOINTS = json.loads((SPECS / "vectors" / "checkpoint.json").read_text())

FIRST_VERSION = (
    "Version 1, of `QUESTION` and `REPEAT` before the guard, 55 bytes; it is read, and no longer"
    " written:"
)
FRESH_VERSION = "Version 6, of those in which a fresh code was read, 140 bytes:"
TYPES = {"u8": "B", "u16": "H", "i16": "h", "u32": "I", "u64": "Q"}


def rows_under(page: str, heading: str) -> list[list[str]]:
    """Rows of the first table after ``heading``, without their back quotes."""
    section = page.split(f"{heading}\n", 1)[1]
    table = re.search(r"(?:^\|.*\n)+", section, re.MULTILINE)
    assert table, heading
    rows = [line.strip("|\n ").split(" | ") for line in table[0].splitlines()]
    return [[cell.strip(" `") for cell in row] for row in rows[2:]]


# --- The pages ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "layout", "size"),
    [
        ("## Body", LAYOUT, ENTRY_SIZE),
        ("Version 5, of `QUESTION` and `REPEAT`, 108 bytes:", QUESTION_DETAIL, 108),
        (FRESH_VERSION, FRESH_DETAIL, 140),
        (FIRST_VERSION, QUESTION_DETAIL_1, 55),
    ],
)
def test_a_table_of_offsets_is_the_layout(heading, layout, size):
    rows = rows_under(ENTRY_PAGE, heading)
    offset, form = 0, ">"
    for start, width, _, kind, _ in rows:
        assert int(start) == offset
        offset += int(width)
        form += TYPES.get(kind, f"{width}s")
    assert offset == size == layout.size
    written = re.sub(r"(\d)H", lambda found: "H" * int(found[1]), layout.format)
    assert struct.Struct(form).format == written


def test_every_field_of_an_entry_lies_where_the_page_says():
    """Each one is changed alone: the bytes that move are those of its row."""
    where = {row[2]: (int(row[0]), int(row[1])) for row in rows_under(ENTRY_PAGE, "## Body")}
    plain = Entry(type=EntryType.QUESTION, period=0, at=0, cites=0)
    ones = {
        "type": EntryType.DECISION,
        "presence": Presence.FRESH,
        "outcome": Outcome.MALFORMED,
        "fields": Fields.RIGHTS,
    }
    assert set(where) == set(Entry._fields) | {"version"}
    for name, (offset, size) in where.items():
        if name == "version":
            continue
        blank = getattr(plain, name)
        value = ones.get(name) or (b"\xff" * size if isinstance(blank, bytes) else 256**size - 1)
        before = disclosure.encode(plain)
        after = disclosure.encode(plain._replace(**{name: value}))
        moved = [place for place in range(ENTRY_SIZE) if before[place] != after[place]]
        assert moved, name
        assert offset <= moved[0], name
        assert moved[-1] == offset + size - 1, name
    offset, _ = where["version"]
    assert disclosure.encode(plain)[offset] == ENTRY_VERSION


@pytest.mark.parametrize(
    ("heading", "codes"),
    [
        ("### `type`", EntryType),
        ("### `presence`", Presence),
        ("### `outcome`", Outcome),
        ("### `order`", Order),
    ],
)
def test_a_table_of_codes_is_the_enumeration(heading, codes: type[IntEnum]):
    page = {int(code): name for code, name, _ in rows_under(ENTRY_PAGE, heading)}
    assert page == {each.value: each.name for each in codes}


def test_the_table_of_fields_is_the_bits():
    page = {int(code): name for code, name, _ in rows_under(ENTRY_PAGE, "### `fields`")}
    assert page == {each.value: each.name for each in Fields}


@pytest.mark.parametrize(
    ("heading", "proof"),
    [("## Proof of an entry", EntryProof), ("## Proof of extension", ExtensionProof)],
)
def test_a_table_of_members_is_the_proof(heading, proof):
    rows = {row[0]: row[1] for row in rows_under(CHECKPOINT_PAGE, heading)}
    assert tuple(rows) == proof.__struct_fields__
    assert rows["format"].strip('"') in str(proof.__annotations__["format"])


def test_the_table_of_files_is_the_folder():
    rows = {row[0]: row[1] for row in rows_under(CHECKPOINT_PAGE, "## Exported folder")}
    assert set(rows) == {*FILES, MANIFEST}
    assert rows["entries.bin"].startswith(f"{ENTRY.size} bytes an entry")
    assert rows["subtrees.bin"].startswith(f"{SUBTREE.size} bytes a stored subtree")


def test_the_audit_follows_the_steps_of_the_page():
    page = CHECKPOINT_PAGE.split("## Audit\n")[1]
    written = re.findall(r"^(\d)\. (.+?)(?=^\d\. |^$)", page, re.MULTILINE | re.DOTALL)
    coded = re.findall(
        r"^    \((\d)\) (.+?)(?=^    \(\d\)|^$)",
        str(audit_ledger.__doc__),
        re.MULTILINE | re.DOTALL,
    )

    def steps(found):
        return {number: " ".join(text.split()) for number, text in found}

    assert len(steps(coded)) == 7
    assert {k: v[:40] for k, v in steps(written).items()} == {
        k: v[:40] for k, v in steps(coded).items()
    }


# --- The vectors of entries --------------------------------------------------------------------


def entry_of(vector: dict) -> Entry:
    values = vector["entry"]
    return Entry(
        type=EntryType[values["type"]],
        presence=Presence[values["presence"]],
        outcome=Outcome[values["outcome"]],
        fields=Fields(values["fields"]),
        **{
            name: bytes.fromhex(values[name])
            for name in ("person", "account", "site", "session", "detail_digest")
        },
        **{name: values[name] for name in ("period", "at", "amc", "domain", "cites")},
    )


def question_of(detail: dict) -> QuestionDetail:
    texts = {"salt", "retry", "question", "pair", "code", "request"}
    return QuestionDetail(
        **{
            name: bytes.fromhex(value) if name in texts else value
            for name, value in detail.items()
            if name in QuestionDetail._fields
        }
    )


def detail_of(vector: dict) -> bytes:
    detail = vector["detail"]
    salt = bytes.fromhex(detail["salt"])
    if detail["version"] in {5, 6}:
        return question_of(detail).encode()
    if detail["version"] == 4:
        *codes, _, code, request = question_of(detail)
        return FRESH_DETAIL_4.pack(4, *codes, code, request)
    if detail["version"] == 3:
        return QUESTION_DETAIL_3.pack(3, *question_of(detail)[:-3])
    if detail["version"] == 1:
        return QUESTION_DETAIL_1.pack(1, *question_of(detail)[:5])
    codes = {
        key: bytes.fromhex(value["hex"]) if isinstance(value, dict) else value
        for key, value in detail["codes"].items()
    }
    return disclosure.encode_codes(codes, salt=salt)


@pytest.mark.parametrize("vector", ENTRIES["entries"], ids=lambda each: each["name"])
def test_an_entry_is_written_and_read_as_its_vector(vector):
    body, detail = bytes.fromhex(vector["body"]), bytes.fromhex(vector["detail"]["bytes"])

    assert disclosure.encode(entry_of(vector)) == body
    assert disclosure.decode(body) == entry_of(vector)
    assert detail_of(vector) == detail
    assert sha256(detail).hexdigest() == vector["entry"]["detail_digest"]
    assert leaf_hash(body).hex() == vector["leaf"]
    assert disclosure.period_of(vector["entry"]["at"]) == vector["entry"]["period"]
    if vector["detail"]["version"] != 2:
        assert question_detail(detail) == question_of(vector["detail"])


def test_the_vectors_hold_every_version_of_a_question():
    held = {each["detail"]["version"] for each in ENTRIES["entries"]}
    assert held - {2} == set(disclosure.QUESTION_LAYOUTS)


@pytest.mark.parametrize("version", disclosure.QUESTION_LAYOUTS)
def test_a_question_of_another_length_is_refused(version):
    detail = bytes([version]) + bytes(disclosure.QUESTION_LAYOUTS[version].size - 1)
    question_detail(detail)
    for spoilt in (b"", detail[:-1], detail + b"\0", b"\7" + detail[1:], b"\2" + detail[1:]):
        with pytest.raises(IntegrityBroken):
            question_detail(spoilt)


def test_the_vectors_hold_every_type():
    assert {each["entry"]["type"] for each in ENTRIES["entries"]} == set(EntryType.__members__)


@pytest.mark.parametrize("vector", ENTRIES["refused"], ids=lambda each: each["name"])
def test_what_is_no_entry_is_refused(vector):
    with pytest.raises(IntegrityBroken):
        disclosure.decode(bytes.fromhex(vector["body"]))


# --- The vectors of checkpoints and proofs -----------------------------------------------------

KEY = NoteKey(CHECKPOINTS["key"]["origin"], bytes.fromhex(CHECKPOINTS["key"]["secret"]))
VERIFIER = NoteVerifier.parse(CHECKPOINTS["key"]["vkey"])
ROOTS = [bytes.fromhex(root) for root in CHECKPOINTS["roots"]]
LEAVES = [bytes.fromhex(each["leaf"]) for each in ENTRIES["entries"][:8]]


class Leaves:
    def leaf_hashes(self, first, end):
        return LEAVES[first:end]

    def subtree_hashes(self, level, first, end):
        raise AssertionError("eight leaves have no stored subtree")


def unhexed(proof: list[str]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(each) for each in proof)


def test_the_key_is_written_as_its_vector():
    assert KEY.vkey == CHECKPOINTS["key"]["vkey"]
    assert KEY.verifier == VERIFIER


def test_the_roots_are_those_of_the_vectors():
    tree = CompactRange()
    assert tree.root() == ROOTS[0]
    for leaf, root in zip(LEAVES, ROOTS[1:], strict=True):
        tree.append(leaf)
        assert tree.root() == root


@pytest.mark.parametrize("vector", CHECKPOINTS["checkpoints"], ids=lambda each: str(each["size"]))
def test_a_checkpoint_is_signed_and_opened_as_its_vector(vector):
    head = Checkpoint(origin=KEY.origin, size=vector["size"], root=ROOTS[vector["size"]])

    assert head.to_text() == vector["text"]
    assert KEY.sign(vector["text"]) == vector["note"]
    assert open_checkpoint(vector["note"], VERIFIER) == head


@pytest.mark.parametrize("vector", CHECKPOINTS["accepted"], ids=lambda each: each["name"])
def test_a_checkpoint_with_more_on_it_is_opened(vector):
    opened = open_checkpoint(vector["note"], VERIFIER)
    assert (opened.size, opened.root) == (8, ROOTS[8])


@pytest.mark.parametrize("vector", CHECKPOINTS["refused"], ids=lambda each: each["name"])
def test_what_is_no_checkpoint_of_ours_is_refused(vector):
    with pytest.raises(NoteInvalid):
        open_checkpoint(vector["note"], VERIFIER)


@pytest.mark.parametrize(
    "vector", CHECKPOINTS["inclusion"], ids=lambda each: f"{each['index']} of {each['size']}"
)
def test_an_inclusion_proof_is_its_vector(vector):
    index, size, proof = vector["index"], vector["size"], unhexed(vector["proof"])

    assert inclusion_proof(Leaves(), index=index, size=size) == proof
    verify_inclusion(leaf=LEAVES[index], index=index, size=size, proof=proof, root=ROOTS[size])


@pytest.mark.parametrize(
    "vector", CHECKPOINTS["consistency"], ids=lambda each: f"{each['old_size']} to {each['size']}"
)
def test_a_consistency_proof_is_its_vector(vector):
    old_size, size, proof = vector["old_size"], vector["size"], unhexed(vector["proof"])

    assert consistency_proof(Leaves(), old_size=old_size, size=size) == proof
    verify_consistency(
        old_size=old_size, old_root=ROOTS[old_size], size=size, root=ROOTS[size], proof=proof
    )
