"""Sealed presence, byte by byte: its vectors, and everything that must not open."""

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.errors import IntegrityBroken, MalformedIdentifier
from rempart.sealing import presence
from rempart.sealing.errors import SealBroken
from rempart.sealing.framing import prefixed
from rempart.sealing.presence import SEALED_SIZE, SoftwareEnd, VaultEnd
from rempart.tlog.note import NoteKey, NoteVerifier
from rempart.usecases.messages import CardShown, Typed
from rempart.usecases.seal_presence import (
    SealPresence,
    content_of,
    note_text,
    presence_key_of,
    shown_in,
)

VECTORS = json.loads(
    (Path(__file__).parents[3] / "specs/vectors/sealed-presence.json").read_text(encoding="utf-8")
)
AGREEMENT, NOTE = VECTORS["agreement"], VECTORS["note"]
SESSION = bytes.fromhex(AGREEMENT["session"])
KEY = AESGCM(bytes.fromhex(AGREEMENT["key"]))
QUESTION = {"key": b"q-1", "domain": b"PHAR", "care_date": b"2026-11-24"}
CONTENT = content_of(CardShown("RP1:A"))
ISSUED = 1_795_521_600_000_000
"""2026-11-24T12:00:00Z: a day before the end of the note in the vectors."""


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def ends() -> tuple[SoftwareEnd, VaultEnd]:
    return SoftwareEnd(SESSION, KEY), VaultEnd(SESSION, KEY)


def bound(vector) -> dict[str, bytes]:
    return {
        "key": vector["idempotency_key"].encode(),
        "domain": vector["domain"].encode(),
        "care_date": vector["care_date"].encode(),
    }


def shown_of(vector) -> CardShown | Typed:
    said = vector["shown"]
    return CardShown(said["card"]) if "card" in said else Typed(*said["typed"])


# The vectors


def test_the_agreement():
    v = {
        name: bytes.fromhex(AGREEMENT[name]) for name in AGREEMENT if name not in {"claim", "token"}
    }
    assert presence.public_of(v["vault_private"]) == v["vault_public"]
    assert presence.key_id_of(v["vault_public"]) == v["key_id"]
    assert presence.software_key(v["software_private"], v["vault_public"], SESSION) == v["key"]
    assert presence.vault_key(v["vault_private"], v["software_public"], SESSION) == v["key"]
    theirs = X25519PublicKey.from_public_bytes(v["software_public"])
    assert X25519PrivateKey.from_private_bytes(v["vault_private"]).exchange(theirs) == v["shared"]
    seal = SealPresence(v["vault_public"], v["software_private"])
    assert seal.claim == decoded(AGREEMENT["claim"])


@pytest.mark.parametrize("vector", VECTORS["questions"], ids=lambda v: v["idempotency_key"])
def test_a_question_is_sealed_and_opened_as_its_vector(vector):
    shown, value = shown_of(vector), decoded(vector["value"])
    assert content_of(shown).hex() == vector["content"]
    assert presence._bound(SESSION, *bound(vector).values()).hex() == vector["bound"]
    assert SoftwareEnd(SESSION, KEY, vector["counter"]).seal(
        content_of(shown), **bound(vector)
    ) == (value)
    vault = VaultEnd(SESSION, KEY)
    assert shown_in(vault.open(value, **bound(vector))) == shown
    assert vault.highest == vector["counter"]


def test_the_software_of_the_vectors_makes_them():
    seal = SealPresence(
        bytes.fromhex(AGREEMENT["vault_public"]), bytes.fromhex(AGREEMENT["software_private"])
    )
    seal.begin(decoded(AGREEMENT["token"]))
    for vector in VECTORS["questions"][:4]:
        named = {name: value.decode() for name, value in bound(vector).items()}
        assert seal(shown_of(vector), **named) == decoded(vector["value"])


@pytest.mark.parametrize("vector", VECTORS["refused"]["values"], ids=lambda v: v["name"])
def test_what_is_refused(vector):
    _, vault = ends()
    with pytest.raises(SealBroken):
        shown_in(vault.open(decoded(vector["value"]), **bound(VECTORS["refused"])))


@pytest.mark.parametrize("vector", VECTORS["keys_refused"], ids=lambda v: v["name"])
def test_what_is_no_key(vector):
    public = bytes.fromhex(vector["public"])
    for agree in (presence.software_key, presence.vault_key):
        with pytest.raises(SealBroken):
            agree(b"k" * 32, public, SESSION)


# One size


