import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.sealing.errors import SealBroken
from rempart.sealing.handles import HANDLE_SIZE_MAX, handle_of, reference_of

KEY, OTHER = bytes(range(64)), bytes(range(1, 65))
REFERENCES = st.binary(min_size=1, max_size=32)
AMC = b"99000001"


@given(REFERENCES)
def test_a_handle_gives_its_reference_back(reference):
    handle = handle_of(KEY, AMC, reference)
    assert reference_of(KEY, AMC, handle) == reference
    assert len(handle) <= HANDLE_SIZE_MAX


def test_a_handle_survives_renewal_and_differs_between_people():
    assert handle_of(KEY, AMC, b"B1") == handle_of(KEY, AMC, b"B1")
    assert handle_of(KEY, AMC, b"B1") != handle_of(KEY, AMC, b"B2")


def test_one_reference_at_two_insurers_is_two_handles():
    assert handle_of(KEY, AMC, b"B1") != handle_of(KEY, b"99000002", b"B1")


def test_the_handle_of_another_insurer_is_refused():
    with pytest.raises(SealBroken, match="another insurer"):
        reference_of(KEY, b"99000002", handle_of(KEY, AMC, b"B1"))


def test_another_key_opens_nothing():
    with pytest.raises(SealBroken, match="does not open"):
        reference_of(OTHER, AMC, handle_of(KEY, AMC, b"B1"))


def test_every_changed_bit_and_every_cut_is_refused():
    handle = handle_of(KEY, AMC, b"B000000042")
    for bit in range(8 * len(handle)):
        changed = bytearray(handle)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBroken):
            reference_of(KEY, AMC, bytes(changed))
    for size in range(len(handle)):
        with pytest.raises(SealBroken):
            reference_of(KEY, AMC, handle[:size])
