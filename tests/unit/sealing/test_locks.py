import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.coverage import RECORD_SIZE as RIGHTS_SIZE
from rempart.domain.identifiers import PrintedKey
from rempart.sealing.errors import SealBroken
from rempart.sealing.locks import (
    ALPHABET,
    BOX_SIZE,
    CARD,
    DECLARED,
    LEGACY,
    RECORD_SIZE,
    card_secret,
    declared_secret,
    find_of,
    legacy_secret,
    open_box,
    printed_key,
    seal_box,
)

SECRET = bytes(range(16))
NONCE = bytes(12)
BOUND = {"amc": b"99000001", "handle": b"handle", "kind": CARD, "serial": b"\0\x01\0\x07"}
SECRETS = st.binary(min_size=16, max_size=16)


def test_a_box_holds_exactly_a_rights_record():
    assert RECORD_SIZE == RIGHTS_SIZE


@given(SECRETS, st.binary(min_size=RECORD_SIZE, max_size=RECORD_SIZE))
def test_a_box_opens_under_its_own_lock(secret, record):
    box = seal_box(secret, record, nonce=NONCE, **BOUND)
    assert len(box) == BOX_SIZE
    assert open_box(secret, box, **BOUND) == record


@pytest.mark.parametrize(
    "other",
    [
        {"amc": b"99000002"},
        {"handle": b"another"},
        {"kind": DECLARED},
        {"serial": b"\0\x01\0\x08"},
        # The same bytes, cut elsewhere.
        {"amc": b"99000001h", "handle": b"andle"},
    ],
)
def test_a_box_opens_in_no_other_place(other):
    box = seal_box(SECRET, bytes(RECORD_SIZE), nonce=NONCE, **BOUND)
    with pytest.raises(SealBroken, match="does not open"):
        open_box(SECRET, box, **(BOUND | other))


def test_another_secret_opens_nothing():
    box = seal_box(SECRET, bytes(RECORD_SIZE), nonce=NONCE, **BOUND)
    with pytest.raises(SealBroken, match="does not open"):
        open_box(bytes(16), box, **BOUND)


def test_every_changed_byte_and_every_cut_is_refused():
    box = seal_box(SECRET, bytes(RECORD_SIZE), nonce=NONCE, **BOUND)
    for place in range(len(box)):
        changed = bytearray(box)
        changed[place] ^= 1 + place % 255
        with pytest.raises(SealBroken):
            open_box(SECRET, bytes(changed), **BOUND)
        with pytest.raises(SealBroken):
            open_box(SECRET, box[:place], **BOUND)
    with pytest.raises(SealBroken):
        open_box(SECRET, box + b"\0", **BOUND)


def test_a_record_of_another_size_is_never_sealed():
    with pytest.raises(AssertionError):
        seal_box(SECRET, bytes(RECORD_SIZE - 1), nonce=NONCE, **BOUND)


def test_serial_and_person_change_the_card_secret():
    secrets = {
        card_secret(key, handle, serial)
        for key in (bytes(32), bytes(range(32)))
        for handle in (b"one", b"two")
        for serial in (b"\0\x01\0\x01", b"\0\x01\0\x02")
    }
    assert len(secrets) == 8
    assert {len(secret) for secret in secrets} == {16}


def test_typed_things_do_not_run_into_each_other():
    assert legacy_secret(b"99000001", b"1", b"19630231", b"1") != legacy_secret(
        b"99000001", b"11", b"9630231", b"1"
    )


def test_with_and_without_printed_key_are_two_locks():
    things = b"99000001", b"1", b"19630231", b"1"
    assert declared_secret(*things, b"") != legacy_secret(*things)
    assert declared_secret(*things, b"ABCDEFGH") != declared_secret(*things, b"ABCDEFGJ")


def test_find_and_box_key_of_one_secret_are_unrelated():
    """Who sees a ``find`` in the feed must not learn the key of the box beside it."""
    assert find_of(SECRET) != hmac.digest(SECRET, b"open", "sha256")[:16]


@given(SECRETS)
def test_a_printed_key_is_forty_bits_that_people_can_copy(secret):
    printed = printed_key(secret)
    assert PrintedKey.parse(printed).value == printed
    number = 0
    for character in printed:
        number = number * 32 + ALPHABET.index(character)
    assert number.to_bytes(5, "big") == hmac.new(secret, b"printed", hashlib.sha256).digest()[:5]


def test_kinds_are_those_of_the_specification():
    assert (CARD, DECLARED, LEGACY) == (1, 2, 3)