def test_every_value_has_one_size():
    software, _ = ends()
    things = [CardShown("RP1:" + "A" * 362), CardShown(""), Typed("", "", "", "", "")]
    things += [
        Typed("75001234", "A" * length, "1963-04-17", "1", "7K3M-9QXT") for length in (1, 32)
    ]
    assert {len(software.seal(content_of(thing), **QUESTION)) for thing in things} == {SEALED_SIZE}
    longest = VECTORS["questions"][0]["shown"]["card"]
    assert len(longest) <= 366


def test_the_longest_content_fits_and_no_longer_one():
    software, vault = ends()
    longest = b"x" * presence.CONTENT_MAX
    assert vault.open(software.seal(longest, **QUESTION), **QUESTION) == longest
    for content in (b"", longest + b"x"):
        with pytest.raises(SealBroken, match="length"):
            software.seal(content, **QUESTION)
    seal = SealPresence(presence.public_of(b"v" * 32), b"s" * 32)
    seal.begin(b"token")
    with pytest.raises(MalformedIdentifier, match="too long") as refusal:
        seal(CardShown("RP1:" + "Z" * 380), key="k", domain="PHAR", care_date="2026-11-24")
    assert "Z" not in str(refusal.value)


# What must not open


def test_every_flipped_bit_is_refused():
    software, vault = ends()
    value = software.seal(CONTENT, **QUESTION)
    for bit in range(len(value) * 8):
        changed = bytearray(value)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBroken):
            vault.open(bytes(changed), **QUESTION)
    assert vault.open(value, **QUESTION) == CONTENT


@pytest.mark.parametrize("cut", [0, 1, 7, 8, SEALED_SIZE - 1])
def test_another_size_is_refused(cut):
    software, vault = ends()
    value = software.seal(CONTENT, **QUESTION)
    for changed in (value[:cut], value + b"\0" * (cut + 1)):
        with pytest.raises(SealBroken, match="size"):
            vault.open(changed, **QUESTION)


@pytest.mark.parametrize(
    "other",
    [{"key": b"q-2"}, {"key": b""}, {"domain": b"OPTI"}, {"care_date": b"2026-11-25"}],
    ids=str,
)
def test_another_question_does_not_open_it(other):
    software, vault = ends()
    value = software.seal(CONTENT, **QUESTION)
    with pytest.raises(SealBroken, match="does not open"):
        vault.open(value, **QUESTION | other)


def test_parts_do_not_slide_into_one_another():
    software, vault = ends()
    value = software.seal(CONTENT, key=b"kP", domain=b"HAR", care_date=b"2026-11-24")
    with pytest.raises(SealBroken):
        vault.open(value, key=b"k", domain=b"PHAR", care_date=b"2026-11-24")


def test_another_session_does_not_open_it_though_its_keys_are_the_same():
    vault_private, software_private = b"v" * 32, b"s" * 32
    public = presence.public_of(vault_private)
    keys = [presence.software_key(software_private, public, bytes([n]) * 32) for n in (1, 2)]
    assert keys[0] != keys[1]
    value = SoftwareEnd(b"\1" * 32, AESGCM(keys[0])).seal(CONTENT, **QUESTION)
    for session, key in ((b"\2" * 32, keys[1]), (b"\2" * 32, keys[0]), (b"\1" * 32, keys[1])):
        with pytest.raises(SealBroken):
            VaultEnd(session, AESGCM(key)).open(value, **QUESTION)


def test_another_version_of_either_key_does_not_open_it():
    public = presence.public_of(b"v" * 32)
    key = presence.software_key(b"s" * 32, public, SESSION)
    others = [
        presence.vault_key(b"w" * 32, presence.public_of(b"s" * 32), SESSION),
        presence.vault_key(b"v" * 32, presence.public_of(b"t" * 32), SESSION),
    ]
    value = SoftwareEnd(SESSION, AESGCM(key)).seal(CONTENT, **QUESTION)
    for other in others:
        with pytest.raises(SealBroken):
            VaultEnd(SESSION, AESGCM(other)).open(value, **QUESTION)


# The counter


def test_a_value_opens_once_and_what_is_older_never():
    software, vault = ends()
    first, second, third = [software.seal(CONTENT, **QUESTION) for _ in range(3)]
    assert len({first, second, third}) == 3
    assert vault.open(second, **QUESTION) == CONTENT
    for old in (second, first):
        with pytest.raises(SealBroken, match="does not increase"):
            vault.open(old, **QUESTION)
    assert vault.open(third, **QUESTION) == CONTENT


