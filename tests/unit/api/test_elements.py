"""Decimals keep their digits; elements tell nothing of themselves."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.api.elements import Element, Identifier, encode


class Amount(Element, frozen=True, kw_only=True):
    value: Decimal


@given(st.decimals(min_value=0, max_value=10_000_000, places=2))
def test_an_amount_crosses_the_door_digit_for_digit(value):
    sent = encode(Amount(value=value))

    assert sent == b'{"value":%s}' % str(value).encode()
    assert str(msgspec.json.decode(sent, type=Amount).value) == str(value)


def test_null_is_not_a_value():
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"system":"urn:rempart:amc","value":null}', type=Identifier)


def test_an_element_hides_its_content():
    assert repr(Identifier(system="s", value="ADH7741936")) == "Identifier(…)"
