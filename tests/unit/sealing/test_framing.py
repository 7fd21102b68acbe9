import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.sealing.errors import SealBroken
from rempart.sealing.framing import parts_of, prefixed

PARTS = st.lists(st.binary(max_size=300))


def test_each_part_stands_behind_its_length():
    assert prefixed(b"ab", b"", b"c") == b"\0\x02ab\0\0\0\x01c"


@given(PARTS)
def test_parts_are_read_back(parts):
    assert parts_of(prefixed(*parts)) == parts


@given(PARTS, PARTS)
def test_two_lists_never_collide(one, other):
    assert (prefixed(*one) == prefixed(*other)) == (one == other)


@given(st.lists(st.binary(max_size=20), min_size=1), st.data())
def test_a_cut_is_seen_unless_it_falls_between_parts(parts, data):
    framed = prefixed(*parts)
    cut = data.draw(st.integers(0, len(framed) - 1))
    between = {len(prefixed(*parts[:count])) for count in range(len(parts))}
    if cut in between:
        assert parts_of(framed[:cut]) != parts
    else:
        with pytest.raises(SealBroken):
            parts_of(framed[:cut])


def test_a_part_too_long_for_its_length_is_not_framed():
    with pytest.raises(OverflowError):
        prefixed(bytes(65_536))
