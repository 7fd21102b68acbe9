import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.tlog.checkpoint import Checkpoint, open_checkpoint
from rempart.tlog.errors import NoteInvalid
from rempart.tlog.note import NoteKey

KEY = NoteKey("example.com/behind-the-sofa", bytes(range(32)))
ROOT = base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
TEXT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
HEAD = Checkpoint(origin="example.com/behind-the-sofa", size=20852163, root=ROOT)

LINES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)


def test_the_example_of_the_specification():
    assert HEAD.to_text() == TEXT
    assert Checkpoint.parse(TEXT) == HEAD


@given(
    st.builds(
        Checkpoint,
        origin=LINES,
        size=st.integers(0, 2**63 - 1),
        root=st.binary(min_size=32, max_size=32),
        extensions=st.lists(LINES, max_size=3).map(tuple),
    )
)
def test_what_is_written_is_read(checkpoint):
    assert Checkpoint.parse(checkpoint.to_text()) == checkpoint


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT[:-1],
        TEXT + "\n",
        TEXT + "extension\n\n",
        "\n" + TEXT,
        TEXT.replace("example.com/behind-the-sofa", ""),
        TEXT.replace("20852163", "020852163"),
        TEXT.replace("20852163", "+20852163"),
        TEXT.replace("20852163", "-1"),
        TEXT.replace("20852163", ""),
        TEXT.replace("20852163", "2085216_3"),
        TEXT.replace("20852163", "２"),
        TEXT.replace("20852163", str(2**63)),
        TEXT.replace("20852163", "9" * 4301),
        TEXT.replace("q2I=", "q2J="),
        TEXT.replace("q2I=", "q2I"),
        TEXT.replace("q2I=", "q2I= "),
        TEXT.replace("CsUY", ""),
        TEXT.replace("CsUY", "CsUYCsUY"),
        TEXT.replace("/Xajj", "_Xajj"),
    ],
)
def test_nothing_else_is_a_checkpoint(text):
    with pytest.raises(NoteInvalid):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": ""},
        {"origin": "a\nb"},
        {"size": -1},
        {"size": 2**63},
        {"root": ROOT[:-1]},
        {"extensions": ("",)},
        {"extensions": ("a\nb",)},
    ],
)
def test_no_other_head_can_be_made(lie):
    with pytest.raises(NoteInvalid):
        Checkpoint(**({"origin": HEAD.origin, "size": 1, "root": ROOT} | lie))


def test_extension_lines_are_kept():
    assert Checkpoint.parse(TEXT + "witnessed\n").extensions == ("witnessed",)


def test_a_signed_head_opens():
    assert open_checkpoint(KEY.sign(TEXT), KEY.verifier) == HEAD


def test_the_head_of_another_ledger_is_refused_under_our_own_key():
    with pytest.raises(NoteInvalid, match="another ledger"):
        open_checkpoint(KEY.sign(TEXT.replace("sofa", "bed")), KEY.verifier)


def test_an_unsigned_head_is_refused():
    other = NoteKey(KEY.origin, bytes(32))
    with pytest.raises(NoteInvalid):
        open_checkpoint(TEXT, KEY.verifier)
    with pytest.raises(NoteInvalid, match="expected key"):
        open_checkpoint(other.sign(TEXT), KEY.verifier)
