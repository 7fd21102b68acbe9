"""One spelling, of plain kinds: what nobody has signed yet costs nothing to refuse."""

import time

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.errors import MalformedIdentifier
from rempart.domain.plain_cbor import NOT_PLAIN, check_plain, read_one_form

PLAIN = st.recursive(
    st.none() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=9) | st.binary(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=20,
)


def read(payload: bytes) -> object:
    return read_one_form(
        payload, kind="t", read=lambda v: v, spell=lambda v: cbor2.dumps(v, canonical=True)
    )


@given(PLAIN)
def test_what_is_plain_comes_back(value):
    payload = cbor2.dumps(value, canonical=True)
    check_plain(payload)
    assert read(payload) == value
    for cut in range(len(payload)):
        with pytest.raises(ValueError, match=NOT_PLAIN):
            check_plain(payload[:cut])
    with pytest.raises(ValueError, match=NOT_PLAIN):
        check_plain(payload + b"\x00")


@given(st.binary(max_size=64))
def test_nonsense_is_refused_or_plain(payload):
    try:
        check_plain(payload)
    except ValueError:
        with pytest.raises(MalformedIdentifier):
            read(payload)


def bomb(levels: int) -> bytes:
    """Each level holds the one before it twice, by reference (tags 28 and 29)."""
    shared = bytes([0xD8, 28, 0x82, 0x01, 0x01])
    for level in range(levels):
        reference = bytes([0xD8, 29, level]) if level < 24 else bytes([0xD8, 29, 0x18, level])
        shared += bytes([0xD8, 28, 0x82]) + reference * 2
    return bytes([0x98, levels + 1]) + shared


def test_references_that_double_at_each_level_cost_nothing():
    began = time.process_time()
    with pytest.raises(MalformedIdentifier):
        read(bomb(200))
    assert time.process_time() - began < 1, "or it would take longer than the universe"


@pytest.mark.parametrize(
    "payload",
    [
        cbor2.dumps(1.5),
        cbor2.dumps(10**400),
        bytes.fromhex("9f01ff"),
        bytes.fromhex("5f4101ff"),
        bytes.fromhex("bf6161 01ff"),
        bytes.fromhex("c001"),
        bytes.fromhex("f7"),
        bytes.fromhex("e0"),
        bytes.fromhex("1c"),
        bytes.fromhex("9affffffff"),
        bytes.fromhex("bbffffffffffffffff"),
        bytes.fromhex("5bffffffffffffffff00"),
        b"",
    ],
    ids=lambda each: each.hex()[:16],
)
def test_a_kind_that_is_not_plain_is_refused(payload):
    with pytest.raises(MalformedIdentifier):
        read(payload)
