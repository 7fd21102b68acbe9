import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from rempart.sealing.errors import SealBroken
from rempart.sealing.locks import BOX_SIZE, CARD, DECLARED
from rempart.sealing.outer import STORED_SIZE, index_of, open_outer, seal_outer

KEY, OTHER = AESGCM(bytes(32)), AESGCM(bytes(range(32)))
NONCE = bytes(12)
FIND, BOX = bytes(range(16)), bytes(BOX_SIZE)
COLUMNS = {
    "handle": b"handle",
    "kind": CARD,
    "serial": b"\0\x01\0\x07",
    "ends": b"\x26\x88",
    "key_version": 3,
}


@given(
    st.binary(min_size=16, max_size=16),
    st.binary(min_size=BOX_SIZE, max_size=BOX_SIZE),
    st.binary(max_size=60),
    st.integers(0, 2**16 - 1),
)
def test_the_layer_gives_find_and_box_back(find, box, handle, version):
    columns = COLUMNS | {"handle": handle, "key_version": version}
    stored = seal_outer(KEY, find, box, nonce=NONCE, **columns)
    assert len(stored) == STORED_SIZE
    assert open_outer(KEY, stored, **columns) == (find, box)


@pytest.mark.parametrize(
    "changed",
    [
        {"handle": b"another"},
        {"kind": DECLARED},
        {"serial": b"\0\x01\0\x08"},
        {"ends": b"\xff\xff"},
        {"key_version": 4},
    ],
)
def test_no_column_beside_it_can_change(changed):
    stored = seal_outer(KEY, FIND, BOX, nonce=NONCE, **COLUMNS)
    with pytest.raises(SealBroken, match="under its columns"):
        open_outer(KEY, stored, **(COLUMNS | changed))


def test_another_insurers_key_opens_nothing():
    stored = seal_outer(KEY, FIND, BOX, nonce=NONCE, **COLUMNS)
    with pytest.raises(SealBroken):
        open_outer(OTHER, stored, **COLUMNS)


def test_every_changed_byte_and_every_cut_is_refused():
    stored = seal_outer(KEY, FIND, BOX, nonce=NONCE, **COLUMNS)
    for place in range(len(stored)):
        changed = bytearray(stored)
        changed[place] ^= 1 + place % 255
        with pytest.raises(SealBroken):
            open_outer(KEY, bytes(changed), **COLUMNS)
        with pytest.raises(SealBroken):
            open_outer(KEY, stored[:place], **COLUMNS)


def test_an_index_tells_insurers_kinds_and_keys_apart():
    indexes = {
        index_of(key, amc, kind, find)
        for key in (bytes(32), bytes(range(32)))
        for amc in (b"99000001", b"99000002")
        for kind in (CARD, DECLARED)
        for find in (FIND, bytes(16))
    }
    assert len(indexes) == 16
    assert {len(index) for index in indexes} == {16}
