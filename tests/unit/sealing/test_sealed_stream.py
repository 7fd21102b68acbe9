import io

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from rempart.sealing import stream
from rempart.sealing.errors import SealBroken
from rempart.sealing.stream import (
    CHUNK_SIZE,
    HEAD_SIZE,
    open_chunk,
    open_stream,
    recipient_key,
    seal_chunk,
    seal_stream,
    sender_key,
)

PRIVATE = bytes(range(32))
PUBLIC = X25519PrivateKey.from_private_bytes(PRIVATE).public_key().public_bytes_raw()
EPHEMERAL = bytes(range(1, 33))


def sealed(*parts):
    return list(seal_stream(parts, ephemeral=EPHEMERAL, recipient=PUBLIC))


def opened(pieces, private=PRIVATE):
    return list(open_stream(io.BytesIO(b"".join(pieces)).read, private=private))


@given(st.lists(st.binary(max_size=200), max_size=20), st.integers(1, 64))
def test_a_stream_gives_its_bytes_back(parts, chunk_size):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "CHUNK_SIZE", chunk_size)
        chunks = opened(sealed(*parts))
        assert b"".join(chunks) == b"".join(parts)
        assert all(len(chunk) == chunk_size for chunk in chunks[:-1])


@pytest.mark.parametrize("size", [0, 1, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1, 2 * CHUNK_SIZE])
def test_the_last_chunk_is_known_at_every_size(size):
    assert b"".join(opened(sealed(bytes(size)))) == bytes(size)
    assert len(sealed(bytes(size))) == 1 + max(1, -(-size // CHUNK_SIZE))


def test_what_does_not_end_is_streamed_in_bounded_memory():
    """A sealed piece comes out before the next part is asked for."""
    asked = []

    def parts():
        for number in range(4):
            asked.append(number)
            yield bytes(CHUNK_SIZE)

    pieces = seal_stream(parts(), ephemeral=EPHEMERAL, recipient=PUBLIC)
    next(pieces)
    assert asked == []
    next(pieces)
    assert asked == [0, 1]


THREE = sealed(bytes(2 * CHUNK_SIZE) + b"the end")


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([THREE[0], THREE[2], THREE[1], THREE[3]], id="reordered"),
        pytest.param([THREE[0], THREE[2], THREE[3]], id="first dropped"),
        pytest.param([THREE[0], THREE[1], THREE[3]], id="middle dropped"),
        pytest.param([THREE[0], THREE[1], THREE[1], THREE[2], THREE[3]], id="duplicated"),
        pytest.param([*THREE, THREE[3]], id="last duplicated"),
        pytest.param([*THREE, b"\0"], id="something follows"),
        pytest.param(THREE[:3], id="cut between chunks"),
        pytest.param([*THREE[:3], THREE[3][:-1]], id="cut inside the last"),
        pytest.param(THREE[:1], id="head only"),
        pytest.param([THREE[0][:-1]], id="half a head"),
        pytest.param([], id="empty"),
        pytest.param([b"x" + THREE[0][1:], *THREE[1:]], id="another magic"),
        pytest.param([THREE[0], b"\0\0\0\x0f" + bytes(15)], id="a chunk too short"),
        pytest.param([THREE[0], b"\x7f\xff\xff\xff"], id="a chunk too long"),
    ],
)
def test_a_stream_that_was_touched_is_refused(pieces):
    with pytest.raises(SealBroken):
        opened(pieces)


def test_marking_an_earlier_chunk_as_last_is_refused():
    frame = THREE[1]
    marked = bytes([frame[0] | 0x80]) + frame[1:]
    with pytest.raises(SealBroken):
        opened([THREE[0], marked])


def test_unmarking_the_last_chunk_is_refused():
    frame = THREE[3]
    unmarked = bytes([frame[0] & 0x7F]) + frame[1:]
    with pytest.raises(SealBroken):
        opened([*THREE[:3], unmarked])


def test_every_changed_bit_of_a_small_stream_is_refused():
    whole = b"".join(sealed(b"one row\n"))
    # X25519 ignores the top bit of a public key (RFC 7748), but the key is bound to all of it.
    for bit in range(8 * len(whole)):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBroken):
            opened([bytes(changed)])


def test_another_recipient_opens_nothing():
    with pytest.raises(SealBroken):
        opened(THREE, private=bytes(range(2, 34)))


def test_chunks_of_two_streams_do_not_mix():
    other = list(seal_stream([b"the end"], ephemeral=bytes(range(3, 35)), recipient=PUBLIC))
    with pytest.raises(SealBroken):
        opened([other[0], sealed(b"the end")[1]])


def test_both_ends_agree_on_the_key():
    sent, key = sender_key(EPHEMERAL, PUBLIC)
    assert recipient_key(PRIVATE, sent) == key
    assert THREE[0][HEAD_SIZE - 32 :] == sent


@pytest.mark.parametrize("public", [bytes(32), bytes(31), b"\x01" + bytes(31)])
def test_a_key_that_would_give_everybody_the_same_secret_is_refused(public):
    with pytest.raises(SealBroken, match="not an X25519 public key"):
        sender_key(EPHEMERAL, public)


@given(st.binary(max_size=100), st.integers(0, 2**88 - 1), st.booleans())
def test_a_chunk_opens_in_its_own_place_only(chunk, number, last):
    key = bytes(32)
    box = seal_chunk(key, number, last, chunk)
    assert open_chunk(key, number, last, box) == chunk
    with pytest.raises(SealBroken):
        open_chunk(key, number, not last, box)
    with pytest.raises(SealBroken):
        open_chunk(key, number ^ 1, last, box)
