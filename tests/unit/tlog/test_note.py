import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from rempart.tlog.errors import NoteInvalid
from rempart.tlog.note import NoteKey, NoteVerifier, open_note, sign_note

# The example of the documentation of golang.org/x/mod/sumdb/note.
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SECRET = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
SIGNED = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngot"
    "pRZb6KE6RyyBwJnAM=\n"
)
ENOCH = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33"
    "WWd1RvMc+QQ=\n"
)
NOTE = f"{TEXT}\n{SIGNED}"
PETER = NoteVerifier.parse(VKEY)
KEY = NoteKey("example.org/ledger", bytes(range(32)))


def test_the_go_example_opens():
    assert open_note(NOTE, PETER) == TEXT


def test_the_go_example_is_signed_to_the_byte():
    assert NoteKey("PeterNeumann", SECRET).sign(TEXT) == NOTE
    assert NoteKey("PeterNeumann", SECRET).vkey == VKEY
    assert PETER.vkey == VKEY


def test_signatures_of_others_are_ignored():
    assert open_note(NOTE + ENOCH, PETER) == TEXT
    assert open_note(f"{TEXT}\n{ENOCH}{SIGNED}", PETER) == TEXT


def test_a_name_or_an_id_alone_is_somebody_else():
    same_name = NoteKey("PeterNeumann", bytes(32)).sign(TEXT).rpartition("\n\n")[2]
    same_id = SIGNED.replace("PeterNeumann", "PeterOldmann")
    for line in (same_name, same_id):
        assert open_note(NOTE + line, PETER) == TEXT
        with pytest.raises(NoteInvalid, match="no signature by the expected key"):
            open_note(f"{TEXT}\n{line}", PETER)


def test_a_false_signature_in_our_name_is_refused_beside_a_true_one():
    forged = base64.b64encode(PETER.key_id + bytes(64)).decode()
    with pytest.raises(NoteInvalid, match="does not verify"):
        open_note(f"{NOTE}— PeterNeumann {forged}\n", PETER)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n")))
def test_what_is_signed_opens(text):
    text += "\n"
    assert open_note(KEY.sign(text), KEY.verifier) == text


@given(st.data())
def test_a_changed_byte_closes_the_note(data):
    note = KEY.sign("a\nfew\n\nlines\n").encode()
    at = data.draw(st.integers(0, len(note) - 1))
    changed = bytearray(note)
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    try:
        text = changed.decode()
    except UnicodeDecodeError:
        return
    with pytest.raises(NoteInvalid):
        open_note(text, KEY.verifier)


@pytest.mark.parametrize(
    ("note", "rule"),
    [
        ("", "not parted"),
        (TEXT, "not parted"),
        (f"{TEXT}\n", "not parted"),
        (NOTE[:-1], "not parted"),
        (f"{TEXT}{SIGNED}", "not parted"),
        (NOTE.replace("\n\n", "\n \n"), "not parted"),
        (NOTE.replace("— ", "- "), "line is malformed"),
        (NOTE.replace("— ", "—"), "line is malformed"),
        (f"{NOTE}a stray line\n", "line is malformed"),
        (f"{NOTE}— PeterNeumann\n", "line is malformed"),
        (f"{NOTE}—  {SIGNED.split(' ')[2]}", "name of a key"),
        (f"{NOTE}— a+b AAAAAAAA\n", "name of a key"),
        (f"{NOTE}— other AAAA AAAA\n", "not base64"),
        (f"{NOTE}— other AAAAAA\n", "not base64"),
        (f"{NOTE}— other AAAAAAF=\n", "not canonical"),
        (f"{NOTE}— other AAAAAA==\n", "signature is empty"),
        (NOTE + "— other AAAAAAAA\n" * 100, "too many"),
        (f"a\ttab\n\n{SIGNED}", "control characters"),
        (f"a\r\nreturn\n\n{SIGNED}", "control characters"),
        (f"\ud800\n\n{SIGNED}", "not valid UTF-8"),
        ("a" * 1_000_001 + NOTE, "too long"),
    ],
)
def test_a_malformed_note_is_refused(note, rule):
    with pytest.raises(NoteInvalid, match=rule):
        open_note(note, PETER)


@pytest.mark.parametrize("text", ["", "no newline", "a\ttab\n", "\udfff\n"])
def test_what_a_note_cannot_hold_is_not_signed(text):
    with pytest.raises(NoteInvalid):
        KEY.sign(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\n", "a\u00a0b", "a\u2003"])
def test_a_key_without_a_proper_name_does_not_sign(name):
    with pytest.raises(NoteInvalid, match="name of a key"):
        sign_note("text\n", name=name, key=Ed25519PrivateKey.from_private_bytes(SECRET))


@pytest.mark.parametrize(
    ("vkey", "rule"),
    [
        ("", "not an Ed25519"),
        ("PeterNeumann", "not an Ed25519"),
        ("PeterNeumann+c74f20a3", "not an Ed25519"),
        (VKEY[:-4], "not an Ed25519"),
        (VKEY.replace("+AR", "+Ah"), "not an Ed25519"),
        (VKEY.replace("+AR", "+"), "not base64"),
        (VKEY + "\n", "not base64"),
        (VKEY.replace("c74f20a3", "c74f20a4"), "not its own"),
        (VKEY.replace("c74f20a3", "C74F20A3"), "not its own"),
        (VKEY.replace("Peter", "Pater"), "not its own"),
        (VKEY.replace("Peter", " "), "name of a key"),
    ],
)
def test_a_malformed_verifier_key_is_refused(vkey, rule):
    with pytest.raises(NoteInvalid, match=rule):
        NoteVerifier.parse(vkey)


def test_a_signing_key_does_not_show_its_secret():
    assert KEY.secret.hex() not in repr(KEY)
    assert repr(KEY.secret) not in repr(KEY)
