import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.sealing import base45
from rempart.sealing.errors import SealBroken


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        # The examples of RFC 9285 section 4.
        (b"AB", "BB8"),
        (b"Hello!!", "%69 VD92EX0"),
        (b"base-45", "UJCLQE7W581"),
        (b"ietf!", "QED8WEX0"),
        (b"\xff\xff", "FGW"),
        (b"\xff", "U5"),
    ],
)
def test_the_examples_of_the_rfc(data, text):
    assert base45.encode(data) == text
    assert base45.decode(text) == data


@given(st.binary(max_size=300))
def test_bytes_come_back(data):
    assert base45.decode(base45.encode(data)) == data


@given(st.text(base45.ALPHABET, max_size=30))
def test_what_decodes_is_in_its_one_form(text):
    try:
        data = base45.decode(text)
    except SealBroken:
        return
    assert base45.encode(data) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("GGW", "overflows"),  # 65536, the example of the RFC
        (":::", "overflows"),
        ("V5", "overflows"),  # 256
        ("A", "length"),
        ("BB8A", "length"),
        ("bb8", "alphabet"),
        ("BB\n", "alphabet"),
        ("BB８", "alphabet"),
        ("BB_", "alphabet"),
    ],
)
def test_everything_else_is_refused(text, why):
    with pytest.raises(SealBroken, match=why):
        base45.decode(text)


@given(st.binary(min_size=1, max_size=300))
def test_no_code_ends_with_a_space_that_a_transport_would_trim(data):
    assert not base45.encode(data).endswith(" ")