def test_what_does_not_open_moves_no_counter():
    """Or whoever relays could end a session with one forged value."""
    software, vault = ends()
    value = software.seal(CONTENT, **QUESTION)
    for forged in (b"\xff" * SEALED_SIZE, b"\xff" * 8 + value[8:]):
        with pytest.raises(SealBroken, match="does not open"):
            vault.open(forged, **QUESTION)
    assert vault.open(value, **QUESTION) == CONTENT


def test_a_counter_may_jump_to_the_last():
    vault = ends()[1]
    value = SoftwareEnd(SESSION, KEY, presence.COUNTER_MAX).seal(CONTENT, **QUESTION)
    assert vault.open(value, **QUESTION) == CONTENT


# Round trips

TEXT = st.text(max_size=40)
SHOWN = st.builds(CardShown, st.text(max_size=90)) | st.builds(Typed, *[st.text(max_size=17)] * 5)


@given(st.lists(st.tuples(SHOWN, TEXT, TEXT, TEXT), max_size=6))
def test_whatever_was_sealed_is_opened(questions):
    software, vault = ends()
    for shown, *texts in questions:
        named = dict(zip(QUESTION, [text.encode() for text in texts], strict=True))
        value = software.seal(content_of(shown), **named)
        assert len(value) == SEALED_SIZE
        assert shown_in(vault.open(value, **named)) == shown


@given(SHOWN, SHOWN)
def test_two_things_never_share_their_bytes(one, other):
    assert (content_of(one) == content_of(other)) is (one == other)


@given(st.binary(max_size=400))
def test_no_bytes_do_more_than_be_refused(content):
    try:
        shown = shown_in(content)
    except SealBroken:
        return
    assert content_of(shown) == content


@given(st.lists(st.binary(max_size=8), max_size=8))
def test_only_the_two_forms_are_read(parts):
    with pytest.raises(SealBroken):
        shown_in(prefixed(*[b"x" + part for part in parts]))


# The vault's signed key

VERIFIER = NoteVerifier.parse(NOTE["verifier"])
PUBLIC = bytes.fromhex(NOTE["public"])


def test_a_pinned_vaults_key_is_believed_until_its_end():
    end = ISSUED + 86_400_000_000
    assert presence_key_of(NOTE["note"], VERIFIER, now=end - 1) == PUBLIC
    assert presence_key_of(NOTE["note"], VERIFIER, now=end) == PUBLIC
    with pytest.raises(IntegrityBroken, match="out of date"):
        presence_key_of(NOTE["note"], VERIFIER, now=end + 1)
    text = note_text(VERIFIER.name, PUBLIC, until=end)
    assert NOTE["note"].startswith(text)


def test_a_key_that_another_signed_is_not_believed():
    thief = NoteKey(VERIFIER.name, b"t" * 32)
    forged = thief.sign(note_text(VERIFIER.name, PUBLIC, until=ISSUED))
    changed = NOTE["note"].replace("2026-11-25", "2027-11-25")
    for note in (forged, changed, "", "\n\n", NOTE["note"][:-40], NOTE["note"] + "x"):
        with pytest.raises(IntegrityBroken, match="not signed by the vault"):
            presence_key_of(note, VERIFIER, now=ISSUED)


SIGNER = NoteKey(VERIFIER.name, b"\x09" * 32)
TEXT_OF_NOTE = note_text(VERIFIER.name, PUBLIC, until=ISSUED)


@pytest.mark.parametrize(
    "text",
    [
        TEXT_OF_NOTE.replace("key/1", "key/2"),
        TEXT_OF_NOTE.replace(VERIFIER.name, "another/ledger"),
        note_text(VERIFIER.name, PUBLIC + b"x", until=ISSUED),
        TEXT_OF_NOTE + "more\n",
        TEXT_OF_NOTE.replace("Z\n", "\n"),
        "\n".join(TEXT_OF_NOTE.split("\n")[:3]) + "\n",
        # What the same key signs besides: the vault's checkpoints.
        f"{VERIFIER.name}\n2026\n{base64.b64encode(PUBLIC).decode()}\n",
    ],
    ids=range(7),
)
def test_something_else_that_the_vault_signed_is_no_presence_key(text):
    with pytest.raises(IntegrityBroken):
        presence_key_of(SIGNER.sign(text), VERIFIER, now=ISSUED)


def test_nothing_of_it_is_in_a_repr():
    software, vault = ends()
    seal = SealPresence(PUBLIC, b"private" * 4 + b"1234")
    assert "private" not in repr(seal)
    assert repr(software) == "SoftwareEnd(counter=0)"
    assert repr(vault) == "VaultEnd(highest=-1)"
